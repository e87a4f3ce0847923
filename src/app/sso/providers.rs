//! Providers set up: added, changed, removed, looked at and tried, by whoever policy lets.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::app::change::{self, Outcome, Step};
use crate::app::{App, Error};
use crate::authn::oidc::OidcError;
use crate::authn::oidc::provider::{Abilities, Provider};
use crate::domain::actor::Actor;
use crate::domain::command::{AddSso, ChangeSso, RemoveSso};
use crate::domain::event::Change;
use crate::domain::ids::{AccountId, SessionId, SsoId};
use crate::domain::records::pages::{Part, Wanted};
use crate::domain::rights::Held;
use crate::domain::sso::faults::{Fault, Wrong};
use crate::domain::sso::{SsoConnection, secret_place};
use crate::domain::time::Timestamp;
use crate::policy::{self, Permit, Scope};
use crate::scim::error::ScimError;
use crate::store::StoreError;
use crate::store::authn::sso;

/// What was found out about a provider.
#[derive(Debug)]
pub struct Trial {
    /// The connection that was tried.
    pub sso: SsoConnection,
    /// What it can do, or why it cannot be used.
    pub outcome: Result<Abilities, OidcError>,
}

pub(in crate::app) async fn add(app: &App, permit: Permit, add: &AddSso) -> Result<Step, Error> {
    let (spec, now) = (&add.spec, app.now());
    let mut faults = spec.faults(app.settings().reach.allow_http);
    let found =
        app.store().find_connection(&permit.scope(), add.account, &spec.connection, now).await?;
    let Some((connection, _)) = found else {
        faults.push(Wrong::Connection.of(&spec.connection));
        return Err(Error::Faults(faults));
    };
    refuse(faults)?;
    let id = SsoId::new(app.next_id(now));
    let new = SsoConnection {
        account: add.account,
        id,
        name: spec.name.clone(),
        issuer: spec.issuer.clone(),
        client_id: spec.client_id.clone(),
        client_secret: seal(app, (add.account, id), &spec.client_secret)?,
        scopes: spec.scopes.clone(),
        link_claim: spec.link_claim.clone(),
        connection: connection.id,
        acr_values: spec.acr_values.clone(),
        amr_values: spec.amr_values.clone(),
        max_age: spec.max_age,
        created_at: now,
        updated_at: now,
    };
    let mut activity = app.activity(&permit, add.account, now);
    activity.target = Some(id.uuid());
    activity.detail = Some(json!({ "connection": connection.id.uuid() }));
    let change = sso::Change::Add(Box::new(new.clone()), Box::new(activity));
    match app.store().change_sso(change, permit).await {
        Ok(_) => Ok(Outcome::Sso(new).into()),
        Err(StoreError::Taken) => Err(taken(&spec.name)),
        Err(error) => Err(error.into()),
    }
}

/// Changes a provider as it was read; starts again if it has changed since.
pub(in crate::app) async fn edit(
    app: &App,
    permit: Permit,
    wanted: &ChangeSso,
    was: &SsoConnection,
) -> Result<Step, Error> {
    change::check_match(wanted.if_match.as_ref(), &was.version())?;
    let (spec, fields) = wanted.edit.apply(was);
    let mut faults = spec.faults(app.settings().reach.allow_http);
    // What stays as it is may be older than today's rules.
    faults.retain(|fault| fields.contains(&fault.wrong.field()));
    refuse(faults)?;
    if fields.is_empty() {
        return Ok(Outcome::Sso(was.clone()).into());
    }
    let is_resealed = wanted.edit.client_secret.is_some();
    let client_secret = if is_resealed {
        seal(app, (was.account, was.id), &spec.client_secret)?
    } else {
        was.client_secret.clone()
    };
    let at = app.now();
    let later = Timestamp::from_micros(was.updated_at.micros().saturating_add(1));
    let now = SsoConnection {
        name: spec.name,
        client_id: spec.client_id,
        client_secret,
        scopes: spec.scopes,
        link_claim: spec.link_claim,
        acr_values: spec.acr_values,
        amr_values: spec.amr_values,
        max_age: spec.max_age,
        updated_at: at.max(later),
        ..was.clone()
    };
    let mut activity = app.activity(&permit, was.account, at);
    activity.detail = Some(json!({ "fields": fields }));
    let values = |of: &SsoConnection| recorded(of, &fields);
    activity.change = Change::between(&values(was), &values(&now));
    let edit = sso::Edit {
        was: was.updated_at,
        now: now.clone(),
        is_resealed,
        ends_sessions: fields.contains(&"client_id"),
        spared: session_of(permit.actor()),
        activity,
    };
    match app.store().change_sso(sso::Change::Edit(Box::new(edit)), permit).await {
        Ok(true) => Ok(Outcome::Sso(now).into()),
        Ok(false) => Ok(Step::Moved),
        Err(StoreError::Taken) => Err(taken(&now.name)),
        Err(error) => Err(error.into()),
    }
}

/// The values of these fields, for what is kept beside the record; secrets are not.
fn recorded(of: &SsoConnection, fields: &[&str]) -> Value {
    let all = json!({
        "name": of.name,
        "client_id": of.client_id,
        "scopes": of.scopes,
        "link_claim": of.link_claim,
        "acr_values": of.acr_values,
        "amr_values": of.amr_values,
        "max_age": of.max_age,
    });
    let some =
        fields.iter().filter_map(|field| Some(((*field).to_owned(), all.get(*field)?.clone())));
    Value::Object(some.collect())
}

pub(in crate::app) async fn remove(
    app: &App,
    permit: Permit,
    remove: &RemoveSso,
) -> Result<Step, Error> {
    let activity = app.activity(&permit, remove.account, app.now());
    let change = sso::Change::Remove(remove.sso, Box::new(activity));
    if app.store().change_sso(change, permit).await? {
        return Ok(Outcome::Done.into());
    }
    Err(no_such(remove.sso))
}

/// The one text for whatever is not there, another account's included.
pub(in crate::app) fn no_such(id: SsoId) -> Error {
    Error::NotFound(format!("there is no provider `{id}` in this account"))
}

impl App {
    /// An account's providers by name.
    ///
    /// # Errors
    /// [`Error::Denied`] if the actor may not see them; [`Error::Internal`] if the database fails.
    pub async fn sso_connections(
        &self,
        actor: &Actor,
        account: AccountId,
    ) -> Result<Vec<SsoConnection>, Error> {
        let scope = self.sign_in_scope(actor, account).await?;
        Ok(self.store().list_sso(&scope, account).await?)
    }

    /// Part of an account's providers, of one issuer if it is given.
    ///
    /// # Errors
    /// As [`App::sso_connections`].
    pub async fn sso_connections_part(
        &self,
        actor: &Actor,
        account: AccountId,
        issuer: Option<&str>,
        wanted: &Wanted,
    ) -> Result<Part<SsoConnection>, Error> {
        let scope = self.sign_in_scope(actor, account).await?;
        Ok(self.store().list_sso_part(&scope, account, issuer, wanted).await?)
    }

    /// One of an account's providers.
    ///
    /// # Errors
    /// As [`App::sso_connections`], and [`Error::NotFound`].
    pub async fn sso_connection(
        &self,
        actor: &Actor,
        account: AccountId,
        id: SsoId,
    ) -> Result<SsoConnection, Error> {
        self.sign_in_scope(actor, account).await?;
        self.store().sso(account, id).await?.ok_or_else(|| no_such(id))
    }

    /// Asks one of an account's providers what it can do, now and past all caches.
    ///
    /// # Errors
    /// As [`App::sso_connection`], and [`Error::Busy`] if that is being done too often already. What is
    /// wrong with the provider is in the [`Trial`].
    pub async fn try_sso(
        &self,
        actor: &Actor,
        account: AccountId,
        id: SsoId,
    ) -> Result<Trial, Error> {
        let sso = self.sso_connection(actor, account, id).await?;
        let _place = self.providers().trial().ok_or(Error::Busy)?;
        let found = Provider::discover(self.providers().outbound(), &sso.issuer).await;
        Ok(Trial { sso, outcome: found.map(|provider| provider.abilities()) })
    }

    async fn sign_in_scope(&self, actor: &Actor, account: AccountId) -> Result<Scope, Error> {
        let held = match actor {
            Actor::User(signed_in) => {
                self.store().held(signed_in.account, signed_in.user, self.now()).await?
            }
            Actor::ScimClient(_) | Actor::Platform | Actor::System => Held::default(),
        };
        policy::sign_in_scope(actor, account, &held)
            .map_err(|denial| Error::Denied { rule: denial.rule, reason: denial.reason })
    }
}

fn refuse(faults: Vec<Fault>) -> Result<(), Error> {
    if faults.is_empty() { Ok(()) } else { Err(Error::Faults(faults)) }
}

fn taken(name: &str) -> Error {
    Error::Faults(vec![Wrong::NameTaken.of(name)])
}

fn seal(
    app: &App,
    (account, id): (AccountId, SsoId),
    secret: &SecretString,
) -> Result<Vec<u8>, Error> {
    let sealed =
        app.settings().keyring.seal(&secret_place(account, id), secret.expose_secret().as_bytes());
    sealed.map_err(|error| Error::Invalid(ScimError::value(error.to_string())))
}

/// The session by which somebody acts.
fn session_of(actor: &Actor) -> Option<SessionId> {
    match actor {
        Actor::User(signed_in) => Some(signed_in.session),
        Actor::ScimClient(_) | Actor::Platform | Actor::System => None,
    }
}
