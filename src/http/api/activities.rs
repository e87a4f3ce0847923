//! `/accounts/{account}/activities`: what is on record of an account, for whoever may read it (W7).

mod export;

use std::collections::BTreeSet;

use axum::response::Response;
use serde_json::{Value, json};

use crate::domain::event::listed::{Filter, Listed, Named};
use crate::domain::event::{Event, Outcome};
use crate::domain::time::Timestamp;
use crate::http::api::answer;
use crate::http::api::call::Call;
use crate::http::api::problem::Problem;
use crate::http::api::query::{List, Params, Sort, Wrong};

const FILTERS: [&str; 7] = ["action", "actor", "target", "target_kind", "outcome", "from", "to"];
const LIST: List = List { filters: &FILTERS, sorts: &[Sort::newest_first("at")] };
const OUTCOMES: [Outcome; 2] = [Outcome::Done, Outcome::Denied];

/// The newest first.
pub(super) async fn list(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let query = call.list_query(&LIST)?;
    let filter = filter(&call, &query.params)?;
    let part = call.app.activities(&actor, account.id, (&filter, &query.wanted)).await;
    let part = part.map_err(|error| call.fail(&error))?;
    Ok(call.page(&query, &part, body))
}

/// One of them.
pub(super) async fn show(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let found = call.app.recorded(&actor, (account.id, call.id()?)).await;
    Ok(answer(&body(&found.map_err(|error| call.fail(&error))?)))
}

/// All that a filter finds, for spreadsheets.
pub(super) async fn csv(call: Call) -> Result<Response, Problem> {
    export::all(&call, export::Form::Csv).await
}

/// The same for programs: an object on each line.
pub(super) async fn json_lines(call: Call) -> Result<Response, Problem> {
    export::all(&call, export::Form::JsonLines).await
}

fn filter(call: &Call, params: &Params) -> Result<Filter, Problem> {
    let actions: BTreeSet<&'static str> = Event::ALL.iter().map(|it| it.name()).collect();
    let kinds: BTreeSet<&'static str> = Event::ALL.iter().map(|it| it.target_kind()).collect();
    let word = |name: &'static str, known: BTreeSet<&'static str>| {
        let wrong = Wrong::Word(known.iter().copied().collect());
        params.parsed(call, name, wrong, |text| known.get(text).copied())
    };
    let id = |name: &'static str| params.parsed(call, name, Wrong::Id, |text| text.parse().ok());
    let moment = |name: &'static str| params.parsed(call, name, Wrong::AnyMoment, Timestamp::parse);
    let outcome = |text: &str| OUTCOMES.into_iter().find(|it| it.as_str() == text);
    let outcomes = Wrong::Word(OUTCOMES.iter().map(|it| it.as_str()).collect());
    Ok(Filter {
        action: word("action", actions)?,
        actor: id("actor")?,
        target: id("target")?,
        target_kind: word("target_kind", kinds)?,
        outcome: params.parsed(call, "outcome", outcomes, outcome)?,
        from: moment("from")?,
        to: moment("to")?,
    })
}

fn body(it: &Listed) -> Value {
    json!({
        "id": it.id.to_string(),
        "at": it.at.rfc3339(),
        "action": it.action,
        "outcome": it.outcome,
        "actor": named(&it.actor),
        "target": named(&it.target),
        "detail": it.detail,
        "door": it.door,
        "ip": it.ip,
        "request_id": it.request_id,
    })
}

fn named(it: &Named) -> Value {
    json!({ "kind": it.kind, "id": it.id, "name": it.name })
}
