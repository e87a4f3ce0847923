//! What changes are checked by.

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
