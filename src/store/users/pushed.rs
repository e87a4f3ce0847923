//! The roles and entitlements that a user's connection pushed, as rows that mappings meet.
//!
//! They stand in the user's document as well, as they came. Rows have periods: what is pushed no more
//! is closed, so that a past day can be asked about (DECISIONS.md 27).

use crate::domain::event::Activity;
use crate::domain::ids::{ConnectionId, ResourceId};
use crate::domain::time::OPEN_END;
use crate::store::members;
use crate::store::script::Script;

/// Adds to a script that these folded values are pushed from its moment on.
pub(super) fn begin<'a>(
    script: &mut Script,
    (activity, connection, user): (&Activity, ConnectionId, ResourceId),
    values: impl Iterator<Item = &'a String>,
) {
    let Some(values) = as_json(values) else { return };
    script.then(
        &format!(
            "INSERT INTO pushed_values (account_id, user_id, valid_to, value_key, connection_id, \
             valid_from) SELECT ?, ?, ?, el.value, ?, ? FROM {} WHERE {{guard}}",
            script.dialect().each_text()
        ),
        vec![
            activity.account.uuid().into(),
            user.uuid().into(),
            OPEN_END.micros().into(),
            connection.uuid().into(),
            activity.at.micros().into(),
            values.into(),
        ],
    );
}

/// Adds to a script that these folded values are pushed no more.
pub(super) fn end<'a>(
    script: &mut Script,
    (activity, user): (&Activity, ResourceId),
    values: impl Iterator<Item = &'a String>,
) {
    let Some(values) = as_json(values) else { return };
    script.then(
        &format!(
            "UPDATE pushed_values SET {} WHERE account_id = ? AND user_id = ? AND valid_to = ? \
             AND value_key IN (SELECT el.value FROM {}) AND {{guard}}",
            members::end(script.dialect()),
            script.dialect().each_text()
        ),
        vec![
            activity.at.micros().into(),
            activity.at.micros().into(),
            activity.account.uuid().into(),
            user.uuid().into(),
            OPEN_END.micros().into(),
            values.into(),
        ],
    );
}

/// Nothing if there are none: a user without roles costs nothing more.
fn as_json<'a>(values: impl Iterator<Item = &'a String>) -> Option<String> {
    let values: Vec<&String> = values.collect();
    if values.is_empty() { None } else { Some(serde_json::json!(values).to_string()) }
}
