//! What is wrong with provisioning, or soon will be: told to those who opted in (S9).

use crate::domain::connection::Refusals;
use crate::domain::ids::{AccountId, ConnectionId, TokenId};
use crate::domain::time::Timestamp;

const DAY: i64 = 86_400_000_000;

/// Something that provisioning fails by, or will.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The account.
    pub account: AccountId,
    /// The connection.
    pub connection: ConnectionId,
    /// Its name.
    pub name: String,
    /// What it is.
    pub what: What,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// All changes are refused.
    Refused(Refusals),
    /// A token ends, or has ended.
    Ends {
        /// The token.
        token: TokenId,
        /// Its end.
        expires_at: Timestamp,
        /// How near that is.
        stage: Stage,
    },
}

/// How near a token's end is. Each stage is told once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Within two weeks.
    Soon,
    /// Within three days.
    VerySoon,
    /// It is over, since no more than a month.
    Over,
}

impl Stage {
    /// All, in their order.
    pub const ALL: [Self; 3] = [Self::Soon, Self::VerySoon, Self::Over];

    /// The number stored: that of the last stage told; 0 stands for none.
    pub fn rank(self) -> i64 {
        match self {
            Self::Soon => 1,
            Self::VerySoon => 2,
            Self::Over => 3,
        }
    }

    /// Between which moments a token ends that is in this stage now: after the first, at the second at
    /// the latest.
    pub fn window(self, now: Timestamp) -> (Timestamp, Timestamp) {
        let (from, to) = match self {
            Self::Soon => (3, 14),
            Self::VerySoon => (0, 3),
            Self::Over => (-30, 0),
        };
        let shifted = |days: i64| Timestamp::from_micros(now.micros().saturating_add(days * DAY));
        (shifted(from), shifted(to))
    }
}
