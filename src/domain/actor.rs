//! Who acts. Every change and every read has an actor; there is no way around that.

use std::fmt;

use crate::domain::ids::{AccountId, ConnectionId, TokenId};
use crate::domain::tokens::Access;
use crate::scim::preset::Preset;

/// Who acts, and how they showed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// An identity provider, by a bearer token.
    ScimClient(ScimClient),
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

impl Actor {
    /// The word in the record.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ScimClient(_) => "scim_client",
            Self::Platform => "platform",
            Self::System => "system",
        }
    }

    /// The id in the record: of a SCIM client, its token, which names the connection too.
    pub fn id(&self) -> Option<uuid::Uuid> {
        match self {
            Self::ScimClient(client) => Some(client.token.uuid()),
            Self::Platform | Self::System => None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}
