//! The authenticator apps of the demo's people: the side of RFC 6238 that a telephone has.

use std::fmt;

use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretString};
use totp_rs::{Builder, Secret, Totp};

use crate::domain::time::Timestamp;

/// How long a code is shown, in seconds.
const STEP: u64 = 30;

/// Somebody's authenticator app.
pub struct Phone {
    /// What people call them.
    pub name: String,
    /// Their `userName`.
    pub user_name: String,
    totp: Totp,
}

impl Phone {
    /// Takes over a seed, in base 32 as the enrolment page shows it.
    ///
    /// # Errors
    /// If it is none.
    pub fn scan(name: String, user_name: String, seed: &SecretString) -> anyhow::Result<Self> {
        let seed = Secret::try_from_base32(seed.expose_secret()).ok().context("no seed")?;
        let totp = Builder::new()
            .with_secret(seed)
            .with_issuer(Some("Countersign"))
            .with_account_name(user_name.as_str());
        Ok(Self { name, user_name, totp: totp.build()? })
    }

    /// The code at that moment.
    pub fn code(&self, now: Timestamp) -> String {
        self.totp.generate(seconds(now)).to_string()
    }

    /// The code after that.
    pub fn next_code(&self, now: Timestamp) -> String {
        self.totp.generate(seconds(now) + STEP).to_string()
    }

    /// What another app can be set up by.
    ///
    /// # Errors
    /// If the name does not fit into a URL, which userNames do.
    pub fn url(&self) -> anyhow::Result<SecretString> {
        Ok(SecretString::from(self.totp.to_url()?))
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Phone").field("user_name", &self.user_name).finish_non_exhaustive()
    }
}

/// For how many more seconds a code is shown.
pub(super) fn seconds_left(now: Timestamp) -> u64 {
    STEP - seconds(now) % STEP
}

fn seconds(now: Timestamp) -> u64 {
    u64::try_from(now.micros() / 1_000_000).unwrap_or_default()
}
