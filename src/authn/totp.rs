//! Codes of authenticator apps (RFC 6238): SHA-1, six digits, thirty seconds, one step of leeway
//! each way, which is what every app understands.
//!
//! [`matched_step`] says which step a code belongs to. That no step counts twice is for the caller
//! to see to: the step is kept, and must grow.

use std::fmt::{self, Write as _};

use qrcodegen::{QrCode, QrCodeEcc};
use secrecy::SecretString;
use totp_rs::{Builder, Secret, Totp, TotpError};

use crate::domain::time::Timestamp;

/// How many random bytes a seed has.
pub const SEED_LEN: usize = 20;
const ISSUER: &str = "Countersign";
/// Light modules around a QR code (ISO/IEC 18004).
const QUIET: i32 = 4;

/// What an authenticator app is shown, once.
pub struct Invitation {
    /// The seed in base 32, for typing.
    pub secret: SecretString,
    /// A picture of the `otpauth` URL.
    pub picture: Picture,
}

/// A QR code as one SVG path. It holds the seed.
#[derive(Clone)]
pub struct Picture {
    /// Modules on a side, the quiet zone included.
    pub side: i32,
    /// The dark modules, as the `d` of a path.
    pub path: String,
}

/// The step of the code, if it is one of the seed's at this moment; spaces do not count.
pub fn matched_step(seed: &[u8], typed: &str, now: Timestamp) -> Option<i64> {
    let code: String = typed.chars().filter(|c| !c.is_whitespace()).take(7).collect();
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let seconds = u64::try_from(now.micros() / 1_000_000).ok()?;
    let step = totp(seed, "code").ok()?.check(&code, seconds)?;
    i64::try_from(step).ok()
}

/// What to show for a new seed. The app lists it under `whose`.
///
/// # Errors
/// If the seed is too short, which a seed of [`SEED_LEN`] bytes is not.
pub fn invite(seed: &[u8], whose: &str) -> Result<Invitation, TotpError> {
    let label: String = whose.chars().filter(|c| *c != ':' && !c.is_control()).take(100).collect();
    let label = if label.trim().is_empty() { "sign-in" } else { label.trim() };
    let totp = totp(seed, label)?;
    let picture = picture(&totp.to_url()?).unwrap_or(Picture { side: 0, path: String::new() });
    Ok(Invitation { secret: SecretString::from(totp.secret().to_base32()), picture })
}

fn totp(seed: &[u8], label: &str) -> Result<Totp, TotpError> {
    let seed = Builder::new().with_secret(Secret::from(seed));
    seed.with_issuer(Some(ISSUER)).with_account_name(label).build()
}

/// `None` if the text is longer than a QR code holds (2 kB), which ours are not.
fn picture(text: &str) -> Option<Picture> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let (size, mut path) = (code.size(), String::new());
    for (x, y) in (0..size).flat_map(|y| (0..size).map(move |x| (x, y))) {
        if code.get_module(x, y) {
            write!(path, "M{},{}h1v1h-1z", x + QUIET, y + QUIET).ok()?;
        }
    }
    Some(Picture { side: size + 2 * QUIET, path })
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation").finish_non_exhaustive()
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture").field("side", &self.side).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
