//! Each request has an id, a line in the log, and a place in the metrics.
//!
//! Labels hold the route's pattern and never text that a client chose.

use std::any::Any;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

/// The header that carries the id back.
pub(super) const REQUEST_ID: &str = "x-request-id";

/// A request's id, for whoever comes after.
#[derive(Debug, Clone)]
pub(super) struct RequestId(pub(super) String);

/// Wraps one request.
pub(super) async fn observe(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id();
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = method_label(request.method().as_str());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", request_id = %id, method, route);
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, elapsed) = (response.status(), started.elapsed());
    metrics::histogram!(
        "http_server_request_duration_seconds",
        "http_request_method" => method,
        "http_route" => route,
        "http_response_status_code" => status.as_str().to_owned()
    )
    .record(elapsed.as_secs_f64());
    let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(status = status.as_u16(), micros, "http.request"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        // Where a caller's own id is to come back, it is there already.
        response.headers_mut().entry(REQUEST_ID).or_insert(value);
    }
    response
}

/// Sixteen random hexadecimal digits: enough to find a line again.
fn request_id() -> String {
    format!("{:016x}", rand::random::<u64>())
}

fn method_label(method: &str) -> &'static str {
    match method {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}

/// Logs why a handler panicked; each edge then answers in its own form.
pub(super) fn panicked(cause: &(dyn Any + Send)) {
    let cause = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    tracing::error!(cause, "http.panic");
}
