//! What gives rights, below `/accounts/{account}`: the catalogue, bundles, roles, groups and what is mapped
//! to them, grants; who has a right, and why.
//!
//! Each change can be tried with `?dryRun=true`: then the answer is who would gain and lose what.

pub(super) mod approvals;
pub(super) mod bundles;
pub(super) mod catalogue;
pub(super) mod effective;
pub(super) mod explanations;
pub(super) mod grants;
pub(super) mod groups;
pub(super) mod holders;
pub(super) mod mappings;
pub(super) mod previews;
pub(super) mod roles;

use std::collections::BTreeSet;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::app::Outcome;
use crate::app::rights::Made;
use crate::app::rights::lists::Upstream;
use crate::domain::account::Account;
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::command::rights::{RightsChange, RightsEdit};
use crate::domain::ids::AccountId;
use crate::domain::rights::bundles::Origin;
use crate::domain::rights::faults::{Fault, Wrong};
use crate::domain::rights::sources::{By, Gift, Period, Place};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::http::api::call::Call;
use crate::http::api::call::once::{Keeps, Wish};
use crate::http::api::problem::{Kind, Problem};
use crate::http::api::query::{self, Params};

/// What is given, as it is sent: one of the three.
#[derive(Debug, Default)]
struct SentGift<'a> {
    bundle: Option<&'a str>,
    role: Option<&'a str>,
    right: Option<&'a str>,
}

/// Makes something, or says what making it would do.
async fn make(
    call: Call,
    (actor, account): (Actor, Account),
    what: RightsEdit,
) -> Result<Response, Problem> {
    let command = command(&call, account.id, what);
    if call.is_dry_run() {
        return previews::rehearse(&call, &actor, command).await;
    }
    let wish = Wish { actor, account, command };
    call.once(Keeps::Answer, wish, made).await
}

async fn made(call: Call, wish: Wish) -> Result<Response, Problem> {
    let Changed { id, version, body, waits } = change(&call, &wish.actor, wish.command).await?;
    let mut response = call.created(&id, version, &body);
    if waits {
        *response.status_mut() = StatusCode::ACCEPTED;
    }
    Ok(response)
}

/// Changes something, or says what changing it would do.
async fn edit(
    call: Call,
    (actor, account): (Actor, Account),
    what: RightsEdit,
) -> Result<Response, Problem> {
    let command = command(&call, account.id, what);
    if call.is_dry_run() {
        return previews::rehearse(&call, &actor, command).await;
    }
    let Changed { version, body, waits, .. } = change(&call, &actor, command).await?;
    let mut response = call.tagged(version, &body);
    if waits {
        *response.status_mut() = StatusCode::ACCEPTED;
    }
    Ok(response)
}

/// Takes something away, or says what taking it away would do.
async fn remove(
    call: Call,
    (actor, account): (Actor, Account),
    what: RightsEdit,
) -> Result<Response, Problem> {
    let command = command(&call, account.id, what);
    if call.is_dry_run() {
        return previews::rehearse(&call, &actor, command).await;
    }
    change(&call, &actor, command).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn command(call: &Call, account: AccountId, what: RightsEdit) -> Command {
    let if_match = call.if_match.clone();
    Command::ChangeRights(Box::new(RightsChange { account, what, if_match }))
}

/// What was made or changed.
struct Changed {
    id: String,
    version: String,
    body: Value,
    /// Whether some of what it gives waits for a second person, as `approval_requests` say.
    waits: bool,
}

async fn change(call: &Call, actor: &Actor, command: Command) -> Result<Changed, Problem> {
    let outcome = call.app.change(actor, command).await.map_err(|error| call.fail(&error))?;
    let (made, requests) = match outcome {
        Outcome::Rights(made) => (made, vec![]),
        Outcome::Waiting(made, requests) => (made, requests),
        Outcome::Resource(_)
        | Outcome::Done
        | Outcome::Account(_)
        | Outcome::Token(_)
        | Outcome::Sso(_)
        | Outcome::ProductKey(_)
        | Outcome::EnrolmentLink(_)
        | Outcome::SigningKey(_)
        | Outcome::Person(_)
        | Outcome::Workspace(_)
        | Outcome::Approval(_)
        | Outcome::Support(_) => return Err(call.problem(Kind::Internal)),
    };
    let (id, version, mut body) = shown(call, *made).await?;
    let waits = !requests.is_empty();
    if let (Some(body), true) = (body.as_object_mut(), waits) {
        let requests: Vec<Value> = requests.iter().map(approvals::body).collect();
        body.insert("approval_requests".to_owned(), requests.into());
    }
    Ok(Changed { id, version, body, waits })
}

/// The id, version and body.
async fn shown(call: &Call, made: Made) -> Result<(String, String, Value), Problem> {
    Ok(match made {
        Made::Bundle(it) => {
            let upstream = call.app.upstream(&it).await.map_err(|error| call.fail(&error))?;
            (it.id.to_string(), it.version.to_string(), bundles::body(&it, upstream.as_ref()))
        }
        Made::Role(it) => {
            let upstream =
                call.app.upstream_of_role(&it).await.map_err(|error| call.fail(&error))?;
            (it.id.to_string(), it.version.to_string(), roles::body(&it, upstream.as_ref()))
        }
        Made::Mapping(it) => (it.id.to_string(), it.version.to_string(), mappings::body(&it)),
        Made::Grant(it) => (it.id.to_string(), it.version.to_string(), grants::body(&it)),
    })
}

/// The problem with these fields.
fn refuse(call: &Call, faults: Vec<Fault>) -> Problem {
    call.fail(&crate::app::Error::Fields(faults))
}

/// Reads what is to be given: exactly one of the three.
fn read_gift(sent: &SentGift<'_>, faults: &mut Vec<Fault>) -> Option<Gift> {
    let found = match (sent.bundle, sent.role, sent.right) {
        (Some(id), None, None) => match id.parse() {
            Ok(id) => return Some(Gift::Bundle(id)),
            Err(_) => Wrong::UnknownBundle.of("bundle", id),
        },
        (None, Some(id), None) => match id.parse() {
            Ok(id) => return Some(Gift::Role(id)),
            Err(_) => Wrong::UnknownRole.of("role", id),
        },
        (None, None, Some(key)) => match crate::domain::rights::RightKey::parse(key) {
            Some(key) => return Some(Gift::Right(key)),
            None => Wrong::UnknownRight.of("right", key),
        },
        (_, _, _) => Wrong::NothingGiven.of("bundle", ""),
    };
    faults.push(found);
    None
}

/// Reads where it is to be given; where nothing is said, in the whole account.
fn read_place(
    place: Option<&str>,
    workspace: Option<&str>,
    faults: &mut Vec<Fault>,
) -> Option<Place> {
    match (place, workspace) {
        (None | Some("account"), None) => Some(Place::Account),
        (Some("children"), None) => Some(Place::Children),
        (None | Some("workspace"), Some(_)) => {
            read_id((workspace, "workspace"), Wrong::UnknownWorkspace, faults).map(Place::Workspace)
        }
        (Some("workspace"), None) => {
            faults.push(Wrong::Missing.of("workspace", ""));
            None
        }
        (Some("account" | "children"), Some(id)) => {
            faults.push(Wrong::WorkspaceBesides.of("workspace", id));
            None
        }
        (Some(other), _) => {
            faults.push(Wrong::WrongPlace.of("place", other));
            None
        }
    }
}

/// The past moment that is asked about, `?at=`; none is the present.
fn past_moment(call: &Call, params: &Params) -> Result<Option<Timestamp>, Problem> {
    params.parsed(call, "at", query::Wrong::Moment, |text| {
        Timestamp::parse(text).filter(|at| call.app.is_past(*at))
    })
}

/// Reads a moment; none said is the default.
pub(super) fn read_moment(
    field: &'static str,
    text: Option<&str>,
    faults: &mut Vec<Fault>,
) -> Option<Timestamp> {
    let text = text?;
    let read = Timestamp::parse(text);
    if read.is_none() {
        faults.push(Wrong::WrongMoment.of(field, text));
    }
    read
}

/// Reads from when and until when; what is not said is not limited.
pub(super) fn read_period(
    [starts_at, ends_at]: [Option<&str>; 2],
    faults: &mut Vec<Fault>,
) -> Period {
    Period {
        starts_at: read_moment("starts_at", starts_at, faults).unwrap_or(Period::ALWAYS.starts_at),
        ends_at: read_moment("ends_at", ends_at, faults).unwrap_or(Period::ALWAYS.ends_at),
    }
}

/// Reads the id in a field, if it is there.
pub(super) fn read_id<T: std::str::FromStr>(
    (text, field): (Option<&str>, &'static str),
    unknown: Wrong,
    faults: &mut Vec<Fault>,
) -> Option<T> {
    let text = text?;
    let read = text.parse().ok();
    if read.is_none() {
        faults.push(unknown.of(field, text));
    }
    read
}

/// A gift as members of a body.
fn show_gift(gift: &Gift, body: &mut serde_json::Map<String, Value>) {
    let (name, value) = match gift {
        Gift::Bundle(id) => ("bundle", id.to_string()),
        Gift::Role(id) => ("role", id.to_string()),
        Gift::Right(key) => ("right", key.to_string()),
    };
    body.insert(name.to_owned(), value.into());
}

/// A place and a period as members of a body; what is not limited is left out.
fn show_place(place: Place, period: Period, body: &mut serde_json::Map<String, Value>) {
    body.insert("place".to_owned(), place.kind().into());
    if let Some(workspace) = place.workspace() {
        body.insert("workspace".to_owned(), workspace.to_string().into());
    }
    if period.starts_at.micros() > 0 {
        body.insert("starts_at".to_owned(), period.starts_at.rfc3339().into());
    }
    if period.ends_at < OPEN_END {
        body.insert("ends_at".to_owned(), period.ends_at.rfc3339().into());
    }
}

/// What a copy is a copy of, and what the original gained and lost since, where that was asked for.
fn show_origin<I: std::fmt::Display, T: std::fmt::Display>(
    origin: &Origin<I>,
    upstream: Option<&Upstream<T>>,
) -> Value {
    let texts = |all: &BTreeSet<T>| all.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut shown = json!({ "id": origin.id.to_string(), "release": origin.release });
    if let (Some(shown), Some(upstream)) = (shown.as_object_mut(), upstream) {
        shown.insert("gained".to_owned(), texts(&upstream.gained).into());
        shown.insert("lost".to_owned(), texts(&upstream.lost).into());
    }
    shown
}

/// Who did something.
pub(super) fn show_by(by: &By) -> Value {
    json!({ "kind": by.kind, "id": by.id.map(|id| id.to_string()) })
}
