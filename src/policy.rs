//! THE decision: who may do what. No other module decides; nothing is written or read without it.
//!
//! [`decide`] turns an [`Ask`] into a [`Permit`], which owns its command, so that no other command
//! can be applied with it; [`scope`] turns an actor into the [`Scope`] without which `store` reads
//! nothing. Both can be made only here. Rules have ids; a refusal names its rule.
//!
//! To add a command, give it its line in [`rule_against`] and its row in `tests/it/policy_matrix.rs`.

mod approvals;
mod enrolment;
mod permits;
mod releases;
mod rights;
mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::actor::{Actor, ScimClient, SignedIn};
use crate::domain::command::Command;
use crate::domain::ids::{AccountId, ConnectionId, ResourceId};
use crate::domain::persons::support::Functions;
use crate::domain::rights::{Held, Right, RightKey};
use crate::domain::tokens::Access;

pub use self::approvals::{CONFLICTS, Signing, approval_scope};
pub use self::enrolment::{may_see_staff, staff_scope};
pub use self::releases::Raise;
pub use self::rights::{account_scope, may_name_account, member_scope, record_scope};
pub use self::support::{
    Directors, Loosening, asks_for_functions, directory_scope, functions_scope, permissions_sight,
    staff_sight,
};

/// What is asked: an actor wants a command done, given what is known.
#[derive(Debug)]
pub struct Ask {
    /// Who.
    pub actor: Actor,
    /// What.
    pub command: Arc<Command>,
    /// What the decision rests on.
    pub facts: Facts,
}

/// What a decision rests on, read before it and still true when the command is applied: the write
/// carries the stamps, and is decided again if they no longer match.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The connection that owns the target, where the target was read before the decision. Where it
    /// was not, the write's own statement finds the target only within the actor's connection.
    pub target_owner: Option<ConnectionId>,
    /// How the user comes in whom a link to choose a password is for.
    pub target_comes: Comes,
    /// What the person who asks holds, in the account that they are signed in to.
    pub held: Held,
    /// Whether that person showed a second factor within the last ten minutes.
    pub is_fresh: bool,
    /// Whom a link to enrol a second factor is for, seen by whoever asks.
    pub enrollee: Enrollee,
    /// What a release of the catalogue raises.
    pub raise: Raise,
    /// How far whoever asks reaches the account that the command is about.
    pub reach: Reach,
    /// Who gains by the command, seen by whoever asks.
    pub beneficiary: Beneficiary,
    /// The rights that a bundle would come to hold, beyond what it is a copy of and what it held.
    pub added: BTreeSet<RightKey>,
    /// Whether the user that the command is about is a recipient.
    pub is_recipient: bool,
    /// Whether the account that the command is about has users.
    pub has_users: bool,
    /// What is known of an approval request and of whoever asks or votes.
    pub signing: Signing,
    /// What whoever asks is among the operator's staff.
    pub functions: Functions,
    /// Whether there is somebody to make customers' accounts.
    pub directors: Directors,
    /// What a change does to whom an account lets in.
    pub loosening: Loosening,
}

/// How far a person reaches an account (PRODUCT.md S1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Not at all, or not read.
    #[default]
    Foreign,
    /// It is the account they are signed in to.
    Own,
    /// They are signed in to its parent.
    Parent,
}

/// Who asks to see something of an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asker {
    /// How far they reach it.
    pub reach: Reach,
    /// What they hold, in the account that they are signed in to.
    pub held: Held,
    /// Whether they are a recipient.
    pub is_recipient: bool,
}

/// Who gains by a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Beneficiary {
    /// Not read.
    #[default]
    Unread,
    /// Whoever asks, by this user or by another of the same person.
    Asker,
    /// Somebody else.
    Other,
}

/// Whom a link to enrol a second factor is for, seen by whoever asks (DECISIONS.md 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Enrollee {
    /// Not read before the decision.
    #[default]
    Unread,
    /// No active user of the account; nothing comes of it.
    Nobody,
    /// Whoever asks.
    Asker,
    /// A user who may be the same human.
    Suspect,
    /// Somebody else, who has a second factor.
    Enrolled,
    /// Somebody else, who has none.
    Unenrolled,
}

/// How a user comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Comes {
    /// Not read before the decision.
    #[default]
    Unread,
    /// By a password kept here, or not at all yet.
    ByPassword,
    /// By SSO.
    BySso,
    /// As the operator's staff.
    AsStaff,
}

/// The outcome of a decision.
#[derive(Debug)]
pub enum Decision {
    /// It may be done.
    Allow(Permit),
    /// It may not.
    Deny(Denial),
}

/// The right to apply one command, once. Made only by [`decide`].
#[derive(Debug)]
pub struct Permit {
    actor: Actor,
    command: Arc<Command>,
}

/// What an actor may see. Made only by [`scope`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The resources of one connection of one account.
    Connection(AccountId, ConnectionId),
    /// One user's own.
    Own(AccountId, ResourceId),
    /// How the people of one account sign in.
    SignIn(AccountId),
    /// Who the operator's staff are, and which of them have second factors.
    Staff(AccountId),
    /// One account's users, groups, and what gives them rights.
    Account(AccountId),
    /// What is on record of one account, with the names of who and what it speaks of.
    Record(AccountId),
    /// Accounts, connections and tokens, but no person's data.
    Operation,
}

/// The right of the server itself to write what no actor decides: deliveries taken from the outbox,
/// last uses of tokens, denials. Each use is listed in `tests/it/tidy.rs`.
#[derive(Debug)]
pub struct SystemPermit {
    purpose: &'static str,
}

/// A refusal, in words that may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The rule that refused.
    pub rule: &'static str,
    /// Why, and what would be right.
    pub reason: &'static str,
}

/// The rule by which a second factor must have been shown just now.
pub const FRESH_SECOND_FACTOR: &str = "fresh-second-factor";

const FOREIGN: Denial = Denial {
    rule: "scim-own-connection",
    reason: "the resource belongs to another provisioning connection",
};
const READ_ONLY: Denial = Denial {
    rule: "scim-read-only-token",
    reason: "this token may only read; use a token with write access",
};
const NOT_BY_SCIM: Denial = Denial {
    rule: "scim-directory-only",
    reason: "a provisioning token changes users and groups, nothing else",
};
const NOT_BY_USER: Denial = Denial {
    rule: "user-no-directory",
    reason: "users and groups come from the identity provider, accounts, tokens and keys from \
             the command line",
};
const NOT_BY_PLATFORM: Denial = Denial {
    rule: "platform-no-people",
    reason: "the command line makes accounts, tokens and keys; users and groups come from the \
             identity provider",
};
const STAFF_BY_SSO: Denial = Denial {
    rule: "staff-by-sso",
    reason: "the operator's staff sign in by SSO, never by a password",
};
const NO_PASSWORD_BESIDE_SSO: Denial = Denial {
    rule: "no-password-beside-sso",
    reason: "this user signs in by SSO; a forgotten password is for the identity provider to reset",
};
const NOT_OWN_ACCOUNT: Denial = Denial {
    rule: "own-account-only",
    reason: "this is another account than the one you are signed in to",
};
const NO_SSO_CONFIGURE: Denial = Denial {
    rule: "sso-configure-right",
    reason: "this takes the right `sso.configure` in this account",
};
const NOT_FRESH: Denial = Denial {
    rule: FRESH_SECOND_FACTOR,
    reason: "show your second factor again; it was more than ten minutes ago",
};
const NOT_BY_SYSTEM: Denial =
    Denial { rule: "system-no-commands", reason: "the server itself changes nothing of its own" };

/// The version of the rules, as decisions and requests name it.
pub fn version() -> &'static str {
    "core-1"
}

/// Decides. Pure: the same ask has the same answer.
pub fn decide(ask: Ask) -> Decision {
    match rule_against(&ask) {
        Some(denial) => Decision::Deny(denial),
        None => Decision::Allow(Permit { actor: ask.actor, command: ask.command }),
    }
}

/// What the actor may see.
pub fn scope(actor: &Actor) -> Scope {
    match actor {
        Actor::ScimClient(client) => Scope::Connection(client.account, client.connection),
        Actor::User(signed_in) => Scope::Own(signed_in.account, signed_in.user),
        Actor::Platform | Actor::System => Scope::Operation,
    }
}

/// Whether a person is asked for rights by a command: then what they hold is a fact of its decision.
pub fn asks_for_rights(command: &Command) -> bool {
    account_set_up(command).is_some()
        || account_governed(command).is_some()
        || matches!(command, Command::IssueEnrolmentLink(_))
}

/// What an actor may see of how an account's people sign in.
///
/// # Errors
/// The rule that refuses.
pub fn sign_in_scope(actor: &Actor, account: AccountId, held: &Held) -> Result<Scope, Denial> {
    match actor {
        Actor::Platform => Ok(Scope::Operation),
        Actor::User(signed_in) => match against_sight(signed_in, account, held) {
            None => Ok(Scope::SignIn(account)),
            Some(denial) => Err(denial),
        },
        Actor::ScimClient(_) => Err(NOT_BY_SCIM),
        Actor::System => Err(NOT_BY_SYSTEM),
    }
}

fn rule_against(ask: &Ask) -> Option<Denial> {
    match &ask.actor {
        Actor::ScimClient(client) => against_scim(client, ask),
        Actor::User(signed_in) => against_user(signed_in, ask),
        Actor::Platform => match *ask.command {
            Command::IssueToken(_)
            | Command::RevokeToken(_)
            | Command::AddSso(_)
            | Command::ChangeSso(_)
            | Command::RemoveSso(_)
            | Command::AddDomain(_)
            | Command::RemoveDomain(_)
            | Command::DemandFactor(_)
            | Command::UnlinkUser(_)
            | Command::RotateSigningKey(_)
            | Command::IssueProductKey(_)
            | Command::RevokeProductKey(_) => None,
            Command::CreateAccount(ref create) => {
                support::against_creation_by_platform(create, &ask.facts)
            }
            Command::ChangeSupport(_) => Some(support::SUPPORT_BY_STAFF),
            Command::SendLink(_) => against_link(ask.facts.target_comes),
            Command::IssueEnrolmentLink(_) => Some(enrolment::ONLY_BY_APPROVERS),
            Command::ActivateCatalogue(_) => releases::against(ask.facts.raise),
            Command::ChangeAccount(ref change) => rights::against_platform(change, &ask.facts),
            Command::ChangeRights(_)
            | Command::ChangePeople(_)
            | Command::ChangeApproval(_)
            | Command::Create(_)
            | Command::Replace(_)
            | Command::Patch(_)
            | Command::Delete(_) => Some(NOT_BY_PLATFORM),
        },
        Actor::System => Some(NOT_BY_SYSTEM),
    }
}

/// DECISIONS.md 5: whoever holds the right in the account that they are signed in to, the operator's
/// staff in their own included. In customers' accounts staff hold nothing until there are grants.
fn against_user(signed_in: &SignedIn, ask: &Ask) -> Option<Denial> {
    let (command, facts) = (&*ask.command, &ask.facts);
    if let Command::IssueEnrolmentLink(issue) = command {
        return enrolment::against_enrolment(signed_in, issue, facts);
    }
    if let Command::ChangeAccount(change) = command {
        return rights::against_account(signed_in, change, facts);
    }
    if let Command::ChangeRights(change) = command {
        return rights::against_rights(signed_in, change, facts);
    }
    if let Command::ChangeApproval(change) = command {
        return approvals::against_approval(signed_in, change, facts);
    }
    if let Command::ChangePeople(change) = command {
        return rights::against_people(signed_in, change, facts);
    }
    if let Command::ChangeSupport(change) = command {
        return support::against_support(signed_in, change, facts);
    }
    if let Command::CreateAccount(create) = command {
        return support::against_creation(signed_in, create, facts);
    }
    let Some(account) = account_set_up(&ask.command) else { return Some(NOT_BY_USER) };
    // The right first: who lacks it is not sent to show a factor in vain.
    let against = against_sight(signed_in, account, &ask.facts.held);
    against.or(if ask.facts.is_fresh { None } else { Some(NOT_FRESH) })
}

/// The account whose place, people or rights a command changes; none if it does something else.
pub fn account_governed(command: &Command) -> Option<AccountId> {
    match command {
        Command::ChangeAccount(change) => Some(change.account),
        Command::ChangeRights(change) => Some(change.account),
        Command::ChangePeople(change) => Some(change.account),
        Command::ChangeApproval(change) => Some(change.account),
        Command::Create(_)
        | Command::Replace(_)
        | Command::Patch(_)
        | Command::Delete(_)
        | Command::CreateAccount(_)
        | Command::IssueToken(_)
        | Command::RevokeToken(_)
        | Command::AddSso(_)
        | Command::ChangeSso(_)
        | Command::RemoveSso(_)
        | Command::AddDomain(_)
        | Command::RemoveDomain(_)
        | Command::DemandFactor(_)
        | Command::UnlinkUser(_)
        | Command::RotateSigningKey(_)
        | Command::IssueProductKey(_)
        | Command::RevokeProductKey(_)
        | Command::SendLink(_)
        | Command::IssueEnrolmentLink(_)
        | Command::ActivateCatalogue(_)
        | Command::ChangeSupport(_) => None,
    }
}

/// The account whose sign-in a command sets up; none if it does something else.
fn account_set_up(command: &Command) -> Option<AccountId> {
    match command {
        Command::AddSso(add) => Some(add.account),
        Command::ChangeSso(change) => Some(change.account),
        Command::RemoveSso(remove) => Some(remove.account),
        Command::Create(_)
        | Command::Replace(_)
        | Command::Patch(_)
        | Command::Delete(_)
        | Command::CreateAccount(_)
        | Command::IssueToken(_)
        | Command::RevokeToken(_)
        | Command::AddDomain(_)
        | Command::RemoveDomain(_)
        | Command::DemandFactor(_)
        | Command::UnlinkUser(_)
        | Command::RotateSigningKey(_)
        | Command::IssueProductKey(_)
        | Command::RevokeProductKey(_)
        | Command::SendLink(_)
        | Command::IssueEnrolmentLink(_)
        | Command::ActivateCatalogue(_)
        | Command::ChangeAccount(_)
        | Command::ChangeRights(_)
        | Command::ChangePeople(_)
        | Command::ChangeApproval(_)
        | Command::ChangeSupport(_) => None,
    }
}

fn against_sight(signed_in: &SignedIn, account: AccountId, held: &Held) -> Option<Denial> {
    if signed_in.account != account {
        Some(NOT_OWN_ACCOUNT)
    } else if held.has(Right::SsoConfigure) {
        None
    } else {
        Some(NO_SSO_CONFIGURE)
    }
}

/// Whoever sends a link never sees it, nor chooses the password (SECURITY.md §8).
fn against_link(target: Comes) -> Option<Denial> {
    match target {
        Comes::ByPassword => None,
        // What was not read is refused.
        Comes::BySso | Comes::Unread => Some(NO_PASSWORD_BESIDE_SSO),
        Comes::AsStaff => Some(STAFF_BY_SSO),
    }
}

fn against_scim(client: &ScimClient, ask: &Ask) -> Option<Denial> {
    match *ask.command {
        Command::CreateAccount(_)
        | Command::IssueToken(_)
        | Command::RevokeToken(_)
        | Command::AddSso(_)
        | Command::ChangeSso(_)
        | Command::RemoveSso(_)
        | Command::AddDomain(_)
        | Command::RemoveDomain(_)
        | Command::DemandFactor(_)
        | Command::UnlinkUser(_)
        | Command::RotateSigningKey(_)
        | Command::IssueProductKey(_)
        | Command::RevokeProductKey(_)
        | Command::SendLink(_)
        | Command::IssueEnrolmentLink(_)
        | Command::ActivateCatalogue(_)
        | Command::ChangeAccount(_)
        | Command::ChangeRights(_)
        | Command::ChangePeople(_)
        | Command::ChangeApproval(_)
        | Command::ChangeSupport(_) => return Some(NOT_BY_SCIM),
        Command::Create(_) | Command::Replace(_) | Command::Patch(_) | Command::Delete(_) => {}
    }
    if client.access == Access::Read {
        return Some(READ_ONLY);
    }
    match ask.facts.target_owner {
        Some(owner) if owner != client.connection => Some(FOREIGN),
        Some(_) | None => None,
    }
}

impl SystemPermit {
    /// The permit, for the named purpose.
    pub(crate) fn for_the(purpose: &'static str) -> Self {
        Self { purpose }
    }

    /// What it is for.
    pub(crate) fn purpose(&self) -> &'static str {
        self.purpose
    }
}
