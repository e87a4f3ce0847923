//! Elements as such: immutable parts, sameness, order.

use serde_json::{Value, json};

use crate::scim::error::Kind;
use crate::scim::patch::elements::{Assignment, append, gather, is_same};
use crate::scim::schema::{Attribute, ResourceKind};

fn members() -> &'static Attribute {
    ResourceKind::Group.schema().attribute("members").unwrap()
}

fn emails() -> &'static Attribute {
    ResourceKind::User.schema().attribute("emails").unwrap()
}

#[expect(clippy::needless_pass_by_value, reason = "literals read better without `&`")]
#[track_caller]
fn check(set: Value, cleared: &[&str], expected: Result<Value, Kind>) {
    let Value::Object(set) = set else { panic!("an object") };
    let cleared = cleared.iter().map(|name| (*name).to_owned()).collect();
    let mut item = json!({"value": "u1", "display": "U"});
    let written = Assignment { set, cleared }.write(members(), &mut item);
    assert_eq!(written.map(|_| item).map_err(|error| error.kind), expected);
}

#[test]
fn an_immutable_part_may_be_given_once() {
    check(json!({"type": "User"}), &[], Ok(json!({"value": "u1", "display": "U", "type": "User"})));
    check(json!({"value": "u1"}), &[], Ok(json!({"value": "u1", "display": "U"})));
    check(json!({"value": "u2"}), &[], Err(Kind::Mutability));
    check(json!({}), &["value"], Err(Kind::Mutability));
    check(json!({}), &["type"], Ok(json!({"value": "u1", "display": "U"})));
}

#[test]
fn elements_are_the_same_by_value_and_type() {
    let work = json!({"value": "a@x.com", "type": "work", "display": "A"});
    for (given, expected) in [
        (json!({"value": "A@x.com"}), true),
        (json!({"value": "a@x.com", "type": "Work", "display": "B"}), true),
        (json!({"value": "a@x.com", "type": "home"}), false),
        (json!({"value": "b@x.com", "type": "work"}), false),
        (json!({"type": "work", "primary": true}), true),
        (json!({"type": "work", "display": "B"}), false),
        (json!("a@x.com"), false),
    ] {
        assert_eq!(is_same(emails(), &work, &given), expected, "{given}");
    }
}

#[test]
fn what_is_known_is_completed_and_kept_in_order() {
    let mut items = vec![json!({"value": "a@x.com"}), json!({"value": "a@x.com", "type": "work"})];
    assert_eq!(append(emails(), &mut items, json!({"type": "work", "value": "A@X.com"})), 0);
    let gathered = gather(emails(), items).unwrap();
    assert_eq!(
        gathered,
        Some(json!([{"value": "a@x.com", "type": "work"}])),
        "no element stands twice"
    );
    let swapped = gather(emails(), vec![json!({"type": "t", "value": "v"})]).unwrap().unwrap();
    assert_eq!(swapped.to_string(), r#"[{"value":"v","type":"t"}]"#);
}
