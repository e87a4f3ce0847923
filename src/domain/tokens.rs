//! Bearer tokens: their text form, what they may do, what is kept of them.
//!
//! `csn_` + id (22 of base 62) + secret (43 of base 62) + CRC-32 of all that (6 of base 62). The
//! prefix and the checksum let scanners recognise a leaked token, and let us refuse a mistyped one
//! without asking the database. Only SHA-256 of the secret is stored: it holds 256 random bits.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::domain::ids::{AccountId, ConnectionId, TokenId};
use crate::domain::time::Timestamp;

const PREFIX: &str = "csn_";
const ID_LEN: usize = 22;
const SECRET_LEN: usize = 43;
const SUM_LEN: usize = 6;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

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

/// A token as a client presents it, its checksum found right.
pub struct Presented {
    /// Which token it claims to be.
    pub id: TokenId,
    hash: [u8; 32],
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
        self.id == presented.id && bool::from(self.secret_hash.ct_eq(&presented.hash))
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The text of a token, to be shown once, and the hash to keep.
pub fn compose(id: TokenId, secret: [u8; 32]) -> (SecretString, [u8; 32]) {
    let secret = base62(&secret, SECRET_LEN);
    let hash = Sha256::digest(secret.as_bytes()).into();
    let body = format!("{PREFIX}{}{secret}", base62(id.uuid().as_bytes(), ID_LEN));
    let sum = base62(&crc32fast::hash(body.as_bytes()).to_be_bytes(), SUM_LEN);
    (SecretString::from(format!("{body}{sum}")), hash)
}

/// Reads a presented token; `None` if its form or checksum is wrong, for which no database is asked.
pub fn read(text: &str) -> Option<Presented> {
    if text.len() != PREFIX.len() + ID_LEN + SECRET_LEN + SUM_LEN || !text.is_ascii() {
        return None;
    }
    let (body, sum) = text.split_at_checked(text.len() - SUM_LEN)?;
    if base62(&crc32fast::hash(body.as_bytes()).to_be_bytes(), SUM_LEN) != sum {
        return None;
    }
    let (id, secret) = body.strip_prefix(PREFIX)?.split_at_checked(ID_LEN)?;
    Some(Presented {
        id: TokenId::new(Uuid::from_u128(from_base62(id)?)),
        hash: Sha256::digest(secret.as_bytes()).into(),
    })
}

/// Shows the whole text; for the one moment of issue.
pub fn reveal(token: &SecretString) -> &str {
    token.expose_secret()
}

/// The number in `bytes` (big-endian) in base 62, padded with zeros to `width`.
fn base62(bytes: &[u8], width: usize) -> String {
    let mut number = bytes.to_vec();
    let mut digits = Vec::with_capacity(width);
    while digits.len() < width {
        let mut rest = 0_u32;
        for byte in &mut number {
            let value = (rest << 8) | u32::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
            rest = value % 62;
        }
        let digit = usize::try_from(rest).ok().and_then(|i| DIGITS.get(i));
        digits.push(char::from(digit.copied().unwrap_or(b'0')));
    }
    digits.iter().rev().collect()
}

fn from_base62(text: &str) -> Option<u128> {
    text.bytes().try_fold(0_u128, |number, digit| {
        let value = DIGITS.iter().position(|d| *d == digit)?;
        number.checked_mul(62)?.checked_add(u128::try_from(value).ok()?)
    })
}

#[cfg(test)]
mod tests;
