//! Links that work once: to choose a first password, or another one, or to enrol a factor.
//!
//! What is sent is an [`opaque`](crate::domain::opaque) secret of `Sort::Link`; its hash is kept. A
//! link is bound to the address it was mailed to: if the user no longer has that address, it opens
//! nothing (S10, S11; SECURITY.md §8).

use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::time::Timestamp;

const MINUTE: i64 = 60_000_000;

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To choose the first password.
    Invitation,
    /// To choose another password.
    Reset,
    /// To enrol a second factor.
    Enrolment,
}

/// What is kept of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTimeLink {
    /// SHA-256 of its secret, by which it is found.
    pub secret_hash: [u8; 32],
    /// What it is for.
    pub purpose: Purpose,
    /// The account.
    pub account: AccountId,
    /// The user.
    pub user: ResourceId,
    /// The address it was sent to, folded.
    pub mail_key: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was used, or ended by a newer one.
    pub used_at: Option<Timestamp>,
}

impl OneTimeLink {
    /// A link to enrol a first second factor. It is handed over, not mailed.
    pub fn enrolment(
        (account, user): (AccountId, ResourceId),
        secret_hash: [u8; 32],
        now: Timestamp,
    ) -> Self {
        let purpose = Purpose::Enrolment;
        Self {
            secret_hash,
            purpose,
            account,
            user,
            mail_key: None,
            created_at: now,
            expires_at: purpose.end(now),
            used_at: None,
        }
    }

    /// Whether it opens anything at this moment.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.used_at.is_none() && now < self.expires_at
    }
}

impl Purpose {
    /// When a link made now stops working: a reset after half an hour, the others after a day.
    pub fn end(self, now: Timestamp) -> Timestamp {
        let minutes = match self {
            Self::Invitation | Self::Enrolment => 24 * 60,
            Self::Reset => 30,
        };
        Timestamp::from_micros(now.micros().saturating_add(minutes * MINUTE))
    }

    /// The word stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Reset => "reset",
            Self::Enrolment => "enrolment",
        }
    }

    /// Reads the stored word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "invitation" => Some(Self::Invitation),
            "reset" => Some(Self::Reset),
            "enrolment" => Some(Self::Enrolment),
            _ => None,
        }
    }
}
