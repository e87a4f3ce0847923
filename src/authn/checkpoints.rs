//! Signatures of checkpoints: Ed25519 (RFC 8032), by keys written as JWKs (RFC 8037).

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretSlice};
use serde_json::Value;

use crate::authn::access_tokens::KeyFailure;
use crate::domain::event::checkpoints::Checkpoint;

/// Signs a checkpoint with a private key (PKCS#8).
///
/// # Errors
/// If the key is damaged.
pub fn sign(
    checkpoint: Checkpoint,
    private_key: &SecretSlice<u8>,
) -> Result<Checkpoint, KeyFailure> {
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(private_key.expose_secret());
    let signature = pair.map_err(|_| KeyFailure)?.sign(checkpoint.text().as_bytes());
    Ok(Checkpoint { signature: signature.as_ref().to_vec(), ..checkpoint })
}

/// Whether one of these keys has signed it, and is the one that it names.
pub fn is_signed(checkpoint: &Checkpoint, keys: &[Value]) -> bool {
    let text = |key: &Value, name: &str| key.get(name).and_then(Value::as_str).map(str::to_owned);
    let named = |key: &&Value| {
        text(key, "kid").is_none_or(|id| id == checkpoint.key_id)
            && text(key, "crv").as_deref() == Some("Ed25519")
    };
    let verifies = |key: &Value| {
        let x = text(key, "x").and_then(|x| URL_SAFE_NO_PAD.decode(x).ok());
        x.is_some_and(|x| {
            let key = UnparsedPublicKey::new(&ED25519, x);
            key.verify(checkpoint.text().as_bytes(), &checkpoint.signature).is_ok()
        })
    };
    keys.iter().filter(named).any(verifies)
}

#[cfg(test)]
mod tests;
