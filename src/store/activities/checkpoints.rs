//! Signed heads of the chain, and the key that signs them.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set,
};

use crate::domain::event::Activity;
use crate::domain::event::checkpoints::{Checkpoint, CheckpointKey};
use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;
use crate::policy::SystemPermit;
use crate::store::activities::chain::whole;
use crate::store::entity::{activity_checkpoints, checkpoint_keys};
use crate::store::script::Sql;
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store, StoreError, activities};

/// What is added.
#[derive(Debug)]
pub(crate) enum New {
    /// A signed head.
    Checkpoint(Checkpoint),
    /// A key, and that it was made, on record.
    Key(CheckpointKey, Box<Activity>),
}

impl Store {
    /// The latest checkpoint of an account.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn checkpoint(&self, account: AccountId) -> Result<Option<Checkpoint>> {
        let latest = activity_checkpoints::Entity::find()
            .filter(activity_checkpoints::Column::AccountId.eq(account.uuid()))
            .order_by_desc(activity_checkpoints::Column::Seq);
        latest.one(&self.reads).await?.map(read).transpose()
    }

    /// All of an account, the oldest first.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn checkpoints(&self, account: AccountId) -> Result<Vec<Checkpoint>> {
        let all = activity_checkpoints::Entity::find()
            .filter(activity_checkpoints::Column::AccountId.eq(account.uuid()))
            .order_by_asc(activity_checkpoints::Column::Seq);
        all.all(&self.reads).await?.into_iter().map(read).collect()
    }

    /// The accounts whose chain has grown since their latest checkpoint.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn accounts_to_check(&self) -> Result<Vec<AccountId>> {
        let sql = Sql::new(
            "SELECT a.id FROM accounts a WHERE \
             COALESCE((SELECT max(s.seq) FROM activity_seals s WHERE s.account_id = a.id), 0) > \
             COALESCE((SELECT max(c.seq) FROM activity_checkpoints c WHERE c.account_id = a.id), 0)",
            vec![],
        );
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        rows.iter().map(|row| Ok(AccountId::new(row.try_get_by_index(0)?))).collect()
    }

    /// The keys that sign and signed checkpoints, the latest first.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn checkpoint_keys(&self) -> Result<Vec<CheckpointKey>> {
        let all = checkpoint_keys::Entity::find()
            .order_by_desc(checkpoint_keys::Column::CreatedAt)
            .order_by_asc(checkpoint_keys::Column::Id);
        let key = |row: checkpoint_keys::Model| CheckpointKey {
            id: row.id,
            private_key: row.private_key,
            public_jwk: row.public_jwk,
            created_at: Timestamp::from_micros(row.created_at),
        };
        Ok(all.all(&self.reads).await?.into_iter().map(key).collect())
    }

    /// Adds a checkpoint or a key; false if another process was faster.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn add_checkpoint(&self, new: New, permit: SystemPermit) -> Result<bool> {
        let write = Rows::Checkpoint(Box::new(new)).into();
        match self.writer.apply(write, Warrant::System(permit)).await {
            Ok(applied) => Ok(applied.done),
            Err(StoreError::Taken) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Adds one in the caller's transaction.
pub(in crate::store) async fn apply(tx: &impl ConnectionTrait, new: &New) -> Result<bool> {
    match new {
        New::Checkpoint(it) => {
            use activity_checkpoints::Entity;
            if Entity::find_by_id((it.account.uuid(), it.seq)).one(tx).await?.is_some() {
                return Ok(false);
            }
            row(it).insert(tx).await?;
        }
        New::Key(key, activity) => {
            let row = checkpoint_keys::ActiveModel {
                id: Set(key.id.clone()),
                private_key: Set(key.private_key.clone()),
                public_jwk: Set(key.public_jwk.clone()),
                created_at: Set(key.created_at.micros()),
            };
            row.insert(tx).await?;
            activities::insert(tx, activity).await?;
        }
    }
    Ok(true)
}

fn row(it: &Checkpoint) -> activity_checkpoints::ActiveModel {
    activity_checkpoints::ActiveModel {
        account_id: Set(it.account.uuid()),
        seq: Set(it.seq),
        at: Set(it.at.micros()),
        hash: Set(it.hash.to_vec()),
        key_id: Set(it.key_id.clone()),
        signature: Set(it.signature.clone()),
    }
}

fn read(row: activity_checkpoints::Model) -> Result<Checkpoint> {
    Ok(Checkpoint {
        account: AccountId::new(row.account_id),
        seq: row.seq,
        hash: whole(row.account_id, row.hash)?,
        at: Timestamp::from_micros(row.at),
        key_id: row.key_id,
        signature: row.signature,
    })
}
