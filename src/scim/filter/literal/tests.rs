//! Types that no attribute of ours has yet.

use serde_json::{Value, json};

use crate::scim::filter::literal::{as_value, check_operator, typed};
use crate::scim::filter::normalise::Raw;
use crate::scim::filter::{Literal, Op};
use crate::scim::preset::Preset;
use crate::scim::schema::Attribute;

fn attribute(kind: &str) -> Attribute {
    let attribute = json!({
        "name": "age", "type": kind, "multiValued": false, "description": "", "required": false,
        "mutability": "readWrite", "returned": "default",
    });
    serde_json::from_value(attribute).unwrap()
}

#[track_caller]
fn check(raw: &Raw, expected: Option<f64>) {
    let literal = typed(&attribute("decimal"), raw, Preset::Standard);
    assert_eq!(literal.ok(), expected.map(Literal::Number), "{raw:?}");
}

#[test]
fn numbers_are_compared_as_numbers() {
    check(&Raw::Bare("5".to_owned()), Some(5.0));
    check(&Raw::Bare("-1.5e3".to_owned()), Some(-1500.0));
    check(&Raw::Quoted("5".to_owned()), Some(5.0));
    check(&Raw::Bare("five".to_owned()), None);
    check(&Raw::Bare("NaN".to_owned()), None);
    let quoted = Raw::Quoted("5".to_owned());
    assert!(typed(&attribute("integer"), &quoted, Preset::Rfc).is_err());
    assert_eq!(as_value(&attribute("integer"), &quoted, Preset::Standard), Some(Value::from(5)));
}

#[test]
fn numbers_have_an_order_but_no_parts() {
    for kind in ["integer", "decimal", "dateTime"] {
        assert!(check_operator(&attribute(kind), Op::Ge).is_ok(), "{kind}");
        assert!(check_operator(&attribute(kind), Op::Co).is_err(), "{kind}");
    }
}
