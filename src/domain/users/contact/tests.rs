//! What is read out of documents as identity providers send them.

use serde_json::json;

use super::{Contact, Language};

#[track_caller]
fn check(
    document: &serde_json::Value,
    address: Option<&str>,
    name: Option<&str>,
    language: Option<Language>,
) {
    let contact = Contact::of(document.as_object().expect("an object"));
    assert_eq!(contact.address.as_deref(), address);
    assert_eq!(contact.name.as_deref(), name);
    assert_eq!(contact.language, language);
}

#[test]
fn the_primary_address_and_the_preferred_language_are_taken() {
    let document = json!({
        "displayName": "Zoé Lefèvre", "preferredLanguage": "fr-CA, en;q=0.5", "locale": "en-US",
        "emails": [{ "value": "old@acme.example" }, { "value": "Zoe@acme.example", "primary": true }],
    });
    check(&document, Some("Zoe@acme.example"), Some("Zoé Lefèvre"), Some(Language::Fr));
}

#[test]
fn what_is_missing_is_looked_for_elsewhere() {
    let document = json!({
        "name": { "givenName": "Zoé" }, "locale": "fr_FR", "emails": [{ "value": "a@acme.example" }],
    });
    check(&document, Some("a@acme.example"), Some("Zoé"), Some(Language::Fr));
    check(&json!({ "userName": "zoe" }), None, None, None);
    check(&json!({ "preferredLanguage": "de" }), None, None, None);
}

#[test]
fn a_name_that_lures_is_not_repeated() {
    for name in ["Win at http://evil.example", "www.evil.example", "mail me@evil.example", "\r\n"] {
        check(&json!({ "displayName": name }), None, None, None);
    }
    check(&json!({ "displayName": "Zoé\r\nBcc: x" }), None, Some("ZoéBcc: x"), None);
}
