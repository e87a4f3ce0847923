//! What must happen elsewhere because of a change: rows of the outbox, delivered by the worker.
//!
//! An effect is written in the transaction of its change, so none is lost and none is invented.
//! Delivery is at least once.

use serde_json::Value;
use uuid::Uuid;

use crate::domain::ids::AccountId;

/// A side effect.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Tell whoever follows the record; today that is the log stream `countersign::activity`.
    Announce(Value),
}

/// An effect that waits in the outbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The account it belongs to.
    pub account: AccountId,
    /// Its id: that of the activity that caused it.
    pub id: Uuid,
    /// What to do.
    pub effect: Effect,
}

impl Effect {
    /// The word stored.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Announce(_) => "announce",
        }
    }
}
