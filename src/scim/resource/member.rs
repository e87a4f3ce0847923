//! The ids in a value of `members`, in whichever shape clients send it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::scim::error::{Result, ScimError};
use crate::scim::preset::Preset;
use crate::scim::value::{MAX_TEXT_BYTES, shown};

/// The member ids in a value of `members`, in order, each once.
///
/// An entry is an object with `value`. Under [`Preset::Standard`] it may also be a bare text, have
/// only a `$ref`, whose last segment then counts, or wrap a further `members` (SCIM.md §1.13), and
/// the list may be a single entry. `null` means none.
///
/// # Errors
/// `invalidValue` on an entry that names no member, or asks for its removal as SCIM 1.1 did.
pub fn member_ids(value: &Value, preset: Preset) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    if let Value::Array(items) = value {
        ids.reserve(items.len());
        items.iter().try_for_each(|item| collect(item, preset, &mut ids))?;
    } else if preset.is_strict() && !value.is_null() {
        return Err(ScimError::value("attribute `members` takes a list of objects with `value`"));
    } else {
        collect(value, Preset::Standard, &mut ids)?;
    }
    keep_first(&mut ids);
    Ok(ids)
}

fn collect(item: &Value, preset: Preset, ids: &mut Vec<String>) -> Result<()> {
    match item {
        Value::Object(entry) => collect_entry(entry, preset, ids),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)
            if preset.is_strict() =>
        {
            Err(nameless())
        }
        Value::Null => Ok(()),
        Value::String(text) if text.is_empty() => Ok(()),
        Value::String(_) | Value::Number(_) => push(text_of(item, preset), ids),
        Value::Array(items) => items.iter().try_for_each(|item| collect(item, preset, ids)),
        Value::Bool(_) => Err(nameless()),
    }
}

fn collect_entry(entry: &Map<String, Value>, preset: Preset, ids: &mut Vec<String>) -> Result<()> {
    let get = |name: &str| {
        entry.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    if let Some(operation) = get("operation") {
        let detail =
            format!("a member takes no `operation`, not even {}", shown(&operation.to_string()));
        return Err(ScimError::value(detail));
    }
    let id = get("value").and_then(|value| text_of(value, preset));
    if id.is_some() || preset.is_strict() {
        return push(id, ids);
    }
    match get("members") {
        Some(nested) => collect(nested, preset, ids),
        None => push(get("$ref").and_then(Value::as_str).and_then(last_segment), ids),
    }
}

fn push(id: Option<String>, ids: &mut Vec<String>) -> Result<()> {
    let id = id.ok_or_else(nameless)?;
    if id.len() > MAX_TEXT_BYTES {
        return Err(ScimError::value(format!("no member has an id as long as {}", shown(&id))));
    }
    ids.push(id);
    Ok(())
}

fn text_of(value: &Value, preset: Preset) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) if !preset.is_strict() => Some(number.to_string()),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => None,
    }
}

fn last_segment(reference: &str) -> Option<String> {
    let path = reference.split(['?', '#']).next()?;
    let last = path.trim_end_matches('/').rsplit('/').next()?;
    if last.is_empty() { None } else { Some(last.to_owned()) }
}

fn keep_first(ids: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    let is_first: Vec<bool> = ids.iter().map(|id| seen.insert(id.as_str())).collect();
    let mut is_first = is_first.into_iter();
    ids.retain(|_| is_first.next().unwrap_or(true));
}

fn nameless() -> ScimError {
    ScimError::value("each entry of `members` must be an object with the member's id in `value`")
}
