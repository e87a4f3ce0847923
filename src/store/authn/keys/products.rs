//! Keys of the vendor's product. They are the operator's; one of another account opens nothing.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, Set,
};

use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, ProductKeyId};
use crate::domain::keys::products::{ProductKey, join};
use crate::domain::time::Timestamp;
use crate::policy::Scope;
use crate::store::entity::product_keys;
use crate::store::script::Sql;
use crate::store::{Result, Store, StoreError, activities};

/// A change of product keys.
#[derive(Debug)]
pub(crate) enum Change {
    /// Issue one.
    Issue(Box<ProductKey>, Activity),
    /// End one; done if it was not ended before.
    Revoke(ProductKeyId, Activity),
    /// Note that one was used.
    Seen(AccountId, ProductKeyId, Timestamp),
}

impl Store {
    /// The operator's product key of that id: what proves who calls, and so read without a scope. One
    /// statement.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn product_key(&self, id: ProductKeyId) -> Result<Option<ProductKey>> {
        let sql = Sql::new(
            "SELECT k.* FROM product_keys k JOIN accounts a ON a.id = k.account_id \
             WHERE a.kind = 'operator' AND k.id = ?",
            vec![id.uuid().into()],
        );
        let found = product_keys::Entity::find()
            .from_raw_sql(sql.statement(self.dialect))
            .one(&self.reads)
            .await?;
        found.map(product_key).transpose()
    }

    /// The account's product keys, oldest first.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn product_keys(
        &self,
        scope: &Scope,
        account: AccountId,
    ) -> Result<Vec<ProductKey>> {
        let Scope::Operation = scope else { return Ok(vec![]) };
        let rows = product_keys::Entity::find()
            .filter(product_keys::Column::AccountId.eq(account.uuid()))
            .order_by_asc(product_keys::Column::Id)
            .all(&self.reads)
            .await?;
        rows.into_iter().map(product_key).collect()
    }

    /// How many product keys of the account are live.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn live_product_keys(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<u64> {
        let live = Condition::all()
            .add(product_keys::Column::AccountId.eq(account.uuid()))
            .add(product_keys::Column::RevokedAt.is_null())
            .add(product_keys::Column::ExpiresAt.gt(now.micros()));
        Ok(product_keys::Entity::find().filter(live).count(&self.reads).await?)
    }
}

pub(super) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    match change {
        Change::Issue(key, activity) => {
            row(key).insert(tx).await?;
            activities::insert(tx, activity).await?;
            Ok(true)
        }
        Change::Revoke(id, activity) => {
            let one = one(activity.account, *id).add(product_keys::Column::RevokedAt.is_null());
            let ended = product_keys::Entity::update_many()
                .col_expr(product_keys::Column::RevokedAt, activity.at.micros().into())
                .filter(one)
                .exec(tx)
                .await?;
            if ended.rows_affected > 0 {
                activities::insert(tx, activity).await?;
            }
            Ok(ended.rows_affected > 0)
        }
        Change::Seen(account, id, at) => {
            product_keys::Entity::update_many()
                .col_expr(product_keys::Column::LastUsedAt, at.micros().into())
                .filter(one(*account, *id))
                .exec(tx)
                .await?;
            Ok(true)
        }
    }
}

fn one(account: AccountId, id: ProductKeyId) -> Condition {
    Condition::all()
        .add(product_keys::Column::AccountId.eq(account.uuid()))
        .add(product_keys::Column::Id.eq(id.uuid()))
}

fn row(key: &ProductKey) -> product_keys::ActiveModel {
    product_keys::ActiveModel {
        account_id: Set(key.account.uuid()),
        id: Set(key.id.uuid()),
        name: Set(key.name.clone()),
        secret_hash: Set(key.secret_hash.to_vec()),
        scopes: Set(join(&key.scopes)),
        created_at: Set(key.created_at.micros()),
        expires_at: Set(key.expires_at.micros()),
        revoked_at: Set(None),
        last_used_at: Set(None),
    }
}

fn product_key(row: product_keys::Model) -> Result<ProductKey> {
    let wrong =
        |what: &str| StoreError::Inconsistent { table: "product_keys", what: what.to_owned() };
    let scopes: std::result::Result<_, String> =
        row.scopes.split_whitespace().map(str::parse).collect();
    Ok(ProductKey {
        account: AccountId::new(row.account_id),
        id: ProductKeyId::new(row.id),
        name: row.name,
        secret_hash: row.secret_hash.try_into().map_err(|_| wrong("secret_hash"))?,
        scopes: scopes.map_err(|_| wrong("scopes"))?,
        created_at: Timestamp::from_micros(row.created_at),
        expires_at: Timestamp::from_micros(row.expires_at),
        revoked_at: row.revoked_at.map(Timestamp::from_micros),
        last_used_at: row.last_used_at.map(Timestamp::from_micros),
    })
}
