//! `/accounts/{account}/users/{id}/explanation`: why a user has a right, or what stops it (C2).

use axum::response::Response;
use serde_json::{Value, json};

use crate::app::rights::explain::{Explanation, Way};
use crate::domain::rights::RightKey;
use crate::domain::rights::faults::Wrong as Flaw;
use crate::domain::rights::paths::Source;
use crate::http::api::answer;
use crate::http::api::call::Call;
use crate::http::api::problem::Problem;
use crate::http::api::rights::holders::{held_place, word};
use crate::http::api::rights::{bundles, grants, mappings, past_moment, refuse, roles};
use crate::http::api::texts::stops;

/// `?right=` names it; `?at=` a past moment.
pub(in crate::http::api) async fn show(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let params = call.params(&["right", "at"])?;
    let at = past_moment(&call, &params)?;
    let text = params.text("right").unwrap_or_default();
    let Some(right) = RightKey::parse(text) else {
        return Err(refuse(&call, vec![Flaw::UnknownRight.of("right", text)]));
    };
    let told = call.app.explain(&actor, (account.id, call.id()?), &right, at).await;
    Ok(answer(&body(&call, &told.map_err(|error| call.fail(&error))?)))
}

fn body(call: &Call, told: &Explanation) -> Value {
    let held: Vec<Value> = told.held.iter().map(|(at, it)| held_place(*at, *it)).collect();
    json!({
        "right": told.right.as_str(),
        "held": held,
        "ways": told.ways.iter().map(|it| way(call, it)).collect::<Vec<_>>(),
    })
}

fn way(call: &Call, way: &Way) -> Value {
    let stops: Vec<Value> = way
        .path
        .stops
        .iter()
        .map(|stop| {
            json!({ "code": stop.as_str(), "detail": stops::reason(*stop, call.language()) })
        })
        .collect();
    let groups: Vec<Value> = way
        .groups
        .iter()
        .map(|(id, name, since)| {
            json!({ "id": id.to_string(), "display_name": name, "since": since.rfc3339() })
        })
        .collect();
    let source = match way.path.source {
        Source::Mapping { .. } => "group_mapping",
        Source::Grant { .. } => "grant",
        Source::Support { .. } => "support_grant",
        Source::Seed => "seed",
    };
    json!({
        "source": source,
        "standing": word(way.path.standing()),
        "account": way.path.held_in.account.to_string(),
        "workspace": way.path.held_in.workspace.map(|id| id.to_string()),
        "groups": groups,
        "mapping": way.mapping.as_ref().map(mappings::body),
        "grant": way.grant.as_ref().map(grants::body),
        "role": way.role.as_ref().map(|it| roles::body(it, None)),
        "bundle": way.bundle.as_ref().map(|it| bundles::body(it, None)),
        "stops": stops,
    })
}
