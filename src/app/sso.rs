//! Single sign-on: an account's providers and domains, as operators set them up.
//!
//! Providers are set up in `providers`; signing in is in `login`, who it is that came in `link`, signing
//! out in `logout`.

pub mod findings;
mod link;
mod login;
mod logout;
pub(super) mod providers;

use secrecy::{ExposeSecret, SecretString};

use crate::app::change::{Outcome, Step};
use crate::app::{App, Error};
use crate::authn::oidc::provider::Us;
use crate::domain::actor::Actor;
use crate::domain::command::{Domain, UnlinkUser};
use crate::domain::ids::{AccountId, ResourceId, SsoId};
use crate::domain::sso::SsoConnection;
use crate::policy::{self, Permit};
use crate::scim::fold;
use crate::store::StoreError;
use crate::store::authn::{logins, sso};

pub use crate::app::sso::login::{Arrival, LoginRedirect, LoginStart, SsoDone, Started};
pub use crate::app::sso::logout::ProviderLogout;
pub use crate::app::sso::providers::Trial;

pub(super) async fn add_domain(app: &App, permit: Permit, add: &Domain) -> Result<Step, Error> {
    let activity = app.activity(&permit, add.account, app.now());
    let change = sso::Change::AddDomain(add.domain.clone(), Box::new(activity));
    match app.store().change_sso(change, permit).await {
        Ok(_) => Ok(Outcome::Done.into()),
        Err(StoreError::Taken) => Err(Error::Conflict(format!(
            "`{}` leads to an account already; remove it there first",
            add.domain
        ))),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn remove_domain(
    app: &App,
    permit: Permit,
    remove: &Domain,
) -> Result<Step, Error> {
    let activity = app.activity(&permit, remove.account, app.now());
    let change = sso::Change::RemoveDomain(remove.domain.clone(), Box::new(activity));
    if app.store().change_sso(change, permit).await? {
        return Ok(Outcome::Done.into());
    }
    Err(Error::NotFound(format!("`{}` does not lead to this account", remove.domain)))
}

pub(super) async fn unlink(app: &App, permit: Permit, unlink: &UnlinkUser) -> Result<Step, Error> {
    let activity = app.activity(&permit, unlink.account, app.now());
    if app.store().unlink(logins::Change::Unlink(unlink.user, Box::new(activity)), permit).await? {
        return Ok(Outcome::Done.into());
    }
    Err(Error::NotFound(format!("user `{}` is not linked to any provider or person", unlink.user)))
}

impl App {
    /// The domains by which an account is found, as far as the actor may see.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn domains(&self, actor: &Actor, account: AccountId) -> Result<Vec<String>, Error> {
        Ok(self.store().list_domains(&policy::scope(actor), account).await?)
    }

    /// The id of the user called so, whatever the case: for commands that people type.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none, or the actor may not look for users of that account.
    pub async fn user_called(
        &self,
        actor: &Actor,
        account: AccountId,
        user_name: &str,
    ) -> Result<ResourceId, Error> {
        let (scope, key) = (policy::scope(actor), fold::text(user_name.trim()));
        let found = self.store().password_user_to_mail(&scope, account, &key).await?;
        found.map(|user| user.user).ok_or_else(|| {
            let shown: String = user_name.chars().take(100).collect();
            Error::NotFound(format!("there is no user `{shown}` in this account"))
        })
    }

    /// The redirect URI of a connection, which its provider must know. Each has its own: so an answer that
    /// one provider was made to send in the place of another is told by where it arrives (RFC 9700 §2.1),
    /// also if the provider does not name itself.
    pub fn callback_of(&self, sso: SsoId) -> String {
        format!("{}/oidc/callback/{sso}", self.settings().public_url)
    }

    /// Us as the provider knows us.
    fn us<'a>(&self, sso: &'a SsoConnection) -> Result<Us<'a>, Error> {
        let secret = self.settings().keyring.open(&sso.place(), &sso.client_secret);
        let secret = secret?;
        let secret = String::from_utf8_lossy(secret.expose_secret()).into_owned();
        Ok(Us { sso, secret: SecretString::from(secret), callback: self.callback_of(sso.id) })
    }
}
