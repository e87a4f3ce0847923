//! What a change would do: who would gain and who would lose what.

use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::rights::preview::{Preview, Shift, Shifted};
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::ids::ResourceId;
use crate::domain::rights::faults::Wrong;
use crate::http::api::answer;
use crate::http::api::call::Call;
use crate::http::api::problem::Problem;
use crate::http::api::rights::refuse;

/// How many of those concerned are named; all are counted.
const NAMED: usize = 100;

/// How many members a preview takes.
const MEMBERS: usize = 1_000;

/// Members to be added to a group, and removed.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Members {
    add: Vec<String>,
    remove: Vec<String>,
}

/// `POST /accounts/{account}/groups/{id}/preview`: what other members would do.
pub(in crate::http::api) async fn members(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let sent: Members = call.json("`add`, `remove`")?;
    if sent.add.len() + sent.remove.len() > MEMBERS {
        return Err(refuse(&call, vec![Wrong::TooMany.of("add", &MEMBERS.to_string())]));
    }
    let mut faults = vec![];
    let mut read = |field, ids: &[String]| {
        let mut read: Vec<ResourceId> = vec![];
        for id in ids {
            match id.parse() {
                Ok(id) => read.push(id),
                Err(_) => faults.push(Wrong::UnknownUser.of(field, id)),
            }
        }
        read
    };
    let (add, remove) = (read("add", &sent.add), read("remove", &sent.remove));
    if !faults.is_empty() {
        return Err(refuse(&call, faults));
    }
    let group = (account.id, call.id()?);
    let preview = call.app.preview_members(&actor, group, (&add, &remove), NAMED).await;
    Ok(answer(&body(&preview.map_err(|error| call.fail(&error))?)))
}

/// What a command would do.
pub(super) async fn rehearse(
    call: &Call,
    actor: &Actor,
    command: Command,
) -> Result<Response, Problem> {
    let preview = call.app.preview(actor, command, NAMED).await;
    Ok(answer(&body(&preview.map_err(|error| call.fail(&error))?)))
}

fn body(preview: &Preview) -> Value {
    let rights: Vec<Value> = preview
        .by_right
        .iter()
        .map(|((right, shift), times)| {
            json!({ "right": right.as_str(), "becomes": word(*shift), "times": times })
        })
        .collect();
    json!({
        "dry_run": true,
        "users_gaining": preview.gaining,
        "users_losing": preview.losing,
        "rights": rights,
        "first": preview.first.iter().map(shifted).collect::<Vec<_>>(),
    })
}

fn shifted(it: &Shifted) -> Value {
    json!({
        "user": it.user.to_string(),
        "display_name": it.display_name,
        "right": it.right.as_str(),
        "account": it.place.account.to_string(),
        "workspace": it.place.workspace.map(|id| id.to_string()),
        "becomes": word(it.shift),
    })
}

/// What comes of a right: `pending` is one that waits for a second person.
fn word(shift: Shift) -> &'static str {
    match shift {
        Shift::Gained => "effective",
        Shift::Lost => "lost",
        Shift::Pending => "pending",
        Shift::Withdrawn => "withdrawn",
    }
}
