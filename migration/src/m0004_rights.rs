//! What gives rights: the catalogue, bundles, roles, mappings, grants; and the places they hold in.
//!
//! What rights rest on has periods: `valid_from` and `valid_to` say when a row was in force here, and
//! rows are closed, never changed, so that a past day can be asked about (DECISIONS.md 27).
//! `starts_at` and `ends_at` say for when somebody wanted it. The account of what the catalogue
//! predefines is the nil id.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::words;

/// See the module's page.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 38] = [
    "ALTER TABLE accounts ADD COLUMN version BIGINT NOT NULL DEFAULT 1",
    // Grows with each change of what the account's groups give; DECISIONS.md 11.
    "ALTER TABLE accounts ADD COLUMN shape_version BIGINT NOT NULL DEFAULT 1",
    "ALTER TABLE users ADD COLUMN kind {text} NOT NULL DEFAULT 'user'
        CHECK (kind IN ('user', 'recipient'))",
    // What they chose to be spoken to in; else it is as their document says.
    "ALTER TABLE users ADD COLUMN own_language {text}",
    // Handed over by an administrator: it opens nothing but the choice of another.
    "ALTER TABLE passwords ADD COLUMN is_initial BOOLEAN NOT NULL DEFAULT FALSE",
    // Recipients are few among many, and anybody lists them.
    "CREATE INDEX users_recipients ON users (account_id, user_name_key, id)
        WHERE kind = 'recipient' AND deleted_at IS NULL",
    "CREATE TABLE account_periods (
        account_id {uuid} NOT NULL,
        valid_to BIGINT NOT NULL,
        valid_from BIGINT NOT NULL,
        state {text} NOT NULL CHECK (state IN ('active', 'suspended', 'closed')),
        parent_id {uuid},
        PRIMARY KEY (account_id, valid_to)){keyed}",
    "CREATE INDEX account_periods_by_parent ON account_periods (parent_id, valid_to)
        WHERE parent_id IS NOT NULL",
    "INSERT INTO account_periods (account_id, valid_to, valid_from, state, parent_id)
        SELECT id, 9223372036854775807, created_at, 'active', NULL FROM accounts",
    "CREATE TABLE workspaces (
        account_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        name {text} NOT NULL,
        name_key {text} NOT NULL,
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        closed_at BIGINT,
        PRIMARY KEY (account_id, id))",
    "CREATE UNIQUE INDEX workspaces_by_name ON workspaces (account_id, name_key)
        WHERE closed_at IS NULL",
    "CREATE TABLE account_permissions (
        account_id {uuid} NOT NULL,
        permission {text} NOT NULL,
        valid_to BIGINT NOT NULL,
        valid_from BIGINT NOT NULL,
        set_by_kind {text} NOT NULL,
        set_by_id {uuid},
        PRIMARY KEY (account_id, permission, valid_to)){keyed}",
    // Pairs of rights that nobody may hold together, where the account turned the rule on.
    "CREATE TABLE account_conflicts (
        account_id {uuid} NOT NULL,
        held_key {text} NOT NULL,
        lost_key {text} NOT NULL,
        valid_to BIGINT NOT NULL,
        valid_from BIGINT NOT NULL,
        PRIMARY KEY (account_id, lost_key, valid_to, held_key)){keyed}",
    "CREATE TABLE catalogue_releases (
        number BIGINT NOT NULL PRIMARY KEY,
        hash {text} NOT NULL,
        text TEXT NOT NULL,
        activated_at BIGINT NOT NULL)",
    "CREATE TABLE catalogue_rights (
        right_key {text} NOT NULL,
        valid_to BIGINT NOT NULL,
        valid_from BIGINT NOT NULL,
        recipient_safe BOOLEAN NOT NULL,
        permission {text},
        privileged BOOLEAN NOT NULL,
        PRIMARY KEY (right_key, valid_to)){keyed}",
    "CREATE TABLE bundles (
        account_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        catalogue_key {text},
        name {text} NOT NULL,
        name_key {text} NOT NULL,
        description {text} NOT NULL,
        origin_id {uuid},
        origin_release {text},
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        created_by {uuid},
        updated_at BIGINT NOT NULL,
        deleted_at BIGINT,
        PRIMARY KEY (account_id, id))",
    "CREATE UNIQUE INDEX bundles_by_name ON bundles (account_id, name_key)
        WHERE deleted_at IS NULL",
    "CREATE TABLE bundle_rights (
        account_id {uuid} NOT NULL,
        bundle_id {uuid} NOT NULL,
        valid_to BIGINT NOT NULL,
        right_key {text} NOT NULL,
        valid_from BIGINT NOT NULL,
        added_person {uuid},
        PRIMARY KEY (account_id, bundle_id, valid_to, right_key)){keyed}",
    "CREATE INDEX bundle_rights_by_right
        ON bundle_rights (account_id, right_key, valid_to, bundle_id)",
    "CREATE TABLE roles (
        account_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        catalogue_key {text},
        level {text} NOT NULL CHECK (level IN ('account', 'workspace')),
        name {text} NOT NULL,
        name_key {text} NOT NULL,
        description {text} NOT NULL,
        origin_id {uuid},
        origin_release {text},
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        created_by {uuid},
        updated_at BIGINT NOT NULL,
        deleted_at BIGINT,
        PRIMARY KEY (account_id, id))",
    "CREATE UNIQUE INDEX roles_by_name ON roles (account_id, name_key) WHERE deleted_at IS NULL",
    "CREATE TABLE role_bundles (
        account_id {uuid} NOT NULL,
        role_id {uuid} NOT NULL,
        valid_to BIGINT NOT NULL,
        bundle_owner {uuid} NOT NULL,
        bundle_id {uuid} NOT NULL,
        valid_from BIGINT NOT NULL,
        added_person {uuid},
        PRIMARY KEY (account_id, role_id, valid_to, bundle_owner, bundle_id)){keyed}",
    "CREATE INDEX role_bundles_by_bundle
        ON role_bundles (account_id, bundle_id, valid_to, role_id)",
    // What a group, or a role that a connection pushed, gives: a bundle or a role, somewhere.
    "CREATE TABLE group_mappings (
        account_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        valid_to BIGINT NOT NULL,
        valid_from BIGINT NOT NULL,
        group_id {uuid},
        connection_id {uuid},
        pushed_value {text},
        pushed_key {text},
        gives {text} NOT NULL CHECK (gives IN ('bundle', 'role')),
        gives_owner {uuid} NOT NULL,
        gives_id {uuid} NOT NULL,
        place {text} NOT NULL CHECK (place IN ('account', 'workspace', 'children')),
        workspace_id {uuid},
        paused BOOLEAN NOT NULL,
        starts_at BIGINT NOT NULL,
        ends_at BIGINT NOT NULL,
        reason {text} NOT NULL,
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        created_by_kind {text} NOT NULL,
        created_by_id {uuid},
        created_person {uuid},
        changed_by_kind {text} NOT NULL,
        changed_by_id {uuid},
        changed_person {uuid},
        PRIMARY KEY (account_id, id, valid_to),
        CHECK ((group_id IS NULL) = (pushed_key IS NOT NULL)),
        CHECK ((connection_id IS NULL) = (pushed_key IS NULL)),
        CHECK ((workspace_id IS NULL) = (place <> 'workspace')))",
    "CREATE INDEX group_mappings_by_group ON group_mappings (account_id, group_id, valid_to)
        WHERE group_id IS NOT NULL",
    "CREATE INDEX group_mappings_by_pushed
        ON group_mappings (account_id, connection_id, pushed_key, valid_to)
        WHERE pushed_key IS NOT NULL",
    "CREATE INDEX group_mappings_by_gift ON group_mappings (account_id, gives_id, valid_to)",
    "CREATE TABLE grants (
        account_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        valid_to BIGINT NOT NULL,
        valid_from BIGINT NOT NULL,
        user_id {uuid} NOT NULL,
        gives {text} NOT NULL CHECK (gives IN ('bundle', 'role', 'right')),
        gives_owner {uuid},
        gives_id {uuid},
        right_key {text},
        place {text} NOT NULL CHECK (place IN ('account', 'workspace', 'children')),
        workspace_id {uuid},
        starts_at BIGINT NOT NULL,
        ends_at BIGINT NOT NULL,
        reason {text} NOT NULL,
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        given_by_kind {text} NOT NULL,
        given_by_id {uuid},
        PRIMARY KEY (account_id, id, valid_to),
        CHECK ((gives = 'right') = (right_key IS NOT NULL)),
        CHECK ((right_key IS NULL) = (gives_id IS NOT NULL)),
        CHECK ((gives_owner IS NULL) = (gives_id IS NULL)),
        CHECK ((workspace_id IS NULL) = (place <> 'workspace')))",
    "CREATE INDEX grants_by_user ON grants (account_id, user_id, valid_to)",
    "CREATE INDEX grants_by_gift ON grants (account_id, gives_id, valid_to, user_id)",
    "CREATE INDEX grants_by_right ON grants (account_id, right_key, valid_to, user_id)
        WHERE right_key IS NOT NULL",
    // Roles and entitlements as the connection pushed them, folded: those that a mapping may name.
    "CREATE TABLE pushed_values (
        account_id {uuid} NOT NULL,
        user_id {uuid} NOT NULL,
        valid_to BIGINT NOT NULL,
        value_key {text} NOT NULL,
        connection_id {uuid} NOT NULL,
        valid_from BIGINT NOT NULL,
        PRIMARY KEY (account_id, user_id, valid_to, value_key)){keyed}",
    "CREATE INDEX pushed_values_by_value
        ON pushed_values (account_id, connection_id, value_key, valid_to, user_id)",
    // What stands in documents already.
    "INSERT INTO pushed_values
            (account_id, user_id, valid_to, value_key, connection_id, valid_from)
        SELECT u.account_id, u.id, 9223372036854775807, p.value, u.connection_id, u.updated_at
        FROM users u JOIN (
            SELECT u.id, e.value ->> 'value' AS value FROM users u CROSS JOIN {roles} e
            UNION SELECT u.id, e.value ->> 'value' FROM users u CROSS JOIN {entitlements} e) p
            ON p.id = u.id
        WHERE u.deleted_at IS NULL AND octet_length(p.value) <= 1024",
    "CREATE TABLE properties (
        account_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        key {text} NOT NULL,
        label {text} NOT NULL,
        value_type {text} NOT NULL
            CHECK (value_type IN ('text', 'number', 'boolean', 'date', 'choice')),
        choices TEXT NOT NULL,
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, id),
        UNIQUE (account_id, key))",
    "CREATE TABLE user_properties (
        account_id {uuid} NOT NULL,
        user_id {uuid} NOT NULL,
        property_id {uuid} NOT NULL,
        value {text} NOT NULL,
        PRIMARY KEY (account_id, user_id, property_id)){keyed}",
    // Requests sent with a key; no status: not answered yet.
    "CREATE TABLE idempotency_keys (
        account_id {uuid} NOT NULL,
        actor_id {uuid} NOT NULL,
        key {text} NOT NULL,
        fingerprint {bytes} NOT NULL,
        status BIGINT,
        headers TEXT,
        body TEXT,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, actor_id, key))",
    "CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)",
];

const DOWN: [&str; 22] = [
    "DROP TABLE idempotency_keys",
    "DROP TABLE user_properties",
    "DROP TABLE properties",
    "DROP TABLE pushed_values",
    "DROP TABLE grants",
    "DROP TABLE group_mappings",
    "DROP TABLE role_bundles",
    "DROP TABLE roles",
    "DROP TABLE bundle_rights",
    "DROP TABLE bundles",
    "DROP TABLE catalogue_rights",
    "DROP TABLE catalogue_releases",
    "DROP TABLE account_conflicts",
    "DROP TABLE account_permissions",
    "DROP TABLE workspaces",
    "DROP TABLE account_periods",
    "DROP INDEX users_recipients",
    "ALTER TABLE passwords DROP COLUMN is_initial",
    "ALTER TABLE users DROP COLUMN own_language",
    "ALTER TABLE users DROP COLUMN kind",
    "ALTER TABLE accounts DROP COLUMN shape_version",
    "ALTER TABLE accounts DROP COLUMN version",
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
