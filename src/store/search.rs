//! Reading resources: one by id, or a page of a list.

use sea_orm::{ConnectionTrait, QueryResult};

use crate::domain::ids::{AccountId, ConnectionId, ResourceId};
use crate::domain::records::{Link, Page, Record, Search, Want};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::Scope;
use crate::scim::schema::ResourceKind;
use crate::store::filter::{self, Context};
use crate::store::members::Ids;
use crate::store::script::Sql;
use crate::store::{Result, Store, StoreError, links};

impl Store {
    /// The resource of that id, if the scope holds it. One statement, and one more for members.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn find(
        &self,
        scope: &Scope,
        (kind, id): (ResourceKind, ResourceId),
        want: Want,
    ) -> Result<Option<Record>> {
        let Scope::Connection(account, connection) = scope else { return Ok(None) };
        let mut sql = Sql::new(
            format!(
                "SELECT {} FROM {} r WHERE r.account_id = ? AND r.id = ? AND r.connection_id = ? \
                 AND r.deleted_at IS NULL",
                self.columns(kind, want),
                table(kind)
            ),
            vec![account.uuid().into(), id.uuid().into()],
        );
        sql.values.push(connection.uuid().into());
        let row = self.reads.query_one_raw(sql.statement(self.dialect)).await?;
        let Some(row) = row else { return Ok(None) };
        let mut records = vec![record(kind, &row)?];
        self.fill_members(*account, &mut records, want).await?;
        Ok(records.pop())
    }

    /// A page of a list. One statement, and one more for a total that the page does not tell, and
    /// for members.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn search(&self, scope: &Scope, search: &Search) -> Result<Page> {
        let Scope::Connection(account, connection) = *scope else {
            return Ok(Page { total: 0, records: vec![] });
        };
        let context =
            Context { dialect: self.dialect, kind: search.kind, account, base: &search.base };
        let condition = search.filter.as_ref().map(|filter| filter::compile(filter, context));
        let rows = self.page_rows((account, connection), search, condition.as_ref()).await?;
        let mut records =
            rows.iter().map(|row| record(search.kind, row)).collect::<Result<Vec<_>>>()?;
        let found = u64::try_from(records.len()).unwrap_or(u64::MAX);
        let told = found < search.limit && (found > 0 || search.offset == 0);
        let total = if told {
            search.offset + found
        } else {
            self.total((account, connection), search.kind, condition).await?
        };
        self.fill_members(account, &mut records, search.want).await?;
        Ok(Page { total, records })
    }

    async fn page_rows(
        &self,
        (account, connection): (AccountId, ConnectionId),
        search: &Search,
        condition: Option<&Sql>,
    ) -> Result<Vec<QueryResult>> {
        if search.limit == 0 {
            return Ok(vec![]);
        }
        // A filter finds its few by its own index; a whole list is read in order of id by another.
        let plain = |column: &str| match condition {
            Some(_) => self.dialect.unindexed(column),
            None => column.to_owned(),
        };
        let mut sql = Sql::new(
            format!(
                "SELECT {} FROM {} r WHERE r.account_id = ? AND {} = ? AND r.deleted_at IS NULL",
                self.columns(search.kind, search.want),
                table(search.kind),
                plain("r.connection_id"),
            ),
            vec![account.uuid().into(), connection.uuid().into()],
        );
        if let Some(condition) = condition {
            sql.push(&format!(" AND {}", condition.text), condition.values.clone());
        }
        let context =
            Context { dialect: self.dialect, kind: search.kind, account, base: &search.base };
        sql.text.push_str(" ORDER BY ");
        if let Some(key) = &search.sort {
            let direction = if key.descending { "DESC NULLS FIRST" } else { "ASC NULLS LAST" };
            let by = filter::order(key, context);
            sql.push(&format!("{} {direction}, ", by.text), by.values);
        }
        // Numbers in the text, not bound: PostgreSQL plans for the few that are wanted, and SQLite would
        // prepare the statement anew each time a bare `LIMIT ?` is bound.
        sql.push(&format!("{} LIMIT {}", plain("r.id"), search.limit), []);
        if search.offset > 0 {
            sql.push(" OFFSET ?", [as_i64(search.offset).into()]);
        }
        Ok(self.reads.query_all_raw(sql.statement(self.dialect)).await?)
    }

    /// How many resources meet the condition; without one that is not counted but known.
    async fn total(
        &self,
        (account, connection): (AccountId, ConnectionId),
        kind: ResourceKind,
        condition: Option<Sql>,
    ) -> Result<u64> {
        let mut sql = match &condition {
            Some(_) => Sql::new(
                format!(
                    "SELECT count(*) FROM {} r WHERE r.account_id = ? AND {} = ? \
                     AND r.deleted_at IS NULL AND ",
                    table(kind),
                    self.dialect.unindexed("r.connection_id"),
                ),
                vec![],
            ),
            None => Sql::new(
                format!(
                    "SELECT CAST(COALESCE(sum({}), 0) AS bigint) FROM directory_counts \
                     WHERE account_id = ? AND connection_id = ?",
                    table(kind)
                ),
                vec![],
            ),
        };
        sql.values = vec![account.uuid().into(), connection.uuid().into()];
        if let Some(condition) = condition {
            sql.push(&condition.text, condition.values);
        }
        let row = self.reads.query_one_raw(sql.statement(self.dialect)).await?;
        let total: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0);
        Ok(u64::try_from(total).unwrap_or(0))
    }

    async fn fill_members(
        &self,
        account: AccountId,
        records: &mut [Record],
        want: Want,
    ) -> Result<()> {
        let ids: Vec<ResourceId> =
            records.iter().filter(|r| r.kind == ResourceKind::Group).map(|r| r.id).collect();
        if !want.members || ids.is_empty() {
            return Ok(());
        }
        for record in records.iter_mut() {
            record.members = Some(vec![]);
        }
        let ids = Ids::new(self.dialect, &ids);
        let rows = self.reads.query_all_raw(members(account, &ids).statement(self.dialect)).await?;
        for row in rows {
            let group = ResourceId::new(row.try_get_by_index(0)?);
            let link = link(&row)?;
            let holder = records.iter_mut().find(|record| record.id == group);
            if let Some(members) = holder.and_then(|record| record.members.as_mut()) {
                members.push(link);
            }
        }
        Ok(())
    }

    pub(super) fn columns(&self, kind: ResourceKind, want: Want) -> String {
        match kind {
            ResourceKind::User => format!(
                "r.id, r.document, r.version, r.created_at, r.updated_at, r.rights_version, {}",
                if want.groups { links::groups_column(self.dialect) } else { "NULL".to_owned() }
            ),
            ResourceKind::Group => {
                "r.id, r.document, r.version, r.created_at, r.updated_at".to_owned()
            }
        }
    }
}

fn members(account: AccountId, ids: &Ids<'_>) -> Sql {
    let select = format!(
        "SELECT m.group_id, m.member_id, m.member_kind, \
         COALESCE(u.display_name, (SELECT c.display_name FROM groups c \
         WHERE c.account_id = m.account_id AND c.id = m.member_id)) FROM group_members m \
         LEFT JOIN users u ON u.account_id = m.account_id AND u.id = m.member_id \
         WHERE m.account_id = ? AND m.group_id{} AND m.valid_to = {} \
         ORDER BY m.group_id, m.member_id",
        ids.matches(),
        OPEN_END.micros(),
    );
    Sql::new(select, vec![account.uuid().into(), ids.value()])
}

fn table(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::User => "users",
        ResourceKind::Group => "groups",
    }
}

fn as_i64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn link(row: &QueryResult) -> Result<Link> {
    let kind: String = row.try_get_by_index(2)?;
    Ok(Link {
        kind: if kind == "Group" { ResourceKind::Group } else { ResourceKind::User },
        id: ResourceId::new(row.try_get_by_index(1)?),
        display: row.try_get_by_index::<Option<String>>(3)?.unwrap_or_default(),
        direct: true,
    })
}

/// Reads a row of [`Store::columns`].
pub(super) fn record(kind: ResourceKind, row: &QueryResult) -> Result<Record> {
    let version: i64 = row.try_get_by_index(2)?;
    let (version, groups) = match kind {
        ResourceKind::Group => (version.to_string(), vec![]),
        ResourceKind::User => {
            let rights: i64 = row.try_get_by_index(5)?;
            let groups: Option<String> = row.try_get_by_index(6)?;
            (
                format!("{version}.{rights}"),
                groups.map(|g| group_links(&g)).transpose()?.unwrap_or_default(),
            )
        }
    };
    Ok(Record {
        kind,
        id: ResourceId::new(row.try_get_by_index(0)?),
        document: row.try_get_by_index(1)?,
        version,
        created_at: Timestamp::from_micros(row.try_get_by_index(3)?),
        updated_at: Timestamp::from_micros(row.try_get_by_index(4)?),
        groups,
        members: None,
    })
}

/// Reads `[[id, display, direct], …]`.
fn group_links(text: &str) -> Result<Vec<Link>> {
    let inconsistent = || StoreError::Inconsistent { table: "groups", what: text.to_owned() };
    let rows: Vec<(uuid::Uuid, String, i64)> =
        serde_json::from_str(text).map_err(|_| inconsistent())?;
    Ok(rows
        .into_iter()
        .map(|(id, display, direct)| Link {
            kind: ResourceKind::Group,
            id: ResourceId::new(id),
            display,
            direct: direct == 1,
        })
        .collect())
}
