//! `countersign audit …`: what is on record, exported, proved, signed; and what is personal of it, erased.

mod verify;

use std::path::PathBuf;

use crate::app::App;
use crate::boot;
use crate::cli::output::{line, say};
use crate::config::Config;
use crate::domain::account::{Account, Slug};
use crate::domain::actor::Actor;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Audit {
    /// Write all that is on record of an account, a JSON object a line, the newest first
    Export {
        /// The account's name in URLs
        #[arg(long)]
        account: String,
    },
    /// Sign the head of an account's chain now; keep what this prints where nobody of the operator writes
    Checkpoint {
        /// The account's name in URLs
        #[arg(long)]
        account: String,
    },
    /// Print the public keys that verify checkpoints
    Keys,
    /// Say whether a record is as it was written, and if not, which lines were changed, dropped, put in,
    /// swapped, cut off or made anew
    Verify(Verify),
    /// Erase addresses, names and values in the record about a user; the record stays, and its chain holds
    Erase {
        /// The account's name in URLs
        #[arg(long)]
        account: String,
        /// The user's id, which stays valid after the user was deleted
        #[arg(long)]
        user: String,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    /// A whole export: JSON Lines from the API or from `audit export`. No server and no database is asked
    #[arg(required_unless_present = "database", conflicts_with = "database")]
    file: Option<PathBuf>,
    /// The configured database instead of a file
    #[arg(long)]
    database: bool,
    /// Of the database, only this account
    #[arg(long, requires = "database")]
    account: Option<String>,
    /// A file with checkpoints that were kept outside, one or several; without, nobody sees that the end
    /// was cut off, or all of it made anew
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// A file with the public keys (`/.well-known/checkpoint-keys.json`), for the checkpoints' signatures
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

pub(super) async fn run(config: Config, command: Audit) -> anyhow::Result<()> {
    let command = match command {
        Audit::Verify(Verify { file: Some(file), checkpoint, key, .. }) => {
            return verify::file(&file, &verify::Outside::read(checkpoint, key)?);
        }
        Audit::Export { .. }
        | Audit::Checkpoint { .. }
        | Audit::Keys
        | Audit::Verify(_)
        | Audit::Erase { .. } => command,
    };
    let store = boot::open_current_store(&config).await?;
    let app = boot::app(store, &config);
    match command {
        Audit::Export { account } => export(&app, &account).await,
        Audit::Checkpoint { account } => {
            let account = find(&app, &account).await?;
            let signed = app.checkpoint(&Actor::Platform, account.id).await?;
            line(&signed.body().to_string())
        }
        Audit::Keys => line(&format!("{{\"keys\":[{}]}}", app.checkpoint_keys().await?.join(","))),
        Audit::Verify(Verify { account, checkpoint, key, .. }) => {
            let outside = verify::Outside::read(checkpoint, key)?;
            verify::database(&app, account.as_deref(), &outside).await
        }
        Audit::Erase { account, user } => erase(&app, &account, &user).await,
    }
}

async fn export(app: &App, account: &str) -> anyhow::Result<()> {
    let account = find(app, account).await?;
    let write = |it: &crate::domain::event::listed::Listed| line(&it.body().to_string());
    app.each_recorded(&Actor::Platform, account.id, write).await
}

async fn erase(app: &App, account: &str, user: &str) -> anyhow::Result<()> {
    let account = find(app, account).await?;
    let user = user.parse().map_err(|_| {
        let shown: String = user.chars().take(100).collect();
        anyhow::anyhow!("`{shown}` is not a user's id, which SCIM and the REST API show as `id`")
    })?;
    let count = app.erase_personal(&Actor::Platform, (account.id, user)).await?;
    say(&format!("Erased in {count} activities. Exports that were made before hold it still."))
}

async fn find(app: &App, account: &str) -> anyhow::Result<Account> {
    let slug = Slug::parse(account).map_err(anyhow::Error::msg)?;
    Ok(app.account(&Actor::Platform, &slug).await?)
}
