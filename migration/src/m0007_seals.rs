//! What makes the record tamper-evident, and personal data erasable: the chain of seals, signed
//! checkpoints, and beside the record what is personal of it. Seals and checkpoints are added, never
//! changed, never taken out; what is personal may be taken out, and not changed.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};
use sea_orm_migration::sea_orm::DbBackend;

use crate::words;

/// See the module's page.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 5] = [
    "CREATE TABLE activity_personal (
        account_id {uuid} NOT NULL,
        activity_id {uuid} NOT NULL,
        salt {bytes} NOT NULL,
        payload TEXT NOT NULL,
        PRIMARY KEY (account_id, activity_id)){keyed}",
    "CREATE TABLE activity_seals (
        account_id {uuid} NOT NULL,
        seq BIGINT NOT NULL CHECK (seq > 0),
        activity_id {uuid} NOT NULL,
        prev_hash {bytes} NOT NULL,
        hash {bytes} NOT NULL,
        PRIMARY KEY (account_id, seq)){keyed}",
    "CREATE UNIQUE INDEX activity_seals_of ON activity_seals (account_id, activity_id)",
    "CREATE TABLE activity_checkpoints (
        account_id {uuid} NOT NULL,
        seq BIGINT NOT NULL,
        at BIGINT NOT NULL,
        hash {bytes} NOT NULL,
        key_id {text} NOT NULL,
        signature {bytes} NOT NULL,
        PRIMARY KEY (account_id, seq)){keyed}",
    "CREATE TABLE checkpoint_keys (
        id {text} NOT NULL PRIMARY KEY,
        private_key {bytes} NOT NULL,
        public_jwk TEXT NOT NULL,
        created_at BIGINT NOT NULL){keyed}",
];

const DOWN: [&str; 4] = [
    "DROP TABLE checkpoint_keys",
    "DROP TABLE activity_checkpoints",
    "DROP TABLE activity_seals",
    "DROP TABLE activity_personal",
];

/// On SQLite, `REPLACE` takes a row out without asking a trigger for `DELETE`.
const WALL_ON_SQLITE: [&str; 8] = [
    "CREATE TRIGGER activity_seals_unchanged BEFORE UPDATE ON activity_seals
        BEGIN SELECT RAISE(ABORT, 'seals are only added'); END",
    "CREATE TRIGGER activity_seals_undeleted BEFORE DELETE ON activity_seals
        BEGIN SELECT RAISE(ABORT, 'seals are only added'); END",
    "CREATE TRIGGER activity_seals_unreplaced BEFORE INSERT ON activity_seals
        WHEN EXISTS (SELECT 1 FROM activity_seals s
            WHERE s.account_id = NEW.account_id AND s.seq = NEW.seq)
        OR EXISTS (SELECT 1 FROM activity_seals s
            WHERE s.account_id = NEW.account_id AND s.activity_id = NEW.activity_id)
        BEGIN SELECT RAISE(ABORT, 'seals are only added'); END",
    "CREATE TRIGGER activity_checkpoints_unchanged BEFORE UPDATE ON activity_checkpoints
        BEGIN SELECT RAISE(ABORT, 'checkpoints are only added'); END",
    "CREATE TRIGGER activity_checkpoints_undeleted BEFORE DELETE ON activity_checkpoints
        BEGIN SELECT RAISE(ABORT, 'checkpoints are only added'); END",
    "CREATE TRIGGER activity_checkpoints_unreplaced BEFORE INSERT ON activity_checkpoints
        WHEN EXISTS (SELECT 1 FROM activity_checkpoints c
            WHERE c.account_id = NEW.account_id AND c.seq = NEW.seq)
        BEGIN SELECT RAISE(ABORT, 'checkpoints are only added'); END",
    "CREATE TRIGGER activity_personal_unchanged BEFORE UPDATE ON activity_personal
        BEGIN SELECT RAISE(ABORT, 'what is personal is only added and erased'); END",
    "CREATE TRIGGER activity_personal_unreplaced BEFORE INSERT ON activity_personal
        WHEN EXISTS (SELECT 1 FROM activity_personal p
            WHERE p.account_id = NEW.account_id AND p.activity_id = NEW.activity_id)
        BEGIN SELECT RAISE(ABORT, 'what is personal is only added and erased'); END",
];

/// Of the statement, not of the row: what would touch no row is refused too. `ALWAYS` also where a
/// session calls itself a replica.
const WALL_ON_POSTGRES: [&str; 9] = [
    "CREATE FUNCTION activity_seals_stand() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'seals are only added'; END $$",
    "CREATE TRIGGER activity_seals_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON activity_seals
        FOR EACH STATEMENT EXECUTE FUNCTION activity_seals_stand()",
    "ALTER TABLE activity_seals ENABLE ALWAYS TRIGGER activity_seals_stand",
    "CREATE FUNCTION activity_checkpoints_stand() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'checkpoints are only added'; END $$",
    "CREATE TRIGGER activity_checkpoints_stand BEFORE UPDATE OR DELETE OR TRUNCATE
        ON activity_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION activity_checkpoints_stand()",
    "ALTER TABLE activity_checkpoints ENABLE ALWAYS TRIGGER activity_checkpoints_stand",
    "CREATE FUNCTION activity_personal_stands() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'what is personal is only added and erased'; END $$",
    "CREATE TRIGGER activity_personal_stands BEFORE UPDATE OR TRUNCATE ON activity_personal
        FOR EACH STATEMENT EXECUTE FUNCTION activity_personal_stands()",
    "ALTER TABLE activity_personal ENABLE ALWAYS TRIGGER activity_personal_stands",
];

/// What stays of the walls when the tables are gone.
const NO_WALL_ON_POSTGRES: [&str; 3] = [
    "DROP FUNCTION activity_seals_stand()",
    "DROP FUNCTION activity_checkpoints_stand()",
    "DROP FUNCTION activity_personal_stands()",
];

#[expect(elided_lifetimes_in_paths, reason = "the trait's macro has them elided")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        words::run(manager, &UP).await?;
        let wall: &[&str] = if is_sqlite(manager) { &WALL_ON_SQLITE } else { &WALL_ON_POSTGRES };
        words::run(manager, wall).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        words::run(manager, &DOWN).await?;
        if is_sqlite(manager) {
            return Ok(());
        }
        words::run(manager, &NO_WALL_ON_POSTGRES).await
    }
}

fn is_sqlite(manager: &SchemaManager<'_>) -> bool {
    manager.get_database_backend() == DbBackend::Sqlite
}
