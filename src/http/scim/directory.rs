//! Users and groups one at a time: create, get, replace, patch, delete (RFC 7644 §3.3 to §3.6).

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::app::{Error, Outcome};
use crate::domain::command::{Command, Create, Delete, Patch, Replace};
use crate::domain::ids::ResourceId;
use crate::domain::records::{Record, Want};
use crate::http::scim::call::Call;
use crate::http::scim::error::Failure;
use crate::http::scim::render;
use crate::scim::error::ScimError;
use crate::scim::etag::{self, ETag};
use crate::scim::page::Query;
use crate::scim::patch as operations;
use crate::scim::project::Selection;
use crate::scim::resource;
use crate::scim::schema::{COUNTERSIGN_USER, ResourceKind};
use crate::scim::value::Notes;

/// POST: 201 with the resource.
pub(super) async fn create(kind: ResourceKind, call: Call) -> Result<Response, Failure> {
    async {
        let selection = selection(kind, &call)?;
        let incoming = resource::read(kind, call.json()?, call.preset())?;
        note(&incoming.notes, kind);
        let command = Command::Create(Create { kind, incoming });
        let record = changed(&call, kind, command, &selection).await?;
        let mut response = shown(&call, StatusCode::CREATED, &record, &selection);
        let location = render::location(kind, record.id, &call.base);
        if let Ok(value) = HeaderValue::from_str(&location) {
            response.headers_mut().insert(header::LOCATION, value);
        }
        Ok(response)
    }
    .await
    .map_err(|error: Error| call.fail(error))
}

/// GET: 200, or 304 if `If-None-Match` names the version at hand.
pub(super) async fn get(kind: ResourceKind, call: Call) -> Result<Response, Failure> {
    async {
        let selection = selection(kind, &call)?;
        let id = call.id(kind)?;
        let record = call.app.get(&call.actor(), (kind, id), want(&selection)).await?;
        let tag = ETag::new(record.version.as_str());
        let known = call.header(header::IF_NONE_MATCH);
        // The tag is the user's own; what the user holds changes with other things too.
        let told = record.holdings.is_none();
        if told && known.is_some_and(|known| etag::matches(&known, &tag)) {
            return Ok(tagged(empty(StatusCode::NOT_MODIFIED), &record));
        }
        Ok(shown(&call, StatusCode::OK, &record, &selection))
    }
    .await
    .map_err(|error: Error| call.fail(error))
}

/// PUT: 200 with the resource.
pub(super) async fn replace(kind: ResourceKind, call: Call) -> Result<Response, Failure> {
    async {
        let selection = selection(kind, &call)?;
        let id = call.id(kind)?;
        let body = call.json()?;
        check_same_id(&body, id)?;
        let incoming = resource::read(kind, body, call.preset())?;
        note(&incoming.notes, kind);
        let if_match = call.header(header::IF_MATCH);
        let command = Command::Replace(Replace { kind, id, incoming, if_match });
        let record = changed(&call, kind, command, &selection).await?;
        Ok(shown(&call, StatusCode::OK, &record, &selection))
    }
    .await
    .map_err(|error: Error| call.fail(error))
}

/// PATCH: 200 with the user; 204 for a group unless `attributes` are asked for (DECISIONS.md 22).
pub(super) async fn patch(kind: ResourceKind, call: Call) -> Result<Response, Failure> {
    async {
        let query = Query::from_pairs(call.pairs())?;
        let selection = selection(kind, &call)?;
        let id = call.id(kind)?;
        let limit = call.app.settings().limits.max_operations;
        let mut notes = Notes::default();
        let operations = operations::read(kind, call.json()?, call.preset(), limit, &mut notes)?;
        note(&notes, kind);
        let if_match = call.header(header::IF_MATCH);
        let command = Command::Patch(Patch { kind, id, operations, if_match });
        let silent = kind == ResourceKind::Group
            && query.attributes.is_none()
            && query.excluded_attributes.is_none();
        if silent {
            call.app.change(&call.actor(), command).await?;
            return Ok(empty(StatusCode::NO_CONTENT));
        }
        let record = changed(&call, kind, command, &selection).await?;
        Ok(shown(&call, StatusCode::OK, &record, &selection))
    }
    .await
    .map_err(|error: Error| call.fail(error))
}

/// DELETE: 204.
pub(super) async fn delete(kind: ResourceKind, call: Call) -> Result<Response, Failure> {
    async {
        let id = call.id(kind)?;
        let if_match = call.header(header::IF_MATCH);
        let command = Command::Delete(Delete { kind, id, if_match });
        call.app.change(&call.actor(), command).await?;
        Ok(empty(StatusCode::NO_CONTENT))
    }
    .await
    .map_err(|error: Error| call.fail(error))
}

/// What of a resource the client asked to see.
pub(super) fn selection(kind: ResourceKind, call: &Call) -> Result<Selection, ScimError> {
    let query = Query::from_pairs(call.pairs())?;
    select(kind, &query)
}

/// What of a resource a query asks to see.
pub(super) fn select(kind: ResourceKind, query: &Query) -> Result<Selection, ScimError> {
    Selection::parse(kind, query.attributes.as_deref(), query.excluded_attributes.as_deref())
}

/// Which costly parts that takes.
pub(super) fn want(selection: &Selection) -> Want {
    Want {
        members: selection.wants("members"),
        member_names: selection.names("members", "display"),
        groups: selection.wants("groups"),
        holdings: render::HELD.iter().any(|name| selection.wants_of(COUNTERSIGN_USER, name)),
    }
}

/// Whether a command's outcome says all but what is held.
fn is_whole(kind: ResourceKind, want: Want) -> bool {
    kind == ResourceKind::User || !want.members
}

/// Does the command, and loads what its outcome leaves out of the answer.
async fn changed(
    call: &Call,
    kind: ResourceKind,
    command: Command,
    selection: &Selection,
) -> Result<Record, Error> {
    let id = command.target().map(ResourceId::new);
    let want = want(selection);
    let outcome = call.app.change(&call.actor(), command).await?;
    match (outcome, id) {
        (Outcome::Resource(record), _) if !want.holdings && is_whole(kind, want) => Ok(record),
        (Outcome::Resource(record), _) => {
            call.app.get(&call.actor(), (kind, record.id), want).await
        }
        (
            Outcome::Done
            | Outcome::Account(_)
            | Outcome::Token(_)
            | Outcome::Sso(_)
            | Outcome::ProductKey(_)
            | Outcome::EnrolmentLink(_)
            | Outcome::SigningKey(_)
            | Outcome::Rights(_)
            | Outcome::Person(_)
            | Outcome::Workspace(_)
            | Outcome::Approval(_)
            | Outcome::Waiting(..)
            | Outcome::Support(_),
            Some(id),
        ) => call.app.get(&call.actor(), (kind, id), want).await,
        (
            Outcome::Done
            | Outcome::Account(_)
            | Outcome::Token(_)
            | Outcome::Sso(_)
            | Outcome::EnrolmentLink(_)
            | Outcome::ProductKey(_)
            | Outcome::SigningKey(_)
            | Outcome::Rights(_)
            | Outcome::Person(_)
            | Outcome::Workspace(_)
            | Outcome::Approval(_)
            | Outcome::Waiting(..)
            | Outcome::Support(_),
            None,
        ) => Err(Error::Busy),
    }
}

/// A body that names another resource than the path is refused: which one was meant?
fn check_same_id(body: &serde_json::Value, id: ResourceId) -> Result<(), Error> {
    match resource::body_id(body) {
        Some(other) if other != id.to_string() => {
            let other: String = other.chars().take(100).collect();
            let detail = format!("the body's id `{other}` is not the path's `{id}`");
            Err(Error::Invalid(ScimError::value(detail)))
        }
        Some(_) | None => Ok(()),
    }
}

fn note(notes: &Notes, kind: ResourceKind) {
    if notes.coerced + notes.dropped > 0 {
        let (coerced, dropped) = (notes.coerced, notes.dropped);
        tracing::debug!(kind = kind.name(), coerced, dropped, "scim.body_repaired");
        metrics::counter!("scim_repairs_total", "what" => "coerced").increment(coerced.into());
        metrics::counter!("scim_repairs_total", "what" => "dropped").increment(dropped.into());
    }
}

fn shown(call: &Call, status: StatusCode, record: &Record, selection: &Selection) -> Response {
    let body = render::resource(record, &call.base, selection);
    tagged(render::answer(status, body, call.wants_plain_json()), record)
}

fn tagged(mut response: Response, record: &Record) -> Response {
    let tag = ETag::new(record.version.as_str()).render();
    if let Ok(value) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
