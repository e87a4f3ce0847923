//! The SCIM surface, through HTTP.

mod discovery;
mod entra;
mod etags;
mod groups;
mod lists;
mod okta;
mod other_clients;
mod patching;
mod projection;
mod rights;
mod users;

use serde_json::{Value, json};

/// URN of the core User schema.
pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// URN of the core Group schema.
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// URN of the enterprise extension.
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The body of a PATCH with those operations.
pub(crate) fn patch_op(operations: &Value) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": operations,
    })
}
