//! Versions of resources in headers: `ETag` with each answer, `If-None-Match` for whoever has it already
//! (304), `If-Match` for whoever changes what they have seen (412; the use case compares it).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use crate::http::api::answer;
use crate::http::api::call::Call;
use crate::scim::etag::{self, ETag};

impl Call {
    /// A resource of that version, or that the caller has it already.
    pub(super) fn tagged(&self, version: impl Into<String>, body: &Value) -> Response {
        let tag = ETag::new(version);
        let is_known = self.if_none_match().is_some_and(|known| etag::matches(known, &tag));
        let mut response =
            if is_known { StatusCode::NOT_MODIFIED.into_response() } else { answer(body) };
        if let Ok(tag) = HeaderValue::from_str(&tag.render()) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }

    /// A resource just made in the list at this path.
    pub(super) fn created(&self, id: &str, version: impl Into<String>, body: &Value) -> Response {
        let mut response = self.tagged(version, body);
        *response.status_mut() = StatusCode::CREATED;
        if let Ok(place) = HeaderValue::from_str(&format!("{}/{id}", self.path())) {
            response.headers_mut().insert(header::LOCATION, place);
        }
        response
    }

    /// What was asked for and is not done yet; where it is to be seen.
    pub(super) fn accepted(
        &self,
        place: &str,
        version: impl Into<String>,
        body: &Value,
    ) -> Response {
        let mut response = self.tagged(version, body);
        *response.status_mut() = StatusCode::ACCEPTED;
        if let Ok(place) = HeaderValue::from_str(place) {
            response.headers_mut().insert(header::LOCATION, place);
        }
        response
    }
}
