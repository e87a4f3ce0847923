//! `/sessions`: the person's own, in whatever account.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::domain::account::Account;
use crate::domain::ids::SessionId;
use crate::domain::sessions::Session;
use crate::domain::time::Timestamp;
use crate::http::api::answer;
use crate::http::api::call::Call;
use crate::http::api::me;
use crate::http::api::problem::Problem;
use crate::http::login::cookies;

/// The live ones, latest first.
pub(super) async fn list(call: Call) -> Result<Response, Problem> {
    let current = call.session()?;
    let found = call.app.sessions(current).await.map_err(|error| call.fail(&error))?;
    let accounts = call.app.accounts_of(&found).await.map_err(|error| call.fail(&error))?;
    let sessions: Vec<Value> = found
        .iter()
        .map(|session| {
            let account = accounts.iter().find(|account| account.id == session.account);
            body(session, current.id, account)
        })
        .collect();
    Ok(answer(&json!({ "sessions": sessions })))
}

/// Ends one of them; with the own one, the cookie goes too.
pub(super) async fn end(call: Call) -> Result<Response, Problem> {
    let current = call.session()?;
    let id: SessionId = call.id()?;
    let is_own = id == current.id;
    let ended = if is_own {
        call.app.sign_out(current).await
    } else {
        call.app.revoke_session(current, id).await
    };
    ended.map_err(|error| call.fail(&error))?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    if is_own && call.browser_session().is_ok() {
        response.headers_mut().insert(header::SET_COOKIE, cookies::no_session());
    }
    Ok(response)
}

/// A session.
pub(super) fn body(session: &Session, current: SessionId, account: Option<&Account>) -> Value {
    json!({
        "id": session.id.to_string(),
        "is_current": session.id == current,
        "account": account.map(me::account),
        "way": session.way.as_str(),
        "level": session.level.as_str(),
        "acr": session.acr,
        "amr": session.amr,
        "auth_time": session.auth_time.rfc3339(),
        "second_factor_at": session.second_factor_at.map(Timestamp::rfc3339),
        "created_at": session.created_at.rfc3339(),
        "last_seen_at": session.last_seen_at.rfc3339(),
        "expires_at": session.expires_at.rfc3339(),
        "ip": session.visitor.ip,
        "agent": session.visitor.agent,
    })
}
