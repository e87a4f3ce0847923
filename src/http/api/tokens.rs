//! Access tokens: issued to a signed-in browser, asked about by the product (RFC 7662), revoked by
//! their person (RFC 7009), verified by anybody with our public keys (RFC 7517).

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::app::keys::access_tokens::{Audience, RIGHTS_SCOPE, SCOPE, TokenWish};
use crate::domain::keys::products::ProductScope;
use crate::http::api::answer;
use crate::http::api::call::Call;
use crate::http::api::problem::{Kind, Problem};
use crate::http::login::language::Language;

/// How long others may keep our keys, in seconds. They are published a day longer than they are used,
/// and one who does not know a key asks again.
const KEYS_KEPT: &str = "public, max-age=300";

/// What a wish for a token knows.
const MEMBERS: &str = "`audience`, `max_age`, `scope` (`api`, `rights`)";

/// What is wished of a token.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wish {
    /// For whom it is.
    audience: Option<String>,
    /// How many seconds ago the second factor may have been shown at most.
    max_age: Option<u32>,
    /// What is to be in it, in words with blanks between.
    scope: Option<String>,
}

/// Issues a token that stands on the browser's session.
pub(super) async fn issue(call: Call) -> Result<Response, Problem> {
    let session = call.browser_session()?;
    let wish: Wish = call.json(MEMBERS)?;
    let audience = match &wish.audience {
        Some(name) => call.app.audience(name).ok_or_else(|| call.problem(Kind::UnknownAudience))?,
        None => Audience::Product,
    };
    if let Some(max_age) = wish.max_age {
        call.check_fresh(session, max_age)?;
    }
    let scope = wish.scope.unwrap_or_default();
    let mut words = scope.split_ascii_whitespace();
    if !words.all(|word| [SCOPE, RIGHTS_SCOPE].contains(&word)) {
        return Err(call.problem(Kind::WrongJson(MEMBERS)));
    }
    let with_rights = scope.split_ascii_whitespace().any(|word| word == RIGHTS_SCOPE);
    let wish = TokenWish { audience, with_rights };
    let issued = call.app.issue_access_token(session, wish).await;
    let issued = issued.map_err(|error| call.fail(&error))?;
    let body = json!({
        "access_token": issued.text.expose_secret(),
        "token_type": "Bearer",
        "expires_in": issued.seconds,
        "scope": issued.scope,
    });
    Ok(answer(&body))
}

/// Says whether a token is good at this moment. Whatever is not one of ours, for the product, live, and
/// on a live session is `active: false`, and nothing more is said of it.
pub(super) async fn introspect(call: Call) -> Result<Response, Problem> {
    call.check_product(ProductScope::Introspect)?;
    let token = call.field("token")?;
    let found = call.app.introspect(&token, Audience::Product).await;
    let Some((claims, _)) = found.map_err(|error| call.fail(&error))? else {
        return Ok(answer(&json!({ "active": false })));
    };
    let mut body = json!({ "active": true, "token_type": "Bearer" });
    if let (Value::Object(body), Ok(Value::Object(claims))) =
        (&mut body, serde_json::to_value(claims))
    {
        body.extend(claims);
    }
    Ok(answer(&body))
}

/// Ends a token of the caller's own. What is none is answered alike (RFC 7009 §2.2).
pub(super) async fn revoke(call: Call) -> Result<Response, Problem> {
    let session = call.session()?;
    let token = call.field("token")?;
    let revoked = call.app.revoke_access_token(session, &token).await;
    revoked.map_err(|error| call.fail(&error))?;
    Ok(StatusCode::OK.into_response())
}

/// The public keys. Before the first token there is none, and that is not to be kept.
pub(super) async fn keys(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let problem = |error| Problem::new(Kind::of(&error), Language::of_browser(&headers));
    let found = app.published_keys().await.map_err(problem)?;
    let kept = if found.is_empty() { "no-store" } else { KEYS_KEPT };
    let mut response = format!("{{\"keys\":[{}]}}", found.join(",")).into_response();
    let media = HeaderValue::from_static("application/jwk-set+json");
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    Ok(response)
}
