//! `countersign sso …`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use secrecy::SecretString;

use crate::app::{App, Outcome};
use crate::authn::oidc::provider::Abilities;
use crate::boot;
use crate::cli::output::{line, say, table};
use crate::config::Config;
use crate::domain::account::{Account, Slug};
use crate::domain::actor::Actor;
use crate::domain::command::{AddSso, Command, RemoveSso, UnlinkUser};
use crate::domain::sso::{DEFAULT_AMR, DEFAULT_SCOPES, SsoConnection, SsoSpec};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Sso {
    /// Add an OIDC provider by which the users of a provisioning connection sign in
    Add(Box<Add>),
    /// List an account's providers
    List {
        /// The account's name in URLs
        #[arg(long)]
        account: String,
    },
    /// Ask a provider about itself, and say what it can do and what it lacks
    Test {
        /// The account's name in URLs
        #[arg(long)]
        account: String,
        /// The provider's name or id, as `sso list` shows it
        provider: String,
    },
    /// Remove a provider; who signed in by it is signed out
    Remove {
        /// The account's name in URLs
        #[arg(long)]
        account: String,
        /// The provider's name or id, as `sso list` shows it
        provider: String,
    },
    /// Take a user's link to their provider away: they are signed out, and linked anew next time
    Unlink {
        /// The account's name in URLs
        #[arg(long)]
        account: String,
        /// The user's id
        user: String,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// The account's name in URLs
    #[arg(long)]
    account: String,
    /// Its name for people, on the button at sign-in
    #[arg(long)]
    name: String,
    /// The issuer, byte for byte as the provider writes it
    #[arg(long)]
    issuer: String,
    /// The client id that the provider gave
    #[arg(long)]
    client_id: String,
    /// A file with the client's secret, or `-` for standard input
    #[arg(long, value_name = "FILE")]
    client_secret_file: PathBuf,
    /// The provisioning connection whose users sign in by it
    #[arg(long, default_value = "default")]
    connection: String,
    /// The claim that equals `externalId` at the first sign-in [default: `sub`, with Entra ID `oid`]
    #[arg(long)]
    link_claim: Option<String>,
    /// A scope to ask for; may be repeated
    #[arg(long = "scope", default_values = DEFAULT_SCOPES)]
    scopes: Vec<String>,
    /// A value of `acr` that counts as two factors, and is asked for; may be repeated
    #[arg(long = "acr")]
    acr_values: Vec<String>,
    /// What `amr` must hold to count as two factors: parts that are all needed with `+`, alternatives
    /// with `|`; may be repeated
    #[arg(long = "amr", default_values = DEFAULT_AMR)]
    amr_values: Vec<String>,
    /// How many seconds ago they may have signed in at the provider, if that is to matter
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..=86_400))]
    max_age: Option<i64>,
}

pub(super) async fn run(config: Config, command: Sso) -> anyhow::Result<()> {
    let store = boot::open_current_store(&config).await?;
    let app = boot::app(store, &config);
    match command {
        Sso::Add(add) => self::add(&app, *add).await,
        Sso::List { account } => list(&app, &account).await,
        Sso::Test { account, provider } => test(&app, &account, &provider).await,
        Sso::Remove { account, provider } => {
            let sso = find(&app, &account, &provider).await?;
            let command = RemoveSso { account: sso.account, sso: sso.id };
            app.change(&Actor::Platform, Command::RemoveSso(command)).await?;
            say("Removed. Who had signed in by it is signed out.")
        }
        Sso::Unlink { account, user } => {
            let account = self::account(&app, &account).await?.id;
            let user = user.parse().map_err(|_| anyhow::anyhow!("`{user}` is not a user's id"))?;
            let command = UnlinkUser { account, user };
            app.change(&Actor::Platform, Command::UnlinkUser(command)).await?;
            say("Unlinked. The user is signed out, and is linked anew at the next sign-in.")
        }
    }
}

async fn add(app: &App, add: Add) -> anyhow::Result<()> {
    let account = self::account(app, &add.account).await?;
    let is_entra = add.issuer.starts_with("https://login.microsoftonline.com/");
    let link_claim =
        add.link_claim.unwrap_or_else(|| if is_entra { "oid" } else { "sub" }.to_owned());
    let spec = SsoSpec {
        name: add.name,
        issuer: add.issuer,
        client_id: add.client_id,
        client_secret: secret(&add.client_secret_file)?,
        scopes: add.scopes,
        link_claim,
        connection: add.connection,
        acr_values: add.acr_values,
        amr_values: add.amr_values,
        max_age: add.max_age,
    };
    let command = Command::AddSso(Box::new(AddSso { account: account.id, spec }));
    let outcome = app.change(&Actor::Platform, command).await.context("no provider was added")?;
    let Outcome::Sso(sso) = outcome else { anyhow::bail!("no provider was added") };
    let (slug, url) = (account.slug.as_str(), &app.settings().public_url);
    line(&sso.id.to_string())?;
    say(&format!(
        "Added. Tell the provider:\n  redirect URI            {1}\n  \
         initiate login URI      {url}/accounts/{slug}/sso/{0}/start\n  \
         back-channel logout URI {url}/accounts/{slug}/sso/{0}/backchannel-logout\n  \
         after-logout URI        {url}/signed-out\n\
         Next: countersign sso test --account {slug} {0}",
        sso.id,
        app.callback_of(sso.id),
    ))
}

async fn list(app: &App, account: &str) -> anyhow::Result<()> {
    let account = self::account(app, account).await?;
    let head = ["NAME", "ISSUER", "CLIENT", "LINKS BY", "ACR", "AMR", "MAX AGE", "ID"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for sso in app.sso_connections(&Actor::Platform, account.id).await? {
        rows.push(vec![
            sso.name,
            sso.issuer,
            sso.client_id,
            sso.link_claim,
            sso.acr_values.join(" "),
            sso.amr_values.join(" "),
            sso.max_age.map_or_else(|| "-".to_owned(), |seconds| format!("{seconds} s")),
            sso.id.to_string(),
        ]);
    }
    if rows.len() == 1 {
        return say("This account has no provider yet; add one with `countersign sso add`.");
    }
    table(&rows)
}

async fn test(app: &App, account: &str, provider: &str) -> anyhow::Result<()> {
    let sso = find(app, account, provider).await?;
    line(&format!("{:<28}{}", "redirect URI", app.callback_of(sso.id)))?;
    let abilities = app.test_sso(&sso).await.with_context(|| format!("`{}`", sso.issuer))?;
    for (what, finding) in findings(&abilities, &sso) {
        line(&format!("{what:<28}{finding}"))?;
    }
    say("The provider can be used.")
}

/// What a provider can do, with what follows from it.
fn findings(can: &Abilities, sso: &SsoConnection) -> Vec<(&'static str, String)> {
    let list = |values: &[String]| {
        if values.is_empty() { "none are announced".to_owned() } else { values.join(" ") }
    };
    let either = |is_so: bool, yes: &str, no: &str| if is_so { yes } else { no }.to_owned();
    let unknown: Vec<&str> = sso
        .acr_values
        .iter()
        .filter(|acr| !can.acr_values.is_empty() && !can.acr_values.contains(acr))
        .map(String::as_str)
        .collect();
    let mut found = vec![
        ("signing keys", format!("{} that can be used", can.keys)),
        ("signature algorithms", can.algs.join(" ")),
        ("PKCE with S256", either(can.pkce_s256, "yes", "not announced; used all the same")),
        (
            "names itself (RFC 9207)",
            either(can.issuer_in_answers, "yes, and it is required from now on", "no"),
        ),
        ("answers by form_post", either(can.form_post, "yes, used", "no: codes pass in URLs")),
        ("acr values", list(&can.acr_values)),
        (
            "acr on demand",
            either(can.claims_parameter, "yes, as essential", "by acr_values, which it may ignore"),
        ),
        ("claims", list(&can.claims)),
        ("sign-out there", either(can.logout_there, "yes", "no: only here")),
        ("sign-out by it", either(can.logout_here, "yes", "not announced")),
    ];
    if !unknown.is_empty() {
        found.push(("WARNING", format!("acr is not announced: {}", unknown.join(" "))));
    }
    let has_claim = |name: &String| can.claims.is_empty() || can.claims.contains(name);
    if !has_claim(&sso.link_claim) {
        found.push((
            "WARNING",
            format!("the claim that links is not announced: {}", sso.link_claim),
        ));
    }
    if sso.acr_values.is_empty() && !has_claim(&"amr".to_owned()) {
        let word = "neither acr nor amr: whoever needs a second factor shows it here";
        found.push(("NOTE", word.to_owned()));
    }
    if sso.max_age.is_none() && !has_claim(&"auth_time".to_owned()) {
        let word =
            "no auth_time, without which acr and amr count for nothing; --max-age asks for it";
        found.push(("NOTE", word.to_owned()));
    }
    found
}

async fn account(app: &App, slug: &str) -> anyhow::Result<Account> {
    let slug = Slug::parse(slug).map_err(anyhow::Error::msg)?;
    Ok(app.account(&Actor::Platform, &slug).await?)
}

async fn find(app: &App, account: &str, provider: &str) -> anyhow::Result<SsoConnection> {
    let account = self::account(app, account).await?;
    let all = app.sso_connections(&Actor::Platform, account.id).await?;
    let found = all.into_iter().find(|it| it.name == provider || it.id.to_string() == provider);
    found.with_context(|| format!("there is no provider `{provider}`; see `countersign sso list`"))
}

/// The secret from a file: on the command line it would be in the list of processes.
fn secret(file: &Path) -> anyhow::Result<SecretString> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).context("standard input does not read")?;
    } else {
        text = std::fs::read_to_string(file)
            .with_context(|| format!("the secret's file `{}` does not read", file.display()))?;
    }
    let text = text.trim();
    anyhow::ensure!(!text.is_empty(), "the client's secret is empty");
    Ok(SecretString::from(text.to_owned()))
}
