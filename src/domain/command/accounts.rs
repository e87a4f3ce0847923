//! Changes of an account itself: its place among others, its state, its workspaces and permissions.

use uuid::Uuid;

use crate::domain::account::{State, SupportMode};
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, WorkspaceId};
use crate::domain::rights::RightKey;

/// A change of one account.
#[derive(Debug, Clone)]
pub struct AccountChange {
    /// The account.
    pub account: AccountId,
    /// What is to change.
    pub what: AccountEdit,
    /// The `If-Match` header, if there was one.
    pub if_match: Option<String>,
}

/// What is to change.
#[derive(Debug, Clone)]
pub enum AccountEdit {
    /// Put it below a parent, or let it stand alone.
    Move(Option<AccountId>),
    /// Suspend it, close it, or take it into service again.
    SetState(State),
    /// Switch an account permission on or off (S6).
    SetPermission {
        /// Its key in the catalogue.
        permission: String,
        /// Whether it is on from now on.
        is_on: bool,
    },
    /// Have nobody hold both of a pair of rights that the catalogue names, or no longer.
    SetConflict {
        /// Whoever holds this one,
        held: RightKey,
        /// loses this one.
        lost: RightKey,
        /// Whether the rule is on from now on.
        is_on: bool,
    },
    /// Say whom the account lets in to support it (W11).
    SetSupportMode(SupportMode),
    /// Make a workspace of that name (W10).
    CreateWorkspace(String),
    /// Give one another name.
    RenameWorkspace(WorkspaceId, String),
    /// Close one: what is held in it is held no longer.
    CloseWorkspace(WorkspaceId),
}

impl AccountEdit {
    /// The event that it causes.
    pub fn event(&self) -> Event {
        match self {
            Self::Move(_) => Event::AccountMoved,
            Self::SetState(_) => Event::AccountStateChanged,
            Self::SetPermission { .. } => Event::PermissionChanged,
            Self::SetConflict { .. } => Event::ConflictChanged,
            Self::SetSupportMode(_) => Event::SupportModeChanged,
            Self::CreateWorkspace(_) => Event::WorkspaceCreated,
            Self::RenameWorkspace(..) => Event::WorkspaceRenamed,
            Self::CloseWorkspace(_) => Event::WorkspaceClosed,
        }
    }

    /// The id of what it is about, if that is not the account.
    pub fn target(&self) -> Option<Uuid> {
        match self {
            Self::RenameWorkspace(id, _) | Self::CloseWorkspace(id) => Some(id.uuid()),
            Self::Move(_)
            | Self::SetState(_)
            | Self::SetPermission { .. }
            | Self::SetConflict { .. }
            | Self::SetSupportMode(_)
            | Self::CreateWorkspace(_) => None,
        }
    }
}
