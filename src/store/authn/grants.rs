//! What somebody holds. Until there are grants, seeds alone give rights.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::persons::rights::Right;
use crate::domain::time::Timestamp;
use crate::store::entity::seed_grants;
use crate::store::{Result, Store};

impl Store {
    /// The rights that a user of an account holds at that moment, as far as seats ask for them.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn held(
        &self,
        account: AccountId,
        user: ResourceId,
        now: Timestamp,
    ) -> Result<BTreeSet<Right>> {
        let rows = seed_grants::Entity::find()
            .filter(seed_grants::Column::AccountId.eq(account.uuid()))
            .filter(seed_grants::Column::UserId.eq(user.uuid()))
            .filter(seed_grants::Column::ValidFrom.lte(now.micros()))
            .filter(seed_grants::Column::ValidTo.gt(now.micros()))
            .all(&self.reads)
            .await?;
        Ok(rows.iter().filter_map(|row| Right::parse(&row.right_key)).collect())
    }
}
