//! Resource types that are only read, so that identity providers discover what may be given to users:
//! roles and entitlements (draft-ietf-scim-roles-entitlements).
//!
//! Okta discovers the same endpoints by schemas of its own, so each is listed under both, and each
//! resource has the attributes of both.

use serde_json::{Value, json};

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// What `roles` of a user may name.
    Role,
    /// What `entitlements` of a user may name.
    Entitlement,
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
    /// Both.
    pub const ALL: [Self; 2] = [Self::Role, Self::Entitlement];

    /// The resource type's name, as in `meta.resourceType`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Role => "Role",
            Self::Entitlement => "Entitlement",
        }
    }

    /// The endpoint below the SCIM base URL, without slash.
    pub fn endpoint(self) -> &'static str {
        match self {
            Self::Role => "Roles",
            Self::Entitlement => "Entitlements",
        }
    }

    /// The names of its resource types, each with its schema: the draft's and Okta's.
    pub fn types(self) -> [(&'static str, &'static str); 2] {
        match self {
            Self::Role => [
                ("Role", "urn:ietf:params:scim:schemas:core:2.0:Role"),
                ("OktaRole", "urn:okta:scim:schemas:core:1.0:Role"),
            ],
            Self::Entitlement => [
                ("Entitlement", "urn:ietf:params:scim:schemas:core:2.0:Entitlement"),
                ("OktaEntitlement", "urn:okta:scim:schemas:core:1.0:Entitlement"),
            ],
        }
    }

    /// The resource as answered.
    pub fn resource(self, base: &str, offered: &Offered) -> Value {
        let [created, changed] = &offered.times;
        let mut resource = json!({
            "schemas": self.types().map(|(_, urn)| urn),
            "id": offered.id,
            "value": offered.value,
            "display": offered.name,
            "displayName": offered.name,
            "type": offered.kind,
            "supported": true,
            "limitedAssignmentsPermitted": false,
            "meta": {
                "resourceType": self.name(),
                "created": created,
                "lastModified": changed,
                "location": format!("{base}/{}/{}", self.endpoint(), offered.id),
            },
        });
        if let Some(resource) = resource.as_object_mut()
            && !offered.description.is_empty()
        {
            resource.insert("description".to_owned(), offered.description.as_str().into());
        }
        resource
    }
}
