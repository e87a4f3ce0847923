//! The provider's keys, made once for all tests, and what signs with them or pretends to.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::Value;

use crate::world::CLIENT_SECRET;

/// What signs a token.
#[derive(Clone, Copy)]
pub(crate) enum Sign {
    /// The key of that name: `rs1`, `rs2`, `es1`, `es2`, or `ps1` for the first with PS256.
    With(&'static str),
    /// One key, while the header names another.
    As { name: &'static str, by: &'static str },
    /// Nothing: `alg` is `none`.
    None,
    /// The client's secret, with HS256.
    Secret,
    /// The text of the published key, with HS256.
    PublicKey,
    /// The right key, but what was signed was changed afterwards.
    Broken,
}

struct Key {
    signing: EncodingKey,
    algorithm: Algorithm,
    public: Jwk,
}

/// The published form of a key.
pub(crate) fn published(name: &str) -> Value {
    serde_json::to_value(&key(name).public).expect("JSON")
}

/// Signs claims as `how` says, the header changed by `change`.
pub(super) fn sign(how: Sign, change: fn(&mut Header), claims: &Value) -> String {
    let with = |name: &'static str, by: &'static str| {
        let mut header = Header::new(key(by).algorithm);
        header.kid = Some(name.to_owned());
        change(&mut header);
        encode(&header, claims, &key(by).signing).expect("a token")
    };
    let shared = |secret: &[u8]| {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some("rs1".to_owned());
        change(&mut header);
        encode(&header, claims, &EncodingKey::from_secret(secret)).expect("a token")
    };
    match how {
        Sign::With(name) => with(name, name),
        Sign::As { name, by } => with(name, by),
        Sign::Secret => shared(CLIENT_SECRET.as_bytes()),
        Sign::PublicKey => shared(published("rs1").to_string().as_bytes()),
        Sign::None => {
            let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
            format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#))
        }
        Sign::Broken => {
            let token = with("rs1", "rs1");
            let (head, signature) = token.rsplit_once('.').expect("three parts");
            let mut signature = URL_SAFE_NO_PAD.decode(signature).expect("base64");
            signature[7] ^= 1;
            format!("{head}.{}", URL_SAFE_NO_PAD.encode(signature))
        }
    }
}

fn key(name: &str) -> &'static Key {
    static KEYS: OnceLock<BTreeMap<&'static str, Key>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        let (first, second) = (rsa_key(), rsa_key());
        BTreeMap::from([
            ("rs1", made("rs1", &first, Algorithm::RS256)),
            ("rs2", made("rs2", &second, Algorithm::RS256)),
            ("ps1", made("rs1", &first, Algorithm::PS256)),
            ("es1", made("es1", &es_key(), Algorithm::ES256)),
            ("es2", made("es2", &es_key(), Algorithm::ES256)),
        ])
    });
    &keys[name]
}

fn made(kid: &str, signing: &EncodingKey, algorithm: Algorithm) -> Key {
    let mut public = Jwk::from_encoding_key(signing, algorithm).expect("a public key");
    public.common.key_id = Some(kid.to_owned());
    public.common.key_algorithm = None;
    Key { signing: signing.clone(), algorithm, public }
}

fn rsa_key() -> EncodingKey {
    let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).expect("a key");
    let der: Pkcs8V1Der<'_> = pair.as_der().expect("its form");
    // PKCS #8 wraps PKCS #1 in 26 bytes for a key of this size.
    EncodingKey::from_rsa_der(&der.as_ref()[26..])
}

fn es_key() -> EncodingKey {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    EncodingKey::from_ec_der(pair.to_pkcs8v1().expect("its form").as_ref())
}
