//! Who acts. Every change and every read has an actor; there is no way around that.

use std::fmt;

use crate::domain::ids::{AccountId, ConnectionId, PersonId, ResourceId, SessionId, TokenId};
use crate::domain::time::Timestamp;
use crate::domain::tokens::Access;
use crate::scim::preset::Preset;

/// Who acts, and how they showed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// An identity provider, by a bearer token.
    ScimClient(ScimClient),
    /// A person who signed in.
    User(SignedIn),
    /// The operator's platform team at the command line (PRODUCT.md W1).
    Platform,
    /// The server itself: deliveries, clean-up.
    System,
}

/// An identity provider as its token shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScimClient {
    /// The account the token belongs to.
    pub account: AccountId,
    /// The connection the token belongs to.
    pub connection: ConnectionId,
    /// The token.
    pub token: TokenId,
    /// How strictly its requests are read.
    pub preset: Preset,
    /// What the token may do.
    pub access: Access,
}

/// A person who signed in, as their session shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedIn {
    /// The account they are in.
    pub account: AccountId,
    /// Which of its users.
    pub user: ResourceId,
    /// Which human.
    pub person: PersonId,
    /// By which session.
    pub session: SessionId,
    /// Whether the account is the operator's.
    pub is_staff: bool,
    /// When they last showed a second factor; `None` if they have not in this session.
    pub second_factor_at: Option<Timestamp>,
}

impl Actor {
    /// The word in the record.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ScimClient(_) => "scim_client",
            Self::User(_) => "user",
            Self::Platform => "platform",
            Self::System => "system",
        }
    }

    /// The human who acts, if one does.
    pub fn person(&self) -> Option<PersonId> {
        match self {
            Self::User(signed_in) => Some(signed_in.person),
            Self::ScimClient(_) | Self::Platform | Self::System => None,
        }
    }

    /// The id in the record: of a SCIM client, its token, which names the connection too; of a person,
    /// the user.
    pub fn id(&self) -> Option<uuid::Uuid> {
        match self {
            Self::ScimClient(client) => Some(client.token.uuid()),
            Self::User(signed_in) => Some(signed_in.user.uuid()),
            Self::Platform | Self::System => None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}
