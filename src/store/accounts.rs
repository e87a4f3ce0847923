//! Accounts.

pub(crate) mod changes;
mod profiles;
pub(crate) mod support;
pub(crate) mod workspaces;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    Set,
};

use crate::domain::account::{Account, Kind, Slug, State};
use crate::domain::event::Activity;
use crate::domain::ids::AccountId;
use crate::domain::persons::support::NewTeam;
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::{Permit, Reach, Scope};
use crate::store::entity::{account_periods, accounts};
use crate::store::rights::{self, reshape};
use crate::store::users::people::Newcomer;
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store, StoreError, activities};

/// An account to be made.
#[derive(Debug)]
pub(crate) struct NewAccount {
    /// The account.
    pub(crate) account: Account,
    /// Whose child it is.
    pub(crate) parent: Option<AccountId>,
    /// Who looks after it.
    pub(crate) team: Option<NewTeam>,
    /// Its first activity.
    pub(crate) activity: Activity,
    /// Who is to administer it, once that is signed.
    pub(crate) first: Option<First>,
}

/// Who is to administer a new account first.
#[derive(Debug)]
pub(crate) struct First {
    /// The user.
    pub(crate) user: Newcomer,
    /// What they are given.
    pub(crate) grant: rights::Change,
    /// The request that waits for a second person.
    pub(crate) request: rights::approvals::Change,
}

impl Store {
    /// Makes an account; [`StoreError::Taken`] if its slug is. False if its parent governs no accounts.
    ///
    /// # Errors
    /// As said, and if the database fails.
    pub(crate) async fn create_account(&self, new: NewAccount, permit: Permit) -> Result<bool> {
        let write = Rows::Account(Box::new(new)).into();
        Ok(self.writer.apply(write, Warrant::Decided(permit)).await?.done)
    }

    /// The operator's account.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn operator(&self) -> Result<Option<AccountId>> {
        let row = accounts::Entity::find()
            .filter(accounts::Column::Kind.eq(Kind::Operator.as_str()))
            .one(&self.reads)
            .await?;
        Ok(row.map(|row| AccountId::new(row.id)))
    }

    /// The account of that slug, and how far the users of another reach it.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn account_reached(
        &self,
        own: AccountId,
        slug: &Slug,
    ) -> Result<Option<(Account, Reach)>> {
        let found = accounts::Entity::find()
            .filter(accounts::Column::Slug.eq(slug.as_str()))
            .one(&self.reads)
            .await?;
        let Some(row) = found else { return Ok(None) };
        let account = account(row)?;
        let reach = self.reach(own, account.id).await?;
        Ok(Some((account, reach)))
    }

    /// The account of that slug.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn find_account(&self, scope: &Scope, slug: &Slug) -> Result<Option<Account>> {
        let Scope::Operation = scope else { return Ok(None) };
        let row = accounts::Entity::find()
            .filter(accounts::Column::Slug.eq(slug.as_str()))
            .one(&self.reads)
            .await?;
        row.map(account).transpose()
    }
}

pub(super) async fn insert(tx: &DatabaseTransaction, new: &NewAccount) -> Result<bool> {
    if let Some(parent) = new.parent {
        // Locks its row too: a parent is not closed while a child comes to it.
        reshape(tx, parent).await?;
        if !changes::may_govern(tx, parent).await? {
            return Ok(false);
        }
    }
    let row = accounts::ActiveModel {
        id: Set(new.account.id.uuid()),
        slug: Set(new.account.slug.as_str().to_owned()),
        name: Set(new.account.name.clone()),
        kind: Set(new.account.kind.as_str().to_owned()),
        created_at: Set(new.account.created_at.micros()),
        version: Set(1),
        shape_version: Set(1),
    };
    row.insert(tx).await?;
    let first = account_periods::ActiveModel {
        account_id: Set(new.account.id.uuid()),
        valid_to: Set(OPEN_END.micros()),
        valid_from: Set(new.account.created_at.micros()),
        state: Set(State::Active.as_str().to_owned()),
        parent_id: Set(new.parent.map(AccountId::uuid)),
    };
    first.insert(tx).await?;
    if let Some(team) = new.team {
        support::set_team(tx, team, &new.activity).await?;
    }
    activities::insert(tx, &new.activity).await?;
    let Some(First { user, grant, request }) = &new.first else { return Ok(true) };
    tx.query_all_raw(user.0.clone()).await?;
    let is_whole = rights::apply(tx, grant).await? && rights::approvals::apply(tx, request).await?;
    if is_whole { Ok(true) } else { Err(StoreError::Moved) }
}

pub(super) fn account(row: accounts::Model) -> Result<Account> {
    let bad = |what| StoreError::Inconsistent { table: "accounts", what };
    let slug = Slug::parse(&row.slug).map_err(bad)?;
    Ok(Account {
        id: AccountId::new(row.id),
        slug,
        name: row.name,
        kind: Kind::parse(&row.kind).ok_or_else(|| bad(row.kind.clone()))?,
        created_at: Timestamp::from_micros(row.created_at),
    })
}
