//! Tries: counted before they are judged, so that many at once are no more than few in a row.

use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use crate::domain::event::Activity;
use crate::domain::ids::PersonId;
use crate::domain::time::Timestamp;
use crate::store::dialect::Dialect;
use crate::store::entity::failed_tries;
use crate::store::script::Sql;
use crate::store::{Result, Store, activities};

/// A change of the count of tries.
#[derive(Debug)]
pub(crate) enum Change {
    /// Count a try before it is made; not done if there were too many, or a lock holds.
    Count(Try),
    /// Lock after too many; not done if it is locked already, or there were fewer.
    Lock(Box<Lock>),
}

/// A try about to be made.
#[derive(Debug, Clone)]
pub(crate) struct Try {
    /// What is tried.
    pub(crate) subject: String,
    /// When.
    pub(crate) at: Timestamp,
    /// Tries begun before then no longer count.
    pub(crate) since: Timestamp,
    /// How many there may be.
    pub(crate) most: i64,
}

/// A lock.
#[derive(Debug)]
pub(crate) struct Lock {
    /// The last wrong try.
    pub(crate) last: Try,
    /// Until when.
    pub(crate) until: Timestamp,
    /// The activity.
    pub(crate) activity: Activity,
}

/// What is tried where a person's factors are.
pub(crate) fn factors_of(person: PersonId) -> String {
    format!("factors|{person}")
}

impl Store {
    /// How many tries were counted, and until when a lock holds; zeros if there are none.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn tries(&self, subject: &str) -> Result<(i64, Timestamp)> {
        let row = failed_tries::Entity::find_by_id(subject.to_owned()).one(&self.reads).await?;
        let (failures, until) = row.map_or((0, 0), |row| (row.failures, row.locked_until));
        Ok((failures, Timestamp::from_micros(until)))
    }
}

pub(super) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    match change {
        Change::Count(one) => count(tx, one).await,
        Change::Lock(lock) => set(tx, lock).await,
    }
}

/// Forgets a subject's tries after a right one; false if a lock came first.
pub(super) async fn forget(
    tx: &impl ConnectionTrait,
    subject: &str,
    now: Timestamp,
) -> Result<bool> {
    let row = failed_tries::Entity::find_by_id(subject.to_owned()).one(tx).await?;
    if row.is_some_and(|row| row.locked_until > now.micros()) {
        return Ok(false);
    }
    failed_tries::Entity::delete_by_id(subject.to_owned()).exec(tx).await?;
    Ok(true)
}

async fn count(tx: &DatabaseTransaction, one: &Try) -> Result<bool> {
    let (now, since) = (one.at.micros(), one.since.micros());
    let sql = Sql::new(
        "INSERT INTO failed_tries (subject, failures, first_at, locked_until) \
         VALUES (?, 1, ?, 0) ON CONFLICT (subject) DO UPDATE SET \
         failures = CASE WHEN failed_tries.first_at < ? THEN 1 ELSE failed_tries.failures + 1 END, \
         first_at = CASE WHEN failed_tries.first_at < ? THEN ? ELSE failed_tries.first_at END \
         WHERE failed_tries.locked_until <= ? \
         AND (failed_tries.first_at < ? OR failed_tries.failures < ?)",
        vec![
            one.subject.clone().into(),
            now.into(),
            since.into(),
            since.into(),
            now.into(),
            now.into(),
            since.into(),
            one.most.into(),
        ],
    );
    Ok(tx.execute_raw(sql.statement(Dialect::of(tx))).await?.rows_affected() == 1)
}

async fn set(tx: &DatabaseTransaction, lock: &Lock) -> Result<bool> {
    let locked = failed_tries::Entity::update_many()
        .col_expr(failed_tries::Column::LockedUntil, lock.until.micros().into())
        .filter(failed_tries::Column::Subject.eq(lock.last.subject.as_str()))
        .filter(failed_tries::Column::Failures.gte(lock.last.most))
        .filter(failed_tries::Column::LockedUntil.lte(lock.last.at.micros()))
        .exec(tx)
        .await?;
    if locked.rows_affected == 0 {
        return Ok(false);
    }
    activities::insert(tx, &lock.activity).await?;
    Ok(true)
}
