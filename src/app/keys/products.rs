//! Issuing, listing and revoking keys of the vendor's product.

use secrecy::SecretString;
use serde_json::json;

use crate::app::change::{Outcome, Step};
use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::command::{IssueProductKey, RevokeProductKey};
use crate::domain::ids::ProductKeyId;
use crate::domain::keys::products::{LIVE_LIMIT, ProductKey, compose, join};
use crate::policy::{self, Permit};
use crate::scim::error::ScimError;
use crate::store::authn::keys::Change;
use crate::store::authn::keys::products as stored;

/// A product key just issued.
#[derive(Debug)]
pub struct Issued {
    /// What is kept of it.
    pub key: ProductKey,
    /// Its text, which is shown this once.
    pub secret: SecretString,
}

pub(in crate::app) async fn issue(
    app: &App,
    permit: Permit,
    issue: &IssueProductKey,
) -> Result<Step, Error> {
    let name = issue.name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        let detail = "a product key has a name of 1 to 100 characters";
        return Err(Error::Invalid(ScimError::value(detail)));
    }
    if issue.scopes.is_empty() {
        let detail = "name at least one scope: `introspect`, `decisions` or `rights`";
        return Err(Error::Invalid(ScimError::value(detail)));
    }
    let account = app.operator().await?;
    let now = app.now();
    if app.store().live_product_keys(account, now).await? >= LIVE_LIMIT {
        let detail =
            format!("there are {LIVE_LIMIT} live product keys, the limit; revoke one first");
        return Err(Error::Invalid(ScimError::value(detail)));
    }
    let id = ProductKeyId::new(app.next_id(now));
    let (secret, secret_hash) = compose(id, app.secret());
    let key = ProductKey {
        account,
        id,
        name: name.to_owned(),
        secret_hash,
        scopes: issue.scopes.clone(),
        created_at: now,
        expires_at: now.plus_days(issue.days),
        revoked_at: None,
        last_used_at: None,
    };
    let mut activity = app.activity(&permit, account, now);
    activity.target = Some(id.uuid());
    activity.detail = Some(json!({ "scopes": join(&key.scopes) }));
    let change = stored::Change::Issue(Box::new(key.clone()), activity);
    app.store().change_keys(Change::Product(change), permit).await?;
    Ok(Outcome::ProductKey(Issued { key, secret }).into())
}

pub(in crate::app) async fn revoke(
    app: &App,
    permit: Permit,
    revoke: &RevokeProductKey,
) -> Result<Step, Error> {
    let account = app.operator().await?;
    let activity = app.activity(&permit, account, app.now());
    let change = Change::Product(stored::Change::Revoke(revoke.key, activity));
    if app.store().change_keys(change, permit).await? {
        return Ok(Outcome::Done.into());
    }
    Err(Error::NotFound(format!("there is no live product key `{}`", revoke.key)))
}

impl App {
    /// The operator's product keys, oldest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no operator account.
    pub async fn product_keys(&self, actor: &Actor) -> Result<Vec<ProductKey>, Error> {
        let account = self.operator().await?;
        Ok(self.store().product_keys(&policy::scope(actor), account).await?)
    }
}
