//! Whole lists in order of id: what identity providers walk through page by page.
//!
//! On SQLite a page comes as one text: a hundred rows cost its thread a hundred messages, and the
//! driver a copy of each column. PostgreSQL is quicker with rows.

pub(in crate::store) mod keyset;

use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::domain::ids::{AccountId, ConnectionId, ResourceId};
use crate::domain::records::{Page, Record, Search};
use crate::domain::time::Timestamp;
use crate::scim::schema::ResourceKind;
use crate::store::script::Sql;
use crate::store::search::{as_i64, table};
use crate::store::{Result, Store, StoreError};

/// What is read of a resource beside its id; groups have no `rights_version`, theirs is 0.
const COLUMNS: [&str; 5] = ["version", "created_at", "updated_at", "rights_version", "document"];

/// The id and [`COLUMNS`] of a resource in the text.
type Packed<'a> = (Uuid, i64, i64, i64, i64, &'a RawValue);

impl Store {
    /// A page of a whole list and the total: one statement, and one more for each of: the users'
    /// groups, members, a total that no row of the page tells.
    pub(super) async fn whole_list(
        &self,
        (account, connection): (AccountId, ConnectionId),
        search: &Search,
    ) -> Result<Page> {
        let (records, total) = if search.limit == 0 {
            (vec![], None)
        } else if self.dialect.packs_pages() {
            self.packed_page((account, connection), search).await?
        } else {
            self.page_of_rows((account, connection), search).await?
        };
        let mut page = Page { total: total.unwrap_or(0), records };
        if total.is_none() {
            page.total = self.total((account, connection), search.kind, None).await?;
        }
        if search.kind == ResourceKind::User && search.want.groups {
            self.fill_page_groups(account, &mut page.records, true).await?;
        }
        self.fill_members(account, &mut page.records, search.want).await?;
        Ok(page)
    }

    async fn packed_page(
        &self,
        place: (AccountId, ConnectionId),
        search: &Search,
    ) -> Result<(Vec<Record>, Option<u64>)> {
        let columns = COLUMNS.map(|column| format!("p.{column}"));
        let sql = statement(&self.dialect.packed("p.id", &columns), place, search);
        let row = self.reads.query_one_raw(sql.statement(self.dialect)).await?;
        let Some(row) = row else { return Ok((vec![], None)) };
        Ok((unpack(search.kind, &row)?, Some(count(&row, 0)?)))
    }

    async fn page_of_rows(
        &self,
        place: (AccountId, ConnectionId),
        search: &Search,
    ) -> Result<(Vec<Record>, Option<u64>)> {
        let sql = statement("p.*", place, search);
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        let total = rows.first().map(|row| count(row, 0)).transpose()?;
        let records = rows.iter().map(|row| read(search.kind, row)).collect::<Result<_>>()?;
        Ok((records, total))
    }
}

/// A select of how many resources of the kind there are; takes the account and the connection.
pub(super) fn known_total(kind: ResourceKind) -> String {
    format!(
        "SELECT CAST(COALESCE(sum({}), 0) AS bigint) FROM directory_counts \
         WHERE account_id = ? AND connection_id = ?",
        table(kind)
    )
}

/// A column that holds a count.
pub(super) fn count(row: &QueryResult, column: usize) -> Result<u64> {
    Ok(u64::try_from(row.try_get_by_index::<i64>(column)?).unwrap_or(0))
}

/// Selects the total, and `what` of the page's rows `p`.
fn statement(what: &str, (account, connection): (AccountId, ConnectionId), search: &Search) -> Sql {
    let place: [Value; 2] = [account.uuid().into(), connection.uuid().into()];
    let rights = match search.kind {
        ResourceKind::User => "r.rights_version",
        ResourceKind::Group => "CAST(0 AS bigint)",
    };
    let mut sql = Sql::default();
    sql.push(&format!("SELECT ({}), {what}", known_total(search.kind)), place.clone());
    let rows = format!(
        " FROM (SELECT r.id, r.version, r.created_at, r.updated_at, {rights} AS rights_version, \
         r.document FROM {} r WHERE r.account_id = ? AND r.connection_id = ? \
         AND r.deleted_at IS NULL ORDER BY r.id LIMIT {}",
        table(search.kind),
        search.limit,
    );
    sql.push(&rows, place);
    if search.offset > 0 {
        sql.push(" OFFSET ?", [as_i64(search.offset).into()]);
    }
    sql.text.push_str(") p");
    sql
}

fn unpack(kind: ResourceKind, row: &QueryResult) -> Result<Vec<Record>> {
    let text: Option<String> = row.try_get_by_index(1)?;
    let Some(text) = text else { return Ok(vec![]) };
    let mut packed: Vec<Packed<'_>> = serde_json::from_str(&text).map_err(|error| {
        StoreError::Inconsistent { table: table(kind), what: error.to_string() }
    })?;
    packed.sort_by_key(|(id, ..)| *id);
    let record = |(id, version, created, updated, rights, document): Packed<'_>| {
        record(kind, id, document.get().to_owned(), [version, created, updated, rights])
    };
    Ok(packed.into_iter().map(record).collect())
}

fn read(kind: ResourceKind, row: &QueryResult) -> Result<Record> {
    let number = |column: usize| row.try_get_by_index::<i64>(column);
    let numbers = [number(2)?, number(3)?, number(4)?, number(5)?];
    Ok(record(kind, row.try_get_by_index(1)?, row.try_get_by_index(6)?, numbers))
}

fn record(
    kind: ResourceKind,
    id: Uuid,
    document: String,
    [version, created, updated, rights]: [i64; 4],
) -> Record {
    Record {
        kind,
        id: ResourceId::new(id),
        document,
        version: match kind {
            ResourceKind::User => format!("{version}.{rights}"),
            ResourceKind::Group => version.to_string(),
        },
        created_at: Timestamp::from_micros(created),
        updated_at: Timestamp::from_micros(updated),
        groups: vec![],
        members: None,
        holdings: None,
    }
}
