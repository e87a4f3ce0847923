//! Checkpoints: the head of an account's chain, signed. Kept outside, they show that the record was cut
//! off or made anew.
//!
//! What is signed are five lines, each with its end: `countersign-checkpoint/1`, the account's id, the
//! number of the last activity, its hash in hexadecimal, and when it was signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::domain::event::canonical::{Hash, hex, unhex};
use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;

/// After how many activities there is a new one.
pub const EVERY: i64 = 1000;

/// The signed head of an account's chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The account.
    pub account: AccountId,
    /// The number of the last activity that it covers.
    pub seq: i64,
    /// Its hash.
    pub hash: Hash,
    /// When it was signed.
    pub at: Timestamp,
    /// The id of the key that signed it: the SHA-256 thumbprint of its public half (RFC 7638).
    pub key_id: String,
    /// The Ed25519 signature (RFC 8032).
    pub signature: Vec<u8>,
}

/// A key that signs checkpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointKey {
    /// Its id.
    pub id: String,
    /// Its private half, sealed.
    pub private_key: Vec<u8>,
    /// Its public half as a JWK (RFC 7517, RFC 8037).
    pub public_jwk: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Checkpoint {
    /// What is signed.
    pub fn text(&self) -> String {
        let Self { account, seq, hash, at, .. } = self;
        format!("countersign-checkpoint/1\n{account}\n{seq}\n{}\n{at}\n", hex(hash))
    }

    /// As answers have it.
    pub fn body(&self) -> Value {
        json!({
            "account": self.account.to_string(),
            "seq": self.seq,
            "hash": hex(&self.hash),
            "at": self.at.rfc3339(),
            "key_id": self.key_id,
            "signature": STANDARD.encode(&self.signature),
        })
    }

    /// Reads what [`Checkpoint::body`] wrote; none if it is something else.
    pub fn read(body: &Value) -> Option<Self> {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        Some(Self {
            account: text("account")?.parse().ok()?,
            seq: body.get("seq")?.as_i64()?,
            hash: unhex(text("hash")?)?.try_into().ok()?,
            at: Timestamp::parse(text("at")?)?,
            key_id: text("key_id")?.to_owned(),
            signature: STANDARD.decode(text("signature")?).ok()?,
        })
    }
}
