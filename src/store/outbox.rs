//! What waits to be delivered. The worker reads a batch, delivers it, and then takes it out: a crash
//! between the two delivers twice, never not at all.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::domain::effect::{Delivery, Effect};
use crate::domain::ids::AccountId;
use crate::policy::SystemPermit;
use crate::store::entity::outbox;
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store, StoreError};

/// Rows that were delivered.
#[derive(Debug)]
pub(crate) struct Taken(Vec<Delivery>);

impl Store {
    /// The next deliveries, at most `limit`.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn waiting_deliveries(&self, limit: u64) -> Result<Vec<Delivery>> {
        let rows = outbox::Entity::find()
            .order_by_asc(outbox::Column::AccountId)
            .order_by_asc(outbox::Column::Id)
            .limit(limit)
            .all(&self.reads)
            .await?;
        rows.iter().map(delivery).collect()
    }

    /// Takes delivered rows out.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn take_deliveries(
        &self,
        delivered: Vec<Delivery>,
        permit: SystemPermit,
    ) -> Result<()> {
        let write = Rows::Taken(Taken(delivered)).into();
        self.writer.apply(write, Warrant::System(permit)).await.map(|_| ())
    }
}

pub(super) async fn remove(tx: &impl ConnectionTrait, taken: &Taken) -> Result<()> {
    let mut by_account: std::collections::BTreeMap<_, Vec<_>> = std::collections::BTreeMap::new();
    for delivery in &taken.0 {
        by_account.entry(delivery.account.uuid()).or_default().push(delivery.id);
    }
    for (account, ids) in by_account {
        let rows = Condition::all()
            .add(outbox::Column::AccountId.eq(account))
            .add(outbox::Column::Id.is_in(ids));
        outbox::Entity::delete_many().filter(rows).exec(tx).await?;
    }
    Ok(())
}

fn delivery(row: &outbox::Model) -> Result<Delivery> {
    let inconsistent = |what: String| StoreError::Inconsistent {
        table: "outbox",
        what: format!("{}: {what}", row.id),
    };
    let payload = serde_json::from_str(&row.payload).map_err(|e| inconsistent(e.to_string()))?;
    let effect = match row.effect.as_str() {
        "announce" => Effect::Announce(payload),
        other => return Err(inconsistent(format!("unknown effect `{other}`"))),
    };
    Ok(Delivery { account: AccountId::new(row.account_id), id: row.id, effect })
}
