//! Sealing what we must be able to show again: secrets of SSO connections, TOTP seeds, private keys.
//!
//! AES-256-GCM under a key from the configuration, bound to the place where it is kept, so that a
//! sealed text moved to another row does not open. The first key seals; all of them open, which is how
//! keys are rotated. Form: length of the key's id, id, nonce (12 bytes), cipher text, tag.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

const NONCE_LEN: usize = 12;

/// The keys, in the order of the configuration.
#[derive(Clone, Default)]
pub struct Keyring {
    keys: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: String,
    secret: SecretSlice<u8>,
}

/// Why something could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// The configuration names no key.
    #[error("there is no key to seal secrets with; set `secrets.keys`")]
    NoKey,
    /// It was sealed with a key that the configuration no longer names, for another place, or it is
    /// damaged.
    #[error("a sealed secret does not open: is its key still in `secrets.keys`?")]
    Closed,
}

impl Keyring {
    /// Reads keys written `id:base64`, of 32 bytes each.
    ///
    /// # Errors
    /// Which one is wrong, and what would be right; never the key itself.
    pub fn parse(texts: &[SecretString]) -> Result<Self, String> {
        let keys = texts.iter().enumerate().map(|(n, text)| {
            let wrong =
                || format!("number {} is not `ID:KEY`, where KEY is 32 bytes in base64", n + 1);
            let (id, key) = text.expose_secret().split_once(':').ok_or_else(wrong)?;
            let key = STANDARD.decode(key.trim()).map_err(|_| wrong())?;
            if key.len() != 32 || id.is_empty() || id.len() > 100 {
                return Err(wrong());
            }
            Ok(Key { id: id.to_owned(), secret: key.into() })
        });
        Ok(Self { keys: keys.collect::<Result<_, String>>()? })
    }

    /// A keyring with one key of these bytes.
    pub fn of(id: &str, key: [u8; 32]) -> Self {
        Self { keys: vec![Key { id: id.to_owned(), secret: key.to_vec().into() }] }
    }

    /// Seals `plain` for `place`, such as `sso_connections|account|id`.
    ///
    /// # Errors
    /// [`EnvelopeError::NoKey`].
    pub fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
        let key = self.keys.first().ok_or(EnvelopeError::NoKey)?;
        let mut buffer = plain.to_vec();
        let nonce = key
            .cipher()?
            .seal_in_place_append_tag(Aad::from(place.as_bytes()), &mut buffer)
            .map_err(|_| EnvelopeError::NoKey)?;
        let length = u8::try_from(key.id.len()).map_err(|_| EnvelopeError::NoKey)?;
        let mut sealed = vec![length];
        sealed.extend_from_slice(key.id.as_bytes());
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut buffer);
        Ok(sealed)
    }

    /// Opens what was sealed for `place`.
    ///
    /// # Errors
    /// [`EnvelopeError::Closed`].
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<SecretSlice<u8>, EnvelopeError> {
        let closed = || EnvelopeError::Closed;
        let (length, rest) = sealed.split_first().ok_or_else(closed)?;
        let (id, rest) = rest.split_at_checked(usize::from(*length)).ok_or_else(closed)?;
        let (nonce, cipher) = rest.split_at_checked(NONCE_LEN).ok_or_else(closed)?;
        let key = self.keys.iter().find(|key| key.id.as_bytes() == id).ok_or_else(closed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| closed())?;
        let mut buffer = cipher.to_vec();
        let plain = key
            .cipher()?
            .open_in_place(nonce, Aad::from(place.as_bytes()), &mut buffer)
            .map_err(|_| closed())?;
        Ok(plain.to_vec().into())
    }

    /// Whether it was sealed with the first key; if not, it is to be sealed anew.
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        self.first().is_some_and(|first| Self::key_id(sealed) == Some(first))
    }

    /// The id of the key that seals.
    pub fn first(&self) -> Option<&str> {
        self.keys.first().map(|key| key.id.as_str())
    }

    /// The id of the key by which something was sealed, as it says itself.
    pub fn key_id(sealed: &[u8]) -> Option<&str> {
        let (length, rest) = sealed.split_first()?;
        std::str::from_utf8(rest.get(..usize::from(*length))?).ok()
    }
}

impl Key {
    fn cipher(&self) -> Result<RandomizedNonceKey, EnvelopeError> {
        RandomizedNonceKey::new(&AES_256_GCM, self.secret.expose_secret())
            .map_err(|_| EnvelopeError::NoKey)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<&str> = self.keys.iter().map(|key| key.id.as_str()).collect();
        f.debug_struct("Keyring").field("ids", &ids).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
