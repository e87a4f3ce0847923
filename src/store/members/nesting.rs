//! Whether a change of members puts a group into another or takes it out: then what the account's groups
//! give has another shape (DECISIONS.md 11). A change of users alone leaves the account's row alone and
//! unlocked, since it would be the one row that all member changes wait for.
//!
//! These parts stand before those that change other rows than the group's own, so that scripts wait
//! for the account's row holding little.

use sea_orm::Value;

use crate::domain::event::Activity;
use crate::domain::time::OPEN_END;
use crate::store::members::{Ids, Place};
use crate::store::script::{Script, Sql};

/// The script's root took some of these in or out, or they are a new group's first members.
pub(super) fn changed(script: &mut Script, place: &Place<'_>, ids: &Ids<'_>) {
    let found = ids.each("groups", "id = ids.wanted AND connection_id = ? AND id <> ?");
    let condition = Sql::new(
        format!("SELECT 1 FROM {found}"),
        vec![
            ids.value(),
            place.activity.account.uuid().into(),
            place.connection.uuid().into(),
            place.group.uuid().into(),
        ],
    );
    reshape_if(script, place.activity, &condition);
}

/// A later part of the script takes these in, those that are not members yet.
pub(super) fn grows(script: &mut Script, place: &Place<'_>, ids: &Ids<'_>) {
    let found = ids.each(
        "groups",
        "id = ids.wanted AND connection_id = ? AND id <> ? AND deleted_at IS NULL \
         AND NOT EXISTS (SELECT 1 FROM group_members m WHERE m.account_id = d.account_id \
         AND m.group_id = ? AND m.valid_to = ? AND m.member_id = d.id)",
    );
    let group: Value = place.group.uuid().into();
    let condition = Sql::new(
        format!("SELECT 1 FROM {found}"),
        vec![
            ids.value(),
            place.activity.account.uuid().into(),
            place.connection.uuid().into(),
            group.clone(),
            group,
            OPEN_END.micros().into(),
        ],
    );
    reshape_if(script, place.activity, &condition);
}

/// A later part of the script takes out the members that are so (` = ?` and its value); all, if none
/// is said.
pub(in crate::store) fn shrinks(
    script: &mut Script,
    place: &Place<'_>,
    which: Option<(String, Value)>,
) {
    let mut condition = Sql::new(
        "SELECT 1 FROM group_members WHERE account_id = ? AND group_id = ? AND valid_to = ? \
         AND member_kind = 'Group'",
        vec![
            place.activity.account.uuid().into(),
            place.group.uuid().into(),
            OPEN_END.micros().into(),
        ],
    );
    if let Some((text, value)) = which {
        condition.push(&format!(" AND member_id{text}"), [value]);
    }
    reshape_if(script, place.activity, &condition);
}

/// The script's group goes, and with it whatever was mapped to it.
pub(in crate::store) fn ends(script: &mut Script, activity: &Activity) {
    reshape_if(script, activity, &Sql::new("SELECT 1", vec![]));
}

fn reshape_if(script: &mut Script, activity: &Activity, condition: &Sql) {
    let mut sql = Sql::new(
        "UPDATE accounts SET shape_version = shape_version + 1 WHERE id = ? AND {guard}",
        vec![activity.account.uuid().into()],
    );
    sql.push(&format!(" AND EXISTS ({})", condition.text), condition.values.clone());
    script.then(&sql.text, sql.values);
}
