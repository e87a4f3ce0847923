//! What a user holds, as our SCIM extension shows it: read-only, made anew for each answer.

use std::collections::BTreeSet;

use crate::domain::ids::WorkspaceId;
use crate::domain::rights::RightKey;

/// What a user holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holdings {
    /// The rights that the user has.
    pub effective: BTreeSet<HeldRight>,
    /// The rights that the user would have, had a second person approved; none of them effective.
    pub pending: BTreeSet<HeldRight>,
    /// The roles by which the user has rights.
    pub roles: BTreeSet<HeldGift>,
    /// The bundles by which the user has rights.
    pub bundles: BTreeSet<HeldGift>,
}

/// A right, and where it is held.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldRight {
    /// The right.
    pub right: RightKey,
    /// The short name of the account.
    pub account: String,
    /// One of its workspaces; none is the whole account.
    pub workspace: Option<WorkspaceId>,
}

/// A role or bundle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldGift {
    /// The catalogue's key, or the id of the account's own.
    pub value: String,
    /// The name.
    pub name: String,
}
