//! An account keeps an administrator (S4, M59), and gets one again: by the administrators of its parent as
//! ever, or, where it has neither, by two of the operator's staff, never one.

use crate::domain::actor::SignedIn;
use crate::domain::command::Command;
use crate::domain::command::accounts::AccountEdit;
use crate::domain::command::approvals::ApprovalEdit;
use crate::domain::command::people::PeopleEdit;
use crate::domain::command::rights::RightsEdit;
use crate::domain::persons::support::Function;
use crate::domain::rights::Right;
use crate::domain::rights::sources::{Gift, Place};
use crate::policy::approvals::NO_APPROVER;
use crate::policy::rights::{CUSTOMERS_OWN, NOT_TO_ONESELF};
use crate::policy::{Ask, Beneficiary, Denial, Facts, NOT_FRESH};

const LAST_ADMINISTRATOR: Denial = Denial {
    rule: "last-administrator",
    reason: "this would leave the account without an administrator; give `users.administer` to another \
             person first",
};
const RECOVERY_BY_TWO: Denial = Denial {
    rule: "recovery-by-two",
    reason: "an account that nobody administers is given an administrator by two of the operator's staff: \
             its customer success manager, a director or a professional services manager asks, and another \
             director or professional services manager signs; ask one of them",
};

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

/// What stands against a person's command, after what the other rules say.
pub(super) fn against(signed_in: &SignedIn, ask: &Ask, others: Option<Denial>) -> Option<Denial> {
    let (facts, is_customers) = (&ask.facts, others == Some(CUSTOMERS_OWN));
    if is_customers && facts.administration.is_lost && may_recover(&ask.command) {
        return against_recovery(signed_in, &ask.command, facts);
    }
    others.or(facts.administration.leaves_none.then_some(LAST_ADMINISTRATOR))
}

fn against_recovery(signed_in: &SignedIn, command: &Command, facts: &Facts) -> Option<Denial> {
    let has = |function| facts.functions.has(function);
    let may_ask = has(Function::Csd) || has(Function::Psm) || facts.administration.is_csm;
    if !signed_in.is_staff || !may_ask {
        return Some(RECOVERY_BY_TWO);
    }
    let against = if matches!(command, Command::ChangeApproval(_)) {
        (!facts.signing.has_approver).then_some(NO_APPROVER)
    } else {
        // What was not read may be anybody.
        (facts.beneficiary != Beneficiary::Other).then_some(NOT_TO_ONESELF)
    };
    against.or((!facts.is_fresh).then_some(NOT_FRESH))
}
