//! Entity tags of resources (RFC 7644 §3.14, RFC 9110 §8.8.3).
//!
//! Ours are weak: the same version may be answered with more or fewer attributes.

use std::fmt;

/// The entity tag of one state of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag {
    version: String,
}

impl ETag {
    /// The tag of a version; `version` holds neither quotes nor control characters.
    pub fn new(version: impl Into<String>) -> Self {
        Self { version: version.into() }
    }

    /// The tag as it stands in the header `ETag` and in `meta.version`.
    pub fn render(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "W/\"{}\"", self.version)
    }
}

/// Whether `If-Match` or `If-None-Match` names the current tag: `*`, or a list with it.
///
/// The comparison is weak, for RFC 7644 uses weak tags in both headers. A tag without its quotes is
/// understood as well.
pub fn matches(header: &str, current: &ETag) -> bool {
    header.trim() == "*" || versions(header).contains(&current.version.as_str())
}

/// The versions whose tags are in such a list.
pub fn versions(header: &str) -> Vec<&str> {
    let (mut rest, mut versions) = (header.trim(), vec![]);
    while !rest.is_empty() {
        let (tag, after) = take_tag(rest);
        versions.push(tag);
        rest = after.trim_start_matches([',', ' ', '\t']);
    }
    versions
}

/// Takes the first tag of a list; a quoted one may hold commas.
fn take_tag(list: &str) -> (&str, &str) {
    let list = list.strip_prefix("W/").unwrap_or(list);
    if let Some(quoted) = list.strip_prefix('"') {
        return quoted.split_once('"').unwrap_or((quoted, ""));
    }
    let (tag, after) = list.split_once(',').unwrap_or((list, ""));
    (tag.trim_end(), after)
}

#[cfg(test)]
mod tests;
