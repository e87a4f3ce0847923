//! Writes of users, each a [`Script`]: the user, its addresses, its state's history, what was
//! pushed for it, the counts.

mod pushed;

pub(crate) mod people;
pub(crate) mod properties;

use sea_orm::Statement;

use crate::domain::event::Activity;
use crate::domain::ids::{ConnectionId, ResourceId};
use crate::domain::records::{Record, Want};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::domain::users::User;
use crate::policy::{Permit, Scope};
use crate::scim::schema::ResourceKind;
use crate::store::script::{Applied, Script, Sql};
use crate::store::users::people::Beside;
use crate::store::writer::{Warrant, Write};
use crate::store::{Result, Store, authn};

/// A user as it stands, for a change to start from.
#[derive(Debug)]
pub(crate) struct StoredUser {
    /// The connection that owns it.
    pub(crate) connection: ConnectionId,
    /// As a read finds it.
    pub(crate) record: Record,
    /// The stamp that a change must still find.
    pub(crate) version: i64,
    /// Grows with each change of membership.
    pub(crate) rights_version: i64,
    /// Since when `active` is what it is.
    pub(crate) active_since: Timestamp,
}

/// A change of a stored user.
#[derive(Debug)]
pub(crate) struct UserChange<'a> {
    /// Which one.
    pub(crate) id: ResourceId,
    /// What it was.
    pub(crate) before: &'a User,
    /// What it becomes.
    pub(crate) after: &'a User,
    /// The row that the decision rested on.
    pub(crate) stored: &'a StoredUser,
    /// The record's line.
    pub(crate) activity: &'a Activity,
}

impl Store {
    /// The user, if the scope holds it.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn stored_user(
        &self,
        scope: &Scope,
        id: ResourceId,
    ) -> Result<Option<StoredUser>> {
        let Scope::Connection(account, connection) = scope else { return Ok(None) };
        let sql = Sql::new(
            format!(
                "SELECT {}, r.active_since FROM users r WHERE r.account_id = ? AND r.id = ? \
                 AND r.connection_id = ? AND r.deleted_at IS NULL",
                self.columns(ResourceKind::User, Want { groups: true, ..Want::default() })
            ),
            vec![account.uuid().into(), id.uuid().into(), connection.uuid().into()],
        );
        let rows = self.lookups.rows(sql).await?;
        let mut records = self.records(*account, ResourceKind::User, &rows).await?;
        let (Some(row), Some(record)) = (rows.first(), records.pop()) else { return Ok(None) };
        Ok(Some(StoredUser {
            connection: *connection,
            record,
            version: row.try_get_by_index(2)?,
            rights_version: row.try_get_by_index(5)?,
            active_since: Timestamp::from_micros(row.try_get_by_index(7)?),
        }))
    }

    /// Makes a user; not done if the userName is taken.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn create_user(
        &self,
        (connection, id): (ConnectionId, ResourceId),
        user: &User,
        activity: &Activity,
        permit: Permit,
    ) -> Result<Applied> {
        self.create_person((connection, id), (user, &Beside::default()), activity, permit).await
    }

    /// The same, with what an administrator says beside the document.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn create_person(
        &self,
        (connection, id): (ConnectionId, ResourceId),
        (user, beside): (&User, &Beside),
        activity: &Activity,
        permit: Permit,
    ) -> Result<Applied> {
        let write = Write::Script(self.creation((connection, id), (user, beside), activity));
        self.writer.apply(write, Warrant::Decided(permit)).await
    }

    fn creation(
        &self,
        (connection, id): (ConnectionId, ResourceId),
        (user, beside): (&User, &Beside),
        activity: &Activity,
    ) -> Statement {
        let (account, now) = (activity.account.uuid(), activity.at.micros());
        let root = Sql::new(
            "INSERT INTO users (account_id, id, connection_id, kind, user_name_key, external_id, \
             display_name, display_name_key, active, active_since, document, folded, version, \
             rights_version, created_at, updated_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, {json}, 1, 1, ?, ?) ON CONFLICT DO NOTHING",
            vec![
                account.into(),
                id.uuid().into(),
                connection.uuid().into(),
                beside.kind.as_str().into(),
                user.user_name_key.clone().into(),
                user.external_id.clone().into(),
                user.display_name.clone().into(),
                user.display_name_key.clone().into(),
                user.active.into(),
                now.into(),
                user.text.clone().into(),
                user.folded.to_string().into(),
                now.into(),
                now.into(),
            ],
        );
        let mut script = Script::begin(self.dialect, activity, &root);
        self.add_emails(&mut script, activity, id, user.emails.iter());
        pushed::begin(&mut script, (activity, connection, id), user.pushed.iter());
        beside.add(&mut script, activity, id);
        self.count_users(&mut script, activity, connection, 1);
        script.finish()
    }

    /// Changes a user; not done if it is no longer the one that was read.
    ///
    /// # Errors
    /// [`StoreError::Taken`](crate::store::StoreError::Taken) if its new userName is.
    pub(crate) async fn update_user(
        &self,
        change: UserChange<'_>,
        permit: Permit,
    ) -> Result<Applied> {
        self.update_person(change, &Beside::default(), permit).await
    }

    /// The same, with what an administrator says beside the document.
    ///
    /// # Errors
    /// As [`Store::update_user`].
    pub(crate) async fn update_person(
        &self,
        change: UserChange<'_>,
        beside: &Beside,
        permit: Permit,
    ) -> Result<Applied> {
        let UserChange { id, before, after, stored, activity } = change;
        let mut script = Script::begin(self.dialect, activity, &update(&change));
        self.add_emails(&mut script, activity, id, after.emails.difference(&before.emails));
        remove_emails(&mut script, activity, id, before.emails.difference(&after.emails));
        let of = (activity, stored.connection, id);
        pushed::begin(&mut script, of, after.pushed.difference(&before.pushed));
        pushed::end(&mut script, (activity, id), before.pushed.difference(&after.pushed));
        beside.add(&mut script, activity, id);
        if before.active != after.active {
            close_state(&mut script, activity, id, (stored.active_since, before.active));
        }
        if before.active && !after.active {
            authn::sessions::end_with(&mut script, activity, id);
        }
        if beside.may_take_administrator {
            return self.apply_guarded(script.finish(), activity, permit).await;
        }
        let write = Write::Script(script.finish());
        self.writer.apply(write, Warrant::Decided(permit)).await
    }

    /// Deletes a user: a tombstone stays, its userName and memberships go.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn delete_user(
        &self,
        id: ResourceId,
        of: (&StoredUser, &User),
        activity: &Activity,
        permit: Permit,
    ) -> Result<Applied> {
        let write = Write::Script(self.deletion(id, of, activity));
        self.writer.apply(write, Warrant::Decided(permit)).await
    }

    /// Deletes a user who may administer the account, but for its last administrator.
    ///
    /// # Errors
    /// [`StoreError::Moved`](crate::store::StoreError::Moved) if nobody else does, and if the database fails.
    pub(crate) async fn delete_administrator(
        &self,
        id: ResourceId,
        of: (&StoredUser, &User),
        activity: &Activity,
        permit: Permit,
    ) -> Result<Applied> {
        self.apply_guarded(self.deletion(id, of, activity), activity, permit).await
    }

    fn deletion(
        &self,
        id: ResourceId,
        (stored, user): (&StoredUser, &User),
        activity: &Activity,
    ) -> Statement {
        let (account, now) = (activity.account.uuid(), activity.at.micros());
        let root = Sql::new(
            "UPDATE users SET deleted_at = ?, updated_at = ?, version = version + 1 \
             WHERE account_id = ? AND id = ? AND version = ? AND deleted_at IS NULL",
            vec![now.into(), now.into(), account.into(), id.uuid().into(), stored.version.into()],
        );
        let mut script = Script::begin(self.dialect, activity, &root);
        remove_emails(&mut script, activity, id, user.emails.iter());
        pushed::end(&mut script, (activity, id), user.pushed.iter());
        close_state(&mut script, activity, id, (stored.active_since, user.active));
        crate::store::members::leave_all(&mut script, activity, id);
        authn::sessions::end_with(&mut script, activity, id);
        properties::forget(&mut script, activity, id);
        self.count_users(&mut script, activity, stored.connection, -1);
        script.finish()
    }

    fn add_emails<'a>(
        &self,
        script: &mut Script,
        activity: &Activity,
        id: ResourceId,
        emails: impl Iterator<Item = &'a String>,
    ) {
        let emails: Vec<&String> = emails.collect();
        let (account, user) = (activity.account.uuid(), id.uuid());
        match emails.as_slice() {
            [] => {}
            [one] => script.then(
                "INSERT INTO user_emails (account_id, value_key, user_id) \
                 SELECT ?, ?, ? WHERE {guard}",
                vec![account.into(), (*one).clone().into(), user.into()],
            ),
            several => script.then(
                &format!(
                    "INSERT INTO user_emails (account_id, value_key, user_id) \
                     SELECT ?, el.value, ? FROM {} WHERE {{guard}}",
                    self.dialect.each_text()
                ),
                vec![account.into(), user.into(), serde_json::json!(several).to_string().into()],
            ),
        }
    }

    fn count_users(
        &self,
        script: &mut Script,
        activity: &Activity,
        connection: ConnectionId,
        by: i64,
    ) {
        script.then(
            "UPDATE directory_counts SET users = users + ? \
             WHERE account_id = ? AND connection_id = ? AND shard = ? AND {guard}",
            vec![
                by.into(),
                activity.account.uuid().into(),
                connection.uuid().into(),
                shard(self.count_shards(), activity).into(),
            ],
        );
    }
}

/// Which of the shards a change counts in: any will do, so the activity's random bits choose.
pub(super) fn shard(shards: u8, activity: &Activity) -> i32 {
    let [.., last] = *activity.id.uuid().as_bytes();
    i32::from(last.checked_rem(shards).unwrap_or(0))
}

/// The update sets only what changed, so that only those indexes are touched.
fn update(change: &UserChange<'_>) -> Sql {
    let UserChange { id, before, after, stored, activity } = change;
    let now = activity.at.micros();
    let mut sql = Sql::new(
        "UPDATE users SET document = ?, folded = {json}, version = version + 1, updated_at = ?",
        vec![after.text.clone().into(), after.folded.to_string().into(), now.into()],
    );
    if before.user_name_key != after.user_name_key {
        sql.push(", user_name_key = ?", [after.user_name_key.clone().into()]);
    }
    if before.external_id != after.external_id {
        sql.push(", external_id = ?", [after.external_id.clone().into()]);
    }
    if before.display_name != after.display_name {
        sql.push(", display_name = ?", [after.display_name.clone().into()]);
    }
    if before.display_name_key != after.display_name_key {
        sql.push(", display_name_key = ?", [after.display_name_key.clone().into()]);
    }
    if before.active != after.active {
        sql.push(", active = ?, active_since = ?", [after.active.into(), now.into()]);
    }
    sql.push(
        " WHERE account_id = ? AND id = ? AND version = ? AND deleted_at IS NULL",
        [activity.account.uuid().into(), id.uuid().into(), stored.version.into()],
    );
    sql
}

fn remove_emails<'a>(
    script: &mut Script,
    activity: &Activity,
    id: ResourceId,
    emails: impl Iterator<Item = &'a String>,
) {
    for email in emails {
        script.then(
            "DELETE FROM user_emails \
             WHERE account_id = ? AND value_key = ? AND user_id = ? AND {guard}",
            vec![activity.account.uuid().into(), email.clone().into(), id.uuid().into()],
        );
    }
}

fn close_state(
    script: &mut Script,
    activity: &Activity,
    id: ResourceId,
    (since, active): (Timestamp, bool),
) {
    debug_assert!(since < OPEN_END);
    script.then(
        "INSERT INTO user_states (account_id, user_id, valid_from, valid_to, active) \
         SELECT ?, ?, ?, ?, ? WHERE {guard}",
        vec![
            activity.account.uuid().into(),
            id.uuid().into(),
            since.micros().into(),
            activity.at.micros().into(),
            active.into(),
        ],
    );
}
