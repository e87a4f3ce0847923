//! Workspaces: made, renamed, closed (W10).

use serde_json::{Value, json};

use crate::app::change::{Outcome, Step, check_match};
use crate::app::{App, Error};
use crate::domain::account::Workspace;
use crate::domain::command::accounts::AccountChange;
use crate::domain::event;
use crate::domain::ids::{AccountId, WorkspaceId};
use crate::domain::rights::faults::{Wrong, check_text};
use crate::policy::Permit;
use crate::store::StoreError;
use crate::store::accounts::changes::{self, What};
use crate::store::accounts::workspaces::Change;

pub(super) async fn create(
    app: &App,
    permit: Permit,
    account: AccountId,
    name: &str,
) -> Result<Step, Error> {
    let now = app.now();
    let workspace = Workspace {
        account,
        id: WorkspaceId::new(app.next_id(now)),
        name: checked(name)?,
        created_at: now,
        updated_at: now,
        closed_at: None,
        version: 1,
    };
    settle(app, permit, (Change::Create(workspace), Value::Null)).await
}

pub(super) async fn rename(
    app: &App,
    permit: Permit,
    change: &AccountChange,
    (name, was): (&str, Option<Workspace>),
) -> Result<Step, Error> {
    let was = was.ok_or_else(no_such)?;
    check_match(change.if_match.as_ref(), &was.version.to_string())?;
    let name = checked(name)?;
    if name == was.name {
        return Ok(Outcome::Workspace(was).into());
    }
    let before = said(&was);
    let now = Workspace { name, updated_at: app.now(), version: was.version + 1, ..was };
    settle(app, permit, (Change::Rename(now), before)).await
}

pub(super) async fn close(
    app: &App,
    permit: Permit,
    change: &AccountChange,
    was: Option<Workspace>,
) -> Result<Step, Error> {
    let was = was.ok_or_else(no_such)?;
    check_match(change.if_match.as_ref(), &was.version.to_string())?;
    let (at, before) = (app.now(), said(&was));
    let now = Workspace { closed_at: Some(at), updated_at: at, version: was.version + 1, ..was };
    settle(app, permit, (Change::Close(now), before)).await
}

fn checked(name: &str) -> Result<String, Error> {
    let mut faults = vec![];
    check_text("name", name, &mut faults);
    if faults.is_empty() { Ok(name.trim().to_owned()) } else { Err(Error::Fields(faults)) }
}

/// The one text for whatever is not there, another account's and closed ones included.
pub(super) fn no_such() -> Error {
    Error::NotFound("there is no such open workspace in this account".to_owned())
}

/// What is kept of it beside the record.
fn said(it: &Workspace) -> Value {
    json!({ "name": it.name })
}

async fn settle(
    app: &App,
    permit: Permit,
    (change, before): (Change, Value),
) -> Result<Step, Error> {
    let workspace = change.workspace().clone();
    let after = if workspace.closed_at.is_some() { Value::Null } else { said(&workspace) };
    let mut activity = app.activity(&permit, workspace.account, workspace.updated_at);
    activity.target = Some(workspace.id.uuid());
    activity.change = event::Change::between(&before, &after);
    let change = changes::Change { what: What::Workspaces(change), activity };
    match app.store().change_account(change, permit).await {
        Ok(true) => Ok(Outcome::Workspace(workspace).into()),
        Ok(false) => Ok(Step::Moved),
        Err(StoreError::Taken) => {
            Err(Error::Fields(vec![Wrong::NameTaken.of("name", &workspace.name)]))
        }
        Err(error) => Err(error.into()),
    }
}
