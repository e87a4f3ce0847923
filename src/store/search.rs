//! Reading resources: one by id, or a page of a list.

use sea_orm::{ConnectionTrait, QueryResult};

use crate::domain::ids::{AccountId, ConnectionId, ResourceId};
use crate::domain::records::{Link, Page, Record, Search, Want};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::Scope;
use crate::scim::schema::ResourceKind;
use crate::store::filter::{self, Context};
use crate::store::links::memberships::memberships;
use crate::store::members::Ids;
use crate::store::script::Sql;
use crate::store::{Result, Store, links, lists};

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
        let rows = self.lookups.rows(sql).await?;
        let mut records = self.records(*account, kind, &rows).await?;
        self.fill_members(*account, &mut records, want).await?;
        Ok(records.pop())
    }

    /// A page of what a filter finds, or of a whole list. Of a filter: one statement, and one more for
    /// each of: a total that the page does not tell, members.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn search(
        &self,
        scope: &Scope,
        search: &Search,
        now: Timestamp,
    ) -> Result<Page> {
        let Scope::Connection(account, connection) = *scope else {
            return Ok(Page { total: 0, records: vec![] });
        };
        if search.filter.is_none() && search.sort.is_none() {
            return self.whole_list((account, connection), search).await;
        }
        let context =
            Context { dialect: self.dialect, kind: search.kind, account, base: &search.base, now };
        let condition = search.filter.as_ref().map(|filter| filter::compile(filter, context));
        let rows = self.page_rows((context, connection), search, condition.as_ref()).await?;
        let mut records = self.records(account, search.kind, &rows).await?;
        let found = u64::try_from(records.len()).unwrap_or(u64::MAX);
        let told = found < search.limit && (found > 0 || search.offset == 0);
        let total = if told {
            search.offset + found
        } else {
            self.total((account, connection), search.kind, condition).await?
        };
        if search.kind == ResourceKind::User && search.filter.is_none() && search.want.groups {
            self.fill_page_groups(account, &mut records, false).await?;
        }
        self.fill_members(account, &mut records, search.want).await?;
        Ok(Page { total, records })
    }

    async fn page_rows(
        &self,
        (context, connection): (Context<'_>, ConnectionId),
        search: &Search,
        condition: Option<&Sql>,
    ) -> Result<Vec<QueryResult>> {
        if search.limit == 0 {
            return Ok(vec![]);
        }
        // What a filter finds is few, and brings its groups along; a list's are read all at once.
        let want = Want { groups: search.want.groups && condition.is_some(), ..search.want };
        // A filter finds its few by its own index; a whole list is read in order of id by another.
        let plain = |column: &str| match condition {
            Some(_) => self.dialect.unindexed(column),
            None => column.to_owned(),
        };
        let mut sql = Sql::new(
            format!(
                "SELECT {} FROM {} r WHERE r.account_id = ? AND {} = ? AND r.deleted_at IS NULL",
                self.columns(search.kind, want),
                table(search.kind),
                plain("r.connection_id"),
            ),
            vec![context.account.uuid().into(), connection.uuid().into()],
        );
        if let Some(condition) = condition {
            sql.push(&format!(" AND {}", condition.text), condition.values.clone());
        }
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
        let is_lookup = search.filter.as_ref().is_some_and(filter::finds_few);
        if is_lookup && search.sort.is_none() {
            return self.lookups.rows(sql).await;
        }
        Ok(self.reads.query_all_raw(sql.statement(self.dialect)).await?)
    }

    /// How many resources meet the condition; without one that is not counted but known.
    pub(super) async fn total(
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
            None => Sql::new(lists::known_total(kind), vec![]),
        };
        sql.values = vec![account.uuid().into(), connection.uuid().into()];
        if let Some(condition) = condition {
            sql.push(&condition.text, condition.values);
        }
        let row = self.reads.query_one_raw(sql.statement(self.dialect)).await?;
        Ok(row.map(|row| lists::count(&row, 0)).transpose()?.unwrap_or(0))
    }

    /// Reads rows of [`Store::columns`], and completes the groups of users who are in some only
    /// through others.
    pub(super) async fn records(
        &self,
        account: AccountId,
        kind: ResourceKind,
        rows: &[QueryResult],
    ) -> Result<Vec<Record>> {
        let mut records =
            rows.iter().map(|row| record(kind, row)).collect::<Result<Vec<Record>>>()?;
        if kind == ResourceKind::User {
            let mut own = Vec::new();
            for row in rows {
                own.extend(memberships(row, 6)?);
            }
            self.fill_groups(account, &mut records, own).await?;
        }
        Ok(records)
    }

    pub(super) async fn fill_members(
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
        let rows = self
            .reads
            .query_all_raw(members(account, &ids, want.member_names).statement(self.dialect))
            .await?;
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
                if want.groups {
                    links::own_groups_column(self.dialect)
                } else {
                    "NULL".to_owned()
                }
            ),
            ResourceKind::Group => {
                "r.id, r.document, r.version, r.created_at, r.updated_at".to_owned()
            }
        }
    }
}

fn members(account: AccountId, ids: &Ids<'_>, named: bool) -> Sql {
    let (name, users) = if named {
        (
            "COALESCE(u.display_name, (SELECT c.display_name FROM groups c \
             WHERE c.account_id = m.account_id AND c.id = m.member_id))",
            "LEFT JOIN users u ON u.account_id = m.account_id AND u.id = m.member_id",
        )
    } else {
        ("NULL", "")
    };
    let select = format!(
        "SELECT m.group_id, m.member_id, m.member_kind, {name} FROM group_members m {users} \
         WHERE m.account_id = ? AND m.group_id{} AND m.valid_to = {} \
         ORDER BY m.group_id, m.member_id",
        ids.matches(),
        OPEN_END.micros(),
    );
    Sql::new(select, vec![account.uuid().into(), ids.value()])
}

pub(super) fn table(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::User => "users",
        ResourceKind::Group => "groups",
    }
}

pub(super) fn as_i64(number: u64) -> i64 {
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

/// Reads a row of [`Store::columns`] but for the groups.
fn record(kind: ResourceKind, row: &QueryResult) -> Result<Record> {
    let version: i64 = row.try_get_by_index(2)?;
    Ok(Record {
        kind,
        id: ResourceId::new(row.try_get_by_index(0)?),
        document: row.try_get_by_index(1)?,
        version: match kind {
            ResourceKind::User => format!("{version}.{}", row.try_get_by_index::<i64>(5)?),
            ResourceKind::Group => version.to_string(),
        },
        created_at: Timestamp::from_micros(row.try_get_by_index(3)?),
        updated_at: Timestamp::from_micros(row.try_get_by_index(4)?),
        groups: vec![],
        members: None,
        holdings: None,
    })
}
