//! `countersign account …`.

mod standing;

use anyhow::Context as _;

use crate::app::{App, Outcome};
use crate::boot;
use crate::cli::output::{line, say, table};
use crate::config::Config;
use crate::domain::account::{Kind, Slug, State};
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
        /// Whether it governs others, or is governed by one
        #[arg(long, value_enum, conflicts_with = "operator")]
        kind: Option<CustomerKind>,
        /// Of a child: its parent's name in URLs
        #[arg(long, value_name = "ACCOUNT", conflicts_with = "operator")]
        parent: Option<String>,
    },
    /// List all accounts
    List,
    /// Put an account without users below a parent, or take one out
    Move {
        /// The account's name in URLs
        account: String,
        #[command(flatten)]
        to: standing::Where,
    },
    /// Suspend an account: sessions end, nobody signs in, tokens are refused, no right is effective
    Suspend {
        /// The account's name in URLs
        account: String,
    },
    /// Take a suspended or closed account into service again
    Reactivate {
        /// The account's name in URLs
        account: String,
    },
    /// Close an account; what it holds stays on record
    Close {
        /// The account's name in URLs
        account: String,
    },
    /// Account permissions: what is switched on for a whole account
    #[command(subcommand)]
    Permission(standing::Permission),
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
pub(super) enum CustomerKind {
    /// It has no relation to any other
    Standard,
    /// Its administrators administer its children
    Parent,
    /// It has a parent
    Child,
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
        Account::Create { slug, name, operator, kind, parent } => {
            let kind = if operator { Kind::Operator } else { customer(kind, parent.as_deref()) };
            create(&app, (&slug, name), (kind, parent)).await
        }
        Account::List => list(&app).await,
        Account::Move { account, to } => standing::move_account(&app, &account, to).await,
        Account::Suspend { account } => standing::set_state(&app, &account, State::Suspended).await,
        Account::Reactivate { account } => standing::set_state(&app, &account, State::Active).await,
        Account::Close { account } => standing::set_state(&app, &account, State::Closed).await,
        Account::Permission(command) => standing::permissions(&app, command).await,
        Account::SecondFactor { account, demand } => second_factor(&app, &account, demand).await,
        Account::Domain(command) => domains(&app, command).await,
    }
}

async fn create(
    app: &App,
    (text, name): (&str, Option<String>),
    (kind, parent): (Kind, Option<String>),
) -> anyhow::Result<()> {
    let parent = match parent {
        Some(parent) => Some(app.account(&Actor::Platform, &slug(&parent)?).await?.id),
        None => None,
    };
    let name = name.unwrap_or_else(|| text.to_owned());
    let create = CreateAccount {
        slug: slug(text)?,
        name,
        kind,
        parent,
        team: None,
        first_administrator: None,
    };
    let made = app.change(&Actor::Platform, Command::CreateAccount(create)).await;
    let Outcome::Account(account) = made.context("the account was not made")? else {
        anyhow::bail!("the account was not made");
    };
    line(&account.id.to_string())?;
    say(&format!(
        "Made account {0}. Next: countersign token create --account {0}",
        account.slug.as_str()
    ))
}

/// Whoever names a parent makes a child.
fn customer(kind: Option<CustomerKind>, parent: Option<&str>) -> Kind {
    match kind {
        Some(CustomerKind::Parent) => Kind::Parent,
        Some(CustomerKind::Child) => Kind::Child,
        None if parent.is_some() => Kind::Child,
        Some(CustomerKind::Standard) | None => Kind::Standard,
    }
}

async fn list(app: &App) -> anyhow::Result<()> {
    let found = app.reachable(&Actor::Platform).await?;
    if found.is_empty() {
        return say("There is no account yet; make one with `countersign account create`.");
    }
    let heads = ["ACCOUNT", "NAME", "KIND", "PARENT", "STATE", "CREATED", "ID"];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    rows.extend(found.into_iter().map(|it| {
        let parent = it.parent.map_or_else(|| "-".to_owned(), |it| it.slug.as_str().to_owned());
        vec![
            it.account.slug.as_str().to_owned(),
            it.account.name,
            it.account.kind.as_str().to_owned(),
            parent,
            it.state.as_str().to_owned(),
            it.account.created_at.to_string(),
            it.account.id.to_string(),
        ]
    }));
    table(&rows)
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
