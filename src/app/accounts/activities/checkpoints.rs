//! Checkpoints: the head of an account's chain, signed by a key that is made when it is first needed.
//! By the worker every five minutes and every thousand activities, and whenever somebody asks.

use secrecy::{ExposeSecret as _, SecretSlice};
use serde_json::json;

use crate::app::{App, Error};
use crate::authn::access_tokens::generate;
use crate::authn::checkpoints::sign;
use crate::domain::actor::Actor;
use crate::domain::event::Event;
use crate::domain::event::checkpoints::{Checkpoint, CheckpointKey};
use crate::domain::ids::AccountId;
use crate::domain::keys::Algorithm;
use crate::domain::keys::seals::Place;
use crate::policy::SystemPermit;
use crate::store::StoreError;
use crate::store::activities::checkpoints::New;

/// How often it begins again because another process was faster.
const ATTEMPTS: usize = 3;

impl App {
    /// A checkpoint of all that is sealed of an account's record, for whoever may read it.
    ///
    /// # Errors
    /// [`Error::NotFound`] if nothing is sealed yet; [`Error::Denied`] if policy refuses, or there is no
    /// key to seal secrets with.
    pub async fn checkpoint(&self, actor: &Actor, account: AccountId) -> Result<Checkpoint, Error> {
        self.reading_record(actor, account).await?;
        let signed = self.sign_head(account).await?;
        signed.ok_or_else(|| {
            Error::NotFound("nothing is sealed yet; ask again in some seconds".to_owned())
        })
    }

    /// The keys by which checkpoints are verified, as JWKs, the latest first.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn checkpoint_keys(&self) -> Result<Vec<String>, Error> {
        let all = self.store().checkpoint_keys().await?;
        Ok(all.into_iter().map(|key| key.public_jwk).collect())
    }

    /// Signs the heads of all chains that have grown. Nothing without a key to seal secrets with.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails; the rest is signed next time.
    pub async fn sign_checkpoints(&self) -> Result<(), Error> {
        if self.settings().keyring.first().is_none() {
            return Ok(());
        }
        for account in self.store().accounts_to_check().await? {
            self.sign_head(account).await?;
        }
        Ok(())
    }

    /// Signs the heads of chains; a failure to is logged, since they are signed later anyway.
    pub(super) async fn try_to_sign(&self, accounts: &[AccountId]) {
        if self.settings().keyring.first().is_none() {
            return;
        }
        for account in accounts {
            if let Err(error) = self.sign_head(*account).await {
                tracing::warn!(%error, %account, "checkpoints.not_signed");
            }
        }
    }

    async fn sign_head(&self, account: AccountId) -> Result<Option<Checkpoint>, Error> {
        for _ in 0..ATTEMPTS {
            let latest = self.store().checkpoint(account).await?;
            let head = self.store().chain_head(account).await?;
            if head.seq == 0 || latest.as_ref().is_some_and(|it| it.seq == head.seq) {
                return Ok(latest);
            }
            let (key_id, private_key) = self.checkpoint_key(account).await?;
            let at = self.now();
            let signature = vec![];
            let bare =
                Checkpoint { account, seq: head.seq, hash: head.hash, at, key_id, signature };
            let signed = sign(bare, &private_key).map_err(|cause| unusable(&cause))?;
            let permit = SystemPermit::for_the("checkpoints of the record");
            let new = New::Checkpoint(signed.clone());
            if self.store().add_checkpoint(new, permit).await? {
                return Ok(Some(signed));
            }
        }
        Err(Error::Busy)
    }

    /// The latest key that opens, and its private half. If there is none it is made; on record in the
    /// operator's account, or as long as there is none, in that for which it was needed.
    async fn checkpoint_key(
        &self,
        needed_in: AccountId,
    ) -> Result<(String, SecretSlice<u8>), Error> {
        let keyring = &self.settings().keyring;
        let open = |key: CheckpointKey| {
            let private_key = keyring.open(&place(&key.id), &key.private_key).ok()?;
            Some((key.id, private_key))
        };
        for _ in 0..ATTEMPTS {
            let known = self.store().checkpoint_keys().await?;
            if let Some(found) = known.into_iter().find_map(open) {
                return Ok(found);
            }
            let pair = generate(Algorithm::EdDsa).map_err(|cause| unusable(&cause))?;
            let sealed = keyring.seal(&place(&pair.id), pair.private_key.expose_secret())?;
            let account = self.store().operator().await?.unwrap_or(needed_in);
            let now = self.now();
            let activity = self.line(account, now, Actor::System, Event::CheckpointKeyMade);
            let activity = activity.saying(json!({ "key": pair.id }));
            let key = CheckpointKey {
                id: pair.id,
                private_key: sealed,
                public_jwk: pair.public_jwk,
                created_at: now,
            };
            let permit = SystemPermit::for_the("making of a key for checkpoints");
            self.store().add_checkpoint(New::Key(key, Box::new(activity)), permit).await?;
        }
        Err(Error::Busy)
    }
}

/// What a private key is sealed for.
fn place(id: &str) -> String {
    Place::CheckpointKey(id.to_owned()).text()
}

/// Our fault, or that of the configuration: the cause is for the log.
fn unusable(cause: &dyn std::error::Error) -> Error {
    Error::Internal(StoreError::Inconsistent { table: "checkpoint_keys", what: cause.to_string() })
}
