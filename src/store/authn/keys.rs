//! Keys that sign access tokens, and access tokens that were revoked; in `products`, product keys.

pub(crate) mod products;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, Set,
};

use crate::domain::event::Activity;
use crate::domain::keys::{Algorithm, SigningKey};
use crate::domain::time::Timestamp;
use crate::policy::Permit;
use crate::store::entity::{revoked_access_tokens, signing_keys};
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store, StoreError, activities, authn};

/// A change of keys.
#[derive(Debug)]
pub(crate) enum Change {
    /// Sign with another key.
    Rotate(Box<Rotation>),
    /// Take out a key that signs no more; done if it was there.
    Remove(String, Activity),
    /// Refuse an access token from now on; done if it was not refused before.
    RevokeToken(RevokedToken, Activity),
    /// Take out revoked access tokens that have ended by that moment.
    ForgetTokens(Timestamp),
    /// Of product keys.
    Product(products::Change),
}

/// One key for another.
#[derive(Debug)]
pub(crate) struct Rotation {
    /// The key that signs now, if there is one; not done if it is another.
    pub(crate) old: Option<String>,
    /// Whether that and all older ones are forgotten at once.
    pub(crate) drops_old: bool,
    /// The key that signs from now on.
    pub(crate) new: SigningKey,
    /// The activity; its moment is the old one's end.
    pub(crate) activity: Activity,
}

/// An access token to be refused.
#[derive(Debug)]
pub(crate) struct RevokedToken {
    /// Its `jti`.
    pub(crate) id: String,
    /// When it ends anyway.
    pub(crate) expires_at: Timestamp,
}

impl From<Change> for authn::Change {
    fn from(change: Change) -> Self {
        Self::Keys(Box::new(change))
    }
}

impl Store {
    /// Applies a change that was decided on; false if what it rests on is no longer so.
    ///
    /// # Errors
    /// [`StoreError::Taken`] if another was faster, and if the database fails.
    pub(crate) async fn change_keys(&self, change: Change, permit: Permit) -> Result<bool> {
        let write = Rows::Authn(change.into()).into();
        Ok(self.writer.apply(write, Warrant::Decided(permit)).await?.done)
    }

    /// All signing keys there are, latest first.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn signing_keys(&self) -> Result<Vec<SigningKey>> {
        let rows = signing_keys::Entity::find()
            .order_by_desc(signing_keys::Column::CreatedAt)
            .all(&self.reads)
            .await?;
        rows.into_iter().map(signing_key).collect()
    }

    /// The key that signs.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn current_signing_key(&self) -> Result<Option<SigningKey>> {
        let row = signing_keys::Entity::find()
            .filter(signing_keys::Column::RetiredAt.is_null())
            .one(&self.reads)
            .await?;
        row.map(signing_key).transpose()
    }

    /// The signing key of that id, be it retired.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn signing_key(&self, id: &str) -> Result<Option<SigningKey>> {
        let row = signing_keys::Entity::find_by_id(id.to_owned()).one(&self.reads).await?;
        row.map(signing_key).transpose()
    }

    /// The ids of keys that were retired by that moment.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn signing_keys_retired_by(&self, moment: Timestamp) -> Result<Vec<String>> {
        let ids = signing_keys::Entity::find()
            .filter(signing_keys::Column::RetiredAt.lte(moment.micros()))
            .select_only()
            .column(signing_keys::Column::Id)
            .into_tuple()
            .all(&self.reads)
            .await?;
        Ok(ids)
    }

    /// Whether the access token of that id was revoked.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn is_revoked(&self, id: &str) -> Result<bool> {
        let found = revoked_access_tokens::Entity::find_by_id(id.to_owned());
        Ok(found.one(&self.reads).await?.is_some())
    }

    /// Whether there are revoked access tokens that have ended by that moment.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn has_ended_tokens(&self, moment: Timestamp) -> Result<bool> {
        let ended = revoked_access_tokens::Column::ExpiresAt.lte(moment.micros());
        let found = revoked_access_tokens::Entity::find().filter(ended);
        Ok(found.one(&self.reads).await?.is_some())
    }
}

pub(super) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    match change {
        Change::Rotate(rotation) => rotate(tx, rotation).await,
        Change::Remove(id, activity) => {
            let gone = Condition::all()
                .add(signing_keys::Column::Id.eq(id.as_str()))
                .add(signing_keys::Column::RetiredAt.is_not_null());
            let gone = signing_keys::Entity::delete_many().filter(gone).exec(tx).await?;
            if gone.rows_affected > 0 {
                activities::insert(tx, activity).await?;
            }
            Ok(gone.rows_affected > 0)
        }
        Change::RevokeToken(token, activity) => {
            let row = revoked_access_tokens::ActiveModel {
                jti: Set(token.id.clone()),
                expires_at: Set(token.expires_at.micros()),
            };
            row.insert(tx).await?;
            activities::insert(tx, activity).await?;
            Ok(true)
        }
        Change::ForgetTokens(moment) => {
            let ended = revoked_access_tokens::Column::ExpiresAt.lte(moment.micros());
            revoked_access_tokens::Entity::delete_many().filter(ended).exec(tx).await?;
            Ok(true)
        }
        Change::Product(change) => products::apply(tx, change).await,
    }
}

async fn rotate(tx: &DatabaseTransaction, rotation: &Rotation) -> Result<bool> {
    let Rotation { old, drops_old, new, activity } = rotation;
    if let Some(old) = old {
        let current = Condition::all()
            .add(signing_keys::Column::Id.eq(old.as_str()))
            .add(signing_keys::Column::RetiredAt.is_null());
        let nothing: Option<Vec<u8>> = None;
        let retired = signing_keys::Entity::update_many()
            .col_expr(signing_keys::Column::RetiredAt, activity.at.micros().into())
            .col_expr(signing_keys::Column::PrivateKey, nothing.into())
            .filter(current)
            .exec(tx)
            .await?;
        if retired.rows_affected == 0 {
            return Ok(false);
        }
    }
    if *drops_old {
        let old = signing_keys::Column::RetiredAt.is_not_null();
        signing_keys::Entity::delete_many().filter(old).exec(tx).await?;
    }
    let row = signing_keys::ActiveModel {
        id: Set(new.id.clone()),
        algorithm: Set(new.algorithm.as_str().to_owned()),
        private_key: Set(new.private_key.clone()),
        public_jwk: Set(new.public_jwk.clone()),
        created_at: Set(new.created_at.micros()),
        retired_at: Set(None),
    };
    row.insert(tx).await?;
    activities::insert(tx, activity).await?;
    Ok(true)
}

fn signing_key(row: signing_keys::Model) -> Result<SigningKey> {
    let wrong =
        |what: &str| StoreError::Inconsistent { table: "signing_keys", what: what.to_owned() };
    Ok(SigningKey {
        id: row.id,
        algorithm: Algorithm::parse(&row.algorithm).ok_or_else(|| wrong("algorithm"))?,
        private_key: row.private_key,
        public_jwk: row.public_jwk,
        created_at: Timestamp::from_micros(row.created_at),
        retired_at: row.retired_at.map(Timestamp::from_micros),
    })
}
