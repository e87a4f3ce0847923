//! The feed of changed rights: what it tells, and how far somebody has read it.
//!
//! Activities are made in the order of their ids, and become visible as their transactions end: one may
//! appear before another that is older. So whoever has read to the end begins again a little before the
//! moment at which they came ([`OVERLAP`]), and hears some things twice, and nothing never.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::domain::ids::ResourceId;
use crate::domain::time::Timestamp;

/// How much later than it was made an activity may become visible, in microseconds: a request takes a minute
/// at most, and the clocks of several processes differ by seconds.
const OVERLAP: i64 = 70_000_000;

/// How far somebody has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The last activity on this way through.
    pub after: Uuid,
    /// When this way through began; none before it does.
    pub began: Option<Timestamp>,
    /// The version of what the account's groups give.
    pub shape: i64,
}

/// What may have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The rights of all of the account's users may have: forget all of them.
    pub of_all: bool,
    /// Those of these users may have.
    pub users: Vec<ResourceId>,
    /// Where to go on.
    pub next: Cursor,
    /// Whether there is more to read at once.
    pub has_more: bool,
}

impl Cursor {
    /// The way through that follows on one which began at that moment.
    pub fn behind(began: Timestamp, shape: i64) -> Self {
        Self { after: id_at(began.micros().saturating_sub(OVERLAP)), began: None, shape }
    }
}

/// The least id that an activity of that moment can have: of a `UUIDv7` the first 48 bits are milliseconds.
fn id_at(micros: i64) -> Uuid {
    let millis = u128::try_from(micros / 1000).unwrap_or_default();
    Uuid::from_u128(millis << 80)
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let began = self.began.map_or(0, Timestamp::micros);
        write!(f, "{}-{began:x}-{:x}", self.after.simple(), self.shape)
    }
}

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let mut parts = text.split('-');
        let (after, began, shape) = (parts.next(), parts.next(), parts.next());
        let number = |part: Option<&str>| i64::from_str_radix(part?, 16).ok().filter(|n| *n >= 0);
        let read = || {
            let after = after.filter(|text| text.len() == 32)?;
            Some(Self {
                after: Uuid::try_parse(after).ok()?,
                began: Some(number(began)?).filter(|began| *began > 0).map(Timestamp::from_micros),
                shape: number(shape)?,
            })
        };
        read().filter(|cursor| cursor.to_string() == text).ok_or(NotACursor)
    }
}

/// The text is no cursor of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor")]
pub struct NotACursor;

#[cfg(test)]
mod tests;
