//! What a value path says about an element that it does not find.

use serde_json::{Value, json};

use crate::scim::filter::ElementText;
use crate::scim::preset::Preset;
use crate::scim::schema::ResourceKind;

#[track_caller]
fn check(attribute: &str, text: &str, expected: &Value) {
    let attribute = ResourceKind::User.schema().attribute(attribute).unwrap();
    let parsed = ElementText::parse(attribute, text, Preset::Standard).unwrap();
    assert_eq!(Value::Object(parsed.seed), *expected, "{text}");
}

#[test]
fn eq_conditions_that_must_hold_are_the_seed_as_written() {
    check("emails", r#"type eq "Work""#, &json!({"type": "Work"}));
    check("roles", r#"primary eq "True""#, &json!({"primary": true}));
    check(
        "roles",
        r#"type eq "a" and (primary eq true and value ne "x")"#,
        &json!({"type": "a", "primary": true}),
    );
    check("emails", r#"type eq "a" and (value eq "b" or display eq "c")"#, &json!({"type": "a"}));
}

#[test]
fn other_conditions_say_nothing() {
    check("emails", r#"type eq "a" or type eq "b""#, &json!({}));
    check("emails", r#"not (type eq "a")"#, &json!({}));
    check("emails", r#"type co "a" and value pr and display eq null and foo eq "x""#, &json!({}));
}

#[test]
fn the_condition_cannot_leave_its_brackets() {
    let attribute = ResourceKind::User.schema().attribute("emails").unwrap();
    for text in [r#"type eq "a"] or b[value eq "b""#, r#"b[value eq "b"]"#, "", "type", ")"] {
        assert!(ElementText::parse(attribute, text, Preset::Standard).is_err(), "{text}");
    }
}

#[test]
fn the_comparison_parsed_once_is_what_a_simple_filter_becomes() {
    let normal = super::normalise("userName eq \"x\"", crate::scim::preset::Preset::Rfc);
    assert_eq!(normal.expect("a filter").text, super::ONE);
    assert!(super::ONE_COMPARISON.is_some());
}
