//! Sorting by one attribute (RFC 7644 §3.4.2.3), on folded documents.
//!
//! The database sorts in the same way: this is the order it is tested against.

use std::cmp::Ordering;

use serde_json::Value;

use crate::scim::error::{Result, ScimError};
use crate::scim::path::{self, Path, Resolved};
use crate::scim::schema::{ResourceKind, Type};
use crate::scim::value::shown;

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortKey {
    /// An attribute that is not complex.
    pub path: Path,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl SortKey {
    /// Reads `sortBy` and `sortOrder`. `None` means that no resource has such an attribute, and so
    /// the order is open. A complex attribute stands for its sub-attribute `value`.
    ///
    /// # Errors
    /// `invalidValue` if `sort_order` is neither `ascending` nor `descending`, or the attribute is
    /// complex and has no `value`.
    pub fn parse(
        kind: ResourceKind,
        sort_by: &str,
        sort_order: Option<&str>,
    ) -> Result<Option<Self>> {
        let descending = parse_order(sort_order)?;
        let mut path = match path::resolve(kind, sort_by) {
            Resolved::Attribute(path) => path,
            Resolved::Extension(_) | Resolved::Unknown => return Ok(None),
        };
        if path.leaf().kind == Type::Complex {
            let Some(value) = path.attribute.sub("value") else {
                let detail = format!("name the sub-attribute of {} to sort by", shown(sort_by));
                return Err(ScimError::value(detail));
            };
            path.sub = Some(value);
        }
        Ok(Some(Self { path, descending }))
    }

    /// The value by which a folded document is sorted: of several, the primary one's, else the
    /// first one's.
    pub fn key(&self, folded: &Value) -> Option<Value> {
        self.find(folded).cloned()
    }

    /// The order of two folded documents. Those without a value come last ascending, first
    /// descending.
    pub fn compare(&self, a: &Value, b: &Value) -> Ordering {
        let ascending = match (self.find(a), self.find(b)) {
            (Some(a), Some(b)) => compare_values(a, b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        if self.descending { ascending.reverse() } else { ascending }
    }

    fn find<'a>(&self, folded: &'a Value) -> Option<&'a Value> {
        let home = match self.path.extension {
            Some(extension) => folded.get(&extension.id)?,
            None => folded,
        };
        let held = home.get(&self.path.attribute.name)?;
        let one = match held {
            Value::Array(items) => {
                let is_primary = |item: &&Value| item.get("primary") == Some(&Value::Bool(true));
                items.iter().find(is_primary).or_else(|| items.first())?
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => held,
        };
        match self.path.sub {
            Some(sub) => one.get(&sub.name),
            None => Some(one),
        }
    }
}

fn parse_order(text: Option<&str>) -> Result<bool> {
    match text {
        None => Ok(false),
        Some(text) if text.eq_ignore_ascii_case("ascending") => Ok(false),
        Some(text) if text.eq_ignore_ascii_case("descending") => Ok(true),
        Some(text) => Err(ScimError::value(format!(
            "`sortOrder` is `ascending` or `descending`, not {}",
            shown(text)
        ))),
    }
}

/// Values at one path have one type, except in documents older than their schema.
fn compare_values(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.as_f64().unwrap_or_default().total_cmp(&b.as_f64().unwrap_or_default()),
        },
        _ => rank(a).cmp(&rank(b)),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}

#[cfg(test)]
mod tests;
