//! Who may sign for support users: administrators of the account or its parent, and of the operator's staff
//! directors, who stands in for one, and services managers (W9, W11; POLICY.md M24, M30).

use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::persons::support::Function;
use crate::domain::time::Timestamp;
use crate::store::accounts::support::posts;
use crate::store::dialect::Dialect;
use crate::store::rights::approvals::approver;
use crate::store::script::Sql;
use crate::store::{Result, Store};

/// By what somebody may sign for support users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signer {
    /// The user.
    pub(crate) user: ResourceId,
    /// Since when.
    pub(crate) since: Timestamp,
    /// Whether by a seed, which needs no time to settle (DECISIONS.md 1).
    pub(crate) by_seed: bool,
    /// Whether as an administrator of the account or its parent.
    pub(crate) as_customer: bool,
    /// The director in whose place.
    pub(crate) stands_in_for: Option<ResourceId>,
}

impl Store {
    /// By what a user may sign for support users in an account; nothing if they may not.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn support_signer(
        &self,
        account: AccountId,
        user: (AccountId, ResourceId),
        now: Timestamp,
    ) -> Result<Vec<Signer>> {
        signer(&self.reads, account, user, now).await
    }

    /// All of the operator's staff who may.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn support_signers(
        &self,
        operator: AccountId,
        now: Timestamp,
    ) -> Result<Vec<Signer>> {
        let mut sql = posts::of_all(self.dialect, operator, now);
        sql.push(&select(""), []);
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        rows.iter().map(read).collect()
    }
}

/// See [`Store::support_signer`].
pub(in crate::store) async fn signer(
    db: &impl ConnectionTrait,
    account: AccountId,
    (home, user): (AccountId, ResourceId),
    now: Timestamp,
) -> Result<Vec<Signer>> {
    let mut found = vec![];
    let administers = approver(db, account, (home, user), now).await?;
    if let Some(by) = administers.filter(|it| !it.as_staff) {
        let (since, by_seed) = (by.since, by.by_seed);
        found.push(Signer { user, since, by_seed, as_customer: true, stands_in_for: None });
    }
    let is_staff = Sql::new(
        "SELECT 1 FROM accounts WHERE id = ? AND kind = 'operator'",
        vec![home.uuid().into()],
    );
    let dialect = Dialect::of(db);
    if db.query_one_raw(is_staff.statement(dialect)).await?.is_none() {
        return Ok(found);
    }
    let mut sql = posts::of_one(dialect, (home, user), now);
    sql.push(&select(" AND user_id = ?"), [user.uuid().into()]);
    for row in db.query_all_raw(sql.statement(dialect)).await? {
        found.push(read(&row)?);
    }
    Ok(found)
}

fn select(more: &str) -> String {
    let names: Vec<String> = Function::ALL
        .iter()
        .filter(|it| it.makes_approvers())
        .map(|it| format!("'{}'", it.as_str()))
        .collect();
    format!(
        " SELECT user_id, since, seeded, for_user FROM posts WHERE gives = 'function' \
         AND name IN ({}){more} ORDER BY since",
        names.join(", ")
    )
}

fn read(row: &QueryResult) -> Result<Signer> {
    let stands_in_for: Option<Uuid> = row.try_get_by_index(3)?;
    Ok(Signer {
        user: ResourceId::new(row.try_get_by_index(0)?),
        since: Timestamp::from_micros(row.try_get_by_index(1)?),
        by_seed: row.try_get_by_index::<i32>(2)? == 1,
        as_customer: false,
        stands_in_for: stands_in_for.map(ResourceId::new),
    })
}
