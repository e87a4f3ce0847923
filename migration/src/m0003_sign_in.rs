//! Who signs in, how it was proven, and for how long.
//!
//! Secrets are hashed (what we compare) or sealed (what we must show again to others, such as the
//! secret of an SSO connection). Times are microseconds since 1970 (UTC). Tables of persons are global:
//! one human may be a user of several accounts.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::words;

/// See the module's page.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 39] = [
    "CREATE TABLE persons (id {uuid} NOT NULL PRIMARY KEY, created_at BIGINT NOT NULL)",
    // Which person a user is. A user without a row has not been near a sign-in yet.
    "CREATE TABLE user_persons (
        account_id {uuid} NOT NULL,
        user_id {uuid} NOT NULL,
        person_id {uuid} NOT NULL REFERENCES persons (id),
        PRIMARY KEY (account_id, user_id)){keyed}",
    "CREATE INDEX user_persons_by_person ON user_persons (person_id)",
    "CREATE TABLE sso_connections (
        account_id {uuid} NOT NULL REFERENCES accounts (id),
        id {uuid} NOT NULL,
        name {text} NOT NULL,
        issuer {text} NOT NULL,
        client_id {text} NOT NULL,
        client_secret {bytes} NOT NULL,
        scopes TEXT NOT NULL,
        link_claim {text} NOT NULL,
        connection_id {uuid} NOT NULL,
        acr_values TEXT NOT NULL,
        amr_values TEXT NOT NULL,
        max_age BIGINT,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, id),
        UNIQUE (account_id, name),
        FOREIGN KEY (account_id, connection_id) REFERENCES connections (account_id, id))",
    // The domains of mail addresses by which `/login` finds an account.
    "CREATE TABLE account_domains (
        domain {text} NOT NULL PRIMARY KEY,
        account_id {uuid} NOT NULL REFERENCES accounts (id),
        created_at BIGINT NOT NULL)",
    "CREATE TABLE account_sign_in (
        account_id {uuid} NOT NULL PRIMARY KEY REFERENCES accounts (id),
        requires_second_factor BOOLEAN NOT NULL)",
    // What a provider calls whom; frozen at the first sign-in, ended when it is unlinked.
    "CREATE TABLE identities (
        account_id {uuid} NOT NULL,
        issuer {text} NOT NULL,
        subject {text} NOT NULL,
        valid_to BIGINT NOT NULL,
        user_id {uuid} NOT NULL,
        person_id {uuid} NOT NULL REFERENCES persons (id),
        sso_id {uuid} NOT NULL,
        linked_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, issuer, subject, valid_to)){keyed}",
    "CREATE INDEX identities_by_user ON identities (account_id, user_id, valid_to)",
    // A user has one subject at a provider at a time, and keeps it.
    "CREATE UNIQUE INDEX identities_one_subject ON identities (account_id, user_id, issuer)
        WHERE valid_to = 9223372036854775807",
    "CREATE INDEX identities_by_subject ON identities (issuer, subject, valid_to)",
    "CREATE TABLE login_transactions (
        state_hash {bytes} NOT NULL PRIMARY KEY,
        browser_hash {bytes} NOT NULL,
        account_id {uuid} NOT NULL,
        sso_id {uuid} NOT NULL,
        nonce {text} NOT NULL,
        verifier {bytes} NOT NULL,
        return_to {text} NOT NULL,
        max_age BIGINT,
        replaces {uuid},
        created_at BIGINT NOT NULL)",
    "CREATE INDEX login_transactions_by_browser ON login_transactions (browser_hash, created_at)",
    "CREATE TABLE sessions (
        id {uuid} NOT NULL PRIMARY KEY,
        secret_hash {bytes} NOT NULL,
        account_id {uuid} NOT NULL,
        user_id {uuid} NOT NULL,
        person_id {uuid} NOT NULL REFERENCES persons (id),
        is_staff BOOLEAN NOT NULL,
        way {text} NOT NULL CHECK (way IN ('sso', 'password')),
        level {text} NOT NULL CHECK (level IN ('pending', 'full')),
        acr {text},
        amr TEXT NOT NULL,
        auth_time BIGINT NOT NULL,
        second_factor_at BIGINT,
        sso_id {uuid},
        provider_session {text},
        id_token {bytes},
        created_at BIGINT NOT NULL,
        last_seen_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        ip {text},
        agent {text} NOT NULL,
        ended_at BIGINT,
        ended_why {text},
        CHECK (level = 'full' OR second_factor_at IS NULL),
        CHECK (NOT is_staff OR level = 'pending' OR second_factor_at IS NOT NULL)){updated}",
    "CREATE INDEX sessions_by_user ON sessions (account_id, user_id) WHERE ended_at IS NULL",
    "CREATE INDEX sessions_by_person ON sessions (person_id) WHERE ended_at IS NULL",
    "CREATE INDEX sessions_by_provider ON sessions (sso_id, provider_session)
        WHERE ended_at IS NULL",
    // Back-channel logout tokens seen, so that none works twice.
    "CREATE TABLE logout_tokens (
        issuer {text} NOT NULL,
        jti {text} NOT NULL,
        expires_at BIGINT NOT NULL,
        PRIMARY KEY (issuer, jti)){keyed}",
    "CREATE TABLE totp_factors (
        person_id {uuid} NOT NULL REFERENCES persons (id),
        id {uuid} NOT NULL,
        name TEXT NOT NULL,
        seed {bytes} NOT NULL,
        last_step BIGINT NOT NULL,
        confirmed_at BIGINT,
        created_at BIGINT NOT NULL,
        last_used_at BIGINT,
        PRIMARY KEY (person_id, id))",
    "CREATE TABLE passkeys (
        person_id {uuid} NOT NULL REFERENCES persons (id),
        id {uuid} NOT NULL,
        name TEXT NOT NULL,
        credential_id {text} NOT NULL UNIQUE,
        credential TEXT NOT NULL,
        counter BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        last_used_at BIGINT,
        PRIMARY KEY (person_id, id))",
    "CREATE TABLE recovery_codes (
        person_id {uuid} NOT NULL REFERENCES persons (id),
        code_hash {bytes} NOT NULL,
        created_at BIGINT NOT NULL,
        used_at BIGINT,
        PRIMARY KEY (person_id, code_hash))",
    // A passkey ceremony that a session began; read once, by deleting it.
    "CREATE TABLE passkey_ceremonies (
        session_id {uuid} NOT NULL,
        purpose {text} NOT NULL CHECK (purpose IN ('enrol', 'show')),
        state TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (session_id, purpose))",
    // Wrong tries, by what is to be protected: a person's factor, an account's password, a network.
    "CREATE TABLE failed_tries (
        subject {text} NOT NULL PRIMARY KEY,
        failures BIGINT NOT NULL,
        first_at BIGINT NOT NULL,
        locked_until BIGINT NOT NULL)",
    "CREATE TABLE passwords (
        account_id {uuid} NOT NULL,
        user_id {uuid} NOT NULL,
        hash {text} NOT NULL,
        changed_at BIGINT NOT NULL,
        mail_key {text},
        PRIMARY KEY (account_id, user_id))",
    // The address at which the user proved to read: what a forgotten password is asked for with.
    "CREATE INDEX passwords_by_mail ON passwords (mail_key)",
    // Single-use links in mails and from approvers.
    "CREATE TABLE one_time_links (
        secret_hash {bytes} NOT NULL PRIMARY KEY,
        purpose {text} NOT NULL CHECK (purpose IN ('invitation', 'reset', 'enrolment')),
        account_id {uuid} NOT NULL,
        user_id {uuid} NOT NULL,
        mail_key {text},
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        used_at BIGINT)",
    "CREATE INDEX one_time_links_by_user ON one_time_links (account_id, user_id, purpose)",
    "CREATE TABLE signing_keys (
        id {text} NOT NULL PRIMARY KEY,
        algorithm {text} NOT NULL,
        private_key {bytes},
        public_jwk TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        retired_at BIGINT,
        CHECK ((retired_at IS NULL) = (private_key IS NOT NULL)))",
    // One key signs, even if two processes need the first one at the same moment.
    "CREATE UNIQUE INDEX signing_keys_one_signs ON signing_keys ((retired_at IS NULL))
        WHERE retired_at IS NULL",
    "CREATE TABLE product_keys (
        account_id {uuid} NOT NULL REFERENCES accounts (id),
        id {uuid} NOT NULL,
        name {text} NOT NULL,
        secret_hash {bytes} NOT NULL,
        scopes TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        revoked_at BIGINT,
        last_used_at BIGINT,
        PRIMARY KEY (account_id, id))",
    // Access tokens that were revoked before their end; all others live a few minutes.
    "CREATE TABLE revoked_access_tokens (
        jti {text} NOT NULL PRIMARY KEY,
        expires_at BIGINT NOT NULL)",
    // Rights given by bootstrap and seeds alone, until grants exist.
    "CREATE TABLE seed_grants (
        account_id {uuid} NOT NULL,
        user_id {uuid} NOT NULL,
        right_key {text} NOT NULL,
        valid_to BIGINT NOT NULL,
        valid_from BIGINT NOT NULL,
        why {text} NOT NULL,
        PRIMARY KEY (account_id, user_id, right_key, valid_to)){keyed}",
    // The one time that the first approvers are made.
    "CREATE TABLE bootstraps (
        id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
        account_id {uuid} NOT NULL,
        first_user {uuid} NOT NULL,
        second_user {uuid} NOT NULL,
        first_confirmed_at BIGINT,
        second_confirmed_at BIGINT,
        created_at BIGINT NOT NULL,
        completed_at BIGINT,
        CHECK (first_user <> second_user))",
    "CREATE UNIQUE INDEX accounts_one_operator ON accounts (kind) WHERE kind = 'operator'",
    "CREATE INDEX sessions_by_end ON sessions (expires_at)",
    "CREATE INDEX login_transactions_by_age ON login_transactions (created_at)",
    "CREATE INDEX logout_tokens_by_end ON logout_tokens (expires_at)",
    // Mails are tried again, later and later; announcements never need to be.
    "ALTER TABLE outbox ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE outbox ADD COLUMN tries BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX outbox_mails ON outbox (due_at) WHERE effect = 'mail'",
];

const DOWN: [&str; 25] = [
    "DROP INDEX outbox_mails",
    "ALTER TABLE outbox DROP COLUMN tries",
    "ALTER TABLE outbox DROP COLUMN due_at",
    "DROP INDEX accounts_one_operator",
    "DROP TABLE bootstraps",
    "DROP TABLE seed_grants",
    "DROP TABLE revoked_access_tokens",
    "DROP TABLE product_keys",
    "DROP TABLE signing_keys",
    "DROP TABLE one_time_links",
    "DROP TABLE passwords",
    "DROP TABLE failed_tries",
    "DROP TABLE passkey_ceremonies",
    "DROP TABLE recovery_codes",
    "DROP TABLE passkeys",
    "DROP TABLE totp_factors",
    "DROP TABLE logout_tokens",
    "DROP TABLE sessions",
    "DROP TABLE login_transactions",
    "DROP TABLE identities",
    "DROP TABLE account_sign_in",
    "DROP TABLE account_domains",
    "DROP TABLE sso_connections",
    "DROP TABLE user_persons",
    "DROP TABLE persons",
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
