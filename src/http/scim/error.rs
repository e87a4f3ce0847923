//! Failures as RFC 7644 §3.12 has them: the one place where a kind becomes a status.

use std::any::Any;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::app::Error;
use crate::http::observe;
use crate::http::scim::call::Call;
use crate::http::scim::render;

/// URN of an error body.
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// A refused request.
#[derive(Debug)]
pub(in crate::http) struct Failure {
    status: StatusCode,
    scim_type: Option<&'static str>,
    detail: String,
    plain: bool,
}

impl Failure {
    /// The failure for an error of the application.
    pub(super) fn new(error: &Error, plain: bool) -> Self {
        let status = match error {
            Error::NotFound(_) => StatusCode::NOT_FOUND,
            Error::Denied { .. } => StatusCode::FORBIDDEN,
            Error::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Error::Invalid(_) | Error::Faults(_) | Error::Fields(_) => StatusCode::BAD_REQUEST,
            Error::Conflict(_) => StatusCode::CONFLICT,
            Error::Stale(_) => StatusCode::PRECONDITION_FAILED,
            Error::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Error::Wait { .. } => StatusCode::TOO_MANY_REQUESTS,
            Error::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Error::Internal(cause) => {
                tracing::error!(%cause, "scim.internal_error");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        let scim_type = match error {
            Error::Invalid(invalid) => invalid.kind.keyword(),
            Error::Conflict(_) => Some("uniqueness"),
            Error::NotFound(_)
            | Error::Denied { .. }
            | Error::Unauthenticated(_)
            | Error::Faults(_)
            | Error::Fields(_)
            | Error::Stale(_)
            | Error::TooLarge(_)
            | Error::Wait { .. }
            | Error::Busy
            | Error::Internal(_) => None,
        };
        Self { status, scim_type, detail: error.to_string(), plain }
    }

    /// The body's media type is not one we read.
    pub(super) fn media_type(plain: bool) -> Self {
        let detail = "send the body as application/scim+json or application/json".to_owned();
        Self { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, scim_type: None, detail, plain }
    }

    /// The body did not arrive in time.
    pub(super) fn too_slow(plain: bool) -> Self {
        let detail = "the body did not arrive in time; send it whole".to_owned();
        Self { status: StatusCode::REQUEST_TIMEOUT, scim_type: None, detail, plain }
    }

    /// A filter on a discovery endpoint (RFC 7644 §4).
    pub(super) fn no_filter_here(plain: bool) -> Self {
        let detail = "discovery endpoints take no filter".to_owned();
        Self { status: StatusCode::FORBIDDEN, scim_type: None, detail, plain }
    }

    fn plain_text(status: StatusCode, detail: &str) -> Self {
        Self { status, scim_type: None, detail: detail.to_owned(), plain: false }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut body = json!({
            "schemas": [ERROR],
            "status": self.status.as_str(),
            "detail": self.detail,
        });
        if let (Some(kind), Some(body)) = (self.scim_type, body.as_object_mut()) {
            body.insert("scimType".to_owned(), kind.into());
        }
        let mut response = render::answer(self.status, body.to_string(), self.plain);
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"scim\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// The answer where no endpoint is; to strangers it says no more than elsewhere.
pub(super) async fn no_such_endpoint(call: Call) -> Failure {
    call.fail(Error::NotFound(
        "there is no such endpoint; see /Users, /Groups, /Roles, /Entitlements, /.search, \
         /ServiceProviderConfig, /ResourceTypes and /Schemas"
            .to_owned(),
    ))
}

/// The answer at endpoints of RFC 7644 that this server does not have, as its configuration says
/// (RFC 7644 §3.7, §3.11).
pub(super) async fn not_implemented(call: Call) -> Failure {
    let plain = call.wants_plain_json();
    let detail = "this server does not have this endpoint; see /ServiceProviderConfig".to_owned();
    Failure { status: StatusCode::NOT_IMPLEMENTED, scim_type: None, detail, plain }
}

/// The answer to a method that the endpoint does not have.
pub(super) async fn wrong_method(call: Call) -> Failure {
    let plain = call.wants_plain_json();
    let detail = "this endpoint does not have that method".to_owned();
    Failure { status: StatusCode::METHOD_NOT_ALLOWED, scim_type: None, detail, plain }
}

/// The answer when a handler panicked; the cause is in the log.
#[expect(clippy::needless_pass_by_value, reason = "the layer that calls it passes it so")]
pub(in crate::http) fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response<Body> {
    observe::panicked(&*cause);
    Failure::plain_text(StatusCode::INTERNAL_SERVER_ERROR, "internal error").into_response()
}
