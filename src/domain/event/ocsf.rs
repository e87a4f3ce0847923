//! An activity in the words of the Open Cybersecurity Schema Framework (OCSF 1.3), for whoever gathers
//! records of many systems.
//!
//! Classes: 3001 Account Change, 3002 Authentication, 3005 User Access Management, 3006 Group
//! Management; what is none of these is 6003 API Activity. `type_uid` is class × 100 + activity.

use serde_json::{Value, json};

use crate::domain::event::canonical::hex;
use crate::domain::event::listed::Listed;

/// The version of the schema.
const VERSION: &str = "1.3.0";
/// An activity that the class has no number for.
const OTHER: u16 = 99;

/// Where an action stands in the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    class: u16,
    activity: u16,
}

const fn place(class: u16, activity: u16) -> Place {
    Place { class, activity }
}

impl Place {
    fn of(it: &Listed) -> Self {
        let account = 3001;
        match it.action.as_str() {
            "user.created" => place(account, 1),
            "password.changed" | "password.chosen" | "initial_password.used" => place(account, 3),
            "reset.sent" | "password_mail.sent" => place(account, 4),
            "user.deleted" => place(account, 6),
            "factors.locked" => place(account, 9),
            "factor.enrolled" => place(account, 10),
            "factor.removed" => place(account, 11),
            "session.started" | "session.stepped_up" => place(3002, 1),
            "session.ended" => place(3002, 2),
            "grant.given" | "group_mapping.created" | "group_mapping.resumed" => place(3005, 1),
            "grant.ended" | "group_mapping.deleted" | "group_mapping.paused" => place(3005, 2),
            "group.deleted" => place(3006, 5),
            "group.created" => place(3006, 6),
            "group.patched" | "group.replaced" => place(3006, of_members(it)),
            _ => match it.target.kind.as_str() {
                "user" | "person" | "factor" => place(account, OTHER),
                "grant" | "bundle" | "role" | "group_mapping" => place(3005, OTHER),
                _ => place(6003, of_word(&it.action)),
            },
        }
    }

    fn name(self) -> &'static str {
        match self.class {
            3001 => "Account Change",
            3002 => "Authentication",
            3005 => "User Access Management",
            3006 => "Group Management",
            _ => "API Activity",
        }
    }

    fn category(self) -> (u16, &'static str) {
        match self.class {
            6003 => (6, "Application Activity"),
            _ => (3, "Identity & Access Management"),
        }
    }
}

/// Users added, users removed, or something else of a group.
fn of_members(it: &Listed) -> u16 {
    let count = |name: &str| {
        it.detail.as_ref().and_then(|detail| detail.get(name)).and_then(Value::as_u64).unwrap_or(0)
    };
    match (count("membersAdded"), count("membersRemoved")) {
        (1.., 0) => 3,
        (0, 1..) => 4,
        _ => OTHER,
    }
}

/// Create, read, update and delete of class 6003.
fn of_word(action: &str) -> u16 {
    match action.rsplit('.').next().unwrap_or_default() {
        "created" | "added" | "issued" | "made" | "defined" => 1,
        "changed" | "renamed" | "rotated" | "moved" | "state_changed" | "permission_changed"
        | "conflict_changed" => 3,
        "deleted" | "removed" | "revoked" | "closed" => 4,
        _ => OTHER,
    }
}

/// The activity as an event of the schema.
pub fn event(it: &Listed) -> Value {
    let place = Place::of(it);
    let (category, category_name) = place.category();
    let is_denied = it.outcome == "denied";
    let mut event = json!({
        "activity_id": place.activity,
        "activity_name": it.action,
        "category_uid": category,
        "category_name": category_name,
        "class_uid": place.class,
        "class_name": place.name(),
        "type_uid": u32::from(place.class) * 100 + u32::from(place.activity),
        "time": it.at.micros().div_euclid(1000),
        // Informational, or medium: somebody tried what is not allowed.
        "severity_id": if is_denied { 3 } else { 1 },
        "status_id": if is_denied { 2 } else { 1 },
        "status": if is_denied { "Failure" } else { "Success" },
        "message": format!("{} {}", it.action, it.outcome),
        "metadata": {
            "version": VERSION,
            "uid": it.id.to_string(),
            "tenant_uid": it.account.to_string(),
            "correlation_uid": it.request_id,
            "product": {
                "name": "Countersign",
                "vendor_name": "Countersign",
                "version": env!("CARGO_PKG_VERSION"),
            },
        },
        "actor": { "user": actor(it) },
        "unmapped": unmapped(it),
    });
    if let Some(rule) =
        it.detail.as_ref().and_then(|detail| detail.get("rule")).and_then(Value::as_str)
    {
        put(&mut event, "status_detail", json!(rule));
    }
    if let Some(ip) = it.values().ip {
        put(&mut event, "src_endpoint", json!({ "ip": ip }));
    }
    about(&mut event, it, place);
    event
}

/// What each class asks for besides.
fn about(event: &mut Value, it: &Listed, place: Place) {
    let target = json!({ "uid": it.target.id, "name": it.target.name });
    match place.class {
        3001 => put(event, "user", target),
        3002 => {
            put(event, "user", actor(it));
            put(event, "session", json!({ "uid": it.target.id }));
            put(event, "dst_endpoint", json!({ "svc_name": "countersign" }));
        }
        3005 => {
            let detail =
                |name: &str| it.detail.as_ref().and_then(|detail| detail.get(name)).cloned();
            put(event, "user", json!({ "uid": detail("user"), "name": null }));
            let privilege = format!("{}:{}", it.target.kind, it.target.id.unwrap_or_default());
            put(event, "privileges", json!([privilege]));
        }
        3006 => put(event, "group", target),
        _ => {
            put(event, "api", json!({ "operation": it.action }));
            put(event, "src_endpoint", json!({ "ip": it.values().ip, "svc_name": it.door }));
            let resource =
                json!({ "type": it.target.kind, "uid": it.target.id, "name": it.target.name });
            put(event, "resources", json!([resource]));
        }
    }
}

/// Who: a user (1), or what is no person: a service (4).
fn actor(it: &Listed) -> Value {
    let (type_id, kind) = if it.actor.kind == "user" { (1, "User") } else { (4, "Service") };
    let name = it.actor.name.clone().unwrap_or_else(|| it.actor.kind.clone());
    let uid = it.actor.id.map_or_else(|| it.actor.kind.clone(), |id| id.to_string());
    json!({ "uid": uid, "name": name, "type_id": type_id, "type": kind })
}

/// What the schema has no word for: our own.
fn unmapped(it: &Listed) -> Value {
    let values = it.values();
    json!({
        "detail": it.detail,
        "before": values.before,
        "after": values.after,
        "door": it.door,
        "policy_version": it.policy_version,
        "seq": it.link.as_ref().map(|link| link.seq),
        "hash": it.link.as_ref().map(|link| hex(&link.hash)),
    })
}

fn put(event: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = event {
        members.insert(name.to_owned(), value);
    }
}

#[cfg(test)]
mod tests;
