//! Which language is spoken to whom.

use axum::http::{HeaderMap, HeaderValue, header};

use super::Language;
use super::Language::{En, Fr};

#[track_caller]
fn check(accepted: &'static str, expected: Language) {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accepted));
    assert_eq!(Language::of_browser(&headers), expected, "{accepted}");
}

#[test]
fn the_browsers_first_choice_that_we_speak_is_taken() {
    check("fr", Fr);
    check("fr-CA", Fr);
    check("FR-fr,en;q=0.9", Fr);
    check("en,fr;q=0.9", En);
    check("de,fr;q=0.4,en;q=0.3", Fr);
    check("de,fr;q=0.4,en;q=0.45", En);
    check("de, fr ; q=0.4", Fr);
}

#[test]
fn whoever_likes_neither_is_spoken_to_in_english() {
    check("", En);
    check("de,it;q=0.5", En);
    check("*", En);
    check("fr;q=0", En);
    check("fr;q=x", En);
    check("frr", En);
    assert_eq!(Language::of_browser(&HeaderMap::new()), En);
}
