//! Request bodies, read strictly: what two readers could understand differently is refused.
//!
//! Duplicate keys decide which of two values an approval was about, and SCIM keys ignore case (RFC
//! 7643 §2.1), so a duplicate is one in any case. U+0000 cannot be stored in PostgreSQL. All is
//! found in one pass, for this stands in front of every write.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::scim::error::{Kind, Result, ScimError};
use crate::scim::value::shown;

/// Deepest nesting of lists and objects. SCIM itself needs four.
pub const MAX_DEPTH: usize = 32;

/// Objects up to this size look for duplicates key by key; larger ones keep an index.
const SMALL_OBJECT: usize = 16;

/// Reads a JSON text (RFC 8259) of any type.
///
/// # Errors
/// `invalidSyntax`, with line and column, on broken UTF-8 or syntax, trailing data, keys that are
/// equal but for ASCII case, U+0000, nesting over [`MAX_DEPTH`], and numbers out of range.
pub fn parse(bytes: &[u8]) -> Result<Value> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    Node { depth: MAX_DEPTH }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|error| {
            ScimError::new(Kind::InvalidSyntax, format!("the body is not valid JSON: {error}"))
        })
}

/// A value that may still nest `depth` levels.
#[derive(Clone, Copy)]
struct Node {
    depth: usize,
}

impl Node {
    fn inner<E: Error>(self) -> std::result::Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth }),
            None => Err(E::custom(format_args!("nested deeper than {MAX_DEPTH} levels"))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Node {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> std::result::Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, boolean: bool) -> std::result::Result<Value, E> {
        Ok(Value::Bool(boolean))
    }

    fn visit_i64<E>(self, number: i64) -> std::result::Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_u64<E>(self, number: u64) -> std::result::Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_f64<E>(self, number: f64) -> std::result::Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> std::result::Result<Value, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: Error>(self, text: String) -> std::result::Result<Value, E> {
        refuse_nul(&text)?;
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> std::result::Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut map = Map::new();
        let mut index = BTreeSet::new();
        while let Some(key) = access.next_key::<String>()? {
            refuse_nul(&key)?;
            if is_duplicate(&map, &mut index, &key) {
                let key = shown(&key);
                return Err(Error::custom(format_args!("key {key} appears more than once")));
            }
            let value = access.next_value_seed(inner)?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

/// Whether `map` has `key` in any case. Large maps are indexed, so that a body of many keys costs
/// no more than its length.
fn is_duplicate(map: &Map<String, Value>, index: &mut BTreeSet<String>, key: &str) -> bool {
    if map.len() < SMALL_OBJECT {
        return map.keys().any(|known| known.eq_ignore_ascii_case(key));
    }
    if index.is_empty() {
        index.extend(map.keys().map(|known| known.to_ascii_lowercase()));
    }
    !index.insert(key.to_ascii_lowercase())
}

fn refuse_nul<E: Error>(text: &str) -> std::result::Result<(), E> {
    if text.contains('\0') {
        return Err(E::custom("a text or key holds the character U+0000"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
