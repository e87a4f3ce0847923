//! Activities as they are read: with the names that who and what they speak of have now (W7).

use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::event::Outcome;
use crate::domain::event::canonical::hex;
use crate::domain::event::chain::Link;
use crate::domain::event::personal::{Personal, Values};
use crate::domain::ids::{AccountId, ActivityId};
use crate::domain::time::Timestamp;

/// One line of an account's record.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The account it belongs to.
    pub account: AccountId,
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
    /// The id by which the request is in the log.
    pub request_id: Option<String>,
    /// Under which version of the policy it was decided.
    pub policy_version: Option<String>,
    /// The hash of what is personal of it, if anything is.
    pub commitment: Option<Vec<u8>>,
    /// What is personal of it; none if there is nothing, or if it was erased.
    pub personal: Option<Personal>,
    /// Its place in the account's chain, once it is sealed.
    pub link: Option<Link>,
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

impl Listed {
    /// What is personal of it.
    pub fn values(&self) -> Values {
        // What does not read is nothing that we wrote; `audit verify` says so.
        self.personal.as_ref().and_then(|it| it.values().ok()).unwrap_or_default()
    }

    /// Whether what was personal of it is there no more.
    pub fn is_erased(&self) -> bool {
        self.commitment.is_some() && self.personal.is_none()
    }

    /// As answers and exports have it, and as `audit verify` reads it.
    pub fn body(&self) -> Value {
        let Values { ip, before, after } = self.values();
        let bytes = |bytes: &[u8]| hex(bytes);
        let named = |it: &Named| json!({ "kind": it.kind, "id": it.id, "name": it.name });
        json!({
            "id": self.id.to_string(),
            "account": self.account.to_string(),
            "at": self.at.rfc3339(),
            "action": self.action,
            "outcome": self.outcome,
            "actor": named(&self.actor),
            "target": named(&self.target),
            "detail": self.detail,
            "before": before,
            "after": after,
            "door": self.door,
            "ip": ip,
            "request_id": self.request_id,
            "policy_version": self.policy_version,
            "salt": self.personal.as_ref().map(|it| bytes(&it.salt)),
            "commitment": self.commitment.as_deref().map(bytes),
            "erased": self.is_erased(),
            "seq": self.link.as_ref().map(|link| link.seq),
            "prev_hash": self.link.as_ref().map(|link| hex(&link.prev_hash)),
            "hash": self.link.as_ref().map(|link| hex(&link.hash)),
        })
    }
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
