//! Changes of who the operator's support users are: functions, stand-ins, background checks.

use uuid::Uuid;

use crate::domain::event::Event;
use crate::domain::ids::{AccountId, DelegationId, ResourceId, SupportFunctionId};
use crate::domain::persons::support::{Check, DelegationSpec, FunctionSpec};

/// A change of the operator's support users.
#[derive(Debug, Clone)]
pub struct SupportChange {
    /// The operator's account.
    pub account: AccountId,
    /// What is to change.
    pub what: SupportEdit,
}

/// What is to change.
#[derive(Debug, Clone)]
pub enum SupportEdit {
    /// Have a group give its members a function or a team.
    GiveFunction(FunctionSpec),
    /// Have it give that no longer.
    EndFunction(SupportFunctionId),
    /// Have somebody stand in for whoever asks.
    Delegate(DelegationSpec),
    /// Have them stand in no longer.
    EndDelegation(DelegationId),
    /// Note that somebody's background was checked.
    NoteCheck(ResourceId, Check),
}

impl SupportEdit {
    /// The event that it causes.
    pub fn event(&self) -> Event {
        match self {
            Self::GiveFunction(_) => Event::SupportFunctionGiven,
            Self::EndFunction(_) => Event::SupportFunctionEnded,
            Self::Delegate(_) => Event::CsdDelegated,
            Self::EndDelegation(_) => Event::CsdDelegationEnded,
            Self::NoteCheck(..) => Event::BackgroundCheckNoted,
        }
    }

    /// The id of what it is about, if it exists already.
    pub fn target(&self) -> Option<Uuid> {
        match self {
            Self::GiveFunction(_) | Self::Delegate(_) => None,
            Self::EndFunction(id) => Some(id.uuid()),
            Self::EndDelegation(id) => Some(id.uuid()),
            Self::NoteCheck(user, _) => Some(user.uuid()),
        }
    }
}
