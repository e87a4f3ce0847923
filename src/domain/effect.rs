//! What must happen elsewhere because of a change: rows of the outbox, delivered by the worker.
//!
//! An effect is written in the transaction of its change, so none is lost and none is invented.
//! Delivery is at least once.

pub mod mails;

use serde_json::Value;
use uuid::Uuid;

use crate::domain::effect::mails::Mail;
use crate::domain::ids::AccountId;

/// A side effect.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Tell whoever follows the record; today that is the log stream `countersign::activity`.
    Announce(Value),
    /// Send a mail.
    Mail(Mail),
}

/// An effect that waits in the outbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The account it belongs to.
    pub account: AccountId,
    /// Its id: of an announcement, that of its activity.
    pub id: Uuid,
    /// What to do.
    pub effect: Effect,
}

impl Effect {
    /// The word stored.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Announce(_) => "announce",
            Self::Mail(_) => "mail",
        }
    }

    /// What is stored.
    pub fn payload(&self) -> String {
        match self {
            Self::Announce(payload) => payload.to_string(),
            Self::Mail(mail) => mail.payload().to_string(),
        }
    }

    /// Reads what is stored; none if it is nothing that we wrote.
    pub fn read(name: &str, payload: &str) -> Option<Self> {
        let payload: Value = serde_json::from_str(payload).ok()?;
        match name {
            "announce" => Some(Self::Announce(payload)),
            "mail" => Mail::read(&payload).map(Self::Mail),
            _ => None,
        }
    }
}
