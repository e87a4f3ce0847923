//! `/accounts`: those that a person reaches (S1), what is switched on for one (S6), and which rights it
//! keeps apart.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::account::Profile;
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::command::accounts::{AccountChange, AccountEdit};
use crate::domain::records::pages::Place;
use crate::domain::rights::RightKey;
use crate::domain::users::contact;
use crate::http::api::answer;
use crate::http::api::call::Call;
use crate::http::api::problem::{Kind, Problem};
use crate::http::api::query::{List, Sort};
use crate::http::login::language::Language;

const LIST: List = List { filters: &[], sorts: &[Sort::text("slug")] };

/// Whether something is to be on.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Switch {
    on: Option<bool>,
}

/// The caller's own, and its children for whoever administers it.
pub(super) async fn list(call: Call) -> Result<Response, Problem> {
    let actor = Actor::User(call.session()?.signed_in());
    let query = call.list_query(&LIST)?;
    let all = call.app.reachable(&actor).await.map_err(|error| call.fail(&error))?;
    let part =
        query.wanted.pick(all, |it| Place::text(it.account.slug.as_str(), it.account.id.uuid()));
    Ok(call.page(&query, &part, body))
}

/// One of them.
pub(super) async fn show(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let found = call.app.profile(&actor, account.id).await;
    let profile = found.map_err(|error| call.fail(&error))?;
    Ok(call.tagged(profile.version.to_string(), &body(&profile)))
}

/// The catalogue's account permissions, and which of them are on.
pub(super) async fn permissions(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let on = call.app.permissions(&actor, account.id).await;
    let on = on.map_err(|error| call.fail(&error))?;
    let release = call.app.catalogue().await.map_err(|error| call.fail(&error))?;
    let language = match call.language() {
        Language::En => contact::Language::En,
        Language::Fr => contact::Language::Fr,
    };
    let known = release.catalogue.permissions.iter().map(|(key, texts)| {
        let since = on.iter().find(|it| it.key == *key).map(|it| it.since.rfc3339());
        json!({
            "key": key,
            "label": texts.label.text(language),
            "description": texts.description.text(language),
            "on": since.is_some(),
            "since": since,
        })
    });
    Ok(answer(&json!({ "items": known.collect::<Vec<Value>>() })))
}

/// Switches one on or off, which is the operator's alone (S6, M53): whoever calls is told whom to ask.
pub(super) async fn set_permission(call: Call) -> Result<Response, Problem> {
    let switch: Switch = call.json("`on`")?;
    let is_on = switch.on.ok_or_else(|| call.problem(Kind::WrongJson("`on`")))?;
    let permission: String = call.id()?;
    change(&call, AccountEdit::SetPermission { permission, is_on }).await
}

/// The pairs of rights that the catalogue lets accounts keep apart, and which this one does.
pub(super) async fn conflicts(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let on = call.app.kept_apart(&actor, account.id).await;
    let on = on.map_err(|error| call.fail(&error))?;
    let release = call.app.catalogue().await.map_err(|error| call.fail(&error))?;
    let known: BTreeSet<(&RightKey, &RightKey)> =
        release.catalogue.conflicts.iter().map(|pair| (&pair.held, &pair.lost)).collect();
    // What a later release no longer names stays on until it is turned off.
    let kept = on.iter().map(|it| (&it.held, &it.lost)).filter(|pair| !known.contains(pair));
    let items = known.iter().copied().chain(kept).map(|(held, lost)| {
        let since = on.iter().find(|it| (&it.held, &it.lost) == (held, lost));
        json!({
            "id": format!("{held}~{lost}"),
            "held": held.as_str(),
            "lost": lost.as_str(),
            "on": since.is_some(),
            "since": since.map(|it| it.since.rfc3339()),
        })
    });
    Ok(answer(&json!({ "items": items.collect::<Vec<Value>>() })))
}

/// Keeps two rights apart, or no longer.
pub(super) async fn set_conflict(call: Call) -> Result<Response, Problem> {
    let switch: Switch = call.json("`on`")?;
    let is_on = switch.on.ok_or_else(|| call.problem(Kind::WrongJson("`on`")))?;
    let id: String = call.id()?;
    let pair = id
        .split_once('~')
        .and_then(|(held, lost)| Some((RightKey::parse(held)?, RightKey::parse(lost)?)));
    let (held, lost) = pair.ok_or_else(|| call.problem(Kind::NotFound))?;
    change(&call, AccountEdit::SetConflict { held, lost, is_on }).await
}

async fn change(call: &Call, what: AccountEdit) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let (account, if_match) = (account.id, call.if_match.clone());
    let change = AccountChange { account, what, if_match };
    let done = call.app.change(&actor, Command::ChangeAccount(Box::new(change))).await;
    done.map_err(|error| call.fail(&error))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn body(it: &Profile) -> Value {
    json!({
        "id": it.account.id.to_string(),
        "slug": it.account.slug.as_str(),
        "name": it.account.name,
        "kind": it.account.kind.as_str(),
        "state": it.state.as_str(),
        "parent": it.parent.as_ref().map(|parent| parent.slug.as_str()),
        "created_at": it.account.created_at.rfc3339(),
    })
}
