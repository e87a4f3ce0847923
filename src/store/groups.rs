//! Writes of groups, each a [`Script`].

use crate::domain::event::Activity;
use crate::domain::groups::Group;
use crate::domain::ids::{ConnectionId, ResourceId};
use crate::domain::records::{Record, Want};
use crate::policy::{Permit, Scope};
use crate::scim::schema::ResourceKind;
use crate::store::members::{self, Ids, Place};
use crate::store::script::{Applied, Script, Sql};
use crate::store::users::shard;
use crate::store::writer::{Warrant, Write};
use crate::store::{Result, Store};

/// A group as it stands, for a change to start from.
#[derive(Debug)]
pub(crate) struct StoredGroup {
    /// The connection that owns it.
    pub(crate) connection: ConnectionId,
    /// As a read finds it, without members.
    pub(crate) record: Record,
    /// The stamp that a change must still find.
    pub(crate) version: i64,
}

/// A change of a stored group and its members.
#[derive(Debug)]
pub(crate) struct GroupChange<'a> {
    /// Which one.
    pub(crate) id: ResourceId,
    /// What it becomes.
    pub(crate) after: &'a Group,
    /// The row that the decision rested on.
    pub(crate) stored: &'a StoredGroup,
    /// What becomes of its members.
    pub(crate) members: Members<'a>,
    /// The record's line.
    pub(crate) activity: &'a Activity,
}

/// What becomes of a group's members.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Members<'a> {
    /// The members are these.
    Exactly(&'a [ResourceId]),
    /// These are added and those removed; the rest stays.
    Delta {
        /// Added.
        add: &'a [ResourceId],
        /// Removed.
        remove: &'a [ResourceId],
    },
}

impl Store {
    /// The group, if the scope holds it.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn stored_group(
        &self,
        scope: &Scope,
        id: ResourceId,
    ) -> Result<Option<StoredGroup>> {
        let Scope::Connection(account, connection) = scope else { return Ok(None) };
        let sql = Sql::new(
            format!(
                "SELECT {} FROM groups r WHERE r.account_id = ? AND r.id = ? \
                 AND r.connection_id = ? AND r.deleted_at IS NULL",
                self.columns(ResourceKind::Group, Want::default())
            ),
            vec![account.uuid().into(), id.uuid().into(), connection.uuid().into()],
        );
        let rows = self.lookups.rows(sql).await?;
        let mut records = self.records(*account, ResourceKind::Group, &rows).await?;
        let (Some(row), Some(record)) = (rows.first(), records.pop()) else { return Ok(None) };
        Ok(Some(StoredGroup { connection: *connection, record, version: row.try_get_by_index(2)? }))
    }

    /// Makes a group with members; not done if the displayName is taken in the connection.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn create_group(
        &self,
        (connection, id): (ConnectionId, ResourceId),
        (group, members): (&Group, &[ResourceId]),
        activity: &Activity,
        permit: Permit,
    ) -> Result<Applied> {
        let now = activity.at.micros();
        let root = Sql::new(
            "INSERT INTO groups (account_id, id, connection_id, display_name, display_name_key, \
             external_id, document, folded, version, created_at, updated_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, {json}, 1, ?, ?) ON CONFLICT DO NOTHING",
            vec![
                activity.account.uuid().into(),
                id.uuid().into(),
                connection.uuid().into(),
                group.display_name.clone().into(),
                group.display_name_key.clone().into(),
                group.external_id.clone().into(),
                group.text.clone().into(),
                group.folded.to_string().into(),
                now.into(),
                now.into(),
            ],
        );
        let mut script = Script::begin(self.dialect, activity, &root);
        if !members.is_empty() {
            self.first_members(&mut script, (connection, id), members, activity);
        }
        self.count_groups(&mut script, activity, connection, 1);
        let write = Write::Script(script.finish());
        self.writer.apply(write, Warrant::Decided(permit)).await
    }

    /// Changes a group and its members; not done if it is no longer the one that was read.
    ///
    /// # Errors
    /// [`StoreError::Taken`](crate::store::StoreError::Taken) if its new displayName is.
    pub(crate) async fn update_group(
        &self,
        change: GroupChange<'_>,
        permit: Permit,
    ) -> Result<Applied> {
        let GroupChange { id, after, stored, members, activity } = change;
        let root = Sql::new(
            "UPDATE groups SET display_name = ?, display_name_key = ?, external_id = ?, \
             document = ?, folded = {json}, version = version + 1, updated_at = ? \
             WHERE account_id = ? AND id = ? AND version = ? AND deleted_at IS NULL",
            vec![
                after.display_name.clone().into(),
                after.display_name_key.clone().into(),
                after.external_id.clone().into(),
                after.text.clone().into(),
                after.folded.to_string().into(),
                activity.at.micros().into(),
                activity.account.uuid().into(),
                id.uuid().into(),
                stored.version.into(),
            ],
        );
        let mut script = Script::begin(self.dialect, activity, &root);
        let place = Place { activity, connection: stored.connection, group: id };
        match members {
            Members::Exactly([]) => {
                members::nesting::shrinks(&mut script, &place, None);
                members::dismiss_all(&mut script, activity, id);
            }
            Members::Exactly(ids) => {
                let ids = Ids::new(self.dialect, ids);
                members::then_keep_only(&mut script, &place, &ids);
                members::then_add(&mut script, &place, &ids);
            }
            Members::Delta { add, remove } => {
                if !remove.is_empty() {
                    members::then_remove(&mut script, &place, &Ids::new(self.dialect, remove));
                }
                if !add.is_empty() {
                    members::then_add(&mut script, &place, &Ids::new(self.dialect, add));
                }
            }
        }
        let write = Write::Script(script.finish());
        self.writer.apply(write, Warrant::Decided(permit)).await
    }

    /// Deletes a group: a tombstone stays, its name and memberships go.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn delete_group(
        &self,
        id: ResourceId,
        stored: &StoredGroup,
        activity: &Activity,
        permit: Permit,
    ) -> Result<Applied> {
        let (account, now) = (activity.account.uuid(), activity.at.micros());
        let root = Sql::new(
            "UPDATE groups SET deleted_at = ?, updated_at = ?, version = version + 1 \
             WHERE account_id = ? AND id = ? AND version = ? AND deleted_at IS NULL",
            vec![now.into(), now.into(), account.into(), id.uuid().into(), stored.version.into()],
        );
        let mut script = Script::begin(self.dialect, activity, &root);
        members::nesting::ends(&mut script, activity);
        members::dismiss_all(&mut script, activity, id);
        members::leave_all(&mut script, activity, id);
        self.count_groups(&mut script, activity, stored.connection, -1);
        let write = Write::Script(script.finish());
        self.writer.apply(write, Warrant::Decided(permit)).await
    }

    /// Members of a group that is made in the same statement, and so not yet to be seen by it.
    fn first_members(
        &self,
        script: &mut Script,
        (connection, group): (ConnectionId, ResourceId),
        ids: &[ResourceId],
        activity: &Activity,
    ) {
        let place = Place { activity, connection, group };
        members::then_begin_with(script, &place, &Ids::new(self.dialect, ids));
    }

    fn count_groups(
        &self,
        script: &mut Script,
        activity: &Activity,
        connection: ConnectionId,
        by: i64,
    ) {
        script.then(
            "UPDATE directory_counts SET groups = groups + ? \
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
