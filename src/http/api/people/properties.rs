//! `/accounts/{account}/properties`: typed keys on users and recipients (S12, S14).

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::Outcome;
use crate::app::users::people::Made;
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::command::people::{PeopleEdit, PropertyEdit, PropertySpec};
use crate::domain::records::pages::Place;
use crate::domain::users::properties::Property;
use crate::http::api::call::Call;
use crate::http::api::call::once::{Keeps, Wish};
use crate::http::api::people::command;
use crate::http::api::problem::{Kind, Problem};
use crate::http::api::query::{List, Sort};

const LIST: List = List { filters: &[], sorts: &[Sort::text("key")] };

/// A property to be defined.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct New {
    key: String,
    label: String,
    #[serde(rename = "type")]
    value_type: String,
    choices: Vec<String>,
}

/// What is to be different; what is left out stays.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Edit {
    label: Option<String>,
    choices: Option<Vec<String>>,
}

/// All that the account defined.
pub(in crate::http::api) async fn list(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let query = call.list_query(&LIST)?;
    let all = call.app.properties(&actor, account.id).await;
    let all = all.map_err(|error| call.fail(&error))?;
    let part = query.wanted.pick(all, |it| Place::text(it.key.as_str(), it.id.uuid()));
    Ok(call.page(&query, &part, body))
}

/// One of them.
pub(in crate::http::api) async fn show(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let found = call.app.property(&actor, account.id, call.id()?).await;
    let property = found.map_err(|error| call.fail(&error))?;
    Ok(call.tagged(property.version.to_string(), &body(&property)))
}

/// Defines one.
pub(in crate::http::api) async fn add(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let new: New = call.json("`key`, `label`, `type`, `choices`")?;
    let New { key, label, value_type, choices } = new;
    let spec = PropertySpec { key, label, value_type, choices };
    let command = command(&call, account.id, PeopleEdit::DefineProperty(spec));
    call.once(Keeps::Answer, Wish { actor, account, command }, added).await
}

async fn added(call: Call, wish: Wish) -> Result<Response, Problem> {
    let made = change(&call, &wish.actor, wish.command).await?;
    Ok(call.created(&made.id.to_string(), made.version.to_string(), &body(&made)))
}

/// Changes its label or its choices.
pub(in crate::http::api) async fn edit(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let id = call.id()?;
    let Edit { label, choices } = call.json("`label`, `choices`")?;
    let edit = PeopleEdit::EditProperty(id, PropertyEdit { label, choices });
    let made = change(&call, &actor, command(&call, account.id, edit)).await?;
    Ok(call.tagged(made.version.to_string(), &body(&made)))
}

/// Takes one away, with all its values.
pub(in crate::http::api) async fn remove(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let remove = PeopleEdit::RemoveProperty(call.id()?);
    change(&call, &actor, command(&call, account.id, remove)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn change(call: &Call, actor: &Actor, command: Command) -> Result<Property, Problem> {
    match call.app.change(actor, command).await {
        Ok(Outcome::Person(made)) => match *made {
            Made::Property(property) => Ok(property),
            Made::Person(_) | Made::WithPassword(..) => Err(call.problem(Kind::Internal)),
        },
        Ok(_) => Err(call.problem(Kind::Internal)),
        Err(error) => Err(call.fail(&error)),
    }
}

fn body(it: &Property) -> Value {
    json!({
        "id": it.id.to_string(),
        "key": it.key,
        "label": it.label,
        "type": it.value_type.as_str(),
        "choices": it.choices,
        "created_at": it.created_at.rfc3339(),
        "updated_at": it.updated_at.rfc3339(),
    })
}
