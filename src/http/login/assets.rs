//! The stylesheet, built in. It may be cached, but is asked for again after an hour.

use axum::http::{HeaderName, header};
use axum::response::IntoResponse;

const STYLESHEET: &str = include_str!("assets/countersign.css");

/// What all assets say about themselves.
const CACHED: &str = "public, max-age=3600";

pub(in crate::http) async fn stylesheet() -> impl IntoResponse {
    asset("text/css; charset=utf-8", STYLESHEET)
}

/// A file that is built in.
pub(in crate::http) fn asset(media: &'static str, text: &'static str) -> impl IntoResponse {
    let headers: [(HeaderName, &str); 2] =
        [(header::CONTENT_TYPE, media), (header::CACHE_CONTROL, CACHED)];
    (headers, text)
}
