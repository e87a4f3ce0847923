//! Links that work once.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    QueryFilter, Set,
};

use crate::domain::effect::Delivery;
use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::passwords::links::{OneTimeLink, Purpose};
use crate::domain::time::Timestamp;
use crate::policy::Permit;
use crate::store::authn::{Change as AuthnChange, staff};
use crate::store::dialect::Dialect;
use crate::store::entity::one_time_links;
use crate::store::script::Sql;
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store, StoreError, activities, outbox};

/// A change of links.
#[derive(Debug)]
pub(crate) enum Change {
    /// Make one, which ends those that were open, and mail it.
    Issue(Box<Issue>),
    /// Make one to enrol a second factor; not done if what it rests on is no longer so.
    Enrolment(Box<Enrolment>),
}

/// A link to enrol a second factor, to be made for one of the operator's staff.
#[derive(Debug)]
pub(crate) struct Enrolment {
    /// The link.
    pub(crate) link: OneTimeLink,
    /// Who asks for it.
    pub(crate) asker: ResourceId,
    /// The activity.
    pub(crate) activity: Activity,
}

/// A link to be made.
#[derive(Debug)]
pub(crate) struct Issue {
    /// The link.
    pub(crate) link: OneTimeLink,
    /// The mail that brings it.
    pub(crate) mail: Option<Delivery>,
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

    /// Makes a link to enrol a second factor; false if its user or who asks is no longer as the decision
    /// has them.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn issue_enrolment(&self, new: Enrolment, permit: Permit) -> Result<bool> {
        let change = AuthnChange::Links(Change::Enrolment(Box::new(new)));
        let write = Rows::Authn(change).into();
        Ok(self.writer.apply(write, Warrant::Decided(permit)).await?.done)
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
    match change {
        Change::Issue(issue) => self::issue(tx, issue).await,
        Change::Enrolment(new) => enrolment(tx, new).await,
    }
}

async fn issue(tx: &DatabaseTransaction, issue: &Issue) -> Result<bool> {
    let Issue { link, mail, activity } = issue;
    end_open(tx, (link.account, link.user), activity.at).await?;
    insert(tx, link).await?;
    if let Some(mail) = mail {
        outbox::insert(tx, mail).await?;
    }
    activities::insert(tx, activity).await?;
    Ok(true)
}

/// What the decision rests on is asked again, with the user's row locked: of two that are made at once the
/// later one ends the other.
async fn enrolment(tx: &DatabaseTransaction, new: &Enrolment) -> Result<bool> {
    let (account, user) = (new.link.account, new.link.user);
    if !lock(tx, (account, user)).await?
        || staff::has_factor(tx, account, user).await? != Some(false)
        || staff::may_be_one(tx, [new.asker, user].map(|it| (account, it))).await?
    {
        return Ok(false);
    }
    make_enrolment(tx, &new.link).await?;
    activities::insert(tx, &new.activity).await?;
    Ok(true)
}

/// Makes a link to enrol a second factor; it ends those that its user had.
pub(super) async fn make_enrolment(tx: &DatabaseTransaction, link: &OneTimeLink) -> Result<()> {
    end_enrolments(tx, (link.account, link.user), link.created_at).await?;
    insert(tx, link).await
}

/// Ends the links by which a user could enrol a second factor.
pub(super) async fn end_enrolments(
    tx: &DatabaseTransaction,
    whose: (AccountId, ResourceId),
    at: Timestamp,
) -> Result<()> {
    end(tx, whose, &[Purpose::Enrolment], at).await
}

/// Makes whoever else makes a link for an active user wait; false if there is none.
async fn lock(tx: &DatabaseTransaction, (account, user): (AccountId, ResourceId)) -> Result<bool> {
    let sql = Sql::new(
        "UPDATE users SET active_since = active_since \
         WHERE account_id = ? AND id = ? AND deleted_at IS NULL AND active",
        vec![account.uuid().into(), user.uuid().into()],
    );
    let locked = tx.execute_raw(sql.statement(Dialect::of(tx))).await?;
    Ok(locked.rows_affected() == 1)
}

async fn insert(tx: &DatabaseTransaction, link: &OneTimeLink) -> Result<()> {
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
    Ok(())
}

/// Ends the links by which the user could choose a password.
pub(super) async fn end_open(
    tx: &impl ConnectionTrait,
    whose: (AccountId, ResourceId),
    at: Timestamp,
) -> Result<()> {
    end(tx, whose, &[Purpose::Invitation, Purpose::Reset], at).await
}

async fn end(
    tx: &impl ConnectionTrait,
    (account, user): (AccountId, ResourceId),
    purposes: &[Purpose],
    at: Timestamp,
) -> Result<()> {
    let purposes = purposes.iter().map(|purpose| purpose.as_str());
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
