//! The one key by which the demo's provider signs: ES256, made anew at each start.

use std::fmt;

use anyhow::Context as _;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::Value;

/// The key.
pub(super) struct Key {
    id: String,
    signing: EncodingKey,
    /// The public half.
    pub(super) public: Jwk,
}

impl Key {
    /// A new one.
    ///
    /// # Errors
    /// If the system has no randomness to give.
    pub(super) fn generate() -> anyhow::Result<Self> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        let pair = pair.and_then(|pair| pair.to_pkcs8v1());
        let pair = pair.ok().context("no key for the demo's provider")?;
        let signing = EncodingKey::from_ec_der(pair.as_ref());
        let mut public = Jwk::from_encoding_key(&signing, Algorithm::ES256)?;
        let id = public.thumbprint(ThumbprintHash::SHA256)?;
        public.common.key_id = Some(id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { id, signing, public })
    }

    /// A token with these claims.
    ///
    /// # Errors
    /// If the key is damaged.
    pub(super) fn sign(&self, claims: &Value) -> Result<String, jsonwebtoken::errors::Error> {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.id.clone());
        encode(&header, claims, &self.signing)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish_non_exhaustive()
    }
}
