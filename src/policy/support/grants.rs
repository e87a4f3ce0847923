//! Who may have a support user let into a customer's account, who signs it, and who lets them out (W3, W6,
//! W8, W9, W11; POLICY.md M01 to M06, M30, M52, M69). Small pure rules over named facts.

use crate::domain::account::SupportMode;
use crate::domain::actor::{Actor, SignedIn};
use crate::domain::command::approvals::ApprovalEdit;
use crate::domain::ids::AccountId;
use crate::domain::persons::support::{Function, Functions, Lack};
use crate::domain::rights::approvals::Verdict;
use crate::policy::approvals::{SETTLED, against_vote};
use crate::policy::rights::{NOT_TO_ONESELF, NOT_YOURS, against_administering};
use crate::policy::{Denial, Facts, NOT_FRESH, Reach, Scope};

const ASKED_BY: Denial = Denial {
    rule: "support-asked-by",
    reason: "support users are added by the account's customer success manager, a customer success \
             director, whoever stands in for one, a professional services manager, or an administrator of \
             the account; ask one of them",
};
const SIGNED_BY: Denial = Denial {
    rule: "support-signed-by",
    reason: "signing for a support user takes the function csd, csd_delegate or psm among the \
             operator's staff, or the right `users.administer` in the account or its parent",
};
const DELEGATE_OF_REQUESTER: Denial = Denial {
    rule: "support-not-by-own-delegate",
    reason: "whoever stands in for the person who asked does not sign for them; ask somebody else",
};
const SIGNED_BY_CUSTOMER: Denial = Denial {
    rule: "support-customer-approval",
    reason: "this account lets nobody in without one of its administrators: one of them has to ask or \
             sign",
};
const CLOSED: Denial = Denial {
    rule: "support-closed",
    reason: "this account lets no support user in; its administrators can say otherwise",
};
const CUSTOMERS_ONLY: Denial = Denial {
    rule: "support-into-customers-accounts",
    reason: "support users are let into customers' accounts; the operator's own has users of its own",
};
const BUNDLE: Denial = Denial {
    rule: "support-bundle-administers",
    reason: "a support user is never given a right that is privileged or administers people or \
             workspaces; choose a bundle without one",
};
const NO_SIGNER: Denial = Denial {
    rule: "support-no-signer-exists",
    reason: "nobody could sign this: neither an administrator of the account nor a director, their \
             stand-in or a services manager who neither asks nor is let in; have one named first",
};
const ENDED_BY: Denial = Denial {
    rule: "support-ended-by",
    reason: "support users are let out by an administrator of the account, by themselves, or by a \
             customer success director, their stand-in, a professional services manager or the account's \
             customer success manager",
};
const SEEN_BY: Denial = Denial {
    rule: "support-seen-by",
    reason: "who is let into an account is for its administrators to see, and for support users",
};
/// What a support user lacks before they may be let in (W8, M69), each by a rule of its own.
const LACKS: [(Lack, Denial); 5] = [
    (
        Lack::Team,
        Denial {
            rule: "support-user-team",
            reason: "this support user works in none of the teams support, customer_success and \
                     services; have their group give one",
        },
    ),
    (
        Lack::SecondFactor,
        Denial {
            rule: "support-user-second-factor",
            reason: "this support user has no second factor; they enrol one first",
        },
    ),
    (
        Lack::BackgroundCheck,
        Denial {
            rule: "support-user-background-check",
            reason: "this support user has no background check on record; a director or a services \
                     manager notes it first",
        },
    ),
    (
        Lack::CurrentCheck,
        Denial {
            rule: "support-user-check-expired",
            reason: "this support user's background check is out of date; it is to be made again first",
        },
    ),
    (
        Lack::SsoLink,
        Denial {
            rule: "support-user-sso-link",
            reason: "this support user never signed in by SSO; they sign in once first",
        },
    ),
];

/// What is known of letting somebody in, of who asks, and of who is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that a rule reads")]
pub struct Letting {
    /// Whether the account is a customer's.
    pub is_customers: bool,
    /// Whom it lets in; of a request, the tighter of then and now.
    pub mode: SupportMode,
    /// Whether the asker is the account's customer success manager.
    pub is_own_csm: bool,
    /// Whether the asker is, or may be, the one to let in.
    pub is_target: bool,
    /// What the one to let in lacks.
    pub lacks: Vec<Lack>,
    /// Whether the bundle holds what no support user may.
    pub administers: bool,
    /// Of a request: whether an administrator asked.
    pub by_customer: bool,
    /// Of a vote: whether it would be an administrator's.
    pub as_customer: bool,
    /// Of a vote: whether it could be cast only in the place of whoever asked.
    pub is_own_delegate: bool,
}

impl Default for Letting {
    /// What was not read speaks against it.
    fn default() -> Self {
        Self {
            is_customers: false,
            mode: SupportMode::Closed,
            is_own_csm: false,
            is_target: true,
            lacks: vec![],
            administers: true,
            by_customer: false,
            as_customer: false,
            is_own_delegate: false,
        }
    }
}

/// The rule against a change that is about support access.
pub(in crate::policy) fn against(
    signed_in: &SignedIn,
    what: &ApprovalEdit,
    (facts, letting): (&Facts, &Letting),
) -> Option<Denial> {
    match what {
        ApprovalEdit::AskSupport(_) => against_ask(signed_in, facts, letting),
        ApprovalEdit::Vote(_, ballot) => {
            against_ballot(signed_in, ballot.verdict, (facts, letting))
        }
        ApprovalEdit::Cancel(_) => {
            let own = facts.signing.is_requester;
            against_asker(signed_in, facts, letting)
                .filter(|_| !own)
                .or((!facts.signing.waits).then_some(SETTLED))
        }
        ApprovalEdit::EndSupport(_) => against_end(signed_in, facts, letting),
        ApprovalEdit::Ask { .. } => Some(NOT_YOURS),
    }
}

/// Whether a mode keeps somebody from signing who is no administrator, where none asked (W11).
pub fn may_sign(mode: SupportMode, by_customer: bool, as_customer: bool) -> bool {
    match mode {
        SupportMode::TwoPerson => true,
        SupportMode::CustomerApproval => by_customer || as_customer,
        SupportMode::Closed => false,
    }
}

/// What one of staff may see of who is let into an account, or the rule that refuses; none if it is not one
/// of them who asks.
pub fn grants_scope(
    actor: &Actor,
    account: AccountId,
    functions: &Functions,
) -> Option<Result<Scope, Denial>> {
    match actor {
        Actor::User(signed_in) if signed_in.is_staff => {
            let works = !functions.held.is_empty() || !functions.teams.is_empty();
            Some(if works { Ok(Scope::Account(account)) } else { Err(SEEN_BY) })
        }
        Actor::User(_) | Actor::Platform | Actor::ScimClient(_) | Actor::System => None,
    }
}

/// Whether one of staff asks or signs for support users, and so sees what is asked of an account.
pub fn sees_requests(functions: &Functions, is_own_csm: bool) -> bool {
    leads(functions) || is_own_csm
}

/// W6, W9, W11, M52, M69, M32: first who asks, then whom for, then what.
fn against_ask(signed_in: &SignedIn, facts: &Facts, letting: &Letting) -> Option<Denial> {
    let lacks = || {
        let first = letting.lacks.first()?;
        LACKS.iter().find(|(lack, _)| lack == first).map(|(_, denial)| denial.clone())
    };
    against_asker(signed_in, facts, letting)
        .or((!letting.is_customers).then_some(CUSTOMERS_ONLY))
        .or(letting.is_target.then_some(NOT_TO_ONESELF))
        .or((letting.mode == SupportMode::Closed).then_some(CLOSED))
        .or(letting.administers.then_some(BUNDLE))
        .or_else(lacks)
        .or((!facts.signing.has_approver).then_some(NO_SIGNER))
        .or((signed_in.is_staff && !facts.is_fresh).then_some(NOT_FRESH))
}

/// W6: who asks.
fn against_asker(signed_in: &SignedIn, facts: &Facts, letting: &Letting) -> Option<Denial> {
    if signed_in.is_staff {
        return (!leads(&facts.functions) && !letting.is_own_csm).then_some(ASKED_BY);
    }
    against_administering(signed_in, facts.reach, &facts.held)
}

/// Who they are and what it is, as for all votes; then whether the account would have them sign.
fn against_ballot(
    signed_in: &SignedIn,
    verdict: Verdict,
    (facts, letting): (&Facts, &Letting),
) -> Option<Denial> {
    let foreign = facts.reach == Reach::Foreign && !signed_in.is_staff;
    let no_right = if letting.is_own_delegate { DELEGATE_OF_REQUESTER } else { SIGNED_BY };
    let let_in = || match verdict {
        // Refusing is never refused.
        Verdict::Deny => None,
        Verdict::Approve if letting.mode == SupportMode::Closed => Some(CLOSED),
        Verdict::Approve => {
            let may = may_sign(letting.mode, letting.by_customer, letting.as_customer);
            (!may).then_some(SIGNED_BY_CUSTOMER)
        }
    };
    foreign
        .then_some(SIGNED_BY)
        .or_else(|| against_vote(&facts.signing, no_right))
        .or_else(let_in)
        .or((!facts.is_fresh).then_some(NOT_FRESH))
}

/// W3: taking away waits for nobody, and for no second factor.
fn against_end(signed_in: &SignedIn, facts: &Facts, letting: &Letting) -> Option<Denial> {
    if signed_in.is_staff {
        let may = leads(&facts.functions) || letting.is_own_csm || letting.is_target;
        return (!may).then_some(ENDED_BY);
    }
    against_administering(signed_in, facts.reach, &facts.held)
}

fn leads(functions: &Functions) -> bool {
    [Function::Csd, Function::CsdDelegate, Function::Psm].into_iter().any(|it| functions.has(it))
}
