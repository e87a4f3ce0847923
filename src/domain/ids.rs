//! Typed ids, so that an account's id cannot stand where a user's belongs.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use uuid::Uuid;

use crate::domain::time::Timestamp;

/// The id of a `T`. Ids are `UUIDv7`: unguessable in part, and in the order of creation.
pub struct Id<T>(Uuid, PhantomData<fn() -> T>);

/// Names of what has an id, used only as `Id<…>`.
pub mod kinds {
    macro_rules! kinds {
        ($($(#[$doc:meta])* $name:ident),+) => {
            $($(#[$doc])* #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)] pub enum $name {})+
        };
    }
    kinds!(
        /// A customer organisation's space.
        Account,
        /// One identity provider's SCIM access to one account.
        Connection,
        /// A bearer token of a connection.
        Token,
        /// A SCIM resource, user or group.
        Resource,
        /// One line of the record.
        Activity,
        /// One human.
        Person,
        /// One OIDC provider of one account.
        Sso,
        /// A signed-in browser.
        Session,
        /// A second factor of a person.
        Factor,
        /// A key of the vendor's product.
        ProductKey,
        /// A part of an account in which roles can be held.
        Workspace,
        /// A named set of rights.
        Bundle,
        /// A named position, which carries bundles.
        Role,
        /// What a group gives its members.
        Mapping,
        /// What was given to one user.
        Grant,
        /// A typed key on users and recipients.
        Property,
        /// A change that waits for a second person.
        Approval,
        /// What a group makes of the operator's staff in it.
        SupportFunction,
        /// A director's standing in for another.
        Delegation,
        /// A support user's access to an account.
        SupportGrant
    );
}

/// Id of an account.
pub type AccountId = Id<kinds::Account>;
/// Id of a provisioning connection.
pub type ConnectionId = Id<kinds::Connection>;
/// Id of a token.
pub type TokenId = Id<kinds::Token>;
/// Id of a user or a group.
pub type ResourceId = Id<kinds::Resource>;
/// Id of an activity.
pub type ActivityId = Id<kinds::Activity>;

/// Id of a person.
pub type PersonId = Id<kinds::Person>;
/// Id of an SSO connection.
pub type SsoId = Id<kinds::Sso>;
/// Id of a session.
pub type SessionId = Id<kinds::Session>;
/// Id of a second factor.
pub type FactorId = Id<kinds::Factor>;
/// Id of a product key.
pub type ProductKeyId = Id<kinds::ProductKey>;

/// Id of a workspace.
pub type WorkspaceId = Id<kinds::Workspace>;
/// Id of a bundle.
pub type BundleId = Id<kinds::Bundle>;
/// Id of a role.
pub type RoleId = Id<kinds::Role>;
/// Id of a group mapping.
pub type MappingId = Id<kinds::Mapping>;
/// Id of a grant.
pub type GrantId = Id<kinds::Grant>;
/// Id of a property.
pub type PropertyId = Id<kinds::Property>;
/// Id of an approval request.
pub type ApprovalId = Id<kinds::Approval>;

/// Id of a support function that a group gives.
pub type SupportFunctionId = Id<kinds::SupportFunction>;
/// Id of a CSD's delegation.
pub type DelegationId = Id<kinds::Delegation>;
/// Id of a support grant.
pub type SupportGrantId = Id<kinds::SupportGrant>;

/// Makes new ids and secrets. A trait because tests seed it.
pub trait IdSource: Send + Sync + fmt::Debug {
    /// 256 random bits.
    fn secret(&self) -> [u8; 32];

    /// A new `UUIDv7` for the given moment, greater than those made before by this process.
    fn next(&self, now: Timestamp) -> Uuid;
}

impl<T> Id<T> {
    /// The id that this UUID is.
    pub fn new(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The bare UUID, for storage.
    pub fn uuid(self) -> Uuid {
        self.0
    }
}

impl AccountId {
    /// Stands where an account would own what the catalogue predefines for all of them.
    pub const CATALOGUE: Self = Self(Uuid::nil(), PhantomData);

    /// The connection that stands for the account's own administrators: users and groups made here
    /// belong to it, and no token does.
    pub fn own_connection(self) -> ConnectionId {
        ConnectionId::new(self.0)
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.as_hyphenated(), f)
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<T> FromStr for Id<T> {
    type Err = NotAnId;

    /// Only the hyphenated lower-case form is an id: two spellings would be two names of one thing.
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let uuid = Uuid::try_parse(text).map_err(|_| NotAnId)?;
        let mut buffer = Uuid::encode_buffer();
        if uuid.as_hyphenated().encode_lower(&mut buffer) == text {
            Ok(Self::new(uuid))
        } else {
            Err(NotAnId)
        }
    }
}

/// The text is not an id in its one spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct NotAnId;
