//! What is personal of activities: written with them, beside them, and erased on demand.

use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use uuid::Uuid;

use crate::domain::event::Activity;
use crate::domain::event::personal::Personal;
use crate::domain::ids::{AccountId, ResourceId};
use crate::policy::SystemPermit;
use crate::store::entity::activity_personal::{ActiveModel, Column, Entity};
use crate::store::script::Sql;
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store, activities};

/// How many rows a statement takes out.
const CHUNK: usize = 100;

/// What is personal of these activities, to be erased.
#[derive(Debug)]
pub(crate) struct Erasure {
    /// Whose record they are in.
    pub(crate) account: AccountId,
    /// Which.
    pub(crate) activities: Vec<Uuid>,
    /// That it was done, on record.
    pub(crate) activity: Activity,
}

impl Store {
    /// The activities by a user, on one, or that speak of one, whose personal part is there still.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn activities_about(
        &self,
        account: AccountId,
        user: ResourceId,
    ) -> Result<Vec<Uuid>> {
        let (id, account) = (user.uuid(), account.uuid());
        let spoken_of = format!("%{}%", id.as_hyphenated());
        let sql = Sql::new(
            "SELECT p.activity_id FROM activity_personal p \
             JOIN activities a ON a.account_id = p.account_id AND a.id = p.activity_id \
             WHERE p.account_id = ? AND (a.target_id = ? OR a.actor_id = ? \
             OR COALESCE(a.detail, '') LIKE ? OR p.payload LIKE ?) ORDER BY p.activity_id",
            vec![account.into(), id.into(), id.into(), spoken_of.clone().into(), spoken_of.into()],
        );
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
    }

    /// Erases what is personal of activities.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn erase(&self, erasure: Erasure, permit: SystemPermit) -> Result<()> {
        let write = Rows::Erasure(Box::new(erasure)).into();
        self.writer.apply(write, Warrant::System(permit)).await.map(|_| ())
    }
}

/// Writes what is personal of an activity in the caller's transaction.
pub(super) async fn insert(
    tx: &impl ConnectionTrait,
    activity: &Activity,
    personal: Personal,
) -> Result<()> {
    let row = ActiveModel {
        account_id: Set(activity.account.uuid()),
        activity_id: Set(activity.id.uuid()),
        salt: Set(personal.salt),
        payload: Set(personal.payload),
    };
    row.insert(tx).await?;
    Ok(())
}

/// Erases it in the caller's transaction.
pub(in crate::store) async fn erase(tx: &impl ConnectionTrait, erasure: &Erasure) -> Result<()> {
    for some in erasure.activities.chunks(CHUNK) {
        Entity::delete_many()
            .filter(Column::AccountId.eq(erasure.account.uuid()))
            .filter(Column::ActivityId.is_in(some.iter().copied()))
            .exec(tx)
            .await?;
    }
    activities::insert(tx, &erasure.activity).await
}
