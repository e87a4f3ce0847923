//! `countersign account …`.

use anyhow::Context as _;

use crate::app::{App, Outcome};
use crate::boot;
use crate::cli::output::{line, say, table};
use crate::config::Config;
use crate::domain::account::{Kind, Slug};
use crate::domain::actor::Actor;
use crate::domain::command::{self, Command, CreateAccount, DemandFactor};
use crate::domain::sso::mail_domain;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Account {
    /// Make an account, for example `countersign account create acme --name "Acme Corporation"`
    Create {
        /// Its name in URLs: a-z, 0-9 and hyphens; it cannot be changed later
        slug: String,
        /// Its name for people
        #[arg(long)]
        name: Option<String>,
        /// It is the operator's own, of which there is one: its users are the staff
        #[arg(long)]
        operator: bool,
    },
    /// List all accounts
    List,
    /// Say whether all users of an account must show a second factor; the operator's staff always must
    SecondFactor {
        /// The account's name in URLs
        account: String,
        /// `required` also ends the sessions without one
        #[arg(value_enum)]
        demand: Demand,
    },
    /// Domains of mail addresses by which people find the account at sign-in
    #[command(subcommand)]
    Domain(Domain),
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum Demand {
    /// Nobody gets in without one
    Required,
    /// Whoever has one shows it
    Optional,
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum Domain {
    /// Let people with addresses of a domain find the account; be sure that the domain is theirs
    Add {
        /// The account's name in URLs
        account: String,
        /// The domain, for example `example.com`
        domain: String,
    },
    /// List an account's domains
    List {
        /// The account's name in URLs
        account: String,
    },
    /// Let a domain lead to the account no longer
    Remove {
        /// The account's name in URLs
        account: String,
        /// The domain
        domain: String,
    },
}

pub(super) async fn run(config: Config, command: Account) -> anyhow::Result<()> {
    let store = boot::open_current_store(&config).await?;
    let app = boot::app(store, &config);
    match command {
        Account::Create { slug, name, operator } => {
            let name = name.unwrap_or_else(|| slug.clone());
            let slug = Slug::parse(&slug).map_err(anyhow::Error::msg)?;
            let kind = if operator { Kind::Operator } else { Kind::Standard };
            let command = Command::CreateAccount(CreateAccount { slug, name, kind, parent: None });
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
            let mut rows =
                vec![["ACCOUNT", "NAME", "KIND", "CREATED", "ID"].map(str::to_owned).to_vec()];
            rows.extend(accounts.into_iter().map(|account| {
                let created = account.created_at.to_string();
                vec![
                    account.slug.as_str().to_owned(),
                    account.name,
                    account.kind.as_str().to_owned(),
                    created,
                    account.id.to_string(),
                ]
            }));
            if rows.len() == 1 {
                return say("There is no account yet; make one with `countersign account create`.");
            }
            table(&rows)
        }
        Account::SecondFactor { account, demand } => second_factor(&app, &account, demand).await,
        Account::Domain(command) => domains(&app, command).await,
    }
}

async fn second_factor(app: &App, account: &str, demand: Demand) -> anyhow::Result<()> {
    let account = app.account(&Actor::Platform, &slug(account)?).await?.id;
    let (is_demanded, done) = match demand {
        Demand::Required => (true, "From now on all its users show a second factor."),
        Demand::Optional => {
            (false, "From now on those of its users show a second factor who have one.")
        }
    };
    let change = Command::DemandFactor(DemandFactor { account, is_demanded });
    app.change(&Actor::Platform, change).await?;
    say(done)
}

async fn domains(app: &App, command: Domain) -> anyhow::Result<()> {
    let (account, domain, is_added) = match command {
        Domain::List { account } => {
            let account = app.account(&Actor::Platform, &slug(&account)?).await?;
            let domains = app.domains(&Actor::Platform, account.id).await?;
            if domains.is_empty() {
                return say(
                    "No domain leads to this account; see `countersign account domain add`.",
                );
            }
            return domains.iter().try_for_each(|domain| line(domain));
        }
        Domain::Add { account, domain } => (account, domain, true),
        Domain::Remove { account, domain } => (account, domain, false),
    };
    let domain = mail_domain(&domain).map_err(anyhow::Error::msg)?;
    let account = app.account(&Actor::Platform, &slug(&account)?).await?.id;
    let change = command::Domain { account, domain };
    if is_added {
        app.change(&Actor::Platform, Command::AddDomain(change)).await?;
        say("Added. People with addresses of this domain find the account at /login.")
    } else {
        app.change(&Actor::Platform, Command::RemoveDomain(change)).await?;
        say("Removed.")
    }
}

fn slug(text: &str) -> anyhow::Result<Slug> {
    Slug::parse(text).map_err(anyhow::Error::msg)
}
