//! Denials on record: at once, but the same one by the same actor only once a minute; the rest of the
//! minute becomes one row with a count (DECISIONS.md 35).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use crate::app::App;
use crate::app::change::origin;
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::event::origin::Origin;
use crate::domain::event::{Activity, Event, Outcome};
use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;
use crate::policy::{Denial, SystemPermit};

const WINDOW_MICROS: i64 = 60_000_000;

type Key = (Option<uuid::Uuid>, &'static str, &'static str);

/// Denials of the last minute.
#[derive(Debug, Default)]
pub(in crate::app) struct Denials {
    recent: Mutex<BTreeMap<Key, Repeated>>,
}

#[derive(Debug)]
struct Repeated {
    since: Timestamp,
    count: u32,
    account: AccountId,
    actor: Actor,
    event: Event,
}

impl App {
    /// Records a refusal; a failure to is logged, since the refusal stands anyway.
    pub(in crate::app) async fn record_denial(
        &self,
        actor: &Actor,
        command: &Command,
        denial: &Denial,
    ) {
        self.record_refusal(actor, (command.event(), command.target()), denial.rule).await;
    }

    /// The same for what is no command: the event that did not come to be, and its target.
    pub(in crate::app) async fn record_refusal(
        &self,
        actor: &Actor,
        (event, target): (Event, Option<uuid::Uuid>),
        rule: &'static str,
    ) {
        let account = match actor {
            Actor::ScimClient(client) => client.account,
            Actor::User(signed_in) => signed_in.account,
            Actor::Platform | Actor::System => {
                tracing::warn!(rule, %actor, "policy.denied");
                return;
            }
        };
        let now = self.now();
        let key = (actor.id(), event.name(), rule);
        let is_first = {
            let mut recent =
                self.parts.denials.recent.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(repeated) = recent.get_mut(&key) {
                repeated.count += 1;
                false
            } else {
                let first = Repeated { since: now, count: 0, account, actor: *actor, event };
                recent.insert(key, first).is_none()
            }
        };
        if is_first {
            let detail = json!({ "rule": rule });
            self.write_denial((account, *actor, event), target, detail).await;
        }
    }

    /// Writes the counts of windows that have ended.
    pub async fn flush_denials(&self) {
        self.flush_denials_of(WINDOW_MICROS).await;
    }

    /// Writes all counts, because the server stops.
    pub async fn flush_all_denials(&self) {
        self.flush_denials_of(0).await;
    }

    async fn flush_denials_of(&self, age: i64) {
        let now = self.now();
        let ended: Vec<(Key, Repeated)> = {
            let mut recent =
                self.parts.denials.recent.lock().unwrap_or_else(PoisonError::into_inner);
            let keys: Vec<Key> = recent
                .iter()
                .filter(|(_, r)| now.micros() - r.since.micros() >= age)
                .map(|(key, _)| *key)
                .collect();
            keys.into_iter().filter_map(|key| recent.remove_entry(&key)).collect()
        };
        for ((_, _, rule), repeated) in ended {
            if repeated.count > 0 {
                let detail = json!({ "rule": rule, "repeated": repeated.count });
                let what = (repeated.account, repeated.actor, repeated.event);
                // They may have come from several places.
                origin::within(Origin::default(), self.write_denial(what, None, detail)).await;
            }
        }
    }

    async fn write_denial(
        &self,
        (account, actor, event): (AccountId, Actor, Event),
        target: Option<uuid::Uuid>,
        detail: serde_json::Value,
    ) {
        let now = self.now();
        let line = self.line(account, now, actor, event).saying(detail);
        let activity = Activity { outcome: Outcome::Denied, target, ..line };
        let permit = SystemPermit::for_the("record of a denial");
        if let Err(error) = self.store().record_denial(activity, permit).await {
            tracing::error!(%error, "denials.record_failed");
        }
    }
}
