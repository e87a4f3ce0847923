//! `/accounts/{account}/users`: what approvers do for the operator's staff.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::app::Outcome;
use crate::domain::command::{Command, IssueEnrolmentLink};
use crate::http::api::answer;
use crate::http::api::call::Call;
use crate::http::api::call::once::{Keeps, Wish};
use crate::http::api::problem::{Kind, Problem};

/// Makes a link by which somebody enrols their first second factor. It is in no other answer.
pub(super) async fn make_link(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.own_account().await?;
    let issue = IssueEnrolmentLink { account: account.id, user: call.id()? };
    let command = Command::IssueEnrolmentLink(issue);
    call.once(Keeps::Nothing, Wish { actor, account, command }, made).await
}

async fn made(call: Call, wish: Wish) -> Result<Response, Problem> {
    let issued = call.app.change(&wish.actor, wish.command).await;
    let Outcome::EnrolmentLink(link) = issued.map_err(|error| call.fail(&error))? else {
        return Err(call.problem(Kind::Internal));
    };
    let mut response = answer(&json!({
        "url": call.app.enrolment_url(&link.secret),
        "expires_at": link.expires_at.rfc3339(),
    }));
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}
