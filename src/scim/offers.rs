//! Resource types that are only read, so that identity providers discover what may be given to users:
//! roles and entitlements (draft-ietf-scim-roles-entitlements), and the same as Okta discovers them.
//!
//! Okta goes by schemas of its own and takes any endpoint. Its two have endpoints of their own, since
//! clients that read the RFCs strictly refuse two resource types at one.

use serde_json::{Map, Value, json};

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// What `roles` of a user may name.
    Role,
    /// What `entitlements` of a user may name.
    Entitlement,
    /// Roles for Okta.
    OktaRole,
    /// Entitlements for Okta.
    OktaEntitlement,
}

/// A resource of that type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Its id.
    pub id: String,
    /// What names it: a key, where there is one that is the same everywhere.
    pub value: String,
    /// Its name.
    pub name: String,
    /// What kind of it this is.
    pub kind: &'static str,
    /// What it is for; may be empty.
    pub description: String,
    /// When it was made and last changed.
    pub times: [String; 2],
}

impl Offer {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::Role, Self::Entitlement, Self::OktaRole, Self::OktaEntitlement];

    /// The resource type's name, as in `meta.resourceType`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Role => "Role",
            Self::Entitlement => "Entitlement",
            Self::OktaRole => "OktaRole",
            Self::OktaEntitlement => "OktaEntitlement",
        }
    }

    /// The endpoint below the SCIM base URL, without slash.
    pub fn endpoint(self) -> &'static str {
        match self {
            Self::Role => "Roles",
            Self::Entitlement => "Entitlements",
            Self::OktaRole => "OktaRoles",
            Self::OktaEntitlement => "OktaEntitlements",
        }
    }

    /// The URN of its schema.
    pub fn schema(self) -> &'static str {
        match self {
            Self::Role => "urn:ietf:params:scim:schemas:core:2.0:Role",
            Self::Entitlement => "urn:ietf:params:scim:schemas:core:2.0:Entitlement",
            Self::OktaRole => "urn:okta:scim:schemas:core:1.0:Role",
            Self::OktaEntitlement => "urn:okta:scim:schemas:core:1.0:Entitlement",
        }
    }

    /// The resource as answered.
    pub fn resource(self, base: &str, offered: &Offered) -> Value {
        let [created, changed] = &offered.times;
        let mut resource = Map::new();
        let mut put = |name: &str, value: Value| resource.insert(name.to_owned(), value);
        put("schemas", json!([self.schema()]));
        put("id", offered.id.as_str().into());
        match self {
            Self::Role | Self::Entitlement => {
                put("value", offered.value.as_str().into());
                put("display", offered.name.as_str().into());
                put("supported", true.into());
                put("limitedAssignmentsPermitted", false.into());
            }
            Self::OktaRole | Self::OktaEntitlement => {
                put("displayName", offered.name.as_str().into());
                if !offered.description.is_empty() {
                    let text: String = offered.description.chars().take(1000).collect();
                    put("description", text.into());
                }
            }
        }
        put("type", offered.kind.into());
        let location = format!("{base}/{}/{}", self.endpoint(), offered.id);
        put(
            "meta",
            json!({
                "resourceType": self.name(),
                "created": created,
                "lastModified": changed,
                "location": location,
            }),
        );
        Value::Object(resource)
    }
}
