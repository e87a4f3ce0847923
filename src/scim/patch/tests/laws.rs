//! What holds for any operations: no panic, no half-done work, nothing gained by repeating.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::scim::patch::tests::{body, patched, user};
use crate::scim::preset::Preset;
use crate::scim::schema::{ENTERPRISE_USER, ResourceKind};

fn any_path() -> impl Strategy<Value = String> {
    let department = format!("{ENTERPRISE_USER}:department");
    prop::sample::select(vec![
        "title".to_owned(),
        "active".to_owned(),
        "name".to_owned(),
        "name.givenName".to_owned(),
        "emails".to_owned(),
        "emails[type eq \"work\"]".to_owned(),
        "emails[type eq \"work\"].value".to_owned(),
        "emails[value eq \"a@x.com\"].type".to_owned(),
        "emails[primary eq true].value".to_owned(),
        "emails.display".to_owned(),
        "addresses[type eq \"home\"].locality".to_owned(),
        "roles".to_owned(),
        "manager".to_owned(),
        "manager.value".to_owned(),
        "id".to_owned(),
        "nothing".to_owned(),
        department,
        ENTERPRISE_USER.to_owned(),
        "urn:x:y:tag".to_owned(),
        "emails[type pr].value".to_owned(),
    ])
}

fn any_value() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!("a@x.com"),
        json!("work"),
        json!("True"),
        json!(""),
        json!(null),
        json!([]),
        json!({}),
        json!(5),
        json!({"value": "a@x.com", "type": "work"}),
        json!([{"value": "a@x.com"}]),
        json!({"givenName": "G"}),
        json!([{"value": "b@x.com", "primary": true}, {"value": "A@x.com", "type": "home"}]),
        json!({"department": "D", "manager": "m"}),
        json!({"value": null, "$ref": "r"}),
        json!(["u1"]),
    ])
}

fn any_operation(verbs: &'static [&'static str]) -> impl Strategy<Value = Value> {
    (prop::sample::select(verbs), prop::option::weighted(0.9, any_path()), any_value())
        .prop_map(|(op, path, value)| json!({"op": op, "path": path, "value": value}))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_operations_leave_a_canonical_document_or_an_error(
        operations in prop::collection::vec(any_operation(&["add", "replace", "remove"]), 0..6),
        preset in prop::sample::select(vec![Preset::Standard, Preset::Rfc]),
    ) {
        let _ = patched(ResourceKind::User, user(), body(json!(operations)), preset);
    }

    #[test]
    fn an_operation_done_twice_is_done_once(
        before in prop::collection::vec(any_operation(&["add", "replace", "remove"]), 0..3),
        operation in any_operation(&["add", "replace"]),
        preset in prop::sample::select(vec![Preset::Standard, Preset::Rfc]),
    ) {
        let start = patched(ResourceKind::User, user(), body(json!(before)), preset);
        let start = start.map_or_else(|_| user(), |(document, _, _)| document);
        let once = patched(ResourceKind::User, start, body(json!([operation])), preset);
        if let Ok((document, _, _)) = once
            && let Ok((again, changed, _)) =
                patched(ResourceKind::User, document.clone(), body(json!([operation])), preset)
        {
            prop_assert!(!changed, "{} then {}", document, again);
        }
    }

    #[test]
    fn reading_never_panics(path in "\\PC{0,40}", key in "[a-z:.\\[\\]\" ]{0,12}") {
        let operations = json!([
            {"op": "add", "path": path, "value": "x"}, {"op": "replace", "value": {key: {"a": 1}}},
        ]);
        let _ = patched(ResourceKind::User, user(), body(operations), Preset::Standard);
    }
}
