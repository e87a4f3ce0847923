//! Opaque secrets that we hand out: tokens of identity providers, sessions, links in mails, product keys.
//!
//! A prefix + id (22 of base 62) + secret (43 of base 62) + CRC-32 of all that (6 of base 62). The
//! prefix and the checksum let scanners recognise a leaked one, and let us refuse a mistyped one
//! without asking the database. Only SHA-256 of the secret is stored: it holds 256 random bits.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

const ID_LEN: usize = 22;
const SECRET_LEN: usize = 43;
const SUM_LEN: usize = 6;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// What a secret opens; each has its prefix, so that none is taken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A provisioning connection.
    Token,
    /// A session.
    Session,
    /// A single-use link.
    Link,
    /// The vendor's product, server to server.
    ProductKey,
}

/// A secret as it was presented, its checksum found right.
#[derive(Clone, Copy)]
pub struct Presented {
    /// What it claims to be.
    pub id: Uuid,
    hash: [u8; 32],
}

impl Sort {
    fn prefix(self) -> &'static str {
        match self {
            Self::Token => "csn_",
            Self::Session => "css_",
            Self::Link => "csl_",
            Self::ProductKey => "csp_",
        }
    }
}

impl Presented {
    /// Whether its secret is the one whose hash was kept, in time that tells nothing.
    pub fn matches(&self, hash: &[u8; 32]) -> bool {
        bool::from(hash.ct_eq(&self.hash))
    }

    /// The hash of its secret, where that is the key to look it up by.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The text of a new secret, to be shown once, and the hash to keep.
pub fn compose(sort: Sort, id: Uuid, secret: [u8; 32]) -> (SecretString, [u8; 32]) {
    let secret = base62(&secret, SECRET_LEN);
    let hash = Sha256::digest(secret.as_bytes()).into();
    let body = format!("{}{}{secret}", sort.prefix(), base62(id.as_bytes(), ID_LEN));
    let sum = base62(&crc32fast::hash(body.as_bytes()).to_be_bytes(), SUM_LEN);
    (SecretString::from(format!("{body}{sum}")), hash)
}

/// A password for people to type: twenty letters and digits in groups of five, 119 bits.
pub fn readable(secret: [u8; 32]) -> SecretString {
    let text: String = base62(&secret, 20);
    let groups: Vec<String> =
        text.chars().collect::<Vec<_>>().chunks(5).map(|group| group.iter().collect()).collect();
    SecretString::from(groups.join("-"))
}

/// Reads a presented secret; `None` if its form or checksum is wrong, for which no database is asked.
pub fn read(sort: Sort, text: &str) -> Option<Presented> {
    let prefix = sort.prefix();
    if text.len() != prefix.len() + ID_LEN + SECRET_LEN + SUM_LEN || !text.is_ascii() {
        return None;
    }
    let (body, sum) = text.split_at_checked(text.len() - SUM_LEN)?;
    if base62(&crc32fast::hash(body.as_bytes()).to_be_bytes(), SUM_LEN) != sum {
        return None;
    }
    let (id, secret) = body.strip_prefix(prefix)?.split_at_checked(ID_LEN)?;
    Some(Presented {
        id: Uuid::from_u128(from_base62(id)?),
        hash: Sha256::digest(secret.as_bytes()).into(),
    })
}

/// Shows the whole text; for the one moment of issue.
pub fn reveal(secret: &SecretString) -> &str {
    secret.expose_secret()
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
