//! `/accounts/{account}/users`, `…/recipients`, `…/properties`: an account's people, made and changed by
//! its administrators (S9, S11, S12, S14).

mod export;
pub(super) mod properties;
pub(super) mod recipients;
pub(super) mod users;

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Map, Number, Value, json};

use crate::app::Outcome;
use crate::app::users::people::Made;
use crate::domain::account::Account;
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::command::people::{
    InitialPassword, PeopleChange, PeopleEdit, PersonEdit, PersonSpec,
};
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::users::people::{Filter, Kind, Person};
use crate::domain::users::properties::{Assigned, ValueType};
use crate::http::api::call::Call;
use crate::http::api::call::once::{Keeps, Wish};
use crate::http::api::problem::{Kind as Wrong, Problem};
use crate::http::api::query::{List, Sort, Wrong as WrongParameter};

const LIST: List = List { filters: &["active", "user_name"], sorts: &[Sort::text("user_name")] };
const NEW: &str = "`user_name`, `given_name`, `family_name`, `language`, `email`, \
                   `technical_notifications`, `properties`, `password` (\"generated\" or \
                   {\"chosen\": \"…\"})";
const EDIT: &str = "`user_name`, `given_name`, `family_name`, `language`, `email`, \
                    `technical_notifications`, `active`, `properties`";

/// Somebody to be made.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct New {
    user_name: String,
    given_name: String,
    family_name: String,
    language: String,
    email: String,
    technical_notifications: bool,
    properties: BTreeMap<String, Scalar>,
    password: Option<FirstPassword>,
}

/// A password to hand over.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum FirstPassword {
    Chosen(SecretString),
    Generated,
}

/// What is to be different; what is left out stays (RFC 7396), and a property that is null goes.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Edit {
    user_name: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    language: Option<String>,
    email: Option<String>,
    technical_notifications: Option<bool>,
    active: Option<bool>,
    properties: BTreeMap<String, Option<Scalar>>,
}

/// A value as it is sent.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Truth(bool),
    Number(Number),
    Text(String),
}

impl Scalar {
    fn text(self) -> String {
        match self {
            Self::Truth(is) => is.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }
}

async fn list(call: &Call, kind: Kind) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let query = call.list_query(&LIST)?;
    let truth = |text: &str| text.parse().ok();
    let filter = Filter {
        kind: Some(kind),
        active: query.params.parsed(call, "active", WrongParameter::Truth, truth)?,
        user_name: query.params.text("user_name").map(str::to_owned),
    };
    let part = call.app.people(&actor, account.id, (&filter, &query.wanted)).await;
    let part = part.map_err(|error| call.fail(&error))?;
    Ok(call.page(&query, &part, body))
}

async fn show(call: &Call, kind: Kind) -> Result<Response, Problem> {
    call.params(&[])?;
    let (_, _, person) = find(call, kind).await?;
    Ok(tagged(call, &person))
}

async fn add(call: Call, kind: Kind) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let new: New = call.json(NEW)?;
    let values = new.properties.into_iter().map(|(key, value)| (key, value.text()));
    let spec = PersonSpec {
        is_recipient: kind == Kind::Recipient,
        user_name: new.user_name,
        given_name: new.given_name,
        family_name: new.family_name,
        language: new.language,
        email: new.email,
        technical_notifications: new.technical_notifications,
        properties: values.collect(),
        password: new.password.map(|password| match password {
            FirstPassword::Chosen(text) => InitialPassword::Chosen(text),
            FirstPassword::Generated => InitialPassword::Generated,
        }),
    };
    let keeps = match spec.password {
        Some(InitialPassword::Generated) => Keeps::Nothing,
        Some(InitialPassword::Chosen(_)) | None => Keeps::Answer,
    };
    let command = command(&call, account.id, PeopleEdit::Create(spec));
    call.once(keeps, Wish { actor, account, command }, added).await
}

async fn added(call: Call, wish: Wish) -> Result<Response, Problem> {
    let (person, password) = changed(&call, &wish.actor, wish.command).await?;
    let mut body = body(&person);
    if let (Some(password), Some(body)) = (&password, body.as_object_mut()) {
        body.insert("password".to_owned(), password.expose_secret().into());
    }
    Ok(call.created(&person.id.to_string(), person.version.to_string(), &body))
}

async fn edit(call: &Call, kind: Kind) -> Result<Response, Problem> {
    let edit: Edit = call.json(EDIT)?;
    let (actor, account, person) = find(call, kind).await?;
    let values = edit.properties.into_iter().map(|(key, value)| (key, value.map(Scalar::text)));
    let edit = PersonEdit {
        user_name: edit.user_name,
        given_name: edit.given_name,
        family_name: edit.family_name,
        language: edit.language,
        email: edit.email,
        technical_notifications: edit.technical_notifications,
        active: edit.active,
        properties: values.collect(),
    };
    let command = command(call, account.id, PeopleEdit::Edit(person.id, edit));
    Ok(tagged(call, &change(call, &actor, command).await?))
}

async fn remove(call: &Call, kind: Kind) -> Result<Response, Problem> {
    let (actor, account, person) = find(call, kind).await?;
    let command = command(call, account.id, PeopleEdit::Delete(person.id));
    call.app.change(&actor, command).await.map_err(|error| call.fail(&error))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Mails them a link to choose a password; it is in no answer (S10, S11).
async fn send_password_mail(call: Call, kind: Kind) -> Result<Response, Problem> {
    let (actor, account, person) = find(&call, kind).await?;
    let command = command(&call, account.id, PeopleEdit::SendPasswordMail(person.id));
    call.once(Keeps::Answer, Wish { actor, account, command }, sent).await
}

async fn sent(call: Call, wish: Wish) -> Result<Response, Problem> {
    call.app.change(&wish.actor, wish.command).await.map_err(|error| call.fail(&error))?;
    Ok(StatusCode::ACCEPTED.into_response())
}

/// Who is named in the path. Of another kind there is nobody.
async fn find(call: &Call, kind: Kind) -> Result<(Actor, Account, Person), Problem> {
    let (actor, account) = call.account().await?;
    let id: ResourceId = call.id()?;
    let found = call.app.person(&actor, account.id, (Some(kind), id)).await;
    Ok((actor, account, found.map_err(|error| call.fail(&error))?))
}

fn command(call: &Call, account: AccountId, what: PeopleEdit) -> Command {
    let if_match = call.if_match.clone();
    Command::ChangePeople(Box::new(PeopleChange { account, what, if_match }))
}

async fn change(call: &Call, actor: &Actor, command: Command) -> Result<Person, Problem> {
    changed(call, actor, command).await.map(|(person, _)| person)
}

/// Who was made or changed, and the password that was made for them.
async fn changed(
    call: &Call,
    actor: &Actor,
    command: Command,
) -> Result<(Person, Option<SecretString>), Problem> {
    match call.app.change(actor, command).await {
        Ok(Outcome::Person(made)) => match *made {
            Made::Person(person) => Ok((person, None)),
            Made::WithPassword(person, password) => Ok((person, Some(password))),
            Made::Property(_) => Err(call.problem(Wrong::Internal)),
        },
        Ok(_) => Err(call.problem(Wrong::Internal)),
        Err(error) => Err(call.fail(&error)),
    }
}

fn tagged(call: &Call, person: &Person) -> Response {
    call.tagged(person.version.to_string(), &body(person))
}

fn body(it: &Person) -> Value {
    let profile = &it.profile;
    let values: Map<String, Value> =
        it.properties.iter().map(|it| (it.key.clone(), value(it))).collect();
    json!({
        "id": it.id.to_string(),
        "user_name": profile.user_name,
        "given_name": profile.given_name,
        "family_name": profile.family_name,
        "language": profile.language,
        "email": profile.email,
        "technical_notifications": profile.technical_notifications,
        "active": profile.active,
        "connection": it.connection,
        "missing": profile.missing(),
        "properties": values,
        "created_at": it.created_at.rfc3339(),
        "updated_at": it.updated_at.rfc3339(),
    })
}

/// A value as JSON has its type.
fn value(it: &Assigned) -> Value {
    match it.value_type {
        ValueType::Text | ValueType::Date | ValueType::Choice => it.value.as_str().into(),
        ValueType::Number | ValueType::Boolean => {
            serde_json::from_str(&it.value).unwrap_or_else(|_| it.value.as_str().into())
        }
    }
}
