//! Changes of an account itself: its place among others, its state, what is switched on for it.

use serde_json::{Value, json};

use crate::app::accounts::workspaces;
use crate::app::change::{Outcome, Step, check_match};
use crate::app::{App, Error};
use crate::domain::account::{Kind, Parent, Profile, State, SupportMode, Workspace};
use crate::domain::command::accounts::{AccountChange, AccountEdit};
use crate::domain::event;
use crate::domain::ids::AccountId;
use crate::domain::rights::RightKey;
use crate::domain::rights::catalogue::Conflict;
use crate::domain::rights::faults::Wrong;
use crate::policy::{Permit, Scope};
use crate::store::StoreError;
use crate::store::accounts::changes::{Change, What};

/// What was read of an account before a change of it is decided.
#[derive(Debug)]
pub(in crate::app) struct Loaded {
    profile: Profile,
    parent: Option<Profile>,
    has_users: bool,
    has_children: bool,
    workspace: Option<Workspace>,
}

impl Loaded {
    /// Whether the account has users.
    pub(in crate::app) fn has_users(&self) -> bool {
        self.has_users
    }
}

/// Reads what the decision, and the change, need.
pub(in crate::app) async fn load(app: &App, change: &AccountChange) -> Result<Loaded, Error> {
    let (store, account) = (app.store(), change.account);
    let profile = store.profile(account).await?.ok_or_else(no_such_account)?;
    let mut loaded =
        Loaded { profile, parent: None, has_users: true, has_children: false, workspace: None };
    match &change.what {
        AccountEdit::Move(parent) => {
            loaded.has_users = store.has_users(account).await?;
            if let Some(parent) = parent {
                loaded.parent = store.profile(*parent).await?;
            }
        }
        AccountEdit::SetState(_) => loaded.has_children = store.has_children(account).await?,
        AccountEdit::RenameWorkspace(id, _) | AccountEdit::CloseWorkspace(id) => {
            loaded.workspace = store.workspace(account, *id).await?;
        }
        AccountEdit::SetPermission { .. }
        | AccountEdit::SetConflict { .. }
        | AccountEdit::SetSupportMode(_)
        | AccountEdit::CreateWorkspace(_) => {}
    }
    Ok(loaded)
}

/// Applies a permitted change to what was read.
pub(in crate::app) async fn apply(
    app: &App,
    permit: Permit,
    change: &AccountChange,
    loaded: Loaded,
) -> Result<Step, Error> {
    match &change.what {
        AccountEdit::Move(parent) => move_account(app, permit, change, (*parent, loaded)).await,
        AccountEdit::SetState(state) => set_state(app, permit, change, (*state, loaded)).await,
        AccountEdit::SetPermission { permission, is_on } => {
            set_permission(app, permit, (permission, *is_on), loaded.profile).await
        }
        AccountEdit::SetConflict { held, lost, is_on } => {
            let pair = (held.clone(), lost.clone());
            set_conflict(app, permit, (pair, *is_on), loaded.profile).await
        }
        AccountEdit::SetSupportMode(mode) => {
            set_support_mode(app, permit, change, (*mode, loaded.profile)).await
        }
        AccountEdit::CreateWorkspace(name) => {
            workspaces::create(app, permit, change.account, name).await
        }
        AccountEdit::RenameWorkspace(_, name) => {
            workspaces::rename(app, permit, change, (name, loaded.workspace)).await
        }
        AccountEdit::CloseWorkspace(_) => {
            workspaces::close(app, permit, change, loaded.workspace).await
        }
    }
}

async fn move_account(
    app: &App,
    permit: Permit,
    change: &AccountChange,
    (parent, loaded): (Option<AccountId>, Loaded),
) -> Result<Step, Error> {
    let was = loaded.profile;
    check_match(change.if_match.as_ref(), &was.version.to_string())?;
    if matches!(was.account.kind, Kind::Operator | Kind::Parent) {
        return Err(Error::Conflict(format!(
            "`{}` is a {} account, and has no parent; only standard and child accounts are moved",
            was.account.slug.as_str(),
            was.account.kind.as_str()
        )));
    }
    let parent = match (parent, loaded.parent) {
        (None, _) => None,
        (Some(_), Some(parent)) => Some(check_parent(&parent)?),
        (Some(id), None) => {
            return Err(Error::Fields(vec![Wrong::UnknownParent.of("parent", &id.to_string())]));
        }
    };
    let mut now = was.clone();
    now.account.kind = if parent.is_some() { Kind::Child } else { Kind::Standard };
    now.parent = parent;
    place(app, permit, (was, now)).await
}

/// A parent, if the account may be one.
pub(super) fn check_parent(parent: &Profile) -> Result<Parent, Error> {
    let slug = &parent.account.slug;
    if parent.may_govern() {
        return Ok(Parent { id: parent.account.id, slug: slug.clone() });
    }
    Err(Error::Fields(vec![Wrong::NotAParent.of("parent", slug.as_str())]))
}

async fn set_state(
    app: &App,
    permit: Permit,
    change: &AccountChange,
    (state, loaded): (State, Loaded),
) -> Result<Step, Error> {
    let was = loaded.profile;
    check_match(change.if_match.as_ref(), &was.version.to_string())?;
    if was.account.is_operator() {
        let what = "the operator's own account is always in service";
        return Err(Error::Conflict(what.to_owned()));
    }
    if state == State::Closed && loaded.has_children {
        return Err(Error::Conflict(format!(
            "`{}` has children; close them first, or move them",
            was.account.slug.as_str()
        )));
    }
    let now = Profile { state, ..was.clone() };
    let settled = place(app, permit, (was, now)).await;
    // Other processes see the signal that the change gave.
    app.forget_tokens();
    settled
}

async fn place(app: &App, permit: Permit, (was, now): (Profile, Profile)) -> Result<Step, Error> {
    let account = now.account.clone();
    if now == was {
        return Ok(Outcome::Account(account).into());
    }
    let of = |it: &Profile| json!({ "state": it.state.as_str(), "parent": it.parent.as_ref().map(|it| it.id.uuid()) });
    let detail = json!({ "before": of(&was), "after": of(&now) });
    let outcome = Outcome::Account(account);
    settle(app, permit, (What::Place(Box::new((was, now))), detail), outcome).await
}

async fn set_permission(
    app: &App,
    permit: Permit,
    (key, is_on): (&str, bool),
    of: Profile,
) -> Result<Step, Error> {
    let on = app.store().permissions(&Scope::Account(of.account.id)).await?;
    if on.iter().any(|it| it.key == key) == is_on {
        return Ok(Outcome::Done.into());
    }
    // What the catalogue no longer has can still be switched off.
    if is_on && !app.catalogue().await?.catalogue.permissions.contains_key(key) {
        return Err(Error::Fields(vec![Wrong::UnknownPermission.of("permission", key)]));
    }
    let detail = json!({ "permission": key, "on": is_on });
    let what = What::Permission(of, key.to_owned(), is_on);
    settle(app, permit, (what, detail), Outcome::Done).await
}

async fn set_conflict(
    app: &App,
    permit: Permit,
    ((held, lost), is_on): ((RightKey, RightKey), bool),
    of: Profile,
) -> Result<Step, Error> {
    let apart = app.store().kept_apart(&Scope::Account(of.account.id)).await?;
    if apart.iter().any(|it| it.held == held && it.lost == lost) == is_on {
        return Ok(Outcome::Done.into());
    }
    let pair = Conflict { held: held.clone(), lost: lost.clone() };
    if is_on && !app.catalogue().await?.catalogue.conflicts.contains(&pair) {
        let pair = format!("{held} + {lost}");
        return Err(Error::Fields(vec![Wrong::UnknownConflict.of("lost", &pair)]));
    }
    let detail = json!({ "held": held.as_str(), "lost": lost.as_str(), "on": is_on });
    let what = What::Conflict(of, (held, lost), is_on);
    settle(app, permit, (what, detail), Outcome::Done).await
}

async fn set_support_mode(
    app: &App,
    permit: Permit,
    change: &AccountChange,
    (mode, of): (SupportMode, Profile),
) -> Result<Step, Error> {
    check_match(change.if_match.as_ref(), &of.version.to_string())?;
    let was = app.store().support_mode(of.account.id).await?;
    if was == mode {
        return Ok(Outcome::Done.into());
    }
    // It was decided on another: what it is now may be tighter still.
    if mode < was {
        return Ok(Step::Moved);
    }
    let detail = json!({ "before": was.as_str(), "after": mode.as_str() });
    settle(app, permit, (What::SupportMode(of, mode), detail), Outcome::Done).await
}

async fn settle(
    app: &App,
    permit: Permit,
    (what, detail): (What, Value),
    outcome: Outcome,
) -> Result<Step, Error> {
    let account = what.account();
    let mut activity = app.activity(&permit, account, app.now());
    activity.target = Some(account.uuid());
    activity.change = change_in(&detail);
    activity.detail = Some(detail);
    match app.store().change_account(Change { what, activity }, permit).await {
        Ok(true) => Ok(outcome.into()),
        // Taken: two switched the same thing on at once.
        Ok(false) | Err(StoreError::Taken) => Ok(Step::Moved),
        Err(error) => Err(error.into()),
    }
}

/// What was and what it became, where the detail says both.
fn change_in(detail: &Value) -> event::Change {
    let side = |name: &str| detail.get(name).cloned().unwrap_or_default();
    let (before, after) = match detail.get("on").and_then(Value::as_bool) {
        Some(is_on) => (json!({ "on": !is_on }), json!({ "on": is_on })),
        None => (side("before"), side("after")),
    };
    event::Change::between(&before, &after)
}

fn no_such_account() -> Error {
    Error::NotFound("there is no such account".to_owned())
}
