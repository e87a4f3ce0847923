//! Users: what a SCIM document makes of a person's access.

pub mod contact;
pub mod people;
pub mod properties;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::domain::ids::ResourceId;
use crate::domain::records;
use crate::scim::error::Result;
use crate::scim::fold;
use crate::scim::resource;
use crate::scim::schema::ResourceKind;

/// A user as stored: the document, and what we decide and search by, taken from it.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// The document as answered, without `meta` and `groups`.
    pub document: Map<String, Value>,
    /// Its JSON text.
    pub text: String,
    /// The same, folded for comparison.
    pub folded: Value,
    /// The folded `userName`, unique in the account.
    pub user_name_key: String,
    /// The `externalId` as sent.
    pub external_id: Option<String>,
    /// What to show: `displayName`, else `userName`.
    pub display_name: String,
    /// The folded `displayName`, if there is one.
    pub display_name_key: Option<String>,
    /// Whether the user may sign in.
    pub active: bool,
    /// The folded addresses.
    pub emails: BTreeSet<String>,
    /// The folded `roles` and `entitlements`, which mappings may name.
    pub pushed: BTreeSet<String>,
}

impl User {
    /// Takes the canonical document of a POST: without `active` a user is active.
    ///
    /// # Errors
    /// As [`User::new`].
    pub fn created(id: ResourceId, mut document: Map<String, Value>) -> Result<Self> {
        document.entry("active".to_owned()).or_insert(Value::Bool(true));
        Self::new(id, document)
    }

    /// Takes a canonical document for the user `id`. Where a PATCH removed `active`, nobody says that
    /// the user may sign in.
    ///
    /// # Errors
    /// What [`resource::finish`] finds missing, and [`records::text`] too large.
    pub fn new(id: ResourceId, mut document: Map<String, Value>) -> Result<Self> {
        document.insert("id".to_owned(), Value::String(id.to_string()));
        let active = document.get("active").and_then(Value::as_bool).unwrap_or(false);
        let document = resource::finish(ResourceKind::User, document)?;
        let text = records::text(&document)?;
        let folded = fold::document(ResourceKind::User, &Value::Object(document.clone()));
        let sent = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
        let key = |name: &str| folded.get(name).and_then(Value::as_str).map(str::to_owned);
        let user = Self {
            user_name_key: key("userName").unwrap_or_default(),
            external_id: sent("externalId"),
            display_name: sent("displayName").or_else(|| sent("userName")).unwrap_or_default(),
            display_name_key: key("displayName"),
            active,
            emails: values(&folded, "emails").collect(),
            pushed: PUSHED.iter().flat_map(|name| values(&folded, name)).collect(),
            text,
            document,
            folded,
        };
        user.check_keys()?;
        Ok(user)
    }

    /// Takes the document of a PUT: it clears what it omits, but not `active` (DECISIONS.md 22).
    ///
    /// # Errors
    /// As [`User::new`].
    pub fn replaced(
        id: ResourceId,
        mut document: Map<String, Value>,
        before: &Map<String, Value>,
    ) -> Result<Self> {
        if let (None, Some(active)) = (document.get("active"), before.get("active")) {
            document.insert("active".to_owned(), active.clone());
        }
        Self::new(id, document)
    }

    fn check_keys(&self) -> Result<()> {
        records::check_key("userName", &self.user_name_key)?;
        records::check_key("externalId", self.external_id.as_deref().unwrap_or_default())?;
        records::check_key("displayName", self.display_name_key.as_deref().unwrap_or_default())?;
        self.emails.iter().try_for_each(|email| records::check_key("emails.value", email))?;
        PUSHED.iter().try_for_each(|name| {
            let attribute = format!("{name}.value");
            values(&self.folded, name).try_for_each(|value| records::check_key(&attribute, &value))
        })
    }
}

/// Where a connection pushes roles.
const PUSHED: [&str; 2] = ["roles", "entitlements"];

/// The values of a multi-valued attribute.
fn values<'a>(folded: &'a Value, attribute: &str) -> impl Iterator<Item = String> + use<'a> {
    folded
        .get(attribute)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|item| item.get("value").and_then(Value::as_str).map(str::to_owned))
}
