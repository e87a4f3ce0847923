//! The operator's staff who support customers: what groups make of them, who stands in for a director,
//! whose background was checked; each account's team, and whom it lets in.
//!
//! All of it has periods: rows are closed, never changed, so that a past day can be asked about.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::words;

/// See the module's page.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 10] = [
    // What a group of the operator's account makes of its members. What makes approvers is `pending`
    // until a second person has approved it.
    "CREATE TABLE support_functions (
        account_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        valid_to BIGINT NOT NULL,
        valid_from BIGINT NOT NULL,
        group_id {uuid} NOT NULL,
        gives {text} NOT NULL CHECK (gives IN ('function', 'team')),
        name {text} NOT NULL,
        pending BOOLEAN NOT NULL,
        created_at BIGINT NOT NULL,
        created_by {uuid} NOT NULL,
        PRIMARY KEY (account_id, id, valid_to),
        CHECK ((gives = 'team' AND name IN ('support', 'customer_success', 'services'))
            OR (gives = 'function' AND name IN ('csm', 'csd', 'csd_delegate', 'psm',
                'onboarding_pm', 'support', 'partner'))))",
    "CREATE UNIQUE INDEX support_functions_by_group
        ON support_functions (account_id, group_id, gives, name)
        WHERE valid_to = 9223372036854775807",
    "CREATE TABLE csd_delegations (
        account_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        valid_to BIGINT NOT NULL,
        valid_from BIGINT NOT NULL,
        from_user {uuid} NOT NULL,
        to_user {uuid} NOT NULL,
        starts_at BIGINT NOT NULL,
        ends_at BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, id, valid_to),
        CHECK (from_user <> to_user),
        CHECK (ends_at > starts_at AND ends_at - starts_at <= 7776000000000))",
    "CREATE INDEX csd_delegations_by_delegate ON csd_delegations (account_id, to_user, valid_to)",
    "CREATE INDEX csd_delegations_by_director ON csd_delegations (account_id, from_user, valid_to)",
    // Days as `2026-12-31`, in UTC; the last one is within.
    "CREATE TABLE background_checks (
        account_id {uuid} NOT NULL,
        user_id {uuid} NOT NULL,
        valid_to BIGINT NOT NULL,
        valid_from BIGINT NOT NULL,
        checked_on {text} NOT NULL,
        valid_until {text} NOT NULL,
        noted_by {uuid} NOT NULL,
        PRIMARY KEY (account_id, user_id, valid_to),
        CHECK (noted_by <> user_id),
        CHECK (valid_until >= checked_on)){keyed}",
    // An account without a row lets in by two people.
    "CREATE TABLE account_support_modes (
        account_id {uuid} NOT NULL,
        valid_to BIGINT NOT NULL,
        valid_from BIGINT NOT NULL,
        mode {text} NOT NULL CHECK (mode IN ('two_person', 'customer_approval', 'closed')),
        set_by {uuid} NOT NULL,
        PRIMARY KEY (account_id, valid_to)){keyed}",
    // Users of the operator's account, who look after a customer's.
    "CREATE TABLE account_team (
        account_id {uuid} NOT NULL,
        function {text} NOT NULL CHECK (function IN ('csm', 'onboarding_pm')),
        valid_to BIGINT NOT NULL,
        valid_from BIGINT NOT NULL,
        user_id {uuid} NOT NULL,
        set_by {uuid} NOT NULL,
        PRIMARY KEY (account_id, function, valid_to),
        CHECK (set_by <> user_id)){keyed}",
    "CREATE INDEX account_team_by_user ON account_team (user_id, valid_to)",
    "CREATE INDEX sessions_of_staff ON sessions (account_id, user_id)
        WHERE is_staff AND second_factor_at IS NOT NULL",
];

const DOWN: [&str; 6] = [
    "DROP INDEX sessions_of_staff",
    "DROP TABLE account_team",
    "DROP TABLE account_support_modes",
    "DROP TABLE background_checks",
    "DROP TABLE csd_delegations",
    "DROP TABLE support_functions",
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
