//! `/policy/simulate`: what the rules would say, and by which of them. Nothing is done.

use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::app::policy::{Effect, Rules, Supposed};
use crate::domain::account::Slug;
use crate::http::api::answer;
use crate::http::api::call::Call;
use crate::http::api::problem::{Kind, Problem};
use crate::http::api::texts::rules;

const MEMBERS: &str = "`action` (one of the policy's), `account`, `facts` (those that the action rests on, but none of \
                       the caller: these are read)";

/// What would be done, and what is supposed.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Question {
    action: String,
    account: String,
    facts: Supposed,
}

/// `POST /policy/simulate`
pub(super) async fn simulate(call: Call) -> Result<Response, Problem> {
    let session = call.session()?;
    let question: Question = call.json(MEMBERS)?;
    let account = Slug::parse(&question.account).map_err(|_| call.problem(Kind::NotFound))?;
    let simulated = call.app.simulate(session, (&account, &question.action), question.facts).await;
    let simulated = simulated.map_err(|error| call.fail(&error))?;
    let simulated = simulated.ok_or_else(|| call.problem(Kind::WrongJson(MEMBERS)))?;
    let rule = simulated.refusal;
    let missing = rule.and_then(|rule| match &rule.effect {
        Effect::Explains(missing) => Some(missing),
        Effect::Permits | Effect::Forbids => None,
    });
    Ok(answer(&json!({
        "allowed": rule.is_none(),
        "rule": rule.map(|rule| &rule.id),
        "reason": rule.map(|rule| rules::reason((&rule.id, &rule.en), call.language())),
        "missing": missing,
        "facts": simulated.facts.0,
        "policy_version": Rules::core().map_or("", Rules::version),
    })))
}
