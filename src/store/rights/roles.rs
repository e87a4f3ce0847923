//! Roles: the account's own, and reading the catalogue's beside them.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    QueryFilter, QueryOrder, Set,
};
use uuid::Uuid;

use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, BundleId, PersonId, ResourceId, RoleId};
use crate::domain::rights::bundles::{Level, Origin, Role};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::Scope;
use crate::scim::fold;
use crate::store::entity::{bundles, role_bundles, roles};
use crate::store::rights::paths::{PRESENT, When};
use crate::store::rights::reads;
use crate::store::{Result, Store, StoreError};

/// A change of one of an account's own roles.
#[derive(Debug)]
pub(crate) enum Change {
    /// Make it.
    Create(Box<Role>),
    /// Put the second in place of the first, which must still be so.
    Edit(Box<Role>, Box<Role>),
    /// Take it away, if it is still so and nothing uses it.
    Delete(Box<Role>),
}

impl Store {
    /// The roles that an account can use: its own and the catalogue's, by name.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn roles(&self, scope: &Scope) -> Result<Vec<Role>> {
        let (Scope::Account(account) | Scope::Connection(account, _)) = scope else {
            return Ok(vec![]);
        };
        let all = Condition::all().add(PRESENT.still(roles::Column::DeletedAt));
        self.read_roles(*account, all, PRESENT).await
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`Store::roles`].
    pub(crate) async fn role(&self, account: AccountId, id: RoleId) -> Result<Option<Role>> {
        Ok(self.roles_in((account, &[id]), PRESENT).await?.pop())
    }

    /// Some of them as they were, by name: those that there were.
    ///
    /// # Errors
    /// As [`Store::roles`].
    pub(crate) async fn roles_in(
        &self,
        (account, ids): (AccountId, &[RoleId]),
        when: When,
    ) -> Result<Vec<Role>> {
        if ids.is_empty() {
            return Ok(vec![]);
        }
        let these = Condition::all()
            .add(roles::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
            .add(when.still(roles::Column::DeletedAt));
        self.read_roles(account, these, when).await
    }

    async fn read_roles(
        &self,
        account: AccountId,
        which: Condition,
        when: When,
    ) -> Result<Vec<Role>> {
        let rows = roles::Entity::find()
            .filter(
                roles::Column::AccountId
                    .is_in([account, AccountId::CATALOGUE].map(AccountId::uuid)),
            )
            .filter(which)
            .order_by_asc(roles::Column::NameKey)
            .order_by_asc(roles::Column::Id)
            .all(&self.reads)
            .await?;
        let owners: BTreeSet<Uuid> = rows.iter().map(|row| row.account_id).collect();
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let held = role_bundles::Entity::find()
            .filter(role_bundles::Column::AccountId.is_in(owners))
            .filter(role_bundles::Column::RoleId.is_in(ids))
            .filter(when.covers(role_bundles::Column::ValidFrom, role_bundles::Column::ValidTo))
            .all(&self.reads)
            .await?;
        let mut carried: BTreeMap<Uuid, BTreeSet<BundleId>> = BTreeMap::new();
        for row in held {
            carried.entry(row.role_id).or_default().insert(BundleId::new(row.bundle_id));
        }
        rows.into_iter().map(|row| role(row, &mut carried)).collect()
    }
}

fn role(row: roles::Model, carried: &mut BTreeMap<Uuid, BTreeSet<BundleId>>) -> Result<Role> {
    let bad = || StoreError::Inconsistent { table: "roles", what: row.level.clone() };
    let level = Level::parse(&row.level).ok_or_else(bad)?;
    let origin = row.origin_id.zip(row.origin_release);
    Ok(Role {
        account: AccountId::new(row.account_id),
        id: RoleId::new(row.id),
        key: row.catalogue_key,
        level,
        name: row.name,
        description: row.description,
        bundles: carried.remove(&row.id).unwrap_or_default(),
        origin: origin.map(|(id, release)| Origin { id: RoleId::new(id), release }),
        created_by: row.created_by.map(ResourceId::new),
        created_at: Timestamp::from_micros(row.created_at),
        updated_at: Timestamp::from_micros(row.updated_at),
        version: row.version,
    })
}

pub(super) async fn apply(
    tx: &DatabaseTransaction,
    change: &Change,
    activity: &Activity,
) -> Result<bool> {
    match change {
        Change::Create(new) => {
            insert(tx, new).await?;
            hold(tx, new, &new.bundles, activity).await?;
            Ok(true)
        }
        Change::Edit(was, now) => {
            if !touch(tx, was, Some(now), activity).await? {
                return Ok(false);
            }
            let gained: BTreeSet<BundleId> =
                now.bundles.difference(&was.bundles).copied().collect();
            let lost: BTreeSet<BundleId> = was.bundles.difference(&now.bundles).copied().collect();
            release(tx, was, &lost, activity).await?;
            hold(tx, now, &gained, activity).await?;
            Ok(true)
        }
        Change::Delete(was) => {
            if reads::is_used(tx, was.account, was.id.uuid()).await? {
                return Ok(false);
            }
            if !touch(tx, was, None, activity).await? {
                return Ok(false);
            }
            release(tx, was, &was.bundles, activity).await?;
            Ok(true)
        }
    }
}

async fn insert(tx: &impl ConnectionTrait, new: &Role) -> Result<()> {
    let row = roles::ActiveModel {
        account_id: Set(new.account.uuid()),
        id: Set(new.id.uuid()),
        catalogue_key: Set(new.key.clone()),
        level: Set(new.level.as_str().to_owned()),
        name: Set(new.name.clone()),
        name_key: Set(fold::text(&new.name)),
        description: Set(new.description.clone()),
        origin_id: Set(new.origin.as_ref().map(|origin| origin.id.uuid())),
        origin_release: Set(new.origin.as_ref().map(|origin| origin.release.clone())),
        version: Set(new.version),
        created_at: Set(new.created_at.micros()),
        created_by: Set(new.created_by.map(ResourceId::uuid)),
        updated_at: Set(new.updated_at.micros()),
        deleted_at: Set(None),
    };
    row.insert(tx).await?;
    Ok(())
}

/// Changes the row itself, or ends it; false if it is not what was read.
async fn touch(
    tx: &impl ConnectionTrait,
    was: &Role,
    now: Option<&Role>,
    activity: &Activity,
) -> Result<bool> {
    let at = activity.at.micros();
    let mut update = roles::Entity::update_many()
        .col_expr(roles::Column::Version, Expr::val(was.version + 1))
        .col_expr(roles::Column::UpdatedAt, Expr::val(at));
    update = match now {
        Some(now) => update
            .col_expr(roles::Column::Name, Expr::val(now.name.clone()))
            .col_expr(roles::Column::NameKey, Expr::val(fold::text(&now.name)))
            .col_expr(roles::Column::Description, Expr::val(now.description.clone())),
        None => update.col_expr(roles::Column::DeletedAt, Expr::val(at)),
    };
    let done = update
        .filter(roles::Column::AccountId.eq(was.account.uuid()))
        .filter(roles::Column::Id.eq(was.id.uuid()))
        .filter(roles::Column::Version.eq(was.version))
        .filter(roles::Column::DeletedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

async fn hold(
    tx: &impl ConnectionTrait,
    role: &Role,
    wanted: &BTreeSet<BundleId>,
    activity: &Activity,
) -> Result<()> {
    let ids = wanted.iter().map(|id| id.uuid());
    let found = bundles::Entity::find()
        .filter(
            bundles::Column::AccountId.is_in([role.account.uuid(), AccountId::CATALOGUE.uuid()]),
        )
        .filter(bundles::Column::Id.is_in(ids))
        .all(tx)
        .await?;
    let rows: Vec<role_bundles::ActiveModel> = found
        .iter()
        .map(|bundle| role_bundles::ActiveModel {
            account_id: Set(role.account.uuid()),
            role_id: Set(role.id.uuid()),
            valid_to: Set(OPEN_END.micros()),
            bundle_owner: Set(bundle.account_id),
            bundle_id: Set(bundle.id),
            valid_from: Set(activity.at.micros()),
            added_person: Set(activity.actor.person().map(PersonId::uuid)),
        })
        .collect();
    if !rows.is_empty() {
        role_bundles::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

async fn release(
    tx: &impl ConnectionTrait,
    role: &Role,
    unwanted: &BTreeSet<BundleId>,
    activity: &Activity,
) -> Result<()> {
    role_bundles::Entity::update_many()
        .col_expr(role_bundles::Column::ValidTo, Expr::val(activity.at.micros()))
        .filter(role_bundles::Column::AccountId.eq(role.account.uuid()))
        .filter(role_bundles::Column::RoleId.eq(role.id.uuid()))
        .filter(role_bundles::Column::ValidTo.eq(OPEN_END.micros()))
        .filter(role_bundles::Column::BundleId.is_in(unwanted.iter().map(|id| id.uuid())))
        .exec(tx)
        .await?;
    Ok(())
}
