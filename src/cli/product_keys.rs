//! `countersign product-key …`: how the vendor's product shows who it is.

use anyhow::Context as _;

use crate::app::{App, Outcome};
use crate::boot;
use crate::cli::output::{line, say, table};
use crate::config::Config;
use crate::domain::actor::Actor;
use crate::domain::command::{Command, IssueProductKey, RevokeProductKey};
use crate::domain::keys::products::{ProductScope, join};
use crate::domain::opaque;
use crate::domain::time::Clock as _;
use crate::domain::tokens::{DEFAULT_DAYS, MAX_DAYS};

#[derive(Debug, clap::Subcommand)]
pub(super) enum ProductKey {
    /// Issue a key; it is printed once, alone on standard output
    Create(Create),
    /// List the keys of the vendor's product
    List,
    /// End a key at once
    Revoke {
        /// The key's id, as `product-key list` shows it
        id: String,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// What people call it, for example the program and where it runs
    #[arg(long)]
    name: String,
    /// What it may do: `introspect` access tokens, ask for access `decisions`, read `rights`; may be given
    /// several times
    #[arg(long = "scope", required = true)]
    scopes: Vec<ProductScope>,
    /// Days until it expires
    #[arg(long, default_value_t = DEFAULT_DAYS, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_DAYS)))]
    days: u32,
}

pub(super) async fn run(config: Config, command: ProductKey) -> anyhow::Result<()> {
    let store = boot::open_current_store(&config).await?;
    let app = boot::app(store, &config);
    match command {
        ProductKey::Create(create) => issue(&app, create).await,
        ProductKey::List => list(&app).await,
        ProductKey::Revoke { id } => revoke(&app, &id).await,
    }
}

async fn issue(app: &App, create: Create) -> anyhow::Result<()> {
    let command = Command::IssueProductKey(IssueProductKey {
        name: create.name,
        scopes: create.scopes,
        days: create.days,
    });
    let outcome = app.change(&Actor::Platform, command).await.context("no key was issued")?;
    let Outcome::ProductKey(issued) = outcome else { anyhow::bail!("no key was issued") };
    line(opaque::reveal(&issued.secret))?;
    say(&format!(
        "Issued product key {} (`{}`) for: {}; valid until {}. It is not shown again.",
        issued.key.id,
        issued.key.name,
        join(&issued.key.scopes),
        issued.key.expires_at,
    ))
}

async fn list(app: &App) -> anyhow::Result<()> {
    let now = boot::clock::SystemClock::default().now();
    let head = ["ID", "NAME", "SCOPES", "STATE", "EXPIRES", "LAST USED"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for key in app.product_keys(&Actor::Platform).await? {
        let state = match key.revoked_at {
            Some(_) => "revoked",
            None if key.is_live(now) => "live",
            None => "expired",
        };
        rows.push(vec![
            key.id.to_string(),
            key.name,
            join(&key.scopes),
            state.to_owned(),
            key.expires_at.to_string(),
            key.last_used_at.map_or_else(|| "never".to_owned(), |at| at.to_string()),
        ]);
    }
    if rows.len() == 1 {
        return say(
            "There is no product key yet; issue one with `countersign product-key create`.",
        );
    }
    table(&rows)
}

async fn revoke(app: &App, id: &str) -> anyhow::Result<()> {
    let key = id.parse().map_err(|_| {
        anyhow::anyhow!("`{id}` is not a product key's id; see `countersign product-key list`")
    })?;
    let command = Command::RevokeProductKey(RevokeProductKey { key });
    app.change(&Actor::Platform, command).await?;
    say("Revoked. It is refused from now on.")
}
