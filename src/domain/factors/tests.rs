//! Recovery codes are read as people type them; locks and freshness end at their moment.

use std::time::Duration;

use secrecy::ExposeSecret as _;
use uuid::Uuid;

use super::{
    FRESH, RECOVERY_CODES, Refusal, is_fresh, lock_end, name, recovery_code, recovery_hash,
    tries_since,
};
use crate::domain::ids::PersonId;
use crate::domain::time::{OPEN_END, Timestamp};

fn person(n: u128) -> PersonId {
    PersonId::new(Uuid::from_u128(n))
}

#[track_caller]
fn check(typed: &str, is_right: bool) {
    let (code, hash) = recovery_code(person(1), [0xA5; 32]);
    assert_eq!(code.expose_secret(), "MPJT-B9D5-MPJT-B9D5");
    assert_eq!(recovery_hash(person(1), typed) == Some(hash), is_right, "{typed}");
}

#[test]
fn a_recovery_code_is_read_as_people_type_it() {
    check("MPJT-B9D5-MPJT-B9D5", true);
    check(" mpjt b9d5 mpjt b9d5 ", true);
    check("mpjtb9d5mpjtb9d5", true);
    check("MPJT-B9D5-MPJT-B9D6", false);
    check("MPJT-B9D5-MPJT-B9D", false);
    check("MPJT-B9D5-MPJT-B9D5-0", false);
    check("", false);
    check("ÉPJT-B9D5-MPJT-B9D5", false);
}

#[test]
fn letters_that_look_like_digits_are_taken_for_them() {
    let (code, hash) = recovery_code(person(1), [0b0000_0000; 32]);
    assert_eq!(code.expose_secret(), "0000-0000-0000-0000");
    assert_eq!(recovery_hash(person(1), "OOOO-oooo-0000-OOOO"), Some(hash));
    let (code, hash) = recovery_code(person(1), [0b0000_1000; 32]);
    let typed = code.expose_secret().replace('1', "l");
    assert_eq!(recovery_hash(person(1), &typed), Some(hash));
}

#[test]
fn a_recovery_code_is_bound_to_its_person() {
    let (code, hash) = recovery_code(person(1), [7; 32]);
    assert_ne!(recovery_hash(person(2), code.expose_secret()), Some(hash));
    assert_eq!(RECOVERY_CODES, 10);
}

#[test]
fn a_lock_ends_after_fifteen_minutes_and_that_of_staff_does_not() {
    let now = Timestamp::from_micros(1_000_000_000);
    assert_eq!(lock_end(false, now).micros(), 1_000_000_000 + 15 * 60_000_000);
    assert_eq!(lock_end(true, now), OPEN_END);
    assert_eq!(Refusal::locked(OPEN_END), Refusal::LockedForStaff);
    assert_eq!(Refusal::locked(now), Refusal::LockedUntil(now));
    assert_eq!(tries_since(now).micros(), 1_000_000_000 - 5 * 60_000_000);
}

#[test]
fn what_was_proven_ten_minutes_ago_is_fresh_and_a_moment_more_is_not() {
    let now = Timestamp::from_micros(10_000_000_000);
    let ago = |micros: i64| Some(Timestamp::from_micros(now.micros() - micros));
    assert!(is_fresh(ago(600_000_000), FRESH, now));
    assert!(!is_fresh(ago(600_000_001), FRESH, now));
    assert!(!is_fresh(None, FRESH, now));
    assert!(!is_fresh(ago(1), Duration::ZERO, now));
}

#[test]
fn a_name_is_short_and_plain() {
    assert_eq!(name("  My\u{7}phone "), "Myphone");
    assert_eq!(name(&"é".repeat(100)).chars().count(), 60);
}
