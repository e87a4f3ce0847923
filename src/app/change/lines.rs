//! The one place where lines of the record are begun, so that each says who, when, from where, and under
//! which version of the policy.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::app::App;
use crate::app::change::origin;
use crate::domain::actor::Actor;
use crate::domain::event::canonical::kept;
use crate::domain::event::{Activity, Change, Event, Outcome};
use crate::domain::ids::{AccountId, ActivityId};
use crate::domain::time::Timestamp;
use crate::policy::{self, Permit};

impl App {
    /// A line of an account's record: done, on nothing, with nothing more to say.
    pub(in crate::app) fn line(
        &self,
        account: AccountId,
        at: Timestamp,
        actor: Actor,
        event: Event,
    ) -> Activity {
        Activity {
            account,
            id: ActivityId::new(self.next_id(at)),
            at,
            actor,
            event,
            outcome: Outcome::Done,
            target: None,
            detail: None,
            policy_version: policy::version(),
            origin: origin::current(),
            change: Change::default(),
            salt: self.secret(),
        }
    }

    /// The record's line of what a permit allows.
    pub(in crate::app) fn activity(
        &self,
        permit: &Permit,
        account: AccountId,
        now: Timestamp,
    ) -> Activity {
        let command = permit.command();
        let target = command.target();
        Activity { target, ..self.line(account, now, *permit.actor(), command.event()) }
    }
}

/// What values are not kept of: a secret, not even beside the record; and what the line says of itself.
const UNSAID: [&str; 3] = ["password", "id", "schemas"];

/// Names the attributes that differ, for the record.
pub(in crate::app) fn changed_attributes(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Value {
    json!({ "attributes": differing(before, after) })
}

/// What these were, and what they became, for what is kept beside the record.
pub(in crate::app) fn changed_values(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Change {
    let side = |all: &Map<String, Value>, other: &Map<String, Value>| {
        let is_said = |name: &str| !UNSAID.contains(&name);
        let some = all.iter().filter(|(name, it)| is_said(name) && other.get(*name) != Some(*it));
        let some: Map<_, _> = some.map(|(name, it)| (name.clone(), kept(it))).collect();
        (!some.is_empty()).then(|| Value::Object(some))
    };
    Change { before: side(before, after), after: side(after, before) }
}

fn differing<'a>(
    before: &'a Map<String, Value>,
    after: &'a Map<String, Value>,
) -> BTreeSet<&'a String> {
    let names = before.keys().chain(after.keys());
    names.filter(|name| before.get(*name) != after.get(*name)).collect()
}
