//! The one spelling of JSON.

use serde_json::json;

use super::{hash, hex, kept, unhex, write};

fn text(value: &serde_json::Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

#[track_caller]
fn check(value: &serde_json::Value, spelling: &str) {
    assert_eq!(text(value), spelling);
    let again: serde_json::Value = serde_json::from_str(spelling).expect("JSON");
    assert_eq!(text(&again), spelling);
}

#[test]
fn members_stand_in_the_order_of_their_names() {
    check(
        &json!({ "b": [1, { "d": null, "c": true }], "a": "x\"y" }),
        r#"{"a":"x\"y","b":[1,{"c":true,"d":null}]}"#,
    );
    check(&json!({}), "{}");
    check(&json!({ "é": "é", "z": -1 }), "{\"z\":-1,\"é\":\"é\"}");
}

#[test]
fn a_hash_is_that_of_the_spelling() {
    let known = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    assert_eq!(hex(&hash(b"", &text(&json!({})))), known);
    assert_eq!(unhex(known).map(|bytes| hex(&bytes)).as_deref(), Some(known));
    for wrong in ["4", "4G", "4A", "é4"] {
        assert_eq!(unhex(wrong), None, "{wrong}");
    }
}

#[test]
fn what_would_not_read_the_same_again_is_kept_as_text() {
    let long = "x".repeat(2000);
    let found = kept(&json!({ "a": 0.1, "b": [1, long], "c": null }));
    assert_eq!(found["a"], "0.1");
    assert_eq!(found["b"][0], 1);
    assert_eq!(found["b"][1].as_str().map(|text| text.chars().count()), Some(1001));
}
