//! Product keys: how the vendor's product shows who it is, server to server.
//!
//! Their text is that of [`opaque`] secrets and begins with `csp_`. They live in the operator's
//! account, and open what their scopes name and nothing else: no person stands behind them.

use std::fmt;
use std::str::FromStr;

use secrecy::SecretString;

use crate::domain::ids::{AccountId, ProductKeyId};
use crate::domain::opaque::{self, Presented, Sort};
use crate::domain::time::Timestamp;

/// Live product keys there may be at once.
pub const LIVE_LIMIT: u64 = 20;

/// How exactly its last use is noted, in microseconds: not every one is a write.
const NOTED: i64 = 60_000_000;

/// What a product key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProductScope {
    /// Ask whether an access token is good (RFC 7662).
    Introspect,
    /// Ask for access decisions.
    Decisions,
    /// Read the rights of users, and which may have changed.
    Rights,
}

/// What is kept of a product key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductKey {
    /// The operator's account.
    pub account: AccountId,
    /// Its id.
    pub id: ProductKeyId,
    /// What people call it.
    pub name: String,
    /// SHA-256 of the secret.
    pub secret_hash: [u8; 32],
    /// What it may do.
    pub scopes: Vec<ProductScope>,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last seen, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl ProductScope {
    /// The word stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Introspect => "introspect",
            Self::Decisions => "decisions",
            Self::Rights => "rights",
        }
    }
}

impl FromStr for ProductScope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Self::Introspect, Self::Decisions, Self::Rights];
        let found = all.into_iter().find(|scope| scope.as_str() == text);
        found.ok_or_else(|| "use `introspect`, `decisions` or `rights`".to_owned())
    }
}

impl fmt::Display for ProductScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl ProductKey {
    /// Whether it opens anything at this moment.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// Whether the presented secret is this key's, in time that tells nothing.
    pub fn matches(&self, presented: &Presented) -> bool {
        self.id.uuid() == presented.id && presented.matches(&self.secret_hash)
    }

    /// Whether this use is to be noted.
    pub fn is_unnoted(&self, now: Timestamp) -> bool {
        self.last_used_at.is_none_or(|at| now.micros() - at.micros() >= NOTED)
    }
}

/// The scopes as one text: in their order, each once, blanks between.
pub fn join(scopes: &[ProductScope]) -> String {
    let mut scopes: Vec<ProductScope> = scopes.to_vec();
    scopes.sort_unstable();
    scopes.dedup();
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

/// The text of a product key, to be shown once, and the hash to keep.
pub fn compose(id: ProductKeyId, secret: [u8; 32]) -> (SecretString, [u8; 32]) {
    opaque::compose(Sort::ProductKey, id.uuid(), secret)
}

/// Reads a presented product key; `None` if its form or checksum is wrong.
pub fn read(text: &str) -> Option<Presented> {
    opaque::read(Sort::ProductKey, text)
}
