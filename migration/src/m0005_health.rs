//! Whether provisioning works: what a connection's client was answered, and what mails were sent of it.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::words;

/// See the module's page.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 7] = [
    // The first of the refused changes since the last one that was taken, and the last of them.
    "ALTER TABLE connections ADD COLUMN refused_since BIGINT",
    "ALTER TABLE connections ADD COLUMN refused_at BIGINT",
    "ALTER TABLE connections ADD COLUMN refused_status BIGINT",
    "ALTER TABLE connections ADD COLUMN failure_told_at BIGINT",
    // How many mails told of the token's end.
    "ALTER TABLE tokens ADD COLUMN ends_told BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX connections_refused ON connections (refused_since)
        WHERE refused_since IS NOT NULL",
    "CREATE INDEX tokens_by_end ON tokens (expires_at) WHERE revoked_at IS NULL",
];

const DOWN: [&str; 7] = [
    "DROP INDEX tokens_by_end",
    "DROP INDEX connections_refused",
    "ALTER TABLE tokens DROP COLUMN ends_told",
    "ALTER TABLE connections DROP COLUMN failure_told_at",
    "ALTER TABLE connections DROP COLUMN refused_status",
    "ALTER TABLE connections DROP COLUMN refused_at",
    "ALTER TABLE connections DROP COLUMN refused_since",
];

#[expect(elided_lifetimes_in_paths, reason = "the trait's macro has them elided")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        words::run(manager, &UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        words::run(manager, &DOWN).await
    }
}
