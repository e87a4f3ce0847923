//! Cases: what the rules answer to whom, as a table beside them that people read and the server can be
//! asked to try. A fact that a case does not name is as if nobody had read it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::policy::questions::{Answer, Fact, Known, Question, Value};
use crate::policy::rules::Rules;

const TABLE: &str = include_str!("cases.toml");

/// The word for an answer that permits.
pub const ALLOWED: &str = "allow";

/// Whoever acts in a case, and what connection they belong to.
const ASKER: &str = "asker";

/// A case.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Who acts: one of [`KINDS`](crate::policy::KINDS).
    pub who: String,
    /// What is to be done.
    pub action: String,
    /// What is known.
    #[serde(default)]
    pub facts: Supposed,
    /// [`ALLOWED`], or the rule that refuses.
    pub expect: String,
}

/// Facts that somebody supposes, by their names in the schema.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(transparent)]
pub struct Supposed(pub BTreeMap<String, Given>);

/// What a fact is supposed to be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Given {
    /// Whether something is so.
    Truth(bool),
    /// A word.
    Word(String),
    /// Any words.
    Words(Vec<String>),
}

#[derive(Deserialize)]
struct Table {
    case: Vec<Case>,
}

/// The cases that the server was built with.
///
/// # Errors
/// What is wrong with their table.
pub fn cases() -> Result<Vec<Case>, String> {
    toml::from_str::<Table>(TABLE).map(|table| table.case).map_err(|error| error.to_string())
}

impl Case {
    /// What these rules answer to it.
    pub fn answer<'a>(&self, rules: &'a Rules) -> Answer<'a> {
        self.facts.answer(rules, (&self.who, &self.action))
    }
}

impl Supposed {
    /// What these rules answer to somebody who wants to do something, if these are the facts.
    pub fn answer<'a>(&self, rules: &'a Rules, (who, action): (&str, &str)) -> Answer<'a> {
        if let Some(name) = self.0.keys().find(|name| Fact::parse(name).is_none()) {
            return Answer::Failed(format!("`{name}` is no fact"));
        }
        let Some(kind) = rules.resource(action) else {
            return Answer::Failed(format!("`{action}` is no action"));
        };
        rules.answer(&Question {
            actor: (who, ASKER),
            action,
            resource: (kind, ASKER),
            known: self,
        })
    }
}

impl Known for Supposed {
    fn fact(&self, fact: Fact) -> Option<Value<'_>> {
        Some(match self.0.get(fact.name()) {
            Some(Given::Truth(truth)) => Value::Truth(*truth),
            Some(Given::Word(word)) => Value::word(word),
            Some(Given::Words(words)) => Value::Words(words.iter().map(String::as_str).collect()),
            None => match fact {
                Fact::Access => Value::word("none"),
                Fact::Connection => Value::word(ASKER),
                Fact::Reach => Value::word("foreign"),
                Fact::Subject => Value::word("somebody"),
                Fact::AccountKind => Value::word("customer"),
                Fact::Beneficiary
                | Fact::Directors
                | Fact::Enrollee
                | Fact::Loosening
                | Fact::Raise
                | Fact::TargetComes => Value::word("unread"),
                Fact::Mode => Value::word("closed"),
                Fact::Verdict => Value::word("approve"),
                Fact::Added | Fact::Functions | Fact::Held | Fact::Lacks | Fact::Teams => {
                    Value::Words(Vec::new())
                }
                // What was not read speaks against it.
                Fact::Administers => Value::Truth(true),
                Fact::AskerIsRecipient
                | Fact::AsCustomer
                | Fact::ByCustomer
                | Fact::IsCustomers
                | Fact::IsOwnCsm
                | Fact::IsOwnDelegate
                | Fact::AssignsProperties
                | Fact::HasUsers
                | Fact::IsFresh
                | Fact::IsRecipient
                | Fact::IsStaff
                | Fact::HasApprover
                | Fact::HasVoted
                | Fact::IsApprover
                | Fact::IsBeneficiary
                | Fact::IsCoolingOff
                | Fact::IsLate
                | Fact::IsMadeByRequester
                | Fact::IsNewer
                | Fact::IsRequester
                | Fact::IsSeen
                | Fact::LeavesNone
                | Fact::NamesAdministrator
                | Fact::Recovers
                | Fact::NamesTeam
                | Fact::Waits => Value::Truth(false),
            },
        })
    }
}

impl Answer<'_> {
    /// In one word, as cases have it.
    pub fn word(&self) -> &str {
        match self {
            Self::Allowed => ALLOWED,
            Self::Refused(rule) => &rule.id,
            Self::Failed(_) => crate::policy::POLICY_ERROR.rule,
        }
    }
}

impl fmt::Display for Supposed {
    /// As `isFresh, held users.administer, reach own`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.iter().map(|(name, given)| match given {
            Given::Truth(true) => name.clone(),
            Given::Truth(false) => format!("not {name}"),
            Given::Word(word) => format!("{name} {word}"),
            Given::Words(words) => format!("{name} {}", words.join(" + ")),
        });
        f.write_str(&shown.collect::<Vec<_>>().join(", "))
    }
}
