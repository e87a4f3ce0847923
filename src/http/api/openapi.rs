//! The API's description (`OpenAPI` 3.1), public as the program's source is.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use crate::app::App;

/// With placeholders for what differs between servers.
const DESCRIPTION: &str = include_str!("../../../schemas/api/openapi.json");

/// The description, with this server's address and version.
pub(super) async fn document(State(app): State<App>) -> Response {
    // As JSON has it, without the quotes that stand in the document.
    let origin = Value::from(app.settings().public_url.as_str()).to_string();
    let origin = origin.trim_matches('"');
    let text = DESCRIPTION
        .replace("{server}", &format!("{origin}/api/v1"))
        .replace("{origin}", origin)
        .replace("{version}", env!("CARGO_PKG_VERSION"));
    let mut response = text.into_response();
    let media = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    response
}
