//! Who administers each account, as the worker last saw it: what is told when it changes (S4). Rights rest
//! on none of this.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::words;

/// See the module's page.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 5] = [
    "CREATE TABLE account_administrators (
        account_id {uuid} NOT NULL,
        user_id {uuid} NOT NULL,
        valid_to BIGINT NOT NULL,
        valid_from BIGINT NOT NULL,
        PRIMARY KEY (account_id, user_id, valid_to)){keyed}",
    // From the loss of the last one on, until there is another.
    "CREATE TABLE account_recoveries (
        account_id {uuid} NOT NULL,
        valid_to BIGINT NOT NULL,
        valid_from BIGINT NOT NULL,
        PRIMARY KEY (account_id, valid_to)){keyed}",
    // When time alone will next make or unmake an administrator.
    "CREATE TABLE administrator_watches (
        account_id {uuid} NOT NULL,
        due_at BIGINT NOT NULL,
        PRIMARY KEY (account_id)){keyed}",
    "CREATE INDEX administrator_watches_due ON administrator_watches (due_at)",
    "CREATE INDEX approved_rights_by_right ON approved_rights (account_id, right_key, valid_to)",
];

const DOWN: [&str; 4] = [
    "DROP INDEX approved_rights_by_right",
    "DROP TABLE administrator_watches",
    "DROP TABLE account_recoveries",
    "DROP TABLE account_administrators",
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
