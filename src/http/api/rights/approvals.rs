//! `/accounts/{account}/approval-requests`: what waits for a second person, and who signs it (C6).

use std::collections::BTreeSet;

use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::Outcome;
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::command::approvals::{ApprovalChange, ApprovalEdit, Ballot};
use crate::domain::ids::{AccountId, ApprovalId, ResourceId};
use crate::domain::rights::approvals::{About, Digest, Item, Request, State, Verdict, Vote};
use crate::domain::time::Timestamp;
use crate::http::api::answer;
use crate::http::api::call::Call;
use crate::http::api::call::once::{Keeps, Wish};
use crate::http::api::problem::{Kind, Problem};
use crate::http::api::query::{List, Sort, Wrong};
use crate::http::api::rights::show_by;
use crate::http::api::support::requests;

const LIST: List = List { filters: &["state", "kind"], sorts: &[Sort::moment("created_at")] };
const ASKED: &str = "`source` (the id of a group mapping or a grant), `users`, `reason`";
const BALLOT: &str = "`digest` (as the request shows it), `verdict` (`approve` or `deny`), `comment`, \
     `strike` (users whom an approval leaves out)";

/// A request to be made.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    source: Uuid,
    users: BTreeSet<Uuid>,
    reason: String,
}

/// A vote.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Sent {
    digest: String,
    verdict: String,
    comment: String,
    strike: BTreeSet<Uuid>,
}

/// The account's; of one state if `?state=` names one, of one kind if `?kind=` does.
pub(in crate::http::api) async fn list(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let query = call.list_query(&LIST)?;
    let words = Wrong::Word(State::ALL.iter().map(|it| it.as_str()).collect());
    let state = query.params.parsed(&call, "state", words, State::parse)?;
    let words = Wrong::Word(About::ALL.iter().map(|it| it.as_str()).collect());
    let about = query.params.parsed(&call, "kind", words, About::parse)?;
    let part = call.app.approvals(&actor, account.id, (state, about), &query.wanted).await;
    let part = part.map_err(|error| call.fail(&error))?;
    Ok(call.page(&query, &part, body))
}

/// One of them, with what it is about.
pub(in crate::http::api) async fn show(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let found = call.app.approval(&actor, (account.id, call.id()?)).await;
    let (request, items) = found.map_err(|error| call.fail(&error))?;
    let mut body = body(&request);
    if let (Some(body), About::Rights) = (body.as_object_mut(), request.about()) {
        body.insert("items".to_owned(), items.iter().map(item).collect());
    }
    Ok(answer(&body))
}

/// Asks for what waits at a mapping or grant.
pub(in crate::http::api) async fn ask(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let asked: Asked = call.json(ASKED)?;
    let users = asked.users.into_iter().map(ResourceId::new).collect();
    let what = ApprovalEdit::Ask { source: asked.source, users, reason: asked.reason };
    let command = command(account.id, what);
    call.once(Keeps::Answer, Wish { actor, account, command }, made).await
}

async fn made(call: Call, wish: Wish) -> Result<Response, Problem> {
    let request = change(&call, &wish.actor, wish.command).await?;
    Ok(call.created(&request.id.to_string(), request.version.to_string(), &body(&request)))
}

/// Signs, or refuses: with a browser's session only, so that a person does it (M13).
pub(in crate::http::api) async fn vote(call: Call) -> Result<Response, Problem> {
    call.browser_session()?;
    let (actor, account) = call.account().await?;
    let sent: Sent = call.json(BALLOT)?;
    let read = (Digest::parse(&sent.digest), Verdict::parse(&sent.verdict));
    let (Some(digest), Some(verdict)) = read else {
        return Err(call.problem(Kind::WrongJson(BALLOT)));
    };
    let strike = sent.strike.into_iter().map(ResourceId::new).collect();
    let ballot = Ballot { digest, verdict, comment: sent.comment, strike };
    let id: ApprovalId = call.id()?;
    let command = command(account.id, ApprovalEdit::Vote(id, ballot));
    call.once(Keeps::Answer, Wish { actor, account, command }, settled).await
}

/// Takes a request back.
pub(in crate::http::api) async fn cancel(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let command = command(account.id, ApprovalEdit::Cancel(call.id()?));
    settled(call, Wish { actor, account, command }).await
}

async fn settled(call: Call, wish: Wish) -> Result<Response, Problem> {
    Ok(answer(&body(&change(&call, &wish.actor, wish.command).await?)))
}

/// The command that changes a request, or what came of one.
pub(in crate::http::api) fn command(account: AccountId, what: ApprovalEdit) -> Command {
    Command::ChangeApproval(Box::new(ApprovalChange { account, what }))
}

/// The request as a change left it.
pub(in crate::http::api) async fn change(
    call: &Call,
    actor: &Actor,
    command: Command,
) -> Result<Request, Problem> {
    match call.app.change(actor, command).await {
        Ok(Outcome::Approval(request)) => Ok(*request),
        Ok(_) => Err(call.problem(Kind::Internal)),
        Err(error) => Err(call.fail(&error)),
    }
}

/// A request as it is answered.
pub(in crate::http::api) fn body(request: &Request) -> Value {
    let (name, value) = match &request.support {
        Some(asked) => ("support", requests::asked(asked)),
        None => ("source", request.source.to_string().into()),
    };
    json!({
        "id": request.id.to_string(),
        "kind": request.about().as_str(),
        "state": request.state.as_str(),
        name: value,
        "reason": request.reason,
        "required": request.required,
        "version": request.version,
        "digest": request.digest.to_string(),
        "policy_version": request.policy_version,
        "requester": show_by(&request.requester),
        "created_at": request.created_at.rfc3339(),
        "expires_at": request.expires_at.rfc3339(),
        "settled_at": request.settled_at.map(Timestamp::rfc3339),
        "settled_why": request.settled_why,
        "votes": request.votes.iter().map(vote_body).collect::<Vec<_>>(),
    })
}

fn vote_body(vote: &Vote) -> Value {
    json!({
        "user": vote.user.to_string(),
        "verdict": vote.verdict.as_str(),
        "comment": vote.comment,
        "at": vote.at.rfc3339(),
    })
}

fn item(item: &Item) -> Value {
    json!({ "user": item.user.to_string(), "right": item.right.as_str() })
}
