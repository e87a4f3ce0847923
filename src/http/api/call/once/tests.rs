//! Which headers hold a key.

use super::read;

#[track_caller]
fn check(header: &str, key: Option<&str>) {
    assert_eq!(read(header), key, "{header}");
}

#[test]
fn a_key_stands_in_quotes_or_without() {
    check("\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", Some("8e03978e-40d5-43dd-bc93-6894a57f9324"));
    check(" order-17 ", Some("order-17"));
    check(&"x".repeat(255), Some(&"x".repeat(255)));
}

#[test]
fn what_is_no_key_is_none() {
    for header in ["", "\"\"", "\"", "\"open", "clé", "a\"b", "a\\b", "\"a\";p=1", &"x".repeat(256)]
    {
        check(header, None);
    }
    // Two lines are joined by a comma, in quotes apart.
    check("\"a\",\"b\"", None);
}
