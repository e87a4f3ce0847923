//! Changes of accounts: where one stands, what is switched on for it. What rights rest on has periods;
//! a change closes one row and makes another.

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    PaginatorTrait, QueryFilter, Set,
};

use crate::domain::account::{Profile, State, SupportMode};
use crate::domain::event::Activity;
use crate::domain::ids::AccountId;
use crate::domain::rights::RightKey;
use crate::domain::sessions::EndedWhy;
use crate::domain::time::OPEN_END;
use crate::policy::Permit;
use crate::store::accounts::{profiles, support, workspaces};
use crate::store::authn::sessions as live;
use crate::store::dialect::Dialect;
use crate::store::entity::{
    account_conflicts, account_periods, account_permissions, accounts, sessions,
};
use crate::store::rights::{outdate_support, reshape};
use crate::store::script::Sql;
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store, activities, tokens};

/// A change of an account, with its line of the record.
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
    /// Put the second in place of the first, which must still be so: kind, state, parent.
    Place(Box<(Profile, Profile)>),
    /// Switch a permission, of the account that was read.
    Permission(Profile, String, bool),
    /// Keep rights apart (the first is held, the second lost), or no longer.
    Conflict(Profile, (RightKey, RightKey), bool),
    /// Whom the account that was read lets in to support it.
    SupportMode(Profile, SupportMode),
    /// Something about workspaces.
    Workspaces(workspaces::Change),
}

impl What {
    /// The account.
    pub(crate) fn account(&self) -> AccountId {
        match self {
            Self::Place(both) => both.1.account.id,
            Self::Permission(of, ..) | Self::Conflict(of, ..) | Self::SupportMode(of, _) => {
                of.account.id
            }
            Self::Workspaces(change) => change.workspace().account,
        }
    }
}

impl Store {
    /// Applies a change; false if what it rests on is no longer so.
    ///
    /// # Errors
    /// [`StoreError::Taken`](crate::store::StoreError::Taken) if a name is, and if the database fails.
    pub(crate) async fn change_account(&self, change: Change, permit: Permit) -> Result<bool> {
        let write = Rows::AccountChange(Box::new(change)).into();
        Ok(self.writer.apply(write, Warrant::Decided(permit)).await?.done)
    }
}

/// Applies a change in the caller's transaction; says whether it took effect.
pub(in crate::store) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    let activity = &change.activity;
    let done = match &change.what {
        What::Place(both) => place(tx, (&both.0, &both.1), activity).await?,
        What::Permission(of, key, is_on) => permission(tx, of, (key, *is_on), activity).await?,
        What::Conflict(of, pair, is_on) => conflict(tx, of, (pair, *is_on), activity).await?,
        What::SupportMode(of, mode) => support_mode(tx, of, *mode, activity).await?,
        What::Workspaces(change) => workspaces::apply(tx, change, activity).await?,
    };
    if done {
        activities::insert(tx, activity).await?;
    }
    Ok(done)
}

async fn place(
    tx: &DatabaseTransaction,
    (was, now): (&Profile, &Profile),
    activity: &Activity,
) -> Result<bool> {
    let account = now.account.id;
    // Locks their rows too: a parent is not closed while a child comes to it.
    let parents = [was.parent.as_ref(), now.parent.as_ref()].into_iter().flatten();
    for locked in parents.map(|parent| parent.id).chain([account]) {
        reshape(tx, locked).await?;
    }
    if now.parent != was.parent
        && let Some(parent) = &now.parent
        && (!may_govern(tx, parent.id).await? || has_users(tx, account).await?)
    {
        return Ok(false);
    }
    if now.state == State::Closed && has_children(tx, account).await? {
        return Ok(false);
    }
    // Last of what can refuse: what went before is committed all the same.
    if !stamp(tx, was, now.account.kind.as_str()).await? {
        return Ok(false);
    }
    close_period(tx, account, activity).await?;
    let row = account_periods::ActiveModel {
        account_id: Set(account.uuid()),
        valid_to: Set(OPEN_END.micros()),
        valid_from: Set(activity.at.micros()),
        state: Set(now.state.as_str().to_owned()),
        parent_id: Set(now.parent.as_ref().map(|parent| parent.id.uuid())),
    };
    row.insert(tx).await?;
    if now.state != was.state {
        shut(tx, account, activity).await?;
    }
    Ok(true)
}

/// Ends the account's sessions, and has all processes read its tokens anew. Also where it comes back
/// into service: a session that began in the very moment of its end opens nothing afterwards.
async fn shut(tx: &DatabaseTransaction, account: AccountId, activity: &Activity) -> Result<()> {
    let all = Condition::all().add(sessions::Column::AccountId.eq(account.uuid()));
    live::end_all(tx, all, EndedWhy::AccountStopped, activity.at).await?;
    tokens::signal(tx).await
}

async fn permission(
    tx: &DatabaseTransaction,
    of: &Profile,
    (key, is_on): (&str, bool),
    activity: &Activity,
) -> Result<bool> {
    use account_permissions::Column as C;
    if !stamp(tx, of, of.account.kind.as_str()).await? {
        return Ok(false);
    }
    if let Some(parent) = &of.parent {
        reshape(tx, parent.id).await?;
    }
    if is_on {
        let row = account_permissions::ActiveModel {
            account_id: Set(of.account.id.uuid()),
            permission: Set(key.to_owned()),
            valid_to: Set(OPEN_END.micros()),
            valid_from: Set(activity.at.micros()),
            set_by_kind: Set(activity.actor.kind().to_owned()),
            set_by_id: Set(activity.actor.id()),
        };
        row.insert(tx).await?;
        return Ok(true);
    }
    let closed = account_permissions::Entity::update_many()
        .col_expr(C::ValidTo, Expr::val(activity.at.micros()))
        .filter(C::AccountId.eq(of.account.id.uuid()))
        .filter(C::Permission.eq(key))
        .filter(C::ValidTo.eq(OPEN_END.micros()))
        .exec(tx)
        .await?;
    Ok(closed.rows_affected > 0)
}

async fn conflict(
    tx: &DatabaseTransaction,
    of: &Profile,
    ((held, lost), is_on): (&(RightKey, RightKey), bool),
    activity: &Activity,
) -> Result<bool> {
    use account_conflicts::Column as C;
    if !stamp(tx, of, of.account.kind.as_str()).await? {
        return Ok(false);
    }
    // The parent's users have rights here too.
    if let Some(parent) = &of.parent {
        reshape(tx, parent.id).await?;
    }
    if is_on {
        let row = account_conflicts::ActiveModel {
            account_id: Set(of.account.id.uuid()),
            held_key: Set(held.as_str().to_owned()),
            lost_key: Set(lost.as_str().to_owned()),
            valid_to: Set(OPEN_END.micros()),
            valid_from: Set(activity.at.micros()),
        };
        row.insert(tx).await?;
        return Ok(true);
    }
    let closed = account_conflicts::Entity::update_many()
        .col_expr(C::ValidTo, Expr::val(activity.at.micros()))
        .filter(C::AccountId.eq(of.account.id.uuid()))
        .filter(C::HeldKey.eq(held.as_str()))
        .filter(C::LostKey.eq(lost.as_str()))
        .filter(C::ValidTo.eq(OPEN_END.micros()))
        .exec(tx)
        .await?;
    Ok(closed.rows_affected > 0)
}

async fn support_mode(
    tx: &DatabaseTransaction,
    of: &Profile,
    mode: SupportMode,
    activity: &Activity,
) -> Result<bool> {
    if !stamp(tx, of, of.account.kind.as_str()).await? {
        return Ok(false);
    }
    support::set_mode(tx, mode, activity).await?;
    Ok(true)
}

/// Says that the account has changed, and what its groups give; false if it is not the one that was read.
async fn stamp(tx: &impl ConnectionTrait, was: &Profile, kind: &str) -> Result<bool> {
    use accounts::Column as C;
    outdate_support(tx, was.account.id).await?;
    let stamped = accounts::Entity::update_many()
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::ShapeVersion, Expr::col(C::ShapeVersion).add(1))
        .col_expr(C::Kind, Expr::val(kind))
        .filter(C::Id.eq(was.account.id.uuid()))
        .filter(C::Version.eq(was.version))
        .exec(tx)
        .await?;
    Ok(stamped.rows_affected > 0)
}

async fn close_period(
    tx: &impl ConnectionTrait,
    account: AccountId,
    activity: &Activity,
) -> Result<()> {
    account_periods::Entity::update_many()
        .col_expr(account_periods::Column::ValidTo, Expr::val(activity.at.micros()))
        .filter(account_periods::Column::AccountId.eq(account.uuid()))
        .filter(account_periods::Column::ValidTo.eq(OPEN_END.micros()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Whether an account may have children: a parent that is not closed.
pub(super) async fn may_govern(tx: &impl ConnectionTrait, parent: AccountId) -> Result<bool> {
    let profile = profiles::of(tx, parent).await?;
    Ok(profile.is_some_and(|it| it.may_govern()))
}

/// Whether an account has users.
pub(super) async fn has_users(tx: &impl ConnectionTrait, account: AccountId) -> Result<bool> {
    let sql = Sql::new(
        "SELECT 1 FROM users WHERE account_id = ? AND deleted_at IS NULL LIMIT 1",
        vec![account.uuid().into()],
    );
    let dialect = Dialect::of(tx);
    Ok(tx.query_one_raw(sql.statement(dialect)).await?.is_some())
}

/// Whether an account is the parent of one that is not closed.
pub(super) async fn has_children(tx: &impl ConnectionTrait, account: AccountId) -> Result<bool> {
    let children = account_periods::Entity::find()
        .filter(account_periods::Column::ParentId.eq(account.uuid()))
        .filter(account_periods::Column::ValidTo.eq(OPEN_END.micros()))
        .filter(account_periods::Column::State.ne(State::Closed.as_str()))
        .count(tx)
        .await?;
    Ok(children > 0)
}
