//! What is of no use any more is taken out: addresses and browsers of people must not stay for ever.

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use crate::domain::time::Timestamp;
use crate::store::Result;
use crate::store::entity::{
    failed_tries, idempotency_keys, login_transactions, logout_tokens, one_time_links,
    passkey_ceremonies, sessions, totp_factors,
};

/// What to take out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sweep {
    /// Sign-ins, ceremonies and unconfirmed seeds begun before then.
    pub(crate) begun: Timestamp,
    /// Logout tokens that ended before then.
    pub(crate) now: Timestamp,
    /// Sessions and links that ended, tries that came to rest, and answers kept, before then.
    pub(crate) ended: Timestamp,
}

pub(super) async fn apply(tx: &DatabaseTransaction, sweep: Sweep) -> Result<bool> {
    begun(tx, sweep.begun.micros()).await?;
    logout_tokens::Entity::delete_many()
        .filter(logout_tokens::Column::ExpiresAt.lt(sweep.now.micros()))
        .exec(tx)
        .await?;
    ended(tx, sweep.ended.micros()).await?;
    Ok(true)
}

async fn begun(tx: &DatabaseTransaction, before: i64) -> Result<()> {
    login_transactions::Entity::delete_many()
        .filter(login_transactions::Column::CreatedAt.lt(before))
        .exec(tx)
        .await?;
    passkey_ceremonies::Entity::delete_many()
        .filter(passkey_ceremonies::Column::CreatedAt.lt(before))
        .exec(tx)
        .await?;
    totp_factors::Entity::delete_many()
        .filter(totp_factors::Column::ConfirmedAt.is_null())
        .filter(totp_factors::Column::CreatedAt.lt(before))
        .exec(tx)
        .await?;
    Ok(())
}

async fn ended(tx: &DatabaseTransaction, before: i64) -> Result<()> {
    for end in [sessions::Column::ExpiresAt, sessions::Column::EndedAt] {
        sessions::Entity::delete_many().filter(end.lt(before)).exec(tx).await?;
    }
    one_time_links::Entity::delete_many()
        .filter(one_time_links::Column::ExpiresAt.lt(before))
        .exec(tx)
        .await?;
    idempotency_keys::Entity::delete_many()
        .filter(idempotency_keys::Column::CreatedAt.lt(before))
        .exec(tx)
        .await?;
    failed_tries::Entity::delete_many()
        .filter(failed_tries::Column::FirstAt.lt(before))
        .filter(failed_tries::Column::LockedUntil.lt(before))
        .exec(tx)
        .await?;
    Ok(())
}
