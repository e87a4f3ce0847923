//! Single sign-on: an account's providers and domains, as operators set them up.
//!
//! Signing in is in `login`, who it is that came in `link`, signing out in `logout`.

mod link;
mod login;
mod logout;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::app::change::{Outcome, Step};
use crate::app::{App, Error};
use crate::authn::oidc::OidcError;
use crate::authn::oidc::provider::{Abilities, Provider, Us};
use crate::domain::actor::Actor;
use crate::domain::command::{AddSso, Domain, RemoveSso, UnlinkUser};
use crate::domain::ids::{AccountId, SsoId};
use crate::domain::sso::{SsoConnection, secret_place};
use crate::policy::{self, Permit};
use crate::scim::error::ScimError;
use crate::store::StoreError;
use crate::store::authn::{logins, sso};

pub use crate::app::sso::login::{LoginRedirect, LoginStart, SsoDone};
pub use crate::app::sso::logout::ProviderLogout;

pub(super) async fn add(app: &App, permit: Permit, add: &AddSso) -> Result<Step, Error> {
    let spec = &add.spec;
    spec.check(app.settings().reach.allow_http).map_err(invalid)?;
    let (now, scope) = (app.now(), policy::scope(permit.actor()));
    let found = app.store().find_connection(&scope, add.account, &spec.connection, now).await?;
    let (connection, _) = found.ok_or_else(|| {
        Error::NotFound(format!(
            "there is no provisioning connection `{}` in this account; issue a token for it first \
             with `countersign token create`",
            spec.connection
        ))
    })?;
    let id = SsoId::new(app.next_id(now));
    let secret = spec.client_secret.expose_secret().as_bytes();
    let sealed = app.settings().keyring.seal(&secret_place(add.account, id), secret);
    let new = SsoConnection {
        account: add.account,
        id,
        name: spec.name.clone(),
        issuer: spec.issuer.clone(),
        client_id: spec.client_id.clone(),
        client_secret: sealed?,
        scopes: spec.scopes.clone(),
        link_claim: spec.link_claim.clone(),
        connection: connection.id,
        acr_values: spec.acr_values.clone(),
        amr_values: spec.amr_values.clone(),
        max_age: spec.max_age,
        created_at: now,
    };
    let mut activity = app.activity(&permit, add.account, now);
    activity.target = Some(id.uuid());
    activity.detail = Some(json!({ "connection": connection.id.uuid() }));
    let change = sso::Change::Add(Box::new(new.clone()), Box::new(activity));
    match app.store().change_sso(change, permit).await {
        Ok(_) => Ok(Outcome::Sso(new).into()),
        Err(StoreError::Taken) => Err(Error::Conflict(format!(
            "there is a provider `{}` in this account already; choose another name",
            spec.name
        ))),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn remove(app: &App, permit: Permit, remove: &RemoveSso) -> Result<Step, Error> {
    let activity = app.activity(&permit, remove.account, app.now());
    let change = sso::Change::Remove(remove.sso, Box::new(activity));
    if app.store().change_sso(change, permit).await? {
        return Ok(Outcome::Done.into());
    }
    Err(Error::NotFound(format!("there is no provider `{}` in this account", remove.sso)))
}

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
    Err(Error::NotFound(format!("user `{}` is not linked to any provider", unlink.user)))
}

impl App {
    /// An account's providers by name, as far as the actor may see.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn sso_connections(
        &self,
        actor: &Actor,
        account: AccountId,
    ) -> Result<Vec<SsoConnection>, Error> {
        Ok(self.store().list_sso(&policy::scope(actor), account).await?)
    }

    /// The domains by which an account is found, likewise.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn domains(&self, actor: &Actor, account: AccountId) -> Result<Vec<String>, Error> {
        Ok(self.store().list_domains(&policy::scope(actor), account).await?)
    }

    /// Asks a provider what it can do, now and past all caches.
    ///
    /// # Errors
    /// [`OidcError`], in words for whoever sets it up.
    pub async fn test_sso(&self, sso: &SsoConnection) -> Result<Abilities, OidcError> {
        Ok(Provider::discover(self.providers().outbound(), &sso.issuer).await?.abilities())
    }

    /// Us as the provider knows us.
    fn us<'a>(&self, sso: &'a SsoConnection) -> Result<Us<'a>, Error> {
        let secret = self.settings().keyring.open(&sso.place(), &sso.client_secret);
        let secret = secret?;
        let secret = String::from_utf8_lossy(secret.expose_secret()).into_owned();
        Ok(Us {
            sso,
            secret: SecretString::from(secret),
            callback: format!("{}/oidc/callback", self.settings().public_url),
        })
    }
}

fn invalid(detail: String) -> Error {
    Error::Invalid(ScimError::value(detail))
}
