//! `countersign account move|suspend|reactivate|close|permission …`: where an account stands, and what is
//! switched on for it. Its people and their rights are its administrators' own.

use crate::app::App;
use crate::cli::accounts::slug;
use crate::cli::output::{say, table};
use crate::domain::account::State;
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::command::accounts::{AccountChange, AccountEdit};
use crate::domain::ids::AccountId;

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct Where {
    /// Put it below this parent account
    #[arg(long, value_name = "ACCOUNT")]
    parent: Option<String>,
    /// Let it stand alone
    #[arg(long)]
    none: bool,
}

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Permission {
    /// List what is switched on
    List {
        /// The account's name in URLs
        account: String,
    },
    /// Switch an account permission on; rights that need it take effect on the next request
    On {
        /// The account's name in URLs
        account: String,
        /// Its key in the catalogue, for example `sending`
        permission: String,
    },
    /// Switch one off; rights that need it stop on the next request
    Off {
        /// The account's name in URLs
        account: String,
        /// Its key in the catalogue
        permission: String,
    },
}

pub(super) async fn move_account(app: &App, account: &str, to: Where) -> anyhow::Result<()> {
    let parent = match to.parent {
        Some(parent) => Some(find(app, &parent).await?),
        None => None,
    };
    change(app, account, AccountEdit::Move(parent)).await?;
    match parent {
        Some(_) => say("Moved. Administrators of the parent administer it from now on."),
        None => say("Moved. It has no relation to any other account from now on."),
    }
}

pub(super) async fn set_state(app: &App, account: &str, state: State) -> anyhow::Result<()> {
    change(app, account, AccountEdit::SetState(state)).await?;
    say(match state {
        State::Active => "In service. Its people sign in anew; its tokens work again.",
        State::Suspended => {
            "Suspended. Its sessions have ended, nobody signs in to it, its tokens are refused, and \
             nobody holds a right in it."
        }
        State::Closed => {
            "Closed. Its sessions have ended, nobody signs in to it, its tokens are refused, and \
             nobody holds a right in it."
        }
    })
}

pub(super) async fn permissions(app: &App, command: Permission) -> anyhow::Result<()> {
    let (account, permission, is_on) = match command {
        Permission::List { account } => return list(app, &account).await,
        Permission::On { account, permission } => (account, permission, true),
        Permission::Off { account, permission } => (account, permission, false),
    };
    change(app, &account, AccountEdit::SetPermission { permission, is_on }).await?;
    say(if is_on { "It is on." } else { "It is off." })
}

async fn list(app: &App, account: &str) -> anyhow::Result<()> {
    let found = app.permissions(&Actor::Platform, find(app, account).await?).await?;
    if found.is_empty() {
        return say("Nothing is switched on for this account; see `account permission on`.");
    }
    let mut rows = vec![["PERMISSION", "SINCE", "BY"].map(str::to_owned).to_vec()];
    rows.extend(found.into_iter().map(|it| vec![it.key, it.since.to_string(), it.set_by_kind]));
    table(&rows)
}

async fn change(app: &App, account: &str, what: AccountEdit) -> anyhow::Result<()> {
    let account = find(app, account).await?;
    let change = Box::new(AccountChange { account, what, if_match: None });
    app.change(&Actor::Platform, Command::ChangeAccount(change)).await?;
    Ok(())
}

async fn find(app: &App, account: &str) -> anyhow::Result<AccountId> {
    Ok(app.account(&Actor::Platform, &slug(account)?).await?.id)
}
