//! What is asked of whoever makes a user, and what a document says.

use serde_json::{Map, Value, json};

use crate::domain::command::people::{PersonEdit, PersonSpec};
use crate::domain::users::people::Profile;

fn spec() -> PersonSpec {
    let text = |text: &str| text.to_owned();
    PersonSpec {
        user_name: text("ada"),
        given_name: text("Ada"),
        family_name: text("Lovelace"),
        language: text("fr-FR"),
        email: text("ada@example.com"),
        ..PersonSpec::default()
    }
}

fn map(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else { panic!("expected an object, got {value}") };
    map
}

#[track_caller]
fn check(change: impl FnOnce(&mut PersonSpec), expect: &[(&str, &str)]) {
    let mut spec = spec();
    change(&mut spec);
    let found = spec.faults();
    let found: Vec<_> = found.iter().map(|it| (it.field, it.wrong.code())).collect();
    assert_eq!(found, expect);
}

#[test]
fn s9_each_required_attribute_that_is_missing_is_named() {
    check(|_| {}, &[]);
    check(
        |it| *it = PersonSpec::default(),
        &[
            ("user_name", "missing"),
            ("given_name", "missing"),
            ("family_name", "missing"),
            ("language", "missing"),
            ("email", "missing"),
        ],
    );
    check(|it| it.language = "français".to_owned(), &[("language", "wrong_language")]);
    check(|it| it.language = "fr_FR".to_owned(), &[("language", "wrong_language")]);
    for address in ["ada", "@x.y", "a@b@c.d", "a b@c.d", "a@c..d", "a@c.d,e@f.g", "<a@b.c>"] {
        check(|it| it.email = address.to_owned(), &[("email", "wrong_address")]);
    }
    check(|it| it.given_name = "a\u{0}".to_owned(), &[("given_name", "not_text")]);
    check(|it| it.user_name = "x".repeat(201), &[("user_name", "too_long")]);
}

#[test]
fn s9_what_was_said_is_what_the_document_says() {
    let spec = PersonSpec { technical_notifications: true, ..spec() };
    let mut document = spec.document();
    document.insert("active".to_owned(), true.into());
    let profile = Profile::of(&document);
    assert_eq!(
        profile,
        Profile {
            user_name: "ada".to_owned(),
            given_name: Some("Ada".to_owned()),
            family_name: Some("Lovelace".to_owned()),
            language: Some("fr-FR".to_owned()),
            email: Some("ada@example.com".to_owned()),
            technical_notifications: true,
            active: true,
        }
    );
    assert_eq!(profile.missing(), Vec::<&str>::new());
}

#[test]
fn s9_what_a_provisioned_user_lacks_is_shown() {
    let of = |document: Value| Profile::of(&map(document)).missing();
    assert_eq!(
        of(json!({ "userName": "ada" })),
        ["given_name", "family_name", "language", "email"]
    );
    assert_eq!(
        of(json!({ "userName": "ada", "locale": "fr", "name": { "givenName": "Ada",
                   "familyName": " " }, "emails": [{ "value": "a@b.c" }] })),
        ["family_name"]
    );
}

#[test]
fn an_edit_leaves_the_rest_as_it_was() {
    let before = map(json!({ "userName": "ada", "title": "Countess",
                             "name": { "givenName": "Ada", "familyName": "King" } }));
    let edit = PersonEdit {
        family_name: Some(" Lovelace ".to_owned()),
        active: Some(false),
        ..PersonEdit::default()
    };
    assert_eq!(edit.attributes(), ["family_name", "active"]);
    let expect = json!({ "userName": "ada", "title": "Countess", "active": false,
                         "name": { "givenName": "Ada", "familyName": "Lovelace" } });
    assert_eq!(Value::Object(edit.applied(&before)), expect);
}
