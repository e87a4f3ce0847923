//! Asking for a second person, voting, taking back (PRODUCT.md C6).

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::domain::event::Event;
use crate::domain::ids::{AccountId, ApprovalId, ResourceId, SupportGrantId};
use crate::domain::persons::support::grants::SupportSpec;
use crate::domain::rights::approvals::{Digest, Verdict};

/// A change of one account's approval requests.
#[derive(Debug, Clone)]
pub struct ApprovalChange {
    /// The account.
    pub account: AccountId,
    /// What is to change.
    pub what: ApprovalEdit,
}

/// What is to change.
#[derive(Debug, Clone)]
pub enum ApprovalEdit {
    /// Ask for what waits at a mapping or grant.
    Ask {
        /// The mapping or grant.
        source: Uuid,
        /// For these users alone; for all if there are none.
        users: BTreeSet<ResourceId>,
        /// Why.
        reason: String,
    },
    /// Sign, or refuse.
    Vote(ApprovalId, Ballot),
    /// Take the request back.
    Cancel(ApprovalId),
    /// Ask that a support user be let in (W6).
    AskSupport(SupportSpec),
    /// Let out who was let in, at once (W3).
    EndSupport(SupportGrantId),
}

/// How somebody votes.
#[derive(Debug, Clone)]
pub struct Ballot {
    /// The text that they saw.
    pub digest: Digest,
    /// Whether they sign it.
    pub verdict: Verdict,
    /// What they say to it.
    pub comment: String,
    /// Whom they do not sign it for: those stay pending (DECISIONS.md 14).
    pub strike: BTreeSet<ResourceId>,
}

impl ApprovalEdit {
    /// The event that it causes.
    pub fn event(&self) -> Event {
        match self {
            Self::Ask { .. } | Self::AskSupport(_) => Event::ApprovalRequested,
            Self::Vote(_, ballot) => match ballot.verdict {
                Verdict::Approve => Event::ApprovalSigned,
                Verdict::Deny => Event::ApprovalDenied,
            },
            Self::Cancel(_) => Event::ApprovalCancelled,
            Self::EndSupport(_) => Event::SupportRemoved,
        }
    }

    /// The id of what it is about, if it exists already.
    pub fn target(&self) -> Option<Uuid> {
        match self {
            Self::Ask { .. } | Self::AskSupport(_) => None,
            Self::EndSupport(id) => Some(id.uuid()),
            Self::Vote(id, _) | Self::Cancel(id) => Some(id.uuid()),
        }
    }
}
