//! Approval requests: what waits for a second person, and who signed it (PRODUCT.md C6, POLICY.md §2).
//!
//! A request is about one mapping or grant of one account, and lists the rights of users that wait there; or
//! about one support user who is to be let in.
//! A vote is of the text that was seen: its [`Digest`]. The request is approved by enough votes, denied by
//! one, and executed afterwards, once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::domain::ids::{AccountId, ApprovalId, PersonId, ResourceId, SessionId};
use crate::domain::persons::support::grants::Asked;
use crate::domain::rights::RightKey;
use crate::domain::rights::paths::{Path, Source, Stop};
use crate::domain::rights::sources::By;
use crate::domain::time::Timestamp;

/// How long a request waits, in days.
pub const WAITS_DAYS: u32 = 7;
/// How many users one request is about at most.
pub const MAX_USERS: usize = 1000;
/// How long after getting the right to approve somebody may, in microseconds; seeds apart.
pub const COOLING_OFF: i64 = 24 * 3600 * 1_000_000;

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Rights that wait at a mapping or grant.
    Rights,
    /// A support user who is to be let in.
    Support,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It waits for signatures.
    Pending,
    /// It has them, and is about to be executed.
    Approved,
    /// What it asked for is effective.
    Executed,
    /// Somebody refused it.
    Denied,
    /// It was taken back, or what it was about has gone.
    Cancelled,
    /// Something else was asked for at its source, and what was signed of it counts no more.
    Superseded,
    /// Nobody signed it in time.
    Expired,
    /// Whoever signed it may no longer.
    Blocked,
}

/// A right of a user that waits at the request's source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// Whose.
    pub user: ResourceId,
    /// Which.
    pub right: RightKey,
    /// Since when all links that give it have stood; younger ones are not signed by this.
    pub basis: Timestamp,
}

/// A request to be made.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// The account.
    pub account: AccountId,
    /// Its id.
    pub id: ApprovalId,
    /// The mapping, the grant, or the support user.
    pub source: Uuid,
    /// What waits there.
    pub items: BTreeSet<Item>,
    /// Who is to be let in, if that is what it is about.
    pub support: Option<Asked>,
    /// Why, in the words of whoever asks.
    pub reason: String,
    /// Who asks.
    pub requester: By,
    /// How many must sign.
    pub required: u32,
    /// By which policy.
    pub policy_version: String,
    /// When.
    pub at: Timestamp,
    /// Until when it waits.
    pub expires_at: Timestamp,
}

/// The digest of exactly what is asked; who signs says which they saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest(pub [u8; 32]);

/// A request as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The account.
    pub account: AccountId,
    /// Its id.
    pub id: ApprovalId,
    /// The mapping, the grant, or the support user.
    pub source: Uuid,
    /// Who is to be let in, if that is what it is about.
    pub support: Option<Asked>,
    /// What became of it.
    pub state: State,
    /// How many must sign.
    pub required: u32,
    /// Which text of it: grows with each edit.
    pub version: i64,
    /// That text's digest.
    pub digest: Digest,
    /// By which policy it was made.
    pub policy_version: String,
    /// Why.
    pub reason: String,
    /// Who asked; which human, where one did.
    pub requester: By,
    /// When.
    pub created_at: Timestamp,
    /// Until when it waits.
    pub expires_at: Timestamp,
    /// When it was settled.
    pub settled_at: Option<Timestamp>,
    /// Why it ended otherwise than by votes.
    pub settled_why: Option<String>,
    /// Who voted, the first first.
    pub votes: Vec<Vote>,
}

/// Whether somebody signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They do.
    Approve,
    /// They refuse; that ends it.
    Deny,
}

/// A vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// The account that the voter was signed in to.
    pub account: AccountId,
    /// The user.
    pub user: ResourceId,
    /// The human.
    pub person: PersonId,
    /// Whether they sign.
    pub verdict: Verdict,
    /// What they say to it.
    pub comment: String,
    /// When they last showed a second factor.
    pub second_factor_at: Timestamp,
    /// In which session.
    pub session: SessionId,
    /// When.
    pub at: Timestamp,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::Approved,
        Self::Executed,
        Self::Denied,
        Self::Cancelled,
        Self::Superseded,
        Self::Expired,
        Self::Blocked,
    ];

    /// The word stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Executed => "executed",
            Self::Denied => "denied",
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
            Self::Expired => "expired",
            Self::Blocked => "blocked",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

impl Verdict {
    /// The word stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Deny => "deny",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Approve, Self::Deny].into_iter().find(|it| it.as_str() == text)
    }
}

impl About {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Rights, Self::Support];

    /// The word stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rights => "rights",
            Self::Support => "support",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

impl Request {
    /// What it is about.
    pub fn about(&self) -> About {
        if self.support.is_some() { About::Support } else { About::Rights }
    }
}

impl NewRequest {
    /// The word for what it is about.
    pub fn kind(&self) -> &'static str {
        let about = if self.support.is_some() { About::Support } else { About::Rights };
        about.as_str()
    }

    /// What exactly is asked, as canonical JSON: members and items in order, no spaces.
    pub fn payload(&self) -> String {
        let items: Vec<_> = self
            .items
            .iter()
            .map(|it| json!([it.user.to_string(), it.right.as_str(), it.basis.micros()]))
            .collect();
        let mut all = json!({
            "account": self.account.to_string(),
            "id": self.id.to_string(),
            "items": items,
            "reason": self.reason,
            "source": self.source.to_string(),
        });
        if let (Some(asked), Some(all)) = (&self.support, all.as_object_mut()) {
            all.insert("support".to_owned(), asked.payload());
        }
        all.to_string()
    }

    /// Its digest: SHA-256 of the payload.
    pub fn digest(&self) -> Digest {
        Digest(Sha256::digest(self.payload().as_bytes()).into())
    }
}

impl Digest {
    /// Reads 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let mut digest = [0; 32];
        let is_plain = text.len() == 64 && text.is_ascii();
        for (n, byte) in digest.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * n..2 * n + 2)?, 16).ok()?;
        }
        is_plain.then_some(Self(digest))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What waits for a second person at a source; what is stopped for good does not.
pub fn waiting(paths: &[Path], source: Uuid) -> BTreeSet<Item> {
    let mut since: BTreeMap<(ResourceId, &RightKey), Timestamp> = BTreeMap::new();
    for path in paths.iter().filter(|path| waits(path, source)) {
        let basis = since.entry((path.user, &path.right)).or_insert(path.basis);
        *basis = (*basis).max(path.basis);
    }
    let item = |((user, right), basis): (_, _)| Item { user, right: RightKey::clone(right), basis };
    since.into_iter().map(item).collect()
}

fn waits(path: &Path, source: Uuid) -> bool {
    let is_from = match path.source {
        Source::Mapping { id, .. } | Source::Grant { id } => id == source,
        Source::Support { .. } | Source::Seed => false,
    };
    let awaits = |stop: &Stop| matches!(stop, Stop::Pending | Stop::OwnDoing);
    let is_over =
        |stop: &Stop| matches!(stop, Stop::Ended | Stop::NotInCatalogue | Stop::RecipientCeiling);
    is_from && path.stops.iter().any(awaits) && !path.stops.iter().any(is_over)
}
