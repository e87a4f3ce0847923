//! Who may change what gives rights, who is a user, and the account itself.
//!
//! Administrators of an account or of its parent change bundles, roles, mappings, grants and people
//! (S1, S5). The operator's staff change account permissions and nothing of a customer's people (S6,
//! S8); what needs a second person comes with approvals.

use crate::domain::actor::{Actor, SignedIn};
use crate::domain::command::accounts::{AccountChange, AccountEdit};
use crate::domain::command::people::{PeopleChange, PeopleEdit};
use crate::domain::command::rights::{RightsChange, RightsEdit};
use crate::domain::ids::AccountId;
use crate::domain::rights::{Held, Right};
use crate::policy::{Asker, Beneficiary, Denial, Facts, Reach, Scope, against_link, support};

pub(super) const NOT_YOURS: Denial =
    Denial { rule: "own-account-only", reason: "this is another account than yours" };
const CUSTOMERS_OWN: Denial = Denial {
    rule: "two-planes",
    reason: "a customer's users, recipients and rights are the customer's alone; ask an \
             administrator of the account",
};
pub(super) const OPERATORS_OWN: Denial = Denial {
    rule: "operators-plane",
    reason: "account permissions, the state of an account and its parent are the operator's; ask \
             your contact there",
};
const ONLY_ADMINISTRATORS: Denial = Denial {
    rule: "administrators-only",
    reason: "this takes the right `users.administer` in this account or its parent",
};
const ONLY_RECIPIENT_ADMINISTRATORS: Denial = Denial {
    rule: "recipient-admins-only",
    reason: "this takes the right `recipients.administer` or `users.administer` in this account or \
             its parent",
};
const PROPERTIES_BY_ADMINISTRATORS: Denial = Denial {
    rule: "properties-by-administrators",
    reason: "properties filter what somebody sees: assigning them takes the right \
             `users.administer` in this account or its parent",
};
const ONLY_WORKSPACE_MANAGERS: Denial = Denial {
    rule: "workspace-admins-only",
    reason: "this takes the right `workspaces.manage` or `users.administer` in this account or its \
             parent",
};
const ONLY_READERS: Denial = Denial {
    rule: "activities-readers-only",
    reason: "this takes the right `activities.read` in this account, or `users.administer` in it or \
             its parent",
};
const BEYOND_AUTHOR: Denial = Denial {
    rule: "no-right-beyond-author",
    reason: "a bundle may not hold a right that its author does not hold; take it out, or ask an \
             administrator who holds it",
};
const NOT_FOR_RECIPIENTS: Denial = Denial {
    rule: "recipients-see-what-is-shared",
    reason: "a recipient sees what was shared with them, and nothing else of the account",
};
pub(super) const NOT_TO_ONESELF: Denial = Denial {
    rule: "no-self-assignment",
    reason: "nobody gives themselves rights; ask another administrator",
};
const OWN_LANGUAGE: Denial = Denial {
    rule: "own-language-only",
    reason: "everybody chooses the language that they are spoken to in themselves",
};
const MOVE_TAKES_TWO: Denial = Denial {
    rule: "move-takes-approvals",
    reason: "an account with users comes under a parent only with the consent of both, and \
             approvals do not exist yet; it can be taken out of one",
};

/// What an actor may see of an account's rights and people.
///
/// # Errors
/// The rule that refuses.
pub fn account_scope(
    actor: &Actor,
    account: AccountId,
    (reach, held): (Reach, &Held),
) -> Result<Scope, Denial> {
    match actor {
        Actor::User(signed_in) => match against_administering(signed_in, reach, held) {
            None => Ok(Scope::Account(account)),
            Some(denial) => Err(denial),
        },
        Actor::Platform => Ok(Scope::Account(account)),
        Actor::ScimClient(_) | Actor::System => Err(NOT_YOURS),
    }
}

/// Whether somebody signed in may learn that there is such an account: who is in it or in its parent, and
/// the operator's staff, who are told whom to ask (S8). To all others it is one that never was.
pub fn may_name_account(signed_in: &SignedIn, reach: Reach) -> bool {
    match reach {
        Reach::Own | Reach::Parent => true,
        Reach::Foreign => signed_in.is_staff,
    }
}

/// What an actor may see of an account that its users see: its recipients, workspaces, properties (S15).
///
/// # Errors
/// The rule that refuses.
pub fn member_scope(actor: &Actor, account: AccountId, asker: &Asker) -> Result<Scope, Denial> {
    match (actor, asker.reach) {
        // S3: a recipient sees what was shared with them.
        (Actor::User(_), Reach::Own) if asker.is_recipient => Err(NOT_FOR_RECIPIENTS),
        (Actor::User(_), Reach::Own) => Ok(Scope::Account(account)),
        (
            Actor::User(_) | Actor::Platform | Actor::ScimClient(_) | Actor::System,
            Reach::Own | Reach::Parent | Reach::Foreign,
        ) => account_scope(actor, account, (asker.reach, &asker.held)),
    }
}

/// What an actor may see of what is on record of an account (W7): whoever administers its users does, and in
/// the account itself also whoever holds the right to read activities and no more.
///
/// # Errors
/// The rule that refuses.
pub fn record_scope(
    actor: &Actor,
    account: AccountId,
    (reach, held): (Reach, &Held),
) -> Result<Scope, Denial> {
    let is_reader = reach == Reach::Own && held.has(Right::ActivitiesRead);
    match account_scope(actor, account, (reach, held)) {
        Ok(_) => Ok(Scope::Record(account)),
        Err(ONLY_ADMINISTRATORS) if is_reader => Ok(Scope::Record(account)),
        Err(ONLY_ADMINISTRATORS) => Err(ONLY_READERS),
        Err(denial) => Err(denial),
    }
}

pub(super) fn against_rights(
    signed_in: &SignedIn,
    change: &RightsChange,
    facts: &Facts,
) -> Option<Denial> {
    let against = against_administering(signed_in, facts.reach, &facts.held);
    against.or_else(|| match &change.what {
        RightsEdit::CreateBundle(_) | RightsEdit::EditBundle(..) => {
            (!facts.held.lacks(&facts.added).is_empty()).then_some(BEYOND_AUTHOR)
        }
        // What was not read may be anybody.
        RightsEdit::Grant(_) => (facts.beneficiary != Beneficiary::Other).then_some(NOT_TO_ONESELF),
        RightsEdit::DeleteBundle(_)
        | RightsEdit::CreateRole(_)
        | RightsEdit::EditRole(..)
        | RightsEdit::DeleteRole(_)
        | RightsEdit::Map(_)
        | RightsEdit::EditMapping(..)
        | RightsEdit::Unmap(_)
        | RightsEdit::EndGrant(_) => None,
    })
}

pub(super) fn against_people(
    signed_in: &SignedIn,
    change: &PeopleChange,
    facts: &Facts,
) -> Option<Denial> {
    if let PeopleEdit::ChooseLanguage(user, _) = &change.what {
        let is_own = (signed_in.account, signed_in.user) == (change.account, *user);
        return (!is_own).then_some(OWN_LANGUAGE);
    }
    let is_about_recipient = match &change.what {
        PeopleEdit::Create(spec) => spec.is_recipient,
        PeopleEdit::Edit(..) | PeopleEdit::Delete(_) | PeopleEdit::SendPasswordMail(_) => {
            facts.is_recipient
        }
        PeopleEdit::ChooseLanguage(..)
        | PeopleEdit::DefineProperty(_)
        | PeopleEdit::EditProperty(..)
        | PeopleEdit::RemoveProperty(_) => false,
    };
    let against = against_administering(signed_in, facts.reach, &facts.held);
    let against = match against {
        Some(ONLY_ADMINISTRATORS) if is_about_recipient => {
            if !facts.held.has(Right::RecipientsAdminister) {
                Some(ONLY_RECIPIENT_ADMINISTRATORS)
            } else if assigns_properties(&change.what) {
                Some(PROPERTIES_BY_ADMINISTRATORS)
            } else {
                None
            }
        }
        against => against,
    };
    // M58: what filters somebody's view is for others to say.
    against.or_else(|| match &change.what {
        PeopleEdit::Edit(..) => {
            let is_other = facts.beneficiary == Beneficiary::Other;
            (assigns_properties(&change.what) && !is_other).then_some(NOT_TO_ONESELF)
        }
        PeopleEdit::SendPasswordMail(_) => against_link(facts.target_comes),
        PeopleEdit::Create(_)
        | PeopleEdit::Delete(_)
        | PeopleEdit::ChooseLanguage(..)
        | PeopleEdit::DefineProperty(_)
        | PeopleEdit::EditProperty(..)
        | PeopleEdit::RemoveProperty(_) => None,
    })
}

/// S14: what filters somebody's view is an administrator's to say.
fn assigns_properties(edit: &PeopleEdit) -> bool {
    match edit {
        PeopleEdit::Create(spec) => !spec.properties.is_empty(),
        PeopleEdit::Edit(_, edit) => !edit.properties.is_empty(),
        PeopleEdit::Delete(_)
        | PeopleEdit::SendPasswordMail(_)
        | PeopleEdit::ChooseLanguage(..)
        | PeopleEdit::DefineProperty(_)
        | PeopleEdit::EditProperty(..)
        | PeopleEdit::RemoveProperty(_) => false,
    }
}

pub(super) fn against_account(
    signed_in: &SignedIn,
    change: &AccountChange,
    facts: &Facts,
) -> Option<Denial> {
    match &change.what {
        // Where an account stands is for the command line: it takes a look at contracts, not a click.
        AccountEdit::Move(_) | AccountEdit::SetState(_) => Some(OPERATORS_OWN),
        AccountEdit::SetPermission { .. } => support::against_permission(signed_in, facts),
        AccountEdit::SetSupportMode(_) => support::against_mode(signed_in, facts),
        AccountEdit::SetConflict { .. } => {
            against_administering(signed_in, facts.reach, &facts.held)
        }
        AccountEdit::CreateWorkspace(_)
        | AccountEdit::RenameWorkspace(..)
        | AccountEdit::CloseWorkspace(_) => {
            match against_administering(signed_in, facts.reach, &facts.held) {
                Some(ONLY_ADMINISTRATORS) => {
                    let may = facts.held.has(Right::WorkspacesManage);
                    (!may).then_some(ONLY_WORKSPACE_MANAGERS)
                }
                against => against,
            }
        }
    }
}

/// The platform team sees to where an account stands, not to who is in it.
pub(super) fn against_platform(change: &AccountChange, facts: &Facts) -> Option<Denial> {
    match &change.what {
        // Who comes under a parent is governed by its administrators from then on (M55).
        AccountEdit::Move(Some(_)) => facts.has_users.then_some(MOVE_TAKES_TWO),
        AccountEdit::Move(None) | AccountEdit::SetState(_) | AccountEdit::SetPermission { .. } => {
            None
        }
        AccountEdit::SetConflict { .. }
        | AccountEdit::SetSupportMode(_)
        | AccountEdit::CreateWorkspace(_)
        | AccountEdit::RenameWorkspace(..)
        | AccountEdit::CloseWorkspace(_) => Some(CUSTOMERS_OWN),
    }
}

/// S1: a parent's administrator works in its children, never the reverse, never sideways.
pub(super) fn against_administering(
    signed_in: &SignedIn,
    reach: Reach,
    held: &Held,
) -> Option<Denial> {
    match reach {
        Reach::Own | Reach::Parent if held.has(Right::UsersAdminister) => None,
        Reach::Own | Reach::Parent => Some(ONLY_ADMINISTRATORS),
        Reach::Foreign if signed_in.is_staff => Some(CUSTOMERS_OWN),
        Reach::Foreign => Some(NOT_YOURS),
    }
}
