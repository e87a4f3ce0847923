//! Grants: what was given to single users. A row for each period, the open one in force.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    Set,
};

use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, BundleId, GrantId, ResourceId, RoleId, WorkspaceId};
use crate::domain::records::pages::{Part, Place, Wanted};
use crate::domain::rights::RightKey;
use crate::domain::rights::sources::{By, Gift, Grant, Period};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::Scope;
use crate::store::entity::grants as table;
use crate::store::lists::keyset;
use crate::store::rights::approvals::source_changed;
use crate::store::rights::mappings::{gift_id, place};
use crate::store::rights::paths::When;
use crate::store::script::Sql;
use crate::store::{Result, Store, StoreError};

/// A change of a grant.
#[derive(Debug)]
pub(crate) enum Change {
    /// Give it.
    Give(Box<Grant>),
    /// Take it away.
    End(Box<Grant>),
}

impl Store {
    /// A part of an account's grants in the order of their making; of one user, if one is named.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn grants(
        &self,
        scope: &Scope,
        user: Option<ResourceId>,
        wanted: &Wanted,
    ) -> Result<Part<Grant>> {
        let Scope::Account(account) = scope else {
            return Ok(Part { items: vec![], next: None });
        };
        let mut sql = Sql::new(
            format!(
                "SELECT r.* FROM grants r WHERE r.account_id = ? AND r.valid_to = {}",
                OPEN_END.micros()
            ),
            vec![account.uuid().into()],
        );
        if let Some(user) = user {
            sql.push(" AND r.user_id = ?", [user.uuid().into()]);
        }
        keyset::end(&mut sql, wanted, ("r.created_at", "r.id"));
        let rows = table::Entity::find()
            .from_raw_sql(sql.statement(self.dialect))
            .all(&self.reads)
            .await?;
        let part = wanted.cut(rows, |row| Place::number(row.created_at, row.id));
        let items = part.items.into_iter().map(grant).collect::<Result<_>>()?;
        Ok(Part { items, next: part.next })
    }

    /// One of an account's grants.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn grant(&self, account: AccountId, id: GrantId) -> Result<Option<Grant>> {
        let row = open(account).filter(table::Column::Id.eq(id.uuid())).one(&self.reads).await?;
        row.map(grant).transpose()
    }

    /// One of an account's grants as it was.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn grant_in(
        &self,
        (account, id): (AccountId, GrantId),
        when: When,
    ) -> Result<Option<Grant>> {
        let row = table::Entity::find()
            .filter(table::Column::AccountId.eq(account.uuid()))
            .filter(table::Column::Id.eq(id.uuid()))
            .filter(when.covers(table::Column::ValidFrom, table::Column::ValidTo))
            .one(&self.reads)
            .await?;
        row.map(grant).transpose()
    }

    /// The grant that gives a user the same as one to be made, while it lasts, if there is one.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn same_grant(&self, new: &Grant) -> Result<Option<Grant>> {
        same(&self.reads, new).await
    }
}

/// The same in the caller's transaction.
pub(super) async fn same(tx: &impl ConnectionTrait, new: &Grant) -> Result<Option<Grant>> {
    let rows = open(new.account)
        .filter(table::Column::UserId.eq(new.user.uuid()))
        .filter(table::Column::StartsAt.lte(new.period.starts_at.micros()))
        .filter(table::Column::EndsAt.gte(new.period.ends_at.micros()))
        .all(tx)
        .await?;
    let all: Vec<Grant> = rows.into_iter().map(grant).collect::<Result<_>>()?;
    Ok(all.into_iter().find(|it| it.gift == new.gift && it.place == new.place))
}

fn open(account: AccountId) -> sea_orm::Select<table::Entity> {
    table::Entity::find()
        .filter(table::Column::AccountId.eq(account.uuid()))
        .filter(table::Column::ValidTo.eq(OPEN_END.micros()))
}

fn grant(row: table::Model) -> Result<Grant> {
    let bad = || StoreError::Inconsistent { table: "grants", what: row.id.to_string() };
    let gift = match (row.gives.as_str(), row.gives_id, row.right_key.as_deref()) {
        ("bundle", Some(id), None) => Gift::Bundle(BundleId::new(id)),
        ("role", Some(id), None) => Gift::Role(RoleId::new(id)),
        ("right", None, Some(key)) => Gift::Right(RightKey::parse(key).ok_or_else(bad)?),
        _ => return Err(bad()),
    };
    Ok(Grant {
        account: AccountId::new(row.account_id),
        id: GrantId::new(row.id),
        user: ResourceId::new(row.user_id),
        gift,
        gift_owner: row.gives_owner.map(AccountId::new),
        place: place(&row.place, row.workspace_id).ok_or_else(bad)?,
        period: Period {
            starts_at: Timestamp::from_micros(row.starts_at),
            ends_at: Timestamp::from_micros(row.ends_at),
        },
        reason: row.reason,
        given_by: By { kind: row.given_by_kind, id: row.given_by_id, person: None },
        given_at: Timestamp::from_micros(row.created_at),
        version: row.version,
    })
}

pub(super) async fn apply(
    tx: &DatabaseTransaction,
    change: &Change,
    activity: &Activity,
) -> Result<bool> {
    match change {
        Change::Give(new) => insert(tx, new, activity).await.map(|()| true),
        Change::End(was) => {
            source_changed(tx, (was.account, was.id.uuid()), activity.at).await?;
            close(tx, was, activity).await
        }
    }
}

async fn insert(tx: &impl ConnectionTrait, new: &Grant, activity: &Activity) -> Result<()> {
    let right = match &new.gift {
        Gift::Right(key) => Some(key.as_str().to_owned()),
        Gift::Bundle(_) | Gift::Role(_) => None,
    };
    let row = table::ActiveModel {
        account_id: Set(new.account.uuid()),
        id: Set(new.id.uuid()),
        valid_to: Set(OPEN_END.micros()),
        valid_from: Set(activity.at.micros()),
        user_id: Set(new.user.uuid()),
        gives: Set(new.gift.kind().to_owned()),
        gives_owner: Set(new.gift_owner.map(AccountId::uuid)),
        gives_id: Set(gift_id(&new.gift)),
        right_key: Set(right),
        place: Set(new.place.kind().to_owned()),
        workspace_id: Set(new.place.workspace().map(WorkspaceId::uuid)),
        starts_at: Set(new.period.starts_at.micros()),
        ends_at: Set(new.period.ends_at.micros()),
        reason: Set(new.reason.clone()),
        version: Set(new.version),
        created_at: Set(new.given_at.micros()),
        given_by_kind: Set(new.given_by.kind.clone()),
        given_by_id: Set(new.given_by.id),
    };
    row.insert(tx).await?;
    Ok(())
}

/// Ends the row that was read; false if it is no longer so.
async fn close(tx: &impl ConnectionTrait, was: &Grant, activity: &Activity) -> Result<bool> {
    let done = table::Entity::update_many()
        .col_expr(table::Column::ValidTo, Expr::val(activity.at.micros()))
        .filter(table::Column::AccountId.eq(was.account.uuid()))
        .filter(table::Column::Id.eq(was.id.uuid()))
        .filter(table::Column::ValidTo.eq(OPEN_END.micros()))
        .filter(table::Column::Version.eq(was.version))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}
