//! What the rules are asked: who acts, what is to be done, to what, and by which facts.
//!
//! To add a fact: a variant of [`Fact`] with its name, its value in [`Asked`], and the attribute in the
//! contexts of `schemas/policy.cedarschema` whose decisions rest on it.

mod facts;

use std::borrow::Cow;
use std::fmt;

use uuid::Uuid;

use crate::domain::account::Kind;
use crate::domain::actor::Actor;
use crate::domain::command::approvals::ApprovalEdit;
use crate::domain::command::people::PeopleEdit;
use crate::domain::command::{Command, CreateAccount};
use crate::domain::rights::RightKey;
use crate::domain::rights::approvals::Verdict;
use crate::domain::tokens::Access;
use crate::policy::administrators::may_recover;
use crate::policy::rules::{Rule, Rules};
use crate::policy::support::grants::Letting;
use crate::policy::{Beneficiary, Comes, Enrollee, Facts, Raise, Reach};

pub use self::facts::Fact;

/// Kinds of actors, as the schema calls them.
pub const KINDS: [&str; 4] = ["User", "ScimClient", "Platform", "System"];

/// The schema's other types.
pub(super) const TYPES: [&str; 15] = [
    "Action",
    "Account",
    "Connection",
    "Installation",
    "Access",
    "Reach",
    "Comes",
    "Raise",
    "AccountKind",
    "Beneficiary",
    "Directors",
    "Enrollee",
    "Loosening",
    "SupportMode",
    "Verdict",
];

/// Of letting somebody in, where nothing was read.
static UNREAD: Letting = Letting::UNREAD;

/// A question to the rules. Things are named by their type and id.
#[derive(Debug)]
pub struct Question<'a> {
    /// Who acts.
    pub actor: (&'a str, &'a str),
    /// What is to be done.
    pub action: &'a str,
    /// To what.
    pub resource: (&'a str, &'a str),
    /// The facts.
    pub known: &'a dyn Known,
}

/// Where facts come from.
pub trait Known: fmt::Debug {
    /// A fact; none if it is not known, and then nothing is permitted that asks for it.
    fn fact(&self, fact: Fact) -> Option<Value<'_>>;
}

/// A fact's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// Whether something is so.
    Truth(bool),
    /// One of the schema's words, or an id.
    Word(Cow<'a, str>),
    /// Any words.
    Words(Vec<&'a str>),
}

/// What the rules answer.
#[derive(Debug)]
pub enum Answer<'a> {
    /// It may be done.
    Allowed,
    /// It may not, by this rule.
    Refused(&'a Rule),
    /// It may not, since it could not be decided.
    Failed(String),
}

/// What is known when somebody asks for a command, or to see something.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    /// Who.
    pub(super) actor: &'a Actor,
    /// The command, if it is one.
    pub(super) command: Option<&'a Command>,
    /// What was read before.
    pub(super) facts: &'a Facts,
    /// How far they reach what it is about.
    pub(super) reach: Reach,
    /// Whether whoever asks is a recipient.
    pub(super) asker_is_recipient: bool,
}

impl Known for Asked<'_> {
    fn fact(&self, fact: Fact) -> Option<Value<'_>> {
        Some(match fact {
            Fact::Access => Value::word(match self.actor {
                Actor::ScimClient(client) => match client.access {
                    Access::Read => "read",
                    Access::Write => "write",
                },
                Actor::User(_) | Actor::Platform | Actor::System => "none",
            }),
            Fact::Connection => match self.actor {
                Actor::ScimClient(client) => Value::id(client.connection.uuid()),
                Actor::User(_) | Actor::Platform | Actor::System => Value::word("none"),
            },
            Fact::IsStaff => {
                Value::Truth(matches!(self.actor, Actor::User(signed_in) if signed_in.is_staff))
            }
            Fact::AssignsProperties => Value::Truth(self.assigns_properties()?),
            Fact::IsRecipient => Value::Truth(self.is_of_recipient()?),
            Fact::Subject => Value::id(self.subject()?),
            Fact::AccountKind => Value::word(match self.new_account()?.kind {
                Kind::Operator => "operator",
                Kind::Standard | Kind::Parent | Kind::Child => "customer",
            }),
            Fact::NamesTeam => Value::Truth(self.new_account()?.team.is_some()),
            Fact::Functions => {
                Value::Words(self.facts.functions.held.iter().map(|it| it.as_str()).collect())
            }
            Fact::Teams => {
                Value::Words(self.facts.functions.teams.iter().map(|it| it.as_str()).collect())
            }
            Fact::Added => Value::Words(self.facts.added.iter().map(RightKey::as_str).collect()),
            Fact::Held => Value::Words(self.facts.held.keys().collect()),
            Fact::HasUsers => Value::Truth(self.facts.has_users),
            Fact::IsFresh => Value::Truth(self.facts.is_fresh),
            Fact::AskerIsRecipient => Value::Truth(self.asker_is_recipient),
            Fact::Administers => Value::Truth(self.letting().administers),
            Fact::AsCustomer => Value::Truth(self.letting().as_customer),
            Fact::ByCustomer => Value::Truth(self.letting().by_customer),
            Fact::IsCustomers => Value::Truth(self.letting().is_customers),
            Fact::IsOwnCsm => Value::Truth(self.is_own_csm()),
            Fact::LeavesNone => Value::Truth(self.facts.administration.leaves_none),
            Fact::Recovers => Value::Truth(self.recovers()),
            Fact::NamesAdministrator => {
                Value::Truth(self.new_account()?.first_administrator.is_some())
            }
            Fact::IsOwnDelegate => Value::Truth(self.letting().is_own_delegate),
            Fact::Lacks => Value::Words(self.letting().lacks.iter().map(|it| it.code()).collect()),
            Fact::Mode => Value::word(self.letting().mode.as_str()),
            Fact::Verdict => Value::word(self.verdict()?.word()),
            Fact::HasApprover => Value::Truth(self.facts.signing.has_approver),
            Fact::HasVoted => Value::Truth(self.facts.signing.has_voted),
            Fact::IsApprover => Value::Truth(self.facts.signing.is_approver),
            Fact::IsBeneficiary => Value::Truth(self.facts.signing.is_beneficiary),
            Fact::IsCoolingOff => Value::Truth(self.facts.signing.is_cooling_off),
            Fact::IsLate => Value::Truth(self.facts.signing.is_late),
            Fact::IsMadeByRequester => Value::Truth(self.facts.signing.is_made_by_requester),
            Fact::IsNewer => Value::Truth(self.facts.signing.is_newer),
            Fact::IsRequester => Value::Truth(self.facts.signing.is_requester),
            Fact::IsSeen => Value::Truth(self.facts.signing.is_seen),
            Fact::Waits => Value::Truth(self.facts.signing.waits),
            Fact::Beneficiary => Value::word(self.beneficiary().word()),
            Fact::Directors => Value::word(self.facts.directors.word()),
            Fact::Enrollee => Value::word(self.facts.enrollee.word()),
            Fact::Loosening => Value::word(self.facts.loosening.word()),
            Fact::Raise => Value::word(self.facts.raise.word()),
            Fact::Reach => Value::word(self.reach.word()),
            Fact::TargetComes => Value::word(self.facts.target_comes.word()),
        })
    }
}

impl Asked<'_> {
    /// What the rules answer.
    pub(super) fn answered_by<'r>(
        &self,
        rules: &'r Rules,
        action: &str,
        resource: (&str, &str),
    ) -> Answer<'r> {
        let id = self.actor.id().map(|id| id.to_string()).unwrap_or_default();
        let kind = match self.actor {
            Actor::User(_) => "User",
            Actor::ScimClient(_) => "ScimClient",
            Actor::Platform => "Platform",
            Actor::System => "System",
        };
        rules.answer(&Question { actor: (kind, &id), action, resource, known: self })
    }

    fn is_own_csm(&self) -> bool {
        self.letting().is_own_csm || self.facts.administration.is_csm
    }

    fn recovers(&self) -> bool {
        self.facts.administration.is_lost && self.command.is_some_and(may_recover)
    }

    /// Who gains: by being let in, or as was read.
    fn beneficiary(&self) -> Beneficiary {
        match &self.facts.letting {
            Some(letting) if letting.is_target => Beneficiary::Asker,
            Some(_) => Beneficiary::Other,
            None => self.facts.beneficiary,
        }
    }

    /// What was not read speaks against it.
    fn letting(&self) -> &Letting {
        self.facts.letting.as_ref().unwrap_or(&UNREAD)
    }

    fn verdict(&self) -> Option<Verdict> {
        let Command::ChangeApproval(change) = self.command? else { return None };
        if let ApprovalEdit::Vote(_, ballot) = &change.what { Some(ballot.verdict) } else { None }
    }

    fn assigns_properties(&self) -> Option<bool> {
        match self.edit()? {
            PeopleEdit::Create(spec) => Some(!spec.properties.is_empty()),
            PeopleEdit::Edit(_, edit) => Some(!edit.properties.is_empty()),
            PeopleEdit::Delete(_)
            | PeopleEdit::SendPasswordMail(_)
            | PeopleEdit::ChooseLanguage(..)
            | PeopleEdit::DefineProperty(_)
            | PeopleEdit::EditProperty(..)
            | PeopleEdit::RemoveProperty(_) => None,
        }
    }

    fn is_of_recipient(&self) -> Option<bool> {
        if let PeopleEdit::Create(spec) = self.edit()? {
            Some(spec.is_recipient)
        } else {
            Some(self.facts.is_recipient)
        }
    }

    fn subject(&self) -> Option<Uuid> {
        if let PeopleEdit::ChooseLanguage(user, _) = self.edit()? {
            Some(user.uuid())
        } else {
            None
        }
    }

    fn new_account(&self) -> Option<&CreateAccount> {
        if let Command::CreateAccount(create) = self.command? { Some(create) } else { None }
    }

    fn edit(&self) -> Option<&PeopleEdit> {
        match self.command? {
            Command::ChangePeople(change) => Some(&change.what),
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
            | Command::ChangeAccount(_)
            | Command::ChangeRights(_)
            | Command::ChangeApproval(_)
            | Command::ChangeSupport(_) => None,
        }
    }
}

impl<'a> Value<'a> {
    /// One of the schema's words.
    pub fn word(word: &'a str) -> Self {
        Self::Word(Cow::Borrowed(word))
    }

    fn id(id: Uuid) -> Self {
        Self::Word(Cow::Owned(id.to_string()))
    }
}

impl Beneficiary {
    const fn word(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Asker => "asker",
            Self::Other => "other",
        }
    }
}

impl Comes {
    const fn word(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::ByPassword => "byPassword",
            Self::BySso => "bySso",
            Self::AsStaff => "asStaff",
        }
    }
}

impl Enrollee {
    const fn word(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Nobody => "nobody",
            Self::Asker => "asker",
            Self::Suspect => "suspect",
            Self::Enrolled => "enrolled",
            Self::Unenrolled => "unenrolled",
        }
    }
}

impl Raise {
    const fn word(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::NothingPrivileged => "nothingPrivileged",
            Self::Privileged => "privileged",
        }
    }
}

impl Reach {
    /// The word in the schema.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Foreign => "foreign",
            Self::Own => "own",
            Self::Parent => "parent",
        }
    }
}
