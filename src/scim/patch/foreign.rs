//! Objects under URNs that no schema knows: kept as sent, changed key by key (DECISIONS 20).

use serde_json::{Map, Value};

use crate::scim::error::{Result, ScimError};
use crate::scim::patch::{Verb, put};
use crate::scim::value::{MAX_ELEMENTS, shown};

/// Changes the object `name`, or the entry `key` of it if `name` is `URN:key`. `false` if the name can
/// be neither: an entry is not looked into.
///
/// # Errors
/// `invalidValue` if something else than an object is to take the object's place, or it has more than
/// [`MAX_ELEMENTS`] entries.
pub(super) fn apply(
    document: &mut Map<String, Value>,
    name: &str,
    verb: Verb,
    value: Option<Value>,
) -> Result<bool> {
    let value = value.filter(|_| verb != Verb::Remove);
    let is_object = value.as_ref().is_some_and(Value::is_object);
    let (urn, key) = locate(document, name, is_object);
    if !urn.contains(':') || key.is_some_and(|key| key.is_empty() || key.contains('.')) {
        return Ok(false);
    }
    let object = match document.get_mut(&urn).map(Value::take) {
        Some(Value::Object(object)) => object,
        Some(_) | None => Map::new(),
    };
    let entries = match (key, value) {
        (Some(key), value) => Some(Map::from_iter([(key.to_owned(), value.unwrap_or_default())])),
        (None, Some(Value::Object(entries))) => Some(entries),
        (None, Some(Value::Null) | None) => None,
        (None, Some(_)) => {
            return Err(ScimError::value(format!("{} takes an object", shown(name))));
        }
    };
    let object = entries.map(|entries| merge(object, entries, verb)).transpose()?;
    put(document, &urn, object.filter(|object| !object.is_empty()).map(Value::Object));
    Ok(true)
}

/// The URN and the key within. Where the URN ends, the document tells, else the shape of the value,
/// else the last colon.
fn locate<'a>(
    document: &Map<String, Value>,
    name: &'a str,
    is_object: bool,
) -> (String, Option<&'a str>) {
    let below = |urn: &str| {
        let (head, rest) = name.split_at_checked(urn.len())?;
        if !head.eq_ignore_ascii_case(urn) {
            return None;
        }
        if rest.is_empty() { Some(None) } else { rest.strip_prefix(':').map(Some) }
    };
    let urns = document.keys().filter(|key| key.contains(':'));
    let known = urns.filter_map(|urn| Some((urn, below(urn)?))).max_by_key(|(urn, _)| urn.len());
    if let Some((urn, key)) = known {
        return (urn.clone(), key);
    }
    match name.rsplit_once(':') {
        Some((urn, key)) if !is_object => (urn.to_owned(), Some(key)),
        Some(_) | None => (name.to_owned(), None),
    }
}

fn merge(
    mut object: Map<String, Value>,
    entries: Map<String, Value>,
    verb: Verb,
) -> Result<Map<String, Value>> {
    check_size(object.len().max(entries.len()))?;
    for (key, value) in entries {
        let key =
            object.keys().find(|known| known.eq_ignore_ascii_case(&key)).cloned().unwrap_or(key);
        let Some(value) = pruned(value) else {
            object.shift_remove(&key);
            continue;
        };
        match (verb, object.get_mut(&key), value) {
            (Verb::Add, Some(Value::Array(items)), Value::Array(mut new)) => {
                check_size(items.len() + new.len())?;
                new.retain(|new| !items.contains(new));
                items.append(&mut new);
            }
            (Verb::Add | Verb::Replace | Verb::Remove, _, value) => {
                object.insert(key, value);
            }
        }
    }
    check_size(object.len())?;
    Ok(object)
}

/// Without what is unassigned (RFC 7643 §2.5), as it will be stored.
fn pruned(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Array(items) => {
            let items: Vec<Value> = items.into_iter().filter_map(pruned).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Object(entries) => {
            let entries =
                entries.into_iter().filter_map(|(key, value)| Some((key, pruned(value)?)));
            let entries: Map<String, Value> = entries.collect();
            (!entries.is_empty()).then_some(Value::Object(entries))
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(value),
    }
}

/// What is changed entry by entry must be small, or many small changes become slow.
fn check_size(entries: usize) -> Result<()> {
    if entries > MAX_ELEMENTS {
        let detail = format!("an object or list that no schema knows takes {MAX_ELEMENTS} entries");
        return Err(ScimError::value(detail));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
