//! What the server says about itself (RFC 7643 §5 to §7, RFC 7644 §4, RFC 9865 §3).
//!
//! All of it follows the schema registry; a new attribute or extension needs no change here.

use serde_json::{Value, json};

use crate::scim::offers::Offer;
use crate::scim::schema::{REGISTRY, ResourceKind, Schema};

const SERVICE_PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/// The limits that are published, and kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most operations of a request. Clients cut their PATCH by it even where there is no Bulk
    /// (SCIM.md §1.9), so it is at least 1.
    pub max_operations: u64,
    /// Most bytes of a request.
    pub max_payload_bytes: u64,
    /// Most resources of an answer.
    pub max_results: u64,
    /// Resources of an answer where the client names no count.
    pub default_page: u64,
}

/// The `ServiceProviderConfig`. `base` is the SCIM base URL without a slash at its end.
pub fn service_provider_config(base: &str, limits: &Limits) -> Value {
    json!({
        "schemas": [SERVICE_PROVIDER_CONFIG],
        "patch": {"supported": true},
        "bulk": {
            "supported": false,
            "maxOperations": limits.max_operations.max(1),
            "maxPayloadSize": limits.max_payload_bytes,
        },
        "filter": {"supported": true, "maxResults": limits.max_results},
        "changePassword": {"supported": false},
        "sort": {"supported": true},
        "etag": {"supported": true},
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token of this connection, in the header Authorization.",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "pagination": {
            "cursor": false,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": limits.default_page,
            "maxPageSize": limits.max_results,
        },
        "meta": meta(base, "ServiceProviderConfig", "ServiceProviderConfig"),
    })
}

/// The resource types, as `/ResourceTypes` lists them.
pub fn resource_types(base: &str) -> Vec<Value> {
    let kinds = [ResourceKind::User, ResourceKind::Group].map(|kind| resource_type(base, kind));
    let offers = Offer::ALL.map(|offer| offered_type(base, offer));
    kinds.into_iter().chain(offers).collect()
}

/// The Schemas of the resource types, their extensions, and the discovery resources themselves.
pub fn schemas(base: &str) -> Vec<Value> {
    let kinds = [ResourceKind::User, ResourceKind::Group].map(ResourceKind::schema);
    let own = kinds.iter().flat_map(|kind| std::iter::once(&kind.core).chain(&kind.extensions));
    own.map(written)
        .chain(REGISTRY.offers.iter().chain(&REGISTRY.service).cloned())
        .map(|schema| schema_resource(base, schema))
        .collect()
}

fn resource_type(base: &str, kind: ResourceKind) -> Value {
    let schema = kind.schema();
    let extensions = schema.extensions.iter();
    let extensions: Vec<Value> =
        extensions.map(|e| json!({"schema": e.id, "required": false})).collect();
    json!({
        "schemas": [RESOURCE_TYPE],
        "id": kind.name(),
        "name": kind.name(),
        "description": schema.core.description,
        "endpoint": format!("/{}", kind.endpoint()),
        "schema": schema.core.id,
        "schemaExtensions": extensions,
        "meta": meta(base, "ResourceType", &format!("ResourceTypes/{}", kind.name())),
    })
}

fn offered_type(base: &str, offer: Offer) -> Value {
    json!({
        "schemas": [RESOURCE_TYPE],
        "id": offer.name(),
        "name": offer.name(),
        "description": "What may be given to users; only read.",
        "endpoint": format!("/{}", offer.endpoint()),
        "schema": offer.schema(),
        "schemaExtensions": [],
        "meta": meta(base, "ResourceType", &format!("ResourceTypes/{}", offer.name())),
    })
}

fn written(schema: &Schema) -> Value {
    json!({
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": schema.attributes,
    })
}

fn schema_resource(base: &str, schema: Value) -> Value {
    let urn = schema.get("id").and_then(Value::as_str).unwrap_or_default();
    let meta = meta(base, "Schema", &format!("Schemas/{urn}"));
    let mut resource = json!({"schemas": [SCHEMA]});
    if let (Value::Object(resource), Value::Object(schema)) = (&mut resource, schema) {
        resource.extend(schema);
        resource.insert("meta".to_owned(), meta);
    }
    resource
}

fn meta(base: &str, resource_type: &str, path: &str) -> Value {
    json!({"resourceType": resource_type, "location": format!("{base}/{path}")})
}

#[cfg(test)]
mod tests;
