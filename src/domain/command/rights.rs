//! Changes of what gives rights: bundles, roles, group mappings, grants.

use uuid::Uuid;

use crate::domain::event::Event;
use crate::domain::ids::{AccountId, BundleId, GrantId, MappingId, RoleId};
use crate::domain::rights::bundles::{BundleEdit, BundleSpec, RoleEdit, RoleSpec};
use crate::domain::rights::sources::{GrantSpec, MappingEdit, MappingSpec};

/// A change in one account.
#[derive(Debug, Clone)]
pub struct RightsChange {
    /// The account.
    pub account: AccountId,
    /// What is to change.
    pub what: RightsEdit,
    /// The `If-Match` header, if there was one.
    pub if_match: Option<String>,
}

/// What is to change.
#[derive(Debug, Clone)]
pub enum RightsEdit {
    /// Make a bundle.
    CreateBundle(BundleSpec),
    /// Change one of the account's own.
    EditBundle(BundleId, BundleEdit),
    /// Take away one of the account's own.
    DeleteBundle(BundleId),
    /// Make a role.
    CreateRole(RoleSpec),
    /// Change one of the account's own.
    EditRole(RoleId, RoleEdit),
    /// Take away one of the account's own.
    DeleteRole(RoleId),
    /// Have a group, or a pushed role, give something.
    Map(MappingSpec),
    /// Change a mapping: pause, resume, another period.
    EditMapping(MappingId, MappingEdit),
    /// Take a mapping away.
    Unmap(MappingId),
    /// Give something to one user.
    Grant(GrantSpec),
    /// Take a grant away.
    EndGrant(GrantId),
}

impl RightsEdit {
    /// The event that it causes.
    pub fn event(&self) -> Event {
        match self {
            Self::CreateBundle(_) => Event::BundleCreated,
            Self::EditBundle(..) => Event::BundleChanged,
            Self::DeleteBundle(_) => Event::BundleDeleted,
            Self::CreateRole(_) => Event::RoleCreated,
            Self::EditRole(..) => Event::RoleChanged,
            Self::DeleteRole(_) => Event::RoleDeleted,
            Self::Map(_) => Event::MappingCreated,
            Self::EditMapping(_, edit) => match edit.paused {
                Some(true) => Event::MappingPaused,
                Some(false) => Event::MappingResumed,
                None => Event::MappingChanged,
            },
            Self::Unmap(_) => Event::MappingDeleted,
            Self::Grant(_) => Event::GrantGiven,
            Self::EndGrant(_) => Event::GrantEnded,
        }
    }

    /// The id of what it is about, if it exists already.
    pub fn target(&self) -> Option<Uuid> {
        match self {
            Self::CreateBundle(_) | Self::CreateRole(_) | Self::Map(_) | Self::Grant(_) => None,
            Self::EditBundle(id, _) | Self::DeleteBundle(id) => Some(id.uuid()),
            Self::EditRole(id, _) | Self::DeleteRole(id) => Some(id.uuid()),
            Self::EditMapping(id, _) | Self::Unmap(id) => Some(id.uuid()),
            Self::EndGrant(id) => Some(id.uuid()),
        }
    }
}
