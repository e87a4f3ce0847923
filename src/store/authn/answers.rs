//! Requests known by a key, and their answers.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, Set,
};

use crate::domain::records::answers::{Claimed, KeptAnswer, RequestKey};
use crate::domain::time::Timestamp;
use crate::store::entity::idempotency_keys::{ActiveModel, Column, Entity, Model};
use crate::store::{Result, Store, StoreError};

/// A change of what is known of a request.
#[derive(Debug)]
pub(crate) enum Change {
    /// It is being done, now; one from before the second moment is forgotten.
    /// [`StoreError::Taken`] if it is known.
    Claim(Box<RequestKey>, Timestamp, Timestamp),
    /// It was answered with that status, and with this answer if it is to be kept.
    Answered(Box<RequestKey>, u16, Option<KeptAnswer>),
    /// It was not done.
    Forget(Box<RequestKey>),
}

impl Store {
    /// What is known of a request; none if nothing is.
    ///
    /// # Errors
    /// If the database fails, or a row does not read.
    pub(crate) async fn claimed(&self, key: &RequestKey) -> Result<Option<Claimed>> {
        let id = (key.account.uuid(), key.actor, key.key.clone());
        let row = Entity::find_by_id(id).one(&self.reads).await?;
        row.map(|row| claimed(row, key)).transpose()
    }
}

pub(super) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    match change {
        Change::Claim(key, now, before) => claim(tx, key, (*now, *before)).await,
        Change::Answered(key, status, answer) => answered(tx, key, *status, answer.as_ref()).await,
        Change::Forget(key) => {
            let gone = Entity::delete_many().filter(of(key)).exec(tx).await?;
            Ok(gone.rows_affected > 0)
        }
    }
}

async fn claim(
    tx: &DatabaseTransaction,
    key: &RequestKey,
    (now, before): (Timestamp, Timestamp),
) -> Result<bool> {
    let old = of(key).add(Column::CreatedAt.lt(before.micros()));
    Entity::delete_many().filter(old).exec(tx).await?;
    let row = ActiveModel {
        account_id: Set(key.account.uuid()),
        actor_id: Set(key.actor),
        key: Set(key.key.clone()),
        fingerprint: Set(key.fingerprint.to_vec()),
        status: Set(None),
        headers: Set(None),
        body: Set(None),
        created_at: Set(now.micros()),
    };
    row.insert(tx).await?;
    Ok(true)
}

async fn answered(
    tx: &DatabaseTransaction,
    key: &RequestKey,
    status: u16,
    answer: Option<&KeptAnswer>,
) -> Result<bool> {
    let headers = answer.map(|answer| serde_json::json!(answer.headers).to_string());
    let body = answer.map(|answer| answer.body.clone());
    let changed = Entity::update_many()
        .col_expr(Column::Status, i64::from(status).into())
        .col_expr(Column::Headers, headers.into())
        .col_expr(Column::Body, body.into())
        .filter(of(key))
        .exec(tx)
        .await?;
    Ok(changed.rows_affected > 0)
}

fn of(key: &RequestKey) -> Condition {
    Condition::all()
        .add(Column::AccountId.eq(key.account.uuid()))
        .add(Column::ActorId.eq(key.actor))
        .add(Column::Key.eq(key.key.as_str()))
}

fn claimed(row: Model, key: &RequestKey) -> Result<Claimed> {
    let wrong =
        |what: &str| StoreError::Inconsistent { table: "idempotency_keys", what: what.to_owned() };
    if row.fingerprint != key.fingerprint {
        return Ok(Claimed::Other);
    }
    let Some(status) = row.status else { return Ok(Claimed::Running) };
    let (Some(headers), Some(body)) = (row.headers, row.body) else { return Ok(Claimed::Done) };
    Ok(Claimed::Kept(KeptAnswer {
        status: u16::try_from(status).map_err(|_| wrong("status"))?,
        headers: serde_json::from_str(&headers).map_err(|_| wrong("headers"))?,
        body,
    }))
}
