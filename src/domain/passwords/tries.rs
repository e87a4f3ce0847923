//! How often something may be tried: first freely, then ever more slowly, never not at all.
//!
//! A try is counted before it is known to be wrong, so that many at once gain nothing. What is counted
//! is named by a hash: neither names nor addresses of people are kept.

use std::fmt::Write as _;
use std::net::IpAddr;

use sha2::{Digest, Sha256};

use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::sessions::Visitor;
use crate::domain::time::Timestamp;

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3600 * SECOND;
/// The longest rest between two tries.
const LONGEST: i64 = 300 * SECOND;

/// Passwords tried for one user from one network.
pub const PASSWORDS_OF_USER_HERE: Limit = Limit::doubling(5, 600);
/// Passwords tried for one user from everywhere: more are forgotten in an hour than one network may try,
/// so nobody alone can keep somebody else out.
pub const PASSWORDS_OF_USER: Limit = Limit::doubling(100, 120);
/// Passwords tried from one network: an office may sit behind it, and mistype all day.
pub const PASSWORDS_OF_NETWORK: Limit = Limit::doubling(50, 60);
/// Mails asked for, to one address.
pub const MAILS_TO_ADDRESS: Limit = Limit { free: 3, pace: Pace::Hourly };
/// Mails asked for from one network.
pub const MAILS_OF_NETWORK: Limit = Limit { free: 20, pace: Pace::Hourly };

/// Sign-ins at a provider begun from one network and not ended, each of which is kept for ten minutes.
pub const SSO_STARTS_OF_NETWORK: Limit = Limit::doubling(60, 10);

/// How often something may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many tries are free.
    free: i64,
    pace: Pace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// After the free ones, each try takes twice the rest of the one before, from a second on and five
    /// minutes at most. One try is forgotten every so many microseconds.
    Doubling { forgets: i64 },
    /// After the free ones, the rest of the hour that began with the first.
    Hourly,
}

/// What was tried so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tries {
    /// How often.
    pub count: i64,
    /// Since when it is counted; what was forgotten is before that.
    pub first_at: Timestamp,
    /// Until when nothing more is tried.
    pub locked_until: Timestamp,
}

/// What tries are counted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject(String);

impl Limit {
    const fn doubling(free: i64, forgets_seconds: i64) -> Self {
        Self { free, pace: Pace::Doubling { forgets: forgets_seconds * SECOND } }
    }

    /// What is on record once a try of this moment is counted; none if it must wait.
    pub fn next(self, before: Option<Tries>, now: Timestamp) -> Option<Tries> {
        if before.is_some_and(|tries| now < tries.locked_until) {
            return None;
        }
        let (left, since) = before.map_or((0, now), |tries| self.left(tries, now));
        let count = left.saturating_add(1);
        Some(Tries { count, first_at: since, locked_until: self.rest(count, since, now) })
    }

    /// How many tries are not forgotten yet, and since when they are counted.
    fn left(self, tries: Tries, now: Timestamp) -> (i64, Timestamp) {
        let elapsed = now.micros().saturating_sub(tries.first_at.micros()).max(0);
        match self.pace {
            Pace::Doubling { forgets } => {
                let forgotten = elapsed / forgets;
                if forgotten >= tries.count {
                    return (0, now);
                }
                let since = tries.first_at.micros().saturating_add(forgotten * forgets);
                (tries.count - forgotten, Timestamp::from_micros(since))
            }
            Pace::Hourly if elapsed >= HOUR => (0, now),
            Pace::Hourly => (tries.count, tries.first_at),
        }
    }

    fn rest(self, count: i64, first_at: Timestamp, now: Timestamp) -> Timestamp {
        let over = count.saturating_sub(self.free);
        if over < 0 {
            // Not even a microsecond: of two at once one may have looked at the clock before.
            return Timestamp::from_micros(0);
        }
        let until = match self.pace {
            Pace::Doubling { .. } => {
                let doubled = SECOND.saturating_mul(1 << over.min(30));
                now.micros().saturating_add(doubled.min(LONGEST))
            }
            Pace::Hourly => first_at.micros().saturating_add(HOUR),
        };
        Timestamp::from_micros(until)
    }
}

impl Subject {
    /// Passwords for a user of an account, named by id, or by what was typed if there is no such user.
    pub fn password(account: &str, whose: &str) -> Self {
        Self::new("password", &[account, whose])
    }

    /// The same, from where a visitor comes.
    pub fn password_here(account: &str, whose: &str, visitor: &Visitor) -> Self {
        Self::new("password-here", &[account, whose, &network(visitor)])
    }

    /// The current password of somebody who is signed in.
    pub fn current_password(account: AccountId, user: ResourceId) -> Self {
        Self::new("current-password", &[&account.to_string(), &user.to_string()])
    }

    /// Passwords from where a visitor comes.
    pub fn password_network(visitor: &Visitor) -> Self {
        Self::new("password-network", &[&network(visitor)])
    }

    /// Mails to an address, whether or not anybody has it.
    pub fn mail(address_key: &str) -> Self {
        Self::new("mail", &[address_key])
    }

    /// Mails asked for from where a visitor comes.
    pub fn mail_network(visitor: &Visitor) -> Self {
        Self::new("mail-network", &[&network(visitor)])
    }

    /// Sign-ins at a provider begun from where a visitor comes.
    pub fn sso_network(visitor: &Visitor) -> Self {
        Self::new("sso-network", &[&network(visitor)])
    }

    /// The text stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn new(kind: &str, parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.len().to_be_bytes());
            hash.update(part.as_bytes());
        }
        let digest = hash.finalize();
        let hex = digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        Self(format!("{kind}|{hex}"))
    }
}

/// The network of a visitor: an IPv4 address, or the /64 that an IPv6 customer has to themselves.
fn network(visitor: &Visitor) -> String {
    let address = visitor.ip.as_deref().and_then(|ip| ip.parse::<IpAddr>().ok());
    match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => format!("{:x}/64", u128::from(address) >> 64),
        None => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests;
