//! Memberships: rows, one for each period. Adding one member to a group costs the same whatever the
//! group's size.
//!
//! An id that names no live user or group of the connection is passed over (DECISIONS.md 21).

pub(super) mod nesting;

use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, ConnectionId, ResourceId};
use crate::domain::time::OPEN_END;
use crate::policy::{Permit, Scope};
use crate::store::dialect::Dialect;
use crate::store::script::{Applied, Script, Sql};
use crate::store::writer::{Warrant, Write};
use crate::store::{Result, Store};

/// A set of ids in a statement: one as a plain value, several as one JSON value, so that a text
/// serves every size.
pub(super) struct Ids<'a> {
    dialect: Dialect,
    ids: &'a [ResourceId],
}

impl<'a> Ids<'a> {
    pub(super) fn new(dialect: Dialect, ids: &'a [ResourceId]) -> Self {
        Self { dialect, ids }
    }

    /// ` = ?` or ` IN (…)`.
    pub(super) fn matches(&self) -> String {
        match self.ids {
            [_] => " = ?".to_owned(),
            _ => format!(" IN {}", self.dialect.each_id()),
        }
    }

    /// ` NOT IN (…)`.
    fn excludes(&self) -> String {
        match self.ids {
            [_] => " <> ?".to_owned(),
            _ => format!(" NOT IN {}", self.dialect.each_id()),
        }
    }

    /// The value that [`Ids::matches`] and [`Ids::each`] take.
    pub(super) fn value(&self) -> Value {
        match self.ids {
            [one] => one.uuid().into(),
            several => {
                let texts: Vec<String> =
                    several.iter().map(|id| id.uuid().simple().to_string()).collect();
                serde_json::json!(texts).to_string().into()
            }
        }
    }

    /// The rows `d` of an account's table that belong to each id, looked up one by one: takes
    /// [`Ids::value`], then the account, then what else the condition asks.
    pub(super) fn each(&self, table: &str, condition: &str) -> String {
        let condition = format!("account_id = ? AND {condition}");
        self.dialect.look_up_each(&self.table(), table, &condition)
    }

    /// A table `ids(wanted)` of them; takes [`Ids::value`].
    pub(super) fn table(&self) -> String {
        match self.ids {
            [_] => format!("(SELECT CAST(? AS {}) AS wanted) ids", self.dialect.uuid_type()),
            _ => self.dialect.wanted_ids().to_owned(),
        }
    }
}

impl Store {
    /// Adds members, or removes them: the whole of the commonest group PATCH, one statement. Not done
    /// if none of them changes anything; no version if there is no such group.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn change_members(
        &self,
        (connection, group): (ConnectionId, ResourceId),
        change: OneWay<'_>,
        activity: &Activity,
        permit: Permit,
    ) -> Result<Applied> {
        let place = Place { activity, connection, group };
        let (root, ids) = match change {
            OneWay::Add(ids) => {
                let ids = Ids::new(self.dialect, ids);
                (insert(&place, &ids, "g.deleted_at IS NULL"), ids)
            }
            OneWay::Remove(ids) => {
                let ids = Ids::new(self.dialect, ids);
                (close(&place, &ids, &ids.matches(), "1 = 1"), ids)
            }
        };
        let known = known(&place, &ids);
        let mut script = Script::begin(self.dialect, activity, &root);
        nesting::changed(&mut script, &place, &ids);
        touch_users(&mut script, activity, &ids);
        script.then(
            "UPDATE groups SET version = version + 1, updated_at = ? \
             WHERE account_id = ? AND id = ? AND {guard}",
            vec![activity.at.micros().into(), activity.account.uuid().into(), group.uuid().into()],
        );
        let write = Write::Script(script.finish_group(group, known));
        self.writer.apply(write, Warrant::Decided(permit)).await
    }

    /// How far the group's members are from the wanted set: (how many to add, how many to remove).
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn member_difference(
        &self,
        scope: &Scope,
        group: ResourceId,
        wanted: &[ResourceId],
    ) -> Result<(i64, i64)> {
        let Scope::Connection(account, connection) = scope else { return Ok((0, 0)) };
        let wanted: Vec<ResourceId> = wanted.iter().copied().filter(|id| *id != group).collect();
        let ids = Ids::new(self.dialect, &wanted);
        let live = live(&ids, [account.uuid().into(), connection.uuid().into()]);
        let mut sql =
            Sql::new(format!("SELECT (SELECT count(*) FROM ({}) m), ", live.text), live.values);
        let present =
            ids.each("group_members", "group_id = ? AND valid_to = ? AND member_id = ids.wanted");
        sql.push(&format!("(SELECT count(*) FROM {present}), "), [ids.value()]);
        let place: [Value; 3] =
            [account.uuid().into(), group.uuid().into(), OPEN_END.micros().into()];
        sql.values.extend(place.clone());
        let all = "account_id = ? AND group_id = ? AND valid_to = ?";
        sql.push(&format!("(SELECT count(*) FROM group_members WHERE {all})"), place);
        let row = self.reads.query_one_raw(sql.statement(self.dialect)).await?;
        let Some(row) = row else { return Ok((0, 0)) };
        let (known, present): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let all: i64 = row.try_get_by_index(2)?;
        Ok((known - present, all - present))
    }

    /// Which of the ids could be members of a group, and whether each is a group itself; none if there
    /// is no such group.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn possible_members(
        &self,
        (account, group): (AccountId, ResourceId),
        wanted: &[ResourceId],
    ) -> Result<Option<Vec<(ResourceId, bool)>>> {
        let owner = Sql::new(
            "SELECT connection_id FROM groups WHERE account_id = ? AND id = ? AND deleted_at IS NULL",
            vec![account.uuid().into(), group.uuid().into()],
        );
        let row = self.reads.query_one_raw(owner.statement(self.dialect)).await?;
        let Some(row) = row else { return Ok(None) };
        let connection: Uuid = row.try_get_by_index(0)?;
        let wanted: Vec<ResourceId> = wanted.iter().copied().filter(|id| *id != group).collect();
        let ids = Ids::new(self.dialect, &wanted);
        let live = live(&ids, [account.uuid().into(), connection.into()]);
        let mut found = vec![];
        for row in self.reads.query_all_raw(live.statement(self.dialect)).await? {
            let kind: String = row.try_get_by_index(1)?;
            found.push((ResourceId::new(row.try_get_by_index(0)?), kind == "Group"));
        }
        Ok(Some(found))
    }

    /// Which of the ids name a live user or group of the connection.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn count_known(&self, scope: &Scope, wanted: &[ResourceId]) -> Result<i64> {
        let Scope::Connection(account, connection) = scope else { return Ok(0) };
        let ids = Ids::new(self.dialect, wanted);
        let live = live(&ids, [account.uuid().into(), connection.uuid().into()]);
        let sql = Sql::new(format!("SELECT count(*) FROM ({}) m", live.text), live.values);
        let row = self.reads.query_one_raw(sql.statement(self.dialect)).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0))
    }
}

/// A change of members in one direction.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OneWay<'a> {
    /// These become members.
    Add(&'a [ResourceId]),
    /// These stop being members.
    Remove(&'a [ResourceId]),
}

/// Where members change.
pub(super) struct Place<'a> {
    /// The record's line; its moment begins or ends the membership.
    pub(super) activity: &'a Activity,
    /// The connection that owns the group.
    pub(super) connection: ConnectionId,
    /// The group.
    pub(super) group: ResourceId,
}

/// Adds to a script that these are the members of a group made by its root, and so not yet to be
/// seen by the later parts.
pub(super) fn then_begin_with(script: &mut Script, place: &Place<'_>, ids: &Ids<'_>) {
    let account: Value = place.activity.account.uuid().into();
    let live = live(ids, [account.clone(), place.connection.uuid().into()]);
    let mut values = vec![account, place.group.uuid().into(), place.activity.at.micros().into()];
    values.extend(live.values);
    script.then(
        &format!(
            "INSERT INTO group_members (account_id, group_id, valid_to, member_id, member_kind, \
             valid_from) SELECT CAST(? AS {uuid}), CAST(? AS {uuid}), {open}, m.id, m.kind, \
             CAST(? AS bigint) FROM ({live}) m WHERE {{guard}} ON CONFLICT DO NOTHING",
            uuid = script.dialect().uuid_type(),
            open = OPEN_END.micros(),
            live = live.text,
        ),
        values,
    );
    nesting::changed(script, place, ids);
    touch_users(script, place.activity, ids);
}

/// Adds to a script that these become members, those that are not yet.
pub(super) fn then_add(script: &mut Script, place: &Place<'_>, ids: &Ids<'_>) {
    nesting::grows(script, place, ids);
    let sql = insert(place, ids, "{guard}");
    script.then(&sql.text, sql.values);
    touch_users(script, place.activity, ids);
}

/// Adds to a script that these stop being members.
pub(super) fn then_remove(script: &mut Script, place: &Place<'_>, ids: &Ids<'_>) {
    nesting::shrinks(script, place, Some((ids.matches(), ids.value())));
    let sql = close(place, ids, &ids.matches(), "{guard}");
    script.then(&sql.text, sql.values);
    touch_users(script, place.activity, ids);
}

/// Adds to a script that all but these stop being members.
pub(super) fn then_keep_only(script: &mut Script, place: &Place<'_>, ids: &Ids<'_>) {
    let account: Value = place.activity.account.uuid().into();
    nesting::shrinks(script, place, Some((ids.excludes(), ids.value())));
    script.then(
        &format!(
            "UPDATE users SET rights_version = rights_version + 1 WHERE account_id = ? \
             AND id IN (SELECT member_id FROM group_members WHERE account_id = ? \
             AND group_id = ? AND valid_to = ? AND member_id{}) AND {{guard}}",
            ids.excludes()
        ),
        vec![
            account.clone(),
            account,
            place.group.uuid().into(),
            OPEN_END.micros().into(),
            ids.value(),
        ],
    );
    let sql = close(place, ids, &ids.excludes(), "{guard}");
    script.then(&sql.text, sql.values);
}

/// Adds to a script that a user or group stops being a member of whatever it is one of.
pub(super) fn leave_all(script: &mut Script, activity: &Activity, member: ResourceId) {
    let (account, now) = (activity.account.uuid(), activity.at.micros());
    let open = OPEN_END.micros();
    script.then(
        "UPDATE groups SET version = version + 1, updated_at = ? WHERE account_id = ? \
         AND id IN (SELECT group_id FROM group_members WHERE account_id = ? AND member_id = ? \
         AND valid_to = ?) AND {guard}",
        vec![now.into(), account.into(), account.into(), member.uuid().into(), open.into()],
    );
    script.then(
        &format!(
            "UPDATE group_members SET {} \
             WHERE account_id = ? AND member_id = ? AND valid_to = ? AND {{guard}}",
            end(script.dialect())
        ),
        vec![now.into(), now.into(), account.into(), member.uuid().into(), open.into()],
    );
}

/// Adds to a script that a group loses all its members.
pub(super) fn dismiss_all(script: &mut Script, activity: &Activity, group: ResourceId) {
    let (account, now) = (activity.account.uuid(), activity.at.micros());
    let open = OPEN_END.micros();
    script.then(
        "UPDATE users SET rights_version = rights_version + 1 WHERE account_id = ? \
         AND id IN (SELECT member_id FROM group_members WHERE account_id = ? AND group_id = ? \
         AND valid_to = ?) AND {guard}",
        vec![account.into(), account.into(), group.uuid().into(), open.into()],
    );
    script.then(
        &format!(
            "UPDATE group_members SET {} \
             WHERE account_id = ? AND group_id = ? AND valid_to = ? AND {{guard}}",
            end(script.dialect())
        ),
        vec![now.into(), now.into(), account.into(), group.uuid().into(), open.into()],
    );
}

/// A select of (id, kind) of the live users and groups among the ids.
fn live(ids: &Ids<'_>, [account, connection]: [Value; 2]) -> Sql {
    let alive = "connection_id = ? AND deleted_at IS NULL AND id = ids.wanted";
    let (users, groups) = (ids.each("users", alive), ids.each("groups", alive));
    Sql::new(
        format!(
            "SELECT d.id, 'User' AS kind FROM {users} \
             UNION ALL SELECT d.id, 'Group' AS kind FROM {groups}"
        ),
        vec![ids.value(), account.clone(), connection.clone(), ids.value(), account, connection],
    )
}

fn insert(place: &Place<'_>, ids: &Ids<'_>, condition: &str) -> Sql {
    let account: Value = place.activity.account.uuid().into();
    let connection: Value = place.connection.uuid().into();
    let live = live(ids, [account.clone(), connection.clone()]);
    let mut sql = Sql::new(
        format!(
            "INSERT INTO group_members (account_id, group_id, valid_to, member_id, member_kind, \
             valid_from) SELECT g.account_id, g.id, {open}, m.id, m.kind, {now} \
             FROM groups g CROSS JOIN ({live}) m WHERE g.account_id = ? AND g.id = ? \
             AND g.connection_id = ? AND m.id <> g.id AND {condition} ON CONFLICT DO NOTHING",
            open = OPEN_END.micros(),
            now = "CAST(? AS bigint)",
            live = live.text,
        ),
        vec![place.activity.at.micros().into()],
    );
    sql.values.extend(live.values);
    sql.values.extend([account, place.group.uuid().into(), connection]);
    sql
}

/// Ends a period at a moment, which is the value, given twice. Commands that run at once may be
/// applied in another order than that of their moments: then it began no later.
pub(super) fn end(dialect: Dialect) -> String {
    format!("valid_to = ?, valid_from = {}", dialect.lesser("valid_from", "? - 1"))
}

fn close(place: &Place<'_>, ids: &Ids<'_>, which: &str, condition: &str) -> Sql {
    let account: Value = place.activity.account.uuid().into();
    Sql::new(
        format!(
            "UPDATE group_members SET {end} WHERE account_id = ? AND group_id = ? \
             AND valid_to = ? AND member_id{which} AND EXISTS (SELECT 1 FROM groups \
             WHERE account_id = ? AND id = ? AND connection_id = ?) AND {condition}",
            end = end(ids.dialect),
        ),
        vec![
            place.activity.at.micros().into(),
            place.activity.at.micros().into(),
            account.clone(),
            place.group.uuid().into(),
            OPEN_END.micros().into(),
            ids.value(),
            account,
            place.group.uuid().into(),
            place.connection.uuid().into(),
        ],
    )
}

/// How many of the ids are known, as the answer's `known`.
fn known(place: &Place<'_>, ids: &Ids<'_>) -> Sql {
    let account = place.activity.account.uuid().into();
    let live = live(ids, [account, place.connection.uuid().into()]);
    Sql::new(format!("SELECT count(*) FROM ({}) m", live.text), live.values)
}

fn touch_users(script: &mut Script, activity: &Activity, ids: &Ids<'_>) {
    script.then(
        &format!(
            "UPDATE users SET rights_version = rights_version + 1 \
             WHERE account_id = ? AND id{} AND {{guard}}",
            ids.matches()
        ),
        vec![activity.account.uuid().into(), ids.value()],
    );
}
