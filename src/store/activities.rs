//! The record, for writes that are not scripts.

pub(crate) mod chain;
pub(crate) mod checkpoints;
pub(crate) mod listed;
pub(crate) mod personal;

use sea_orm::{ActiveModelTrait, ConnectionTrait, Set};

use crate::domain::effect::{Delivery, Effect};
use crate::domain::event::Activity;
use crate::policy::SystemPermit;
use crate::store::entity::activities;
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store};

impl Store {
    /// Records a refusal, in a transaction of its own.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn record_denial(
        &self,
        activity: Activity,
        permit: SystemPermit,
    ) -> Result<()> {
        let write = Rows::Activity(activity).into();
        self.writer.apply(write, Warrant::System(permit)).await.map(|_| ())
    }
}

/// Writes an activity and its announcement in the caller's transaction.
pub(in crate::store) async fn insert(tx: &impl ConnectionTrait, activity: &Activity) -> Result<()> {
    let personal = activity.personal();
    let row = activities::ActiveModel {
        account_id: Set(activity.account.uuid()),
        id: Set(activity.id.uuid()),
        at: Set(activity.at.micros()),
        action: Set(activity.event.name().to_owned()),
        outcome: Set(activity.outcome.as_str().to_owned()),
        actor_kind: Set(activity.actor.kind().to_owned()),
        actor_id: Set(activity.actor.id()),
        target_kind: Set(activity.event.target_kind().to_owned()),
        target_id: Set(activity.target),
        detail: Set(activity.detail.as_ref().map(ToString::to_string)),
        door: Set(activity.origin.door.map(|door| door.as_str().to_owned())),
        request_id: Set(activity.origin.request_id.clone()),
        policy_version: Set(Some(activity.policy_version.to_owned())),
        commitment: Set(personal.as_ref().map(|it| it.commitment().to_vec())),
    };
    row.insert(tx).await?;
    if let Some(it) = personal {
        personal::insert(tx, activity, it).await?;
    }
    let delivery = Delivery {
        account: activity.account,
        id: activity.id.uuid(),
        effect: Effect::Announce(activity.announcement()),
    };
    crate::store::outbox::insert(tx, &delivery).await
}
