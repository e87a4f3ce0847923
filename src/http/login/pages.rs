//! What all pages share: the frame around them, what comes after a sign-in, and pages that refuse.

use std::any::Any;

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use crate::app::Error;
use crate::app::sign_in::SignedInNow;
use crate::domain::sessions::{Level, Portrait};
use crate::http::login::browser::Browser;
use crate::http::login::cookies;
use crate::http::login::language::Language;
use crate::http::login::return_to;
use crate::http::login::texts::Texts;
use crate::http::observe;

/// What `layout.html` needs; each template has one as `frame`.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Frame<'a> {
    /// The language's tag.
    pub(in crate::http) lang: &'static str,
    /// The common texts.
    pub(in crate::http) texts: &'static Texts,
    /// Who is signed in, with all that is due.
    pub(in crate::http) who: Option<&'a Portrait>,
}

/// A page of a heading and a few words.
#[derive(Template)]
#[template(path = "notice.html", config = "src/http/askama.toml")]
struct Notice<'a> {
    frame: Frame<'a>,
    heading: &'a str,
    words: &'a str,
    /// Where to go from here, and what the link says.
    onward: Option<(&'a str, &'a str)>,
    /// Whether the browser goes there by itself.
    goes_by_itself: bool,
}

impl<'a> Frame<'a> {
    /// For a browser, signed in or not.
    pub(in crate::http) fn of(browser: &'a Browser) -> Self {
        let is_full = browser.session.as_ref().is_some_and(|session| session.level == Level::Full);
        Self { who: browser.who.as_ref().filter(|_| is_full), ..Self::stranger(browser.language) }
    }

    /// For nobody in particular.
    pub(in crate::http) fn stranger(language: Language) -> Self {
        Self { lang: language.tag(), texts: Texts::of(language), who: None }
    }
}

/// A template as an answer.
pub(in crate::http) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "login.page_not_rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Sends the browser on by GET. Where to is ours to choose; see [`return_to::local`].
pub(in crate::http) fn go_to(place: &str) -> Response {
    let place = HeaderValue::from_str(place).unwrap_or_else(|_| HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
}

/// After a sign-in or a step-up: the browser gets its session, and goes where it wanted to if nothing
/// more is due, else to the second factor.
pub(in crate::http) fn sign_in_done(signed_in: &SignedInNow, wanted: &str) -> Response {
    let mut response = match signed_in.session.level {
        Level::Full => go_to(return_to::local(wanted)),
        Level::Pending => go_to(&return_to::with("/step-up", wanted)),
    };
    let cookie = cookies::session(&signed_in.secret);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

/// The page for an error of the application. Causes are for the log; people read what to do.
pub(in crate::http) fn failure(error: &Error, language: Language) -> Response {
    let refusals = &Texts::of(language).refusals;
    let (status, (heading, words)) = match error {
        Error::NotFound(_) => (StatusCode::NOT_FOUND, refusals.nowhere),
        Error::Denied { rule, .. } => {
            let (heading, words) = refusals.denied;
            // A sign-in that fails is nothing that somebody tried to do here.
            let is_sign_in = rule.starts_with("sso-");
            let heading = if is_sign_in { refusals.not_signed_in.0 } else { heading };
            (StatusCode::FORBIDDEN, (heading, refusals.rule(rule).unwrap_or(words)))
        }
        Error::Unauthenticated(_) => (StatusCode::UNAUTHORIZED, refusals.not_signed_in),
        Error::Invalid(_) | Error::Faults(_) | Error::Fields(_) => {
            (StatusCode::BAD_REQUEST, refusals.invalid)
        }
        Error::Conflict(_) => (StatusCode::CONFLICT, refusals.conflict),
        Error::Stale(_) => (StatusCode::PRECONDITION_FAILED, refusals.conflict),
        Error::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, refusals.too_large),
        Error::Wait { .. } => (StatusCode::TOO_MANY_REQUESTS, refusals.too_many),
        Error::Busy => (StatusCode::SERVICE_UNAVAILABLE, refusals.busy),
        Error::Internal(cause) => {
            tracing::error!(%cause, "login.internal_error");
            (StatusCode::INTERNAL_SERVER_ERROR, refusals.internal)
        }
    };
    notice(status, language, (heading, words))
}

/// The page for a status that nothing more is known of.
pub(in crate::http) fn refusal(status: StatusCode, language: Language) -> Response {
    let refusals = &Texts::of(language).refusals;
    let words = match status {
        StatusCode::NOT_FOUND => refusals.nowhere,
        StatusCode::FORBIDDEN => refusals.denied,
        StatusCode::UNAUTHORIZED => refusals.not_signed_in,
        StatusCode::METHOD_NOT_ALLOWED => refusals.wrong_method,
        StatusCode::PAYLOAD_TOO_LARGE => refusals.too_large,
        StatusCode::TOO_MANY_REQUESTS => refusals.too_many,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::REQUEST_TIMEOUT => refusals.busy,
        other if other.is_server_error() => refusals.internal,
        _ => refusals.invalid,
    };
    notice(status, language, words)
}

/// A page that says something and leads back to the start.
pub(in crate::http) fn notice(
    status: StatusCode,
    language: Language,
    (heading, words): (&str, &str),
) -> Response {
    let onward = ("/", Texts::of(language).back);
    notice_onward(status, language, (heading, words), onward)
}

/// A page that says something and leads on.
pub(in crate::http) fn notice_onward(
    status: StatusCode,
    language: Language,
    (heading, words): (&str, &str),
    onward: (&str, &str),
) -> Response {
    notice_in(Frame::stranger(language), status, (heading, words), onward)
}

/// The same for somebody, in the page's frame.
pub(in crate::http) fn notice_in(
    frame: Frame<'_>,
    status: StatusCode,
    (heading, words): (&str, &str),
    onward: (&str, &str),
) -> Response {
    page(status, &Notice { frame, heading, words, onward: Some(onward), goes_by_itself: false })
}

/// The page after a sign-out. With the URL at which a provider ends its session too, the browser goes
/// on to it by itself: a form may not lead to another site, by our own policy.
pub(in crate::http) fn signed_out(provider: Option<&str>, language: Language) -> Response {
    let frame = Frame::stranger(language);
    let texts = &frame.texts.account;
    let (heading, words) = (texts.signed_out, texts.signed_out_here);
    let onward =
        provider.map_or(("/login", texts.sign_in_again), |url| (url, texts.signed_out_there));
    let goes_by_itself = provider.is_some();
    page(StatusCode::OK, &Notice { frame, heading, words, onward: Some(onward), goes_by_itself })
}

/// The page when a handler panicked; the cause is in the log. The language is not known here.
#[expect(clippy::needless_pass_by_value, reason = "the layer that calls it passes it so")]
pub(super) fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    observe::panicked(&*cause);
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

#[cfg(test)]
mod tests;
