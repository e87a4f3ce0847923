//! Who may ask for a second person, and who may be that person (PRODUCT.md W9, C5, C6; POLICY.md §2, §4).

use crate::domain::actor::SignedIn;
use crate::domain::command::approvals::{ApprovalChange, ApprovalEdit};
use crate::domain::ids::AccountId;
use crate::policy::rights::against_administering;
use crate::policy::{Denial, Facts, NOT_FRESH, Reach, Scope};

const NO_APPROVER_RIGHT: Denial = Denial {
    rule: "approver-right",
    reason: "signing takes the right `users.administer` in this account or its parent; where nobody \
             else has it, the function CSD among the operator's staff",
};
const REQUESTER: Denial = Denial {
    rule: "approver-not-requester",
    reason: "whoever asked, by whatever user or account of theirs, does not sign; ask another \
             administrator",
};
const BENEFICIARY: Denial = Denial {
    rule: "approver-not-beneficiary",
    reason: "whoever gains by a request does not sign it; ask another administrator",
};
const TOO_NEW: Denial = Denial {
    rule: "approver-right-too-new",
    reason: "the right to sign has to be older than the request; ask an administrator who had it before",
};
const COOLING_OFF: Denial = Denial {
    rule: "approver-cooling-off",
    reason: "who was given the right to sign signs after 24 hours at the earliest",
};
const MADE_BY_REQUESTER: Denial = Denial {
    rule: "approver-made-by-requester",
    reason: "a user made by whoever asked signs for them after 30 days at the earliest",
};
const SETTLED: Denial = Denial {
    rule: "request-settled",
    reason: "the request no longer waits: it was settled before",
};
const EXPIRED: Denial = Denial {
    rule: "request-expired",
    reason: "nobody signed the request in time; it has to be asked for anew",
};
const CHANGED: Denial = Denial {
    rule: "content-changed",
    reason: "this is not what the request says now; read it again, and sign what you see",
};
const VOTED: Denial =
    Denial { rule: "one-vote-per-person", reason: "you voted on this request already" };
const NO_APPROVER: Denial = Denial {
    rule: "no-approver-exists",
    reason: "nobody could sign this: give `users.administer` to another person first, who neither asks \
             nor gains, or have the operator name a CSD",
};

/// Rules that refuse because of what a request is, not of who asks: whoever knows it better asks again.
pub const CONFLICTS: [&str; 4] = [SETTLED.rule, EXPIRED.rule, CHANGED.rule, VOTED.rule];

/// What is known of a request and of whoever votes on it or asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that a rule reads")]
pub struct Signing {
    /// Whether the asker may sign in that account at all.
    pub is_approver: bool,
    /// Whether they are, or may be, whoever asked.
    pub is_requester: bool,
    /// Whether they gain by it, by any of their users.
    pub is_beneficiary: bool,
    /// Whether whoever asked made their user lately.
    pub is_made_by_requester: bool,
    /// Whether they may sign since after it was asked.
    pub is_newer: bool,
    /// Whether they may sign since a short time only.
    pub is_cooling_off: bool,
    /// Whether the request waits.
    pub waits: bool,
    /// Whether its time is over.
    pub is_late: bool,
    /// Whether they saw what it says.
    pub is_seen: bool,
    /// Whether they voted before.
    pub has_voted: bool,
    /// Of what is asked for: whether somebody could sign it.
    pub has_approver: bool,
}

pub(super) fn against_approval(
    signed_in: &SignedIn,
    change: &ApprovalChange,
    facts: &Facts,
) -> Option<Denial> {
    let administers = || against_administering(signed_in, facts.reach, &facts.held);
    match &change.what {
        ApprovalEdit::Ask { .. } => {
            administers().or((!facts.signing.has_approver).then_some(NO_APPROVER))
        }
        ApprovalEdit::Cancel(_) => administers().or((!facts.signing.waits).then_some(SETTLED)),
        ApprovalEdit::Vote(..) => {
            // Who has no place there learns nothing of it.
            let foreign = facts.reach == Reach::Foreign && !signed_in.is_staff;
            let against = foreign.then_some(NO_APPROVER_RIGHT);
            against
                .or_else(|| against_vote(&facts.signing))
                .or((!facts.is_fresh).then_some(NOT_FRESH))
        }
    }
}

/// First who they are, then what it is, so that nobody reads a page again in vain.
fn against_vote(signing: &Signing) -> Option<Denial> {
    [
        (signing.is_requester, REQUESTER),
        (signing.is_beneficiary, BENEFICIARY),
        (!signing.is_approver, NO_APPROVER_RIGHT),
        (signing.is_made_by_requester, MADE_BY_REQUESTER),
        (signing.has_voted, VOTED),
        (!signing.waits, SETTLED),
        (signing.is_late, EXPIRED),
        (signing.is_newer, TOO_NEW),
        (signing.is_cooling_off, COOLING_OFF),
        (!signing.is_seen, CHANGED),
    ]
    .into_iter()
    .find_map(|(refuses, denial)| refuses.then_some(denial))
}

/// What one of the operator's staff sees of an account's requests by being able to sign there: all of them.
/// Who could not, sees what administering the account lets them see.
pub fn approval_scope(account: AccountId, is_approver: bool) -> Option<Scope> {
    is_approver.then_some(Scope::Account(account))
}
