//! What the rules on who administers an account rest on: an account keeps an administrator (S4, M59), and gets
//! one again, by the administrators of its parent as ever, or by two of the operator's staff. The rules are
//! `src/policy/core/administrators.cedar`.

use crate::domain::command::Command;
use crate::domain::command::accounts::AccountEdit;
use crate::domain::command::approvals::ApprovalEdit;
use crate::domain::command::people::PeopleEdit;
use crate::domain::command::rights::RightsEdit;
use crate::domain::rights::Right;
use crate::domain::rights::sources::{Gift, Place};

/// What is known of who administers the account that a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Administration {
    /// Whether nobody does: none of its users, and none of its parent's.
    pub is_lost: bool,
    /// Whether whoever asks is the account's customer success manager.
    pub is_csm: bool,
    /// Whether the command would leave nobody who does.
    pub leaves_none: bool,
}

/// Whether a command may take an administrator from an account; what only gives may, where the catalogue
/// keeps another right apart from that to administer.
pub fn may_take_administrators(command: &Command, keeps_apart: bool) -> bool {
    if let Command::ChangePeople(change) = command {
        return match &change.what {
            PeopleEdit::Delete(_) => true,
            PeopleEdit::Edit(_, edit) => edit.active == Some(false),
            PeopleEdit::Create(_)
            | PeopleEdit::SendPasswordMail(_)
            | PeopleEdit::ChooseLanguage(..)
            | PeopleEdit::DefineProperty(_)
            | PeopleEdit::EditProperty(..)
            | PeopleEdit::RemoveProperty(_) => false,
        };
    }
    if let Command::ChangeRights(change) = command {
        return match &change.what {
            RightsEdit::EditBundle(..)
            | RightsEdit::EditRole(..)
            | RightsEdit::EditMapping(..)
            | RightsEdit::Unmap(_)
            | RightsEdit::EndGrant(_) => true,
            RightsEdit::Map(_) | RightsEdit::Grant(_) => keeps_apart,
            RightsEdit::CreateBundle(_)
            | RightsEdit::DeleteBundle(_)
            | RightsEdit::CreateRole(_)
            | RightsEdit::DeleteRole(_) => false,
        };
    }
    if let Command::ChangeAccount(change) = command {
        return match &change.what {
            AccountEdit::SetPermission { is_on, .. } => !is_on,
            AccountEdit::SetConflict { is_on, lost, .. } => {
                *is_on && lost.as_str() == Right::UsersAdminister.as_str()
            }
            AccountEdit::Move(_)
            | AccountEdit::SetState(_)
            | AccountEdit::SetSupportMode(_)
            | AccountEdit::CreateWorkspace(_)
            | AccountEdit::RenameWorkspace(..)
            | AccountEdit::CloseWorkspace(_) => false,
        };
    }
    false
}

/// Whether a command is one by which the operator's staff give an account an administrator again.
pub fn may_recover(command: &Command) -> bool {
    if let Command::ChangeApproval(change) = command {
        return matches!(change.what, ApprovalEdit::Ask { .. });
    }
    let Command::ChangeRights(change) = command else { return false };
    let RightsEdit::Grant(spec) = &change.what else { return false };
    let Gift::Right(key) = &spec.gift else { return false };
    key.as_str() == Right::UsersAdminister.as_str() && spec.place == Place::Account
}
