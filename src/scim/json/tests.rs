//! What the strict reader takes and refuses.

use proptest::prelude::*;
use serde_json::json;

use super::*;

#[track_caller]
fn check_refused(bytes: impl AsRef<[u8]>, words: &str) {
    let error = parse(bytes.as_ref()).unwrap_err();
    assert_eq!(error.kind, Kind::InvalidSyntax);
    assert!(error.detail.contains(words), "{}", error.detail);
}

#[test]
fn valid_json_is_read_in_order() {
    let text = r#" {"b":[1,-2,3.5,true,null,"\u00e4\ud83d\ude00"],"a":{"x":{}}} "#;
    let value = parse(text.as_bytes()).unwrap();
    assert_eq!(value, json!({"b": [1, -2, 3.5, true, null, "ä😀"], "a": {"x": {}}}));
    assert_eq!(value.as_object().unwrap().keys().collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(parse(b"\"x\"").unwrap(), json!("x"));
}

#[test]
fn syntax_errors_say_where() {
    check_refused("", "line 1 column 0");
    check_refused("{\n\"a\":}", "line 2 column 5");
    check_refused("{} {}", "trailing characters at line 1 column 4");
    check_refused("{'a':1}", "line 1");
    check_refused("[1,]", "line 1");
    check_refused("1e999", "out of range");
    check_refused(br#""\ud800""#, "line 1");
}

#[test]
fn broken_utf8_is_refused_wherever_it_stands() {
    check_refused(b"{\"a\":\"\xff\"}", "line 1");
    check_refused(b"{\"\xc3\x28\":1}", "line 1");
    check_refused(b"\xef\xbb\xbf{}", "line 1");
    check_refused(b"{}\xff", "trailing");
    check_refused(b"\"\xed\xa0\x80\"", "line 1");
}

/// DECISIONS 20: duplicate keys are 400 always.
#[test]
fn duplicate_keys_are_refused_in_any_case_at_any_depth() {
    check_refused(
        r#"{"userName":"a","userName":"b"}"#,
        "`userName` appears more than once at line 1",
    );
    check_refused(r#"{"userName":"a","USERNAME":"b"}"#, "`USERNAME` appears more than once");
    check_refused(r#"{"a":[{"b":{"c":1,"C":2}}]}"#, "`C`");
    check_refused(r#"{"a":1,"\u0061":2}"#, "`a`");
    assert!(parse(r#"{"ä":1,"Ä":2,"a":{"a":1}}"#.as_bytes()).is_ok());
}

#[test]
fn duplicates_are_found_in_large_objects() {
    for n in [15, 16, 17, 18, 200] {
        let keys: Vec<String> = (0..n).map(|i| format!("\"k{i}\":0")).collect();
        assert!(parse(format!("{{{}}}", keys.join(",")).as_bytes()).is_ok());
        for i in [0, n - 1] {
            check_refused(format!("{{{},\"K{i}\":0}}", keys.join(",")), &format!("`K{i}`"));
        }
    }
}

#[test]
fn the_nul_character_is_refused_in_texts_and_keys() {
    check_refused(r#"{"a":["x\u0000"]}"#, "U+0000");
    check_refused(r#"{"a\u0000":1}"#, "U+0000");
    check_refused(b"\"\x00\"", "line 1");
}

#[test]
fn nesting_is_limited() {
    let nested = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
    assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
    check_refused(nested(MAX_DEPTH + 1), "deeper than 32 levels");
    check_refused("[".repeat(100_000), "deeper than 32 levels");
    check_refused("{\"a\":".repeat(100_000), "deeper than 32 levels");
}

#[test]
fn long_keys_are_shortened_in_messages() {
    let key = "k".repeat(1000);
    let error = parse(format!(r#"{{"{key}":1,"{key}":2}}"#).as_bytes()).unwrap_err();
    assert!(error.detail.len() < 250);
}

fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[^\\x00]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 20, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-z0-9ä\"]{0,3}", inner, 0..20)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn what_serde_writes_is_read_as_serde_reads_it(value in tree()) {
        let text = value.to_string();
        let expect: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(parse(text.as_bytes()).unwrap(), expect);
    }

    #[test]
    fn what_is_read_serde_reads_too(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        if let Ok(value) = parse(&bytes) {
            prop_assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), value);
        }
    }
}
