//! `/accounts/{account}/workspaces`: parts of an account in which roles can be held (W10).

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::Outcome;
use crate::domain::account::Workspace;
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::command::accounts::{AccountChange, AccountEdit};
use crate::domain::ids::AccountId;
use crate::domain::records::pages::Place;
use crate::http::api::call::Call;
use crate::http::api::call::once::{Keeps, Wish};
use crate::http::api::problem::{Kind, Problem};
use crate::http::api::query::{List, Sort};
use crate::scim::fold;

const LIST: List = List { filters: &[], sorts: &[Sort::text("name"), Sort::moment("created_at")] };

/// A workspace to be made, or what is to be different about one.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Sent {
    name: String,
}

/// The account's open ones.
pub(super) async fn list(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let query = call.list_query(&LIST)?;
    let all = call.app.workspaces(&actor, account.id).await;
    let all = all.map_err(|error| call.fail(&error))?;
    let part = query.wanted.pick(all, |it| match query.wanted.order.field {
        "created_at" => Place::number(it.created_at.micros(), it.id.uuid()),
        _ => Place::text(fold::text(&it.name), it.id.uuid()),
    });
    Ok(call.page(&query, &part, body))
}

/// One of them.
pub(super) async fn show(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let found = call.app.workspace(&actor, account.id, call.id()?).await;
    let workspace = found.map_err(|error| call.fail(&error))?;
    Ok(call.tagged(workspace.version.to_string(), &body(&workspace)))
}

/// Makes one.
pub(super) async fn add(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let sent: Sent = call.json("`name`")?;
    let command = command(&call, account.id, AccountEdit::CreateWorkspace(sent.name));
    call.once(Keeps::Answer, Wish { actor, account, command }, added).await
}

async fn added(call: Call, wish: Wish) -> Result<Response, Problem> {
    let made = change(&call, &wish.actor, wish.command).await?;
    Ok(call.created(&made.id.to_string(), made.version.to_string(), &body(&made)))
}

/// Gives one another name.
pub(super) async fn edit(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let id = call.id()?;
    let sent: Sent = call.json("`name`")?;
    let command = command(&call, account.id, AccountEdit::RenameWorkspace(id, sent.name));
    let made = change(&call, &actor, command).await?;
    Ok(call.tagged(made.version.to_string(), &body(&made)))
}

/// Closes one: what is held in it is held no longer.
pub(super) async fn remove(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let command = command(&call, account.id, AccountEdit::CloseWorkspace(call.id()?));
    change(&call, &actor, command).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn command(call: &Call, account: AccountId, what: AccountEdit) -> Command {
    let if_match = call.if_match.clone();
    Command::ChangeAccount(Box::new(AccountChange { account, what, if_match }))
}

async fn change(call: &Call, actor: &Actor, command: Command) -> Result<Workspace, Problem> {
    match call.app.change(actor, command).await {
        Ok(Outcome::Workspace(made)) => Ok(made),
        Ok(_) => Err(call.problem(Kind::Internal)),
        Err(error) => Err(call.fail(&error)),
    }
}

fn body(it: &Workspace) -> Value {
    json!({
        "id": it.id.to_string(),
        "name": it.name,
        "created_at": it.created_at.rfc3339(),
        "updated_at": it.updated_at.rfc3339(),
    })
}
