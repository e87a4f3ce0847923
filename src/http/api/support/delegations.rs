//! `/staff/delegations`: who stands in for a customer success director, for a time.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::accounts::support::Made;
use crate::domain::actor::Actor;
use crate::domain::command::support::SupportEdit;
use crate::domain::persons::support::{Delegation, DelegationSpec};
use crate::domain::rights::faults::Wrong;
use crate::domain::rights::sources::Period;
use crate::domain::time::OPEN_END;
use crate::http::api::call::Call;
use crate::http::api::call::once::{Keeps, Wish};
use crate::http::api::problem::{Kind, Problem};
use crate::http::api::query::{List, Sort};
use crate::http::api::rights::read_period;
use crate::http::api::support::{change, command, refuse};

const LIST: List = List { filters: &[], sorts: &[Sort::moment("created_at")] };

/// Who is to stand in.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct New {
    to: String,
    starts_at: Option<String>,
    ends_at: Option<String>,
}

/// All that nobody ended, those that are over included.
pub(in crate::http::api) async fn list(call: Call) -> Result<Response, Problem> {
    let actor = Actor::User(call.session()?.signed_in());
    let query = call.list_query(&LIST)?;
    let part = call.app.delegations(&actor, &query.wanted).await;
    Ok(call.page(&query, &part.map_err(|error| call.fail(&error))?, body))
}

/// One of them.
pub(in crate::http::api) async fn show(call: Call) -> Result<Response, Problem> {
    let actor = Actor::User(call.session()?.signed_in());
    call.params(&[])?;
    let found = call.app.delegation(&actor, call.id()?).await;
    Ok(call.tagged("1", &body(&found.map_err(|error| call.fail(&error))?)))
}

/// Has somebody stand in for whoever asks.
pub(in crate::http::api) async fn add(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.home().await?;
    let new: New = call.json("`to`, `starts_at`, `ends_at`")?;
    let mut faults = vec![];
    let to = new.to.parse().ok();
    if to.is_none() {
        let wrong = if new.to.is_empty() { Wrong::Missing } else { Wrong::UnknownUser };
        faults.push(wrong.of("to", &new.to));
    }
    let period: Period =
        read_period([new.starts_at.as_deref(), new.ends_at.as_deref()], &mut faults);
    if period.ends_at == OPEN_END && new.ends_at.is_none() {
        faults.push(Wrong::Missing.of("ends_at", ""));
    }
    let (Some(to), true) = (to, faults.is_empty()) else { return Err(refuse(&call, faults)) };
    let command = command(&account, SupportEdit::Delegate(DelegationSpec { to, period }));
    call.once(Keeps::Answer, Wish { actor, account, command }, added).await
}

async fn added(call: Call, wish: Wish) -> Result<Response, Problem> {
    let Made::Delegation(made) = change(&call, &wish.actor, wish.command).await? else {
        return Err(call.problem(Kind::Internal));
    };
    Ok(call.created(&made.id.to_string(), "1", &body(&made)))
}

/// Ends it, now.
pub(in crate::http::api) async fn remove(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.home().await?;
    let command = command(&account, SupportEdit::EndDelegation(call.id()?));
    change(&call, &actor, command).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn body(it: &Delegation) -> Value {
    json!({
        "id": it.id.to_string(),
        "from": it.from.to_string(),
        "to": it.to.to_string(),
        "starts_at": it.period.starts_at.rfc3339(),
        "ends_at": it.period.ends_at.rfc3339(),
        "created_at": it.created_at.rfc3339(),
    })
}
