//! `/accounts/{account}/group-mappings`: what groups, and roles that a connection pushed, give.

use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::command::rights::RightsEdit;
use crate::domain::ids::{MappingId, ResourceId};
use crate::domain::rights::faults::Wrong;
use crate::domain::rights::sources::{Givee, Mapping, MappingEdit, MappingSpec, Period};
use crate::http::api::call::{Call, Rehearsable, given};
use crate::http::api::problem::Problem;
use crate::http::api::query::{self, List, Sort};
use crate::http::api::rights::{
    self, SentGift, read_gift, read_moment, read_period, read_place, refuse, show_by, show_gift,
    show_place,
};

const LIST: List = List { filters: &["group"], sorts: &[Sort::moment("created_at")] };
const MEMBERS: &str = "`group` or `pushed_role`, `bundle` or `role`, `place`, `workspace`, \
                       `starts_at`, `ends_at`, `reason`";

/// A mapping to be made.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct New {
    group: Option<String>,
    pushed_role: Option<PushedRole>,
    bundle: Option<String>,
    role: Option<String>,
    place: Option<String>,
    workspace: Option<String>,
    starts_at: Option<String>,
    ends_at: Option<String>,
    reason: String,
}

/// A role that a connection pushes for some of its users.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct PushedRole {
    connection: String,
    value: String,
}

/// What is to be different; what is left out stays, and null takes a limit away (RFC 7396).
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Edit {
    #[serde(deserialize_with = "given")]
    paused: Option<bool>,
    #[serde(deserialize_with = "given")]
    #[expect(clippy::option_option, reason = "null takes the limit away")]
    starts_at: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    #[expect(clippy::option_option, reason = "null takes the limit away")]
    ends_at: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    reason: Option<String>,
}

/// The account's; of one group if `?group=` names one.
pub(in crate::http::api) async fn list(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let query = call.list_query(&LIST)?;
    let read = |text: &str| text.parse::<ResourceId>().ok();
    let group = query.params.parsed(&call, "group", query::Wrong::Id, read)?;
    let part = call.app.mappings(&actor, (account.id, group), &query.wanted).await;
    let part = part.map_err(|error| call.fail(&error))?;
    Ok(call.page(&query, &part, body))
}

/// One of them.
pub(in crate::http::api) async fn show(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let found = call.app.mapping(&actor, (account.id, call.id()?)).await;
    let mapping = found.map_err(|error| call.fail(&error))?;
    Ok(call.tagged(mapping.version.to_string(), &body(&mapping)))
}

/// Makes one.
pub(in crate::http::api) async fn add(Rehearsable(call): Rehearsable) -> Result<Response, Problem> {
    let home = call.account().await?;
    let new: New = call.json(MEMBERS)?;
    let mut faults = vec![];
    let givee = match (&new.group, &new.pushed_role) {
        (Some(group), None) => {
            let read = group.parse().map(Givee::Group).ok();
            if read.is_none() {
                faults.push(Wrong::UnknownGroup.of("group", group));
            }
            read
        }
        (None, Some(PushedRole { connection, value })) => {
            let read = connection.parse().ok();
            if read.is_none() {
                faults.push(Wrong::UnknownConnection.of("pushed_role.connection", connection));
            }
            read.map(|connection| Givee::Pushed { connection, value: value.clone() })
        }
        (Some(_), Some(_)) | (None, None) => {
            faults.push(Wrong::OneGivee.of("group", ""));
            None
        }
    };
    let sent = SentGift { bundle: new.bundle.as_deref(), role: new.role.as_deref(), right: None };
    let gift = read_gift(&sent, &mut faults);
    let place = read_place(new.place.as_deref(), new.workspace.as_deref(), &mut faults);
    let period = read_period([new.starts_at.as_deref(), new.ends_at.as_deref()], &mut faults);
    let (Some(givee), Some(gift), Some(place), true) = (givee, gift, place, faults.is_empty())
    else {
        return Err(refuse(&call, faults));
    };
    let spec = MappingSpec { givee, gift, place, period, reason: new.reason };
    rights::make(call, home, RightsEdit::Map(spec)).await
}

/// Pauses or resumes one, or changes its period or reason.
pub(in crate::http::api) async fn edit(
    Rehearsable(call): Rehearsable,
) -> Result<Response, Problem> {
    let home = call.account().await?;
    let id: MappingId = call.id()?;
    let edit: Edit = call.json("`paused`, `starts_at`, `ends_at`, `reason`")?;
    let mut faults = vec![];
    let mut read = |field, sent: Option<Option<String>>, open| match sent? {
        Some(text) => read_moment(field, Some(&text), &mut faults),
        None => Some(open),
    };
    let edit = MappingEdit {
        paused: edit.paused,
        starts_at: read("starts_at", edit.starts_at, Period::ALWAYS.starts_at),
        ends_at: read("ends_at", edit.ends_at, Period::ALWAYS.ends_at),
        reason: edit.reason,
    };
    if !faults.is_empty() {
        return Err(refuse(&call, faults));
    }
    rights::edit(call, home, RightsEdit::EditMapping(id, edit)).await
}

/// Takes one away.
pub(in crate::http::api) async fn remove(
    Rehearsable(call): Rehearsable,
) -> Result<Response, Problem> {
    let home = call.account().await?;
    let id = call.id()?;
    rights::remove(call, home, RightsEdit::Unmap(id)).await
}

/// A mapping as it is answered.
pub(super) fn body(mapping: &Mapping) -> Value {
    let mut body = json!({
        "id": mapping.id.to_string(),
        "paused": mapping.paused,
        "reason": mapping.reason,
        "created_at": mapping.created_at.rfc3339(),
        "created_by": show_by(&mapping.created_by),
        "changed_at": mapping.changed_at.rfc3339(),
        "changed_by": show_by(&mapping.changed_by),
    });
    if let Some(body) = body.as_object_mut() {
        let (name, givee) = match &mapping.givee {
            Givee::Group(group) => ("group", group.to_string().into()),
            Givee::Pushed { connection, value } => {
                ("pushed_role", json!({ "connection": connection.to_string(), "value": value }))
            }
        };
        body.insert(name.to_owned(), givee);
        show_gift(&mapping.gift, body);
        show_place(mapping.place, mapping.period, body);
    }
    body
}
