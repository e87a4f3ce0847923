//! Links that work once.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    QueryFilter, Set,
};

use crate::domain::effect::Delivery;
use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::one_time_links::{OneTimeLink, Purpose};
use crate::domain::time::Timestamp;
use crate::policy::Permit;
use crate::store::authn::Change as AuthnChange;
use crate::store::entity::one_time_links;
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store, StoreError, activities, outbox};

/// A change of links.
#[derive(Debug)]
pub(crate) enum Change {
    /// Make one, which ends those that were open, and mail it.
    Issue(Box<Issue>),
}

/// A link to be made.
#[derive(Debug)]
pub(crate) struct Issue {
    /// The link.
    pub(crate) link: OneTimeLink,
    /// The mail that brings it.
    pub(crate) mail: Delivery,
    /// The activity.
    pub(crate) activity: Activity,
}

impl Store {
    /// Makes a link that somebody's command asked for.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn issue_link(&self, issue: Issue, permit: Permit) -> Result<()> {
        let change = AuthnChange::Links(Change::Issue(Box::new(issue)));
        let write = Rows::Authn(change).into();
        self.writer.apply(write, Warrant::Decided(permit)).await.map(|_| ())
    }

    /// The link whose secret has that hash.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn link(&self, hash: [u8; 32]) -> Result<Option<OneTimeLink>> {
        let row = one_time_links::Entity::find_by_id(hash.to_vec()).one(&self.reads).await?;
        row.map(link).transpose()
    }
}

pub(super) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    let Change::Issue(issue) = change;
    let Issue { link, mail, activity } = &**issue;
    end_open(tx, (link.account, link.user), activity.at).await?;
    let row = one_time_links::ActiveModel {
        secret_hash: Set(link.secret_hash.to_vec()),
        purpose: Set(link.purpose.as_str().to_owned()),
        account_id: Set(link.account.uuid()),
        user_id: Set(link.user.uuid()),
        mail_key: Set(link.mail_key.clone()),
        created_at: Set(link.created_at.micros()),
        expires_at: Set(link.expires_at.micros()),
        used_at: Set(None),
    };
    row.insert(tx).await?;
    outbox::insert(tx, mail).await?;
    activities::insert(tx, activity).await?;
    Ok(true)
}

/// Ends the links by which the user could choose a password.
pub(super) async fn end_open(
    tx: &impl ConnectionTrait,
    (account, user): (AccountId, ResourceId),
    at: Timestamp,
) -> Result<()> {
    let purposes = [Purpose::Invitation, Purpose::Reset].map(Purpose::as_str);
    let open = Condition::all()
        .add(one_time_links::Column::AccountId.eq(account.uuid()))
        .add(one_time_links::Column::UserId.eq(user.uuid()))
        .add(one_time_links::Column::Purpose.is_in(purposes))
        .add(one_time_links::Column::UsedAt.is_null());
    one_time_links::Entity::update_many()
        .col_expr(one_time_links::Column::UsedAt, at.micros().into())
        .filter(open)
        .exec(tx)
        .await?;
    Ok(())
}

/// The user is as they were when the link was made: not deactivated since, and with that address.
const SAME_USER: &str = "EXISTS (SELECT 1 FROM users u JOIN user_emails e \
     ON e.account_id = u.account_id AND e.user_id = u.id \
     WHERE u.account_id = one_time_links.account_id AND u.id = one_time_links.user_id \
     AND u.deleted_at IS NULL AND u.active AND u.active_since <= one_time_links.created_at \
     AND e.value_key = one_time_links.mail_key)";

/// Uses a link; false if it was used or ended, is too old, or its user is no longer as then.
pub(super) async fn consume(
    tx: &impl ConnectionTrait,
    hash: [u8; 32],
    at: Timestamp,
) -> Result<bool> {
    let live = Condition::all()
        .add(one_time_links::Column::SecretHash.eq(hash.to_vec()))
        .add(one_time_links::Column::UsedAt.is_null())
        .add(one_time_links::Column::ExpiresAt.gt(at.micros()))
        .add(sea_orm::sea_query::Expr::cust(SAME_USER));
    let used = one_time_links::Entity::update_many()
        .col_expr(one_time_links::Column::UsedAt, at.micros().into())
        .filter(live)
        .exec(tx)
        .await?;
    Ok(used.rows_affected > 0)
}

fn link(row: one_time_links::Model) -> Result<OneTimeLink> {
    let wrong =
        |what: &str| StoreError::Inconsistent { table: "one_time_links", what: what.to_owned() };
    Ok(OneTimeLink {
        secret_hash: row.secret_hash.try_into().map_err(|_| wrong("secret_hash"))?,
        purpose: Purpose::parse(&row.purpose).ok_or_else(|| wrong("purpose"))?,
        account: AccountId::new(row.account_id),
        user: ResourceId::new(row.user_id),
        mail_key: row.mail_key,
        created_at: Timestamp::from_micros(row.created_at),
        expires_at: Timestamp::from_micros(row.expires_at),
        used_at: row.used_at.map(Timestamp::from_micros),
    })
}
