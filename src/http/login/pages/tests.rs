//! Where a sign-in leads, and that every refusal has its words in both languages.

use axum::http::{StatusCode, header};
use secrecy::SecretString;
use uuid::Uuid;

use super::{failure, refusal, sign_in_done};
use crate::app::Error;
use crate::app::sign_in::SignedInNow;
use crate::domain::ids::{AccountId, PersonId, ResourceId, SessionId};
use crate::domain::sessions::{Level, Session, Visitor, Way};
use crate::domain::time::Timestamp;
use crate::http::login::language::Language;

fn signed_in(level: Level) -> SignedInNow {
    let now = Timestamp::from_micros(1);
    let session = Session {
        id: SessionId::new(Uuid::nil()),
        secret_hash: [0; 32],
        account: AccountId::new(Uuid::nil()),
        user: ResourceId::new(Uuid::nil()),
        person: PersonId::new(Uuid::nil()),
        is_staff: false,
        way: Way::Password,
        level,
        acr: None,
        amr: vec![],
        auth_time: now,
        second_factor_at: None,
        own_factor_at: None,
        sso: None,
        provider_session: None,
        id_token: None,
        created_at: now,
        last_seen_at: now,
        expires_at: now,
        visitor: Visitor::default(),
        ended_at: None,
    };
    SignedInNow { session, secret: SecretString::from("css_secret") }
}

#[track_caller]
fn check(level: Level, wanted: &str, expected: &str) {
    let response = sign_in_done(&signed_in(level), wanted);
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[header::LOCATION], expected, "{wanted}");
    let cookie = response.headers()[header::SET_COOKIE].to_str().expect("text");
    assert!(cookie.starts_with("__Host-sid=css_secret; "), "{cookie}");
}

#[test]
fn a_full_session_goes_where_it_wanted_to() {
    check(Level::Full, "/account/sessions?a=b", "/account/sessions?a=b");
    check(Level::Full, "", "/");
    check(Level::Full, "https://evil.test/", "/");
}

#[test]
fn a_pending_session_goes_to_the_second_factor_and_remembers_where_to() {
    check(Level::Pending, "/", "/step-up");
    check(Level::Pending, "/account/sessions", "/step-up?return_to=%2Faccount%2Fsessions");
    check(Level::Pending, "//evil.test", "/step-up");
}

#[test]
fn a_refusal_has_the_status_of_its_kind() {
    let denied = Error::Denied { rule: "staff-by-sso", reason: "" };
    for (error, status) in [
        (Error::NotFound(String::new()), 404),
        (denied, 403),
        (Error::Unauthenticated(""), 401),
        (Error::Conflict(String::new()), 409),
        (Error::Wait { seconds: 60 }, 429),
        (Error::Busy, 503),
    ] {
        for language in [Language::En, Language::Fr] {
            assert_eq!(failure(&error, language).status().as_u16(), status, "{error:?}");
        }
    }
    let status = StatusCode::TOO_MANY_REQUESTS;
    assert_eq!(refusal(status, Language::Fr).status(), status);
}
