//! `countersign sso …`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use secrecy::SecretString;

use crate::app::sso::findings::Finding;
use crate::app::{App, Outcome};
use crate::authn::oidc::provider::Abilities;
use crate::boot;
use crate::cli::output::{line, say, table};
use crate::config::Config;
use crate::domain::account::{Account, Slug};
use crate::domain::actor::Actor;
use crate::domain::command::{AddSso, ChangeSso, Command, RemoveSso, UnlinkUser};
use crate::domain::ids::ResourceId;
use crate::domain::sso::{
    DEFAULT_AMR, DEFAULT_SCOPES, SsoConnection, SsoEdit, SsoSpec, default_link_claim,
};

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
    /// Change a provider, its issuer apart; with another client id, who signed in by it is signed out
    Change(Box<Change>),
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
        #[arg(required_unless_present = "user_name", conflicts_with = "user_name")]
        user: Option<String>,
        /// The user's userName
        #[arg(long)]
        user_name: Option<String>,
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

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("what").multiple(true).required(true)))]
pub(super) struct Change {
    /// The account's name in URLs
    #[arg(long)]
    account: String,
    /// The provider's name or id, as `sso list` shows it
    provider: String,
    /// Another name for people
    #[arg(long, group = "what")]
    name: Option<String>,
    /// Another client id
    #[arg(long, group = "what")]
    client_id: Option<String>,
    /// A file with another secret, or `-` for standard input
    #[arg(long, value_name = "FILE", group = "what")]
    client_secret_file: Option<PathBuf>,
    /// Another claim that equals `externalId`, at first sign-ins from now on
    #[arg(long, group = "what")]
    link_claim: Option<String>,
    /// The scopes to ask for, in place of the old ones; may be repeated
    #[arg(long = "scope", group = "what")]
    scopes: Option<Vec<String>>,
    /// The values of `acr` that count as two factors, in place of the old ones; one empty value for none
    #[arg(long = "acr", group = "what")]
    acr_values: Option<Vec<String>>,
    /// The rules for `amr`, in place of the old ones; one empty value for none
    #[arg(long = "amr", group = "what")]
    amr_values: Option<Vec<String>>,
    /// How many seconds ago they may have signed in at the provider
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..=86_400), group = "what")]
    max_age: Option<i64>,
    /// It does not matter when they signed in at the provider
    #[arg(long, conflicts_with = "max_age", group = "what")]
    any_age: bool,
}

pub(super) async fn run(config: Config, command: Sso) -> anyhow::Result<()> {
    let store = boot::open_current_store(&config).await?;
    let app = boot::app(store, &config);
    match command {
        Sso::Add(add) => self::add(&app, *add).await,
        Sso::List { account } => list(&app, &account).await,
        Sso::Test { account, provider } => test(&app, &account, &provider).await,
        Sso::Change(change) => self::change(&app, *change).await,
        Sso::Remove { account, provider } => {
            let sso = find(&app, &account, &provider).await?;
            let command = RemoveSso { account: sso.account, sso: sso.id };
            app.change(&Actor::Platform, Command::RemoveSso(command)).await?;
            say("Removed. Who had signed in by it is signed out.")
        }
        Sso::Unlink { account, user, user_name } => {
            let account = self::account(&app, &account).await?.id;
            let user = match user_name {
                Some(name) => app.user_called(&Actor::Platform, account, &name).await?,
                None => id(&user.unwrap_or_default())?,
            };
            let command = UnlinkUser { account, user };
            app.change(&Actor::Platform, Command::UnlinkUser(command)).await?;
            say("Unlinked. The user is signed out, and is linked anew at the next sign-in.")
        }
    }
}

async fn add(app: &App, add: Add) -> anyhow::Result<()> {
    let account = self::account(app, &add.account).await?;
    let link_claim = add.link_claim.unwrap_or_else(|| default_link_claim(&add.issuer).to_owned());
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

async fn change(app: &App, change: Change) -> anyhow::Result<()> {
    let sso = find(app, &change.account, &change.provider).await?;
    let client_secret = change.client_secret_file.as_deref().map(secret).transpose()?;
    let listed = |values: Option<Vec<String>>| {
        values.map(|all| all.into_iter().filter(|value| !value.is_empty()).collect())
    };
    let edit = SsoEdit {
        name: change.name,
        client_id: change.client_id,
        client_secret,
        scopes: change.scopes,
        link_claim: change.link_claim,
        acr_values: listed(change.acr_values),
        amr_values: listed(change.amr_values),
        max_age: if change.any_age { Some(None) } else { change.max_age.map(Some) },
    };
    let is_other_client = edit.client_id.as_ref().is_some_and(|id| *id != sso.client_id);
    let command = ChangeSso { account: sso.account, sso: sso.id, edit, if_match: None };
    app.change(&Actor::Platform, Command::ChangeSso(Box::new(command))).await?;
    say(if is_other_client {
        "Changed. Who had signed in by it is signed out."
    } else {
        "Changed. It counts from the next sign-in on."
    })
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
    let trial = app.try_sso(&Actor::Platform, sso.account, sso.id).await?;
    let findings = trial.findings();
    let abilities = trial.outcome.with_context(|| format!("`{}`", sso.issuer))?;
    for (what, finding) in told(&abilities) {
        line(&format!("{what:<28}{finding}"))?;
    }
    for finding in &findings {
        line(&format!("{:<28}{}", finding.weight().as_str().to_uppercase(), in_words(finding)))?;
    }
    say("The provider can be used.")
}

/// What a provider can do.
fn told(can: &Abilities) -> Vec<(&'static str, String)> {
    let list = |values: &[String]| {
        if values.is_empty() { "none are announced".to_owned() } else { values.join(" ") }
    };
    let either = |is_so: bool, yes: &str, no: &str| if is_so { yes } else { no }.to_owned();
    vec![
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
    ]
}

fn in_words(finding: &Finding) -> String {
    let what = finding.particular();
    match finding {
        Finding::Unreachable => "it cannot be reached".to_owned(),
        Finding::Unusable(_) => format!("it cannot be used: {what}"),
        Finding::AcrNotAnnounced(_) => format!("acr is not announced: {what}"),
        Finding::LinkClaimNotAnnounced(_) => {
            format!("the claim that links is not announced: {what}")
        }
        Finding::NoAuthTime => {
            "no auth_time, without which acr and amr count for nothing; --max-age asks for it"
                .to_owned()
        }
        Finding::NoSecondFactor => {
            "neither acr nor amr: whoever needs a second factor shows it here".to_owned()
        }
    }
}

fn id(user: &str) -> anyhow::Result<ResourceId> {
    user.parse().map_err(|_| anyhow::anyhow!("`{user}` is not a user's id; see --user-name"))
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
