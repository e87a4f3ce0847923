//! Sealed secrets, whatever they are: read page by page, and put back sealed anew.
//!
//! A secret is put back only where the one that was read still stands, so that whoever sets another
//! meanwhile is not undone.

use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter};

use crate::domain::effect::Effect;
use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, FactorId, PersonId, SessionId, SsoId};
use crate::domain::keys::seals::{Kind, Place};
use crate::store::entity::{
    checkpoint_keys, login_transactions, outbox, sessions, signing_keys, sso_connections,
    totp_factors,
};
use crate::store::{Result, Store, StoreError, activities};

/// How many are read, and put back in one transaction.
pub(crate) const PAGE: u64 = 50;

/// A change of seals.
#[derive(Debug)]
pub(crate) enum Change {
    /// Put these back.
    Reseal(Vec<Resealed>),
    /// That it was done, on record.
    Record(Box<Activity>),
}

/// A sealed secret.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// Where.
    pub(crate) place: Place,
    /// As it is sealed.
    pub(crate) sealed: Vec<u8>,
}

/// One that was sealed anew.
#[derive(Debug)]
pub(crate) struct Resealed {
    /// As it was read.
    pub(crate) was: Kept,
    /// As it is sealed from now on.
    pub(crate) now: Vec<u8>,
}

impl Store {
    /// The next sealed secrets of a kind, in the order of their keys.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn sealed(&self, kind: Kind, after: Option<&Place>) -> Result<Vec<Kept>> {
        match kind {
            Kind::SsoSecret => self.sso_secrets(after).await,
            Kind::TotpSeed => self.totp_seeds(after).await,
            Kind::SigningKey => self.private_keys(after).await,
            Kind::IdToken => self.id_tokens(after).await,
            Kind::Verifier => self.verifiers(after).await,
            Kind::Mail => self.mails(after).await,
            Kind::CheckpointKey => self.private_checkpoint_keys(after).await,
        }
    }

    async fn sso_secrets(&self, after: Option<&Place>) -> Result<Vec<Kept>> {
        use sso_connections::Column;
        let mut page = sso_connections::Entity::find().cursor_by((Column::AccountId, Column::Id));
        if let Some(Place::SsoSecret(account, id)) = after {
            page.after((account.uuid(), id.uuid()));
        }
        let rows = page.first(PAGE).all(&self.reads).await?;
        let kept = |row: sso_connections::Model| Kept {
            place: Place::SsoSecret(AccountId::new(row.account_id), SsoId::new(row.id)),
            sealed: row.client_secret,
        };
        Ok(rows.into_iter().map(kept).collect())
    }

    async fn totp_seeds(&self, after: Option<&Place>) -> Result<Vec<Kept>> {
        use totp_factors::Column;
        let mut page = totp_factors::Entity::find().cursor_by((Column::PersonId, Column::Id));
        if let Some(Place::TotpSeed(person, id)) = after {
            page.after((person.uuid(), id.uuid()));
        }
        let rows = page.first(PAGE).all(&self.reads).await?;
        let kept = |row: totp_factors::Model| Kept {
            place: Place::TotpSeed(PersonId::new(row.person_id), FactorId::new(row.id)),
            sealed: row.seed,
        };
        Ok(rows.into_iter().map(kept).collect())
    }

    async fn private_keys(&self, after: Option<&Place>) -> Result<Vec<Kept>> {
        use signing_keys::Column;
        let with_it = signing_keys::Entity::find().filter(Column::PrivateKey.is_not_null());
        let mut page = with_it.cursor_by(Column::Id);
        if let Some(Place::SigningKey(id)) = after {
            page.after(id.as_str());
        }
        let rows = page.first(PAGE).all(&self.reads).await?;
        let kept = |row: signing_keys::Model| {
            let sealed = row.private_key?;
            Some(Kept { place: Place::SigningKey(row.id), sealed })
        };
        Ok(rows.into_iter().filter_map(kept).collect())
    }

    async fn id_tokens(&self, after: Option<&Place>) -> Result<Vec<Kept>> {
        use sessions::Column;
        let with_it = sessions::Entity::find()
            .filter(Column::IdToken.is_not_null())
            .filter(Column::SsoId.is_not_null());
        let mut page = with_it.cursor_by(Column::Id);
        if let Some(Place::IdToken(id, ..)) = after {
            page.after(id.uuid());
        }
        let rows = page.first(PAGE).all(&self.reads).await?;
        let kept = |row: sessions::Model| {
            let (account, sso) = (AccountId::new(row.account_id), SsoId::new(row.sso_id?));
            Some(Kept {
                place: Place::IdToken(SessionId::new(row.id), account, sso),
                sealed: row.id_token?,
            })
        };
        Ok(rows.into_iter().filter_map(kept).collect())
    }

    async fn verifiers(&self, after: Option<&Place>) -> Result<Vec<Kept>> {
        use login_transactions::Column;
        let mut page = login_transactions::Entity::find().cursor_by(Column::StateHash);
        if let Some(Place::Verifier(hash)) = after {
            page.after(hash.clone());
        }
        let rows = page.first(PAGE).all(&self.reads).await?;
        let kept = |row: login_transactions::Model| Kept {
            place: Place::Verifier(row.state_hash),
            sealed: row.verifier,
        };
        Ok(rows.into_iter().map(kept).collect())
    }

    async fn private_checkpoint_keys(&self, after: Option<&Place>) -> Result<Vec<Kept>> {
        use checkpoint_keys::Column;
        let mut page = checkpoint_keys::Entity::find().cursor_by(Column::Id);
        if let Some(Place::CheckpointKey(id)) = after {
            page.after(id.as_str());
        }
        let rows = page.first(PAGE).all(&self.reads).await?;
        let kept = |row: checkpoint_keys::Model| Kept {
            place: Place::CheckpointKey(row.id),
            sealed: row.private_key,
        };
        Ok(rows.into_iter().map(kept).collect())
    }

    async fn mails(&self, after: Option<&Place>) -> Result<Vec<Kept>> {
        use outbox::Column;
        let mails = outbox::Entity::find().filter(Column::Effect.eq("mail"));
        let mut page = mails.cursor_by((Column::AccountId, Column::Id));
        if let Some(Place::Mail(account, id)) = after {
            page.after((account.uuid(), *id));
        }
        let rows = page.first(PAGE).all(&self.reads).await?;
        let kept = |row: outbox::Model| match Effect::read(&row.effect, &row.payload) {
            Some(Effect::Mail(mail)) => Ok(Kept {
                place: Place::Mail(AccountId::new(row.account_id), row.id),
                sealed: mail.sealed,
            }),
            Some(Effect::Announce(_)) | None => {
                let what = format!("{}: the mail does not read", row.id);
                Err(StoreError::Inconsistent { table: "outbox", what })
            }
        };
        rows.into_iter().map(kept).collect()
    }
}

pub(super) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    match change {
        Change::Reseal(all) => {
            for one in all {
                put_back(tx, one).await?;
            }
            Ok(true)
        }
        Change::Record(activity) => {
            activities::insert(tx, activity).await?;
            Ok(true)
        }
    }
}

async fn put_back(tx: &DatabaseTransaction, one: &Resealed) -> Result<()> {
    let (was, now) = (one.was.sealed.clone(), one.now.clone());
    match &one.was.place {
        Place::SsoSecret(account, id) => {
            use sso_connections::Column;
            let update = sso_connections::Entity::update_many()
                .col_expr(Column::ClientSecret, now.into())
                .filter(Column::AccountId.eq(account.uuid()))
                .filter(Column::Id.eq(id.uuid()))
                .filter(Column::ClientSecret.eq(was));
            update.exec(tx).await?;
        }
        Place::TotpSeed(person, id) => {
            use totp_factors::Column;
            let update = totp_factors::Entity::update_many()
                .col_expr(Column::Seed, now.into())
                .filter(Column::PersonId.eq(person.uuid()))
                .filter(Column::Id.eq(id.uuid()))
                .filter(Column::Seed.eq(was));
            update.exec(tx).await?;
        }
        Place::SigningKey(id) => {
            use signing_keys::Column;
            let update = signing_keys::Entity::update_many()
                .col_expr(Column::PrivateKey, now.into())
                .filter(Column::Id.eq(id.as_str()))
                .filter(Column::PrivateKey.eq(was));
            update.exec(tx).await?;
        }
        Place::IdToken(id, ..) => {
            use sessions::Column;
            let update = sessions::Entity::update_many()
                .col_expr(Column::IdToken, now.into())
                .filter(Column::Id.eq(id.uuid()))
                .filter(Column::IdToken.eq(was));
            update.exec(tx).await?;
        }
        Place::Verifier(hash) => {
            use login_transactions::Column;
            let update = login_transactions::Entity::update_many()
                .col_expr(Column::Verifier, now.into())
                .filter(Column::StateHash.eq(hash.clone()))
                .filter(Column::Verifier.eq(was));
            update.exec(tx).await?;
        }
        Place::CheckpointKey(id) => {
            use checkpoint_keys::Column;
            let update = checkpoint_keys::Entity::update_many()
                .col_expr(Column::PrivateKey, now.into())
                .filter(Column::Id.eq(id.as_str()))
                .filter(Column::PrivateKey.eq(was));
            update.exec(tx).await?;
        }
        Place::Mail(account, id) => put_mail_back(tx, (*account, *id), (&was, now)).await?,
    }
    Ok(())
}

/// A mail's seal is a part of its row's text.
async fn put_mail_back(
    tx: &DatabaseTransaction,
    (account, id): (AccountId, uuid::Uuid),
    (was, now): (&[u8], Vec<u8>),
) -> Result<()> {
    use outbox::Column;
    let Some(row) = outbox::Entity::find_by_id((account.uuid(), id)).one(tx).await? else {
        return Ok(());
    };
    let Some(Effect::Mail(mut mail)) = Effect::read(&row.effect, &row.payload) else {
        return Ok(());
    };
    if mail.sealed != was {
        return Ok(());
    }
    mail.sealed = now;
    let this = Condition::all()
        .add(Column::AccountId.eq(account.uuid()))
        .add(Column::Id.eq(id))
        .add(Column::Payload.eq(row.payload));
    outbox::Entity::update_many()
        .col_expr(Column::Payload, Effect::Mail(mail).payload().into())
        .filter(this)
        .exec(tx)
        .await?;
    Ok(())
}
