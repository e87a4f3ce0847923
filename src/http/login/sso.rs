//! Single sign-on at the edge: to the provider and back, and signing out there and by it.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret;
use serde_json::json;
use subtle::ConstantTimeEq as _;

use crate::app::sso::{Arrival, LoginStart, Started};
use crate::app::{App, Error};
use crate::domain::sessions::Session;
use crate::http::login::browser::Browser;
use crate::http::login::language::Language;
use crate::http::login::pages::{self, failure, go_to};
use crate::http::login::{cookies, return_to};

/// Account and provider, as the path names them.
type Place = Path<(String, String)>;

/// `GET /accounts/{account}/sso/{sso}/start`, which the provider may send people to as well
/// (third-party-initiated login: `iss`, `login_hint`, `target_link_uri`). With `fresh=1` the provider is to
/// have them prove anew who they are.
pub(super) async fn start(
    State(app): State<App>,
    browser: Browser,
    Path(place): Place,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let pairs = pairs(query.unwrap_or_default().as_bytes());
    begin(&app, &browser, (&place.0, &place.1), (&pairs, &headers)).await
}

/// `POST /accounts/{account}/sso/{sso}/start`
pub(super) async fn start_by_form(
    State(app): State<App>,
    browser: Browser,
    Path(place): Place,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    begin(&app, &browser, (&place.0, &place.1), (&pairs(&body), &headers)).await
}

/// `GET /oidc/callback/{sso}`
pub(super) async fn callback(
    State(app): State<App>,
    browser: Browser,
    Path(sso): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    finish(&app, browser, (&sso, pairs(query.unwrap_or_default().as_bytes())), &headers).await
}

/// `POST /oidc/callback/{sso}` (`response_mode=form_post`): another site's page posts it, the state proves
/// it.
pub(super) async fn callback_by_form(
    State(app): State<App>,
    browser: Browser,
    Path(sso): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    finish(&app, browser, (&sso, pairs(&body)), &headers).await
}

/// `POST /accounts/{account}/sso/{sso}/backchannel-logout`, for providers' servers.
pub(super) async fn back_channel_logout(
    State(app): State<App>,
    Path(place): Place,
    body: Bytes,
) -> Response {
    let mut tokens = pairs(&body).into_iter().filter(|(name, _)| name == "logout_token");
    let token = tokens.next().map(|(_, token)| token).unwrap_or_default();
    let mut response = match app.back_channel_logout(&place.0, &place.1, &token).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => {
            let status = match &error {
                Error::NotFound(_) => StatusCode::NOT_FOUND,
                Error::Busy => StatusCode::SERVICE_UNAVAILABLE,
                Error::Internal(cause) => {
                    tracing::error!(%cause, "sso.logout_failed");
                    StatusCode::INTERNAL_SERVER_ERROR
                }
                Error::Denied { .. }
                | Error::Unauthenticated(_)
                | Error::Invalid(_)
                | Error::Faults(_)
                | Error::Fields(_)
                | Error::Conflict(_)
                | Error::Stale(_)
                | Error::Wait { .. }
                | Error::TooLarge(_) => StatusCode::BAD_REQUEST,
            };
            let told =
                json!({ "error": "invalid_request", "error_description": error.to_string() });
            let json = HeaderValue::from_static("application/json");
            (status, [(header::CONTENT_TYPE, json)], told.to_string()).into_response()
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Ends the browser's session, and leads it on to the provider's sign-out if there is one.
pub(super) async fn sign_out(
    app: &App,
    session: &Session,
    language: Language,
) -> Result<Response, Error> {
    app.sign_out(session).await?;
    // What cannot be had there does not keep anybody signed in here.
    let Some(there) = app.provider_logout(session).await.unwrap_or_default() else {
        return Ok(go_to("/signed-out"));
    };
    let mut response = pages::signed_out(Some(there.url.expose_secret()), language);
    response.headers_mut().append(header::SET_COOKIE, cookies::logout(&there.state));
    Ok(response)
}

/// `GET /signed-out`: also where a provider sends the browser back to. What it gives back must be what
/// this browser was given; else somebody else's sign-out ends here, which is no reason to do anything.
pub(super) async fn signed_out(
    browser: Browser,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let begun = cookies::read(&headers, cookies::LOGOUT);
    let query = query.unwrap_or_default();
    let state = pairs(query.as_bytes()).into_iter().find(|(name, _)| name == "state");
    let state = state.map(|(_, state)| state);
    let is_ours = match (begun, &state) {
        (Some(begun), Some(state)) => bool::from(begun.as_bytes().ct_eq(state.as_bytes())),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    if !is_ours {
        tracing::info!(has_state = state.is_some(), "sso.foreign_sign_out");
    }
    let mut response = match browser.session {
        // Still signed in: this was another browser's sign-out.
        Some(_) => go_to("/"),
        None => pages::signed_out(None, browser.language),
    };
    if begun.is_some() {
        response.headers_mut().append(header::SET_COOKIE, cookies::no_logout());
    }
    response
}

async fn begin(
    app: &App,
    browser: &Browser,
    (account, sso): (&str, &str),
    (pairs, headers): (&[(String, String)], &HeaderMap),
) -> Response {
    let text = |wanted: &str| {
        let found = pairs.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    };
    let target = text("target_link_uri").map(|url| own_path(url, &app.settings().public_url));
    let wanted = text("return_to").or(target).unwrap_or("/");
    let start = LoginStart {
        account,
        sso,
        return_to: return_to::local(wanted),
        login_hint: text("login_hint"),
        issuer: text("iss"),
        is_fresh: text("fresh") == Some("1"),
        browser: cookies::read(headers, cookies::LOGIN),
        replaces: browser.session.as_ref().map(|session| session.id),
        visitor: &browser.visitor,
    };
    match app.start_login(start).await {
        Ok(Started::Sent(redirect)) => {
            let mut response = go_to(&redirect.url);
            let cookie = cookies::login(&redirect.browser);
            response.headers_mut().append(header::SET_COOKIE, cookie);
            response
        }
        Ok(Started::Wait { seconds }) => {
            let mut response = pages::refusal(StatusCode::TOO_MANY_REQUESTS, browser.language);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            response
        }
        Err(error) => failure(&error, browser.language),
    }
}

async fn finish(
    app: &App,
    browser: Browser,
    (sso, pairs): (&str, Vec<(String, String)>),
    headers: &HeaderMap,
) -> Response {
    let arrival = Arrival {
        sso,
        pairs,
        browser: cookies::read(headers, cookies::LOGIN),
        session: browser.session.as_ref().map(|session| session.id),
        visitor: browser.visitor,
    };
    match app.finish_sso(arrival).await {
        Ok(done) => pages::sign_in_done(&done.signed_in, &done.return_to),
        Err(error) => failure(&error, browser.language),
    }
}

/// The path of a URL of ours; of any other, the URL, which is then no path.
fn own_path<'a>(url: &'a str, public_url: &str) -> &'a str {
    url.strip_prefix(public_url).unwrap_or(url)
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).into_owned().collect()
}
