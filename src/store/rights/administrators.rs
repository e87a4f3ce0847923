//! Who administers accounts (S4): as it is by the one query of rights, and as the worker last noted it.
//!
//! The right is privileged in every catalogue, so nobody has it but by a seed or a signature: those few are
//! looked at, however large the account.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult, Statement};
use uuid::Uuid;

use crate::domain::effect::Delivery;
use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::rights::paths::{Standing, Where};
use crate::domain::rights::{Right, RightKey};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::{Permit, SystemPermit};
use crate::store::dialect::Dialect;
use crate::store::rights::paths::{Tables, When, paths_to_within};
use crate::store::rights::standing;
use crate::store::script::{Applied, Sql};
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store, StoreError, activities, outbox};

/// How many are looked at in one statement.
const TOGETHER: usize = 500;

/// Who administers an account by users of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Administrators {
    /// Who does.
    pub(crate) users: BTreeSet<ResourceId>,
    /// When time alone will next change that.
    pub(crate) turns_at: Timestamp,
}

/// What was noted of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Noted {
    /// Who administered it.
    pub(crate) users: BTreeSet<ResourceId>,
    /// Whether it lost the last one and has no other yet.
    pub(crate) in_recovery: bool,
    /// When it is to be looked at again.
    pub(crate) due_at: Timestamp,
}

/// What is to be noted, with its lines of the record and the mails that tell of it.
#[derive(Debug)]
pub(crate) struct Change {
    /// The account.
    pub(crate) account: AccountId,
    /// When.
    pub(crate) at: Timestamp,
    /// Who administers it now, and did not.
    pub(crate) gained: BTreeSet<ResourceId>,
    /// Who does no longer.
    pub(crate) lost: BTreeSet<ResourceId>,
    /// Whether its recovery begins or ends.
    pub(crate) recovery: Option<bool>,
    /// When it is to be looked at again.
    pub(crate) due_at: Timestamp,
    /// The record's lines.
    pub(crate) activities: Vec<Activity>,
    /// To whom it is told.
    pub(crate) mails: Vec<Delivery>,
}

/// A hot write that may take an administrator from an account: it is undone if it took the last one.
#[derive(Debug)]
pub(crate) struct Guarded {
    account: AccountId,
    at: Timestamp,
    statement: Statement,
}

impl Store {
    /// Who administers an account now.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn account_administrators(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Administrators> {
        administrators(&self.reads, account, (now, &Tables::default())).await
    }

    /// Who would, if the tables were these.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn account_administrators_after(
        &self,
        account: AccountId,
        now: Timestamp,
        tables: &Tables,
    ) -> Result<BTreeSet<ResourceId>> {
        Ok(administrators(&self.reads, account, (now, tables)).await?.users)
    }

    /// Whether anything may make that user an administrator.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn may_administer(
        &self,
        account: AccountId,
        user: ResourceId,
    ) -> Result<bool> {
        Ok(candidates(&self.reads, account).await?.contains(&user))
    }

    /// What was noted of an account.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn noted_administrators(&self, account: AccountId) -> Result<Noted> {
        let id = account.uuid();
        let open = OPEN_END.micros();
        let sql = Sql::new(
            format!(
                "SELECT 1, user_id, valid_from FROM account_administrators \
                 WHERE account_id = ? AND valid_to = {open} UNION ALL \
                 SELECT 2, account_id, valid_from FROM account_recoveries \
                 WHERE account_id = ? AND valid_to = {open} UNION ALL \
                 SELECT 3, account_id, due_at FROM administrator_watches WHERE account_id = ?"
            ),
            vec![id.into(), id.into(), id.into()],
        );
        let mut noted = Noted { users: BTreeSet::new(), in_recovery: false, due_at: OPEN_END };
        for row in self.reads.query_all_raw(sql.statement(self.dialect)).await? {
            match row.try_get_by_index::<i32>(0)? {
                1 => drop(noted.users.insert(ResourceId::new(row.try_get_by_index(1)?))),
                2 => noted.in_recovery = true,
                _ => noted.due_at = Timestamp::from_micros(row.try_get_by_index(2)?),
            }
        }
        Ok(noted)
    }

    /// Whether an account ever had an administrator who was noted.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn had_administrators(&self, account: AccountId) -> Result<bool> {
        let sql = Sql::new(
            "SELECT 1 FROM account_administrators WHERE account_id = ? LIMIT 1",
            vec![account.uuid().into()],
        );
        Ok(self.reads.query_one_raw(sql.statement(self.dialect)).await?.is_some())
    }

    /// The accounts in which time alone has changed something by now.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn due_administrations(&self, now: Timestamp) -> Result<Vec<AccountId>> {
        let sql = Sql::new(
            "SELECT account_id FROM administrator_watches WHERE due_at <= ? LIMIT 500",
            vec![now.micros().into()],
        );
        self.account_ids(sql).await
    }

    /// All accounts that have, had or may have an administrator.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn administered_accounts(&self) -> Result<Vec<AccountId>> {
        let right = || Right::UsersAdminister.as_str().into();
        let open = OPEN_END.micros();
        let sql = Sql::new(
            format!(
                "SELECT account_id FROM account_administrators WHERE valid_to = {open} UNION \
                 SELECT account_id FROM seed_grants WHERE right_key = ? UNION \
                 SELECT account_id FROM approved_rights WHERE right_key = ? AND valid_to = {open}"
            ),
            vec![right(), right()],
        );
        self.account_ids(sql).await
    }

    /// Who looks after an account: its customer success manager, a user of the operator's account.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn csm(&self, account: AccountId) -> Result<Option<ResourceId>> {
        let sql = Sql::new(
            format!(
                "SELECT user_id FROM account_team WHERE account_id = ? AND function = 'csm' \
                 AND valid_to = {}",
                OPEN_END.micros()
            ),
            vec![account.uuid().into()],
        );
        let row = self.reads.query_one_raw(sql.statement(self.dialect)).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.map(ResourceId::new))
    }

    /// Notes a change, unless another process did.
    ///
    /// # Errors
    /// [`StoreError::Moved`] or [`StoreError::Taken`] if it was noted meanwhile, and if the database fails.
    pub(crate) async fn note_administrators(
        &self,
        change: Change,
        permit: SystemPermit,
    ) -> Result<()> {
        let write = Rows::Administrators(Box::new(change)).into();
        self.writer.apply(write, Warrant::System(permit)).await.map(|_| ())
    }

    /// Applies a hot write about a user who may administer the account, but for its last administrator.
    ///
    /// # Errors
    /// [`StoreError::Moved`] if it would leave none, and if the database fails.
    pub(in crate::store) async fn apply_guarded(
        &self,
        statement: Statement,
        activity: &Activity,
        permit: Permit,
    ) -> Result<Applied> {
        let guarded = Guarded { account: activity.account, at: activity.at, statement };
        let write = Rows::Guarded(Box::new(guarded)).into();
        self.writer.apply(write, Warrant::Decided(permit)).await
    }

    async fn account_ids(&self, sql: Sql) -> Result<Vec<AccountId>> {
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        rows.iter().map(|row| Ok(AccountId::new(row.try_get_by_index(0)?))).collect()
    }
}

/// Who administers an account, by these tables.
async fn administrators(
    db: &impl ConnectionTrait,
    account: AccountId,
    (now, tables): (Timestamp, &Tables),
) -> Result<Administrators> {
    let right = RightKey::from(Right::UsersAdminister);
    let here = Where { account, workspace: None };
    let mut found = Administrators { users: BTreeSet::new(), turns_at: OPEN_END };
    let candidates: Vec<ResourceId> = candidates(db, account).await?.into_iter().collect();
    for users in candidates.chunks(TOGETHER) {
        let of = (account, users);
        for path in paths_to_within(db, &right, of, (When::Now(now), tables)).await? {
            if path.held_in != here {
                continue;
            }
            found.turns_at = found.turns_at.min(path.turns_at);
            if path.standing() == Standing::Effective {
                found.users.insert(path.user);
            }
        }
    }
    Ok(found)
}

/// Who may be one: whom a seed or a signature gave the right.
async fn candidates(db: &impl ConnectionTrait, account: AccountId) -> Result<BTreeSet<ResourceId>> {
    let right = || Right::UsersAdminister.as_str().into();
    let sql = Sql::new(
        format!(
            "SELECT user_id FROM seed_grants WHERE account_id = ? AND right_key = ? UNION \
             SELECT user_id FROM approved_rights WHERE account_id = ? AND right_key = ? \
             AND valid_to = {}",
            OPEN_END.micros()
        ),
        vec![account.uuid().into(), right(), account.uuid().into(), right()],
    );
    let rows: Vec<QueryResult> = db.query_all_raw(sql.statement(Dialect::of(db))).await?;
    rows.iter().map(|row| Ok(ResourceId::new(row.try_get_by_index(0)?))).collect()
}

/// Whether somebody administers an account: one of its own users, or of its parent's.
pub(super) async fn is_administered(
    tx: &DatabaseTransaction,
    account: AccountId,
    now: Timestamp,
) -> Result<bool> {
    let by = (now, &Tables::default());
    if !administrators(tx, account, by).await?.users.is_empty() {
        return Ok(true);
    }
    let parent = Sql::new(
        format!(
            "SELECT parent_id FROM account_periods WHERE account_id = ? AND valid_to = {}",
            OPEN_END.micros()
        ),
        vec![account.uuid().into()],
    );
    let row = tx.query_one_raw(parent.statement(Dialect::of(tx))).await?;
    let parent: Option<Option<Uuid>> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    match parent.flatten() {
        Some(parent) => Ok(!administrators(tx, AccountId::new(parent), by).await?.users.is_empty()),
        None => Ok(false),
    }
}

/// Applies a hot write in the caller's transaction; undone with it if it took the last administrator.
pub(in crate::store) async fn guarded(
    tx: &DatabaseTransaction,
    write: &Guarded,
) -> Result<Applied> {
    let Guarded { account, at, statement } = write;
    standing::lock(tx, *account).await?;
    let had = is_administered(tx, *account, *at).await?;
    let rows: Vec<QueryResult> = tx.query_all_raw(statement.clone()).await?;
    let applied = Applied::read(rows.last())?;
    if applied.done && had && !is_administered(tx, *account, *at).await? {
        return Err(StoreError::Moved);
    }
    Ok(applied)
}

/// Notes a change in the caller's transaction.
pub(in crate::store) async fn note(tx: &DatabaseTransaction, change: &Change) -> Result<()> {
    let (account, at) = (change.account.uuid(), change.at.micros());
    let open = OPEN_END.micros();
    for user in &change.lost {
        let sql = Sql::new(
            "UPDATE account_administrators SET valid_to = ? \
             WHERE account_id = ? AND user_id = ? AND valid_to = ?",
            vec![at.into(), account.into(), user.uuid().into(), open.into()],
        );
        once(tx, sql).await?;
    }
    for user in &change.gained {
        let sql = Sql::new(
            "INSERT INTO account_administrators (account_id, user_id, valid_to, valid_from) \
             VALUES (?, ?, ?, ?)",
            vec![account.into(), user.uuid().into(), open.into(), at.into()],
        );
        once(tx, sql).await?;
    }
    let recovery = match change.recovery {
        Some(true) => Some(Sql::new(
            "INSERT INTO account_recoveries (account_id, valid_to, valid_from) VALUES (?, ?, ?)",
            vec![account.into(), open.into(), at.into()],
        )),
        Some(false) => Some(Sql::new(
            "UPDATE account_recoveries SET valid_to = ? WHERE account_id = ? AND valid_to = ?",
            vec![at.into(), account.into(), open.into()],
        )),
        None => None,
    };
    if let Some(sql) = recovery {
        once(tx, sql).await?;
    }
    let watch = Sql::new(
        "INSERT INTO administrator_watches (account_id, due_at) VALUES (?, ?) \
         ON CONFLICT (account_id) DO UPDATE SET due_at = excluded.due_at",
        vec![account.into(), change.due_at.micros().into()],
    );
    once(tx, watch).await?;
    for activity in &change.activities {
        activities::insert(tx, activity).await?;
    }
    for mail in &change.mails {
        outbox::insert(tx, mail).await?;
    }
    Ok(())
}

/// Changes one row, or undoes everything.
async fn once(tx: &DatabaseTransaction, sql: Sql) -> Result<()> {
    match tx.execute_raw(sql.statement(Dialect::of(tx))).await?.rows_affected() {
        0 => Err(StoreError::Moved),
        _ => Ok(()),
    }
}
