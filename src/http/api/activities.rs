//! `/accounts/{account}/activities`: what is on record of an account, for whoever may read it (W7).

mod export;

use std::collections::BTreeSet;

use crate::app::App;
use crate::domain::event::listed::{Filter, Listed};
use crate::domain::event::{Event, Outcome, ocsf};
use crate::domain::time::Timestamp;
use crate::http::api::answer;
use crate::http::api::call::Call;
use crate::http::api::problem::{Kind, Problem};
use crate::http::api::query::{List, Params, Sort, Wrong};
use crate::http::login::language::Language;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};

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
    Ok(call.page(&query, &part, Listed::body))
}

/// One of them.
pub(super) async fn show(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let words = Wrong::Word(vec!["ocsf"]);
    let is_ocsf = |text: &str| (text == "ocsf").then_some(true);
    let is_ocsf = call.params(&["format"])?.parsed(&call, "format", words, is_ocsf)?;
    let found = call.app.recorded(&actor, (account.id, call.id()?)).await;
    let found = found.map_err(|error| call.fail(&error))?;
    Ok(answer(&if is_ocsf == Some(true) { ocsf::event(&found) } else { found.body() }))
}

/// The head of the chain that all of it is sealed in, signed.
pub(super) async fn checkpoint(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let signed = call.app.checkpoint(&actor, account.id).await;
    Ok(answer(&signed.map_err(|error| call.fail(&error))?.body()))
}

/// The public keys by which checkpoints are verified.
pub(super) async fn checkpoint_keys(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let problem = |error| Problem::new(Kind::of(&error), Language::of_browser(&headers));
    let keys = app.checkpoint_keys().await.map_err(problem)?;
    let mut response = format!("{{\"keys\":[{}]}}", keys.join(",")).into_response();
    let media = HeaderValue::from_static("application/jwk-set+json");
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// All that a filter finds, for spreadsheets.
pub(super) async fn csv(call: Call) -> Result<Response, Problem> {
    export::all(&call, export::Form::Csv).await
}

/// The same for programs: an object on each line.
pub(super) async fn json_lines(call: Call) -> Result<Response, Problem> {
    export::all(&call, export::Form::JsonLines).await
}

/// The same in the words of OCSF.
pub(super) async fn ocsf_lines(call: Call) -> Result<Response, Problem> {
    export::all(&call, export::Form::Ocsf).await
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
