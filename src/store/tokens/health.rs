//! Whether provisioning works: what is noted of it, and what is to be told by mail (S9).

use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult};
use uuid::Uuid;

use crate::domain::connection::{Course, Refusals};
use crate::domain::effect::Delivery;
use crate::domain::ids::{AccountId, ConnectionId, TokenId};
use crate::domain::time::Timestamp;
use crate::domain::tokens::health::{Stage, Trouble, What};
use crate::policy::SystemPermit;
use crate::store::dialect::Dialect;
use crate::store::script::Sql;
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store, outbox};

/// How long a client's changes are refused before anybody is told, in microseconds.
const PATIENCE: i64 = 3_600_000_000;
/// Troubles read at a time.
const BATCH: u8 = 100;

/// That a trouble is told, and the mails that tell it.
#[derive(Debug)]
pub(crate) struct Notice {
    /// What is told.
    pub(crate) trouble: Trouble,
    /// When.
    pub(crate) at: Timestamp,
    /// To whoever reads such mails.
    pub(crate) mails: Vec<Delivery>,
}

impl Store {
    /// Troubles that nobody was told of yet, some at a time: connections whose changes have all been
    /// refused for an hour, and tokens near or behind their end that no newer one has replaced in use.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn untold_troubles(&self, now: Timestamp) -> Result<Vec<Trouble>> {
        let mut troubles = vec![];
        let rows = self.reads.query_all_raw(refused().statement(self.dialect)).await?;
        for row in &rows {
            troubles.push(read_refused(row)?);
        }
        for stage in Stage::ALL {
            let sql = ending(stage, now);
            for row in &self.reads.query_all_raw(sql.statement(self.dialect)).await? {
                troubles.push(read_ending(row, stage)?);
            }
        }
        Ok(troubles)
    }

    /// Has the mails sent, unless somebody was told meanwhile; says whether they will be.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn tell(&self, notice: Notice, permit: SystemPermit) -> Result<bool> {
        let write = Rows::Notice(Box::new(notice)).into();
        Ok(self.writer.apply(write, Warrant::System(permit)).await?.done)
    }
}

fn refused() -> Sql {
    Sql::new(
        format!(
            "SELECT c.account_id, c.id, c.name, c.refused_since, c.refused_at, c.refused_status \
             FROM connections c WHERE c.refused_since IS NOT NULL AND c.failure_told_at IS NULL \
             AND c.refused_at - c.refused_since >= {PATIENCE} LIMIT {BATCH}"
        ),
        vec![],
    )
}

/// What is long over is told no more: whoever starts a server anew after a year has no use for it.
fn ending(stage: Stage, now: Timestamp) -> Sql {
    let (from, to) = stage.window(now);
    Sql::new(
        format!(
            "SELECT t.account_id, t.connection_id, c.name, t.id, t.expires_at FROM tokens t \
             JOIN connections c ON c.account_id = t.account_id AND c.id = t.connection_id \
             WHERE t.revoked_at IS NULL AND t.expires_at > ? AND t.expires_at <= ? \
             AND t.ends_told < ? AND NOT EXISTS (SELECT 1 FROM tokens n \
             WHERE n.account_id = t.account_id AND n.connection_id = t.connection_id \
             AND n.revoked_at IS NULL AND n.expires_at > t.expires_at \
             AND n.last_used_at > COALESCE(t.last_used_at, 0)) LIMIT {BATCH}"
        ),
        vec![from.micros().into(), to.micros().into(), stage.rank().into()],
    )
}

fn read_refused(row: &QueryResult) -> Result<Trouble> {
    let moment = |n| row.try_get_by_index(n).map(Timestamp::from_micros);
    let status: i64 = row.try_get_by_index(5)?;
    Ok(Trouble {
        account: AccountId::new(row.try_get_by_index(0)?),
        connection: ConnectionId::new(row.try_get_by_index(1)?),
        name: row.try_get_by_index(2)?,
        what: What::Refused(Refusals {
            first: moment(3)?,
            last: moment(4)?,
            status: u16::try_from(status).unwrap_or(500),
        }),
    })
}

fn read_ending(row: &QueryResult, stage: Stage) -> Result<Trouble> {
    Ok(Trouble {
        account: AccountId::new(row.try_get_by_index(0)?),
        connection: ConnectionId::new(row.try_get_by_index(1)?),
        name: row.try_get_by_index(2)?,
        what: What::Ends {
            token: TokenId::new(row.try_get_by_index(3)?),
            expires_at: Timestamp::from_micros(row.try_get_by_index(4)?),
            stage,
        },
    })
}

/// Notes what a connection's changes were answered, in the caller's transaction.
pub(super) async fn note(
    tx: &impl ConnectionTrait,
    (account, connection): (Uuid, Uuid),
    course: &Course,
) -> Result<()> {
    let key = [account.into(), connection.into()];
    if course.is_taken {
        let sql = Sql::new(
            "UPDATE connections SET refused_since = NULL, refused_at = NULL, \
             refused_status = NULL, failure_told_at = NULL \
             WHERE account_id = ? AND id = ? AND refused_since IS NOT NULL",
            key.to_vec(),
        );
        tx.execute_raw(sql.statement(Dialect::of(tx))).await?;
    }
    if let Some(refusals) = course.refusals {
        let mut sql = Sql::new(
            "UPDATE connections SET refused_since = COALESCE(refused_since, ?), refused_at = ?, \
             refused_status = ? WHERE account_id = ? AND id = ?",
            vec![
                refusals.first.micros().into(),
                refusals.last.micros().into(),
                i64::from(refusals.status).into(),
            ],
        );
        sql.values.extend(key);
        tx.execute_raw(sql.statement(Dialect::of(tx))).await?;
    }
    Ok(())
}

/// Applies a notice in the caller's transaction; false if it was told before, or is so no longer.
pub(in crate::store) async fn tell(tx: &DatabaseTransaction, notice: &Notice) -> Result<bool> {
    let trouble = &notice.trouble;
    let account = trouble.account.uuid().into();
    let sql = match &trouble.what {
        What::Refused(refusals) => Sql::new(
            "UPDATE connections SET failure_told_at = ? WHERE account_id = ? AND id = ? \
             AND refused_since = ? AND failure_told_at IS NULL",
            vec![
                notice.at.micros().into(),
                account,
                trouble.connection.uuid().into(),
                refusals.first.micros().into(),
            ],
        ),
        What::Ends { token, stage, .. } => Sql::new(
            "UPDATE tokens SET ends_told = ? WHERE account_id = ? AND id = ? \
             AND revoked_at IS NULL AND ends_told < ?",
            vec![stage.rank().into(), account, token.uuid().into(), stage.rank().into()],
        ),
    };
    let told = tx.execute_raw(sql.statement(Dialect::of(tx))).await?;
    if told.rows_affected() == 0 {
        return Ok(false);
    }
    for mail in &notice.mails {
        outbox::insert(tx, mail).await?;
    }
    Ok(true)
}
