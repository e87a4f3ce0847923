//! The state of the schema: migrating up and down, and whether it is current.

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbErr, TransactionTrait};

use crate::store::script::Sql;
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

    /// Has the database count what is in tables that have grown and were never counted; says whether any is
    /// left uncounted. Plans made for an empty table are kept until then, and read a full one from end
    /// to end: in a first sync all users for each look-up, until autovacuum comes by after a minute.
    ///
    /// # Errors
    /// If the database does not answer, or this role does not own the tables.
    pub async fn count_new_tables(&self) -> Result<bool> {
        let Some(uncounted) = self.dialect.uncounted_tables() else { return Ok(false) };
        let sql = Sql::new(uncounted, vec![]);
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        for row in &rows {
            if row.try_get_by_index::<bool>(1)? {
                let table: String = row.try_get_by_index(0)?;
                self.reads.execute_unprepared(&format!("ANALYZE {table}")).await?;
            }
        }
        Ok(!rows.is_empty())
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
