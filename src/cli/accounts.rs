//! `countersign account …`.

use anyhow::Context as _;

use crate::app::Outcome;
use crate::boot;
use crate::cli::output::{line, say, table};
use crate::config::Config;
use crate::domain::account::Slug;
use crate::domain::actor::Actor;
use crate::domain::command::{Command, CreateAccount};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Account {
    /// Make an account, for example `countersign account create acme --name "Acme Corporation"`
    Create {
        /// Its name in URLs: a-z, 0-9 and hyphens; it cannot be changed later
        slug: String,
        /// Its name for people
        #[arg(long)]
        name: Option<String>,
    },
    /// List all accounts
    List,
}

pub(super) async fn run(config: Config, command: Account) -> anyhow::Result<()> {
    let store = boot::open_current_store(&config).await?;
    let app = boot::app(store, &config);
    match command {
        Account::Create { slug, name } => {
            let name = name.unwrap_or_else(|| slug.clone());
            let slug = Slug::parse(&slug).map_err(anyhow::Error::msg)?;
            let command = Command::CreateAccount(CreateAccount { slug, name });
            let Outcome::Account(account) =
                app.change(&Actor::Platform, command).await.context("the account was not made")?
            else {
                anyhow::bail!("the account was not made");
            };
            line(&account.id.to_string())?;
            say(&format!(
                "Made account {0}. Next: countersign token create --account {0}",
                account.slug.as_str()
            ))
        }
        Account::List => {
            let accounts = app.accounts(&Actor::Platform).await?;
            let mut rows = vec![["ACCOUNT", "NAME", "CREATED", "ID"].map(str::to_owned).to_vec()];
            rows.extend(accounts.into_iter().map(|account| {
                let created = account.created_at.to_string();
                vec![
                    account.slug.as_str().to_owned(),
                    account.name,
                    created,
                    account.id.to_string(),
                ]
            }));
            if rows.len() == 1 {
                return say("There is no account yet; make one with `countersign account create`.");
            }
            table(&rows)
        }
    }
}
