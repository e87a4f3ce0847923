//! Access decisions: may this user do that there? Answered to the vendor's product (PRODUCT.md §3).
//!
//! [`Known`] is what was computed once of one user's rights; it is good as long as the user's [`Stamp`] is
//! the same and its last moment has not come (DECISIONS.md 11).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::domain::account::Slug;
use crate::domain::ids::{AccountId, ResourceId, WorkspaceId};
use crate::domain::rights::RightKey;
use crate::domain::rights::paths::{Path, Standing, Stop, Where};
use crate::domain::time::{OPEN_END, Timestamp};

/// An account, as others name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountName {
    /// By its id.
    Id(AccountId),
    /// By its short name.
    Slug(Slug),
}

/// May this user do that there?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The user's account.
    pub of: AccountName,
    /// The user.
    pub user: ResourceId,
    /// What they would do.
    pub right: RightKey,
    /// The account in which they would.
    pub account: AccountName,
    /// One of its workspaces; none is the whole account.
    pub workspace: Option<WorkspaceId>,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// They may.
    Permit,
    /// They may not, for these reasons, of which there is at least one.
    Deny(Vec<Reason>),
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// There is no such user.
    UnknownSubject,
    /// There is no such account or workspace.
    UnknownResource,
    /// The catalogue has no such right.
    UnknownAction,
    /// Nothing gives it to them there.
    NotGiven,
    /// Something gives it, and this stops it.
    Stopped(Stop),
}

/// What changes whenever a user's rights may have, but for what time alone changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The user's version.
    pub user: i64,
    /// The version of what was given to the user alone.
    pub rights: i64,
    /// The version of what the account's groups give.
    pub shape: i64,
}

/// One user's rights, as computed once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    held: BTreeMap<RightKey, BTreeMap<Where, BTreeSet<Stop>>>,
    until: Timestamp,
}

impl AccountName {
    /// Reads an id or a short name; none if it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let id = text.parse().ok().map(Self::Id);
        id.or_else(|| Slug::parse(text).ok().map(Self::Slug))
    }
}

impl Reason {
    /// The word sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownSubject => "unknown_subject",
            Self::UnknownResource => "unknown_resource",
            Self::UnknownAction => "unknown_action",
            Self::NotGiven => "not_given",
            Self::Stopped(stop) => stop.as_str(),
        }
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.user, self.rights, self.shape)
    }
}

impl Known {
    /// What comes of one user's paths: of each right in each place, what stops the path that is stopped least.
    pub fn of<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Self {
        let mut known = Self { held: BTreeMap::new(), until: OPEN_END };
        for path in paths {
            known.until = known.until.min(path.turns_at);
            let places = known.held.entry(path.right.clone()).or_default();
            let best = places.entry(path.held_in).or_insert_with(|| path.stops.clone());
            if rank(&path.stops) < rank(best) {
                best.clone_from(&path.stops);
            }
        }
        known
    }

    /// When time alone next changes it; [`OPEN_END`] if never.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// How much there is to keep.
    pub fn weight(&self) -> usize {
        self.held.values().map(BTreeMap::len).sum::<usize>().saturating_add(1)
    }

    /// Each right in each place, with what comes of it.
    pub fn standings(&self) -> impl Iterator<Item = (&RightKey, Where, Standing)> {
        self.held.iter().flat_map(|(right, places)| {
            places.iter().map(move |(place, stops)| (right, *place, Standing::of(stops)))
        })
    }

    /// Whether the user may do that there. What is held in a whole account is held in its workspaces.
    pub fn decide(&self, right: &RightKey, place: Where) -> Decision {
        let whole = Where { workspace: None, ..place };
        let places = self.held.get(right);
        let found = [place, whole].into_iter().filter_map(|place| places?.get(&place));
        match found.min_by_key(|stops| rank(stops)) {
            None => Decision::Deny(vec![Reason::NotGiven]),
            Some(stops) if stops.is_empty() => Decision::Permit,
            Some(stops) => Decision::Deny(stops.iter().copied().map(Reason::Stopped).collect()),
        }
    }
}

/// The less, the nearer to being effective.
fn rank(stops: &BTreeSet<Stop>) -> (Standing, usize) {
    (Standing::of(stops), stops.len())
}

#[cfg(test)]
mod tests;
