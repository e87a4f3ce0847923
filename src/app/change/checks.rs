//! What changes are checked by, and described by.

use serde_json::Value;

use crate::app::Error;
use crate::scim::etag::{self, ETag};

/// Refuses if the `If-Match` header does not name the version at hand (RFC 7644 §3.14).
pub(in crate::app) fn check_match(if_match: Option<&String>, version: &str) -> Result<(), Error> {
    match if_match {
        Some(header) if !etag::matches(header, &ETag::new(version)) => {
            Err(Error::Stale(version.to_owned()))
        }
        Some(_) | None => Ok(()),
    }
}

/// Names the attributes that differ, for the record.
pub(in crate::app) fn changed_attributes(
    before: &serde_json::Map<String, Value>,
    after: &serde_json::Map<String, Value>,
) -> Value {
    let names: std::collections::BTreeSet<&String> = before
        .keys()
        .chain(after.keys())
        .filter(|key| before.get(*key) != after.get(*key))
        .collect();
    serde_json::json!({ "attributes": names })
}
