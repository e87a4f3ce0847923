//! Users: creating, replacing, patching, deleting.

pub mod people;

use serde_json::{Map, Value};

use crate::app::change::lines::{changed_attributes, changed_values};
use crate::app::change::{Outcome, Step, check_match, place, preset};
use crate::app::{App, Error};
use crate::domain::command::{Create, Delete, Patch, Replace};
use crate::domain::ids::ResourceId;
use crate::domain::records::Record;
use crate::domain::time::Timestamp;
use crate::domain::users::User;
use crate::policy::Permit;
use crate::scim::patch;
use crate::scim::schema::ResourceKind;
use crate::scim::value::Notes;
use crate::store::StoreError;
use crate::store::users::{StoredUser, UserChange};

pub(super) async fn create(app: &App, permit: Permit, create: &Create) -> Result<Step, Error> {
    let (account, connection) = place(&permit)?;
    let now = app.now();
    let id = ResourceId::new(app.next_id(now));
    let user = User::created(id, create.incoming.document.clone())?;
    let mut activity = app.activity(&permit, account, now);
    activity.target = Some(id.uuid());
    activity.change = changed_values(&Map::new(), &user.document);
    let applied = app.store().create_user((connection, id), &user, &activity, permit).await?;
    if !applied.done {
        return Err(taken(&user));
    }
    let record = Record {
        kind: ResourceKind::User,
        id,
        document: user.text,
        version: "1.1".to_owned(),
        created_at: now,
        updated_at: now,
        groups: vec![],
        members: None,
        holdings: None,
    };
    Ok(Outcome::Resource(record).into())
}

pub(super) async fn replace(
    app: &App,
    permit: Permit,
    replace: &Replace,
    stored: &StoredUser,
) -> Result<Step, Error> {
    check_match(replace.if_match.as_ref(), &stored.record.version)?;
    let before = read(stored)?;
    let after = User::replaced(replace.id, replace.incoming.document.clone(), &before.document)?;
    update(app, permit, stored, (before, after)).await
}

pub(super) async fn patch(
    app: &App,
    permit: Permit,
    patch: &Patch,
    stored: &StoredUser,
) -> Result<Step, Error> {
    check_match(patch.if_match.as_ref(), &stored.record.version)?;
    let before = read(stored)?;
    let mut document = before.document.clone();
    let mut notes = Notes::default();
    let preset = preset(&permit);
    patch::apply(ResourceKind::User, &mut document, &patch.operations, preset, &mut notes)?;
    if document == before.document {
        return Ok(unchanged(stored));
    }
    let after = User::new(patch.id, document)?;
    update(app, permit, stored, (before, after)).await
}

pub(super) async fn delete(
    app: &App,
    permit: Permit,
    delete: &Delete,
    stored: &StoredUser,
) -> Result<Step, Error> {
    check_match(delete.if_match.as_ref(), &stored.record.version)?;
    let (account, _) = place(&permit)?;
    let user = read(stored)?;
    let mut activity = app.activity(&permit, account, app.now());
    activity.change = changed_values(&user.document, &Map::new());
    let applied = app.store().delete_user(delete.id, (stored, &user), &activity, permit).await?;
    Ok(if applied.done { Outcome::Done.into() } else { Step::Moved })
}

async fn update(
    app: &App,
    permit: Permit,
    stored: &StoredUser,
    (before, after): (User, User),
) -> Result<Step, Error> {
    if after.document == before.document {
        return Ok(unchanged(stored));
    }
    let (account, _) = place(&permit)?;
    let mut activity = app.activity(&permit, account, app.now());
    activity.detail = Some(changed_attributes(&before.document, &after.document));
    activity.change = changed_values(&before.document, &after.document);
    let change = UserChange {
        id: stored.record.id,
        before: &before,
        after: &after,
        stored,
        activity: &activity,
    };
    match app.store().update_user(change, permit).await {
        Ok(applied) if applied.done => {
            Ok(Outcome::Resource(updated(stored, after, activity.at)).into())
        }
        Ok(_) => Ok(Step::Moved),
        Err(StoreError::Taken) => Err(taken(&after)),
        Err(error) => Err(error.into()),
    }
}

fn updated(stored: &StoredUser, after: User, now: Timestamp) -> Record {
    Record {
        document: after.text,
        version: format!("{}.{}", stored.version + 1, stored.rights_version),
        updated_at: now,
        ..stored.record.clone()
    }
}

fn unchanged(stored: &StoredUser) -> Step {
    Outcome::Resource(stored.record.clone()).into()
}

fn read(stored: &StoredUser) -> Result<User, Error> {
    let document: Map<String, Value> =
        serde_json::from_str(&stored.record.document).map_err(|error| {
            let what = format!("{}: {error}", stored.record.id);
            Error::Internal(StoreError::Inconsistent { table: "users", what })
        })?;
    Ok(User::new(stored.record.id, document)?)
}

fn taken(user: &User) -> Error {
    let name = user.document.get("userName").and_then(Value::as_str).unwrap_or_default();
    Error::Conflict(format!(
        "userName `{name}` is taken in this account (upper and lower case count as one); find its \
         user with a filter on userName, or choose another"
    ))
}
