//! `/accounts/{account}/roles`: named positions that carry bundles, the catalogue's and the account's own.

use std::collections::BTreeSet;

use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::rights::lists::Upstream;
use crate::domain::command::rights::RightsEdit;
use crate::domain::ids::{AccountId, BundleId};
use crate::domain::records::pages::Place;
use crate::domain::rights::bundles::{Level, Role, RoleEdit, RoleSpec};
use crate::domain::rights::faults::{Fault, Wrong};
use crate::http::api::call::{Call, Rehearsable, given};
use crate::http::api::problem::Problem;
use crate::http::api::query::{List, Sort};
use crate::http::api::rights::{self, read_id, refuse, show_origin};
use crate::scim::fold;

const LIST: List = List { filters: &[], sorts: &[Sort::text("name"), Sort::moment("created_at")] };
const MEMBERS: &str = "`name`, `description`, `level`, `bundles`, `origin`";

/// A role to be made.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct New {
    name: String,
    description: String,
    level: String,
    bundles: Option<Vec<String>>,
    origin: Option<String>,
}

/// What is to be different; what is left out stays (RFC 7396).
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Edit {
    #[serde(deserialize_with = "given")]
    name: Option<String>,
    #[serde(deserialize_with = "given")]
    description: Option<String>,
    #[serde(deserialize_with = "given")]
    bundles: Option<Vec<String>>,
}

/// All that the account can use.
pub(in crate::http::api) async fn list(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let query = call.list_query(&LIST)?;
    let all = call.app.roles(&actor, account.id).await.map_err(|error| call.fail(&error))?;
    let part = query.wanted.pick(all, |it| match query.wanted.order.field {
        "created_at" => Place::number(it.created_at.micros(), it.id.uuid()),
        _ => Place::text(fold::text(&it.name), it.id.uuid()),
    });
    Ok(call.page(&query, &part, |it| body(it, None)))
}

/// One of them; of a copy, what has changed of the original since.
pub(in crate::http::api) async fn show(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let found = call.app.role(&actor, (account.id, call.id()?)).await;
    let role = found.map_err(|error| call.fail(&error))?;
    let upstream = call.app.upstream_of_role(&role).await.map_err(|error| call.fail(&error))?;
    Ok(call.tagged(role.version.to_string(), &body(&role, upstream.as_ref())))
}

/// Makes one, of nothing or as a copy.
pub(in crate::http::api) async fn add(Rehearsable(call): Rehearsable) -> Result<Response, Problem> {
    let home = call.account().await?;
    let new: New = call.json(MEMBERS)?;
    let mut faults = vec![];
    let bundles = new.bundles.map(|ids| read_ids(&ids, &mut faults));
    let level = Level::parse(&new.level);
    if level.is_none() {
        let wrong = if new.level.is_empty() { Wrong::Missing } else { Wrong::WrongLevel };
        faults.push(wrong.of("level", &new.level));
    }
    let origin = read_id((new.origin.as_deref(), "origin"), Wrong::UnknownRole, &mut faults);
    let (Some(level), true) = (level, faults.is_empty()) else {
        return Err(refuse(&call, faults));
    };
    let (name, description) = (new.name, new.description);
    let spec = RoleSpec { name, description, level, bundles, origin };
    rights::make(call, home, RightsEdit::CreateRole(spec)).await
}

/// Changes one of the account's own.
pub(in crate::http::api) async fn edit(
    Rehearsable(call): Rehearsable,
) -> Result<Response, Problem> {
    let home = call.account().await?;
    let id = call.id()?;
    let edit: Edit = call.json("`name`, `description`, `bundles`")?;
    let mut faults = vec![];
    let bundles = edit.bundles.map(|ids| read_ids(&ids, &mut faults));
    if !faults.is_empty() {
        return Err(refuse(&call, faults));
    }
    let edit = RoleEdit { name: edit.name, description: edit.description, bundles };
    rights::edit(call, home, RightsEdit::EditRole(id, edit)).await
}

/// Takes one of the account's own away.
pub(in crate::http::api) async fn remove(
    Rehearsable(call): Rehearsable,
) -> Result<Response, Problem> {
    let home = call.account().await?;
    let id = call.id()?;
    rights::remove(call, home, RightsEdit::DeleteRole(id)).await
}

fn read_ids(ids: &[String], faults: &mut Vec<Fault>) -> BTreeSet<BundleId> {
    let mut read = BTreeSet::new();
    for text in ids {
        match text.parse() {
            Ok(id) => drop(read.insert(id)),
            Err(_) => faults.push(Wrong::UnknownBundle.of("bundles", text)),
        }
    }
    read
}

/// A role as it is answered.
pub(super) fn body(role: &Role, upstream: Option<&Upstream<BundleId>>) -> Value {
    let mut body = json!({
        "id": role.id.to_string(),
        "name": role.name,
        "description": role.description,
        "level": role.level.as_str(),
        "bundles": role.bundles.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "predefined": role.account == AccountId::CATALOGUE,
        "created_at": role.created_at.rfc3339(),
        "updated_at": role.updated_at.rfc3339(),
    });
    if let Some(body) = body.as_object_mut() {
        if let Some(key) = &role.key {
            body.insert("key".to_owned(), key.as_str().into());
        }
        if let Some(user) = role.created_by {
            body.insert("created_by".to_owned(), user.to_string().into());
        }
        if let Some(origin) = &role.origin {
            body.insert("origin".to_owned(), show_origin(origin, upstream));
        }
    }
    body
}
