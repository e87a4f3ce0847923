//! Which ways lead to us, by what browsers make of them (the URL standard's parser).

use super::{local, with};

#[track_caller]
fn check(wanted: &str, expected: &str) {
    assert_eq!(local(wanted), expected, "{wanted:?}");
    let base = url::Url::parse("https://scim.test/login").expect("a URL");
    let reached = base.join(local(wanted)).expect("a URL");
    assert_eq!(reached.origin(), base.origin(), "{wanted:?} leads to {reached}");
}

#[test]
fn a_path_of_ours_is_kept() {
    for path in ["/", "/account/sessions", "/a?b=c&d=%2F%2Fe", "/a//b", "/a/../b", "/@x", "/a#b"] {
        check(path, path);
    }
}

#[test]
fn whatever_leads_away_leads_home() {
    for away in [
        "",
        "account",
        "//evil.test",
        "///evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "/\t/evil.test",
        "/\n/evil.test",
        "\t//evil.test",
        " //evil.test",
        "/ /evil.test",
        "https://evil.test",
        "javascript:alert(1)",
        "data:text/html,x",
        "/é",
        "/a\r\nset-cookie: x=y",
        "/\"><script>",
    ] {
        check(away, "/");
    }
    check(&format!("/{}", "a".repeat(2_000)), "/");
}

#[test]
fn the_way_back_rides_in_the_query() {
    assert_eq!(with("/login", "/"), "/login");
    assert_eq!(with("/login", "//evil.test"), "/login");
    assert_eq!(with("/login", "/a?b=c&d"), "/login?return_to=%2Fa%3Fb%3Dc%26d");
}
