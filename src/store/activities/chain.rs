//! The chain of the record, as rows: what was announced is sealed in the transaction in which its
//! announcement is taken out of the outbox. So the outbox says what has no seal yet, nothing looks for
//! it in the whole record, and a crash leaves it there.
//!
//! Of two processes that seal at once the slower finds the head moved, or its number taken, and begins
//! again: a chain never forks.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::effect::{Delivery, Effect};
use crate::domain::event::canonical::{Hash, hex};
use crate::domain::event::chain::{Head, Link};
use crate::domain::event::listed::Listed;
use crate::domain::ids::{AccountId, ActivityId, ResourceId};
use crate::policy::SystemPermit;
use crate::store::activities::listed::recorded;
use crate::store::dialect::Dialect;
use crate::store::members::Ids;
use crate::store::outbox::{self, Taken};
use crate::store::script::Sql;
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store, StoreError};

/// Deliveries that were made, and the seals of what they announced.
#[derive(Debug)]
pub(crate) struct Sealing {
    /// The heads on which the seals rest.
    pub(crate) heads: Vec<(AccountId, Head)>,
    /// The seals, in the order of each chain.
    pub(crate) seals: Vec<Seal>,
    /// What is taken out of the outbox.
    pub(crate) taken: Taken,
}

/// A seal.
#[derive(Debug)]
pub(crate) struct Seal {
    /// The account.
    pub(crate) account: AccountId,
    /// The activity.
    pub(crate) activity: ActivityId,
    /// Its place in the chain.
    pub(crate) link: Link,
}

impl Store {
    /// The head of an account's chain.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn chain_head(&self, account: AccountId) -> Result<Head> {
        head(&self.reads, self.dialect, account).await
    }

    /// The activities that deliveries announce and that have no seal yet, by account.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn unsealed(
        &self,
        deliveries: &[Delivery],
    ) -> Result<BTreeMap<AccountId, (Head, Vec<Listed>)>> {
        let mut wanted: BTreeMap<AccountId, Vec<ResourceId>> = BTreeMap::new();
        for delivery in deliveries {
            match &delivery.effect {
                Effect::Announce(_) => {
                    wanted.entry(delivery.account).or_default().push(ResourceId::new(delivery.id));
                }
                Effect::Mail(_) => {}
            }
        }
        let mut found = BTreeMap::new();
        for (account, ids) in wanted {
            // The head first: what is sealed after it was read takes its next number.
            let head = self.chain_head(account).await?;
            let lines = self.unsealed_of(account, &ids).await?;
            found.insert(account, (head, lines));
        }
        Ok(found)
    }

    async fn unsealed_of(&self, account: AccountId, ids: &[ResourceId]) -> Result<Vec<Listed>> {
        let ids = Ids::new(self.dialect, ids);
        let sql = Sql::new(
            format!(
                "SELECT d.account_id, d.id, d.at, d.action, d.outcome, d.actor_kind, d.actor_id, \
                 CAST(NULL AS text), d.target_kind, d.target_id, CAST(NULL AS text), d.detail, \
                 d.door, d.request_id, d.policy_version, d.commitment \
                 FROM (SELECT d.* FROM {}) d WHERE NOT EXISTS (SELECT 1 FROM activity_seals s \
                 WHERE s.account_id = d.account_id AND s.activity_id = d.id) ORDER BY d.id",
                ids.each("activities", "id = ids.wanted"),
            ),
            vec![ids.value(), account.uuid().into()],
        );
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        rows.iter().map(recorded).collect()
    }

    /// The triggers that keep the record as it is and are not in force.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn missing_walls(&self) -> Result<Vec<&'static str>> {
        let walls = self.dialect.walls();
        let rows = self.reads.query_all_raw(Sql::new(walls.select, vec![]).statement(self.dialect));
        let mut names = BTreeSet::new();
        for row in rows.await? {
            names.insert(row.try_get_by_index::<String>(0)?);
        }
        Ok(walls.names.iter().copied().filter(|name| !names.contains(*name)).collect())
    }

    /// Seals, and takes deliveries out; false if the chain has moved on meanwhile.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn seal(&self, sealing: Sealing, permit: SystemPermit) -> Result<bool> {
        let write = Rows::Sealing(Box::new(sealing)).into();
        match self.writer.apply(write, Warrant::System(permit)).await {
            Ok(applied) => Ok(applied.done),
            Err(StoreError::Taken) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Seals in the caller's transaction.
pub(in crate::store) async fn apply(tx: &DatabaseTransaction, sealing: &Sealing) -> Result<bool> {
    let dialect = Dialect::of(tx);
    for (account, read) in &sealing.heads {
        if head(tx, dialect, *account).await? != *read {
            return Ok(false);
        }
    }
    if !sealing.seals.is_empty() {
        let rows: Vec<_> = sealing.seals.iter().map(row).collect();
        let values = vec![Value::from(rows).to_string().into()];
        let sql = Sql::new(dialect.add_seals(), values);
        tx.execute_raw(sql.statement(dialect)).await?;
    }
    outbox::remove(tx, dialect, &sealing.taken).await?;
    Ok(true)
}

/// A seal in the one value that a statement for any number of them takes.
fn row(seal: &Seal) -> Value {
    let Seal { account, activity, link } = seal;
    let ids = [account.uuid(), activity.uuid()].map(|id| id.simple().to_string());
    let [account, activity] = ids;
    json!([account, link.seq, activity, hex(&link.prev_hash), hex(&link.hash)])
}

async fn head(
    connection: &impl ConnectionTrait,
    dialect: Dialect,
    account: AccountId,
) -> Result<Head> {
    let sql = Sql::new(
        "SELECT seq, hash FROM activity_seals WHERE account_id = ? ORDER BY seq DESC LIMIT 1",
        vec![account.uuid().into()],
    );
    let row = connection.query_one_raw(sql.statement(dialect)).await?;
    let Some(row) = row else { return Ok(Head::NONE) };
    let (seq, hash): (i64, Vec<u8>) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    Ok(Head { seq, hash: whole(account.uuid(), hash)? })
}

/// A hash as it must be.
pub(super) fn whole(account: Uuid, hash: Vec<u8>) -> Result<Hash> {
    hash.try_into().map_err(|_| StoreError::Inconsistent {
        table: "activity_seals",
        what: format!("{account}: a hash has not 32 bytes"),
    })
}
