//! Codes as RFC 6238 has them, and what is drawn for an app.

use secrecy::ExposeSecret as _;

use super::{SEED_LEN, invite, matched_step};
use crate::domain::time::Timestamp;

/// The seed of RFC 6238 appendix B.
const SEED: &[u8; SEED_LEN] = b"12345678901234567890";

#[track_caller]
fn check(typed: &str, seconds: i64, step: Option<i64>) {
    let now = Timestamp::from_micros(seconds * 1_000_000 + 999_999);
    assert_eq!(matched_step(SEED, typed, now), step, "{typed}");
}

#[test]
fn codes_are_those_of_rfc_6238_appendix_b() {
    // Its codes have eight digits; ours are the last six.
    check("287082", 59, Some(1));
    check("081804", 1_111_111_109, Some(37_037_036));
    check("005924", 1_234_567_890, Some(41_152_263));
    check("279037", 2_000_000_000, Some(66_666_666));
}

#[test]
fn a_code_holds_one_step_longer_and_one_earlier() {
    check("287082", 29, Some(1));
    check("287082", 89, Some(1));
    check("287082", 90, None);
}

#[test]
fn spaces_are_no_part_of_a_code_and_nothing_else_is_taken_for_one() {
    check(" 287 082 ", 59, Some(1));
    for wrong in ["", "28708", "2870822", "287083", "28708a", "-87082", "+87082", "２８７０８２"]
    {
        check(wrong, 59, None);
    }
}

#[test]
fn an_invitation_shows_the_seed_as_text_and_as_picture() {
    let shown = invite(SEED, "zoe:@example.org").expect("an invitation");
    assert_eq!(shown.secret.expose_secret(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    assert!(shown.picture.side > 21 && shown.picture.path.starts_with("M4,4h1v1h-1z"));
    assert!(invite(SEED, ":").is_ok() && invite(SEED, &"x".repeat(5000)).is_ok());
    assert!(invite(b"short", "zoe").is_err());
    assert!(!format!("{shown:?}").contains("GEZD"), "{shown:?}");
}
