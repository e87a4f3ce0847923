//! `/me`: who calls.

use axum::response::Response;
use serde_json::{Value, json};

use crate::domain::account::Account;
use crate::http::api::answer;
use crate::http::api::call::Call;
use crate::http::api::problem::Problem;
use crate::http::api::sessions;

/// Who calls, in which account, and by which session.
pub(super) async fn show(call: Call) -> Result<Response, Problem> {
    let session = call.session()?;
    let who = call.app.portrait(session).await.map_err(|error| call.fail(&error))?;
    let accounts = call.app.accounts_of(std::slice::from_ref(session)).await;
    let accounts = accounts.map_err(|error| call.fail(&error))?;
    let body = json!({
        "user": {
            "id": session.user.to_string(),
            "user_name": who.user_name,
            "display_name": who.display_name,
            "language": who.language,
        },
        "account": accounts.first().map(account),
        "is_staff": session.is_staff,
        "session": sessions::body(session, session.id, accounts.first()),
    });
    Ok(answer(&body))
}

/// An account, in brief.
pub(super) fn account(account: &Account) -> Value {
    json!({
        "id": account.id.to_string(),
        "slug": account.slug.as_str(),
        "name": account.name,
    })
}
