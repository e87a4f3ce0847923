//! Time that stands still until a test moves it, and ids that are the same in each run.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use countersign::domain::ids::IdSource;
use countersign::domain::time::{Clock, Timestamp};
use uuid::Uuid;

use crate::world::leaks;

/// 2026-01-01T00:00:00Z.
const START: i64 = START_SECONDS * 1_000_000;
/// The same in seconds.
pub(crate) const START_SECONDS: i64 = 1_767_225_600;

/// A clock that moves by a microsecond a look (no two changes share a moment), and by
/// [`FrozenClock::advance_seconds`].
#[derive(Debug)]
pub(crate) struct FrozenClock {
    micros: AtomicI64,
}

/// Ids and secrets in sequence.
#[derive(Debug, Default)]
pub(crate) struct SeededIds {
    made: AtomicU64,
}

impl Default for FrozenClock {
    fn default() -> Self {
        Self { micros: AtomicI64::new(START) }
    }
}

impl SeededIds {
    /// Others than those of a sequence that begins elsewhere: for a second process.
    pub(crate) fn starting_at(made: u64) -> Self {
        Self { made: AtomicU64::new(made) }
    }
}

impl FrozenClock {
    pub(crate) fn advance_seconds(&self, seconds: i64) {
        self.micros.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.micros.fetch_add(1, Ordering::SeqCst))
    }
}

impl IdSource for SeededIds {
    fn secret(&self) -> [u8; 32] {
        let made = self.made.fetch_add(1, Ordering::SeqCst);
        let mut secret = [42; 32];
        secret[..8].copy_from_slice(&made.to_be_bytes());
        leaks::random(&secret);
        secret
    }

    fn next(&self, now: Timestamp) -> Uuid {
        let made = self.made.fetch_add(1, Ordering::SeqCst);
        let millis = u64::try_from(now.micros() / 1000).expect("a time after 1970");
        let mut random = [0; 10];
        random[2..].copy_from_slice(&made.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}
