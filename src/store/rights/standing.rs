//! Whether what a change of rights rests on still stands when it is written: nobody took away what it gives,
//! and nobody gave the same meanwhile.
//!
//! INVARIANT: whoever asks this holds the account's lock, so the answer is true until the change is.

use std::collections::BTreeSet;

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait,
    QueryFilter,
};
use uuid::Uuid;

use crate::domain::ids::{AccountId, BundleId};
use crate::domain::rights::bundles::Role;
use crate::domain::rights::sources::Gift;
use crate::store::Result;
use crate::store::dialect::Dialect;
use crate::store::entity::{bundles, roles};
use crate::store::rights::{What, grants, mappings, roles as role_rows};
use crate::store::script::Sql;

/// Has the changes of an account's rights come one after another until this transaction ends.
pub(super) async fn lock(tx: &DatabaseTransaction, account: AccountId) -> Result<()> {
    let dialect = Dialect::of(tx);
    if let Some(lock) = dialect.subject_lock() {
        let sql = Sql::new(lock, vec![format!("rights of {account}").into()]);
        tx.query_one_raw(sql.statement(dialect)).await?;
    }
    Ok(())
}

/// Whether it does; where it does not, the change is to be decided anew.
pub(super) async fn stands(tx: &DatabaseTransaction, what: &What) -> Result<bool> {
    match what {
        What::Mappings(mappings::Change::Create(new)) => Ok(is_there(tx, new.account, &new.gift)
            .await?
            && mappings::same(tx, new).await?.is_none()),
        What::Grants(grants::Change::Give(new)) => {
            Ok(is_there(tx, new.account, &new.gift).await?
                && grants::same(tx, new).await?.is_none())
        }
        What::Roles(role_rows::Change::Create(new)) => carries(tx, new, &new.bundles).await,
        What::Roles(role_rows::Change::Edit(was, now)) => {
            let gained = now.bundles.difference(&was.bundles).copied().collect();
            carries(tx, now, &gained).await
        }
        // What is deleted looks itself whether it is used; what ends or goes on rests on its own row.
        What::Bundles(_)
        | What::Mappings(mappings::Change::Edit(..) | mappings::Change::End(_))
        | What::Grants(grants::Change::End(_))
        | What::Roles(role_rows::Change::Delete(_)) => Ok(true),
    }
}

/// Whether the account, or the catalogue, still has a bundle or role. Rights come and go with releases.
async fn is_there(tx: &impl ConnectionTrait, account: AccountId, gift: &Gift) -> Result<bool> {
    let found = match gift {
        Gift::Bundle(id) => count_bundles(tx, account, [id.uuid()].into()).await?,
        Gift::Role(id) => {
            let owners = [account.uuid(), AccountId::CATALOGUE.uuid()];
            let row = Condition::all()
                .add(roles::Column::AccountId.is_in(owners))
                .add(roles::Column::Id.eq(id.uuid()))
                .add(roles::Column::DeletedAt.is_null());
            roles::Entity::find().filter(row).count(tx).await?
        }
        Gift::Right(_) => 1,
    };
    Ok(found > 0)
}

async fn carries(
    tx: &impl ConnectionTrait,
    role: &Role,
    gained: &BTreeSet<BundleId>,
) -> Result<bool> {
    let ids: BTreeSet<Uuid> = gained.iter().map(|id| id.uuid()).collect();
    let wanted = u64::try_from(ids.len()).unwrap_or(u64::MAX);
    Ok(wanted == 0 || count_bundles(tx, role.account, ids).await? == wanted)
}

async fn count_bundles(
    tx: &impl ConnectionTrait,
    account: AccountId,
    ids: BTreeSet<Uuid>,
) -> Result<u64> {
    let rows = Condition::all()
        .add(bundles::Column::AccountId.is_in([account.uuid(), AccountId::CATALOGUE.uuid()]))
        .add(bundles::Column::Id.is_in(ids))
        .add(bundles::Column::DeletedAt.is_null());
    Ok(bundles::Entity::find().filter(rows).count(tx).await?)
}
