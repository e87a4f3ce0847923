//! What happened (`activities`) and what is still to be delivered (`outbox`).
//!
//! Both are written in the transaction of the change itself. An activity holds ids and attribute
//! names, never personal values.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::words;

/// See the module's page.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 2] = [
    "CREATE TABLE activities (
        account_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        at BIGINT NOT NULL,
        action {text} NOT NULL,
        outcome {text} NOT NULL CHECK (outcome IN ('done', 'denied')),
        actor_kind {text} NOT NULL,
        actor_id {uuid},
        target_kind {text} NOT NULL,
        target_id {uuid},
        detail TEXT,
        PRIMARY KEY (account_id, id)){keyed}",
    "CREATE TABLE outbox (
        account_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        effect {text} NOT NULL,
        payload TEXT NOT NULL,
        PRIMARY KEY (account_id, id)){keyed}",
];

const DOWN: [&str; 2] = ["DROP TABLE outbox", "DROP TABLE activities"];

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
