//! What a selection leaves of a document.

use serde_json::json;

use super::*;
use crate::scim::error::Kind;
use crate::scim::schema::ENTERPRISE_USER;

fn user() -> Map<String, Value> {
    let Value::Object(user) = json!({
        "schemas": ["s"], "id": "7", "userName": "u", "name": {"givenName": "G", "familyName": "F"},
        "emails": [{"value": "a", "type": "work"}, {"value": "b"}], "password": "never",
        (ENTERPRISE_USER): {"department": "D", "manager": {"value": "m", "displayName": "M"}},
        "urn:foreign:1": {"x": 1}, "meta": {"version": "v"},
    }) else {
        panic!("no object")
    };
    user
}

/// What is left of the user, without what always is.
#[track_caller]
fn check(attributes: &str, excluded: &str, mut expect: Value) {
    let mut left = user();
    let selection = Selection::parse(ResourceKind::User, Some(attributes), Some(excluded)).unwrap();
    selection.apply(&mut left);
    expect["schemas"] = json!(["s"]);
    expect["id"] = json!("7");
    assert_eq!(Value::Object(left), expect, "{attributes} {excluded}");
}

fn wants(attributes: &str, excluded: &str, name: &str) -> bool {
    Selection::parse(ResourceKind::Group, Some(attributes), Some(excluded)).unwrap().wants(name)
}

#[test]
fn without_parameters_all_but_the_password_is_answered() {
    let mut all = Value::Object(user());
    all.as_object_mut().unwrap().shift_remove("password");
    check("", " ", all);
    assert!(Selection::everything(ResourceKind::User).is_everything());
    assert!(Selection::parse(ResourceKind::User, None, None).unwrap().is_everything());
}

#[test]
fn attributes_select_whole_attributes_and_sub_attributes() {
    check("userName", "", json!({"userName": "u"}));
    check("USERNAME, Name.GivenName", "", json!({"userName": "u", "name": {"givenName": "G"}}));
    check("emails.type", "", json!({"emails": [{"type": "work"}]}));
    check(
        "emails.type,emails",
        "",
        json!({"emails": [{"value": "a", "type": "work"}, {"value": "b"}]}),
    );
    check("nothing,id,password", "", json!({}));
    check("name.middleName", "", json!({}));
}

#[test]
fn extensions_are_selected_by_urn_whole_or_in_part() {
    let manager = format!("{ENTERPRISE_USER}:manager.value");
    check(&manager, "", json!({(ENTERPRISE_USER): {"manager": {"value": "m"}}}));
    check("department", "", json!({(ENTERPRISE_USER): {"department": "D"}}));
    let whole = user()[ENTERPRISE_USER].clone();
    check(ENTERPRISE_USER, "", json!({(ENTERPRISE_USER): whole}));
    check("urn:Foreign:1", "", json!({"urn:foreign:1": {"x": 1}}));
}

#[test]
fn excluded_attributes_are_left_out_but_for_those_always_returned() {
    let foreign_and = |rest: Value| {
        let mut all = json!({"userName": "u", "urn:foreign:1": {"x": 1}, "meta": {"version": "v"}});
        all.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        all
    };
    check("", &format!("emails,name,id,schemas,{ENTERPRISE_USER}"), foreign_and(json!({})));
    check(
        "",
        &format!("emails.value,name.givenName,name.familyName,{ENTERPRISE_USER}:manager"),
        foreign_and(json!({"emails": [{"type": "work"}], (ENTERPRISE_USER): {"department": "D"}})),
    );
    let mut all = user();
    Selection::parse(ResourceKind::User, None, Some("urn:foreign:1")).unwrap().apply(&mut all);
    assert!(!all.contains_key("urn:foreign:1"));
}

#[test]
fn what_is_not_wanted_is_known_before_it_is_loaded() {
    assert!(wants("", "", "members"));
    assert!(!wants("", "members", "members"));
    assert!(wants("", "members.display", "members"));
    assert!(!wants("displayName", "", "members"));
    assert!(wants("members.value", "", "members"));
    assert!(wants("displayName", "", "id") && wants("", "id", "schemas"));
    assert!(!wants("", "", "nothing"));
    let everything = Selection::everything(ResourceKind::User);
    assert!(
        everything.wants("groups") && everything.wants("meta") && !everything.wants("password")
    );
}

#[test]
fn both_parameters_at_once_are_refused() {
    let error = Selection::parse(ResourceKind::User, Some("id"), Some("name")).unwrap_err();
    assert_eq!(error.kind, Kind::InvalidValue);
}

#[test]
fn the_number_of_names_is_limited() {
    let parse = |n: usize| Selection::parse(ResourceKind::User, Some(&"x,".repeat(n)), None);
    assert!(parse(MAX_NAMES).is_ok());
    assert_eq!(parse(MAX_NAMES + 1).unwrap_err().kind, Kind::InvalidValue);
}
