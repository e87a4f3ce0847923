//! What reads THE query of effective rights ([`query`]): the paths of users, stopped ones included.

mod query;

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryResult};
use uuid::Uuid;

use crate::domain::ids::{AccountId, BundleId, ResourceId, RoleId, WorkspaceId};
use crate::domain::rights::paths::{Path, Source, Standing, Stop, Where, standings};
use crate::domain::rights::{Held, RightKey};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::store::dialect::Dialect;
use crate::store::script::Sql;
use crate::store::{Result, Store, StoreError};

pub(super) use self::query::{Query, awaiting, bit, person_of};

/// Of when the answer is to be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Of this moment: by the rows in force, whatever the clocks of others say, and by what was wanted
    /// for this moment.
    Now(Timestamp),
    /// Of a past moment: by the rows in force then.
    Then(Timestamp),
}

/// The tables to read, each a table or a select in parentheses.
#[derive(Debug, Clone)]
pub(crate) struct Tables {
    /// Memberships.
    pub(crate) members: Sql,
    /// Group mappings.
    pub(crate) mappings: Sql,
    /// What roles carry.
    pub(crate) role_bundles: Sql,
    /// What bundles hold.
    pub(crate) bundle_rights: Sql,
    /// Grants.
    pub(crate) grants: Sql,
    /// Account permissions.
    pub(crate) permissions: Sql,
    /// The rights of the catalogue.
    pub(crate) catalogue: Sql,
    /// What is effective though privileged, since somebody signed it.
    pub(crate) approved: Sql,
    /// Which accounts support users were let into.
    pub(crate) support: Sql,
}

impl Default for Tables {
    fn default() -> Self {
        let table = |name: &str| Sql::new(name, vec![]);
        Self {
            members: table("group_members"),
            mappings: table("group_mappings"),
            role_bundles: table("role_bundles"),
            bundle_rights: table("bundle_rights"),
            grants: table("grants"),
            permissions: table("account_permissions"),
            catalogue: table("catalogue_rights"),
            approved: table("approved_rights"),
            support: table("support_grants"),
        }
    }
}

/// The present, where the moment does not matter.
pub(super) const PRESENT: When = When::Now(OPEN_END);

impl When {
    /// The moment.
    fn at(self) -> Timestamp {
        match self {
            Self::Now(at) | Self::Then(at) => at,
        }
    }

    /// Whether a row of these columns is in force.
    pub(super) fn covers(self, from: impl ColumnTrait, to: impl ColumnTrait) -> Condition {
        match self {
            Self::Now(_) => Condition::all().add(to.eq(OPEN_END.micros())),
            Self::Then(at) => Condition::all().add(from.lte(at.micros())).add(to.gt(at.micros())),
        }
    }

    /// Whether what is marked with the moment when it was deleted is there.
    pub(super) fn still(self, deleted: impl ColumnTrait) -> Condition {
        let there = Condition::any().add(deleted.is_null());
        match self {
            Self::Now(_) => there,
            Self::Then(at) => there.add(deleted.gt(at.micros())),
        }
    }

    /// Whether the row of a table is in force.
    pub(super) fn in_force(self, table: &str) -> String {
        match self {
            Self::Now(_) => format!("{table}.valid_to = {}", OPEN_END.micros()),
            Self::Then(at) => {
                format!("{table}.valid_from <= {0} AND {table}.valid_to > {0}", at.micros())
            }
        }
    }
}

impl Store {
    /// All paths to rights of users of an account, stopped ones included.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn paths(
        &self,
        (account, users): (AccountId, &[ResourceId]),
        when: When,
        tables: &Tables,
    ) -> Result<Vec<Path>> {
        self.read_paths(Query { dialect: self.dialect, account, when, tables, only: None }, users)
            .await
    }

    /// The same, to one right alone.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn paths_to(
        &self,
        right: &RightKey,
        (account, users): (AccountId, &[ResourceId]),
        when: When,
    ) -> Result<Vec<Path>> {
        let (dialect, tables) = (self.dialect, &Tables::default());
        let query = Query { dialect, account, when, tables, only: Some(right) };
        let mut paths = self.read_paths(query, users).await?;
        // What is kept apart from it was read beside it.
        paths.retain(|path| path.right == *right);
        Ok(paths)
    }

    async fn read_paths(&self, query: Query<'_>, users: &[ResourceId]) -> Result<Vec<Path>> {
        let sql = query.over(query.subjects(users));
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        Ok(once_each(rows.iter().map(path).collect::<Result<_>>()?))
    }

    /// The rights that a user holds in the whole of their account at that moment.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn held(
        &self,
        account: AccountId,
        user: ResourceId,
        now: Timestamp,
    ) -> Result<Held> {
        let paths = self.paths((account, &[user]), When::Now(now), &Tables::default()).await?;
        let here = Where { account, workspace: None };
        let is_held =
            |standing: &Standing, place: &Where| *standing == Standing::Effective && *place == here;
        let all = standings(&paths).into_iter();
        Ok(all
            .filter(|((_, _, place), it)| is_held(it, place))
            .map(|((_, key, _), _)| key)
            .collect())
    }
}

/// The same as [`Store::paths`], as a transaction sees it.
pub(super) async fn paths_within(
    db: &impl ConnectionTrait,
    (account, users): (AccountId, &[ResourceId]),
    when: When,
    tables: &Tables,
) -> Result<Vec<Path>> {
    let dialect = Dialect::of(db);
    let query = Query { dialect, account, when, tables, only: None };
    let sql = query.over(query.subjects(users));
    let rows = db.query_all_raw(sql.statement(dialect)).await?;
    Ok(once_each(rows.iter().map(path).collect::<Result<_>>()?))
}

/// The same as [`Store::paths_to`], as a transaction sees it, or by other tables.
pub(super) async fn paths_to_within(
    db: &impl ConnectionTrait,
    right: &RightKey,
    (account, users): (AccountId, &[ResourceId]),
    (when, tables): (When, &Tables),
) -> Result<Vec<Path>> {
    let dialect = Dialect::of(db);
    let query = Query { dialect, account, when, tables, only: Some(right) };
    let sql = query.over(query.subjects(users));
    let rows = db.query_all_raw(sql.statement(dialect)).await?;
    let mut paths = once_each(rows.iter().map(path).collect::<Result<_>>()?);
    paths.retain(|path| path.right == *right);
    Ok(paths)
}

/// Two ways up to one group are one path, since the earlier of the two moments. What was signed of one of
/// them is signed of the path.
fn once_each(paths: Vec<Path>) -> Vec<Path> {
    let mut best: BTreeMap<_, Path> = BTreeMap::new();
    for path in paths {
        let key =
            (path.user, path.right.clone(), path.held_in, path.source, path.role, path.bundle);
        let rank = |it: &Path| (it.stops.len(), it.basis);
        match best.get(&key) {
            Some(known) if rank(known) <= rank(&path) => {}
            Some(_) | None => {
                best.insert(key, path);
            }
        }
    }
    best.into_values().collect()
}

/// Reads a row of the query.
fn path(row: &QueryResult) -> Result<Path> {
    let bad = |what: String| StoreError::Inconsistent { table: "catalogue_rights", what };
    let id = |n: usize| -> Result<Option<Uuid>> { Ok(row.try_get_by_index(n)?) };
    let key: String = row.try_get_by_index(6)?;
    let right = RightKey::parse(&key).ok_or_else(|| bad(key))?;
    let source_id = id(2)?.unwrap_or_default();
    let source = match row.try_get_by_index::<i32>(1)? {
        1 => Source::Mapping { id: source_id, group: id(3)?.map(ResourceId::new) },
        2 => Source::Grant { id: source_id },
        4 => Source::Support { id: source_id },
        _ => Source::Seed,
    };
    let bits: i64 = row.try_get_by_index(9)?;
    Ok(Path {
        user: ResourceId::new(row.try_get_by_index(0)?),
        right,
        held_in: Where {
            account: AccountId::new(row.try_get_by_index(7)?),
            workspace: id(8)?.map(WorkspaceId::new),
        },
        source,
        role: id(4)?.map(RoleId::new),
        bundle: id(5)?.map(BundleId::new),
        stops: Stop::ALL.into_iter().filter(|stop| bits & bit(*stop) != 0).collect(),
        turns_at: Timestamp::from_micros(row.try_get_by_index(10)?),
        basis: Timestamp::from_micros(row.try_get_by_index(11)?),
    })
}
