//! The state of the schema: migrating up and down, and whether it is current.

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbErr, TransactionTrait};

use crate::store::{Result, Store};

/// How the database's schema stands to this binary's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaState {
    /// They are the same.
    Current,
    /// So many steps have still to be taken: `countersign migrate up`.
    Behind(usize),
}

impl Store {
    /// Takes all steps that are missing. Processes that start together wait for one another.
    ///
    /// # Errors
    /// If a step fails; on PostgreSQL nothing of the step remains.
    pub async fn migrate(&self) -> Result<()> {
        self.locked(Migrator::up(self.connection(), None)).await
    }

    /// Takes back the last `steps` steps.
    ///
    /// # Errors
    /// If a step fails.
    pub async fn migrate_down(&self, steps: u32) -> Result<()> {
        self.locked(Migrator::down(self.connection(), Some(steps))).await
    }

    /// Whether the schema is current.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn schema_state(&self) -> Result<SchemaState> {
        let pending = Migrator::get_pending_migrations(self.connection()).await?.len();
        Ok(if pending == 0 { SchemaState::Current } else { SchemaState::Behind(pending) })
    }
}

impl Store {
    /// Runs a migration while no other process does.
    async fn locked(
        &self,
        migration: impl Future<Output = std::result::Result<(), DbErr>>,
    ) -> Result<()> {
        let Some(lock) = self.dialect.migration_lock() else {
            return Ok(migration.await?);
        };
        let holder = self.connection().begin().await?;
        holder.execute_unprepared(lock).await?;
        let done = migration.await;
        holder.commit().await?;
        Ok(done?)
    }
}
