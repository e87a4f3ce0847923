//! The memberships above a user, each with since when: what an explanation shows as the way up.

use sea_orm::{ConnectionTrait, QueryResult};

use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::time::Timestamp;
use crate::store::rights::paths::When;
use crate::store::script::Sql;
use crate::store::{Result, Store};

/// A user or a group is a member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edge {
    /// The member.
    pub(crate) member: ResourceId,
    /// The group.
    pub(crate) group: ResourceId,
    /// The group's name.
    pub(crate) display_name: String,
    /// Since when.
    pub(crate) since: Timestamp,
}

impl Store {
    /// All memberships on the way up from a user.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn edges_above(
        &self,
        (account, user): (AccountId, ResourceId),
        when: When,
    ) -> Result<Vec<Edge>> {
        let condition = |member: &str| {
            format!("d.account_id = ? AND d.member_id = {member} AND {}", when.in_force("d"))
        };
        let above = self.dialect.look_up_each("up", "group_members", &condition("up.group_id"));
        let sql = Sql::new(
            format!(
                "WITH RECURSIVE up(member_id, group_id, valid_from) AS (\
                 SELECT d.member_id, d.group_id, d.valid_from FROM group_members d WHERE {} \
                 UNION SELECT d.member_id, d.group_id, d.valid_from FROM {above}) \
                 SELECT up.member_id, up.group_id, up.valid_from, (SELECT g.display_name \
                 FROM groups g WHERE g.account_id = ? AND g.id = up.group_id) FROM up",
                condition("?")
            ),
            vec![
                account.uuid().into(),
                user.uuid().into(),
                account.uuid().into(),
                account.uuid().into(),
            ],
        );
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        let edge = |row: &QueryResult| {
            Ok(Edge {
                member: ResourceId::new(row.try_get_by_index(0)?),
                group: ResourceId::new(row.try_get_by_index(1)?),
                since: Timestamp::from_micros(row.try_get_by_index(2)?),
                display_name: row.try_get_by_index::<Option<String>>(3)?.unwrap_or_default(),
            })
        };
        rows.iter().map(edge).collect()
    }
}
