//! Rows with periods: what is no longer so is closed, what is new is inserted, the rest is left alone.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult, Value};
use uuid::Uuid;

use crate::domain::time::OPEN_END;
use crate::store::Result;
use crate::store::dialect::Dialect;
use crate::store::script::Sql;

/// How many rows one statement inserts at most.
const TOGETHER: usize = 500;

/// A table of such rows, as far as the catalogue owns them.
pub(super) struct Periods<T: 'static> {
    table: &'static str,
    /// Its columns but those of the period.
    columns: &'static [&'static str],
    /// How many of them, from the first, are the key.
    keys: usize,
    values: fn(&T) -> Vec<Value>,
    read: fn(&QueryResult) -> Result<T>,
}

/// A right: its key, whether it is for recipients, its permission, whether it is privileged.
pub(super) type RightRow = (String, bool, Option<String>, bool);

/// The rights.
pub(super) const RIGHTS: Periods<RightRow> = Periods {
    table: "catalogue_rights",
    columns: &["right_key", "recipient_safe", "permission", "privileged"],
    keys: 1,
    values: |(key, recipient_safe, permission, privileged)| {
        let (key, permission) = (key.clone().into(), permission.clone().into());
        vec![key, (*recipient_safe).into(), permission, (*privileged).into()]
    },
    read: |row| {
        let (safe, privileged) = (row.try_get_by_index(1)?, row.try_get_by_index(3)?);
        Ok((row.try_get_by_index(0)?, safe, row.try_get_by_index(2)?, privileged))
    },
};

/// The rights of predefined bundles.
pub(super) const BUNDLE_RIGHTS: Periods<(Uuid, String)> = Periods {
    table: "bundle_rights",
    columns: &["account_id", "bundle_id", "right_key"],
    keys: 3,
    values: |(bundle, right)| vec![Uuid::nil().into(), (*bundle).into(), right.clone().into()],
    read: |row| Ok((row.try_get_by_index(1)?, row.try_get_by_index(2)?)),
};

/// The bundles of predefined roles.
pub(super) const ROLE_BUNDLES: Periods<(Uuid, Uuid)> = Periods {
    table: "role_bundles",
    columns: &["account_id", "role_id", "bundle_owner", "bundle_id"],
    keys: 4,
    values: |(role, bundle)| {
        vec![Uuid::nil().into(), (*role).into(), Uuid::nil().into(), (*bundle).into()]
    },
    read: |row| Ok((row.try_get_by_index(1)?, row.try_get_by_index(3)?)),
};

/// Has what is wanted be so from a moment on; what went and what came.
pub(super) async fn settle<T: Ord + Clone>(
    tx: &DatabaseTransaction,
    at: i64,
    periods: &Periods<T>,
    wanted: BTreeSet<T>,
) -> Result<BTreeSet<T>> {
    let is = periods.open(tx).await?;
    for row in is.difference(&wanted) {
        periods.close(tx, at, row).await?;
    }
    let new: Vec<&T> = wanted.difference(&is).collect();
    for rows in new.chunks(TOGETHER) {
        periods.insert(tx, at, rows).await?;
    }
    Ok(is.symmetric_difference(&wanted).cloned().collect())
}

impl<T: Ord> Periods<T> {
    /// The table as it would be if these were the catalogue's rows, and nothing else were different.
    pub(super) fn as_if(&self, rows: &BTreeSet<T>) -> Sql {
        let (table, columns) = (self.table, self.columns.join(", "));
        let (theirs, values) = if self.columns.contains(&"account_id") {
            ("account_id <> ?", vec![Uuid::nil().into()])
        } else {
            ("1 = 0", vec![])
        };
        // What is in a bundle or a role there was added by nobody.
        let (added, nobody) =
            if values.is_empty() { ("", "") } else { (", added_person", ", NULL") };
        let select =
            format!("SELECT {columns}, valid_from, valid_to{added} FROM {table} WHERE {theirs}");
        let mut sql = Sql::new(format!("({select}"), values);
        if !rows.is_empty() {
            let open = format!("CAST(0 AS bigint), CAST({} AS bigint)", OPEN_END.micros());
            let named = (1..=self.columns.len()).map(|n| format!("column{n}"));
            let named = named.collect::<Vec<_>>().join(", ");
            sql.push(&format!(" UNION ALL SELECT {named}, {open}{nobody} FROM ("), []);
            self.push_values(&mut sql, rows);
            sql.push(") would_be", []);
        }
        sql.push(")", []);
        sql
    }

    fn push_values(&self, sql: &mut Sql, rows: &BTreeSet<T>) {
        let marks = format!("({})", vec!["?"; self.columns.len()].join(", "));
        for (n, row) in rows.iter().enumerate() {
            sql.push(if n == 0 { "VALUES " } else { ", " }, []);
            sql.push(&marks, (self.values)(row));
        }
    }

    async fn open(&self, tx: &DatabaseTransaction) -> Result<BTreeSet<T>> {
        let Self { table, columns, .. } = self;
        let mut select = Sql::new(format!("SELECT {} FROM {table}", columns.join(", ")), vec![]);
        select.push(" WHERE valid_to = ?", [OPEN_END.micros().into()]);
        if columns.contains(&"account_id") {
            select.push(" AND account_id = ?", [Uuid::nil().into()]);
        }
        let rows = tx.query_all_raw(select.statement(Dialect::of(tx))).await?;
        rows.iter().map(self.read).collect()
    }

    async fn close(&self, tx: &DatabaseTransaction, at: i64, row: &T) -> Result<()> {
        let close = format!("UPDATE {} SET valid_to = ? WHERE valid_to = ?", self.table);
        let mut close = Sql::new(close, vec![at.into(), OPEN_END.micros().into()]);
        for (column, value) in self.columns.iter().zip((self.values)(row)).take(self.keys) {
            close.push(&format!(" AND {column} = ?"), [value]);
        }
        tx.execute_raw(close.statement(Dialect::of(tx))).await?;
        Ok(())
    }

    async fn insert(&self, tx: &DatabaseTransaction, at: i64, rows: &[&T]) -> Result<()> {
        let (table, columns) = (self.table, self.columns.join(", "));
        let start = format!("INSERT INTO {table} (valid_from, valid_to, {columns}) VALUES ");
        let mut insert = Sql::new(start, vec![]);
        let marks = format!("(?, ?{})", ", ?".repeat(self.columns.len()));
        for (n, row) in rows.iter().enumerate() {
            insert.push(if n == 0 { "" } else { ", " }, []);
            insert.push(&marks, [at.into(), OPEN_END.micros().into()]);
            insert.push("", (self.values)(row));
        }
        tx.execute_raw(insert.statement(Dialect::of(tx))).await?;
        Ok(())
    }
}
