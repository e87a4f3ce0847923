//! Passwords as people choose them: long rather than motley, and none that everybody knows.
//!
//! There are no rules of composition. A password is 12 to 128 characters after NFC, is neither one of
//! the commonest of those that leaked elsewhere (`passwords/breached.txt`: from the frequency list of
//! Dropbox's zxcvbn, MIT, and some French ones), nor a plain pattern, nor made of the user's own names.

pub mod links;
pub mod tries;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization as _;

/// The fewest characters.
pub const MIN_CHARS: usize = 12;
/// The most characters.
pub const MAX_CHARS: usize = 128;
/// No text with more bytes than this is looked at.
const MAX_BYTES: usize = 4 * 1024;
/// How much must be left of a password without the user's own names.
const MIN_OWN_CHARS: usize = 8;

static BREACHED: LazyLock<BTreeSet<&'static str>> =
    LazyLock::new(|| include_str!("passwords/breached.txt").lines().collect());

/// Words that many passwords are made of by putting digits and marks around them.
const CORES: &[&str] = &[
    "admin",
    "administrateur",
    "administrator",
    "azerty",
    "azertyuiop",
    "bonjour",
    "changeme",
    "chocolat",
    "doudou",
    "dragon",
    "football",
    "iloveyou",
    "jetaime",
    "letmein",
    "loulou",
    "marseille",
    "master",
    "monkey",
    "motdepasse",
    "passw0rd",
    "password",
    "p@ssw0rd",
    "p@ssword",
    "princess",
    "princesse",
    "qwerty",
    "qwertyuiop",
    "qwertz",
    "soleil",
    "summer",
    "sunshine",
    "superman",
    "welcome",
    "winter",
];

/// A password as it is compared: NFC, and never shown.
#[derive(Clone)]
pub struct Password(SecretString);

/// Why a password may not be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It has fewer than [`MIN_CHARS`] characters.
    TooShort,
    /// It has more than [`MAX_CHARS`] characters.
    TooLong,
    /// Everybody knows it.
    TooCommon,
    /// It is hardly more than the user's own name or address, or the account's name.
    OwnName,
}

impl Password {
    /// Takes what was typed at a sign-in; none if it cannot be anybody's password.
    pub fn typed(text: &SecretString) -> Option<Self> {
        let password = Self::normal(text)?;
        let count = password.0.expose_secret().chars().count();
        (MIN_CHARS..=MAX_CHARS).contains(&count).then_some(password)
    }

    /// Takes a new password of somebody with these names.
    ///
    /// # Errors
    /// Why it may not be chosen.
    pub fn chosen(text: &SecretString, names: &[&str]) -> Result<Self, Refusal> {
        let password = Self::normal(text).ok_or(Refusal::TooLong)?;
        let plain = password.0.expose_secret();
        match plain.chars().count() {
            0..MIN_CHARS => return Err(Refusal::TooShort),
            MIN_CHARS..=MAX_CHARS => {}
            _ => return Err(Refusal::TooLong),
        }
        let lower = plain.to_lowercase();
        if is_common(&lower) || is_pattern(&lower) {
            return Err(Refusal::TooCommon);
        }
        if is_own_name(&lower, names) {
            return Err(Refusal::OwnName);
        }
        Ok(password)
    }

    /// Its bytes, for hashing.
    pub fn bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }

    fn normal(text: &SecretString) -> Option<Self> {
        let text = text.expose_secret();
        if text.len() > MAX_BYTES {
            return None;
        }
        Some(Self(SecretString::from(text.nfc().collect::<String>())))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

fn is_common(lower: &str) -> bool {
    let core = lower.trim_matches(|c: char| !c.is_alphabetic() && c != '@');
    BREACHED.contains(lower) || CORES.contains(&core)
}

/// One piece over and over, or characters in a row.
fn is_pattern(lower: &str) -> bool {
    let chars: Vec<u32> = lower.chars().map(u32::from).collect();
    let repeats = |period: usize| chars.iter().zip(chars.iter().skip(period)).all(|(a, b)| a == b);
    let is_repeated = (1..=chars.len() / 2).any(repeats);
    let in_row = chars.iter().zip(chars.iter().skip(1)).filter(|(a, b)| a.abs_diff(**b) <= 1);
    is_repeated || in_row.count() * 4 >= chars.len() * 3
}

/// Whether little is left of it without the names of its owner.
fn is_own_name(lower: &str, names: &[&str]) -> bool {
    let lowered = names.iter().map(|name| name.to_lowercase());
    let mut parts: Vec<String> = lowered
        .flat_map(|name| {
            let parts: Vec<String> =
                name.split(['@', '.', ' ', '-', '_', '+']).map(str::to_owned).collect();
            [vec![name], parts].concat()
        })
        .filter(|part| part.chars().count() >= 4)
        .collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    let left = parts.iter().fold(lower.to_owned(), |left, part| left.replace(part, ""));
    left.len() < lower.len() && left.chars().count() < MIN_OWN_CHARS
}

#[cfg(test)]
mod tests;
