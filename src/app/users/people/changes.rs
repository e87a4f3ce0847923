//! People made, changed, deleted.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::SecretString;
use serde_json::{Map, Value, json};

use crate::app::change::lines::{changed_attributes, changed_values};
use crate::app::change::{Outcome, Step, check_match};
use crate::app::users::people::{Made, no_such, refuse};
use crate::app::{App, Error};
use crate::domain::account::Account;
use crate::domain::command::people::{PeopleChange, PersonEdit, PersonSpec};
use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, PropertyId, ResourceId};
use crate::domain::passwords::links::Purpose;
use crate::domain::rights::faults::{Fault, Wrong};
use crate::domain::users::User;
use crate::domain::users::contact::{Contact, Language};
use crate::domain::users::people::{Kind, Person, Profile};
use crate::domain::users::properties::{Assigned, Property};
use crate::policy::Permit;
use crate::store::StoreError;
use crate::store::authn::links::Issue;
use crate::store::users::UserChange;
use crate::store::users::people::{Beside, Newcomer, StoredPerson};

/// Values of properties to be set; none takes one away.
type Values = Vec<(PropertyId, Option<String>)>;

pub(super) async fn create(
    app: &App,
    permit: Permit,
    account: AccountId,
    (spec, defined): (&PersonSpec, &[Property]),
) -> Result<Step, Error> {
    let wanted = spec.properties.iter().map(|(key, value)| (key.clone(), Some(value.clone())));
    let mut faults = spec.faults();
    let properties = checked(defined, &wanted.collect(), &mut faults);
    refuse(faults)?;
    let (initial_password, told) = initial_password(app, spec).await?;
    let now = app.now();
    let id = ResourceId::new(app.next_id(now));
    let user = User::created(id, spec.document())?;
    let mut activity = app.activity(&permit, account, now);
    activity.target = Some(id.uuid());
    let kind = if spec.is_recipient { Kind::Recipient } else { Kind::User };
    let invitation = match &initial_password {
        None => invitation(app, (account, id), &user, &activity).await?,
        Some(_) => None,
    };
    activity.change = changed_values(&Map::new(), &user.document);
    let beside =
        Beside { kind, properties, invitation, initial_password, may_take_administrator: false };
    let place = (account.own_connection(), id);
    let made = app.store().create_person(place, (&user, &beside), &activity, permit).await?;
    if !made.done {
        return Err(taken(&user));
    }
    let person = Person {
        account,
        id,
        kind,
        connection: None,
        profile: Profile::of(&user.document),
        properties: after(&[], &beside.properties, defined),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let made = match told {
        None => Made::Person(person),
        Some(password) => Made::WithPassword(person, password),
    };
    Ok(Outcome::Person(Box::new(made)).into())
}

/// Somebody who is to be made together with their account, and invited.
pub(in crate::app) async fn newcomer(
    app: &App,
    (account, id): (&Account, ResourceId),
    spec: &PersonSpec,
    activity: &Activity,
) -> Result<Newcomer, Error> {
    refuse(spec.faults())?;
    let user = User::created(id, spec.document())?;
    let invitation = invitation(app, (account.id, id), &user, activity).await?;
    let beside = Beside { invitation, ..Beside::default() };
    Ok(app.store().newcomer((account.id.own_connection(), id), (&user, &beside), activity))
}

/// The hash of the password that is handed over, and the password itself if it was made here.
async fn initial_password(
    app: &App,
    spec: &PersonSpec,
) -> Result<(Option<String>, Option<SecretString>), Error> {
    let Some(wanted) = &spec.password else { return Ok((None, None)) };
    let names = [&spec.user_name, &spec.given_name, &spec.family_name, &spec.email];
    let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    match app.initial_password(wanted, &names).await? {
        Ok((hash, told)) => Ok((Some(hash), told)),
        Err(_) => Err(Error::Fields(vec![Wrong::WeakPassword.of("password", "")])),
    }
}

/// The link by which somebody chooses their first password (S9). The operator's staff come by SSO alone.
async fn invitation(
    app: &App,
    whose: (AccountId, ResourceId),
    user: &User,
    activity: &Activity,
) -> Result<Option<Issue>, Error> {
    let is_staff = app.store().operator().await? == Some(whose.0);
    match Contact::of(&user.document).address.filter(|_| !is_staff) {
        Some(address) => {
            let what = (Purpose::Invitation, address);
            app.link_to(whose, what, Language::default(), activity.clone()).map(Some)
        }
        None => Ok(None),
    }
}

pub(super) async fn edit(
    app: &App,
    permit: Permit,
    change: &PeopleChange,
    (edit, was, defined): (&PersonEdit, Option<Box<StoredPerson>>, &[Property]),
) -> Result<Step, Error> {
    let StoredPerson { person, stored } = *was.ok_or_else(|| no_such("user"))?;
    check_match(change.if_match.as_ref(), &person.version.to_string())?;
    let mut faults = edit.faults();
    if let Some(connection) = owner(&person) {
        let owned = |field| Wrong::OwnedByProvider.of(field, connection);
        faults = edit.attributes().into_iter().map(owned).collect();
    }
    let mut properties = checked(defined, &edit.properties, &mut faults);
    refuse(faults)?;
    let has = |id: &PropertyId| person.properties.iter().find(|it| it.property == *id);
    properties.retain(|(id, value)| has(id).map(|it| &it.value) != value.as_ref());
    let before = User::new(person.id, document(&person, &stored.record.document)?)?;
    let after_document = edit.applied(&before.document);
    let after_user = User::new(person.id, after_document)?;
    if after_user.document == before.document && properties.is_empty() {
        return Ok(Outcome::Person(Box::new(Made::Person(person))).into());
    }
    let mut activity = app.activity(&permit, change.account, app.now());
    activity.detail = Some(detail((&before, &after_user), &properties, defined));
    activity.change = changed_values(&before.document, &after_user.document);
    let may_take_administrator = before.active
        && !after_user.active
        && app.store().may_administer(change.account, person.id).await?;
    let beside = Beside { properties, may_take_administrator, ..Beside::default() };
    let user_change = UserChange {
        id: person.id,
        before: &before,
        after: &after_user,
        stored: &stored,
        activity: &activity,
    };
    match app.store().update_person(user_change, &beside, permit).await {
        Ok(applied) if applied.done => {
            let now = Person {
                profile: Profile::of(&after_user.document),
                properties: after(&person.properties, &beside.properties, defined),
                updated_at: activity.at,
                version: person.version + 1,
                ..person
            };
            Ok(Outcome::Person(Box::new(Made::Person(now))).into())
        }
        Ok(_) | Err(StoreError::Moved) => Ok(Step::Moved),
        Err(StoreError::Taken) => Err(taken(&after_user)),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn delete(
    app: &App,
    permit: Permit,
    change: &PeopleChange,
    was: Option<Box<StoredPerson>>,
) -> Result<Step, Error> {
    let StoredPerson { person, stored } = *was.ok_or_else(|| no_such("user"))?;
    check_match(change.if_match.as_ref(), &person.version.to_string())?;
    if let Some(connection) = owner(&person) {
        return Err(Error::Fields(vec![Wrong::OwnedByProvider.of("id", connection)]));
    }
    let user = User::new(person.id, document(&person, &stored.record.document)?)?;
    let mut activity = app.activity(&permit, change.account, app.now());
    activity.change = changed_values(&user.document, &Map::new());
    let (store, of) = (app.store(), (&stored, &user));
    let applied = if store.may_administer(change.account, person.id).await? {
        store.delete_administrator(person.id, of, &activity, permit).await
    } else {
        store.delete_user(person.id, of, &activity, permit).await
    };
    match applied {
        Ok(applied) if applied.done => Ok(Outcome::Done.into()),
        Ok(_) | Err(StoreError::Moved) => Ok(Step::Moved),
        Err(error) => Err(error.into()),
    }
}

/// Keeps the language that somebody chose to be spoken to in, beside their document: that stays as their
/// identity provider sent it, and says nothing against the choice when it is sent again (S11).
pub(super) async fn choose_language(
    app: &App,
    permit: Permit,
    whose: (AccountId, ResourceId),
    language: Option<&str>,
) -> Result<Step, Error> {
    let language = language.map(|language| language.trim().to_owned());
    refuse(PersonEdit { language: language.clone(), ..PersonEdit::default() }.faults())?;
    let activity = app.activity(&permit, whose.0, app.now());
    let chosen = app.store().choose_language(whose.1, language, &activity, permit).await?;
    if chosen.done { Ok(Outcome::Done.into()) } else { Err(no_such("user")) }
}

/// The connection whose identity provider says who they are.
fn owner(person: &Person) -> Option<&str> {
    person.connection.as_deref()
}

/// Values as they are to be set, by id; what does not fit is a fault.
fn checked(
    defined: &[Property],
    wanted: &BTreeMap<String, Option<String>>,
    faults: &mut Vec<Fault>,
) -> Values {
    let mut values = vec![];
    for (key, value) in wanted {
        let Some(property) = defined.iter().find(|it| it.key == *key) else {
            faults.push(Wrong::UnknownProperty.of("properties", key));
            continue;
        };
        match value {
            Some(value) if !property.takes(value) => {
                let said = format!("{key}: {value}");
                faults.push(Wrong::WrongPropertyValue.of("properties", &said));
            }
            Some(_) | None => values.push((property.id, value.clone())),
        }
    }
    values
}

/// The values that somebody has after a change, by key.
fn after(before: &[Assigned], changed: &Values, defined: &[Property]) -> Vec<Assigned> {
    let is_changed = |id: &PropertyId| changed.iter().any(|(changed, _)| changed == id);
    let kept = before.iter().filter(|it| !is_changed(&it.property)).cloned();
    let new = changed.iter().filter_map(|(id, value)| {
        let property = defined.iter().find(|it| it.id == *id)?;
        Some(Assigned {
            property: *id,
            key: property.key.clone(),
            value_type: property.value_type,
            value: value.clone()?,
        })
    });
    let mut all: Vec<Assigned> = kept.chain(new).collect();
    all.sort_by(|one, other| one.key.cmp(&other.key));
    all
}

/// The names of what changes, for the record.
fn detail((before, after): (&User, &User), properties: &Values, defined: &[Property]) -> Value {
    let mut detail = changed_attributes(&before.document, &after.document);
    let keys: BTreeSet<&str> = properties
        .iter()
        .filter_map(|(id, _)| defined.iter().find(|it| it.id == *id))
        .map(|it| it.key.as_str())
        .collect();
    if let (false, Some(detail)) = (keys.is_empty(), detail.as_object_mut()) {
        detail.insert("properties".to_owned(), json!(keys));
    }
    detail
}

fn document(person: &Person, text: &str) -> Result<Map<String, Value>, Error> {
    serde_json::from_str(text).map_err(|error| {
        let what = format!("{}: {error}", person.id);
        Error::Internal(StoreError::Inconsistent { table: "users", what })
    })
}

fn taken(user: &User) -> Error {
    let name = user.document.get("userName").and_then(Value::as_str).unwrap_or_default();
    Error::Fields(vec![Wrong::UserNameTaken.of("user_name", name)])
}
