//! Keys that sign access tokens: the first is made when it is needed, later ones by rotation.
//!
//! They are read each time, not kept in memory: so a key that is dropped because it leaked opens
//! nothing from that moment on, in whatever process.

pub mod access_tokens;
pub mod callers;
pub mod products;

use secrecy::{ExposeSecret as _, SecretSlice};
use serde_json::json;

use crate::app::change::{Outcome, Step};
use crate::app::{App, Error};
use crate::authn::access_tokens::generate;
use crate::domain::actor::Actor;
use crate::domain::command::RotateSigningKey;
use crate::domain::event::{Activity, Event};
use crate::domain::ids::AccountId;
use crate::domain::keys::seals::Place;
use crate::domain::keys::{Algorithm, SigningKey, kept_since};
use crate::domain::time::Timestamp;
use crate::policy::{self, Permit, Scope, SystemPermit};
use crate::store::StoreError;
use crate::store::authn::keys::{self, Rotation};

/// How often the first key is looked for again because another process was faster.
const ATTEMPTS: usize = 3;

pub(super) async fn rotate(
    app: &App,
    permit: Permit,
    rotate: &RotateSigningKey,
) -> Result<Step, Error> {
    let operator = app.operator().await?;
    let old = app.store().current_signing_key().await?.map(|key| key.id);
    let now = app.now();
    let new = app.new_signing_key(rotate.algorithm, now)?;
    let mut activity = app.activity(&permit, operator, now);
    activity.detail = Some(json!({
        "key": new.id,
        "algorithm": new.algorithm.as_str(),
        "retired": old,
        "drops_old": rotate.drops_old,
    }));
    let drops_old = rotate.drops_old;
    let rotation = Rotation { old, drops_old, new: new.clone(), activity };
    let change = keys::Change::Rotate(Box::new(rotation));
    match app.store().change_keys(change, permit).await {
        Ok(true) => Ok(Outcome::SigningKey(new).into()),
        // Another rotation, or the first key, came in between.
        Ok(false) | Err(StoreError::Taken) => Ok(Step::Moved),
        Err(error) => Err(error.into()),
    }
}

impl App {
    /// The keys by which access tokens are verified, as JWKs, latest first: the one that signs, and
    /// those that did until lately.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn published_keys(&self) -> Result<Vec<String>, Error> {
        let now = self.now();
        let all = self.store().signing_keys().await?;
        Ok(all.into_iter().filter(|key| key.verifies(now)).map(|key| key.public_jwk).collect())
    }

    /// All signing keys there are, latest first, as far as the actor may see.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn signing_keys(&self, actor: &Actor) -> Result<Vec<SigningKey>, Error> {
        match policy::scope(actor) {
            Scope::Operation => Ok(self.store().signing_keys().await?),
            Scope::Connection(..)
            | Scope::Own(..)
            | Scope::SignIn(_)
            | Scope::Staff(_)
            | Scope::Account(_)
            | Scope::Record(_) => Ok(vec![]),
        }
    }

    /// Takes out keys that are kept no longer, and revoked access tokens that have ended.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails; the rest is taken out next time.
    pub async fn remove_ended_keys(&self) -> Result<(), Error> {
        let now = self.now();
        for id in self.store().signing_keys_retired_by(kept_since(now)).await? {
            // None is retired but by a rotation, which there is only with an operator.
            let Some(account) = self.store().operator().await? else { break };
            let detail = json!({ "key": id });
            let activity = self.key_activity(account, Event::SigningKeyRemoved, detail);
            let permit = SystemPermit::for_the("removal of retired signing keys");
            let change = keys::Change::Remove(id, activity).into();
            self.store().change_authn(change, permit).await?;
        }
        if self.store().has_ended_tokens(now).await? {
            let permit = SystemPermit::for_the("clean-up of revoked access tokens");
            let change = keys::Change::ForgetTokens(now).into();
            self.store().change_authn(change, permit).await?;
        }
        Ok(())
    }

    /// The key that signs and its private half. If there is none yet it is made, once, however many
    /// processes need it at the same moment. On record in the operator's account, or as long as there
    /// is none, in that of the user who needed it.
    async fn signing_key(
        &self,
        needed_in: AccountId,
    ) -> Result<(SigningKey, SecretSlice<u8>), Error> {
        for _ in 0..ATTEMPTS {
            if let Some(key) = self.store().current_signing_key().await? {
                let sealed = key.private_key.as_deref().unwrap_or_default();
                let opened = self.settings().keyring.open(&place(&key.id), sealed);
                let private_key = opened?;
                return Ok((key, private_key));
            }
            let account = self.store().operator().await?.unwrap_or(needed_in);
            let new = self.new_signing_key(Algorithm::default(), self.now())?;
            let detail = json!({ "key": new.id, "algorithm": new.algorithm.as_str() });
            let activity = self.key_activity(account, Event::SigningKeyMade, detail);
            let rotation = Rotation { old: None, drops_old: false, new, activity };
            let change = keys::Change::Rotate(Box::new(rotation)).into();
            let permit = SystemPermit::for_the("making of the first signing key");
            match self.store().change_authn(change, permit).await {
                Ok(_) | Err(StoreError::Taken) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Busy)
    }

    /// A new key pair, its private half sealed.
    fn new_signing_key(
        &self,
        algorithm: Algorithm,
        created_at: Timestamp,
    ) -> Result<SigningKey, Error> {
        let pair = generate(algorithm).map_err(|cause| unusable(&cause))?;
        let private_key = pair.private_key.expose_secret();
        let sealed = self.settings().keyring.seal(&place(&pair.id), private_key);
        Ok(SigningKey {
            private_key: Some(sealed?),
            id: pair.id,
            algorithm,
            public_jwk: pair.public_jwk,
            created_at,
            retired_at: None,
        })
    }

    /// The operator's account, where what belongs to the whole server is on record.
    async fn operator(&self) -> Result<AccountId, Error> {
        self.store().operator().await?.ok_or_else(|| {
            Error::NotFound(
                "there is no operator account, which holds keys; make it with `countersign account \
                 create NAME --operator`"
                    .to_owned(),
            )
        })
    }

    fn key_activity(
        &self,
        account: AccountId,
        event: Event,
        detail: serde_json::Value,
    ) -> Activity {
        let at = self.now();
        self.line(account, at, Actor::System, event).saying(detail)
    }
}

/// What a private key is sealed for.
fn place(id: &str) -> String {
    Place::SigningKey(id.to_owned()).text()
}

/// Our fault, or that of the configuration: the cause is for the log.
fn unusable(cause: &dyn std::error::Error) -> Error {
    Error::Internal(StoreError::Inconsistent { table: "signing_keys", what: cause.to_string() })
}
