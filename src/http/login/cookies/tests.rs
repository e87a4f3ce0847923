//! Which cookie is read.

use axum::http::{HeaderMap, HeaderValue, header};
use secrecy::SecretString;

use super::{SESSION, login, no_login, no_session, read, session};

#[track_caller]
fn check(lines: &[&'static str], expected: Option<&str>) {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(header::COOKIE, HeaderValue::from_static(line));
    }
    assert_eq!(read(&headers, SESSION), expected, "{lines:?}");
}

#[test]
fn a_cookie_is_found_by_its_whole_name() {
    check(&[], None);
    check(&["__Host-sid=abc"], Some("abc"));
    check(&["a=b; __Host-sid=abc;c=d"], Some("abc"));
    check(&["a=b", "__Host-sid=abc"], Some("abc"));
    check(&["sid=abc; x__Host-sid=abc; __host-sid=abc; __Host-sid2=abc"], None);
}

#[test]
fn a_cookie_that_comes_twice_is_not_taken() {
    check(&["__Host-sid=abc; __Host-sid=def"], None);
    check(&["__Host-sid=abc", "__Host-sid=abc"], None);
}

#[test]
fn both_cookies_are_for_this_host_alone_and_out_of_reach_of_scripts() {
    let secret = SecretString::from("abc");
    for value in [session(&secret), login(&secret), no_session(), no_login()] {
        assert!(value.is_sensitive());
        let text = value.to_str().expect("text");
        for attribute in ["__Host-", "; Path=/", "; Secure", "; HttpOnly", "; SameSite="] {
            assert!(text.contains(attribute), "{text} has no {attribute}");
        }
        assert!(!text.contains("Domain"), "{text}");
    }
}
