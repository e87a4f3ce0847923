//! Keys that sign access tokens, and what such a token says.
//!
//! One key signs at a time. A rotated one is kept, its public half alone, for as long as anybody may
//! still hold a token that it signed, and longer: verifiers keep copies of our key set. An access token
//! says who somebody is at this moment; it ends after minutes, with its session, or when it is revoked.

pub mod products;
pub mod seals;

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::rights::RightKey;
use crate::domain::time::Timestamp;

/// How long an access token lives at most, in seconds (DECISIONS.md 30).
pub const TOKEN_SECONDS: i64 = 300;
/// How many rights a token holds at most, and how many bytes of their keys.
const RIGHTS: (usize, usize) = (100, 2048);
/// How long a rotated key is still published and accepted, in microseconds: a day.
const KEPT: i64 = 86_400_000_000;

/// What signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256 (RFC 7518 §3.4), which every library verifies.
    #[default]
    Es256,
    /// Ed25519 (RFC 8037).
    EdDsa,
}

/// A signing key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// Its id: the SHA-256 thumbprint of its public half (RFC 7638).
    pub id: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// Its private half, sealed; gone once it is retired.
    pub private_key: Option<Vec<u8>>,
    /// Its public half as a JWK (RFC 7517).
    pub public_jwk: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it signs no more.
    pub retired_at: Option<Timestamp>,
}

/// What an access token says (RFC 9068 §2.2, with ours).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it: our public URL.
    pub iss: String,
    /// Whom it is for.
    pub aud: String,
    /// The user.
    pub sub: String,
    /// The client that the person used: our own pages.
    pub client_id: String,
    /// The user's account.
    pub account: String,
    /// The session that it stands on.
    pub sid: String,
    /// The provider's `acr`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// What was shown at sign-in and since (RFC 8176).
    pub amr: Vec<String>,
    /// When they proved who they are, in seconds since 1970.
    pub auth_time: i64,
    /// When it was issued.
    pub iat: i64,
    /// When it ends.
    pub exp: i64,
    /// Its own id.
    pub jti: String,
    /// What it may be used for, and what was asked to be in it.
    pub scope: String,
    /// The rights that the user held in the whole account when it was issued: a hint, not a decision
    /// (DECISIONS.md 30).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rights: Option<Vec<String>>,
    /// That these were asked for, and are too many for a token.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rights_omitted: bool,
}

impl Claims {
    /// Says what rights the user holds, or that they are too many.
    pub fn tell_rights(&mut self, rights: &[RightKey]) {
        let bytes: usize = rights.iter().map(|right| right.as_str().len()).sum();
        self.rights_omitted = rights.len() > RIGHTS.0 || bytes > RIGHTS.1;
        if !self.rights_omitted {
            self.rights = Some(rights.iter().map(|right| right.as_str().to_owned()).collect());
        }
    }
}

impl Algorithm {
    /// The word in keys and tokens, and the one stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Reads the stored word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Es256, Self::EdDsa].into_iter().find(|algorithm| algorithm.as_str() == text)
    }
}

impl FromStr for Algorithm {
    type Err = String;

    /// Reads it as people write it.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "es256" => Ok(Self::Es256),
            "eddsa" | "ed25519" => Ok(Self::EdDsa),
            _ => Err("use `es256` or `eddsa`".to_owned()),
        }
    }
}

impl SigningKey {
    /// Whether a token that it signed is still accepted.
    pub fn verifies(&self, now: Timestamp) -> bool {
        self.retired_at.is_none_or(|at| now.micros() - at.micros() < KEPT)
    }
}

/// The latest moment at which a key was retired that is kept no longer.
pub fn kept_since(now: Timestamp) -> Timestamp {
    Timestamp::from_micros(now.micros().saturating_sub(KEPT))
}
