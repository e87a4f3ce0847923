//! `/accounts/{account}/support-grants`: who of the operator's support users is in, why, until when, and by
//! whose signature; and out they go (W3).

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::app::Outcome;
use crate::domain::command::approvals::ApprovalEdit;
use crate::domain::ids::ResourceId;
use crate::domain::persons::support::Function;
use crate::domain::persons::support::grants::{GrantFilter, SupportGrant, Which};
use crate::domain::time::OPEN_END;
use crate::http::api::answer;
use crate::http::api::call::Call;
use crate::http::api::problem::{Kind, Problem};
use crate::http::api::query::{self, List, Sort};
use crate::http::api::rights::approvals::command;
use crate::http::api::rights::show_by;

const LIST: List = List { filters: &["state", "user"], sorts: &[Sort::moment("begun_at")] };

/// The account's: those in force, unless `?state=` names others.
pub(in crate::http::api) async fn list(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let query = call.list_query(&LIST)?;
    let words = query::Wrong::Word(Which::ALL.iter().map(|it| it.as_str()).collect());
    let state = query.params.parsed(&call, "state", words, Which::parse)?.unwrap_or_default();
    let read = |text: &str| text.parse::<ResourceId>().ok();
    let user = query.params.parsed(&call, "user", query::Wrong::Id, read)?;
    let filter = GrantFilter { user, state };
    let part = call.app.support_grants(&actor, (account.id, filter), &query.wanted).await;
    Ok(call.page(&query, &part.map_err(|error| call.fail(&error))?, body))
}

/// One of them.
pub(in crate::http::api) async fn show(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let found = call.app.support_grant(&actor, (account.id, call.id()?)).await;
    Ok(answer(&body(&found.map_err(|error| call.fail(&error))?)))
}

/// Lets somebody out, now.
pub(in crate::http::api) async fn remove(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let command = command(account.id, ApprovalEdit::EndSupport(call.id()?));
    match call.app.change(&actor, command).await {
        Ok(Outcome::Done) => Ok(StatusCode::NO_CONTENT.into_response()),
        Ok(_) => Err(call.problem(Kind::Internal)),
        Err(error) => Err(call.fail(&error)),
    }
}

fn body(it: &SupportGrant) -> Value {
    let ends_at = (it.period.ends_at < OPEN_END).then(|| it.period.ends_at.rfc3339());
    json!({
        "id": it.id.to_string(),
        "user": { "id": it.user.to_string(), "display_name": it.display_name },
        "bundle": { "id": it.bundle.to_string(), "name": it.bundle_name },
        "workspace": it.workspace.map(|id| id.to_string()),
        "starts_at": it.period.starts_at.rfc3339(),
        "ends_at": ends_at,
        "standing": it.standing.map(Function::as_str),
        "reason": it.reason,
        "request": it.request.map(|id| id.to_string()),
        "asked_by": it.asked_by.as_ref().map(show_by),
        "signed_by": it.signed_by.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "begun_at": it.begun_at.rfc3339(),
        "ended": it.ended.as_ref().map(|(at, ending, by)| {
            json!({ "at": at.rfc3339(), "why": ending.as_str(), "by": show_by(by) })
        }),
    })
}
