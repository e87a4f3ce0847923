//! What may stand in an attribute: type checks, and the repairs that real clients need.
//!
//! Everything written passes through [`coerce`], so that stored values have one canonical form: real
//! booleans, lists where the schema says list, sub-attributes in their canonical spelling and in
//! schema order. To tolerate one more shape, add it here, count it in [`Notes`], and refuse it under
//! [`Preset::Rfc`]. INVARIANT: a value that came out of here passes through again unchanged.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::scim::error::{Kind, Result, ScimError};
use crate::scim::preset::Preset;
use crate::scim::schema::{Attribute, Mutability, Type};

mod scalar;

/// Longest text of one value, in bytes.
pub const MAX_TEXT_BYTES: usize = 8 * 1024;
/// Most elements of a multi-valued attribute other than `members`.
pub const MAX_ELEMENTS: usize = 1000;

/// Names that clients use for a sub-attribute the schema calls otherwise (SCIM.md §1.1, §1.3).
const SUB_ALIASES: [(&str, &str); 2] = [("managerId", "value"), ("displayName", "display")];

/// What was repaired and what was dropped, for the connection's log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// Values brought into the form the schema asks for.
    pub coerced: u32,
    /// Attributes or sub-attributes that no schema knows.
    pub dropped: u32,
}

/// Brings one attribute's value into canonical form (SCIM.md §2 items 2, 6, 7).
///
/// `None` means unassigned: `null`, an empty list or object, `""` where a complex value, a
/// reference or a sub-attribute `value` stands. Mutability of `attribute` itself is the caller's
/// concern; read-only sub-attributes are dropped here (RFC 7644 §3.3).
///
/// # Errors
/// `invalidValue` on a wrong type, or a text or list over the limits; under [`Preset::Rfc`] also on
/// everything that [`Preset::Standard`] repairs, and `invalidSyntax` on an unknown sub-attribute.
pub fn coerce(
    attribute: &Attribute,
    value: Value,
    preset: Preset,
    notes: &mut Notes,
) -> Result<Option<Value>> {
    if attribute.multi_valued {
        return coerce_list(attribute, value, preset, notes);
    }
    let Value::Array(mut items) = value else {
        return coerce_element(attribute, value, preset, notes);
    };
    if preset.is_strict() || items.len() > 1 {
        let detail = format!("attribute `{}` takes one value, not a list", attribute.name);
        return Err(ScimError::value(detail));
    }
    let Some(item) = items.pop() else { return Ok(None) };
    notes.coerced += 1;
    coerce_element(attribute, item, preset, notes)
}

/// Brings one element of a multi-valued attribute, or the value of a single-valued one, into
/// canonical form; otherwise as [`coerce`].
pub fn coerce_element(
    attribute: &Attribute,
    value: Value,
    preset: Preset,
    notes: &mut Notes,
) -> Result<Option<Value>> {
    if value.is_null() {
        return Ok(None);
    }
    match attribute.kind {
        Type::Complex => coerce_complex(attribute, value, preset, notes),
        Type::Boolean => scalar::coerce_boolean(attribute, value, preset, notes).map(Some),
        Type::Integer | Type::Decimal => {
            scalar::coerce_number(attribute, value, preset, notes).map(Some)
        }
        Type::String | Type::DateTime | Type::Binary | Type::Reference => {
            scalar::coerce_text(attribute, value, preset, notes)
        }
    }
}

/// User input as it may stand in an error message: in backticks, at most 100 characters.
pub(crate) fn shown(text: &str) -> String {
    match text.char_indices().nth(100) {
        Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}

fn coerce_list(
    attribute: &Attribute,
    value: Value,
    preset: Preset,
    notes: &mut Notes,
) -> Result<Option<Value>> {
    if value.is_null() {
        return Ok(None);
    }
    let items = if let Value::Array(items) = value {
        items
    } else if preset.is_strict() {
        return Err(wrong_type(attribute, "a list", &value));
    } else {
        notes.coerced += 1;
        vec![value]
    };
    if items.len() > MAX_ELEMENTS && attribute.name != "members" {
        return Err(ScimError::value(format!(
            "attribute `{}` holds at most {MAX_ELEMENTS} values, not {}",
            attribute.name,
            items.len()
        )));
    }
    let mut kept = Vec::with_capacity(items.len());
    for item in items {
        kept.extend(coerce_element(attribute, item, preset, notes)?);
    }
    collapse_duplicates(&mut kept);
    keep_one_primary(attribute, &mut kept, preset, notes)?;
    Ok(if kept.is_empty() { None } else { Some(Value::Array(kept)) })
}

/// Equal elements have equal texts, for sub-attributes stand in schema order.
fn collapse_duplicates(items: &mut Vec<Value>) {
    if items.len() > 1 {
        let mut seen = BTreeSet::new();
        items.retain(|item| seen.insert(item.to_string()));
    }
}

/// RFC 7643 §2.4: `primary` is true at most once.
fn keep_one_primary(
    attribute: &Attribute,
    items: &mut [Value],
    preset: Preset,
    notes: &mut Notes,
) -> Result<()> {
    let primaries = items.iter_mut().filter_map(|item| item.get_mut("primary"));
    for extra in primaries.filter(|primary| **primary == Value::Bool(true)).skip(1) {
        if preset.is_strict() {
            return Err(ScimError::value(format!(
                "only one value of `{}` can have `primary` true",
                attribute.name
            )));
        }
        *extra = Value::Bool(false);
        notes.coerced += 1;
    }
    Ok(())
}

fn coerce_complex(
    attribute: &Attribute,
    value: Value,
    preset: Preset,
    notes: &mut Notes,
) -> Result<Option<Value>> {
    match (value, attribute.sub("value")) {
        (Value::Object(object), _) => coerce_object(attribute, object, preset, notes),
        (Value::String(text), _) if text.is_empty() && !preset.is_strict() => Ok(None),
        (plain @ (Value::String(_) | Value::Number(_)), Some(sub)) if !preset.is_strict() => {
            notes.coerced += 1;
            let inner = coerce_element(sub, plain, preset, notes)?;
            Ok(inner.map(|inner| Value::Object(Map::from_iter([(sub.name.clone(), inner)]))))
        }
        (other, _) => Err(wrong_type(attribute, "an object", &other)),
    }
}

fn coerce_object(
    attribute: &Attribute,
    object: Map<String, Value>,
    preset: Preset,
    notes: &mut Notes,
) -> Result<Option<Value>> {
    let mut slots: Vec<Option<Value>> = vec![None; attribute.sub_attributes.len()];
    for (key, value) in object {
        let Some((index, sub)) = find_sub(attribute, &key, preset, notes) else {
            refuse_or_drop(attribute, &key, preset, notes)?;
            continue;
        };
        let Some(slot) = slots.get_mut(index) else { continue };
        if sub.mutability != Mutability::ReadOnly && slot.is_none() {
            *slot = coerce(sub, value, preset, notes)?;
        }
    }
    let named = attribute.sub_attributes.iter().zip(slots);
    let object: Map<String, Value> =
        named.filter_map(|(sub, slot)| Some((sub.name.clone(), slot?))).collect();
    Ok(if object.is_empty() { None } else { Some(Value::Object(object)) })
}

/// The sub-attribute a key means and its place in the schema.
fn find_sub<'a>(
    attribute: &'a Attribute,
    key: &str,
    preset: Preset,
    notes: &mut Notes,
) -> Option<(usize, &'a Attribute)> {
    let find = |name: &str| {
        let mut subs = attribute.sub_attributes.iter().enumerate();
        subs.find(|(_, sub)| sub.name.eq_ignore_ascii_case(name))
    };
    if let Some(found) = find(key) {
        return Some(found);
    }
    if preset.is_strict() {
        return None;
    }
    let (_, canonical) = SUB_ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(key))?;
    let found = find(canonical)?;
    notes.coerced += 1;
    Some(found)
}

fn refuse_or_drop(
    attribute: &Attribute,
    key: &str,
    preset: Preset,
    notes: &mut Notes,
) -> Result<()> {
    if preset.is_strict() {
        let detail = format!("attribute `{}` has no sub-attribute {}", attribute.name, shown(key));
        return Err(ScimError::new(Kind::InvalidSyntax, detail));
    }
    notes.dropped += 1;
    Ok(())
}

fn wrong_type(attribute: &Attribute, expected: &str, found: &Value) -> ScimError {
    let found = match found {
        Value::Null => "null".to_owned(),
        Value::Bool(boolean) => format!("`{boolean}`"),
        Value::Number(number) => format!("`{number}`"),
        Value::String(text) => format!("the text {}", shown(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    };
    ScimError::value(format!("attribute `{}` takes {expected}, not {found}", attribute.name))
}

#[cfg(test)]
mod tests;
