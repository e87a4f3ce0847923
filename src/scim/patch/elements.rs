//! The values of a complex attribute as a list, a single value being a list of one.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::scim::error::{Result, ScimError};
use crate::scim::filter::{ElementFilter, eval_element};
use crate::scim::fold;
use crate::scim::patch::immovable;
use crate::scim::schema::{Attribute, Mutability};
use crate::scim::value::MAX_ELEMENTS;

/// Which elements an operation is about, and which part of them.
pub(super) struct Selection<'a> {
    /// The condition and what it says about a new element; `None` means every element.
    pub(super) filter: Option<(&'a ElementFilter, &'a Map<String, Value>)>,
    /// The sub-attribute, if the path names one.
    pub(super) sub: Option<&'static Attribute>,
}

/// What is to be written into an element.
#[derive(Debug, Default)]
pub(super) struct Assignment {
    /// Sub-attributes and their canonical values.
    pub(super) set: Map<String, Value>,
    /// Sub-attributes that lose their value.
    pub(super) cleared: Vec<String>,
}

impl Selection<'_> {
    /// The places of the elements meant.
    pub(super) fn find(&self, attribute: &Attribute, items: &[Value]) -> BTreeSet<usize> {
        let is_meant = |item: &Value| {
            self.filter.is_none_or(|(filter, _)| eval_element(filter, &folded(attribute, item)))
        };
        let found = items.iter().enumerate().filter(|(_, item)| is_meant(item));
        found.map(|(index, _)| index).collect()
    }
}

impl Assignment {
    /// Whether an element it is written into becomes the primary one.
    pub(super) fn is_primary(&self) -> bool {
        self.set.get("primary") == Some(&Value::Bool(true))
    }

    /// Writes into one element; `false` if nothing worth keeping remains.
    pub(super) fn write(&self, attribute: &Attribute, item: &mut Value) -> Result<bool> {
        let mut element = match item.take() {
            Value::Object(element) => element,
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Map::new(),
        };
        self.check_immutable(attribute, &element)?;
        let is_other =
            self.set.get("value").is_some_and(|value| element.get("value") != Some(value));
        if is_other && !self.set.contains_key("$ref") {
            element.shift_remove("$ref");
        }
        for name in &self.cleared {
            element.shift_remove(name);
        }
        element.extend(self.set.clone());
        let is_kept = !element.is_empty() && !self.cleared.iter().any(|name| name == "value");
        *item = Value::Object(element);
        Ok(is_kept)
    }

    /// RFC 7643 §7: an immutable value may be given once.
    fn check_immutable(&self, attribute: &Attribute, element: &Map<String, Value>) -> Result<()> {
        let subs = attribute.sub_attributes.iter();
        for sub in subs.filter(|sub| sub.mutability == Mutability::Immutable) {
            let Some(current) = element.get(&sub.name) else { continue };
            let is_changed = self.set.get(&sub.name).is_some_and(|value| value != current);
            if is_changed || self.cleared.contains(&sub.name) {
                let name = format!("{}.{}", attribute.name, sub.name);
                return Err(immovable(format!("`{name}` cannot be changed once it has a value")));
            }
        }
        Ok(())
    }
}

/// The elements of a value.
pub(super) fn items(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(items)) => items,
        Some(Value::Null) | None => vec![],
        Some(single) => vec![single],
    }
}

/// Takes out the elements at these places.
pub(super) fn drop_all(items: &mut Vec<Value>, gone: &BTreeSet<usize>) {
    let mut index = 0..;
    items.retain(|_| !index.next().is_some_and(|index| gone.contains(&index)));
}

/// The canonical value of the elements: sub-attributes in schema order, no element twice.
///
/// # Errors
/// `invalidValue` if there are more than [`MAX_ELEMENTS`].
pub(super) fn gather(attribute: &Attribute, items: Vec<Value>) -> Result<Option<Value>> {
    if !attribute.multi_valued {
        return Ok(items.into_iter().next().map(|item| ordered(attribute, item)));
    }
    if items.len() > MAX_ELEMENTS {
        let name = &attribute.name;
        let detail = format!("attribute `{name}` holds at most {MAX_ELEMENTS} values");
        return Err(ScimError::value(detail));
    }
    let mut seen = BTreeSet::new();
    let mut kept = Vec::with_capacity(items.len());
    for item in items {
        let item = ordered(attribute, item);
        if seen.insert(item.to_string()) {
            kept.push(item);
        }
    }
    Ok(if kept.is_empty() { None } else { Some(Value::Array(kept)) })
}

/// Adds an element, or completes the one that is there already; gives its place.
pub(super) fn append(attribute: &Attribute, items: &mut Vec<Value>, new: Value) -> usize {
    let place = items.iter().position(|item| is_same(attribute, item, &new));
    let Some((index, item)) = place.and_then(|index| Some((index, items.get_mut(index)?))) else {
        items.push(new);
        return items.len() - 1;
    };
    if let (Value::Object(item), Value::Object(new)) = (item, new) {
        for (key, value) in new {
            let sub = attribute.sub(&key);
            let is_equal = |current: &Value| sub.is_some_and(|sub| is_equal(sub, current, &value));
            if !item.get(&key).is_some_and(is_equal) {
                item.insert(key, value);
            }
        }
    }
    index
}

/// Whether `given` names the element `item`: by `value` and `type` if it has a `value`, otherwise by
/// all it says but `primary` (RFC 7643 §2.4: no pair of type and value stands twice).
pub(super) fn is_same(attribute: &Attribute, item: &Value, given: &Value) -> bool {
    let (Value::Object(item), Value::Object(given)) = (item, given) else {
        return is_equal(attribute, item, given);
    };
    let is_equal_sub = |name: &str, value: &Value| {
        let sub = attribute.sub(name).unwrap_or(attribute);
        item.get(name).is_some_and(|current| is_equal(sub, current, value))
    };
    if let Some(value) = given.get("value") {
        let is_same_type = match (item.get("type"), given.get("type")) {
            (Some(_), Some(kind)) => is_equal_sub("type", kind),
            (None, _) | (_, None) => true,
        };
        return is_same_type && is_equal_sub("value", value);
    }
    given
        .iter()
        .filter(|(name, _)| *name != "primary")
        .all(|(name, value)| is_equal_sub(name, value))
}

/// RFC 7643 §2.4: if `winner` was made the primary one, no other is.
pub(super) fn settle_primary(items: &mut [Value], winner: Option<usize>) {
    let Some(winner) = winner else { return };
    for (_, item) in items.iter_mut().enumerate().filter(|(index, _)| *index != winner) {
        if let Some(primary @ Value::Bool(true)) = item.get_mut("primary") {
            *primary = Value::Bool(false);
        }
    }
}

fn is_equal(attribute: &Attribute, a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => {
            a == b || fold::literal(attribute, a) == fold::literal(attribute, b)
        }
        (a, b) => a == b,
    }
}

/// An element as [`fold::document`] folds it.
fn folded(attribute: &Attribute, item: &Value) -> Value {
    match item {
        Value::String(text) => Value::String(fold::literal(attribute, text)),
        Value::Object(element) => {
            let fold = |(name, value): (&String, &Value)| {
                Some((name.clone(), folded(attribute.sub(name)?, value)))
            };
            Value::Object(element.iter().filter_map(fold).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => item.clone(),
    }
}

fn ordered(attribute: &Attribute, item: Value) -> Value {
    let Value::Object(mut element) = item else { return item };
    let names = attribute.sub_attributes.iter().map(|sub| &sub.name);
    let mut sorted: Map<String, Value> =
        names.filter_map(|name| element.shift_remove_entry(name)).collect();
    sorted.extend(element);
    Value::Object(sorted)
}

#[cfg(test)]
mod tests;
