//! Groups of an account, whichever connection owns them, with what is mapped to them: for whoever decides
//! what they give.
//!
//! Members are not counted: that would cost as much as there are.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use crate::domain::groups::{Filter, Listed};
use crate::domain::ids::{AccountId, ConnectionId, MappingId, ResourceId};
use crate::domain::records::pages::{Part, Place, Wanted};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::Scope;
use crate::scim::fold;
use crate::store::lists::keyset;
use crate::store::members::Ids;
use crate::store::script::Sql;
use crate::store::{Result, Store};

impl Store {
    /// A part of an account's groups, by name.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn listed_groups(
        &self,
        scope: &Scope,
        filter: &Filter,
        wanted: &Wanted,
    ) -> Result<Part<Listed>> {
        let Scope::Account(account) = scope else {
            return Ok(Part { items: vec![], next: None });
        };
        let mut sql = select(*account);
        if let Some(name) = &filter.display_name {
            sql.push(" AND g.display_name_key = ?", [fold::text(name).into()]);
        }
        if let Some(external_id) = &filter.external_id {
            sql.push(" AND g.external_id = ?", [external_id.as_str().into()]);
        }
        if let Some(connection) = filter.connection {
            sql.push(" AND g.connection_id = ?", [connection.uuid().into()]);
        }
        // A young SQLite would rather walk an index in the list's order than look up what is filtered by.
        let id = self.dialect.unindexed("g.id");
        let key = match &filter.external_id {
            Some(_) => self.dialect.unindexed("g.display_name_key"),
            None => "g.display_name_key".to_owned(),
        };
        keyset::end(&mut sql, wanted, (&key, &id));
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        let found: Vec<(String, Listed)> = rows.iter().map(read).collect::<Result<_>>()?;
        let part = wanted.cut(found, |(key, it)| Place::text(key.as_str(), it.id.uuid()));
        let mut items = part.items.into_iter().map(|(_, it)| it).collect();
        self.fill(*account, &mut items).await?;
        Ok(Part { items, next: part.next })
    }

    /// One of them.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn listed_group(
        &self,
        scope: &Scope,
        id: ResourceId,
    ) -> Result<Option<Listed>> {
        let Scope::Account(account) = scope else { return Ok(None) };
        let mut sql = select(*account);
        sql.push(" AND g.id = ?", [id.uuid().into()]);
        let row = self.reads.query_one_raw(sql.statement(self.dialect)).await?;
        let found = row.map(|row| read(&row)).transpose()?;
        let mut one = found.into_iter().map(|(_, it)| it).collect();
        self.fill(*account, &mut one).await?;
        Ok(one.pop())
    }

    /// What the groups are in, and what is mapped to them.
    async fn fill(&self, account: AccountId, groups: &mut Vec<Listed>) -> Result<()> {
        let ids: Vec<ResourceId> = groups.iter().map(|it| it.id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let above = ("group_members", "member_id", "d.group_id");
        let mut above = self.open_rows(account, &ids, above).await?;
        let mapped = ("group_mappings", "group_id", "d.id");
        let mut mapped = self.open_rows(account, &ids, mapped).await?;
        for it in groups {
            let of_it = |found: &mut BTreeMap<Uuid, Vec<Uuid>>| {
                found.remove(&it.id.uuid()).unwrap_or_default().into_iter()
            };
            it.nested_in = of_it(&mut above).map(ResourceId::new).collect();
            it.mappings = of_it(&mut mapped).map(MappingId::new).collect();
        }
        Ok(())
    }

    /// A column of the table's open rows by the group that another names, in order.
    async fn open_rows(
        &self,
        account: AccountId,
        groups: &[ResourceId],
        (table, group, column): (&str, &str, &str),
    ) -> Result<BTreeMap<Uuid, Vec<Uuid>>> {
        let ids = Ids::new(self.dialect, groups);
        let rows = ids.each(table, &format!("{group} = ids.wanted AND valid_to = ?"));
        let sql = Sql::new(
            format!("SELECT d.{group}, {column} FROM {rows} ORDER BY 1, 2"),
            vec![ids.value(), account.uuid().into(), OPEN_END.micros().into()],
        );
        let mut found: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
        for row in self.reads.query_all_raw(sql.statement(self.dialect)).await? {
            let group: Uuid = row.try_get_by_index(0)?;
            found.entry(group).or_default().push(row.try_get_by_index(1)?);
        }
        Ok(found)
    }
}

fn select(account: AccountId) -> Sql {
    Sql::new(
        "SELECT g.display_name_key, g.id, g.display_name, g.external_id, g.connection_id, c.name, \
         g.created_at, g.updated_at FROM groups g LEFT JOIN connections c \
         ON c.account_id = g.account_id AND c.id = g.connection_id \
         WHERE g.account_id = ? AND g.deleted_at IS NULL",
        vec![account.uuid().into()],
    )
}

/// A group with the key that it is found and ordered by.
fn read(row: &QueryResult) -> Result<(String, Listed)> {
    let moment = |column: usize| {
        Ok::<_, sea_orm::DbErr>(Timestamp::from_micros(row.try_get_by_index(column)?))
    };
    let listed = Listed {
        id: ResourceId::new(row.try_get_by_index(1)?),
        display_name: row.try_get_by_index(2)?,
        external_id: row.try_get_by_index(3)?,
        connection: ConnectionId::new(row.try_get_by_index(4)?),
        connection_name: row.try_get_by_index::<Option<String>>(5)?.unwrap_or_default(),
        nested_in: vec![],
        mappings: vec![],
        created_at: moment(6)?,
        updated_at: moment(7)?,
    };
    Ok((row.try_get_by_index(0)?, listed))
}
