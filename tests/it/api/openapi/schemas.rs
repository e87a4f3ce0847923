//! As much of JSON Schema as the description uses; a keyword that it does not know fails the test, so
//! that none is passed over.

use countersign::domain::ids::SessionId;
use countersign::domain::persons::support::Day;
use serde_json::{Map, Value};

/// Keywords that say nothing about what fits.
const NOTES: [&str; 3] = ["description", "title", "example"];

/// Checks every example in the document against the schema beside it; says how many there were.
pub(super) fn check_examples(document: &Value) -> usize {
    let mut seen = 0;
    visit(document, document, &mut seen);
    seen
}

fn visit(document: &Value, node: &Value, seen: &mut usize) {
    if let (Some(schema), Some(example)) = (node.get("schema"), node.get("example")) {
        if let Err(why) = fits(document, schema, example) {
            panic!("an example does not fit: {why}\n{example}");
        }
        *seen += 1;
    } else if node.get("schema").is_some() {
        panic!("give it an example: {node}");
    }
    match node {
        Value::Object(members) => members.values().for_each(|node| visit(document, node, seen)),
        Value::Array(items) => items.iter().for_each(|node| visit(document, node, seen)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether a value fits a schema; else why not.
pub(crate) fn fits(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let schema = schema.as_object().ok_or("a schema is an object")?;
    for (keyword, rule) in schema {
        if NOTES.contains(&keyword.as_str()) {
            continue;
        }
        let is_met = match keyword.as_str() {
            "$ref" => {
                let pointer = rule.as_str().and_then(|r| r.strip_prefix('#')).ok_or("a $ref")?;
                let target = document.pointer(pointer).ok_or(format!("no {pointer}"))?;
                fits(document, target, value)?;
                true
            }
            "anyOf" => {
                rule.as_array().ok_or("anyOf")?.iter().any(|s| fits(document, s, value).is_ok())
            }
            "type" => is_of_type(rule, value),
            "const" => rule == value,
            "enum" => rule.as_array().ok_or("enum")?.contains(value),
            "format" => value.as_str().is_none_or(|text| has_format(rule, text)),
            "minLength" => {
                value.as_str().is_none_or(|t| t.len() as u64 >= rule.as_u64().unwrap_or(0))
            }
            "maxLength" => {
                let most = rule.as_u64().unwrap_or(u64::MAX);
                value.as_str().is_none_or(|text| text.chars().count() as u64 <= most)
            }
            "minimum" => value.as_i64().is_none_or(|n| n >= rule.as_i64().unwrap_or(i64::MIN)),
            "maximum" => value.as_i64().is_none_or(|n| n <= rule.as_i64().unwrap_or(i64::MAX)),
            "maxItems" => value
                .as_array()
                .is_none_or(|items| items.len() as u64 <= rule.as_u64().unwrap_or(u64::MAX)),
            "items" => {
                for item in value.as_array().into_iter().flatten() {
                    fits(document, rule, item)?;
                }
                true
            }
            "required" => {
                let names = rule.as_array().ok_or("required")?.iter().filter_map(Value::as_str);
                value
                    .as_object()
                    .is_none_or(|value| names.clone().all(|name| value.contains_key(name)))
            }
            "properties" => {
                properties(document, rule, value)?;
                true
            }
            "additionalProperties" => rule == &Value::Bool(true) || has_no_others(schema, value),
            other => return Err(format!("teach this test the keyword `{other}`")),
        };
        if !is_met {
            return Err(format!("`{keyword}: {rule}` is not met by {value}"));
        }
    }
    Ok(())
}

fn properties(document: &Value, rule: &Value, value: &Value) -> Result<(), String> {
    for (name, schema) in rule.as_object().ok_or("properties")? {
        if let Some(member) = value.get(name) {
            fits(document, schema, member).map_err(|why| format!("{name}: {why}"))?;
        }
    }
    Ok(())
}

fn has_no_others(schema: &Map<String, Value>, value: &Value) -> bool {
    let known = |name: &String| schema.get("properties").is_some_and(|p| p.get(name).is_some());
    value.as_object().is_none_or(|value| value.keys().all(known))
}

fn is_of_type(rule: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    match rule.as_array() {
        Some(names) => names.iter().filter_map(Value::as_str).any(is),
        None => rule.as_str().is_some_and(is),
    }
}

fn has_format(rule: &Value, text: &str) -> bool {
    match rule.as_str() {
        Some("uuid") => text.parse::<SessionId>().is_ok(),
        Some("date-time") => text.len() == 27 && text.ends_with('Z') && text.contains('T'),
        Some("date") => Day::parse(text).is_some(),
        _ => false,
    }
}
