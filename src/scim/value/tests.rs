//! One value coerced to its attribute's type.

use serde_json::json;

use super::*;
use crate::scim::path::{Resolved, resolve};
use crate::scim::schema::ResourceKind;

fn leaf(name: &str) -> &'static Attribute {
    match resolve(ResourceKind::User, name) {
        Resolved::Attribute(path) => path.leaf(),
        Resolved::Extension(_) | Resolved::Unknown => panic!("no attribute {name}"),
    }
}

fn run(name: &str, value: &Value, preset: Preset) -> (Result<Option<Value>>, Notes) {
    let mut notes = Notes::default();
    let result = coerce(leaf(name), value.clone(), preset, &mut notes);
    (result, notes)
}

/// Expects a repair: `coerced` times, and refused under the rfc preset.
#[track_caller]
fn check(name: &str, value: &Value, expect: Value, coerced: u32) {
    let (result, notes) = run(name, value, Preset::Standard);
    let result = result.unwrap();
    assert_eq!(result, Some(expect).filter(|v| !v.is_null()), "{name} {value}");
    assert_eq!(notes.coerced, coerced, "{name} {value}");
    let (strict, strict_notes) = run(name, value, Preset::Rfc);
    if coerced > 0 {
        assert_eq!(strict.unwrap_err().kind, Kind::InvalidValue, "{name} {value}");
    }
    assert_eq!(strict_notes, Notes::default());
    if let Some(canonical) = result {
        let (again, notes) = run(name, &canonical, Preset::Rfc);
        assert_eq!(again.unwrap(), Some(canonical), "canonical form is not stable");
        assert_eq!(notes, Notes::default());
    }
}

#[track_caller]
fn check_refused(name: &str, value: &Value, words: &str) {
    for preset in [Preset::Standard, Preset::Rfc] {
        let error = run(name, value, preset).0.unwrap_err();
        assert_eq!(error.kind, Kind::InvalidValue);
        assert!(error.detail.contains(words), "{}", error.detail);
    }
}

#[test]
fn a_string_true_becomes_a_boolean() {
    check("active", &json!("True"), json!(true), 1);
    check("active", &json!("false"), json!(false), 1);
    check("active", &json!(true), json!(true), 0);
    check("active", &json!(["False"]), json!(false), 2);
    check_refused("active", &json!("yes"), "`active` takes true or false, not the text `yes`");
    check_refused("active", &json!(""), "true or false");
    check_refused("active", &json!(1), "not `1`");
    check_refused("active", &json!({}), "an object");
}

#[test]
fn numbers_and_booleans_become_texts_while_they_are_exact() {
    check("title", &json!(17), json!("17"), 1);
    check("title", &json!(1.5), json!("1.5"), 1);
    check("title", &json!(u64::MAX), json!(u64::MAX.to_string()), 1);
    check("title", &json!(true), json!("true"), 1);
    check_refused("title", &json!(1e22), "a text");
    check_refused("title", &json!({"value": "x"}), "not an object");
    check_refused("title", &json!(["a", "b"]), "one value, not a list");
}

#[test]
fn unassigned_is_null_or_empty() {
    for value in [json!(null), json!([]), json!({}), json!("")] {
        assert_eq!(run("manager", &value, Preset::Standard).0.unwrap(), None, "{value}");
    }
    assert_eq!(run("emails", &json!([null, {}]), Preset::Standard).0.unwrap(), None);
    assert_eq!(run("profileUrl", &json!(""), Preset::Standard).0.unwrap(), None);
    assert_eq!(run("title", &json!(""), Preset::Standard).0.unwrap(), Some(json!("")));
    assert_eq!(run("manager.value", &json!(""), Preset::Standard).0.unwrap(), None);
    assert_eq!(run("emails", &json!([]), Preset::Rfc).0.unwrap(), None);
    assert_eq!(run("title", &json!([]), Preset::Rfc).0.unwrap_err().kind, Kind::InvalidValue);
}

#[test]
fn a_single_value_becomes_a_list() {
    let list = json!([{"value": "a@x"}]);
    check("emails", &json!({"value": "a@x"}), list.clone(), 1);
    check("emails", &json!("a@x"), list.clone(), 2);
    check("emails", &json!(["a@x"]), list, 1);
    check("emails", &json!(""), json!(null), 1);
}

#[test]
fn a_list_of_one_becomes_a_single_value() {
    check("userName", &json!(["u"]), json!("u"), 1);
    check(
        "manager",
        &json!([{"value": "m", "$ref": "../Users/m"}]),
        json!({"value": "m", "$ref": "../Users/m"}),
        1,
    );
}

#[test]
fn a_manager_comes_in_many_shapes() {
    check("manager", &json!("271"), json!({"value": "271"}), 1);
    check("manager", &json!(271), json!({"value": "271"}), 2);
    check("manager", &json!({"VALUE": "271", "displayName": "Boss"}), json!({"value": "271"}), 0);
    check("manager", &json!({"value": ""}), json!(null), 0);
    let (one_login, notes) = run("manager", &json!({"managerId": "271"}), Preset::Standard);
    assert_eq!((one_login.unwrap(), notes.coerced), (Some(json!({"value": "271"})), 1));
    check_refused("name", &json!("Jo"), "`name` takes an object, not the text `Jo`");
}

#[test]
fn sub_attributes_get_their_spelling_and_order_from_the_schema() {
    let (value, notes) = run(
        "emails",
        &json!([{"Primary": "True", "TYPE": "work", "value": "a@x"}]),
        Preset::Standard,
    );
    assert_eq!(
        value.unwrap().unwrap().to_string(),
        r#"[{"value":"a@x","type":"work","primary":true}]"#
    );
    assert_eq!(notes, Notes { coerced: 1, dropped: 0 });
}

#[test]
fn unknown_sub_attributes_are_dropped_and_counted_or_refused() {
    let value = json!({"givenName": "Jo", "nickName": "J"});
    let (result, notes) = run("name", &value, Preset::Standard);
    assert_eq!(result.unwrap(), Some(json!({"givenName": "Jo"})));
    assert_eq!(notes, Notes { coerced: 0, dropped: 1 });
    let error = run("name", &value, Preset::Rfc).0.unwrap_err();
    assert_eq!(error.kind, Kind::InvalidSyntax);
    assert_eq!(error.detail, "attribute `name` has no sub-attribute `nickName`");
}

/// DECISIONS 19: what Entra ID pushes as a role is answered as it was pushed.
#[test]
fn a_role_keeps_its_stringified_json() {
    let role = r#"{"id":"06b07648","value":"25","displayName":"Role1234"}"#;
    check("roles", &json!([{"value": role}]), json!([{"value": role}]), 0);
    let entra = json!([{"primary": "True", "type": "X", "displayName": "Admin", "value": "Admin"}]);
    let (result, notes) = run("roles", &entra, Preset::Standard);
    let expect = json!([{"value": "Admin", "display": "Admin", "type": "X", "primary": true}]);
    assert_eq!((result.unwrap(), notes.coerced), (Some(expect), 2));
}

#[test]
fn only_the_first_primary_stays() {
    let two = json!([{"value": "a", "primary": true}, {"value": "b", "primary": true}]);
    check(
        "emails",
        &two,
        json!([{"value": "a", "primary": true}, {"value": "b", "primary": false}]),
        1,
    );
}

#[test]
fn exact_duplicates_collapse_whatever_their_key_order() {
    let twice =
        json!([{"value": "a", "type": "work"}, {"type": "work", "value": "a"}, {"value": "a"}]);
    check("emails", &twice, json!([{"value": "a", "type": "work"}, {"value": "a"}]), 0);
}

#[test]
fn limits_hold_to_the_byte_and_to_the_element() {
    check("title", &json!("x".repeat(MAX_TEXT_BYTES)), json!("x".repeat(MAX_TEXT_BYTES)), 0);
    check_refused("title", &json!("x".repeat(MAX_TEXT_BYTES + 1)), "at most 8192 bytes");
    let many = |n: usize| (0..n).map(|i| json!({"value": i.to_string()})).collect::<Value>();
    check("emails", &many(MAX_ELEMENTS), many(MAX_ELEMENTS), 0);
    check_refused("emails", &many(MAX_ELEMENTS + 1), "at most 1000 values, not 1001");
}

#[test]
fn binaries_must_be_base64() {
    for good in ["QUJD", "QUI=", "QQ==", "QQ", "-_-_", "+/+/"] {
        check("x509Certificates", &json!([{"value": good}]), json!([{"value": good}]), 0);
    }
    for bad in ["Q", "QQ=", "Q===", "QU JD", "+_+_", "Ä", "===="] {
        check_refused("x509Certificates", &json!([{"value": bad}]), "takes Base64");
    }
}

#[test]
fn times_must_be_times() {
    let mut notes = Notes::default();
    let mut at = |text: &str| coerce(leaf("meta.created"), json!(text), Preset::Rfc, &mut notes);
    assert_eq!(at("2026-01-31T12:00:00Z").unwrap(), Some(json!("2026-01-31T12:00:00Z")));
    assert_eq!(at("31.1.2026").unwrap_err().kind, Kind::InvalidValue);
}

#[test]
fn whole_numbers_have_no_fraction() {
    let mut attribute = leaf("title").clone();
    attribute.kind = Type::Integer;
    let run = |value, preset| coerce(&attribute, value, preset, &mut Notes::default());
    assert_eq!(run(json!(7), Preset::Rfc).unwrap(), Some(json!(7)));
    assert_eq!(run(json!("7"), Preset::Standard).unwrap(), Some(json!(7)));
    assert!(run(json!("7"), Preset::Rfc).is_err());
    assert!(run(json!(7.5), Preset::Standard).is_err());
    assert!(run(json!("x"), Preset::Standard).is_err());
}

#[test]
fn messages_shorten_what_the_client_sent() {
    assert_eq!(shown("ab"), "`ab`");
    assert_eq!(shown(&"ä".repeat(101)), format!("`{}…`", "ä".repeat(100)));
}
