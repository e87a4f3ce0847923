//! What a read finds: resources as stored, to be rendered by the edge.

pub mod answers;
pub mod pages;

use serde_json::{Map, Value};

use crate::domain::ids::ResourceId;
use crate::domain::rights::holdings::Holdings;
use crate::domain::time::Timestamp;
use crate::scim::error::{Kind, Result, ScimError};
use crate::scim::filter::Filter;
use crate::scim::schema::ResourceKind;
use crate::scim::sort::SortKey;

/// The largest document kept: what no single request can exceed, many `PATCH` shall not either.
pub const MAX_DOCUMENT_BYTES: usize = 1024 * 1024;

/// The longest text that resources are looked up by: what an index page of PostgreSQL surely holds.
pub const MAX_KEY_BYTES: usize = 1024;

/// Checks a text that resources are looked up by, as sent or folded.
///
/// # Errors
/// `invalidValue` if it exceeds [`MAX_KEY_BYTES`].
pub fn check_key(attribute: &str, text: &str) -> Result<()> {
    if text.len() <= MAX_KEY_BYTES {
        return Ok(());
    }
    Err(ScimError::value(format!(
        "`{attribute}` is {} bytes long; resources are looked up by it, so {MAX_KEY_BYTES} is the limit",
        text.len()
    )))
}

/// A document's JSON text.
///
/// # Errors
/// [`Kind::TooLarge`] if it exceeds [`MAX_DOCUMENT_BYTES`].
pub fn text(document: &Map<String, Value>) -> Result<String> {
    let text = serde_json::to_string(document)
        .map_err(|error| ScimError::new(Kind::InvalidSyntax, error.to_string()))?;
    if text.len() > MAX_DOCUMENT_BYTES {
        let detail = format!("the resource would be larger than {MAX_DOCUMENT_BYTES} bytes");
        return Err(ScimError::new(Kind::TooLarge, detail));
    }
    Ok(text)
}

/// A user or group as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// User or group.
    pub kind: ResourceKind,
    /// Its id.
    pub id: ResourceId,
    /// The document's JSON text, without `meta`, `groups` and `members`.
    pub document: String,
    /// What the `ETag` says: it changes with each change of what is answered.
    pub version: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Of a user: the groups, direct and indirect.
    pub groups: Vec<Link>,
    /// Of a group: the members, if they were asked for.
    pub members: Option<Vec<Link>>,
    /// Of a user: what the user holds, if it was asked for.
    pub holdings: Option<Box<Holdings>>,
}

/// A reference to another resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it points to.
    pub kind: ResourceKind,
    /// Its id.
    pub id: ResourceId,
    /// What to show.
    pub display: String,
    /// Of a user's groups: whether the user is a member itself, not through another group.
    pub direct: bool,
}

/// Which parts of a record that cost a look-up of their own are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked for on its own")]
pub struct Want {
    /// `members` of groups.
    pub members: bool,
    /// What to show of each member.
    pub member_names: bool,
    /// `groups` of users.
    pub groups: bool,
    /// What users hold.
    pub holdings: bool,
}

/// A list query of one resource type, resolved.
#[derive(Debug, Clone)]
pub struct Search {
    /// User or group.
    pub kind: ResourceKind,
    /// Which ones; all if `None`.
    pub filter: Option<Filter>,
    /// In which order; by id, which is the order of creation, if `None`.
    pub sort: Option<SortKey>,
    /// How many to leave out at the start.
    pub offset: u64,
    /// How many to answer.
    pub limit: u64,
    /// Costly parts.
    pub want: Want,
    /// The SCIM base URL, for filters on `$ref` and `meta.location`.
    pub base: String,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// How many there are in all.
    pub total: u64,
    /// Those of this page.
    pub records: Vec<Record>,
}
