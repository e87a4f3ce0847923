//! What stands around every page: requests that another site had a browser send are refused, and
//! browsers are told what our pages may do (SECURITY.md §8).

use std::any::Any;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::http::login::language::Language;
use crate::http::login::pages;
use crate::http::login::texts::Texts;

/// Routes that other sites' pages or servers post to, each with a proof of its own: the state that is
/// bound to the browser, a signed logout token.
const EXEMPT: [&str; 3] = [
    "/oidc/callback/{sso}",
    "/accounts/{account}/sso/{sso}/backchannel-logout",
    // Providers send people here to begin a sign-in, which proves nothing yet.
    "/accounts/{account}/sso/{sso}/start",
];

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What every answer carries.
const ALWAYS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Told where we are reached by TLS only (RFC 6797 §7.2).
const ONE_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

/// What a layer for panics calls.
type OnPanic = fn(Box<dyn Any + Send + 'static>) -> Response;

/// Wraps one request for a page.
pub(super) async fn shield(State(app): State<App>, request: Request, next: Next) -> Response {
    let language = Language::of_browser(request.headers());
    let wants_page = wants_page(request.headers());
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let is_exempt = route.is_some_and(|route| EXEMPT.contains(&route));
    let mut response = if is_exempt || is_own(request.method(), request.headers(), &app) {
        next.run(request).await
    } else {
        let foreign = Texts::of(language).refusals.foreign;
        pages::notice(StatusCode::FORBIDDEN, language, foreign)
    };
    if wants_page && is_bare(&response) {
        let page = pages::refusal(response.status(), language);
        response = dressed(&response, page);
    }
    harden(&app, &mut response);
    response
}

/// Turns panics into pages.
pub(super) fn panics() -> CatchPanicLayer<OnPanic> {
    CatchPanicLayer::custom(pages::panicked as OnPanic)
}

/// The answer where nothing is.
pub(in crate::http) async fn nowhere(State(app): State<App>, headers: HeaderMap) -> Response {
    let mut response = if wants_page(&headers) {
        pages::refusal(StatusCode::NOT_FOUND, Language::of_browser(&headers))
    } else {
        (StatusCode::NOT_FOUND, "not found\n").into_response()
    };
    harden(&app, &mut response);
    response
}

/// Whether a request is one that our own pages, or the user, had the browser send. Safe methods
/// change nothing and always are.
///
/// Every browser of the last years says `Sec-Fetch-Site`; an older one must show our `Origin`, and
/// whatever shows neither is no browser with a session.
pub(in crate::http) fn is_own(method: &Method, headers: &HeaderMap, app: &App) -> bool {
    if method.is_safe() {
        return true;
    }
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let own = url::Url::parse(&app.settings().public_url).map(|url| url.origin());
    let own = own.map(|origin| origin.ascii_serialization()).unwrap_or_default();
    match (text(HeaderName::from_static("sec-fetch-site")), text(header::ORIGIN)) {
        // Without referrers browsers say `null` for the origin of a form, by the Fetch standard.
        (Some("same-origin" | "none"), None | Some("null")) => true,
        (Some("same-origin" | "none") | None, Some(origin)) => origin == own,
        (Some(_) | None, _) => false,
    }
}

/// Sets what every answer carries.
pub(in crate::http) fn harden(app: &App, response: &mut Response) {
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if app.settings().public_url.starts_with("https://") {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, ONE_YEAR);
    }
    let no_store = HeaderValue::from_static("no-store");
    headers.entry(header::CACHE_CONTROL).or_insert(no_store);
}

/// Whether somebody looks at the answer.
fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Whether the answer is a refusal without a page, such as the framework makes.
fn is_bare(response: &Response) -> bool {
    let status = response.status();
    let media = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_plain = media.is_none_or(|media| media.starts_with("text/plain"));
    (status.is_client_error() || status.is_server_error()) && is_plain
}

/// The page with the headers that the bare answer brought (`Allow`, `Retry-After`, cookies).
fn dressed(bare: &Response, mut page: Response) -> Response {
    let about_the_body = [header::CONTENT_TYPE, header::CONTENT_LENGTH];
    for (name, value) in bare.headers() {
        if !about_the_body.contains(name) {
            page.headers_mut().append(name, value.clone());
        }
    }
    page
}
