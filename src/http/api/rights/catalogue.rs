//! `/accounts/{account}/catalogue`: which rights there are and what they mean, in both languages (S5), and
//! what is predefined out of them.

use axum::response::Response;
use serde_json::{Value, json};

use crate::domain::rights::RightKey;
use crate::domain::rights::catalogue::{
    Catalogue, CatalogueRight, Localised, Release, Texts, bundle_id, role_id,
};
use crate::http::api::call::Call;
use crate::http::api::problem::Problem;

/// The active release.
pub(in crate::http::api) async fn show(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    call.params(&[])?;
    let found = call.app.catalogue_for(&actor, account.id).await;
    let release = found.map_err(|error| call.fail(&error))?;
    Ok(call.tagged(release.number.to_string(), &body(&release)))
}

fn body(release: &Release) -> Value {
    let catalogue = &release.catalogue;
    let permissions = catalogue.permissions.iter().map(|(key, it)| texts(key, it));
    let rights = catalogue.rights.iter().map(|(key, it)| right(catalogue, key, it));
    let bundles = catalogue.bundles.iter().map(|(key, it)| {
        let rights: Vec<&str> = it.rights.iter().map(RightKey::as_str).collect();
        let more = json!({ "id": bundle_id(key).to_string(), "rights": rights });
        with(texts(key, &it.texts), more)
    });
    let roles = catalogue.roles.iter().map(|(key, it)| {
        let bundles: Vec<String> =
            it.bundles.iter().map(|key| bundle_id(key).to_string()).collect();
        let id = role_id(key).to_string();
        let more = json!({ "id": id, "level": it.level.as_str(), "bundles": bundles });
        with(texts(key, &it.texts), more)
    });
    json!({
        "release": catalogue.hash(),
        "number": release.number,
        "activated_at": release.activated_at.rfc3339(),
        "permissions": permissions.collect::<Vec<Value>>(),
        "rights": rights.collect::<Vec<Value>>(),
        "bundles": bundles.collect::<Vec<Value>>(),
        "roles": roles.collect::<Vec<Value>>(),
    })
}

/// A right, and which others are lost by holding it where an account keeps them apart.
fn right(catalogue: &Catalogue, key: &RightKey, it: &CatalogueRight) -> Value {
    let conflicts = catalogue.conflicts.iter().filter(|pair| pair.held == *key);
    let more = json!({
        "recipient_safe": it.recipient_safe,
        "permission": it.permission,
        "privileged": it.privileged,
        "conflicts": conflicts.map(|pair| pair.lost.as_str()).collect::<Vec<_>>(),
    });
    with(texts(key.as_str(), &it.texts), more)
}

/// What people read of it.
fn texts(key: &str, texts: &Texts) -> Value {
    let both = |text: &Localised| json!({ "en": text.en, "fr": text.fr });
    json!({ "key": key, "label": both(&texts.label), "description": both(&texts.description) })
}

/// An object with the members of another.
fn with(mut one: Value, other: Value) -> Value {
    if let (Some(one), Value::Object(other)) = (one.as_object_mut(), other) {
        one.extend(other);
    }
    one
}
