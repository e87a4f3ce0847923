//! The stamps by which remembered rights are known to be good, of many users in one statement
//! (DECISIONS.md 11, 29).

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, QueryResult};
use serde_json::json;
use uuid::Uuid;

use crate::domain::ids::{AccountId, ResourceId, WorkspaceId};
use crate::domain::rights::decisions::Stamp;
use crate::store::dialect::Dialect;
use crate::store::script::Sql;
use crate::store::{Result, Store};

/// What is asked about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// Users.
    pub(crate) users: BTreeSet<(AccountId, ResourceId)>,
    /// Accounts.
    pub(crate) accounts: BTreeSet<AccountId>,
    /// Workspaces.
    pub(crate) workspaces: BTreeSet<(AccountId, WorkspaceId)>,
}

/// What there is of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stamps {
    /// The stamps of users that are not deleted.
    pub(crate) users: BTreeMap<(AccountId, ResourceId), Stamp>,
    /// The versions of what accounts' groups give.
    pub(crate) accounts: BTreeMap<AccountId, i64>,
    /// Whether workspaces are open.
    pub(crate) workspaces: BTreeMap<(AccountId, WorkspaceId), bool>,
}

impl Store {
    /// Reads stamps, in one statement.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn stamps(&self, wanted: &Wanted) -> Result<Stamps> {
        let sql = query(self.dialect, wanted);
        let mut stamps = Stamps::default();
        for row in self.reads.query_all_raw(sql.statement(self.dialect)).await? {
            read(&row, &mut stamps)?;
        }
        Ok(stamps)
    }

    /// The accounts of these short names.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn accounts_named(&self, slugs: &[&str]) -> Result<Vec<(String, AccountId)>> {
        let few = self.dialect.each_text();
        let found = self.dialect.look_up_each(few, "accounts", "d.slug = el.value");
        let sql = Sql::new(
            format!("SELECT d.slug, d.id FROM {found}"),
            vec![json!(slugs).to_string().into()],
        );
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        let named = |row: &QueryResult| {
            Ok((row.try_get_by_index(0)?, AccountId::new(row.try_get_by_index(1)?)))
        };
        rows.iter().map(named).collect()
    }
}

/// Says that what a user holds has changed, in the caller's transaction.
pub(in crate::store) async fn outdate(
    tx: &impl ConnectionTrait,
    (account, user): (Uuid, Uuid),
) -> Result<()> {
    let sql = Sql::new(
        "UPDATE users SET rights_version = rights_version + 1 WHERE account_id = ? AND id = ?",
        vec![account.into(), user.into()],
    );
    tx.execute_raw(sql.statement(Dialect::of(tx))).await?;
    Ok(())
}

/// Rows of a kind, an account, an id, and up to three numbers.
fn query(dialect: Dialect, wanted: &Wanted) -> Sql {
    let of_pair = "d.account_id = pairs.owner AND d.id = pairs.wanted";
    let of_live = format!("{of_pair} AND d.deleted_at IS NULL");
    let users = dialect.look_up_each(dialect.wanted_pairs(), "users", &of_live);
    let accounts = dialect.look_up_each(dialect.wanted_ids(), "accounts", "d.id = ids.wanted");
    let workspaces = dialect.look_up_each(dialect.wanted_pairs(), "workspaces", of_pair);
    let text = format!(
        "SELECT 1 AS kind, d.account_id, d.id, d.version, d.rights_version, \
         (SELECT a.shape_version FROM accounts a WHERE a.id = d.account_id) AS shape FROM {users} \
         UNION ALL SELECT 2, d.id, d.id, CAST(0 AS bigint), CAST(0 AS bigint), d.shape_version \
         FROM {accounts} \
         UNION ALL SELECT 3, d.account_id, d.id, CAST(0 AS bigint), CAST(0 AS bigint), \
         CAST(CASE WHEN d.closed_at IS NULL THEN 1 ELSE 0 END AS bigint) FROM {workspaces}"
    );
    let plain = |id: Uuid| id.simple().to_string();
    let users = wanted.users.iter().map(|(a, u)| [plain(a.uuid()), plain(u.uuid())]);
    let accounts = wanted.accounts.iter().map(|id| plain(id.uuid()));
    let workspaces = wanted.workspaces.iter().map(|(a, w)| [plain(a.uuid()), plain(w.uuid())]);
    Sql::new(
        text,
        vec![
            json!(users.collect::<Vec<_>>()).to_string().into(),
            json!(accounts.collect::<Vec<_>>()).to_string().into(),
            json!(workspaces.collect::<Vec<_>>()).to_string().into(),
        ],
    )
}

fn read(row: &QueryResult, stamps: &mut Stamps) -> Result<()> {
    let account = AccountId::new(row.try_get_by_index(1)?);
    let id: Uuid = row.try_get_by_index(2)?;
    let number = |n| row.try_get_by_index::<i64>(n);
    match row.try_get_by_index::<i32>(0)? {
        1 => {
            let stamp = Stamp { user: number(3)?, rights: number(4)?, shape: number(5)? };
            stamps.users.insert((account, ResourceId::new(id)), stamp);
        }
        2 => {
            stamps.accounts.insert(account, number(5)?);
        }
        _ => {
            stamps.workspaces.insert((account, WorkspaceId::new(id)), number(5)? != 0);
        }
    }
    Ok(())
}
