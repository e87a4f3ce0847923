//! Paths: how a right comes to a user, and what stops it (PRODUCT.md C2).
//!
//! A right is effective if at least one of its paths is not stopped, and pending if at least one is
//! stopped by nothing but that nobody has approved it.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::domain::ids::{AccountId, BundleId, ResourceId, RoleId, WorkspaceId};
use crate::domain::rights::RightKey;
use crate::domain::time::Timestamp;

/// Where a right is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Where {
    /// The account.
    pub account: AccountId,
    /// One of its workspaces; none is the whole account.
    pub workspace: Option<WorkspaceId>,
}

/// One way by which one right comes to one user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// The user.
    pub user: ResourceId,
    /// The right.
    pub right: RightKey,
    /// Where it would be held.
    pub held_in: Where,
    /// What gives it.
    pub source: Source,
    /// The role on the way.
    pub role: Option<RoleId>,
    /// The bundle on the way.
    pub bundle: Option<BundleId>,
    /// What stops it; nothing if it is effective.
    pub stops: BTreeSet<Stop>,
    /// When time alone will next change that; [`OPEN_END`](crate::domain::time::OPEN_END) if never.
    pub turns_at: Timestamp,
    /// Since when all its links have stood, mapping or grant apart; an older signature does not cover it.
    pub basis: Timestamp,
}

/// What a path begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A mapping of a group that the user is in, directly or not.
    Mapping {
        /// The mapping.
        id: Uuid,
        /// The group; none where a pushed role was mapped.
        group: Option<ResourceId>,
    },
    /// A grant to the user.
    Grant {
        /// The grant.
        id: Uuid,
    },
    /// A support user's access to a customer's account.
    Support {
        /// The support grant.
        id: Uuid,
    },
    /// `bootstrap` or the demo.
    Seed,
}

/// What stops a right on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// The user is not active.
    UserInactive,
    /// The user's account is suspended or closed.
    AccountSuspended,
    /// The account in which the right would be held is suspended or closed.
    PlaceSuspended,
    /// The workspace is closed.
    WorkspaceClosed,
    /// The mapping rests.
    Paused,
    /// Its time has not come.
    NotStarted,
    /// Its time is over.
    Ended,
    /// The catalogue has no such right any more.
    NotInCatalogue,
    /// The user is a recipient, and no recipient may hold the right (S3).
    RecipientCeiling,
    /// The right needs an account permission which is off (S6).
    PermissionOff,
    /// The right is privileged, and no second person has approved it (C6).
    Pending,
    /// The user holds a right that nobody may hold together with this one.
    Conflict,
    /// The user made themselves what gives it, and no second person has approved it (C5).
    OwnDoing,
    /// No support user may hold the right (M51, M52).
    SupportCeiling,
    /// The support user is no longer what they were let in as.
    PostLost,
}

/// What comes of a user's paths to a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The user has it.
    Effective,
    /// The user would have it, had a second person approved.
    Pending,
    /// The user does not have it.
    Stopped,
}

impl Stop {
    /// All, in the order of their bits.
    pub const ALL: [Self; 15] = [
        Self::UserInactive,
        Self::AccountSuspended,
        Self::PlaceSuspended,
        Self::WorkspaceClosed,
        Self::Paused,
        Self::NotStarted,
        Self::Ended,
        Self::NotInCatalogue,
        Self::RecipientCeiling,
        Self::PermissionOff,
        Self::Pending,
        Self::Conflict,
        Self::OwnDoing,
        Self::SupportCeiling,
        Self::PostLost,
    ];

    /// The word sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserInactive => "user_inactive",
            Self::AccountSuspended => "account_suspended",
            Self::PlaceSuspended => "place_suspended",
            Self::WorkspaceClosed => "workspace_closed",
            Self::Paused => "paused",
            Self::NotStarted => "not_started",
            Self::Ended => "ended",
            Self::NotInCatalogue => "not_in_catalogue",
            Self::RecipientCeiling => "recipient_ceiling",
            Self::PermissionOff => "permission_off",
            Self::Pending => "pending",
            Self::Conflict => "conflict",
            Self::OwnDoing => "own_doing",
            Self::SupportCeiling => "support_ceiling",
            Self::PostLost => "post_lost",
        }
    }

    /// Why, in English; the French is in `src/http/api/texts/stops.rs`.
    pub fn reason(self) -> &'static str {
        match self {
            Self::UserInactive => "The user is not active.",
            Self::AccountSuspended => "The user’s account is suspended or closed.",
            Self::PlaceSuspended => {
                "The account in which the right would be held is suspended or closed."
            }
            Self::WorkspaceClosed => "The workspace is closed.",
            Self::Paused => "The group mapping is paused.",
            Self::NotStarted => "Its time has not come.",
            Self::Ended => "Its time is over.",
            Self::NotInCatalogue => "The catalogue has no such right any more.",
            Self::RecipientCeiling => {
                "The user is a recipient, and no recipient may hold this right."
            }
            Self::PermissionOff => {
                "The account permission that it needs is off; the operator can switch it on."
            }
            Self::Pending => "The right is privileged, and no second person has approved it.",
            Self::Conflict => "The user holds a right that nobody may hold together with this one.",
            Self::OwnDoing => {
                "The user made themselves what gives it, and no second person has approved it."
            }
            Self::SupportCeiling => {
                "The user is one of the operator’s support users, and none of them may hold this right."
            }
            Self::PostLost => {
                "The support user has left the team or function in which they were let in, or was \
                 inactive since."
            }
        }
    }
}

impl Path {
    /// What comes of it alone.
    pub fn standing(&self) -> Standing {
        Standing::of(&self.stops)
    }
}

impl Standing {
    /// What comes of a path that these stop.
    pub fn of(stops: &BTreeSet<Stop>) -> Self {
        let awaits_signature = |stop: &Stop| matches!(stop, Stop::Pending | Stop::OwnDoing);
        if stops.is_empty() {
            Self::Effective
        } else if stops.iter().all(awaits_signature) {
            Self::Pending
        } else {
            Self::Stopped
        }
    }
}

/// What comes of all paths together, by user, right and place.
pub fn standings(paths: &[Path]) -> BTreeMap<(ResourceId, RightKey, Where), Standing> {
    let mut all = BTreeMap::new();
    for path in paths {
        let key = (path.user, path.right.clone(), path.held_in);
        let best = all.entry(key).or_insert(Standing::Stopped);
        *best = (*best).min(path.standing());
    }
    all
}
