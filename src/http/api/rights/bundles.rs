//! `/accounts/{account}/bundles`: named sets of rights, the catalogue's and the account's own (S7).

use std::collections::BTreeSet;

use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::rights::lists::Upstream;
use crate::domain::command::rights::RightsEdit;
use crate::domain::ids::AccountId;
use crate::domain::records::pages::Place;
use crate::domain::rights::RightKey;
use crate::domain::rights::bundles::{Bundle, BundleEdit, BundleSpec};
use crate::domain::rights::faults::{Fault, Wrong};
use crate::http::api::call::{Call, Rehearsable, given};
use crate::http::api::problem::Problem;
use crate::http::api::query::{List, Sort};
use crate::http::api::rights::{self, read_id, refuse, show_origin};
use crate::scim::fold;

const LIST: List = List { filters: &[], sorts: &[Sort::text("name"), Sort::moment("created_at")] };
const MEMBERS: &str = "`name`, `description`, `rights`, `origin`";

/// A bundle to be made.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct New {
    name: String,
    description: String,
    rights: Option<Vec<String>>,
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
    rights: Option<Vec<String>>,
}

/// All that the account can use.
pub(in crate::http::api) async fn list(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let query = call.list_query(&LIST)?;
    let all = call.app.bundles(&actor, account.id).await.map_err(|error| call.fail(&error))?;
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
    let found = call.app.bundle(&actor, (account.id, call.id()?)).await;
    let bundle = found.map_err(|error| call.fail(&error))?;
    let upstream = call.app.upstream(&bundle).await.map_err(|error| call.fail(&error))?;
    Ok(call.tagged(bundle.version.to_string(), &body(&bundle, upstream.as_ref())))
}

/// Makes one, of nothing or as a copy.
pub(in crate::http::api) async fn add(Rehearsable(call): Rehearsable) -> Result<Response, Problem> {
    let home = call.account().await?;
    let new: New = call.json(MEMBERS)?;
    let mut faults = vec![];
    let rights = new.rights.map(|keys| read_keys(&keys, &mut faults));
    let origin = read_id((new.origin.as_deref(), "origin"), Wrong::UnknownBundle, &mut faults);
    if !faults.is_empty() {
        return Err(refuse(&call, faults));
    }
    let (name, description) = (new.name, new.description);
    let spec = BundleSpec { name, description, rights, origin };
    rights::make(call, home, RightsEdit::CreateBundle(spec)).await
}

/// Changes one of the account's own.
pub(in crate::http::api) async fn edit(
    Rehearsable(call): Rehearsable,
) -> Result<Response, Problem> {
    let home = call.account().await?;
    let id = call.id()?;
    let edit: Edit = call.json("`name`, `description`, `rights`")?;
    let mut faults = vec![];
    let rights = edit.rights.map(|keys| read_keys(&keys, &mut faults));
    if !faults.is_empty() {
        return Err(refuse(&call, faults));
    }
    let edit = BundleEdit { name: edit.name, description: edit.description, rights };
    rights::edit(call, home, RightsEdit::EditBundle(id, edit)).await
}

/// Takes one of the account's own away.
pub(in crate::http::api) async fn remove(
    Rehearsable(call): Rehearsable,
) -> Result<Response, Problem> {
    let home = call.account().await?;
    let id = call.id()?;
    rights::remove(call, home, RightsEdit::DeleteBundle(id)).await
}

fn read_keys(keys: &[String], faults: &mut Vec<Fault>) -> BTreeSet<RightKey> {
    let mut read = BTreeSet::new();
    for text in keys {
        match RightKey::parse(text) {
            Some(key) => drop(read.insert(key)),
            None => faults.push(Wrong::UnknownRight.of("rights", text)),
        }
    }
    read
}

/// A bundle as it is answered.
pub(super) fn body(bundle: &Bundle, upstream: Option<&Upstream<RightKey>>) -> Value {
    let mut body = json!({
        "id": bundle.id.to_string(),
        "name": bundle.name,
        "description": bundle.description,
        "rights": bundle.rights.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "predefined": bundle.account == AccountId::CATALOGUE,
        "created_at": bundle.created_at.rfc3339(),
        "updated_at": bundle.updated_at.rfc3339(),
    });
    if let Some(body) = body.as_object_mut() {
        if let Some(key) = &bundle.key {
            body.insert("key".to_owned(), key.as_str().into());
        }
        if let Some(user) = bundle.created_by {
            body.insert("created_by".to_owned(), user.to_string().into());
        }
        if let Some(origin) = &bundle.origin {
            body.insert("origin".to_owned(), show_origin(origin, upstream));
        }
    }
    body
}
