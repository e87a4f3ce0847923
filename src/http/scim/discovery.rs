//! What the server says about itself (RFC 7644 §4). With a token, as everything: that costs a client
//! nothing, and strangers learn nothing.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

use crate::app::Error;
use crate::http::scim::call::Call;
use crate::http::scim::error::Failure;
use crate::http::scim::render;
use crate::scim::discovery::{self, Limits};
use crate::scim::page::list_response;

/// `/ServiceProviderConfig`.
pub(super) fn service_provider_config(call: &Call) -> Result<Response, Failure> {
    refuse_filter(call)?;
    let limits = call.app.settings().limits;
    let published = Limits {
        max_operations: limits.max_operations as u64,
        max_payload_bytes: limits.user_body_bytes as u64,
        max_results: limits.max_page,
        default_page: limits.default_page,
    };
    Ok(one(call, &discovery::service_provider_config(&call.base, &published)))
}

/// `/ResourceTypes`.
pub(super) fn resource_types(call: &Call) -> Result<Response, Failure> {
    all(call, &discovery::resource_types(&call.base))
}

/// `/ResourceTypes/{id}`.
pub(super) fn resource_type(call: &Call) -> Result<Response, Failure> {
    found(call, &discovery::resource_types(&call.base), "resource type")
}

/// `/Schemas`.
pub(super) fn schemas(call: &Call) -> Result<Response, Failure> {
    all(call, &discovery::schemas(&call.base))
}

/// `/Schemas/{urn}`.
pub(super) fn schema(call: &Call) -> Result<Response, Failure> {
    found(call, &discovery::schemas(&call.base), "schema")
}

fn refuse_filter(call: &Call) -> Result<(), Failure> {
    if call.pairs().any(|(key, _)| key.eq_ignore_ascii_case("filter")) {
        return Err(Failure::no_filter_here(call.wants_plain_json()));
    }
    Ok(())
}

fn all(call: &Call, documents: &[Value]) -> Result<Response, Failure> {
    refuse_filter(call)?;
    let texts: Vec<String> = documents.iter().map(ToString::to_string).collect();
    let body = list_response(texts.len() as u64, 1, &texts);
    Ok(render::answer(StatusCode::OK, body, call.wants_plain_json()))
}

fn found(call: &Call, documents: &[Value], what: &str) -> Result<Response, Failure> {
    refuse_filter(call)?;
    let id = call.id_text();
    let is_it = |document: &&Value| {
        document.get("id").and_then(Value::as_str).is_some_and(|d| d.eq_ignore_ascii_case(id))
    };
    let document = documents.iter().find(is_it).ok_or_else(|| {
        let shown: String = id.chars().take(100).collect();
        call.fail(Error::NotFound(format!("{what} `{shown}` not found")))
    })?;
    Ok(one(call, document))
}

fn one(call: &Call, document: &Value) -> Response {
    render::answer(StatusCode::OK, document.to_string(), call.wants_plain_json())
}
