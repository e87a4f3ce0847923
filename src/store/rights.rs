//! What gives rights, and what comes of it: mappings, grants, bundles, roles, the catalogue.
//!
//! [`paths`] is the one query by which a right is had or not; everything that says who holds what
//! asks it. Rows have periods: a change closes one and makes another. Each change grows the account's
//! `shape_version`, a grant its user's `rights_version`, so that nothing remembered outlives it.

pub(crate) mod administrators;
pub(crate) mod approvals;
pub(crate) mod bundles;
pub(crate) mod candidates;
pub(crate) mod catalogue;
pub(crate) mod changes;
pub(crate) mod edges;
pub(crate) mod grants;
pub(crate) mod groups;
pub(in crate::store) mod holdings;
pub(crate) mod mappings;
pub(crate) mod overlay;
pub(crate) mod paths;
pub(crate) mod reads;
pub(crate) mod roles;
pub(crate) mod stamps;
mod standing;

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use crate::domain::event::Activity;
use crate::domain::ids::AccountId;
use crate::domain::time::OPEN_END;
use crate::policy::Permit;
use crate::store::dialect::Dialect;
use crate::store::entity::accounts;
use crate::store::script::Sql;
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store, StoreError, activities};

/// A change of what gives rights, with its line of the record.
#[derive(Debug)]
pub(crate) struct Change {
    /// What changes.
    pub(crate) what: What,
    /// The record's line; its account and moment are those of the change.
    pub(crate) activity: Activity,
}

/// What changes.
#[derive(Debug)]
pub(crate) enum What {
    /// Bundles.
    Bundles(bundles::Change),
    /// Roles.
    Roles(roles::Change),
    /// Group mappings.
    Mappings(mappings::Change),
    /// Grants.
    Grants(grants::Change),
}

impl Store {
    /// Applies a change; false if what it rests on is no longer so.
    ///
    /// # Errors
    /// [`StoreError::Taken`] if a name is; [`StoreError::Moved`] if it would take the account's last
    /// administrator; and if the database fails.
    pub(crate) async fn change_rights(&self, change: Change, permit: Permit) -> Result<bool> {
        let write = Rows::Rights(Box::new(change)).into();
        Ok(self.writer.apply(write, Warrant::Decided(permit)).await?.done)
    }
}

/// Applies a change in the caller's transaction; says whether it took effect.
pub(super) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    let activity = &change.activity;
    standing::lock(tx, activity.account).await?;
    if !standing::stands(tx, &change.what).await? {
        return Ok(false);
    }
    let had = may_take(&change.what)
        && administrators::is_administered(tx, activity.account, activity.at).await?;
    let done = match &change.what {
        What::Bundles(change) => bundles::apply(tx, change, activity).await?,
        What::Roles(change) => roles::apply(tx, change, activity).await?,
        What::Mappings(change) => mappings::apply(tx, change, activity).await?,
        What::Grants(change) => grants::apply(tx, change, activity).await?,
    };
    if done {
        // A grant is one user's alone.
        match &change.what {
            What::Grants(grants::Change::Give(it) | grants::Change::End(it)) => {
                stamps::outdate(tx, (it.account.uuid(), it.user.uuid())).await?;
            }
            What::Bundles(_) | What::Roles(_) | What::Mappings(_) => {
                reshape(tx, activity.account).await?;
            }
        }
        activities::insert(tx, activity).await?;
    }
    if had && done && !administrators::is_administered(tx, activity.account, activity.at).await? {
        return Err(StoreError::Moved);
    }
    Ok(done)
}

/// Whether somebody may hold less by it: then it is looked at whether it takes the last administrator.
fn may_take(what: &What) -> bool {
    match what {
        What::Bundles(bundles::Change::Edit(..))
        | What::Roles(roles::Change::Edit(..))
        | What::Mappings(mappings::Change::Edit(..) | mappings::Change::End(_))
        | What::Grants(grants::Change::End(_)) => true,
        // What is deleted is used by nobody.
        What::Bundles(bundles::Change::Create(_) | bundles::Change::Delete(_))
        | What::Roles(roles::Change::Create(_) | roles::Change::Delete(_))
        | What::Mappings(mappings::Change::Create(_))
        | What::Grants(grants::Change::Give(_)) => false,
    }
}

/// Says that what the account's groups give has changed (DECISIONS.md 11), also to the support users that the
/// account let in: what they hold there is remembered under their own stamps.
pub(in crate::store) async fn reshape(tx: &impl ConnectionTrait, account: AccountId) -> Result<()> {
    outdate_support(tx, account).await?;
    accounts::Entity::update_many()
        .col_expr(accounts::Column::ShapeVersion, Expr::col(accounts::Column::ShapeVersion).add(1))
        .filter(accounts::Column::Id.eq(account.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Says it to the support users alone.
pub(in crate::store) async fn outdate_support(
    tx: &impl ConnectionTrait,
    account: AccountId,
) -> Result<()> {
    let sql = Sql::new(
        format!(
            "UPDATE users SET rights_version = rights_version + 1 WHERE (account_id, id) IN \
             (SELECT g.user_account, g.user_id FROM support_grants g WHERE g.account_id = ? \
             AND g.valid_to = {})",
            OPEN_END.micros()
        ),
        vec![account.uuid().into()],
    );
    tx.execute_raw(sql.statement(Dialect::of(tx))).await?;
    Ok(())
}
