//! What goes wrong, as RFC 9457 has it: the one place of the API where a kind becomes a status.
//!
//! `type` is stable and for programs; `title` and `detail` are for people, in their language, and say
//! what would be right. Where OAuth names the error, its word is there too, as `error`.

use std::any::Any;
use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::app::Error;
use crate::app::factors::FRESH_SECOND_FACTOR;
use crate::app::rights::approvals::CONFLICTS;
use crate::domain::factors::FRESH;
use crate::domain::keys::products::ProductScope;
use crate::domain::rights;
use crate::domain::sso::faults::{Fault, Wrong};
use crate::http::api::texts::{self, Text};
use crate::http::login::language::Language;
use crate::http::observe;

/// What all `type`s begin with.
const TYPE: &str = "urn:countersign:problem:";
/// The `acr` value that stands for two factors (RFC 9470 §3).
const TWO_FACTORS: &str = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";

/// A refused request, for a caller of that language.
#[derive(Debug)]
pub(super) struct Problem {
    kind: Kind,
    language: Language,
    fields: Vec<Field>,
}

/// A field or parameter that is wrong, in the caller's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// Its name.
    pub(super) name: String,
    /// The word for programs.
    pub(super) code: &'static str,
    /// What is wrong, and what would be right.
    pub(super) detail: String,
}

/// Everything that can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// There is nothing of that id that the caller may see.
    NotFound,
    /// There is no such path.
    NoEndpoint,
    /// The path does not have that method.
    WrongMethod,
    /// Nobody showed who calls, or not by a live session.
    NotSignedIn,
    /// The `Authorization` header opens nothing.
    WrongToken,
    /// A second factor is due, or one within so many seconds.
    StepUp(Option<u32>),
    /// Another site had the browser send it.
    CrossSite,
    /// It takes a person, and a product key called.
    NotForProducts,
    /// It takes a browser's session, and an access token called.
    BrowserOnly,
    /// It takes a product key of that scope.
    OutOfScope(ProductScope),
    /// A token or secret stands in the URL.
    CredentialInUrl,
    /// The body is not JSON with those members.
    WrongJson(&'static str),
    /// The body does not hold that field once.
    WrongForm(&'static str),
    /// Access tokens are not issued for that audience.
    UnknownAudience,
    /// The body is to have that media type.
    MediaType(&'static str),
    /// The body is too large.
    TooLarge,
    /// The body did not arrive.
    TooSlow,
    /// Something else is wrong with the request.
    Invalid,
    /// Fields are wrong; the problem says which and how.
    InvalidFields,
    /// Parameters in the URL are wrong; likewise.
    InvalidQuery,
    /// This cannot be rehearsed.
    NoDryRun,
    /// The header `Idempotency-Key` holds no key.
    InvalidKey,
    /// That key came with another request before.
    KeyReused,
    /// The request that came with that key is not done, or nobody knows.
    KeyInUse,
    /// The request that came with that key is done, and its answer was for once.
    AnswerNotKept,
    /// Policy refused, by that rule and for that reason.
    Denied(&'static str, &'static str),
    /// It is in conflict with what is there.
    Conflict,
    /// What was to be changed has changed meanwhile.
    Stale,
    /// Too many were asked for; the next one in so many seconds.
    Wait(u64),
    /// Too much at once.
    Busy,
    /// Our fault.
    Internal,
}

impl Kind {
    /// What an error of the application is to a caller; the cause of our own faults is logged.
    pub(super) fn of(error: &Error) -> Self {
        match error {
            Error::NotFound(_) => Self::NotFound,
            Error::Denied { rule: FRESH_SECOND_FACTOR, .. } => {
                Self::StepUp(u32::try_from(FRESH.as_secs()).ok())
            }
            Error::Denied { rule, reason } => Self::Denied(rule, reason),
            Error::Unauthenticated(_) => Self::NotSignedIn,
            Error::Invalid(_) => Self::Invalid,
            Error::Faults(all) if all.iter().all(|fault| fault.wrong == Wrong::NameTaken) => {
                Self::Conflict
            }
            Error::Fields(all) if all.iter().all(|fault| fault.wrong.is_conflict()) => {
                Self::Conflict
            }
            Error::Faults(_) | Error::Fields(_) => Self::InvalidFields,
            Error::Conflict(_) => Self::Conflict,
            Error::Stale(_) => Self::Stale,
            Error::TooLarge(_) => Self::TooLarge,
            Error::Wait { seconds } => Self::Wait(*seconds),
            Error::Busy => Self::Busy,
            Error::Internal(cause) => {
                tracing::error!(%cause, "api.internal_error");
                Self::Internal
            }
        }
    }

    /// Status, the last word of `type`, OAuth's word, and the text.
    fn describe(self) -> (StatusCode, &'static str, Option<&'static str>, texts::Choice) {
        use StatusCode as S;
        match self {
            Self::NotFound => (S::NOT_FOUND, "not-found", None, |t| t.not_found),
            Self::NoEndpoint => (S::NOT_FOUND, "no-such-endpoint", None, |t| t.no_endpoint),
            Self::WrongMethod => {
                (S::METHOD_NOT_ALLOWED, "method-not-allowed", None, |t| t.wrong_method)
            }
            Self::NotSignedIn => (S::UNAUTHORIZED, "not-signed-in", None, |t| t.not_signed_in),
            Self::WrongToken => {
                (S::UNAUTHORIZED, "invalid-token", Some("invalid_token"), |t| t.wrong_token)
            }
            Self::StepUp(_) => {
                let word = "insufficient_user_authentication";
                (S::UNAUTHORIZED, "second-factor-required", Some(word), |t| t.step_up)
            }
            Self::CrossSite => (S::FORBIDDEN, "cross-site-request", None, |t| t.cross_site),
            Self::NotForProducts => {
                (S::FORBIDDEN, "not-for-product-keys", None, |t| t.not_for_products)
            }
            Self::BrowserOnly => (S::FORBIDDEN, "browser-session-only", None, |t| t.browser_only),
            Self::OutOfScope(_) => {
                let word = "insufficient_scope";
                (S::FORBIDDEN, "insufficient-scope", Some(word), |t| t.out_of_scope)
            }
            Self::CredentialInUrl => invalid("credential-in-url", |t| t.credential_in_url),
            Self::WrongJson(_) => invalid("invalid-json", |t| t.wrong_json),
            Self::WrongForm(_) => invalid("invalid-form", |t| t.wrong_form),
            Self::Invalid => invalid("invalid-request", |t| t.invalid),
            Self::InvalidFields => invalid("invalid-fields", |t| t.invalid_fields),
            Self::InvalidQuery => invalid("invalid-query", |t| t.invalid_query),
            Self::NoDryRun => invalid("no-dry-run", |t| t.no_dry_run),
            Self::InvalidKey => invalid("invalid-idempotency-key", |t| t.invalid_key),
            Self::KeyReused => {
                (S::UNPROCESSABLE_ENTITY, "idempotency-key-reused", None, |t| t.key_reused)
            }
            Self::KeyInUse => (S::CONFLICT, "idempotency-key-in-use", None, |t| t.key_in_use),
            Self::AnswerNotKept => (S::CONFLICT, "answer-not-kept", None, |t| t.answer_not_kept),
            Self::UnknownAudience => {
                (S::BAD_REQUEST, "unknown-audience", Some("invalid_target"), |t| t.unknown_audience)
            }
            Self::MediaType(_) => {
                (S::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", None, |t| t.media_type)
            }
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "body-too-large", None, |t| t.too_large),
            Self::TooSlow => (S::REQUEST_TIMEOUT, "body-incomplete", None, |t| t.too_slow),
            // Not who asks is refused, but what they speak of: it is no longer what they take it for.
            Self::Denied(rule, _) if CONFLICTS.contains(&rule) => {
                (S::CONFLICT, "conflict", None, |t| t.denied)
            }
            Self::Denied(..) => (S::FORBIDDEN, "denied", Some("access_denied"), |t| t.denied),
            Self::Conflict => (S::CONFLICT, "conflict", None, |t| t.conflict),
            Self::Stale => (S::PRECONDITION_FAILED, "stale", None, |t| t.stale),
            Self::Wait(_) => (S::TOO_MANY_REQUESTS, "too-many-requests", None, |t| t.wait),
            Self::Busy => (S::SERVICE_UNAVAILABLE, "busy", None, |t| t.busy),
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "internal", None, |t| t.internal),
        }
    }

    /// What stands for `{}` in the detail.
    fn particular(self, language: Language) -> String {
        match self {
            Self::WrongJson(what) | Self::WrongForm(what) | Self::MediaType(what) => {
                what.to_owned()
            }
            Self::Denied(rule, reason) => texts::rules::reason((rule, reason), language),
            Self::OutOfScope(scope) => scope.as_str().to_owned(),
            Self::Wait(seconds) => seconds.to_string(),
            Self::NotFound
            | Self::NoEndpoint
            | Self::WrongMethod
            | Self::NotSignedIn
            | Self::WrongToken
            | Self::StepUp(_)
            | Self::CrossSite
            | Self::NotForProducts
            | Self::BrowserOnly
            | Self::CredentialInUrl
            | Self::UnknownAudience
            | Self::TooLarge
            | Self::TooSlow
            | Self::Invalid
            | Self::InvalidFields
            | Self::InvalidQuery
            | Self::NoDryRun
            | Self::InvalidKey
            | Self::KeyReused
            | Self::KeyInUse
            | Self::AnswerNotKept
            | Self::Conflict
            | Self::Stale
            | Self::Busy
            | Self::Internal => String::new(),
        }
    }

    /// The challenge of RFC 6750 §3 and RFC 9470 §3.
    fn challenge(self, error: Option<&str>) -> String {
        let mut challenge = "Bearer realm=\"countersign\"".to_owned();
        if let Some(error) = error {
            let _ = write!(challenge, ", error=\"{error}\"");
        }
        if let Self::OutOfScope(scope) = self {
            let _ = write!(challenge, ", scope=\"{scope}\"");
        }
        if let Self::StepUp(max_age) = self {
            let _ = write!(challenge, ", acr_values=\"{TWO_FACTORS}\"");
            if let Some(max_age) = max_age {
                let _ = write!(challenge, ", max_age=\"{max_age}\"");
            }
        }
        challenge
    }
}

impl Problem {
    /// A problem for a caller of that language.
    pub(super) fn new(kind: Kind, language: Language) -> Self {
        Self { kind, language, fields: vec![] }
    }

    /// A problem with these fields or parameters.
    pub(super) fn with(kind: Kind, language: Language, fields: Vec<Field>) -> Self {
        Self { kind, language, fields }
    }

    /// What an error of the application is to a caller of that language.
    pub(super) fn of(error: &Error, language: Language) -> Self {
        let fields = match error {
            Error::Faults(all) => all.iter().map(|fault| Field::of_sso(fault, language)).collect(),
            Error::Fields(all) => all.iter().map(|fault| Field::of(fault, language)).collect(),
            Error::NotFound(_)
            | Error::Denied { .. }
            | Error::Unauthenticated(_)
            | Error::Invalid(_)
            | Error::Conflict(_)
            | Error::Stale(_)
            | Error::TooLarge(_)
            | Error::Wait { .. }
            | Error::Busy
            | Error::Internal(_) => vec![],
        };
        Self { kind: Kind::of(error), language, fields }
    }

    /// The status.
    pub(super) fn status(&self) -> StatusCode {
        self.kind.describe().0
    }

    /// What stands for `{}` in the detail.
    fn particular(&self) -> String {
        if !matches!(self.kind, Kind::InvalidFields | Kind::InvalidQuery) {
            return self.kind.particular(self.language);
        }
        self.fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

impl Field {
    fn of(fault: &rights::faults::Fault, language: Language) -> Self {
        let detail = texts::rights::fault(fault, language);
        Self { name: fault.field.to_owned(), code: fault.wrong.code(), detail }
    }

    fn of_sso(fault: &Fault, language: Language) -> Self {
        let detail = texts::sso::fault(fault, language);
        Self { name: fault.wrong.field().to_owned(), code: fault.wrong.code(), detail }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, name, error, choice) = self.kind.describe();
        let Text { title, detail } = choice(texts::of(self.language));
        let mut body = json!({
            "type": format!("{TYPE}{name}"),
            "title": title,
            "status": status.as_u16(),
            "detail": detail.replace("{}", &self.particular()),
        });
        if let Some(body) = body.as_object_mut() {
            let mut say = |key: &str, value: serde_json::Value| body.insert(key.to_owned(), value);
            if let Some(error) = error {
                say("error", error.into());
            }
            if !self.fields.is_empty() {
                let field = |field: &Field| json!({ "field": field.name, "code": field.code, "detail": field.detail });
                say("errors", self.fields.iter().map(field).collect());
            }
            if let Kind::Denied(rule, _) = self.kind {
                say("rule", rule.into());
            }
            if let Kind::StepUp(max_age) = self.kind {
                say("acr_values", TWO_FACTORS.into());
                max_age.map(|max_age| say("max_age", max_age.into()));
            }
        }
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        let fixed = |text| HeaderValue::from_static(text);
        headers.insert(header::CONTENT_TYPE, fixed("application/problem+json"));
        headers.insert(header::CONTENT_LANGUAGE, fixed(self.language.tag()));
        let is_challenged = matches!(self.kind, Kind::OutOfScope(_));
        if (status == StatusCode::UNAUTHORIZED || is_challenged)
            && let Ok(challenge) = HeaderValue::from_str(&self.kind.challenge(error))
        {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Kind::Wait(seconds) = self.kind {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, fixed("1"));
        }
        response
    }
}

/// The answer where no endpoint is. The list of all is public, so this tells nobody anything.
pub(super) async fn no_such_endpoint(headers: HeaderMap) -> Problem {
    Problem::new(Kind::NoEndpoint, Language::of_browser(&headers))
}

/// The answer to a method that the endpoint does not have; `Allow` names those that it has.
pub(super) async fn wrong_method(headers: HeaderMap) -> Problem {
    Problem::new(Kind::WrongMethod, Language::of_browser(&headers))
}

/// The answer when a handler panicked; the cause is in the log.
#[expect(clippy::needless_pass_by_value, reason = "the layer that calls it passes it so")]
pub(super) fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response<Body> {
    observe::panicked(&*cause);
    Problem::new(Kind::Internal, Language::default()).into_response()
}

type Described = (StatusCode, &'static str, Option<&'static str>, texts::Choice);

/// A request that is wrong in that way.
fn invalid(name: &'static str, choice: texts::Choice) -> Described {
    (StatusCode::BAD_REQUEST, name, Some("invalid_request"), choice)
}

#[cfg(test)]
mod tests;
