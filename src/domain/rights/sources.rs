//! What gives rights: group mappings and grants.

use uuid::Uuid;

use crate::domain::ids::{
    AccountId, BundleId, ConnectionId, GrantId, MappingId, PersonId, ResourceId, RoleId,
    WorkspaceId,
};
use crate::domain::rights::RightKey;
use crate::domain::time::{OPEN_END, Timestamp};

/// What is given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gift {
    /// A bundle.
    Bundle(BundleId),
    /// A role.
    Role(RoleId),
    /// One right; by a grant only.
    Right(RightKey),
}

/// Where it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the whole account.
    Account,
    /// In one workspace of it.
    Workspace(WorkspaceId),
    /// In all children of it, if it is a parent.
    Children,
}

/// For when it is given; the end is not within.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// From when on.
    pub starts_at: Timestamp,
    /// Until when; [`OPEN_END`] if nobody said.
    pub ends_at: Timestamp,
}

/// Who is given by a mapping.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Givee {
    /// The members of a group, those of groups in it included.
    Group(ResourceId),
    /// Whom a connection pushed a role of that value for, compared without regard to case.
    Pushed {
        /// The connection.
        connection: ConnectionId,
        /// The value.
        value: String,
    },
}

/// A group mapping to be made.
#[derive(Debug, Clone)]
pub struct MappingSpec {
    /// Who is given.
    pub givee: Givee,
    /// What; a bundle or a role.
    pub gift: Gift,
    /// Where.
    pub place: Place,
    /// For when.
    pub period: Period,
    /// Why, in the words of whoever makes it.
    pub reason: String,
}

/// What is to be different about a mapping.
#[derive(Debug, Clone, Default)]
pub struct MappingEdit {
    /// Whether it rests: gives nothing until it is resumed.
    pub paused: Option<bool>,
    /// From when on.
    pub starts_at: Option<Timestamp>,
    /// Until when.
    pub ends_at: Option<Timestamp>,
    /// Why.
    pub reason: Option<String>,
}

/// A group mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The account whose users it gives to.
    pub account: AccountId,
    /// Its id.
    pub id: MappingId,
    /// Who is given.
    pub givee: Givee,
    /// What.
    pub gift: Gift,
    /// Whose bundle or role that is.
    pub gift_owner: AccountId,
    /// Where.
    pub place: Place,
    /// For when.
    pub period: Period,
    /// Whether it rests.
    pub paused: bool,
    /// Why.
    pub reason: String,
    /// Who made it.
    pub created_by: By,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who changed it last.
    pub changed_by: By,
    /// When that was.
    pub changed_at: Timestamp,
    /// Grows with each change.
    pub version: i64,
}

/// A grant to be made.
#[derive(Debug, Clone)]
pub struct GrantSpec {
    /// Who is given.
    pub user: ResourceId,
    /// What.
    pub gift: Gift,
    /// Where.
    pub place: Place,
    /// For when.
    pub period: Period,
    /// Why, in the words of whoever makes it.
    pub reason: String,
}

/// What was given to one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The user's account.
    pub account: AccountId,
    /// Its id.
    pub id: GrantId,
    /// Who is given.
    pub user: ResourceId,
    /// What.
    pub gift: Gift,
    /// Whose bundle or role that is; none of a right.
    pub gift_owner: Option<AccountId>,
    /// Where.
    pub place: Place,
    /// For when.
    pub period: Period,
    /// Why.
    pub reason: String,
    /// Who gave it.
    pub given_by: By,
    /// When.
    pub given_at: Timestamp,
    /// Grows with each change.
    pub version: i64,
}

/// Who did something, as the record names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// The kind of actor.
    pub kind: String,
    /// Which one: of a person, the user.
    pub id: Option<Uuid>,
    /// Which human, where that is known.
    pub person: Option<PersonId>,
}

impl Period {
    /// From always to for ever.
    pub const ALWAYS: Self = Self { starts_at: Timestamp::from_micros(0), ends_at: OPEN_END };

    /// Whether another begins before this one, or ends after it.
    pub fn is_exceeded_by(self, other: Self) -> bool {
        other.starts_at < self.starts_at || other.ends_at > self.ends_at
    }
}

impl Default for Period {
    fn default() -> Self {
        Self::ALWAYS
    }
}

impl Gift {
    /// The word stored and sent.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Bundle(_) => "bundle",
            Self::Role(_) => "role",
            Self::Right(_) => "right",
        }
    }
}

impl Place {
    /// The word stored and sent.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Workspace(_) => "workspace",
            Self::Children => "children",
        }
    }

    /// The workspace, if it is one.
    pub fn workspace(self) -> Option<WorkspaceId> {
        match self {
            Self::Workspace(id) => Some(id),
            Self::Account | Self::Children => None,
        }
    }
}
