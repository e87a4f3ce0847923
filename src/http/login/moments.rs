//! Moments for people: in UTC and said so, since the server does not know where they are.

use time::OffsetDateTime;

use crate::domain::time::Timestamp;
use crate::http::login::language::Language;

/// A moment in words, and for machines.
#[derive(Debug, Clone)]
pub(in crate::http) struct Moment {
    /// As people write it.
    pub(in crate::http) words: String,
    /// RFC 3339.
    pub(in crate::http) rfc3339: String,
}

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

impl Moment {
    /// Puts a moment into words.
    pub(in crate::http) fn new(at: Timestamp, language: Language) -> Self {
        let rfc3339 = at.rfc3339();
        let moment = OffsetDateTime::from_unix_timestamp(at.micros().div_euclid(1_000_000));
        let words = moment.map_or_else(|_| rfc3339.clone(), |moment| words(moment, language));
        Self { words, rfc3339 }
    }
}

fn words(moment: OffsetDateTime, language: Language) -> String {
    let months = language.pick(&MONTHS_EN, &MONTHS_FR);
    let month = months.get(usize::from(u8::from(moment.month())) - 1).copied().unwrap_or_default();
    let (year, hour, minute) = (moment.year(), moment.hour(), moment.minute());
    match (language, moment.day()) {
        (Language::En, day) => format!("{day} {month} {year}, {hour:02}:{minute:02} UTC"),
        (Language::Fr, 1) => format!("1er {month} {year} à {hour:02}:{minute:02} UTC"),
        (Language::Fr, day) => format!("{day} {month} {year} à {hour:02}:{minute:02} UTC"),
    }
}
