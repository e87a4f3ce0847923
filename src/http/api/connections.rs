//! `/accounts/{account}/connections`: by which an identity provider provisions to the account, and how that
//! goes. Secrets of tokens are not kept, so none is shown.

use axum::response::Response;
use serde_json::{Value, json};

use crate::domain::connection::{Listed, Refusals};
use crate::domain::time::Timestamp;
use crate::domain::tokens::Token;
use crate::http::api::answer;
use crate::http::api::call::Call;
use crate::http::api::problem::Problem;
use crate::http::api::query::{List, Sort};

const LIST: List = List { filters: &[], sorts: &[Sort::text("name")] };

/// The account's.
pub(super) async fn list(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let query = call.list_query(&LIST)?;
    let part = call.app.connections(&actor, account.id, &query.wanted).await;
    let part = part.map_err(|error| call.fail(&error))?;
    Ok(call.page(&query, &part, body))
}

/// One of them.
pub(super) async fn show(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let found = call.app.connection(&actor, (account.id, call.id()?)).await;
    Ok(answer(&body(&found.map_err(|error| call.fail(&error))?)))
}

fn body(listed: &Listed) -> Value {
    let connection = &listed.connection;
    json!({
        "id": connection.id.to_string(),
        "name": connection.name,
        "preset": connection.preset.as_str(),
        "created_at": listed.created_at.rfc3339(),
        "refused": listed.refusals.as_ref().map(refused),
        "tokens": listed.tokens.iter().map(token).collect::<Vec<_>>(),
    })
}

fn refused(refusals: &Refusals) -> Value {
    json!({
        "since": refusals.first.rfc3339(),
        "last_at": refusals.last.rfc3339(),
        "status": refusals.status,
    })
}

fn token(token: &Token) -> Value {
    json!({
        "id": token.id.to_string(),
        "access": token.access.as_str(),
        "created_at": token.created_at.rfc3339(),
        "expires_at": token.expires_at.rfc3339(),
        "last_used_at": token.last_used_at.map(Timestamp::rfc3339),
    })
}
