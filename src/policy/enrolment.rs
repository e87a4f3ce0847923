//! Who gives the operator's staff links to enrol their first second factor, and sees who they are (M70).

use crate::domain::actor::SignedIn;
use crate::domain::command::IssueEnrolmentLink;
use crate::domain::rights::{Held, Right};
use crate::policy::{Denial, Enrollee, Facts, NOT_FRESH, NOT_OWN_ACCOUNT, Scope};

pub(super) const ONLY_BY_APPROVERS: Denial = Denial {
    rule: "enrolment-by-approvers",
    reason: "links to enrol a second factor are made by approvers who are signed in; the first two \
             get theirs from `countersign bootstrap`",
};
const ONLY_FOR_STAFF: Denial = Denial {
    rule: "enrolment-for-staff",
    reason: "links to enrol a second factor are for the operator's staff; everybody else enrols \
             theirs after their sign-in",
};
const NO_USERS_ADMINISTER: Denial = Denial {
    rule: "users-administer-right",
    reason: "this takes the right `users.administer` in the operator's account",
};
const NOT_FOR_ONESELF: Denial = Denial {
    rule: "enrolment-not-own",
    reason: "nobody gives themselves a link to enrol a second factor; ask another approver",
};
const NOT_FOR_SUSPECTS: Denial = Denial {
    rule: "enrolment-two-people",
    reason: "this user and you may be one person (the same sign-in, externalId or e-mail address); \
             ask another approver",
};
const NO_RESET: Denial = Denial {
    rule: "reset-takes-approvals",
    reason: "this user has a second factor; a reset takes approvals, which do not exist yet",
};

/// What somebody signed in may see of the operator's staff and their second factors.
///
/// # Errors
/// The rule that refuses.
pub fn staff_scope(signed_in: &SignedIn, held: &Held, is_fresh: bool) -> Result<Scope, Denial> {
    let against = against_administering(signed_in, held);
    match against.or(if is_fresh { None } else { Some(NOT_FRESH) }) {
        None => Ok(Scope::Staff(signed_in.account)),
        Some(denial) => Err(denial),
    }
}

/// Whether somebody signed in gets there once they have shown their second factor: for a link to it.
pub fn may_see_staff(signed_in: &SignedIn, held: &Held) -> bool {
    against_administering(signed_in, held).is_none()
}

/// M70, DECISIONS.md 5 and 6: another of the operator's staff, who holds the right, lets somebody enrol
/// their first second factor.
pub(super) fn against_enrolment(
    signed_in: &SignedIn,
    issue: &IssueEnrolmentLink,
    facts: &Facts,
) -> Option<Denial> {
    if signed_in.account != issue.account {
        return Some(NOT_OWN_ACCOUNT);
    }
    let against = against_administering(signed_in, &facts.held);
    // What can never be comes before the factor, so that nobody shows one in vain.
    let against = against.or(match facts.enrollee {
        Enrollee::Unenrolled | Enrollee::Nobody => None,
        Enrollee::Enrolled => Some(NO_RESET),
        Enrollee::Asker => Some(NOT_FOR_ONESELF),
        // Who was not read may be anybody.
        Enrollee::Suspect | Enrollee::Unread => Some(NOT_FOR_SUSPECTS),
    });
    against.or(if facts.is_fresh { None } else { Some(NOT_FRESH) })
}

fn against_administering(signed_in: &SignedIn, held: &Held) -> Option<Denial> {
    if !signed_in.is_staff {
        Some(ONLY_FOR_STAFF)
    } else if held.has(Right::UsersAdminister) {
        None
    } else {
        Some(NO_USERS_ADMINISTER)
    }
}
