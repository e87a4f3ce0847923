//! What gives rights, changed and looked at: bundles, roles, group mappings, grants.
//!
//! To add a change: a variant of [`RightsEdit`], its line in `policy::rights`, what it needs to have
//! read in [`load`], and its function in a file here.

pub mod administrators;
pub mod approvals;
mod bundles;
pub mod catalogue;
pub mod changes;
pub mod decisions;
pub mod explain;
mod grants;
pub mod groups;
pub mod lists;
pub mod losses;
mod mappings;
pub mod preview;
mod recorded;
mod roles;
pub mod who_has;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::change::{Outcome, Step};
use crate::app::{App, Error};
use crate::domain::actor::{Actor, SignedIn};
use crate::domain::command::Command;
use crate::domain::command::people::PeopleEdit;
use crate::domain::command::rights::{RightsChange, RightsEdit};
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::rights::RightKey;
use crate::domain::rights::bundles::{Bundle, Level, Role};
use crate::domain::rights::faults::{Fault, Wrong};
use crate::domain::rights::sources::{By, Gift, Grant, Mapping};
use crate::domain::time::Timestamp;
use crate::policy::{Beneficiary, Permit};
use crate::store::StoreError;
use crate::store::rights::{self, What};

/// What a change gave.
#[derive(Debug)]
pub enum Made {
    /// The bundle as it now is.
    Bundle(Bundle),
    /// The role as it now is.
    Role(Role),
    /// The mapping as it now is.
    Mapping(Mapping),
    /// The grant.
    Grant(Grant),
}

/// A change that was checked.
enum Ready {
    /// It changes nothing.
    Unchanged(Made),
    /// What would be written, what comes of it, and when.
    Change(Box<What>, Made, Timestamp),
}

/// What was read before a change of rights is decided.
#[derive(Debug)]
pub(in crate::app) enum Loaded {
    /// The bundle to change, and the one that a new one is a copy of.
    Bundle(Option<Bundle>, Option<Bundle>),
    /// The same of roles.
    Role(Option<Role>, Option<Role>),
    /// The mapping to change.
    Mapping(Option<Mapping>),
    /// The grant to take away.
    Grant(Option<Grant>),
    /// What is to be given.
    Gift(Option<Given>),
}

/// Whose something is that is to be given, and where it may be.
#[derive(Debug, Clone, Copy)]
pub(in crate::app) struct Given {
    /// Whose bundle or role it is; none of a right.
    owner: Option<AccountId>,
    /// Of a role, where it is held.
    level: Option<Level>,
}

impl Loaded {
    /// The rights that a bundle would come to hold, beyond what it held or is a copy of.
    pub(in crate::app) fn added(&self, command: &Command) -> BTreeSet<RightKey> {
        let Command::ChangeRights(change) = command else { return BTreeSet::new() };
        let wanted = match &change.what {
            RightsEdit::CreateBundle(spec) => spec.rights.as_ref(),
            RightsEdit::EditBundle(_, edit) => edit.rights.as_ref(),
            RightsEdit::DeleteBundle(_)
            | RightsEdit::CreateRole(_)
            | RightsEdit::EditRole(..)
            | RightsEdit::DeleteRole(_)
            | RightsEdit::Map(_)
            | RightsEdit::EditMapping(..)
            | RightsEdit::Unmap(_)
            | RightsEdit::Grant(_)
            | RightsEdit::EndGrant(_) => None,
        };
        let mut added = wanted.cloned().unwrap_or_default();
        if let Self::Bundle(was, origin) = self {
            for bundle in was.iter().chain(origin) {
                added.retain(|key| !bundle.rights.contains(key));
            }
        }
        added
    }
}

/// Reads what a change is about.
pub(in crate::app) async fn load(app: &App, change: &RightsChange) -> Result<Loaded, Error> {
    let (store, account) = (app.store(), change.account);
    Ok(match &change.what {
        RightsEdit::CreateBundle(spec) => Loaded::Bundle(
            None,
            match spec.origin {
                Some(id) => store.bundle(account, id).await?,
                None => None,
            },
        ),
        RightsEdit::EditBundle(id, _) | RightsEdit::DeleteBundle(id) => {
            let was = store.bundle(account, *id).await?;
            let origin = match was.as_ref().and_then(|was| was.origin.as_ref()) {
                Some(origin) => store.bundle(account, origin.id).await?,
                None => None,
            };
            Loaded::Bundle(was, origin)
        }
        RightsEdit::CreateRole(spec) => Loaded::Role(
            None,
            match spec.origin {
                Some(id) => store.role(account, id).await?,
                None => None,
            },
        ),
        RightsEdit::EditRole(id, _) | RightsEdit::DeleteRole(id) => {
            Loaded::Role(store.role(account, *id).await?, None)
        }
        RightsEdit::EditMapping(id, _) | RightsEdit::Unmap(id) => {
            Loaded::Mapping(store.mapping(account, *id).await?)
        }
        RightsEdit::EndGrant(id) => Loaded::Grant(store.grant(account, *id).await?),
        RightsEdit::Map(spec) => Loaded::Gift(given(app, account, &spec.gift).await?),
        RightsEdit::Grant(spec) => Loaded::Gift(given(app, account, &spec.gift).await?),
    })
}

async fn given(app: &App, account: AccountId, gift: &Gift) -> Result<Option<Given>, Error> {
    Ok(match gift {
        Gift::Bundle(id) => {
            let found = app.store().bundle(account, *id).await?;
            found.map(|bundle| Given { owner: Some(bundle.account), level: None })
        }
        Gift::Role(id) => {
            let found = app.store().role(account, *id).await?;
            found.map(|role| Given { owner: Some(role.account), level: Some(role.level) })
        }
        Gift::Right(key) => {
            let unknown = app.store().unknown_rights(&BTreeSet::from([key.clone()])).await?;
            unknown.is_empty().then_some(Given { owner: None, level: None })
        }
    })
}

/// Who gains by a command, seen by whoever asks: by person, not by user (POLICY.md §1).
pub(in crate::app) async fn beneficiary(
    app: &App,
    asker: &SignedIn,
    command: &Command,
) -> Result<Beneficiary, Error> {
    let gains = if let Command::ChangeRights(change) = command {
        gains_right(&change.what).map(|user| (change.account, user))
    } else if let Command::ChangePeople(change) = command {
        gains_sight(&change.what).map(|user| (change.account, user))
    } else {
        None
    };
    let Some((account, user)) = gains else { return Ok(Beneficiary::Unread) };
    let is_asker = (account, user) == (asker.account, asker.user)
        || app.store().person_behind(account, user).await? == Some(asker.person);
    Ok(if is_asker { Beneficiary::Asker } else { Beneficiary::Other })
}

fn gains_right(edit: &RightsEdit) -> Option<ResourceId> {
    if let RightsEdit::Grant(spec) = edit { Some(spec.user) } else { None }
}

fn gains_sight(edit: &PeopleEdit) -> Option<ResourceId> {
    if let PeopleEdit::Edit(user, _) = edit { Some(*user) } else { None }
}

/// Applies a permitted change to what was read.
pub(in crate::app) async fn apply(
    app: &App,
    permit: Permit,
    change: &RightsChange,
    loaded: Loaded,
) -> Result<Step, Error> {
    let was = loaded.was();
    let (what, made, at) = match prepare(app, &permit, change, loaded).await? {
        Ready::Unchanged(made) => return Ok(Outcome::Rights(Box::new(made)).into()),
        Ready::Change(what, made, at) => (*what, made, at),
    };
    let mut activity = app.activity(&permit, change.account, at);
    activity.target = Some(made.id());
    activity.detail = Some(made.detail());
    activity.change = recorded::change(&change.what, &was, &made);
    match app.store().change_rights(rights::Change { what, activity }, permit).await {
        Ok(true) => Ok(Outcome::Rights(Box::new(made)).into()),
        // Moved: what was to keep the account an administrator has gone meanwhile.
        Ok(false) | Err(StoreError::Moved) => Ok(Step::Moved),
        Err(StoreError::Taken) => {
            Err(Error::Fields(vec![Wrong::NameTaken.of("name", made.name())]))
        }
        Err(error) => Err(error.into()),
    }
}

/// Checks a permitted change against what was read, and says what would be written.
async fn prepare(
    app: &App,
    permit: &Permit,
    change: &RightsChange,
    loaded: Loaded,
) -> Result<Ready, Error> {
    match (&change.what, loaded) {
        (RightsEdit::CreateBundle(spec), Loaded::Bundle(_, origin)) => {
            bundles::create(app, permit, change, (spec, origin)).await
        }
        (RightsEdit::EditBundle(_, edit), Loaded::Bundle(was, _)) => {
            bundles::edit(app, change, (edit, was)).await
        }
        (RightsEdit::DeleteBundle(_), Loaded::Bundle(was, _)) => {
            bundles::delete(app, change, was).await
        }
        (RightsEdit::CreateRole(spec), Loaded::Role(_, origin)) => {
            roles::create(app, permit, change, (spec, origin)).await
        }
        (RightsEdit::EditRole(_, edit), Loaded::Role(was, _)) => {
            roles::edit(app, change, (edit, was)).await
        }
        (RightsEdit::DeleteRole(_), Loaded::Role(was, _)) => roles::delete(app, change, was).await,
        (RightsEdit::Map(spec), Loaded::Gift(given)) => {
            mappings::create(app, permit, change, (spec, given)).await
        }
        (RightsEdit::EditMapping(_, edit), Loaded::Mapping(was)) => {
            mappings::edit(app, permit, change, (edit, was))
        }
        (RightsEdit::Unmap(_), Loaded::Mapping(was)) => mappings::end(app, change, was),
        (RightsEdit::Grant(spec), Loaded::Gift(given)) => {
            grants::give(app, permit, change, (spec, given)).await
        }
        (RightsEdit::EndGrant(_), Loaded::Grant(was)) => grants::end(app, change, was),
        // `load` gives each change what belongs to it.
        (
            RightsEdit::CreateBundle(_)
            | RightsEdit::EditBundle(..)
            | RightsEdit::DeleteBundle(_)
            | RightsEdit::CreateRole(_)
            | RightsEdit::EditRole(..)
            | RightsEdit::DeleteRole(_)
            | RightsEdit::Map(_)
            | RightsEdit::EditMapping(..)
            | RightsEdit::Unmap(_)
            | RightsEdit::Grant(_)
            | RightsEdit::EndGrant(_),
            _,
        ) => Err(no_such("source")),
    }
}

impl Ready {
    fn change(what: What, made: Made, at: Timestamp) -> Self {
        Self::Change(Box::new(what), made, at)
    }
}

impl Made {
    fn id(&self) -> Uuid {
        match self {
            Self::Bundle(it) => it.id.uuid(),
            Self::Role(it) => it.id.uuid(),
            Self::Mapping(it) => it.id.uuid(),
            Self::Grant(it) => it.id.uuid(),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Bundle(it) => &it.name,
            Self::Role(it) => &it.name,
            Self::Mapping(_) | Self::Grant(_) => "",
        }
    }

    /// What the record keeps of it: ids and keys, no personal values.
    fn detail(&self) -> Value {
        match self {
            Self::Bundle(it) => {
                json!({ "rights": it.rights.iter().map(RightKey::as_str).collect::<Vec<_>>() })
            }
            Self::Role(it) => {
                json!({ "bundles": it.bundles.iter().map(|id| id.uuid()).collect::<Vec<_>>() })
            }
            Self::Mapping(it) => json!({ "gives": it.gift.kind(), "place": it.place.kind() }),
            Self::Grant(it) => json!({ "user": it.user.uuid(), "gives": it.gift.kind() }),
        }
    }
}

/// The one text for whatever is not there, another account's included.
pub(in crate::app) fn no_such(what: &str) -> Error {
    Error::NotFound(format!("there is no such {what} in this account"))
}

/// Refuses if anything is wrong.
fn refuse(faults: Vec<Fault>) -> Result<(), Error> {
    if faults.is_empty() { Ok(()) } else { Err(Error::Fields(faults)) }
}

/// Who a permitted change is by, as rows name them.
fn by(permit: &Permit) -> By {
    let actor = permit.actor();
    By { kind: actor.kind().to_owned(), id: actor.id(), person: actor.person() }
}

/// The user who acts, if it is one.
fn author(permit: &Permit) -> Option<ResourceId> {
    match permit.actor() {
        Actor::User(signed_in) => Some(signed_in.user),
        Actor::ScimClient(_) | Actor::Platform | Actor::System => None,
    }
}
