//! The order of a sorted list.

use serde_json::json;

use super::*;
use crate::scim::error::Kind;

fn parse(sort_by: &str, order: Option<&str>) -> SortKey {
    SortKey::parse(ResourceKind::User, sort_by, order).unwrap().unwrap()
}

/// Sorts documents and gives their ids in order.
#[track_caller]
fn check(sort_by: &str, order: &str, mut documents: Vec<Value>, expect: &str) {
    let key = parse(sort_by, Some(order));
    documents.sort_by(|a, b| key.compare(a, b));
    let ids: String = documents.iter().filter_map(|d| d["id"].as_str()).collect();
    assert_eq!(ids, expect);
}

#[test]
fn missing_values_come_last_ascending_and_first_descending() {
    let documents = || {
        vec![
            json!({"id": "1"}),
            json!({"id": "2", "userName": "b"}),
            json!({"id": "3", "userName": "a"}),
        ]
    };
    check("userName", "ascending", documents(), "321");
    check("userName", "Descending", documents(), "123");
}

#[test]
fn the_primary_value_counts_else_the_first() {
    let documents = vec![
        json!({"id": "1", "emails": [{"value": "a"}, {"value": "c", "primary": true}]}),
        json!({"id": "2", "emails": [{"value": "b", "primary": false}, {"value": "a"}]}),
        json!({"id": "3", "emails": [{"type": "work"}, {"value": "a"}]}),
    ];
    check("emails", "ascending", documents.clone(), "213");
    check("emails.value", "ascending", documents.clone(), "213");
    assert_eq!(parse("emails", None).key(&documents[0]), Some(json!("c")));
    assert_eq!(parse("emails", None).key(&documents[2]), None);
}

#[test]
fn texts_are_compared_byte_by_byte_and_false_comes_before_true() {
    let named = |id: &str, name: &str| json!({"id": id, "userName": name, "active": id == "1"});
    check("userName", "ascending", vec![named("1", "z"), named("2", "ä"), named("3", "a")], "312");
    check("active", "ascending", vec![named("1", "z"), named("2", "b")], "21");
}

#[test]
fn extensions_are_reached() {
    let urn = crate::scim::schema::ENTERPRISE_USER;
    let documents = vec![
        json!({"id": "1", (urn): {"manager": {"value": "z"}}}),
        json!({"id": "2", (urn): {"manager": {"value": "a"}}}),
        json!({"id": "3"}),
    ];
    check("manager", "ascending", documents, "213");
}

#[test]
fn values_of_different_types_still_have_an_order() {
    let values = [json!(null), json!(false), json!(-1), json!(2.5), json!(3), json!("a")];
    assert!(values.is_sorted_by(|a, b| compare_values(a, b) == Ordering::Less));
}

#[test]
fn what_cannot_be_sorted_by_is_none_or_refused() {
    assert_eq!(SortKey::parse(ResourceKind::User, "nothing", None).unwrap(), None);
    let refused = |by, order| SortKey::parse(ResourceKind::User, by, order).unwrap_err().kind;
    assert_eq!(refused("name", None), Kind::InvalidValue);
    assert_eq!(refused("userName", Some("up")), Kind::InvalidValue);
}
