//! What bundles and roles are called: the rows of predefined ones, which are marked as deleted when they go.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult, Value};
use uuid::Uuid;

use crate::domain::rights::bundles::Level;
use crate::domain::rights::catalogue::Texts;
use crate::scim::fold;
use crate::store::Result;
use crate::store::dialect::Dialect;
use crate::store::script::Sql;

/// The predefined ones of a table.
pub(super) struct Heads {
    pub(super) table: &'static str,
    pub(super) wanted: Vec<Head>,
}

/// One of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    id: Uuid,
    key: String,
    /// Of roles.
    level: Option<&'static str>,
    name: String,
    description: String,
}

/// One as it stands.
struct Known {
    name: String,
    description: String,
    level: Option<String>,
    is_deleted: bool,
}

/// Has them be as wanted. What holds other things than before, `changed`, is of a new version too.
pub(super) async fn settle<T>(
    tx: &DatabaseTransaction,
    at: i64,
    heads: &Heads,
    changed: &BTreeSet<(Uuid, T)>,
) -> Result<()> {
    let known = heads.known(tx).await?;
    let changed: BTreeSet<Uuid> = changed.iter().map(|(id, _)| *id).collect();
    let is_other = |head: &&Head| {
        known.get(&head.id).is_some_and(|known| changed.contains(&head.id) || !head.is(known))
    };
    let wanted: BTreeSet<Uuid> = heads.wanted.iter().map(|head| head.id).collect();
    let gone = known.iter().filter(|(id, known)| !known.is_deleted && !wanted.contains(id));
    let others: Vec<&Head> = heads.wanted.iter().filter(is_other).collect();
    // Names are unique among those that are there: all step aside before any takes another's.
    let aside = gone.map(|(id, _)| *id).chain(others.iter().map(|head| head.id));
    for id in aside {
        heads.set_aside(tx, at, id).await?;
    }
    for head in others {
        heads.update(tx, at, head).await?;
    }
    for head in heads.wanted.iter().filter(|head| !known.contains_key(&head.id)) {
        heads.insert(tx, at, head).await?;
    }
    Ok(())
}

impl Head {
    pub(super) fn new(id: Uuid, key: &str, level: Option<Level>, texts: &Texts) -> Self {
        Self {
            id,
            key: key.to_owned(),
            level: level.map(Level::as_str),
            name: texts.label.en.clone(),
            description: texts.description.en.clone(),
        }
    }

    fn is(&self, known: &Known) -> bool {
        !known.is_deleted
            && known.name == self.name
            && known.description == self.description
            && known.level.as_deref() == self.level
    }

    fn columns(&self) -> Vec<(&'static str, Value)> {
        let mut columns = vec![
            ("catalogue_key", self.key.clone().into()),
            ("name", self.name.clone().into()),
            ("name_key", fold::text(&self.name).into()),
            ("description", self.description.clone().into()),
        ];
        if let Some(level) = self.level {
            columns.push(("level", level.into()));
        }
        columns
    }
}

impl Heads {
    async fn known(&self, tx: &DatabaseTransaction) -> Result<BTreeMap<Uuid, Known>> {
        let level = if self.table == "roles" { "level" } else { "CAST(NULL AS text)" };
        let select = format!(
            "SELECT id, name, description, deleted_at, {level} FROM {} WHERE account_id = ?",
            self.table
        );
        let select = Sql::new(select, vec![Uuid::nil().into()]);
        let rows = tx.query_all_raw(select.statement(Dialect::of(tx))).await?;
        rows.iter().map(known).collect()
    }

    async fn set_aside(&self, tx: &DatabaseTransaction, at: i64, id: Uuid) -> Result<()> {
        let update = format!(
            "UPDATE {} SET deleted_at = ?, updated_at = ?, version = version + 1 \
             WHERE account_id = ? AND id = ?",
            self.table
        );
        let values = vec![at.into(), at.into(), Uuid::nil().into(), id.into()];
        tx.execute_raw(Sql::new(update, values).statement(Dialect::of(tx))).await?;
        Ok(())
    }

    async fn update(&self, tx: &DatabaseTransaction, at: i64, head: &Head) -> Result<()> {
        let start = format!("UPDATE {} SET deleted_at = NULL, updated_at = ?", self.table);
        let mut update = Sql::new(start, vec![at.into()]);
        for (column, value) in head.columns() {
            update.push(&format!(", {column} = ?"), [value]);
        }
        update.push(" WHERE account_id = ? AND id = ?", [Uuid::nil().into(), head.id.into()]);
        tx.execute_raw(update.statement(Dialect::of(tx))).await?;
        Ok(())
    }

    async fn insert(&self, tx: &DatabaseTransaction, at: i64, head: &Head) -> Result<()> {
        let mut columns: Vec<(&str, Value)> = head.columns();
        columns.extend([("account_id", Uuid::nil().into()), ("id", head.id.into())]);
        columns.extend([("created_at", at.into()), ("updated_at", at.into())]);
        columns.push(("version", 1_i64.into()));
        let (names, values): (Vec<&str>, Vec<Value>) = columns.into_iter().unzip();
        let marks = vec!["?"; values.len()].join(", ");
        let insert = format!("INSERT INTO {} ({}) VALUES ({marks})", self.table, names.join(", "));
        tx.execute_raw(Sql::new(insert, values).statement(Dialect::of(tx))).await?;
        Ok(())
    }
}

fn known(row: &QueryResult) -> Result<(Uuid, Known)> {
    let deleted_at: Option<i64> = row.try_get_by_index(3)?;
    let known = Known {
        name: row.try_get_by_index(1)?,
        description: row.try_get_by_index(2)?,
        level: row.try_get_by_index(4)?,
        is_deleted: deleted_at.is_some(),
    };
    Ok((row.try_get_by_index(0)?, known))
}
