//! Whose word is taken for an address.

use axum::http::{HeaderMap, HeaderValue};

use super::address;

/// The address behind `peer` where 10.0.0.0/8 and one host are trusted.
#[track_caller]
fn check(peer: &str, told: &[&'static str], expected: &str) {
    let mut headers = HeaderMap::new();
    for line in told {
        headers.append("x-forwarded-for", HeaderValue::from_static(line));
    }
    let trusted = ["10.0.0.0/8", "2001:db8::1/128"].map(|net| net.parse().expect("a net"));
    let found = address(peer.parse().expect("an address"), &headers, &trusted);
    assert_eq!(found.to_string(), expected, "{peer} tells {told:?}");
}

#[test]
fn a_stranger_is_not_believed() {
    check("203.0.113.7", &["198.51.100.1"], "203.0.113.7");
    check("203.0.113.7", &[], "203.0.113.7");
}

#[test]
fn trusted_proxies_are_followed_from_the_right() {
    check("10.0.0.1", &["198.51.100.1"], "198.51.100.1");
    check("10.0.0.1", &["198.51.100.1, 10.2.0.1"], "198.51.100.1");
    check("10.0.0.1", &["198.51.100.1", "10.2.0.1"], "198.51.100.1");
    check("2001:db8::1", &["198.51.100.1"], "198.51.100.1");
    check("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1");
    check("10.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1");
}

#[test]
fn what_the_client_wrote_itself_is_not_reached() {
    check("10.0.0.1", &["127.0.0.1, 203.0.113.9"], "203.0.113.9");
    check("10.0.0.1", &["10.0.0.9, 203.0.113.9, 10.2.0.1"], "203.0.113.9");
}

#[test]
fn what_is_no_address_ends_the_way_back() {
    check("10.0.0.1", &["198.51.100.1, unknown"], "10.0.0.1");
    check("10.0.0.1", &["198.51.100.1, unknown, 10.3.0.1"], "10.3.0.1");
    check("10.0.0.1", &[""], "10.0.0.1");
}

#[test]
fn addresses_are_read_as_proxies_write_them() {
    check("10.0.0.1", &["198.51.100.1:4711"], "198.51.100.1");
    check("10.0.0.1", &["[2001:db8::5]:4711"], "2001:db8::5");
    check("10.0.0.1", &["[2001:db8::5]"], "2001:db8::5");
    check("10.0.0.1", &["2001:db8::5"], "2001:db8::5");
}
