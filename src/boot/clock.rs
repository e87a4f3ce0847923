//! The real clock and the real source of ids: the only places that ask the system for either.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use uuid::Uuid;

use crate::domain::ids::IdSource;
use crate::domain::time::{Clock, Timestamp};

const DAY: i64 = 86_400_000_000;

/// The system's clock, made to go forward only.
#[derive(Debug, Default)]
pub struct SystemClock {
    last: AtomicI64,
    /// How far it is behind, in microseconds.
    behind: AtomicI64,
}

/// Random ids and secrets.
#[derive(Debug, Clone, Copy)]
pub struct RandomIds;

impl SystemClock {
    /// A clock that is so many days behind until it catches up: for the demo, which has a past.
    pub fn days_behind(days: u16) -> Self {
        Self { last: AtomicI64::default(), behind: AtomicI64::new(i64::from(days) * DAY) }
    }

    /// From now on it tells the system's time.
    pub fn catch_up(&self) {
        self.behind.store(0, Ordering::Release);
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the clock")]
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let system = i64::try_from(since.as_micros()).unwrap_or(i64::MAX - 1);
        let system = system.saturating_sub(self.behind.load(Ordering::Acquire));
        let later = |last: i64| Some(system.max(last.saturating_add(1)));
        let last = self.last.fetch_update(Ordering::AcqRel, Ordering::Acquire, later);
        let last = last.unwrap_or_else(|last| last);
        Timestamp::from_micros(system.max(last.saturating_add(1)))
    }
}

impl IdSource for RandomIds {
    fn secret(&self) -> [u8; 32] {
        rand::random()
    }

    fn next(&self, _now: Timestamp) -> Uuid {
        #[expect(clippy::disallowed_methods, reason = "this is the source of ids")]
        Uuid::now_v7()
    }
}
