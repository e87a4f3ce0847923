//! The form in which a document is stored.

use serde_json::{Map, Value};

use crate::scim::error::{Result, ScimError};
use crate::scim::path;
use crate::scim::schema::{Attribute, Mutability, ResourceKind, ResourceSchema, Type};

/// Most objects of foreign URNs in one document; each is looked at on every write.
pub const MAX_FOREIGN: usize = 32;

/// Longest foreign URN, in bytes.
const MAX_URN_BYTES: usize = 255;

/// Makes a document ready to be stored: `schemas` first, then `id`, `externalId`, the core
/// attributes in schema order, extensions, foreign URN objects, `meta`.
///
/// Empty objects and lists and whatever no schema knows are left out, so that equal resources have
/// equal texts.
///
/// # Errors
/// `invalidValue` if a required attribute is missing or blank, `userName` begins or ends with white
/// space, or there are more than [`MAX_FOREIGN`] foreign objects.
pub fn finish(kind: ResourceKind, mut document: Map<String, Value>) -> Result<Map<String, Value>> {
    let schema = kind.schema();
    check_required(schema, &document)?;
    let mut finished = Map::with_capacity(document.len() + 1);
    finished.insert("schemas".to_owned(), Value::Null);
    let meta = document.shift_remove("meta").and_then(prune);
    for attribute in schema.attributes.iter().filter(|attribute| attribute.name != "schemas") {
        let value = document.shift_remove(&attribute.name).and_then(prune);
        if let Some(value) = value.filter(|value| !is_blank_external_id(attribute, value)) {
            finished.insert(attribute.name.clone(), value);
        }
    }
    for extension in &schema.extensions {
        if let Some(value) = document.shift_remove(&extension.id).and_then(prune) {
            finished.insert(extension.id.clone(), value);
        }
    }
    finished.extend(document.into_iter().filter(|(key, value)| is_foreign(kind, key, value)));
    check_foreign(finished.keys().filter(|key| schema.extension(key).is_none()))?;
    let extensions = finished.keys().filter(|key| key.contains(':'));
    let urns: Vec<Value> =
        std::iter::once(&schema.core.id).chain(extensions).map(|urn| urn.clone().into()).collect();
    finished.insert("schemas".to_owned(), urns.into());
    finished.extend(meta.map(|meta| ("meta".to_owned(), meta)));
    Ok(finished)
}

/// Refuses a document that lacks what its schema requires.
pub(super) fn check_required(schema: &ResourceSchema, document: &Map<String, Value>) -> Result<()> {
    let writable = |a: &&Attribute| a.mutability != Mutability::ReadOnly && a.name != "schemas";
    for attribute in schema.attributes.iter().filter(|a| a.required).filter(writable) {
        let name = &attribute.name;
        let text = match document.get(name) {
            Some(Value::String(text)) => text.as_str(),
            Some(value) if !value.is_null() && attribute.kind != Type::String => continue,
            Some(_) | None => "",
        };
        if text.trim().is_empty() {
            let detail = format!("attribute `{name}` is required and must not be blank");
            return Err(ScimError::value(detail));
        }
        if name == "userName" && text.trim().len() != text.len() {
            let detail = "attribute `userName` must not begin or end with white space";
            return Err(ScimError::value(detail));
        }
    }
    Ok(())
}

/// Whether an entry is an object under a URN that no schema of `kind` has (DECISIONS 20).
pub(super) fn is_foreign(kind: ResourceKind, key: &str, value: &Value) -> bool {
    let has_content = value.as_object().is_some_and(|entries| !entries.is_empty());
    let is_urn = key.contains(':') && key.len() <= MAX_URN_BYTES;
    has_content && is_urn && !path::has_known_urn(kind, key)
}

/// Refuses too many foreign objects among the keys of a document's core part.
pub(super) fn check_foreign<'a>(keys: impl Iterator<Item = &'a String>) -> Result<()> {
    if keys.filter(|key| key.contains(':')).count() > MAX_FOREIGN {
        let detail = format!("a resource holds at most {MAX_FOREIGN} extensions unknown here");
        return Err(ScimError::value(detail));
    }
    Ok(())
}

/// A blank `externalId` would match every other blank one, so it counts as none.
pub(super) fn is_blank_external_id(attribute: &Attribute, value: &Value) -> bool {
    attribute.name == "externalId" && value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// Takes out what is unassigned (RFC 7643 §2.5), at any depth.
fn prune(value: Value) -> Option<Value> {
    if !holds_unassigned(&value) {
        return Some(value);
    }
    match value {
        Value::Null => None,
        Value::Array(items) => {
            let items: Vec<Value> = items.into_iter().filter_map(prune).collect();
            if items.is_empty() { None } else { Some(Value::Array(items)) }
        }
        Value::Object(entries) => {
            let entries: Map<String, Value> = entries
                .into_iter()
                .filter_map(|(key, value)| prune(value).map(|value| (key, value)))
                .collect();
            if entries.is_empty() { None } else { Some(Value::Object(entries)) }
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(value),
    }
}

fn holds_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty() || items.iter().any(holds_unassigned),
        Value::Object(entries) => entries.is_empty() || entries.values().any(holds_unassigned),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
