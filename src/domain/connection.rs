//! Provisioning connections: one identity provider's SCIM access to one account.

use crate::domain::ids::{AccountId, ConnectionId};
use crate::domain::time::Timestamp;
use crate::domain::tokens::Token;
use crate::scim::preset::Preset;

/// A provisioning connection. It sees and changes only the users and groups that it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The account it belongs to.
    pub account: AccountId,
    /// Its id.
    pub id: ConnectionId,
    /// Its name for people, unique in the account.
    pub name: String,
    /// How strictly its requests are read.
    pub preset: Preset,
}

/// A connection as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The connection.
    pub connection: Connection,
    /// When it was made.
    pub created_at: Timestamp,
    /// The changes that were refused since the last that was taken, if any were.
    pub refusals: Option<Refusals>,
    /// The tokens by which it is reached, that have not ended; oldest first.
    pub tokens: Vec<Token>,
}

/// What a connection's changes were answered lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Course {
    /// Whether one was taken.
    pub is_taken: bool,
    /// Those that were refused after that.
    pub refusals: Option<Refusals>,
}

/// Changes that were refused, with none between them that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusals {
    /// The first of them.
    pub first: Timestamp,
    /// The last.
    pub last: Timestamp,
    /// What HTTP status the last was answered with.
    pub status: u16,
}

impl Course {
    /// Takes note of an answer.
    pub fn note(&mut self, status: u16, at: Timestamp) {
        if status < 400 {
            *self = Self { is_taken: true, refusals: None };
            return;
        }
        let first = self.refusals.map_or(at, |before| before.first);
        self.refusals = Some(Refusals { first, last: at, status });
    }
}

#[cfg(test)]
mod tests {
    use super::{Course, Refusals};
    use crate::domain::time::Timestamp;

    #[test]
    fn refusals_count_from_the_first_behind_what_was_taken() {
        let at = Timestamp::from_micros;
        let mut course = Course::default();
        for (status, moment) in [(409, 1), (200, 2), (400, 3), (500, 4)] {
            course.note(status, at(moment));
        }
        let refusals = Refusals { first: at(3), last: at(4), status: 500 };
        assert_eq!(course, Course { is_taken: true, refusals: Some(refusals) });
        course.note(204, at(5));
        assert_eq!(course, Course { is_taken: true, refusals: None });
    }
}
