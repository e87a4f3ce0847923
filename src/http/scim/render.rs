//! Resources as text: the stored document with `groups` or `members` and `meta` spliced in.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::domain::records::{Link, Record};
use crate::domain::rights::holdings::{HeldGift, HeldRight, Holdings};
use crate::scim::etag::ETag;
use crate::scim::project::Selection;
use crate::scim::schema::{COUNTERSIGN_USER, ResourceKind};

/// The JSON text of a resource, with the selected attributes.
pub(super) fn resource(record: &Record, base: &str, selection: &Selection) -> String {
    let whole = whole(record, base, selection.names("members", "display"));
    if selection.is_everything() {
        return whole;
    }
    match serde_json::from_str::<Map<String, Value>>(&whole) {
        Ok(mut document) => {
            if let Some(held) = &record.holdings {
                add_holdings(&mut document, held);
            }
            selection.apply(&mut document);
            serde_json::to_string(&document).unwrap_or(whole)
        }
        Err(_) => whole,
    }
}

/// The attributes of our extension that are what a user holds.
pub(super) const HELD: [&str; 4] =
    ["effectiveRights", "pendingRights", "effectiveRoles", "effectiveBundles"];

/// Where the resource is found.
pub(super) fn location(kind: ResourceKind, id: impl std::fmt::Display, base: &str) -> String {
    format!("{base}/{}/{id}", kind.endpoint())
}

/// An answer with a SCIM body.
pub(super) fn answer(status: StatusCode, body: String, plain: bool) -> Response {
    let media = if plain { "application/json" } else { "application/scim+json" };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn whole(record: &Record, base: &str, names_members: bool) -> String {
    let stored = record.document.strip_suffix('}').unwrap_or(&record.document);
    let mut text = String::with_capacity(stored.len() + 320);
    text.push_str(stored);
    links(&mut text, ("groups", true), &record.groups, base);
    if let Some(members) = &record.members {
        links(&mut text, ("members", names_members), members, base);
    }
    let version = ETag::new(record.version.as_str()).render();
    let _ = write!(
        text,
        ",\"meta\":{{\"resourceType\":\"{}\",\"created\":\"{}\",\"lastModified\":\"{}\",\
         \"location\":{},\"version\":{}}}}}",
        record.kind.name(),
        record.created_at,
        record.updated_at,
        Value::from(location(record.kind, record.id, base)),
        Value::from(version),
    );
    text
}

/// Puts what the user holds under our extension, and its URN among the schemas.
fn add_holdings(document: &mut Map<String, Value>, held: &Holdings) {
    let [effective, pending, roles, bundles] = HELD;
    let lists = [
        (effective, held.effective.iter().map(held_right).collect::<Vec<_>>()),
        (pending, held.pending.iter().map(held_right).collect()),
        (roles, held.roles.iter().map(held_gift).collect()),
        (bundles, held.bundles.iter().map(held_gift).collect()),
    ];
    let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
    let lists: Map<String, Value> =
        lists.map(|(name, list)| (name.to_owned(), list.into())).collect();
    if lists.is_empty() {
        return;
    }
    let home = document.entry(COUNTERSIGN_USER).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(home) = home {
        home.extend(lists);
    }
    if let Some(Value::Array(schemas)) = document.get_mut("schemas")
        && schemas.iter().all(|schema| schema != COUNTERSIGN_USER)
    {
        schemas.push(COUNTERSIGN_USER.into());
    }
}

fn held_right(held: &HeldRight) -> Value {
    let key = held.right.as_str();
    let mut right = json!({ "value": key, "display": key, "account": held.account });
    if let (Some(workspace), Some(right)) = (held.workspace, right.as_object_mut()) {
        right.insert("workspace".to_owned(), workspace.to_string().into());
    }
    right
}

fn held_gift(held: &HeldGift) -> Value {
    json!({ "value": held.value, "display": held.name })
}

/// Writes references, with or without what to show of each.
fn links(text: &mut String, (name, shows): (&str, bool), links: &[Link], base: &str) {
    if links.is_empty() {
        return;
    }
    let base = Value::from(base).to_string();
    let base = base.trim_matches('"');
    let _ = write!(text, ",\"{name}\":[");
    for (i, link) in links.iter().enumerate() {
        let kind = match (name, link.direct) {
            ("groups", true) => "direct",
            ("groups", false) => "indirect",
            _ => link.kind.name(),
        };
        let comma = if i > 0 { "," } else { "" };
        let (id, endpoint) = (link.id.uuid().hyphenated(), link.kind.endpoint());
        let _ = write!(text, "{comma}{{\"value\":\"{id}\",\"$ref\":\"{base}/{endpoint}/{id}\"");
        if shows {
            let _ = write!(text, ",\"display\":{}", Value::from(link.display.as_str()));
        }
        let _ = write!(text, ",\"type\":\"{kind}\"}}");
    }
    text.push(']');
}
