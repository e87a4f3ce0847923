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

/// Passwords tried for one name in one account.
pub const PASSWORDS_OF_NAME: Limit = Limit { free: 5, pace: Pace::Doubling { most: 300 * SECOND } };
/// Passwords tried from one network: an office may sit behind it.
pub const PASSWORDS_OF_NETWORK: Limit =
    Limit { free: 50, pace: Pace::Doubling { most: 300 * SECOND } };
/// Mails asked for, to one address.
pub const MAILS_TO_ADDRESS: Limit = Limit { free: 3, pace: Pace::Hourly };
/// Mails asked for from one network.
pub const MAILS_OF_NETWORK: Limit = Limit { free: 20, pace: Pace::Hourly };

/// Sign-ins at a provider begun from one network and not ended, each of which is kept for ten minutes.
pub const SSO_STARTS_OF_NETWORK: Limit =
    Limit { free: 60, pace: Pace::Doubling { most: 10 * SECOND } };

/// How often something may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many tries are free.
    free: i64,
    pace: Pace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// After the free ones, each try takes twice the rest of the one before, from a second on, at
    /// most so many microseconds.
    Doubling { most: i64 },
    /// After the free ones, the rest of the hour that began with the first.
    Hourly,
}

/// What was tried so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tries {
    /// How often.
    pub count: i64,
    /// Since when it is counted.
    pub first_at: Timestamp,
    /// Until when nothing more is tried.
    pub locked_until: Timestamp,
}

/// What tries are counted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject(String);

impl Limit {
    /// What is on record once a try of this moment is counted; none if it must wait.
    pub fn next(self, before: Option<Tries>, now: Timestamp) -> Option<Tries> {
        let Some(before) = before.filter(|tries| !self.is_forgotten(*tries, now)) else {
            return Some(Tries { count: 1, first_at: now, locked_until: self.rest(1, now, now) });
        };
        if now < before.locked_until {
            return None;
        }
        let count = before.count.saturating_add(1);
        let locked_until = self.rest(count, before.first_at, now);
        Some(Tries { count, first_at: before.first_at, locked_until })
    }

    fn is_forgotten(self, tries: Tries, now: Timestamp) -> bool {
        let since = match self.pace {
            Pace::Doubling { .. } => tries.locked_until,
            Pace::Hourly => tries.first_at,
        };
        now.micros().saturating_sub(since.micros()) >= HOUR
    }

    fn rest(self, count: i64, first_at: Timestamp, now: Timestamp) -> Timestamp {
        let over = count.saturating_sub(self.free);
        if over < 0 {
            return now;
        }
        let until = match self.pace {
            Pace::Doubling { most } => {
                let doubled = SECOND.saturating_mul(1 << over.min(30));
                now.micros().saturating_add(doubled.min(most))
            }
            Pace::Hourly => first_at.micros().saturating_add(HOUR),
        };
        Timestamp::from_micros(until)
    }
}

impl Subject {
    /// Passwords for a name in an account, whether or not there are such.
    pub fn password(account: &str, name_key: &str) -> Self {
        Self::new("password", &[account, name_key])
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
