//! Who supports customers, and what the operator's staff do on their own plane: functions and teams,
//! stand-ins, background checks, accounts, account permissions, whom an account lets in (W1, W4, W5, W8,
//! W11, S6, S8).

use crate::domain::account::Kind;
use crate::domain::actor::{Actor, SignedIn};
use crate::domain::command::support::{SupportChange, SupportEdit};
use crate::domain::command::{Command, CreateAccount};
use crate::domain::ids::AccountId;
use crate::domain::persons::support::{Function, Functions, Team};
use crate::policy::rights::{NOT_TO_ONESELF, NOT_YOURS, OPERATORS_OWN, against_administering};
use crate::policy::{Asker, Beneficiary, Denial, Facts, NOT_BY_PLATFORM, NOT_FRESH, Scope};

pub(super) const SUPPORT_BY_STAFF: Denial = Denial {
    rule: "support-by-staff",
    reason: "functions, stand-ins and background checks are for the operator's staff who are signed in \
             to say; ask your contact there",
};
const FUNCTIONS_BY_DIRECTORS: Denial = Denial {
    rule: "functions-by-csd",
    reason: "what a group makes of the staff in it is said by a customer success director; ask one",
};
const DELEGATIONS_BY_DIRECTORS: Denial = Denial {
    rule: "delegations-by-csd",
    reason: "only a customer success director has somebody stand in for them; ask one",
};
const DELEGATES_DO_NOT_DELEGATE: Denial = Denial {
    rule: "delegates-do-not-delegate",
    reason: "whoever stands in for a director has nobody stand in for themselves; ask the director",
};
const CHECKS_BY_DIRECTORS: Denial = Denial {
    rule: "checks-by-csd-or-psm",
    reason: "background checks are noted by a customer success director or a professional services \
             manager; ask one",
};
const PERMISSIONS_BY_TEAMS: Denial = Denial {
    rule: "permissions-by-teams",
    reason: "account permissions are changed by staff of the support and services teams; ask one of \
             them",
};
const ACCOUNTS_BY_DIRECTORS: Denial = Denial {
    rule: "accounts-by-csd",
    reason: "accounts of customers are made by a customer success director, or by whoever stands in \
             for one, signed in to the operator's account; the command line makes them only until \
             there is an active one",
};
const OPERATOR_BY_COMMAND_LINE: Denial = Denial {
    rule: "operator-by-command-line",
    reason: "the operator's own account is made by the command line, once",
};
const MODE_TAKES_TWO: Denial = Denial {
    rule: "support-mode-takes-two",
    reason: "letting in more takes two people, and approvals of it do not exist yet; letting in less \
             is done at once",
};

/// Whether there is an active director, who makes the customers' accounts (W1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Directors {
    /// Not read before the decision.
    #[default]
    Unread,
    /// There is none.
    None,
    /// There is one.
    Active,
}

/// What a change does to whom an account lets in (W11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Loosening {
    /// Not read before the decision.
    #[default]
    Unread,
    /// It lets in nobody more.
    No,
    /// It lets in more.
    Yes,
}

/// Whether somebody of staff is asked by a command what they are: then that is a fact of its decision.
pub fn asks_for_functions(command: &Command) -> bool {
    matches!(
        command,
        Command::CreateAccount(_) | Command::ChangeSupport(_) | Command::ChangeAccount(_)
    )
}

/// What somebody may see of the directory of support users (W4): an account's administrators and those of
/// its parent, and staff.
///
/// # Errors
/// The rule that refuses.
pub fn directory_scope(actor: &Actor, asker: &Asker, operator: AccountId) -> Result<Scope, Denial> {
    match actor {
        Actor::User(signed_in) if signed_in.is_staff => Ok(Scope::Staff(signed_in.account)),
        Actor::User(signed_in) => {
            match against_administering(signed_in, asker.reach, &asker.held) {
                None => Ok(Scope::Staff(operator)),
                Some(denial) => Err(denial),
            }
        }
        Actor::Platform => Ok(Scope::Staff(operator)),
        Actor::ScimClient(_) | Actor::System => Err(NOT_YOURS),
    }
}

/// What somebody may see of how functions are given, and who stands in for whom: staff do.
///
/// # Errors
/// The rule that refuses.
pub fn functions_scope(actor: &Actor) -> Result<Scope, Denial> {
    match actor {
        Actor::User(signed_in) if signed_in.is_staff => Ok(Scope::Staff(signed_in.account)),
        Actor::User(_) | Actor::Platform | Actor::ScimClient(_) | Actor::System => {
            Err(SUPPORT_BY_STAFF)
        }
    }
}

/// What staff may see of an account, none of it a person's: whom it lets in, who looks after it. None if
/// it is not one of the staff who asks.
pub fn staff_sight(actor: &Actor, account: AccountId) -> Option<Scope> {
    match actor {
        Actor::User(signed_in) if signed_in.is_staff => Some(Scope::Account(account)),
        Actor::User(_) | Actor::Platform | Actor::ScimClient(_) | Actor::System => None,
    }
}

/// S6: who changes account permissions sees them.
pub fn permissions_sight(
    actor: &Actor,
    account: AccountId,
    functions: &Functions,
) -> Option<Scope> {
    staff_sight(actor, account).filter(|_| sets_permissions(functions))
}

/// W1, M57: a director, or whoever stands in for one, makes a customer's account, and is not in its team.
pub(super) fn against_creation(
    signed_in: &SignedIn,
    create: &CreateAccount,
    facts: &Facts,
) -> Option<Denial> {
    let functions = &facts.functions;
    let is_director = functions.has(Function::Csd) || functions.has(Function::CsdDelegate);
    if !signed_in.is_staff || !is_director {
        return Some(ACCOUNTS_BY_DIRECTORS);
    }
    if create.kind == Kind::Operator {
        return Some(OPERATOR_BY_COMMAND_LINE);
    }
    against_gain(facts).or(against_staleness(facts))
}

/// W1: the command line makes the operator's account, and customers' until there is a director.
pub(super) fn against_creation_by_platform(
    create: &CreateAccount,
    facts: &Facts,
) -> Option<Denial> {
    // It adds nobody to anything.
    if create.team.is_some() {
        return Some(NOT_BY_PLATFORM);
    }
    match (create.kind, facts.directors) {
        (Kind::Operator, _) | (Kind::Standard | Kind::Parent | Kind::Child, Directors::None) => {
            None
        }
        // What was not read is refused.
        (Kind::Standard | Kind::Parent | Kind::Child, Directors::Active | Directors::Unread) => {
            Some(ACCOUNTS_BY_DIRECTORS)
        }
    }
}

/// What the operator's staff say of each other.
pub(super) fn against_support(
    signed_in: &SignedIn,
    change: &SupportChange,
    facts: &Facts,
) -> Option<Denial> {
    if !signed_in.is_staff || signed_in.account != change.account {
        return Some(SUPPORT_BY_STAFF);
    }
    let functions = &facts.functions;
    let is_director = functions.has(Function::Csd);
    match &change.what {
        SupportEdit::GiveFunction(_) => (!is_director)
            .then_some(FUNCTIONS_BY_DIRECTORS)
            .or(against_gain(facts))
            .or(against_staleness(facts)),
        SupportEdit::EndFunction(_) => {
            (!is_director).then_some(FUNCTIONS_BY_DIRECTORS).or(against_staleness(facts))
        }
        // M30: one deep.
        SupportEdit::Delegate(_) if !is_director && functions.has(Function::CsdDelegate) => {
            Some(DELEGATES_DO_NOT_DELEGATE)
        }
        SupportEdit::Delegate(_) => (!is_director)
            .then_some(DELEGATIONS_BY_DIRECTORS)
            .or(against_gain(facts))
            .or(against_staleness(facts)),
        // Taking away never waits: any director ends it, and who stands in does.
        SupportEdit::EndDelegation(_) => {
            let may = is_director || facts.beneficiary == Beneficiary::Asker;
            (!may).then_some(DELEGATIONS_BY_DIRECTORS)
        }
        SupportEdit::NoteCheck(..) => (!is_director && !functions.has(Function::Psm))
            .then_some(CHECKS_BY_DIRECTORS)
            .or(against_gain(facts))
            .or(against_staleness(facts)),
    }
}

/// S6, M53: staff of two teams, and never the customer.
pub(super) fn against_permission(signed_in: &SignedIn, facts: &Facts) -> Option<Denial> {
    if !signed_in.is_staff {
        return Some(OPERATORS_OWN);
    }
    (!sets_permissions(&facts.functions))
        .then_some(PERMISSIONS_BY_TEAMS)
        .or(against_staleness(facts))
}

/// W11: its administrators say whom an account lets in; one of them lets in less, alone and at once.
pub(super) fn against_mode(signed_in: &SignedIn, facts: &Facts) -> Option<Denial> {
    let against = against_administering(signed_in, facts.reach, &facts.held);
    against.or(match facts.loosening {
        Loosening::No => None,
        // What was not read may let in more.
        Loosening::Yes | Loosening::Unread => Some(MODE_TAKES_TWO),
    })
}

fn sets_permissions(functions: &Functions) -> bool {
    functions.is_in(Team::Support) || functions.is_in(Team::Services)
}

/// M57: what was not read may be for whoever asks.
fn against_gain(facts: &Facts) -> Option<Denial> {
    (facts.beneficiary != Beneficiary::Other).then_some(NOT_TO_ONESELF)
}

fn against_staleness(facts: &Facts) -> Option<Denial> {
    (!facts.is_fresh).then_some(NOT_FRESH)
}
