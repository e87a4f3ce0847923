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
    /// Take one try back for each: it was none, or it was right.
    TakeBack(Vec<Subject>),
    /// Forget all tries: one was right.
    Forget(Subject),
    /// Drop whatever came to rest before that moment.
    Purge(Timestamp),
}

impl Store {
    /// What was tried so far.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn rate(&self, subject: &Subject) -> Result<Option<Tries>> {
        let key = subject.as_str().to_owned();
        Ok(failed_tries::Entity::find_by_id(key).one(&self.reads).await?.as_ref().map(tries))
    }
}

pub(super) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    match change {
        Change::Count(counted, now) => count(tx, counted, *now).await,
        Change::TakeBack(subjects) => {
            let one_less = sea_orm::sea_query::Expr::col(failed_tries::Column::Failures).sub(1);
            let counted = Condition::all()
                .add(failed_tries::Column::Subject.is_in(subjects.iter().map(Subject::as_str)))
                .add(failed_tries::Column::Failures.gt(0));
            failed_tries::Entity::update_many()
                .col_expr(failed_tries::Column::Failures, one_less)
                .filter(counted)
                .exec(tx)
                .await?;
            Ok(true)
        }
        Change::Forget(subject) => {
            let key = subject.as_str().to_owned();
            failed_tries::Entity::delete_by_id(key).exec(tx).await?;
            Ok(true)
        }
        Change::Purge(before) => {
            let rested = Condition::all()
                .add(failed_tries::Column::FirstAt.lt(before.micros()))
                .add(failed_tries::Column::LockedUntil.lt(before.micros()));
            failed_tries::Entity::delete_many().filter(rested).exec(tx).await?;
            Ok(true)
        }
    }
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
