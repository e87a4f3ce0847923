//! Tokens, and the connections they open.

pub(crate) mod health;
mod listed;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait as _,
    PaginatorTrait, QueryFilter, QueryOrder, Set,
};

use crate::domain::account::{Profile, Slug, State};
use crate::domain::connection::{Connection, Course};
use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, ConnectionId, TokenId};
use crate::domain::time::Timestamp;
use crate::domain::tokens::{Access, Token};
use crate::policy::{Permit, Scope, SystemPermit};
use crate::scim::preset::Preset;
use crate::store::entity::{connections, directory_counts, signals, tokens};
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store, StoreError, activities};

const REVOCATIONS: &str = "token_revocations";

/// A token to be issued.
#[derive(Debug)]
pub(crate) struct NewToken {
    /// Its connection, if that is to be made too, and in how many shards it counts.
    pub(crate) connection: Option<(Connection, u8)>,
    /// The token.
    pub(crate) token: Token,
    /// The activity.
    pub(crate) activity: Activity,
}

/// A token to be ended.
#[derive(Debug)]
pub(crate) struct Revocation {
    /// The token.
    pub(crate) token: TokenId,
    /// The activity; its moment is the token's end.
    pub(crate) activity: Activity,
}

/// What tokens were used for lately.
#[derive(Debug, Default)]
pub(crate) struct LastUses {
    /// When they were last seen.
    pub(crate) seen: Vec<(AccountId, TokenId, Timestamp)>,
    /// What their clients' changes were answered.
    pub(crate) courses: Vec<(AccountId, ConnectionId, Course)>,
}

impl Store {
    /// Issues a token, and makes its connection if it is new.
    ///
    /// # Errors
    /// [`StoreError::Taken`] if a connection of that name came into being meanwhile.
    pub(crate) async fn issue_token(&self, new: NewToken, permit: Permit) -> Result<()> {
        self.writer.apply(Rows::Token(new).into(), Warrant::Decided(permit)).await.map(|_| ())
    }

    /// Ends a token; false if there is none, or it was ended before.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn revoke_token(&self, end: Revocation, permit: Permit) -> Result<bool> {
        let write = Rows::Revocation(end).into();
        Ok(self.writer.apply(write, Warrant::Decided(permit)).await?.done)
    }

    /// Notes what tokens were used for.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn note_token_uses(&self, uses: LastUses, permit: SystemPermit) -> Result<()> {
        self.writer.apply(Rows::LastUses(uses).into(), Warrant::System(permit)).await.map(|_| ())
    }

    /// The token of that id in the account of that slug, with its connection, and whether the account is in
    /// service: what proves who calls, and so the one read that has no scope yet.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn token_for_authentication(
        &self,
        slug: &str,
        id: TokenId,
    ) -> Result<Option<(Token, Connection, State)>> {
        let Ok(slug) = Slug::parse(slug) else { return Ok(None) };
        let Some(Profile { account, state, .. }) = self.profile_called(&slug).await? else {
            return Ok(None);
        };
        let account = account.id.uuid();
        let found = tokens::Entity::find_by_id((account, id.uuid())).one(&self.reads).await?;
        let Some(found) = found else { return Ok(None) };
        let opens = connections::Entity::find_by_id((account, found.connection_id))
            .one(&self.reads)
            .await?
            .ok_or_else(|| inconsistent("tokens", "no such connection"))?;
        Ok(Some((token(found)?, connection(opens)?, state)))
    }

    /// The account's tokens with their connections, oldest first.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn list_tokens(
        &self,
        scope: &Scope,
        account: AccountId,
    ) -> Result<Vec<(Token, Connection)>> {
        let Scope::Operation = scope else { return Ok(vec![]) };
        let opens = connections::Entity::find()
            .filter(connections::Column::AccountId.eq(account.uuid()))
            .all(&self.reads)
            .await?;
        let rows = tokens::Entity::find()
            .filter(tokens::Column::AccountId.eq(account.uuid()))
            .order_by_asc(tokens::Column::Id)
            .all(&self.reads)
            .await?;
        rows.into_iter()
            .map(|row| {
                let opened = opens.iter().find(|c| c.id == row.connection_id).cloned();
                let opened = opened.ok_or_else(|| inconsistent("tokens", "no such connection"))?;
                Ok((token(row)?, connection(opened)?))
            })
            .collect()
    }

    /// The account's connection of that name, and how many live tokens it has.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn find_connection(
        &self,
        scope: &Scope,
        account: AccountId,
        name: &str,
        now: Timestamp,
    ) -> Result<Option<(Connection, u64)>> {
        match scope {
            Scope::Operation => {}
            Scope::SignIn(own) if *own == account => {}
            Scope::SignIn(_)
            | Scope::Staff(_)
            | Scope::Connection(..)
            | Scope::Own(..)
            | Scope::Account(_)
            | Scope::Record(_) => return Ok(None),
        }
        let row = connections::Entity::find()
            .filter(connections::Column::AccountId.eq(account.uuid()))
            .filter(connections::Column::Name.eq(name))
            .one(&self.reads)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let live = Condition::all()
            .add(tokens::Column::AccountId.eq(account.uuid()))
            .add(tokens::Column::ConnectionId.eq(row.id))
            .add(tokens::Column::RevokedAt.is_null())
            .add(tokens::Column::ExpiresAt.gt(now.micros()));
        let count = tokens::Entity::find().filter(live).count(&self.reads).await?;
        Ok(Some((connection(row)?, count)))
    }

    /// A number that grows with each revocation, by whatever process.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn revocation_seq(&self) -> Result<i64> {
        let row = signals::Entity::find_by_id(REVOCATIONS.to_owned()).one(&self.reads).await?;
        row.map(|r| r.seq).ok_or_else(|| inconsistent("signals", REVOCATIONS))
    }

    /// How many rows a new connection's counts are spread over.
    pub(crate) fn count_shards(&self) -> u8 {
        self.dialect.count_shards()
    }
}

pub(super) async fn insert(tx: &impl ConnectionTrait, new: &NewToken) -> Result<()> {
    if let Some((connection, shards)) = &new.connection {
        insert_connection(tx, connection, *shards, new.token.created_at).await?;
    }
    let row = tokens::ActiveModel {
        account_id: Set(new.token.account.uuid()),
        id: Set(new.token.id.uuid()),
        connection_id: Set(new.token.connection.uuid()),
        secret_hash: Set(new.token.secret_hash.to_vec()),
        access: Set(new.token.access.as_str().to_owned()),
        created_at: Set(new.token.created_at.micros()),
        expires_at: Set(new.token.expires_at.micros()),
        revoked_at: Set(None),
        last_used_at: Set(None),
        ends_told: Set(0),
    };
    row.insert(tx).await?;
    activities::insert(tx, &new.activity).await
}

async fn insert_connection(
    tx: &impl ConnectionTrait,
    connection: &Connection,
    shards: u8,
    now: Timestamp,
) -> Result<()> {
    let row = connections::ActiveModel {
        account_id: Set(connection.account.uuid()),
        id: Set(connection.id.uuid()),
        name: Set(connection.name.clone()),
        preset: Set(connection.preset.as_str().to_owned()),
        created_at: Set(now.micros()),
        refused_since: Set(None),
        refused_at: Set(None),
        refused_status: Set(None),
        failure_told_at: Set(None),
    };
    row.insert(tx).await?;
    let counts = (0..shards).map(|shard| directory_counts::ActiveModel {
        account_id: Set(connection.account.uuid()),
        connection_id: Set(connection.id.uuid()),
        shard: Set(i32::from(shard)),
        users: Set(0),
        groups: Set(0),
    });
    directory_counts::Entity::insert_many(counts).exec_without_returning(tx).await?;
    Ok(())
}

pub(super) async fn revoke(tx: &impl ConnectionTrait, end: &Revocation) -> Result<bool> {
    let row = Condition::all()
        .add(tokens::Column::AccountId.eq(end.activity.account.uuid()))
        .add(tokens::Column::Id.eq(end.token.uuid()))
        .add(tokens::Column::RevokedAt.is_null());
    let changed = tokens::Entity::update_many()
        .col_expr(tokens::Column::RevokedAt, end.activity.at.micros().into())
        .filter(row)
        .exec(tx)
        .await?;
    if changed.rows_affected == 0 {
        return Ok(false);
    }
    signal(tx).await?;
    activities::insert(tx, &end.activity).await?;
    Ok(true)
}

/// Has all processes forget the tokens that they know.
pub(super) async fn signal(tx: &impl ConnectionTrait) -> Result<()> {
    let next = sea_orm::sea_query::Expr::col(signals::Column::Seq).add(1);
    signals::Entity::update_many()
        .col_expr(signals::Column::Seq, next)
        .filter(signals::Column::Name.eq(REVOCATIONS))
        .exec(tx)
        .await?;
    Ok(())
}

pub(super) async fn note_uses(tx: &impl ConnectionTrait, uses: &LastUses) -> Result<()> {
    for (account, token, at) in &uses.seen {
        let row = Condition::all()
            .add(tokens::Column::AccountId.eq(account.uuid()))
            .add(tokens::Column::Id.eq(token.uuid()));
        tokens::Entity::update_many()
            .col_expr(tokens::Column::LastUsedAt, at.micros().into())
            .filter(row)
            .exec(tx)
            .await?;
    }
    for (account, connection, course) in &uses.courses {
        health::note(tx, (account.uuid(), connection.uuid()), course).await?;
    }
    Ok(())
}

fn token(row: tokens::Model) -> Result<Token> {
    Ok(Token {
        account: AccountId::new(row.account_id),
        id: TokenId::new(row.id),
        connection: ConnectionId::new(row.connection_id),
        secret_hash: row
            .secret_hash
            .try_into()
            .map_err(|_| inconsistent("tokens", "secret_hash is not 32 bytes"))?,
        access: Access::parse(&row.access).ok_or_else(|| inconsistent("tokens", "access"))?,
        created_at: Timestamp::from_micros(row.created_at),
        expires_at: Timestamp::from_micros(row.expires_at),
        revoked_at: row.revoked_at.map(Timestamp::from_micros),
        last_used_at: row.last_used_at.map(Timestamp::from_micros),
    })
}

fn connection(row: connections::Model) -> Result<Connection> {
    let preset: Preset = row.preset.parse().map_err(|e: String| inconsistent("connections", &e))?;
    Ok(Connection {
        account: AccountId::new(row.account_id),
        id: ConnectionId::new(row.id),
        name: row.name,
        preset,
    })
}

fn inconsistent(table: &'static str, what: &str) -> StoreError {
    StoreError::Inconsistent { table, what: what.to_owned() }
}
