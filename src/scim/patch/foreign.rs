//! Objects under URNs that no schema knows: kept as sent, changed key by key (DECISIONS 20).

use serde_json::{Map, Value};

use crate::scim::error::{Result, ScimError};
use crate::scim::patch::{Verb, put};
use crate::scim::value::{MAX_ELEMENTS, shown};

/// Changes the object `name`, or the entry `key` of it if `name` is `URN:key`.
///
/// # Errors
/// `invalidValue` if something else than an object is to take the object's place, or it has more than
/// [`MAX_ELEMENTS`] entries.
pub(super) fn apply(
    document: &mut Map<String, Value>,
    name: &str,
    verb: Verb,
    value: Option<&Value>,
) -> Result<()> {
    let value = value.filter(|value| verb != Verb::Remove && !value.is_null());
    let (urn, key) = locate(document, name, value);
    let object = match document.get_mut(&urn).map(Value::take) {
        Some(Value::Object(object)) => object,
        Some(_) | None => Map::new(),
    };
    let object = match (key, value) {
        (None, None) => Map::new(),
        (None, Some(Value::Object(entries))) => merge(object, entries, verb)?,
        (None, Some(_)) => {
            return Err(ScimError::value(format!("{} takes an object", shown(name))));
        }
        (Some(key), value) => {
            let entry = (key.to_owned(), value.cloned().unwrap_or_default());
            merge(object, &Map::from_iter([entry]), verb)?
        }
    };
    put(document, &urn, (!object.is_empty()).then_some(Value::Object(object)));
    Ok(())
}

/// The URN and the key within. Where the URN ends, the document tells, else the shape of the value,
/// else the last colon.
fn locate<'a>(
    document: &Map<String, Value>,
    name: &'a str,
    value: Option<&Value>,
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
        Some((urn, key)) if !value.is_some_and(Value::is_object) => (urn.to_owned(), Some(key)),
        Some(_) | None => (name.to_owned(), None),
    }
}

fn merge(
    mut object: Map<String, Value>,
    entries: &Map<String, Value>,
    verb: Verb,
) -> Result<Map<String, Value>> {
    check_size(object.len().max(entries.len()))?;
    for (key, value) in entries {
        let known = object.keys().find(|known| known.eq_ignore_ascii_case(key)).cloned();
        let key = known.as_ref().unwrap_or(key);
        match (verb, object.get_mut(key), value) {
            (_, _, Value::Null) => {
                object.shift_remove(key);
            }
            (Verb::Add, Some(Value::Array(items)), Value::Array(new)) => {
                check_size(items.len() + new.len())?;
                let new: Vec<Value> = new.iter().filter(|n| !items.contains(n)).cloned().collect();
                items.extend(new);
            }
            (Verb::Add | Verb::Replace | Verb::Remove, _, value) => {
                object.insert(key.clone(), value.clone());
            }
        }
    }
    check_size(object.len())?;
    Ok(object)
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
