//! Second factors: what a person shows beside their first proof, and how often they may be wrong.
//!
//! They belong to the person, not to a user, so a lock holds in whatever account somebody tries
//! (SIGNIN.md 4.3.4). Staff have their first one enrolled by a one-time link alone (M70), and never
//! take their last one away.

use std::fmt;
use std::time::Duration;

use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

use crate::domain::ids::{FactorId, PersonId};
use crate::domain::time::{OPEN_END, Timestamp};

/// How long a proof counts as fresh: for a change of factors, and for approvals (F05).
pub const FRESH: Duration = Duration::from_mins(10);
/// How many wrong tries within five minutes lock a person's factors.
pub const TRIES: i64 = 5;
/// How many factors a person may have.
pub const MOST: usize = 10;
/// How many recovery codes are made at a time.
pub const RECOVERY_CODES: usize = 10;

const WINDOW: Duration = Duration::from_mins(5);
const LOCK: Duration = Duration::from_mins(15);
/// How long somebody may take between a ceremony's beginning and its end.
const CEREMONY: Duration = Duration::from_mins(10);
/// Crockford's base 32: nothing that could be read as something else.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LEN: usize = 16;

/// What a factor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Codes of an authenticator app (RFC 6238).
    Totp,
    /// A passkey (`WebAuthn`, user verification required).
    Passkey,
}

/// A factor that a person enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// Its id.
    pub id: FactorId,
    /// What it is.
    pub kind: Kind,
    /// What the person calls it; may be empty.
    pub name: String,
    /// When it was enrolled.
    pub created_at: Timestamp,
    /// When it was last shown.
    pub last_used_at: Option<Timestamp>,
}

/// What a person has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Factors {
    /// The factors, oldest first.
    pub all: Vec<Factor>,
    /// How many recovery codes were not used yet.
    pub codes_left: usize,
}

/// Why a factor that was shown did not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is not right, or was used before.
    Wrong,
    /// It took too long, or was begun elsewhere; it is not counted as a try.
    Expired,
    /// Too many wrong tries; until then, nothing counts.
    LockedUntil(Timestamp),
    /// Too many wrong tries of staff: an approver must reset their factors.
    LockedForStaff,
}

impl Kind {
    /// The word in the record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Passkey => "passkey",
        }
    }
}

impl Factors {
    /// Whether there is one of that kind.
    pub fn has(&self, kind: Kind) -> bool {
        self.all.iter().any(|factor| factor.kind == kind)
    }
}

impl Refusal {
    /// The refusal that a lock until that moment means.
    pub fn locked(until: Timestamp) -> Self {
        if until == OPEN_END { Self::LockedForStaff } else { Self::LockedUntil(until) }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Wrong tries before this moment no longer count.
pub fn tries_since(now: Timestamp) -> Timestamp {
    minus(now, WINDOW)
}

/// Until when a person is locked who was wrong too often now; staff until somebody resets them.
pub fn lock_end(is_staff: bool, now: Timestamp) -> Timestamp {
    if is_staff { OPEN_END } else { plus(now, LOCK) }
}

/// What began before this moment has expired: ceremonies, unconfirmed seeds.
pub fn begun_since(now: Timestamp) -> Timestamp {
    minus(now, CEREMONY)
}

/// Whether something proven then is fresh.
pub fn is_fresh(proven: Option<Timestamp>, max_age: Duration, now: Timestamp) -> bool {
    proven.is_some_and(|at| at >= minus(now, max_age))
}

/// A name as it is kept: trimmed, without control characters, of 60 characters at most.
pub fn name(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(60).collect()
}

/// A new recovery code for people to keep, and its hash: 80 random bits in four groups.
pub fn recovery_code(person: PersonId, random: [u8; 32]) -> (SecretString, [u8; 32]) {
    let mut bits = random.iter().flat_map(|byte| (0..8).rev().map(move |n| (byte >> n) & 1));
    let mut text = String::with_capacity(CODE_LEN + 3);
    for n in 0..CODE_LEN {
        if n > 0 && n % 4 == 0 {
            text.push('-');
        }
        let value = bits.by_ref().take(5).fold(0_u8, |value, bit| (value << 1) | bit);
        text.push(DIGITS.get(usize::from(value)).copied().map_or('0', char::from));
    }
    let hash = hash(person, &text.replace('-', ""));
    (SecretString::from(text), hash)
}

/// The hash of a recovery code as somebody typed it; `None` if it cannot be one.
pub fn recovery_hash(person: PersonId, typed: &str) -> Option<[u8; 32]> {
    let kept = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').take(CODE_LEN + 1);
    let plain: String = kept
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    let fits = plain.len() == CODE_LEN && plain.bytes().all(|b| DIGITS.contains(&b));
    fits.then(|| hash(person, &plain))
}

/// Bound to the person, so that a code opens nothing for another.
fn hash(person: PersonId, plain: &str) -> [u8; 32] {
    let digest = Sha256::new().chain_update(b"countersign recovery code");
    digest.chain_update(person.uuid().as_bytes()).chain_update(plain.as_bytes()).finalize().into()
}

fn plus(now: Timestamp, span: Duration) -> Timestamp {
    Timestamp::from_micros(now.micros().saturating_add(micros(span)))
}

fn minus(now: Timestamp, span: Duration) -> Timestamp {
    Timestamp::from_micros(now.micros().saturating_sub(micros(span)))
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
