//! Activities as they are read: with the names that who and what they speak of have now (W7).

use serde_json::Value;
use uuid::Uuid;

use crate::domain::event::Outcome;
use crate::domain::ids::ActivityId;
use crate::domain::time::Timestamp;

/// One line of an account's record.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Its id.
    pub id: ActivityId,
    /// When.
    pub at: Timestamp,
    /// What, by its dotted name.
    pub action: String,
    /// Done or denied.
    pub outcome: String,
    /// Who.
    pub actor: Named,
    /// On what.
    pub target: Named,
    /// More, by action: counts, attribute names, the rule of a denial.
    pub detail: Option<Value>,
    /// Through which door.
    pub door: Option<String>,
    /// From which address.
    pub ip: Option<String>,
    /// The id by which the request is in the log.
    pub request_id: Option<String>,
}

/// Who or what is spoken of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The kind.
    pub kind: String,
    /// The id, if it has one.
    pub id: Option<Uuid>,
    /// What it is called now, if it is the account's own and has a name.
    pub name: Option<String>,
}

/// Which activities are looked for; all of it holds at once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Those of this action.
    pub action: Option<&'static str>,
    /// Those by this user or token.
    pub actor: Option<Uuid>,
    /// Those on this.
    pub target: Option<Uuid>,
    /// Those on something of this kind.
    pub target_kind: Option<&'static str>,
    /// Those done, or those denied.
    pub outcome: Option<Outcome>,
    /// Those at that moment or later.
    pub from: Option<Timestamp>,
    /// Those before that moment.
    pub to: Option<Timestamp>,
}
