//! Bearer tokens: their text form, what they may do, what is kept of them.
//!
//! Their text is that of [`opaque`] secrets, and begins with `csn_`.

pub mod health;

use secrecy::SecretString;

use crate::domain::ids::{AccountId, ConnectionId, TokenId};
use crate::domain::opaque::{self, Presented, Sort};
use crate::domain::time::Timestamp;

/// Live tokens a connection may have at once (DECISIONS.md 30).
pub const LIVE_LIMIT: usize = 4;
/// Days a token lives if nobody says otherwise.
pub const DEFAULT_DAYS: u32 = 180;
/// Days a token may live at most.
pub const MAX_DAYS: u32 = 366;

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Read only.
    Read,
    /// Read and write.
    Write,
}

/// What is kept of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The account it belongs to.
    pub account: AccountId,
    /// Its id.
    pub id: TokenId,
    /// The connection it opens.
    pub connection: ConnectionId,
    /// SHA-256 of the secret.
    pub secret_hash: [u8; 32],
    /// What it may do.
    pub access: Access,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last seen; written now and then, not on each request.
    pub last_used_at: Option<Timestamp>,
}

impl Access {
    /// The word stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// Reads the stored word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "read" => Some(Self::Read),
            "write" => Some(Self::Write),
            _ => None,
        }
    }
}

impl Token {
    /// Whether it opens the door at this moment.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// Whether the presented secret is this token's, in time that tells nothing.
    pub fn matches(&self, presented: &Presented) -> bool {
        self.id.uuid() == presented.id && presented.matches(&self.secret_hash)
    }
}

/// The text of a token, to be shown once, and the hash to keep.
pub fn compose(id: TokenId, secret: [u8; 32]) -> (SecretString, [u8; 32]) {
    opaque::compose(Sort::Token, id.uuid(), secret)
}

/// Reads a presented token; `None` if its form or checksum is wrong.
pub fn read(text: &str) -> Option<Presented> {
    opaque::read(Sort::Token, text)
}
