//! Workspaces: parts of accounts in which roles can be held (W10).

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, Set,
};

use crate::domain::account::Workspace;
use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, WorkspaceId};
use crate::domain::time::Timestamp;
use crate::policy::Scope;
use crate::scim::fold;
use crate::store::entity::workspaces as table;
use crate::store::rights::reshape;
use crate::store::{Result, Store};

/// A change of a workspace.
#[derive(Debug)]
pub(crate) enum Change {
    /// Make it.
    Create(Workspace),
    /// Put it in place of the one of its id that has the version before.
    Rename(Workspace),
    /// Close it; the version is the one before.
    Close(Workspace),
}

impl Change {
    /// The workspace as it is to be.
    pub(crate) fn workspace(&self) -> &Workspace {
        match self {
            Self::Create(it) | Self::Rename(it) | Self::Close(it) => it,
        }
    }
}

impl Store {
    /// An account's open workspaces.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn workspaces(&self, scope: &Scope) -> Result<Vec<Workspace>> {
        let Scope::Account(account) = scope else { return Ok(vec![]) };
        let rows = table::Entity::find()
            .filter(table::Column::AccountId.eq(account.uuid()))
            .filter(table::Column::ClosedAt.is_null())
            .order_by_asc(table::Column::NameKey)
            .all(&self.reads)
            .await?;
        Ok(rows.into_iter().map(workspace).collect())
    }

    /// One of an account's open workspaces.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn workspace(
        &self,
        account: AccountId,
        id: WorkspaceId,
    ) -> Result<Option<Workspace>> {
        let row = table::Entity::find_by_id((account.uuid(), id.uuid()))
            .filter(table::Column::ClosedAt.is_null())
            .one(&self.reads)
            .await?;
        Ok(row.map(workspace))
    }
}

pub(super) async fn apply(
    tx: &DatabaseTransaction,
    change: &Change,
    activity: &Activity,
) -> Result<bool> {
    match change {
        Change::Create(new) => insert(tx, new).await.map(|()| true),
        Change::Rename(now) => update(tx, now).await,
        Change::Close(now) => {
            let done = update(tx, now).await?;
            if done {
                // What is held in it is held no longer.
                reshape(tx, activity.account).await?;
            }
            Ok(done)
        }
    }
}

async fn insert(tx: &DatabaseTransaction, new: &Workspace) -> Result<()> {
    let row = table::ActiveModel {
        account_id: Set(new.account.uuid()),
        id: Set(new.id.uuid()),
        name: Set(new.name.clone()),
        name_key: Set(fold::text(&new.name)),
        version: Set(new.version),
        created_at: Set(new.created_at.micros()),
        updated_at: Set(new.updated_at.micros()),
        closed_at: Set(None),
    };
    row.insert(tx).await?;
    Ok(())
}

async fn update(tx: &DatabaseTransaction, now: &Workspace) -> Result<bool> {
    use table::Column as C;
    let changed = table::Entity::update_many()
        .col_expr(C::Name, Expr::val(now.name.as_str()))
        .col_expr(C::NameKey, Expr::val(fold::text(&now.name)))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::UpdatedAt, Expr::val(now.updated_at.micros()))
        .col_expr(C::ClosedAt, Expr::val(now.closed_at.map(Timestamp::micros)))
        .filter(C::AccountId.eq(now.account.uuid()))
        .filter(C::Id.eq(now.id.uuid()))
        .filter(C::Version.eq(now.version - 1))
        .filter(C::ClosedAt.is_null())
        .exec(tx)
        .await?;
    Ok(changed.rows_affected > 0)
}

fn workspace(row: table::Model) -> Workspace {
    Workspace {
        account: AccountId::new(row.account_id),
        id: WorkspaceId::new(row.id),
        name: row.name,
        created_at: Timestamp::from_micros(row.created_at),
        updated_at: Timestamp::from_micros(row.updated_at),
        closed_at: row.closed_at.map(Timestamp::from_micros),
        version: row.version,
    }
}
