//! Tries that slow down the next, counted before they are made.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, ExprTrait as _,
    QueryFilter, QuerySelect, Set,
};

use crate::domain::passwords::tries::{Limit, Subject, Tries};
use crate::domain::time::Timestamp;
use crate::store::entity::failed_tries;
use crate::store::{Result, Store};

/// A change of what is counted.
#[derive(Debug)]
pub(crate) enum Change {
    /// Count a try for each; not done if one must wait.
    Count(Vec<(Subject, Limit)>, Timestamp),
    /// Take one try back for each: it was none.
    TakeBack(Vec<Subject>),
    /// One was right: forget all tries of the first, take one of the second back.
    Forget(Vec<Subject>, Option<Subject>),
}

impl Store {
    /// Until when one of them must wait; a moment gone by if none must. One statement.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn locked_until(&self, subjects: &[Subject]) -> Result<Timestamp> {
        let rows = failed_tries::Entity::find()
            .filter(failed_tries::Column::Subject.is_in(subjects.iter().map(Subject::as_str)))
            .all(&self.reads)
            .await?;
        Ok(Timestamp::from_micros(rows.iter().map(|row| row.locked_until).max().unwrap_or(0)))
    }
}

pub(super) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    match change {
        Change::Count(counted, now) => count(tx, counted, *now).await,
        Change::TakeBack(subjects) => take_back(tx, subjects).await,
        Change::Forget(all, one) => {
            failed_tries::Entity::delete_many()
                .filter(failed_tries::Column::Subject.is_in(all.iter().map(Subject::as_str)))
                .exec(tx)
                .await?;
            take_back(tx, one.as_slice()).await
        }
    }
}

/// The rest that the try brought goes with it.
async fn take_back(tx: &DatabaseTransaction, subjects: &[Subject]) -> Result<bool> {
    let one_less = sea_orm::sea_query::Expr::col(failed_tries::Column::Failures).sub(1);
    let counted = Condition::all()
        .add(failed_tries::Column::Subject.is_in(subjects.iter().map(Subject::as_str)))
        .add(failed_tries::Column::Failures.gt(0));
    failed_tries::Entity::update_many()
        .col_expr(failed_tries::Column::Failures, one_less)
        .col_expr(failed_tries::Column::LockedUntil, 0.into())
        .filter(counted)
        .exec(tx)
        .await?;
    Ok(true)
}

/// Each row is locked from the look at it to the change, so that tries at once are counted one by one.
/// Callers name them in one order, so that none waits for another in a circle.
async fn count(
    tx: &DatabaseTransaction,
    counted: &[(Subject, Limit)],
    now: Timestamp,
) -> Result<bool> {
    let mut rows = Vec::with_capacity(counted.len());
    for (subject, limit) in counted {
        let key = subject.as_str().to_owned();
        let found = failed_tries::Entity::find_by_id(key.clone()).lock_exclusive().one(tx).await?;
        let Some(next) = limit.next(found.as_ref().map(tries), now) else { return Ok(false) };
        let row = failed_tries::ActiveModel {
            subject: Set(key),
            failures: Set(next.count),
            first_at: Set(next.first_at.micros()),
            locked_until: Set(next.locked_until.micros()),
        };
        rows.push((row, found.is_some()));
    }
    for (row, is_known) in rows {
        if is_known {
            row.update(tx).await?;
        } else {
            row.insert(tx).await?;
        }
    }
    Ok(true)
}

fn tries(row: &failed_tries::Model) -> Tries {
    Tries {
        count: row.failures,
        first_at: Timestamp::from_micros(row.first_at),
        locked_until: Timestamp::from_micros(row.locked_until),
    }
}
