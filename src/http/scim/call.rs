//! One SCIM request: who calls, and what was sent, checked in the order in which it costs least.

use std::time::Duration;

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts as _, MatchedPath, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use serde_json::Value;
use tokio::time::timeout;

use crate::app::{App, Error};
use crate::domain::actor::{Actor, ScimClient};
use crate::domain::ids::ResourceId;
use crate::http::scim::course::Caller;
use crate::http::scim::error::Failure;
use crate::scim::error::{Kind, ScimError};
use crate::scim::json;
use crate::scim::preset::Preset;
use crate::scim::schema::ResourceKind;

/// How long a client may take to send a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// An authenticated SCIM request.
pub(super) struct Call {
    /// The application.
    pub(super) app: App,
    /// The SCIM base URL of the account, by the operator's setting and never by the Host header.
    pub(super) base: String,
    client: ScimClient,
    id: Option<String>,
    query: String,
    headers: HeaderMap,
    body: Bytes,
}

impl FromRequest<App> for Call {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let plain = !accepts_scim(&parts.headers);
        let fail = |error: Error| Failure::new(&error, plain);
        let params = RawPathParams::from_request_parts(&mut parts, app).await;
        let params = params.map_err(|_| fail(not_text()))?;
        let param = |name| params.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
        let slug = param("account").unwrap_or_default().to_owned();
        let authorization =
            parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let client = app.authenticate_scim(&slug, authorization).await.map_err(fail)?;
        if let Some(caller) = parts.extensions.get::<Caller>() {
            let _ = caller.set(client);
        }
        let query = parts.uri.query().unwrap_or_default().to_owned();
        if !is_text(&query) {
            let detail = "the query string is not UTF-8 text";
            return Err(fail(ScimError::new(Kind::InvalidSyntax, detail).into()));
        }
        let body = if has_body(&parts.method) {
            check_media_type(&parts.headers).map_err(|()| Failure::media_type(plain))?;
            let limit = body_limit(app, &parts);
            let reading = timeout(BODY_TIMEOUT, read_body(body, limit)).await;
            reading.map_err(|_| Failure::too_slow(plain))?.map_err(fail)?
        } else {
            Bytes::new()
        };
        Ok(Self {
            base: format!("{}/accounts/{slug}/scim/v2", app.settings().public_url),
            app: app.clone(),
            client,
            id: param("id").map(str::to_owned),
            query,
            headers: parts.headers,
            body,
        })
    }
}

impl Call {
    /// Who acts.
    pub(super) fn actor(&self) -> Actor {
        Actor::ScimClient(self.client)
    }

    /// How strictly this client is read.
    pub(super) fn preset(&self) -> Preset {
        self.client.preset
    }

    /// The text after the endpoint.
    pub(super) fn id_text(&self) -> &str {
        self.id.as_deref().unwrap_or_default()
    }

    /// The id in the path; what is not one of ours names nothing.
    pub(super) fn id(&self, kind: ResourceKind) -> Result<ResourceId, Error> {
        let text = self.id_text();
        text.parse().map_err(|_| {
            let shown: String = text.chars().take(100).collect();
            Error::NotFound(format!("{} `{shown}` not found", kind.name()))
        })
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> Result<Value, ScimError> {
        if self.body.is_empty() {
            let detail = "the request has no body; send a JSON object";
            return Err(ScimError::new(Kind::InvalidSyntax, detail));
        }
        json::parse(&self.body)
    }

    /// The query string's pairs, decoded.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (String, String)> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
    }

    /// A header's text.
    pub(super) fn header(&self, name: header::HeaderName) -> Option<String> {
        self.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    }

    /// Whether the client takes `application/json` only.
    pub(super) fn wants_plain_json(&self) -> bool {
        !accepts_scim(&self.headers)
    }

    /// The failure as this client wants it.
    pub(super) fn fail(&self, error: impl Into<Error>) -> Failure {
        Failure::new(&error.into(), self.wants_plain_json())
    }
}

fn not_text() -> Error {
    Error::NotFound("the path is not UTF-8 text".to_owned())
}

fn has_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

/// One byte more than the limit is refused; exactly the limit is taken (DECISIONS.md 24).
async fn read_body(body: axum::body::Body, limit: usize) -> Result<Bytes, Error> {
    to_bytes(body, limit).await.map_err(|error| {
        let is_limit = std::error::Error::source(&error)
            .is_some_and(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>);
        if is_limit {
            Error::TooLarge(format!("the body is larger than {limit} bytes, the limit here"))
        } else {
            let detail = "the body did not arrive whole";
            Error::Invalid(ScimError::new(Kind::InvalidSyntax, detail))
        }
    })
}

/// The limit of the route; what a client wrote as an id says nothing.
fn body_limit(app: &App, parts: &Parts) -> usize {
    let limits = app.settings().limits;
    let route = parts.extensions.get::<MatchedPath>();
    let is_group = route.is_some_and(|route| route.as_str().contains("/Groups"));
    if is_group { limits.group_body_bytes } else { limits.user_body_bytes }
}

/// Whether a query string's percent signs stand for UTF-8 text.
fn is_text(query: &str) -> bool {
    let mut decoded = Vec::with_capacity(query.len());
    let mut rest = query.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let digits = after.first_chunk::<2>().and_then(|two| str::from_utf8(two).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte.filter(|_| *first == b'%') {
            Some(byte) => {
                decoded.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => decoded.push(*first),
        }
    }
    str::from_utf8(&decoded).is_ok()
}

/// `application/scim+json` and `application/json` with any parameter; none is taken for JSON.
fn check_media_type(headers: &HeaderMap) -> Result<(), ()> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let essence = value.to_str().unwrap_or("?").split(';').next().unwrap_or("").trim();
    let taken = ["application/scim+json", "application/json", ""];
    if taken.iter().any(|t| essence.eq_ignore_ascii_case(t)) { Ok(()) } else { Err(()) }
}

/// Answers are `application/scim+json` unless `Accept` allows `application/json` alone.
fn accepts_scim(headers: &HeaderMap) -> bool {
    let Some(accept) = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()) else {
        return true;
    };
    let accept = accept.to_ascii_lowercase();
    accept.contains("scim+json") || accept.contains("*/*") || !accept.contains("application/json")
}
