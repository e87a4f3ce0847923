//! The only code that speaks to the database, and the only one that knows there are two kinds.
//!
//! Reads take a [`Scope`](crate::policy::Scope), writes a [`Permit`](crate::policy::Permit): neither
//! can be had without `policy`. Nothing in here decides. Every account-owned table begins its keys
//! with `account_id`; the global ones are `accounts`, `signals`, and what belongs to persons and browsers
//! (`authn`): `persons`, `sessions`, `login_transactions`, `logout_tokens`, factors, `failed_tries`,
//! `one_time_links`, `signing_keys`, `account_domains`.
//!
//! Hot writes are [`script`]s: one statement text each, whatever the size of the group or account.
//! The rest goes through the entities in `entity`. To add a table: a migration step, and an entity
//! unless only scripts touch it.

pub(crate) mod accounts;
pub(crate) mod activities;
pub(crate) mod authn;
pub mod connect;
mod dialect;
mod entity;
mod filter;
pub(crate) mod groups;
mod links;
mod lists;
mod lookups;
pub(crate) mod members;
pub(crate) mod outbox;
pub(crate) mod rights;
pub mod schema;
mod script;
mod search;
pub(crate) mod tokens;
pub(crate) mod users;
mod writer;

use std::sync::Arc;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement};

pub use crate::store::connect::Settings;
use crate::store::dialect::Dialect;
use crate::store::lookups::Lookups;
pub use crate::store::script::Applied;
use crate::store::writer::Writer;

/// The database: readers, and the one way to write.
#[derive(Debug, Clone)]
pub struct Store {
    reads: DatabaseConnection,
    lookups: Lookups,
    writer: Writer,
    dialect: Dialect,
    sent: Arc<connect::Sent>,
}

/// What a database call can end in besides success.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique key is taken.
    #[error("a unique value is taken")]
    Taken,
    /// What a write rests on is no longer so; nothing of it was written.
    #[error("what the write rests on has moved")]
    Moved,
    /// Too many writes wait already.
    #[error("the write queue is full")]
    Busy,
    /// A stored row does not read as what it must be.
    #[error("inconsistent row in `{table}`: {what}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// The database failed.
    #[error("database: {0}")]
    Database(#[source] DbErr),
}

/// Result of the store's functions.
pub type Result<T> = std::result::Result<T, StoreError>;

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_))) {
            Self::Taken
        } else {
            Self::Database(error)
        }
    }
}

impl Store {
    /// Whether the database answers.
    ///
    /// # Errors
    /// If it does not.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.reads.ping().await?)
    }

    /// The database's encoding if it is none that we can work with: a name for people.
    ///
    /// All but UTF-8 lack characters, or take texts for bytes.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn foreign_encoding(&self) -> Result<Option<String>> {
        let Some(select) = self.dialect.encoding() else { return Ok(None) };
        let statement = Statement::from_string(self.dialect.backend(), select);
        let row = self.reads.query_one_raw(statement).await?;
        let encoding: Option<String> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        Ok(encoding.filter(|name| name != "UTF8"))
    }

    /// The connection that migrations and administration use.
    pub(crate) fn connection(&self) -> &DatabaseConnection {
        self.writer.connection()
    }
}
