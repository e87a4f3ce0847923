//! What a change of rights changed, in words for what is kept beside the record: what was, what it became.

use serde_json::{Value, json};

use crate::app::rights::{Loaded, Made};
use crate::domain::command::rights::RightsEdit;
use crate::domain::event::Change;
use crate::domain::rights::RightKey;
use crate::domain::rights::bundles::{Bundle, Role};
use crate::domain::rights::sources::{Gift, Givee, Grant, Mapping, Period, Place};
use crate::domain::time::OPEN_END;

impl Loaded {
    /// What was; null of what is new.
    pub(super) fn was(&self) -> Value {
        match self {
            Self::Bundle(was, _) => was.as_ref().map(bundle),
            Self::Role(was, _) => was.as_ref().map(role),
            Self::Mapping(was) => was.as_ref().map(mapping),
            Self::Grant(was) => was.as_ref().map(grant),
            Self::Gift(_) => None,
        }
        .unwrap_or_default()
    }
}

/// What changed.
pub(super) fn change(edit: &RightsEdit, was: &Value, made: &Made) -> Change {
    let is_gone = match edit {
        RightsEdit::DeleteBundle(_)
        | RightsEdit::DeleteRole(_)
        | RightsEdit::Unmap(_)
        | RightsEdit::EndGrant(_) => true,
        RightsEdit::CreateBundle(_)
        | RightsEdit::EditBundle(..)
        | RightsEdit::CreateRole(_)
        | RightsEdit::EditRole(..)
        | RightsEdit::Map(_)
        | RightsEdit::EditMapping(..)
        | RightsEdit::Grant(_) => false,
    };
    let now = match made {
        Made::Bundle(it) => bundle(it),
        Made::Role(it) => role(it),
        Made::Mapping(it) => mapping(it),
        Made::Grant(it) => grant(it),
    };
    Change::between(was, &if is_gone { Value::Null } else { now })
}

fn bundle(it: &Bundle) -> Value {
    let rights: Vec<&str> = it.rights.iter().map(RightKey::as_str).collect();
    json!({ "name": it.name, "description": it.description, "rights": rights })
}

fn role(it: &Role) -> Value {
    let bundles: Vec<String> = it.bundles.iter().map(ToString::to_string).collect();
    json!({ "name": it.name, "description": it.description, "bundles": bundles })
}

fn mapping(it: &Mapping) -> Value {
    json!({
        "from": givee(&it.givee),
        "gives": gift(&it.gift),
        "place": place(&it.place),
        "period": period(&it.period),
        "paused": it.paused,
        "reason": it.reason,
    })
}

fn grant(it: &Grant) -> Value {
    json!({
        "user": it.user.to_string(),
        "gives": gift(&it.gift),
        "place": place(&it.place),
        "period": period(&it.period),
        "reason": it.reason,
    })
}

fn givee(it: &Givee) -> Value {
    match it {
        Givee::Group(id) => json!({ "group": id.to_string() }),
        Givee::Pushed { connection, value } => {
            json!({ "connection": connection.to_string(), "value": value })
        }
    }
}

fn gift(it: &Gift) -> Value {
    match it {
        Gift::Bundle(id) => json!({ "bundle": id.to_string() }),
        Gift::Role(id) => json!({ "role": id.to_string() }),
        Gift::Right(key) => json!({ "right": key.as_str() }),
    }
}

fn place(it: &Place) -> Value {
    match it {
        Place::Account => json!("account"),
        Place::Workspace(id) => json!({ "workspace": id.to_string() }),
        Place::Children => json!("children"),
    }
}

fn period(it: &Period) -> Value {
    let ends_at = (it.ends_at < OPEN_END).then(|| it.ends_at.rfc3339());
    json!({ "starts_at": it.starts_at.rfc3339(), "ends_at": ends_at })
}
