//! Bundles: the account's own, and reading the catalogue's beside them.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    QueryFilter, QueryOrder, Set,
};
use uuid::Uuid;

use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, BundleId, PersonId, ResourceId};
use crate::domain::rights::RightKey;
use crate::domain::rights::bundles::{Bundle, Origin};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::Scope;
use crate::scim::fold;
use crate::store::entity::{bundle_rights, bundles};
use crate::store::rights::paths::{PRESENT, When};
use crate::store::rights::reads;
use crate::store::{Result, Store, StoreError};

/// A change of one of an account's own bundles.
#[derive(Debug)]
pub(crate) enum Change {
    /// Make it.
    Create(Box<Bundle>),
    /// Put the second in place of the first, which must still be so.
    Edit(Box<Bundle>, Box<Bundle>),
    /// Take it away, if it is still so and nothing uses it.
    Delete(Box<Bundle>),
}

impl Store {
    /// The bundles that an account can use: its own and the catalogue's, by name.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn bundles(&self, scope: &Scope) -> Result<Vec<Bundle>> {
        let (Scope::Account(account) | Scope::Connection(account, _)) = scope else {
            return Ok(vec![]);
        };
        let all = Condition::all().add(PRESENT.still(bundles::Column::DeletedAt));
        self.read_bundles(*account, all, PRESENT).await
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`Store::bundles`].
    pub(crate) async fn bundle(&self, account: AccountId, id: BundleId) -> Result<Option<Bundle>> {
        Ok(self.bundles_in((account, &[id]), PRESENT).await?.pop())
    }

    /// Some of them as they were, by name: those that there were.
    ///
    /// # Errors
    /// As [`Store::bundles`].
    pub(crate) async fn bundles_in(
        &self,
        (account, ids): (AccountId, &[BundleId]),
        when: When,
    ) -> Result<Vec<Bundle>> {
        if ids.is_empty() {
            return Ok(vec![]);
        }
        let these = Condition::all()
            .add(bundles::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
            .add(when.still(bundles::Column::DeletedAt));
        self.read_bundles(account, these, when).await
    }

    async fn read_bundles(
        &self,
        account: AccountId,
        which: Condition,
        when: When,
    ) -> Result<Vec<Bundle>> {
        let rows = bundles::Entity::find()
            .filter(
                bundles::Column::AccountId
                    .is_in([account, AccountId::CATALOGUE].map(AccountId::uuid)),
            )
            .filter(which)
            .order_by_asc(bundles::Column::NameKey)
            .order_by_asc(bundles::Column::Id)
            .all(&self.reads)
            .await?;
        let owners: BTreeSet<Uuid> = rows.iter().map(|row| row.account_id).collect();
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let held = bundle_rights::Entity::find()
            .filter(bundle_rights::Column::AccountId.is_in(owners))
            .filter(bundle_rights::Column::BundleId.is_in(ids))
            .filter(when.covers(bundle_rights::Column::ValidFrom, bundle_rights::Column::ValidTo))
            .all(&self.reads)
            .await?;
        let mut rights: BTreeMap<Uuid, BTreeSet<RightKey>> = BTreeMap::new();
        for row in held {
            let bad =
                || StoreError::Inconsistent { table: "bundle_rights", what: row.right_key.clone() };
            let key = RightKey::parse(&row.right_key).ok_or_else(bad)?;
            rights.entry(row.bundle_id).or_default().insert(key);
        }
        Ok(rows.into_iter().map(|row| bundle(row, &mut rights)).collect())
    }
}

fn bundle(row: bundles::Model, rights: &mut BTreeMap<Uuid, BTreeSet<RightKey>>) -> Bundle {
    let origin = row.origin_id.zip(row.origin_release);
    Bundle {
        account: AccountId::new(row.account_id),
        id: BundleId::new(row.id),
        key: row.catalogue_key,
        name: row.name,
        description: row.description,
        rights: rights.remove(&row.id).unwrap_or_default(),
        origin: origin.map(|(id, release)| Origin { id: BundleId::new(id), release }),
        created_by: row.created_by.map(ResourceId::new),
        created_at: Timestamp::from_micros(row.created_at),
        updated_at: Timestamp::from_micros(row.updated_at),
        version: row.version,
    }
}

pub(super) async fn apply(
    tx: &DatabaseTransaction,
    change: &Change,
    activity: &Activity,
) -> Result<bool> {
    match change {
        Change::Create(new) => {
            insert(tx, new).await?;
            hold(tx, new, &new.rights, activity).await?;
            Ok(true)
        }
        Change::Edit(was, now) => {
            if !touch(tx, was, Some(now), activity).await? {
                return Ok(false);
            }
            let gained: BTreeSet<RightKey> = now.rights.difference(&was.rights).cloned().collect();
            let lost: BTreeSet<RightKey> = was.rights.difference(&now.rights).cloned().collect();
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
            release(tx, was, &was.rights, activity).await?;
            Ok(true)
        }
    }
}

async fn insert(tx: &impl ConnectionTrait, new: &Bundle) -> Result<()> {
    let row = bundles::ActiveModel {
        account_id: Set(new.account.uuid()),
        id: Set(new.id.uuid()),
        catalogue_key: Set(new.key.clone()),
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
    was: &Bundle,
    now: Option<&Bundle>,
    activity: &Activity,
) -> Result<bool> {
    let at = activity.at.micros();
    let mut update = bundles::Entity::update_many()
        .col_expr(bundles::Column::Version, Expr::val(was.version + 1))
        .col_expr(bundles::Column::UpdatedAt, Expr::val(at));
    update = match now {
        Some(now) => update
            .col_expr(bundles::Column::Name, Expr::val(now.name.clone()))
            .col_expr(bundles::Column::NameKey, Expr::val(fold::text(&now.name)))
            .col_expr(bundles::Column::Description, Expr::val(now.description.clone())),
        None => update.col_expr(bundles::Column::DeletedAt, Expr::val(at)),
    };
    let done = update
        .filter(bundles::Column::AccountId.eq(was.account.uuid()))
        .filter(bundles::Column::Id.eq(was.id.uuid()))
        .filter(bundles::Column::Version.eq(was.version))
        .filter(bundles::Column::DeletedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

async fn hold(
    tx: &impl ConnectionTrait,
    bundle: &Bundle,
    rights: &BTreeSet<RightKey>,
    activity: &Activity,
) -> Result<()> {
    let rows = rights.iter().map(|key| bundle_rights::ActiveModel {
        account_id: Set(bundle.account.uuid()),
        bundle_id: Set(bundle.id.uuid()),
        valid_to: Set(OPEN_END.micros()),
        right_key: Set(key.as_str().to_owned()),
        valid_from: Set(activity.at.micros()),
        added_person: Set(activity.actor.person().map(PersonId::uuid)),
    });
    if !rights.is_empty() {
        bundle_rights::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

async fn release(
    tx: &impl ConnectionTrait,
    bundle: &Bundle,
    rights: &BTreeSet<RightKey>,
    activity: &Activity,
) -> Result<()> {
    bundle_rights::Entity::update_many()
        .col_expr(bundle_rights::Column::ValidTo, Expr::val(activity.at.micros()))
        .filter(bundle_rights::Column::AccountId.eq(bundle.account.uuid()))
        .filter(bundle_rights::Column::BundleId.eq(bundle.id.uuid()))
        .filter(bundle_rights::Column::ValidTo.eq(OPEN_END.micros()))
        .filter(bundle_rights::Column::RightKey.is_in(rights.iter().map(RightKey::as_str)))
        .exec(tx)
        .await?;
    Ok(())
}
