//! Access tokens as text: JWTs that we sign ourselves (RFC 7519, RFC 9068).
//!
//! Nothing in a token chooses how it is verified. Its key id names one of our own keys, and that key
//! says the algorithm; a header that holds anything else than type, algorithm and key id is refused.
//! Moments are judged by the caller's clock, since the library would ask the system's.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation, decode, encode};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::Deserialize;

use crate::domain::keys::{Algorithm, Claims, TOKEN_SECONDS};
use crate::domain::time::Timestamp;

/// The type that RFC 9068 §2.1 gives access tokens.
const TYPE: &str = "at+jwt";
/// Longer ones are not ours.
const MAX_BYTES: usize = 8192;
/// How far another process's clock may be ahead, in seconds.
const SKEW: i64 = 30;

/// A key pair just made.
#[derive(Debug)]
pub struct Pair {
    /// The SHA-256 thumbprint of the public half.
    pub id: String,
    /// The private half: PKCS#8 in DER.
    pub private_key: SecretSlice<u8>,
    /// The public half, as JSON.
    pub public_jwk: String,
}

/// A token whose header has the form of ours; nothing about it is proven yet.
#[derive(Debug)]
pub struct Unverified<'a> {
    text: &'a str,
    header: OurHeader,
}

/// What a token is held against.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Who must have issued it.
    pub issuer: &'a str,
    /// For whom it must be.
    pub audience: &'a str,
    /// Now.
    pub now: Timestamp,
}

/// The whole header: `jwk`, `jku`, `x5c`, `crit` and their like make it another's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OurHeader {
    typ: String,
    alg: String,
    kid: String,
}

/// A key does not do what it is for; a private one may be damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a signing key could not be made or used")]
pub struct KeyFailure;

/// Makes a key pair.
///
/// # Errors
/// If the system has no randomness to give.
pub fn generate(algorithm: Algorithm) -> Result<Pair, KeyFailure> {
    // Version 1 of PKCS#8 for both: from version 2 the library takes no public half of Ed25519.
    let private_key: SecretSlice<u8> = match algorithm {
        Algorithm::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
            let der = pair.and_then(|pair| pair.to_pkcs8v1()).map_err(|_| KeyFailure)?;
            der.as_ref().to_vec().into()
        }
        Algorithm::EdDsa => {
            let pair = Ed25519KeyPair::generate().map_err(|_| KeyFailure)?;
            pair.to_pkcs8v1().map_err(|_| KeyFailure)?.as_ref().to_vec().into()
        }
    };
    let key = encoding_key(algorithm, &private_key);
    let mut jwk = Jwk::from_encoding_key(&key, spelling(algorithm)).map_err(|_| KeyFailure)?;
    let id = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| KeyFailure)?;
    jwk.common.key_id = Some(id.clone());
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    let public_jwk = serde_json::to_string(&jwk).map_err(|_| KeyFailure)?;
    Ok(Pair { id, private_key, public_jwk })
}

/// Signs a token with the key of that id.
///
/// # Errors
/// If the private key is damaged.
pub fn sign(
    claims: &Claims,
    (id, algorithm): (&str, Algorithm),
    private_key: &SecretSlice<u8>,
) -> Result<SecretString, KeyFailure> {
    let mut header = Header::new(spelling(algorithm));
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(id.to_owned());
    let signed = encode(&header, claims, &encoding_key(algorithm, private_key));
    signed.map(SecretString::from).map_err(|_| KeyFailure)
}

/// Reads a token's header; `None` if it has not the form of ours.
pub fn read(text: &str) -> Option<Unverified<'_>> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let (header, rest) = text.split_once('.')?;
    let is_whole = rest.split('.').count() == 2 && rest.split('.').all(|part| !part.is_empty());
    let header = URL_SAFE_NO_PAD.decode(header).ok().filter(|_| is_whole)?;
    let header: OurHeader = serde_json::from_slice(&header).ok()?;
    (header.typ == TYPE).then_some(Unverified { text, header })
}

impl Unverified<'_> {
    /// The id of the key that it says has signed it.
    pub fn key_id(&self) -> &str {
        &self.header.kid
    }

    /// What it says, if the key of that id has signed it, by the algorithm that is the key's, and it is
    /// what was expected.
    pub fn verify(
        &self,
        public_jwk: &str,
        algorithm: Algorithm,
        expected: &Expected<'_>,
    ) -> Option<Claims> {
        if self.header.alg != algorithm.as_str() {
            return None;
        }
        let jwk: Jwk = serde_json::from_str(public_jwk).ok()?;
        let key = DecodingKey::from_jwk(&jwk).ok()?;
        let mut rules = Validation::new(spelling(algorithm));
        rules.set_issuer(&[expected.issuer]);
        rules.set_audience(&[expected.audience]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        rules.validate_exp = false;
        let claims = decode::<Claims>(self.text, &key, &rules).ok()?.claims;
        is_timely(&claims, expected.now).then_some(claims)
    }
}

/// Whether a token has begun, has not ended, and does not claim to live longer than any of ours.
fn is_timely(claims: &Claims, now: Timestamp) -> bool {
    let now = now.micros().div_euclid(1_000_000);
    let life = claims.exp.checked_sub(claims.iat);
    life.is_some_and(|life| (1..=TOKEN_SECONDS).contains(&life))
        && claims.iat <= now.saturating_add(SKEW)
        && now < claims.exp
}

fn encoding_key(algorithm: Algorithm, private_key: &SecretSlice<u8>) -> EncodingKey {
    match algorithm {
        Algorithm::Es256 => EncodingKey::from_ec_der(private_key.expose_secret()),
        Algorithm::EdDsa => EncodingKey::from_ed_der(private_key.expose_secret()),
    }
}

fn spelling(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    match algorithm {
        Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
        Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
    }
}

#[cfg(test)]
mod tests;
