//! The schema registry: `schemas/scim/*.json` compiled once, looked up case-insensitively.
//!
//! To add an attribute, add it to the JSON file; parsing, filtering, PATCH, projection and discovery
//! follow it. INVARIANT: a sub-attribute is neither complex nor multi-valued (a test reads the files).

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// URN of the core User schema.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// URN of the core Group schema.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// URN of the enterprise extension of User.
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// URN of our own extension of User.
pub const COUNTERSIGN_USER: &str = "urn:countersign:params:scim:schemas:extension:2.0:User";

/// The resource types served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceKind {
    /// A person's access.
    User,
    /// A set of users and groups.
    Group,
}

impl ResourceKind {
    /// The resource type's name, as in `meta.resourceType`.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// The endpoint below the SCIM base URL, without slash.
    pub fn endpoint(self) -> &'static str {
        match self {
            Self::User => "Users",
            Self::Group => "Groups",
        }
    }

    /// The compiled schemas of this resource type.
    pub fn schema(self) -> &'static ResourceSchema {
        match self {
            Self::User => &REGISTRY.user,
            Self::Group => &REGISTRY.group,
        }
    }
}

/// Data type of an attribute (RFC 7643 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the RFC's")]
pub enum Type {
    String,
    Boolean,
    Decimal,
    Integer,
    DateTime,
    Binary,
    Reference,
    Complex,
}

/// Who may write an attribute (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the RFC's")]
pub enum Mutability {
    ReadOnly,
    ReadWrite,
    Immutable,
    WriteOnly,
}

/// When an attribute is returned (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the RFC's")]
pub enum Returned {
    Always,
    Never,
    Default,
    Request,
}

/// One attribute or sub-attribute of a schema.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attribute {
    /// Canonical spelling.
    pub name: String,
    /// Data type.
    #[serde(rename = "type")]
    pub kind: Type,
    /// Whether several values are held.
    pub multi_valued: bool,
    /// For readers.
    pub description: String,
    /// Whether a resource without it is refused.
    pub required: bool,
    /// Suggested values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub canonical_values: Vec<String>,
    /// Whether comparison respects case.
    #[serde(default)]
    pub case_exact: bool,
    /// Who may write it.
    pub mutability: Mutability,
    /// When it is returned.
    pub returned: Returned,
    /// `none`, `server` or `global`.
    #[serde(default = "no_uniqueness")]
    pub uniqueness: String,
    /// What a reference points to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference_types: Vec<String>,
    /// Sub-attributes of a complex attribute.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_attributes: Vec<Attribute>,
}

/// A schema as its file has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Schema {
    /// The URN.
    pub id: String,
    /// Short name.
    pub name: String,
    /// For readers.
    pub description: String,
    /// Top-level attributes, without the common ones.
    pub attributes: Vec<Attribute>,
}

/// The schemas of one resource type: core attributes (common ones included) and extensions.
#[derive(Debug)]
pub struct ResourceSchema {
    /// The core schema as published.
    pub core: Schema,
    /// Core attributes and the common ones: `schemas`, `id`, `externalId`, `meta`.
    pub attributes: Vec<Attribute>,
    /// Extensions, none of them required.
    pub extensions: Vec<Schema>,
}

/// Everything compiled.
#[derive(Debug)]
pub struct Registry {
    user: ResourceSchema,
    group: ResourceSchema,
    /// Schemas of what is only read, as JSON, for `/Schemas`.
    pub offers: Vec<Value>,
    /// The same of the discovery resources themselves.
    pub service: Vec<Value>,
}

/// The registry of this binary.
pub static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::compile);

fn no_uniqueness() -> String {
    "none".to_owned()
}

/// Finds an attribute by name, ignoring ASCII case (RFC 7643 §2.1).
pub fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|a| a.name.eq_ignore_ascii_case(name))
}

impl Attribute {
    /// Finds a sub-attribute by name, ignoring ASCII case.
    pub fn sub(&self, name: &str) -> Option<&Attribute> {
        find(&self.sub_attributes, name)
    }
}

impl ResourceSchema {
    /// Finds a core or common attribute.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        find(&self.attributes, name)
    }

    /// Finds an extension by its URN, ignoring ASCII case.
    pub fn extension(&self, urn: &str) -> Option<&Schema> {
        self.extensions.iter().find(|e| e.id.eq_ignore_ascii_case(urn))
    }
}

impl Registry {
    #[expect(clippy::expect_used, reason = "embedded files; a unit test compiles them")]
    fn compile() -> Self {
        let schema = |text: &str| serde_json::from_str::<Schema>(text).expect("a schema file");
        let list = |text: &str| serde_json::from_str::<Vec<Attribute>>(text).expect("attributes");
        let common = list(include_str!("../../schemas/scim/common.json"));
        let with_common = |core: Schema, extensions: Vec<Schema>| ResourceSchema {
            attributes: common.iter().chain(&core.attributes).cloned().collect(),
            core,
            extensions,
        };
        Self {
            user: with_common(
                schema(include_str!("../../schemas/scim/user.json")),
                vec![
                    schema(include_str!("../../schemas/scim/enterprise-user.json")),
                    schema(include_str!("../../schemas/scim/countersign-user.json")),
                ],
            ),
            group: with_common(schema(include_str!("../../schemas/scim/group.json")), vec![]),
            offers: serde_json::from_str(include_str!("../../schemas/scim/offers.json"))
                .expect("the schemas of what is only read"),
            service: serde_json::from_str(include_str!("../../schemas/scim/service.json"))
                .expect("the schemas of the discovery resources"),
        }
    }
}

#[cfg(test)]
mod tests;
