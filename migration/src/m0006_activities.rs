//! What is on record stays as it was written: rows of `activities` are added, never changed, never taken
//! out. And each says through which door it came, in which request, under which version of the policy, and
//! commits to what is personal of it, which is kept beside it.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};
use sea_orm_migration::sea_orm::DbBackend;

use crate::words;

/// See the module's page.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMNS: [&str; 4] = [
    "ALTER TABLE activities ADD COLUMN door {text}",
    "ALTER TABLE activities ADD COLUMN request_id {text}",
    "ALTER TABLE activities ADD COLUMN policy_version {text}",
    "ALTER TABLE activities ADD COLUMN commitment {bytes}",
];

const NO_COLUMNS: [&str; 4] = [
    "ALTER TABLE activities DROP COLUMN commitment",
    "ALTER TABLE activities DROP COLUMN policy_version",
    "ALTER TABLE activities DROP COLUMN request_id",
    "ALTER TABLE activities DROP COLUMN door",
];

/// On SQLite, `REPLACE` takes a row out without asking a trigger for `DELETE`.
const WALL_ON_SQLITE: [&str; 3] = [
    "CREATE TRIGGER activities_unchanged BEFORE UPDATE ON activities
        BEGIN SELECT RAISE(ABORT, 'activities are only added'); END",
    "CREATE TRIGGER activities_undeleted BEFORE DELETE ON activities
        BEGIN SELECT RAISE(ABORT, 'activities are only added'); END",
    "CREATE TRIGGER activities_unreplaced BEFORE INSERT ON activities
        WHEN EXISTS (SELECT 1 FROM activities a
            WHERE a.account_id = NEW.account_id AND a.id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'activities are only added'); END",
];

const NO_WALL_ON_SQLITE: [&str; 3] = [
    "DROP TRIGGER activities_unreplaced",
    "DROP TRIGGER activities_undeleted",
    "DROP TRIGGER activities_unchanged",
];

/// Of the statement, not of the row: what would touch no row is refused too. `ALWAYS` also where a
/// session calls itself a replica.
const WALL_ON_POSTGRES: [&str; 3] = [
    "CREATE FUNCTION activities_stand() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'activities are only added'; END $$",
    "CREATE TRIGGER activities_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON activities
        FOR EACH STATEMENT EXECUTE FUNCTION activities_stand()",
    "ALTER TABLE activities ENABLE ALWAYS TRIGGER activities_stand",
];

const NO_WALL_ON_POSTGRES: [&str; 2] =
    ["DROP TRIGGER activities_stand ON activities", "DROP FUNCTION activities_stand()"];

#[expect(elided_lifetimes_in_paths, reason = "the trait's macro has them elided")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        words::run(manager, &COLUMNS).await?;
        let wall = if is_sqlite(manager) { &WALL_ON_SQLITE } else { &WALL_ON_POSTGRES };
        words::run(manager, wall).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let wall: &[&str] =
            if is_sqlite(manager) { &NO_WALL_ON_SQLITE } else { &NO_WALL_ON_POSTGRES };
        words::run(manager, wall).await?;
        words::run(manager, &NO_COLUMNS).await
    }
}

fn is_sqlite(manager: &SchemaManager<'_>) -> bool {
    manager.get_database_backend() == DbBackend::Sqlite
}
