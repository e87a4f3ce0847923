//! Whose rights may have changed lately, read from the record and from memberships.

use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::time::Timestamp;
use crate::store::members::Ids;
use crate::store::script::Sql;
use crate::store::{Result, Store};

/// A user or a group that something happened to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Touched {
    /// The activity.
    pub(crate) activity: Uuid,
    /// When.
    pub(crate) at: Timestamp,
    /// The user, or the group.
    pub(crate) target: ResourceId,
    /// Which of the two.
    pub(crate) is_group: bool,
}

impl Store {
    /// What happened to users, to their grants and to groups behind an activity, so many at most. A grant
    /// that came or ended is told of its user.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn touched(
        &self,
        account: AccountId,
        after: Uuid,
        limit: u64,
    ) -> Result<Vec<Touched>> {
        let sql = Sql::new(
            format!(
                "SELECT a.id, a.at, COALESCE((SELECT g.user_id FROM grants g \
                 WHERE a.target_kind = 'grant' AND g.account_id = a.account_id \
                 AND g.id = a.target_id LIMIT 1), a.target_id), a.target_kind \
                 FROM activities a WHERE a.account_id = ? AND a.id > ? AND a.outcome = 'done' \
                 AND a.target_kind IN ('user', 'group', 'grant') AND a.target_id IS NOT NULL \
                 ORDER BY a.id LIMIT {limit}"
            ),
            vec![account.uuid().into(), after.into()],
        );
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        let touched = |row: &QueryResult| {
            Ok(Touched {
                activity: row.try_get_by_index(0)?,
                at: Timestamp::from_micros(row.try_get_by_index(1)?),
                target: ResourceId::new(row.try_get_by_index(2)?),
                is_group: row.try_get_by_index::<String>(3)? == "group",
            })
        };
        rows.iter().map(touched).collect()
    }

    /// The users who came into these groups or left them between two moments, both within; so many at
    /// most.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn came_or_left(
        &self,
        (account, groups): (AccountId, &[ResourceId]),
        (from, to): (Timestamp, Timestamp),
        limit: u64,
    ) -> Result<Vec<ResourceId>> {
        let ids = Ids::new(self.dialect, groups);
        let condition = "d.account_id = ? AND d.group_id = ids.wanted AND d.valid_to >= ? \
                         AND (d.valid_to <= ? OR d.valid_from BETWEEN ? AND ?) \
                         AND d.member_kind = 'User'";
        let found = self.dialect.look_up_each(&ids.table(), "group_members", condition);
        let (from, to) = (from.micros(), to.micros());
        let sql = Sql::new(
            format!("SELECT DISTINCT d.member_id FROM {found} LIMIT {limit}"),
            vec![
                ids.value(),
                account.uuid().into(),
                from.into(),
                to.into(),
                from.into(),
                to.into(),
            ],
        );
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        rows.iter().map(|row| Ok(ResourceId::new(row.try_get_by_index(0)?))).collect()
    }
}
