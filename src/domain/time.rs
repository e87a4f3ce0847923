//! Moments, in microseconds since 1970-01-01T00:00:00Z: what both databases store and compare alike.

use std::fmt;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// A moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// The end of a period that is still open.
pub const OPEN_END: Timestamp = Timestamp(i64::MAX);

/// Tells the time. A trait because tests freeze it.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Now; strictly later than every answer before, so that no two changes of one process share a
    /// moment and no period is empty.
    fn now(&self) -> Timestamp;
}

impl Timestamp {
    /// From microseconds since 1970.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// This moment and so many days.
    #[must_use]
    pub fn plus_days(self, days: u32) -> Self {
        Self(self.0.saturating_add(i64::from(days) * 86_400_000_000))
    }

    /// A moment as RFC 3339 has it, from 1970 to 9999; none if it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        let micros = i64::try_from(moment.unix_timestamp_nanos() / 1000).ok()?;
        (micros >= 0).then_some(Self(micros))
    }

    /// RFC 3339 in UTC with six digits of fraction, always of one width.
    pub fn rfc3339(self) -> String {
        let format = format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z"
        );
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1000)
            .ok()
            .and_then(|moment| moment.format(&format).ok())
            .unwrap_or_else(|| "9999-12-31T23:59:59.999999Z".to_owned())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}
