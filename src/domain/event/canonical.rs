//! JSON in one spelling: members in the order of their names, nothing between, hashes over it.
//!
//! What is sealed and what is committed to is hashed in this form, so that whoever has the values can
//! make the same bytes in any language.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The longest text that is kept of a value, in characters.
const LONGEST: usize = 1000;

/// The one spelling of an object of these members, which come in the order of their names.
pub fn object(members: &[(&str, &Value)]) -> String {
    debug_assert!(members.is_sorted_by_key(|(name, _)| *name));
    let mut text = String::with_capacity(512);
    write_members(members.iter().copied(), &mut text);
    text
}

/// The hash of that spelling, after what is given first.
pub fn hash(before: &[u8], spelled: &str) -> Hash {
    Sha256::new().chain_update(before).chain_update(spelled).finalize().into()
}

/// A hash as people read it.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(digit).collect()
}

/// Reads what [`hex`] wrote; none if it is something else.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.chars().map(|c| c.to_digit(16).filter(|_| !c.is_ascii_uppercase()));
    let digits: Vec<u8> =
        digits.map(|d| d.and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// A value as it may be kept: what would not read the same again, numbers with a fraction, as text;
/// long texts shortened.
pub fn kept(value: &Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => Value::String(number.to_string()),
        Value::String(long) if long.chars().count() > LONGEST => {
            Value::String(long.chars().take(LONGEST).chain(['…']).collect())
        }
        Value::Array(items) => items.iter().map(kept).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), kept(value))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn digit(value: u8) -> Option<char> {
    char::from_digit(u32::from(value), 16)
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let all = members.iter().map(|(name, value)| (name.as_str(), value));
            if members.keys().is_sorted() {
                write_members(all, text);
            } else {
                write_members(all.collect::<BTreeMap<_, _>>().into_iter(), text);
            }
        }
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        Value::String(string) => word(string, text),
        Value::Null | Value::Bool(_) | Value::Number(_) => text.push_str(&value.to_string()),
    }
}

fn write_members<'a>(members: impl Iterator<Item = (&'a str, &'a Value)>, text: &mut String) {
    text.push('{');
    for (at, (name, value)) in members.enumerate() {
        if at > 0 {
            text.push(',');
        }
        word(name, text);
        text.push(':');
        write(value, text);
    }
    text.push('}');
}

/// Most words need no escaping.
fn word(word: &str, text: &mut String) {
    if word.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\' && byte != 0x7f) {
        text.push('"');
        text.push_str(word);
        text.push('"');
    } else {
        text.push_str(&Value::from(word).to_string());
    }
}

#[cfg(test)]
mod tests;
