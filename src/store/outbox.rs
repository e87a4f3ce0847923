//! What waits to be delivered. The worker reads a batch, delivers it, and then takes it out: a crash
//! between the two delivers twice, never not at all.
//!
//! Mails are claimed one by one, for a while, so that of several processes one sends each; a mail that
//! failed is due again later. Those that are tried no more stay, due at the end of time.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, Set,
};

use crate::domain::effect::mails::Due;
use crate::domain::effect::{Delivery, Effect};
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::SystemPermit;
use crate::store::dialect::Dialect;
use crate::store::entity::outbox;
use crate::store::members::Ids;
use crate::store::script::Sql;
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store, StoreError};

/// Rows that were delivered, to be taken out.
#[derive(Debug)]
pub(crate) struct Taken(pub(crate) Vec<Delivery>);

/// A mail that is due at another time than it was, because it is being tried or is to be again.
#[derive(Debug)]
pub(crate) struct Postponed {
    /// The account.
    pub(crate) account: AccountId,
    /// The mail.
    pub(crate) id: uuid::Uuid,
    /// When it was due.
    pub(crate) was_due_at: Timestamp,
    /// When it is due now.
    pub(crate) due_at: Timestamp,
    /// How often it was tried, this time included.
    pub(crate) tries: u32,
}

impl Store {
    /// The next announcements, at most `limit`.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn waiting_deliveries(&self, limit: u64) -> Result<Vec<Delivery>> {
        let rows = outbox::Entity::find()
            .filter(outbox::Column::Effect.ne("mail"))
            .order_by_asc(outbox::Column::AccountId)
            .order_by_asc(outbox::Column::Id)
            .limit(limit)
            .all(&self.reads)
            .await?;
        rows.iter().map(delivery).collect()
    }

    /// The mails that are due, at most `limit`, those that wait longest first.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn due_mails(&self, now: Timestamp, limit: u8) -> Result<Vec<Due>> {
        // The index holds mails alone, which only a literal shows the planner.
        let sql = Sql::new(
            format!(
                "SELECT * FROM outbox WHERE effect = 'mail' AND due_at <= ? \
                 ORDER BY due_at, id LIMIT {limit}"
            ),
            vec![now.micros().into()],
        );
        let rows = outbox::Entity::find()
            .from_raw_sql(sql.statement(self.dialect))
            .all(&self.reads)
            .await?;
        rows.iter()
            .map(|row| {
                let Delivery { account, id, effect } = delivery(row)?;
                let Effect::Mail(mail) = effect else { return Err(unread(row)) };
                let tries = u32::try_from(row.tries).unwrap_or(u32::MAX);
                let due_at = Timestamp::from_micros(row.due_at);
                Ok(Due { account, id, mail, tries, due_at })
            })
            .collect()
    }

    /// Makes a mail due at another time; false if it is no longer due when it was.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn postpone(&self, mail: Postponed, permit: SystemPermit) -> Result<bool> {
        debug_assert!(mail.due_at <= OPEN_END);
        let write = Rows::Postponed(mail).into();
        Ok(self.writer.apply(write, Warrant::System(permit)).await?.done)
    }
}

/// Writes an effect in the caller's transaction.
pub(in crate::store) async fn insert(tx: &impl ConnectionTrait, delivery: &Delivery) -> Result<()> {
    let row = outbox::ActiveModel {
        account_id: Set(delivery.account.uuid()),
        id: Set(delivery.id),
        effect: Set(delivery.effect.name().to_owned()),
        payload: Set(delivery.effect.payload()),
        due_at: Set(0),
        tries: Set(0),
    };
    row.insert(tx).await?;
    Ok(())
}

/// Takes rows out in the caller's transaction.
pub(in crate::store) async fn remove(
    tx: &impl ConnectionTrait,
    dialect: Dialect,
    taken: &Taken,
) -> Result<()> {
    let mut by_account: std::collections::BTreeMap<_, Vec<_>> = std::collections::BTreeMap::new();
    for delivery in &taken.0 {
        by_account.entry(delivery.account.uuid()).or_default().push(ResourceId::new(delivery.id));
    }
    for (account, ids) in by_account {
        let ids = Ids::new(dialect, &ids);
        let sql = Sql::new(
            format!("DELETE FROM outbox WHERE account_id = ? AND id{}", ids.matches()),
            vec![account.into(), ids.value()],
        );
        tx.execute_raw(sql.statement(dialect)).await?;
    }
    Ok(())
}

pub(super) async fn postpone(tx: &impl ConnectionTrait, mail: &Postponed) -> Result<bool> {
    let row = Condition::all()
        .add(outbox::Column::AccountId.eq(mail.account.uuid()))
        .add(outbox::Column::Id.eq(mail.id))
        .add(outbox::Column::DueAt.eq(mail.was_due_at.micros()));
    let changed = outbox::Entity::update_many()
        .col_expr(outbox::Column::DueAt, mail.due_at.micros().into())
        .col_expr(outbox::Column::Tries, i64::from(mail.tries).into())
        .filter(row)
        .exec(tx)
        .await?;
    Ok(changed.rows_affected > 0)
}

fn delivery(row: &outbox::Model) -> Result<Delivery> {
    let effect = Effect::read(&row.effect, &row.payload).ok_or_else(|| unread(row))?;
    Ok(Delivery { account: AccountId::new(row.account_id), id: row.id, effect })
}

fn unread(row: &outbox::Model) -> StoreError {
    let what = format!("{}: effect `{}` does not read", row.id, row.effect);
    StoreError::Inconsistent { table: "outbox", what }
}
