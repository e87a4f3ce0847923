//! Accounts, provisioning connections, tokens, users, groups, memberships.
//!
//! Every account-owned key begins with `account_id`. Times are microseconds since 1970 (UTC).
//! A period still open ends at 9223372036854775807, so that a primary key can hold it.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::words;

/// See the module's page.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 20] = [
    "CREATE TABLE accounts (
        id {uuid} NOT NULL PRIMARY KEY,
        slug {text} NOT NULL UNIQUE,
        name {text} NOT NULL,
        kind {text} NOT NULL CHECK (kind IN ('operator', 'standard', 'parent', 'child')),
        created_at BIGINT NOT NULL)",
    "CREATE TABLE connections (
        account_id {uuid} NOT NULL REFERENCES accounts (id),
        id {uuid} NOT NULL,
        name {text} NOT NULL,
        preset {text} NOT NULL CHECK (preset IN ('standard', 'rfc')),
        created_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, id),
        UNIQUE (account_id, name))",
    "CREATE TABLE tokens (
        account_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        connection_id {uuid} NOT NULL,
        secret_hash {bytes} NOT NULL,
        access {text} NOT NULL CHECK (access IN ('read', 'write')),
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        revoked_at BIGINT,
        last_used_at BIGINT,
        PRIMARY KEY (account_id, id),
        FOREIGN KEY (account_id, connection_id) REFERENCES connections (account_id, id))",
    // A process that holds tokens in memory polls this number: it grows with each revocation.
    "CREATE TABLE signals (name {text} NOT NULL PRIMARY KEY, seq BIGINT NOT NULL)",
    "INSERT INTO signals (name, seq) VALUES ('token_revocations', 0)",
    // No foreign key to `connections` here and in `groups`: on PostgreSQL each insert would lock the
    // same connection row. Connections are never deleted, and only a live one carries a token.
    "CREATE TABLE users (
        account_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        connection_id {uuid} NOT NULL,
        user_name_key {text} NOT NULL,
        external_id {text},
        display_name {text} NOT NULL,
        display_name_key {text},
        active BOOLEAN NOT NULL,
        active_since BIGINT NOT NULL,
        document TEXT NOT NULL,
        folded {json} NOT NULL,
        version BIGINT NOT NULL,
        rights_version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        deleted_at BIGINT,
        PRIMARY KEY (account_id, id)){updated}",
    "CREATE UNIQUE INDEX users_by_user_name ON users (account_id, user_name_key)
        WHERE deleted_at IS NULL",
    "CREATE INDEX users_by_external_id ON users (account_id, external_id)
        WHERE deleted_at IS NULL",
    "CREATE INDEX users_by_display_name ON users (account_id, display_name_key)
        WHERE deleted_at IS NULL",
    "CREATE INDEX users_by_connection ON users (account_id, connection_id, id)
        WHERE deleted_at IS NULL",
    "CREATE INDEX users_by_change ON users (account_id, updated_at)",
    "CREATE TABLE user_emails (
        account_id {uuid} NOT NULL,
        value_key {text} NOT NULL,
        user_id {uuid} NOT NULL,
        PRIMARY KEY (account_id, value_key, user_id)){keyed}",
    // Closed periods; the open one is users.active since users.active_since.
    "CREATE TABLE user_states (
        account_id {uuid} NOT NULL,
        user_id {uuid} NOT NULL,
        valid_from BIGINT NOT NULL,
        valid_to BIGINT NOT NULL,
        active BOOLEAN NOT NULL,
        PRIMARY KEY (account_id, user_id, valid_from)){keyed}",
    "CREATE TABLE groups (
        account_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        connection_id {uuid} NOT NULL,
        display_name {text} NOT NULL,
        display_name_key {text} NOT NULL,
        external_id {text},
        document TEXT NOT NULL,
        folded {json} NOT NULL,
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        deleted_at BIGINT,
        PRIMARY KEY (account_id, id)){updated}",
    "CREATE UNIQUE INDEX groups_by_display_name
        ON groups (account_id, display_name_key, connection_id) WHERE deleted_at IS NULL",
    "CREATE INDEX groups_by_connection ON groups (account_id, connection_id, id)
        WHERE deleted_at IS NULL",
    "CREATE INDEX groups_by_external_id ON groups (account_id, external_id)
        WHERE deleted_at IS NULL",
    "CREATE TABLE group_members (
        account_id {uuid} NOT NULL,
        group_id {uuid} NOT NULL,
        valid_to BIGINT NOT NULL,
        member_id {uuid} NOT NULL,
        member_kind {text} NOT NULL CHECK (member_kind IN ('User', 'Group')),
        valid_from BIGINT NOT NULL,
        PRIMARY KEY (account_id, group_id, valid_to, member_id)){keyed}",
    "CREATE INDEX group_members_by_member
        ON group_members (account_id, member_id, valid_to, group_id)",
    // How many live resources a connection has: a list page states its total without counting.
    "CREATE TABLE directory_counts (
        account_id {uuid} NOT NULL,
        connection_id {uuid} NOT NULL,
        shard INTEGER NOT NULL,
        users BIGINT NOT NULL,
        groups BIGINT NOT NULL,
        PRIMARY KEY (account_id, connection_id, shard))",
];

const DOWN: [&str; 10] = [
    "DROP TABLE directory_counts",
    "DROP TABLE group_members",
    "DROP TABLE groups",
    "DROP TABLE user_states",
    "DROP TABLE user_emails",
    "DROP TABLE users",
    "DROP TABLE signals",
    "DROP TABLE tokens",
    "DROP TABLE connections",
    "DROP TABLE accounts",
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
