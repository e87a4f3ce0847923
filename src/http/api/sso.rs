//! `/accounts/{account}/sso`: how an account's people sign in. Secrets come in and never out.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::sso::Trial;
use crate::app::{App, Outcome};
use crate::domain::account::Account;
use crate::domain::actor::Actor;
use crate::domain::command::{AddSso, ChangeSso, Command, RemoveSso};
use crate::domain::ids::SsoId;
use crate::domain::sso::{
    DEFAULT_AMR, DEFAULT_SCOPES, SsoConnection, SsoEdit, SsoSpec, default_link_claim,
};
use crate::http::api::answer;
use crate::http::api::call::once::{Keeps, Wish};
use crate::http::api::call::{Call, given};
use crate::http::api::problem::{Kind, Problem};
use crate::http::api::query::{List, Sort};
use crate::http::api::texts::sso::finding;

const LIST: List =
    List { filters: &["issuer"], sorts: &[Sort::text("name"), Sort::moment("created_at")] };

/// A provider to be added; what is left out is as by default, or missing.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct New {
    name: String,
    issuer: String,
    client_id: String,
    client_secret: SecretString,
    connection: String,
    scopes: Vec<String>,
    link_claim: String,
    acr_values: Vec<String>,
    amr_values: Vec<String>,
    max_age: Option<i64>,
}

/// What is to be different, as a merge patch (RFC 7396): what is left out stays.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Edit {
    #[serde(deserialize_with = "given")]
    name: Option<String>,
    #[serde(deserialize_with = "given")]
    client_id: Option<String>,
    #[serde(deserialize_with = "given")]
    client_secret: Option<SecretString>,
    #[serde(deserialize_with = "given")]
    scopes: Option<Vec<String>>,
    #[serde(deserialize_with = "given")]
    link_claim: Option<String>,
    #[serde(deserialize_with = "given")]
    acr_values: Option<Vec<String>>,
    #[serde(deserialize_with = "given")]
    amr_values: Option<Vec<String>>,
    #[serde(deserialize_with = "given")]
    #[expect(clippy::option_option, reason = "null says that it does not matter any more")]
    max_age: Option<Option<i64>>,
}

/// The account's providers.
pub(super) async fn list(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.own_account().await?;
    let query = call.list_query(&LIST)?;
    let issuer = query.params.text("issuer");
    let found = call.app.sso_connections_part(&actor, account.id, issuer, &query.wanted).await;
    let part = found.map_err(|error| call.fail(&error))?;
    Ok(call.page(&query, &part, |sso| body(&call.app, &account, sso)))
}

/// One of them.
pub(super) async fn show(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.own_account().await?;
    let found = call.app.sso_connection(&actor, account.id, call.id()?).await;
    let sso = found.map_err(|error| call.fail(&error))?;
    Ok(call.tagged(sso.version(), &body(&call.app, &account, &sso)))
}

/// Adds one.
pub(super) async fn add(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.own_account().await?;
    let new: New = call.json(
        "`name`, `issuer`, `client_id`, `client_secret`, `connection`, `scopes`, `link_claim`, \
         `acr_values`, `amr_values`, `max_age`",
    )?;
    let command = Command::AddSso(Box::new(AddSso { account: account.id, spec: new.into() }));
    call.once(Keeps::Answer, Wish { actor, account, command }, added).await
}

async fn added(call: Call, wish: Wish) -> Result<Response, Problem> {
    let Wish { actor, account, command } = wish;
    let sso = change(&call, &actor, command).await?;
    let body = body(&call.app, &account, &sso);
    Ok(call.created(&sso.id.to_string(), sso.version(), &body))
}

/// Changes one.
pub(super) async fn edit(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.own_account().await?;
    let sso: SsoId = call.id()?;
    let edit: Edit = call.json(
        "`name`, `client_id`, `client_secret`, `scopes`, `link_claim`, `acr_values`, `amr_values`, \
         `max_age`",
    )?;
    let if_match = call.if_match.clone();
    let wanted = ChangeSso { account: account.id, sso, edit: edit.into(), if_match };
    let sso = change(&call, &actor, Command::ChangeSso(Box::new(wanted))).await?;
    Ok(call.tagged(sso.version(), &body(&call.app, &account, &sso)))
}

/// Removes one; sessions that began by it end.
pub(super) async fn remove(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.own_account().await?;
    let command = RemoveSso { account: account.id, sso: call.id()? };
    let removed = call.app.change(&actor, Command::RemoveSso(command)).await;
    removed.map_err(|error| call.fail(&error))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Asks one what it can do, at this moment.
pub(super) async fn test(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.own_account().await?;
    let tried = call.app.try_sso(&actor, account.id, call.id()?).await;
    let trial = tried.map_err(|error| call.fail(&error))?;
    Ok(answer(&report(&call, &trial)))
}

async fn change(call: &Call, actor: &Actor, command: Command) -> Result<SsoConnection, Problem> {
    match call.app.change(actor, command).await {
        Ok(Outcome::Sso(sso)) => Ok(sso),
        Ok(_) => Err(call.problem(Kind::Internal)),
        Err(error) => Err(call.fail(&error)),
    }
}

/// A provider, without its secret, and what it is to be told of us.
fn body(app: &App, account: &Account, sso: &SsoConnection) -> Value {
    let url = &app.settings().public_url;
    let own = format!("{url}/accounts/{}/sso/{}", account.slug.as_str(), sso.id);
    json!({
        "id": sso.id.to_string(),
        "name": sso.name,
        "issuer": sso.issuer,
        "client_id": sso.client_id,
        "connection_id": sso.connection.to_string(),
        "scopes": sso.scopes,
        "link_claim": sso.link_claim,
        "acr_values": sso.acr_values,
        "amr_values": sso.amr_values,
        "max_age": sso.max_age,
        "created_at": sso.created_at.rfc3339(),
        "updated_at": sso.updated_at.rfc3339(),
        "redirect_uri": app.callback_of(sso.id),
        "initiate_login_uri": format!("{own}/start"),
        "backchannel_logout_uri": format!("{own}/backchannel-logout"),
        "post_logout_redirect_uri": format!("{url}/signed-out"),
    })
}

fn report(call: &Call, trial: &Trial) -> Value {
    let findings: Vec<Value> = trial
        .findings()
        .iter()
        .map(|found| {
            json!({
                "weight": found.weight().as_str(),
                "code": found.code(),
                "text": finding(found, call.language()),
            })
        })
        .collect();
    let abilities = trial.outcome.as_ref().ok().map(|can| {
        json!({
            "signing_keys": can.keys,
            "algorithms": can.algs,
            "pkce_s256": can.pkce_s256,
            "issuer_in_answers": can.issuer_in_answers,
            "form_post": can.form_post,
            "acr_values": can.acr_values,
            "claims_parameter": can.claims_parameter,
            "claims": can.claims,
            "sign_out_there": can.logout_there,
            "sign_out_by_it": can.logout_here,
        })
    });
    json!({ "is_usable": abilities.is_some(), "abilities": abilities, "findings": findings })
}

impl Default for New {
    fn default() -> Self {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Self {
            name: String::new(),
            issuer: String::new(),
            client_id: String::new(),
            client_secret: SecretString::default(),
            connection: "default".to_owned(),
            scopes: owned(&DEFAULT_SCOPES),
            link_claim: String::new(),
            acr_values: vec![],
            amr_values: owned(&DEFAULT_AMR),
            max_age: None,
        }
    }
}

impl From<New> for SsoSpec {
    fn from(new: New) -> Self {
        let link_claim = if new.link_claim.is_empty() {
            default_link_claim(&new.issuer).to_owned()
        } else {
            new.link_claim
        };
        Self {
            name: new.name,
            issuer: new.issuer,
            client_id: new.client_id,
            client_secret: new.client_secret,
            scopes: new.scopes,
            link_claim,
            connection: new.connection,
            acr_values: new.acr_values,
            amr_values: new.amr_values,
            max_age: new.max_age,
        }
    }
}

impl From<Edit> for SsoEdit {
    fn from(edit: Edit) -> Self {
        Self {
            name: edit.name,
            client_id: edit.client_id,
            client_secret: edit.client_secret,
            scopes: edit.scopes,
            link_claim: edit.link_claim,
            acr_values: edit.acr_values,
            amr_values: edit.amr_values,
            max_age: edit.max_age,
        }
    }
}
