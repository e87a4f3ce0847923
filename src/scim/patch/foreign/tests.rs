//! Objects that no schema knows.

use serde_json::{Map, Value, json};

use crate::scim::patch::Verb;
use crate::scim::patch::foreign::apply;

#[expect(clippy::needless_pass_by_value, reason = "literals read better without `&`")]
#[track_caller]
fn check(name: &str, verb: Verb, value: Option<Value>, expected: Value) {
    let Value::Object(mut document) =
        json!({"userName": "u", "urn:x:y": {"tag": "a", "list": [1, 2], "deep": {"a": 1}}})
    else {
        panic!("an object")
    };
    apply(&mut document, name, verb, value).unwrap();
    document.shift_remove("userName");
    assert_eq!(Value::Object(document), expected, "{name}");
}

fn with(key: &str, value: Value) -> Value {
    let mut object = json!({"tag": "a", "list": [1, 2], "deep": {"a": 1}});
    if value.is_null() {
        object.as_object_mut().unwrap().shift_remove(key);
    } else {
        object[key] = value;
    }
    json!({"urn:x:y": object})
}

#[test]
fn an_entry_is_set_by_its_key() {
    check("urn:x:y:tag", Verb::Replace, Some(json!("b")), with("tag", json!("b")));
    check("URN:X:Y:Tag", Verb::Add, Some(json!("b")), with("tag", json!("b")));
    check("urn:x:y:new", Verb::Add, Some(json!({"b": 1})), with("new", json!({"b": 1})));
    check("urn:x:y:list", Verb::Add, Some(json!([2, 3])), with("list", json!([1, 2, 3])));
    check("urn:x:y:list", Verb::Replace, Some(json!([2, 3])), with("list", json!([2, 3])));
    check("urn:x:y:tag", Verb::Remove, Some(json!("a")), with("tag", json!(null)));
    check("urn:x:y:tag", Verb::Replace, Some(json!(null)), with("tag", json!(null)));
}

#[test]
fn an_object_merges() {
    check(
        "urn:x:y",
        Verb::Replace,
        Some(json!({"tag": "b", "deep": null})),
        json!({"urn:x:y": {"tag": "b", "list": [1, 2]}}),
    );
    check("urn:x:y", Verb::Remove, None, json!({}));
    check("urn:x:y", Verb::Replace, Some(json!(null)), json!({}));
    let mut document = Map::from_iter([("urn:x:y".to_owned(), json!({"a": 1}))]);
    assert!(apply(&mut document, "urn:x:y", Verb::Replace, Some(json!("text"))).is_err());
}

#[test]
fn a_new_object_is_made_where_the_urn_ends() {
    let both = |urn: &str, value: Value| json!({"urn:x:y": {"tag": "a", "list": [1, 2], "deep": {"a": 1}}, urn: value});
    check(
        "urn:a:b:2.0:User:tag",
        Verb::Add,
        Some(json!("t")),
        both("urn:a:b:2.0:User", json!({"tag": "t"})),
    );
    check(
        "urn:a:b:2.0:User",
        Verb::Add,
        Some(json!({"tag": "t"})),
        both("urn:a:b:2.0:User", json!({"tag": "t"})),
    );
    check("urn:a:b:2.0:User:tag", Verb::Remove, None, with("none", json!(null)));
    check("urn:a:b:2.0:User", Verb::Add, Some(json!({})), with("none", json!(null)));
}

#[test]
fn what_is_no_urn_and_key_is_ignored() {
    for name in [":", "a:", "a:b", "urn:x:y:", "urn:x:y:deep.a", "urn:a:b:deep.a"] {
        let mut document = Map::from_iter([("urn:x:y".to_owned(), json!({"deep": {"a": 1}}))]);
        let before = document.clone();
        assert!(!apply(&mut document, name, Verb::Replace, Some(json!("v"))).unwrap(), "{name}");
        assert_eq!(document, before);
    }
}

#[test]
fn what_is_unassigned_is_not_kept() {
    check(
        "urn:x:y:deep",
        Verb::Replace,
        Some(json!({"a": 1, "b": null, "c": [{}]})),
        with("deep", json!({"a": 1})),
    );
    check("urn:x:y:new", Verb::Add, Some(json!([null, {"a": []}])), with("none", json!(null)));
}

#[test]
fn growth_is_limited() {
    let many: Vec<usize> = (0..999).collect();
    let mut document = Map::from_iter([("urn:x:y".to_owned(), json!({"list": [1, 2]}))]);
    assert!(apply(&mut document, "urn:x:y:list", Verb::Add, Some(json!(many))).is_err());
    let entries: Map<String, Value> = (0..1001).map(|n| (n.to_string(), json!(n))).collect();
    assert!(apply(&mut document, "urn:x:z", Verb::Add, Some(Value::Object(entries))).is_err());
}
