//! Groups: a SCIM document without its members, which are rows.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::domain::ids::{ConnectionId, MappingId, ResourceId};
use crate::domain::records;
use crate::domain::time::Timestamp;
use crate::scim::error::Result;
use crate::scim::fold;
use crate::scim::resource;
use crate::scim::schema::ResourceKind;

/// A group as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The document as answered, without `meta` and `members`.
    pub document: Map<String, Value>,
    /// Its JSON text.
    pub text: String,
    /// The same, folded for comparison.
    pub folded: Value,
    /// The `displayName` as sent.
    pub display_name: String,
    /// The folded `displayName`, unique in the connection (DECISIONS.md 22).
    pub display_name_key: String,
    /// The `externalId` as sent.
    pub external_id: Option<String>,
}

impl Group {
    /// Takes a canonical document for the group `id`.
    ///
    /// # Errors
    /// What [`resource::finish`] finds missing, and [`records::text`] too large.
    pub fn new(id: ResourceId, mut document: Map<String, Value>) -> Result<Self> {
        document.insert("id".to_owned(), Value::String(id.to_string()));
        let document = resource::finish(ResourceKind::Group, document)?;
        let text = records::text(&document)?;
        let folded = fold::document(ResourceKind::Group, &Value::Object(document.clone()));
        let sent = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
        let group = Self {
            display_name: sent("displayName").unwrap_or_default(),
            display_name_key: folded
                .get("displayName")
                .and_then(Value::as_str)
                .map(str::to_owned)
                .unwrap_or_default(),
            external_id: sent("externalId"),
            text,
            document,
            folded,
        };
        records::check_key("displayName", &group.display_name_key)?;
        records::check_key("externalId", group.external_id.as_deref().unwrap_or_default())?;
        Ok(group)
    }
}

/// A group as those see it who decide what it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id, by which it is mapped.
    pub id: ResourceId,
    /// The `displayName` as sent.
    pub display_name: String,
    /// The `externalId` as sent.
    pub external_id: Option<String>,
    /// The connection that owns it.
    pub connection: ConnectionId,
    /// What people call that.
    pub connection_name: String,
    /// The groups whose member it is.
    pub nested_in: Vec<ResourceId>,
    /// What it gives itself.
    pub mappings: Vec<MappingId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Which groups are looked for; all of it holds at once.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those of this name, whatever its case.
    pub display_name: Option<String>,
    /// Those that their identity provider knows by this.
    pub external_id: Option<String>,
    /// Those of this connection.
    pub connection: Option<ConnectionId>,
}

/// Ids among `texts`, each once; what is not an id of ours can name no member (DECISIONS.md 21).
pub fn known_form(texts: &[String]) -> Vec<ResourceId> {
    let ids: BTreeSet<ResourceId> = texts.iter().filter_map(|text| text.parse().ok()).collect();
    ids.into_iter().collect()
}
