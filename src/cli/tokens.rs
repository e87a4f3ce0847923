//! `countersign token …`.

use anyhow::Context as _;

use crate::app::{App, Outcome};
use crate::boot;
use crate::cli::output::{line, say, table};
use crate::config::Config;
use crate::domain::account::Slug;
use crate::domain::actor::Actor;
use crate::domain::command::{Command, IssueToken, RevokeToken};
use crate::domain::opaque;
use crate::domain::time::Clock as _;
use crate::domain::tokens::{Access, DEFAULT_DAYS, MAX_DAYS};
use crate::scim::preset::Preset;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Token {
    /// Issue a token; it is printed once, alone on standard output
    Create(Create),
    /// List an account's tokens
    List {
        /// The account's name in URLs
        #[arg(long)]
        account: String,
    },
    /// End a token at once
    Revoke {
        /// The account's name in URLs
        #[arg(long)]
        account: String,
        /// The token's id, as `token list` shows it
        id: String,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// The account's name in URLs
    #[arg(long)]
    account: String,
    /// The provisioning connection it opens: one for each identity provider; made if it is new
    #[arg(long, default_value = "default")]
    connection: String,
    /// How strictly a new connection is read: `standard` takes what identity providers really send,
    /// `rfc` only what the RFCs allow
    #[arg(long, default_value = "standard")]
    preset: Preset,
    /// The token may read only
    #[arg(long)]
    read_only: bool,
    /// Days until it expires
    #[arg(long, default_value_t = DEFAULT_DAYS, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_DAYS)))]
    days: u32,
}

pub(super) async fn run(config: Config, command: Token) -> anyhow::Result<()> {
    let store = boot::open_current_store(&config).await?;
    let app = boot::app(store, &config);
    match command {
        Token::Create(create) => issue(&app, create).await,
        Token::List { account } => list(&app, &account).await,
        Token::Revoke { account, id } => revoke(&app, &account, &id).await,
    }
}

async fn issue(app: &App, create: Create) -> anyhow::Result<()> {
    let slug = Slug::parse(&create.account).map_err(anyhow::Error::msg)?;
    let account = app.account(&Actor::Platform, &slug).await?;
    let command = Command::IssueToken(IssueToken {
        account: account.id,
        connection: create.connection,
        preset: create.preset,
        access: if create.read_only { Access::Read } else { Access::Write },
        days: create.days,
    });
    let outcome = app.change(&Actor::Platform, command).await.context("no token was issued")?;
    let Outcome::Token(issued) = outcome else { anyhow::bail!("no token was issued") };
    line(opaque::reveal(&issued.secret))?;
    say(&format!(
        "Issued token {} of connection `{}`, valid until {}. It is not shown again.\nBase URL for \
         the identity provider: {}/accounts/{}/scim/v2",
        issued.token.id,
        issued.connection.name,
        issued.token.expires_at,
        app.settings().public_url,
        slug.as_str(),
    ))
}

async fn list(app: &App, account: &str) -> anyhow::Result<()> {
    let slug = Slug::parse(account).map_err(anyhow::Error::msg)?;
    let account = app.account(&Actor::Platform, &slug).await?;
    let now = boot::clock::SystemClock::default().now();
    let head = ["ID", "CONNECTION", "PRESET", "ACCESS", "STATE", "EXPIRES", "LAST USED"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for (token, connection) in app.tokens(&Actor::Platform, account.id).await? {
        let state = match token.revoked_at {
            Some(_) => "revoked",
            None if token.is_live(now) => "live",
            None => "expired",
        };
        rows.push(vec![
            token.id.to_string(),
            connection.name,
            connection.preset.as_str().to_owned(),
            token.access.as_str().to_owned(),
            state.to_owned(),
            token.expires_at.to_string(),
            token.last_used_at.map_or_else(|| "never".to_owned(), |at| at.to_string()),
        ]);
    }
    if rows.len() == 1 {
        return say("This account has no token yet; issue one with `countersign token create`.");
    }
    table(&rows)
}

async fn revoke(app: &App, account: &str, id: &str) -> anyhow::Result<()> {
    let slug = Slug::parse(account).map_err(anyhow::Error::msg)?;
    let account = app.account(&Actor::Platform, &slug).await?;
    let token = id
        .parse()
        .map_err(|_| anyhow::anyhow!("`{id}` is not a token's id; see `countersign token list`"))?;
    let command = Command::RevokeToken(RevokeToken { account: account.id, token });
    app.change(&Actor::Platform, command).await?;
    say("Revoked. A running server refuses it within a second.")
}
