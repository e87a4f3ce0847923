//! `/accounts/{account}/grants`: what was given to single users, beside what groups give.

use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::command::rights::RightsEdit;
use crate::domain::ids::ResourceId;
use crate::domain::rights::faults::Wrong;
use crate::domain::rights::sources::{Grant, GrantSpec};
use crate::http::api::call::{Call, Rehearsable};
use crate::http::api::problem::Problem;
use crate::http::api::query::{self, List, Sort};
use crate::http::api::rights::{
    self, SentGift, read_gift, read_period, read_place, refuse, show_by, show_gift, show_place,
};

const LIST: List = List { filters: &["user"], sorts: &[Sort::moment("created_at")] };
const MEMBERS: &str = "`user`, `bundle`, `role` or `right`, `place`, `workspace`, `starts_at`, \
                       `ends_at`, `reason`";

/// A grant to be given.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct New {
    user: String,
    bundle: Option<String>,
    role: Option<String>,
    right: Option<String>,
    place: Option<String>,
    workspace: Option<String>,
    starts_at: Option<String>,
    ends_at: Option<String>,
    reason: String,
}

/// The account's; of one user if `?user=` names one.
pub(in crate::http::api) async fn list(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let query = call.list_query(&LIST)?;
    let read = |text: &str| text.parse::<ResourceId>().ok();
    let user = query.params.parsed(&call, "user", query::Wrong::Id, read)?;
    let part = call.app.grants(&actor, (account.id, user), &query.wanted).await;
    let part = part.map_err(|error| call.fail(&error))?;
    Ok(call.page(&query, &part, body))
}

/// One of them.
pub(in crate::http::api) async fn show(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let found = call.app.grant(&actor, (account.id, call.id()?)).await;
    let grant = found.map_err(|error| call.fail(&error))?;
    Ok(call.tagged(grant.version.to_string(), &body(&grant)))
}

/// Gives one.
pub(in crate::http::api) async fn add(Rehearsable(call): Rehearsable) -> Result<Response, Problem> {
    let home = call.account().await?;
    let new: New = call.json(MEMBERS)?;
    let mut faults = vec![];
    let user = new.user.parse().ok();
    if user.is_none() {
        let wrong = if new.user.is_empty() { Wrong::Missing } else { Wrong::UnknownUser };
        faults.push(wrong.of("user", &new.user));
    }
    let sent = SentGift {
        bundle: new.bundle.as_deref(),
        role: new.role.as_deref(),
        right: new.right.as_deref(),
    };
    let gift = read_gift(&sent, &mut faults);
    let place = read_place(new.place.as_deref(), new.workspace.as_deref(), &mut faults);
    let period = read_period([new.starts_at.as_deref(), new.ends_at.as_deref()], &mut faults);
    let (Some(user), Some(gift), Some(place), true) = (user, gift, place, faults.is_empty()) else {
        return Err(refuse(&call, faults));
    };
    let spec = GrantSpec { user, gift, place, period, reason: new.reason };
    rights::make(call, home, RightsEdit::Grant(spec)).await
}

/// Takes one away.
pub(in crate::http::api) async fn remove(
    Rehearsable(call): Rehearsable,
) -> Result<Response, Problem> {
    let home = call.account().await?;
    let id = call.id()?;
    rights::remove(call, home, RightsEdit::EndGrant(id)).await
}

/// A grant as it is answered.
pub(super) fn body(grant: &Grant) -> Value {
    let mut body = json!({
        "id": grant.id.to_string(),
        "user": grant.user.to_string(),
        "reason": grant.reason,
        "created_at": grant.given_at.rfc3339(),
        "given_by": show_by(&grant.given_by),
    });
    if let Some(body) = body.as_object_mut() {
        show_gift(&grant.gift, body);
        show_place(grant.place, grant.period, body);
    }
    body
}
