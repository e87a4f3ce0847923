//! What values properties take.

use uuid::Uuid;

use crate::domain::command::people::{PropertyEdit, PropertySpec};
use crate::domain::ids::{AccountId, PropertyId};
use crate::domain::time::Timestamp;
use crate::domain::users::properties::{Property, ValueType};

fn property(value_type: ValueType, choices: &[&str]) -> Property {
    Property {
        account: AccountId::new(Uuid::nil()),
        id: PropertyId::new(Uuid::nil()),
        key: "store".to_owned(),
        label: "Store".to_owned(),
        value_type,
        choices: choices.iter().map(|it| (*it).to_owned()).collect(),
        created_at: Timestamp::from_micros(0),
        updated_at: Timestamp::from_micros(0),
        version: 1,
    }
}

#[track_caller]
fn check(value_type: ValueType, taken: &[&str], refused: &[&str]) {
    let property = property(value_type, &["Lyon", "Marseille"]);
    for value in taken {
        assert!(property.takes(value), "`{value}` is a {}", value_type.as_str());
    }
    for value in refused {
        assert!(!property.takes(value), "`{value}` is no {}", value_type.as_str());
    }
}

#[test]
fn s14_values_are_of_the_propertys_type() {
    check(ValueType::Text, &["x", "Ünï"], &["", " ", "a\nb", &"x".repeat(201)]);
    check(
        ValueType::Number,
        &["0", "-1", "3.50", "999999999999999"],
        &["", "1e3", "01", "1.", ".5", "--1", "NaN", "1234567890123456", "1,5"],
    );
    check(ValueType::Boolean, &["true", "false"], &["True", "1", ""]);
    check(ValueType::Date, &["2026-01-31", "2024-02-29"], &["2026-02-29", "31.1.2026", "2026-1-1"]);
    check(ValueType::Choice, &["Lyon"], &["lyon", "Paris", ""]);
}

#[test]
fn a_definition_is_refused_with_all_that_is_wrong() {
    let spec = |key: &str, value_type: &str, choices: &[&str]| PropertySpec {
        key: key.to_owned(),
        label: "Store".to_owned(),
        value_type: value_type.to_owned(),
        choices: choices.iter().map(|it| (*it).to_owned()).collect(),
    };
    let found = |spec: PropertySpec| match spec.checked() {
        Ok(_) => vec![],
        Err(faults) => faults.iter().map(|it| (it.field, it.wrong.code())).collect::<Vec<_>>(),
    };
    assert_eq!(found(spec("store", "choice", &["a", "b"])), []);
    assert_eq!(found(spec("store", "text", &[])), []);
    assert_eq!(found(spec("Store", "text", &[])), [("key", "wrong_property_key")]);
    assert_eq!(found(spec("", "", &[])), [("key", "missing"), ("type", "missing")]);
    assert_eq!(found(spec("a", "colour", &[])), [("type", "wrong_property_type")]);
    assert_eq!(found(spec("a", "choice", &[])), [("choices", "missing")]);
    assert_eq!(found(spec("a", "choice", &["x", " x"])), [("choices", "name_taken")]);
    assert_eq!(found(spec("a", "number", &["x"])), [("choices", "choices_elsewhere")]);
    let edit = PropertyEdit { choices: Some(vec![]), ..PropertyEdit::default() };
    let (_, faults) = property(ValueType::Choice, &["a"]).edited(&edit);
    assert_eq!(faults.len(), 1);
}
