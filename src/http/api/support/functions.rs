//! `/staff/functions`: what groups of the operator's account make of the staff in them.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::accounts::support::Made;
use crate::domain::actor::Actor;
use crate::domain::command::support::SupportEdit;
use crate::domain::persons::support::faults::SupportWrong;
use crate::domain::persons::support::{Function, FunctionSpec, GivenFunction, Post, Team};
use crate::domain::rights::faults::Wrong;
use crate::http::api::call::Call;
use crate::http::api::call::once::{Keeps, Wish};
use crate::http::api::problem::{Kind, Problem};
use crate::http::api::query::{List, Sort};
use crate::http::api::support::{change, command, refuse};

const LIST: List = List { filters: &[], sorts: &[Sort::moment("created_at")] };

/// What a group is to give: one of the two.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct New {
    group: String,
    function: Option<String>,
    team: Option<String>,
}

/// All of it, pending ones included.
pub(in crate::http::api) async fn list(call: Call) -> Result<Response, Problem> {
    let actor = Actor::User(call.session()?.signed_in());
    let query = call.list_query(&LIST)?;
    let part = call.app.given_functions(&actor, &query.wanted).await;
    Ok(call.page(&query, &part.map_err(|error| call.fail(&error))?, body))
}

/// One of them.
pub(in crate::http::api) async fn show(call: Call) -> Result<Response, Problem> {
    let actor = Actor::User(call.session()?.signed_in());
    call.params(&[])?;
    let found = call.app.given_function(&actor, call.id()?).await;
    Ok(call.tagged("1", &body(&found.map_err(|error| call.fail(&error))?)))
}

/// Has a group give something. What makes approvers is pending until a second person approves it.
pub(in crate::http::api) async fn add(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.home().await?;
    let new: New = call.json("`group`, and `function` or `team`")?;
    let mut faults = vec![];
    let group = new.group.parse().ok();
    if group.is_none() {
        let wrong = if new.group.is_empty() { Wrong::Missing } else { Wrong::UnknownGroup };
        faults.push(wrong.of("group", &new.group));
    }
    let (field, word, post) = match (&new.function, &new.team) {
        (Some(word), None) => ("function", word, Function::parse(word).map(Post::Function)),
        (None, Some(word)) => ("team", word, Team::parse(word).map(Post::Team)),
        (None, None) | (Some(_), Some(_)) => ("function", &new.group, None),
    };
    if post.is_none() {
        let is_one = new.function.is_some() != new.team.is_some();
        let wrong = if is_one { SupportWrong::Function } else { SupportWrong::FunctionOrTeam };
        faults.push(wrong.of(field, if is_one { word } else { "" }));
    }
    let (Some(group), Some(post)) = (group, post) else { return Err(refuse(&call, faults)) };
    let command = command(&account, SupportEdit::GiveFunction(FunctionSpec { group, post }));
    call.once(Keeps::Answer, Wish { actor, account, command }, added).await
}

async fn added(call: Call, wish: Wish) -> Result<Response, Problem> {
    let Made::Function(made) = change(&call, &wish.actor, wish.command).await? else {
        return Err(call.problem(Kind::Internal));
    };
    Ok(call.created(&made.id.to_string(), "1", &body(&made)))
}

/// Has it give that no longer.
pub(in crate::http::api) async fn remove(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.home().await?;
    let command = command(&account, SupportEdit::EndFunction(call.id()?));
    change(&call, &actor, command).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn body(it: &GivenFunction) -> Value {
    json!({
        "id": it.id.to_string(),
        "group": { "id": it.group.to_string(), "display_name": it.group_name },
        it.post.kind(): it.post.name(),
        "pending": it.is_pending,
        "created_at": it.created_at.rfc3339(),
        "created_by": it.created_by.to_string(),
    })
}
