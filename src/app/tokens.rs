//! Issuing, listing and revoking the tokens of provisioning connections.

mod connections;
pub mod health;

use secrecy::SecretString;

use crate::app::change::{Outcome, Step};
use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::command::{IssueToken, RevokeToken};
use crate::domain::connection::Connection;
use crate::domain::ids::{AccountId, ConnectionId, TokenId};
use crate::domain::tokens::{LIVE_LIMIT, Token, compose};
use crate::policy::{self, Permit};
use crate::scim::error::ScimError;
use crate::store::StoreError;
use crate::store::tokens::{NewToken, Revocation};

/// A token just issued.
#[derive(Debug)]
pub struct Issued {
    /// What is kept of it.
    pub token: Token,
    /// Its connection.
    pub connection: Connection,
    /// Its text, which is shown this once.
    pub secret: SecretString,
}

pub(super) async fn issue(app: &App, permit: Permit, issue: &IssueToken) -> Result<Step, Error> {
    let now = app.now();
    let scope = policy::scope(permit.actor());
    let found = app.store().find_connection(&scope, issue.account, &issue.connection, now).await?;
    let (connection, is_new) = match found {
        Some((_, live)) if live >= LIVE_LIMIT as u64 => return Err(too_many(&issue.connection)),
        Some((connection, _)) => (connection, false),
        None => (new_connection(app, issue), true),
    };
    let id = TokenId::new(app.next_id(now));
    let (secret, secret_hash) = compose(id, app.secret());
    let token = Token {
        account: issue.account,
        id,
        connection: connection.id,
        secret_hash,
        access: issue.access,
        created_at: now,
        expires_at: now.plus_days(issue.days),
        revoked_at: None,
        last_used_at: None,
    };
    let mut activity = app.activity(&permit, issue.account, now);
    activity.target = Some(id.uuid());
    let new = NewToken {
        connection: is_new.then(|| (connection.clone(), app.store().count_shards())),
        token: token.clone(),
        activity,
    };
    match app.store().issue_token(new, permit).await {
        Ok(()) => Ok(Outcome::Token(Issued { token, connection, secret }).into()),
        // A connection of that name came into being meanwhile.
        Err(StoreError::Taken) => Ok(Step::Moved),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn revoke(app: &App, permit: Permit, revoke: &RevokeToken) -> Result<Step, Error> {
    let activity = app.activity(&permit, revoke.account, app.now());
    let end = Revocation { token: revoke.token, activity };
    let done = app.store().revoke_token(end, permit).await?;
    app.forget_tokens();
    if done {
        Ok(Outcome::Done.into())
    } else {
        Err(Error::NotFound(format!("there is no live token `{}`", revoke.token)))
    }
}

impl App {
    /// The account's tokens with their connections, oldest first.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn tokens(
        &self,
        actor: &Actor,
        account: AccountId,
    ) -> Result<Vec<(Token, Connection)>, Error> {
        Ok(self.store().list_tokens(&policy::scope(actor), account).await?)
    }
}

fn new_connection(app: &App, issue: &IssueToken) -> Connection {
    Connection {
        account: issue.account,
        id: ConnectionId::new(app.next_id(app.now())),
        name: issue.connection.clone(),
        preset: issue.preset,
    }
}

fn too_many(connection: &str) -> Error {
    Error::Invalid(ScimError::value(format!(
        "connection `{connection}` has {LIVE_LIMIT} live tokens, which is the limit; revoke one first"
    )))
}
