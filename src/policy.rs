//! THE decision: who may do what. No other module decides; nothing is written or read without it.
//!
//! [`decide`] turns an [`Ask`] into a [`Permit`], which owns its command, so that no other command
//! can be applied with it; [`scope`] turns an actor into the [`Scope`] without which `store` reads
//! nothing. Both can be made only here. The rules are Cedar policies in `src/policy/core`; a refusal names
//! the rule that refused, in both languages.
//!
//! To add a command: its action in `actions`, its row in `tests/it/policy_matrix.rs`, and in
//! `schemas/policy.cedarschema` the action with the facts that it rests on and, as far as one fits, a group
//! that rules speak of already. A fact that is new goes into [`Facts`] and `questions`.
//!
//! To add a rule: a policy with `@id`, `@en`, `@fr` and `@control` in a file of `src/policy/core`. A `permit`
//! says who may, a `forbid` what nobody may, a `forbid` with `@missing` what is said when nothing permits. Of
//! several that refuse, the first in the order of `rules::CORE` and of the text is named: what is narrow
//! stands before what is wide. Give it a case in `src/policy/cases.toml`; a forbid that no test misses when it
//! is taken out fails `tests/it/policy_matrix/forbids.rs`.

mod actions;
mod administrators;
mod approvals;
mod cases;
mod permits;
mod questions;
mod rules;
mod scopes;
mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::actor::{Actor, SignedIn};
use crate::domain::command::Command;
use crate::domain::ids::{AccountId, ConnectionId, ResourceId};
use crate::domain::persons::support::Functions;
use crate::domain::rights::{Held, RightKey};
use crate::policy::actions::About;
use crate::policy::questions::Asked;

pub use self::administrators::{Administration, may_recover, may_take_administrators};
pub use self::approvals::{CONFLICTS, Signing};
pub use self::cases::{ALLOWED, Case, Given, Supposed, cases};
pub use self::questions::{Answer, Fact, KINDS, Known, Question, Value};
pub use self::rules::{Effect, Fault, Rule, Rules, Source};
pub use self::scopes::{
    account_scope, approval_scope, directory_scope, functions_scope, grants_scope,
    may_name_account, may_see_staff, member_scope, permissions_sight, record_scope, scope,
    sees_requests, sign_in_scope, staff_scope, staff_sight,
};
pub use self::support::grants::{Letting, may_sign};
pub use self::support::{Directors, Loosening, asks_for_functions};

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
    /// Who administers the account that the command is about.
    pub administration: Administration,
    /// What is known of letting a support user in, where that is what it is about.
    pub letting: Option<Letting>,
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

/// What a release of the catalogue raises (DECISIONS.md 18).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Raise {
    /// Not looked at before the decision.
    #[default]
    Unread,
    /// Nothing that is privileged.
    NothingPrivileged,
    /// Somebody may get something privileged by it.
    Privileged,
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

/// What is answered where nothing could be decided (M67): a fault of ours, never of whoever asks.
pub const POLICY_ERROR: Denial = Denial {
    rule: "policy-error",
    reason: "this could not be decided, so it is refused; the server's operator finds why in its log",
};

/// Decides. Pure: the same ask has the same answer.
pub fn decide(ask: Ask) -> Decision {
    let answer = match Rules::core() {
        Ok(rules) => answer(rules, &ask),
        Err(fault) => Answer::Failed(fault.to_string()),
    };
    match refusal(answer) {
        Some(denial) => Decision::Deny(denial),
        None => Decision::Allow(Permit { actor: ask.actor, command: ask.command }),
    }
}

/// What these rules answer to an ask: for tests and for people; it permits nothing.
pub fn answer<'a>(rules: &'a Rules, ask: &Ask) -> Answer<'a> {
    let (action, about) = actions::of(&ask.command, ask.facts.letting.is_some());
    let account = match about {
        About::Account(account) => Some(account),
        About::Directory | About::Installation => None,
    };
    let reach = match (&ask.actor, account) {
        (Actor::User(signed_in), Some(account)) => {
            reach_for(action, (signed_in, account), ask.facts.reach)
        }
        (Actor::User(_) | Actor::ScimClient(_) | Actor::Platform | Actor::System, _) => {
            ask.facts.reach
        }
    };
    let resource = match (about, &ask.actor) {
        (About::Account(account), _) => ("Account", account.uuid().to_string()),
        (About::Installation, _) => ("Installation", "this".to_owned()),
        // Where it was not read, the write's own statement finds it only within the actor's connection.
        (About::Directory, Actor::ScimClient(client)) => {
            let owner = ask.facts.target_owner.unwrap_or(client.connection);
            ("Connection", owner.uuid().to_string())
        }
        (About::Directory, Actor::User(_) | Actor::Platform | Actor::System) => {
            ("Connection", "none".to_owned())
        }
    };
    let asked = Asked {
        actor: &ask.actor,
        command: Some(&ask.command),
        facts: &ask.facts,
        reach,
        asker_is_recipient: false,
    };
    asked.answered_by(rules, action, (resource.0, &resource.1))
}

/// How far somebody reaches an account for an action: what was read, but where only the own account counts
/// a parent's people come no further than strangers.
pub fn reach_for(action: &str, (who, account): (&SignedIn, AccountId), read: Reach) -> Reach {
    if !actions::OWN_ONLY.contains(&action) {
        read
    } else if who.account == account {
        Reach::Own
    } else {
        Reach::Foreign
    }
}

/// The version of the rules, as decisions and requests name it: the SHA-256 of their texts and of their schema.
pub fn version() -> &'static str {
    Rules::core().map_or("", Rules::version)
}

/// Whether the rules can be used; a server whose rules cannot be does not start.
///
/// # Errors
/// What is wrong with them, with file and line.
pub fn check() -> Result<(), &'static Fault> {
    Rules::core().map(|_| ())
}

/// Whether a person is asked for rights by a command: then what they hold is a fact of its decision.
pub fn asks_for_rights(command: &Command) -> bool {
    sets_up_sign_in(command)
        || account_governed(command).is_some()
        || matches!(command, Command::IssueEnrolmentLink(_))
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

/// Whether a command sets up how an account's people sign in.
fn sets_up_sign_in(command: &Command) -> bool {
    match command {
        Command::AddSso(_) | Command::ChangeSso(_) | Command::RemoveSso(_) => true,
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
        | Command::ChangeSupport(_) => false,
    }
}

/// What an answer refuses; what could not be decided is refused, and somebody should look at it (M67).
fn refusal(answer: Answer<'static>) -> Option<Denial> {
    match answer {
        Answer::Allowed => None,
        Answer::Refused(rule) => Some(Denial { rule: &rule.id, reason: &rule.en }),
        Answer::Failed(error) => {
            tracing::error!(error, "policy.failed");
            metrics::counter!("policy_errors_total").increment(1);
            Some(POLICY_ERROR)
        }
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
