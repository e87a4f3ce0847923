//! How tries slow down, and what counts as one network.

use super::{
    HOUR, Limit, MAILS_TO_ADDRESS, PASSWORDS_OF_NETWORK, PASSWORDS_OF_USER_HERE, SECOND, Subject,
    Tries,
};
use crate::domain::sessions::Visitor;
use crate::domain::time::Timestamp;

/// The seconds that each of `count` tries has to wait, each made as soon as it may be.
fn waits(limit: Limit, count: usize) -> Vec<i64> {
    let (mut tries, mut now, mut waits) = (None::<Tries>, Timestamp::from_micros(HOUR), vec![]);
    for _ in 0..count {
        let wait = tries.map_or(0, |tries| (tries.locked_until.micros() - now.micros()).max(0));
        waits.push(wait / SECOND);
        let before = now;
        now = Timestamp::from_micros(now.micros() + wait);
        if wait > 0 {
            assert_eq!(limit.next(tries, before), None, "too early");
        }
        tries = limit.next(tries, now);
    }
    waits
}

#[track_caller]
fn check(limit: Limit, expected: &[i64]) {
    assert_eq!(waits(limit, expected.len()), expected);
}

#[test]
fn passwords_slow_down_and_never_stop() {
    check(
        PASSWORDS_OF_USER_HERE,
        &[0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300],
    );
}

#[test]
fn mails_are_three_an_hour() {
    check(MAILS_TO_ADDRESS, &[0, 0, 0, 3600, 0, 0, 3600]);
}

#[test]
fn a_networks_tries_are_forgotten_one_a_minute() {
    let at = |seconds: i64| Timestamp::from_micros(seconds * SECOND);
    let tries = Tries { count: 40, first_at: at(0), locked_until: at(0) };
    let next = |seconds| PASSWORDS_OF_NETWORK.next(Some(tries), at(seconds)).expect("a try");
    assert_eq!((next(59).count, next(59).first_at), (41, at(0)));
    assert_eq!((next(600).count, next(619).first_at), (31, at(600)));
    assert_eq!((next(40 * 60).count, next(40 * 60).first_at), (1, at(40 * 60)));
}

/// A whole day of typing errors, one a minute, slows no office down.
#[test]
fn an_office_may_mistype_all_day() {
    let mut tries = None;
    for minute in 0..24 * 60 {
        let now = Timestamp::from_micros(minute * 60 * SECOND);
        tries = PASSWORDS_OF_NETWORK.next(tries, now);
        assert!(tries.is_some_and(|tries| tries.locked_until <= now), "{minute}: {tries:?}");
    }
}

#[test]
fn a_network_is_an_address_or_its_first_64_bits() {
    let of = |ip: &str| {
        Subject::mail_network(&Visitor { ip: Some(ip.to_owned()), agent: String::new() })
    };
    assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
    assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    assert_ne!(of("198.51.100.1"), of("198.51.100.2"));
    assert_eq!(of("198.51.100.1"), of("::ffff:198.51.100.1"));
}

#[test]
fn what_is_counted_shows_no_name() {
    let subject = Subject::password("acme", "zoe@acme.example");
    assert!(!subject.as_str().contains("zoe"));
    assert_ne!(subject, Subject::password("acm", "ezoe@acme.example"));
    assert_ne!(Subject::mail("zoe"), Subject::password("zoe", ""));
}
