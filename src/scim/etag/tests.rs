//! Entity tags in headers.

use super::*;

#[track_caller]
fn check(header: &str, expect: bool) {
    assert_eq!(matches(header, &ETag::new("a,b")), expect, "{header}");
}

#[test]
fn a_tag_is_rendered_weak() {
    assert_eq!(ETag::new("42").render(), "W/\"42\"");
    assert_eq!(ETag::new("42").to_string(), "W/\"42\"");
}

#[test]
fn a_list_is_searched_for_the_tag_whether_weak_or_strong() {
    check("*", true);
    check("W/\"a,b\"", true);
    check(" \"a,b\" ", true);
    check("W/\"a\", \"b\" ,, W/\"a,b\"", true);
    check("W/\"a\",\"a,b\"", true);
    check("W/\"a\", W/\"b\"", false);
    check("W/\"A,B\"", false);
    check("W/\"*\"", false);
    check("", false);
    check(",", false);
    check("\"a,b", true);
}

#[test]
fn a_tag_without_quotes_is_understood() {
    assert!(matches("x, 42 , y", &ETag::new("42")));
    assert!(matches("W/42", &ETag::new("42")));
    assert!(!matches("4 2", &ETag::new("42")));
}
