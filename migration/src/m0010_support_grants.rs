//! Support grants: who of the operator's staff is let into which customer's account, for how long, and by
//! whose signature (PRODUCT.md W3, W6, W9).
//!
//! The third wall, as [`m0008_approvals`](crate::m0008_approvals) has it: whatever the program says, nobody is
//! let in but by an approved request that says exactly this, or by looking after the account by name; what was
//! let in only ends; and nobody signs for whoever would be let in.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::walls::{Kept, Wall};
use crate::{walls, words};

/// See the module's page.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 4] = [
    // What a request of kind `support` asks for, in columns that a wall can compare. `after_grant`: the access
    // of the same user that was taken away before.
    "CREATE TABLE support_asked (
        account_id {uuid} NOT NULL,
        request_id {uuid} NOT NULL,
        version BIGINT NOT NULL,
        user_account {uuid} NOT NULL,
        user_id {uuid} NOT NULL,
        person_id {uuid} NOT NULL,
        bundle_owner {uuid} NOT NULL,
        bundle_id {uuid} NOT NULL,
        workspace_id {uuid},
        starts_at BIGINT NOT NULL,
        ends_at BIGINT NOT NULL,
        requester_account {uuid} NOT NULL,
        by_customer BOOLEAN NOT NULL,
        mode {text} NOT NULL CHECK (mode IN ('two_person', 'customer_approval')),
        after_grant {uuid},
        PRIMARY KEY (account_id, request_id, version),
        CHECK (user_account <> account_id),
        CHECK (ends_at > starts_at AND ends_at - starts_at <= 7776000000000),
        FOREIGN KEY (account_id, request_id, version)
            REFERENCES approval_versions (account_id, request_id, version))",
    // One row is the whole life of a grant.
    "CREATE TABLE support_grants (
        account_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        valid_to BIGINT NOT NULL,
        valid_from BIGINT NOT NULL,
        user_account {uuid} NOT NULL,
        user_id {uuid} NOT NULL,
        person_id {uuid} NOT NULL,
        bundle_owner {uuid} NOT NULL,
        bundle_id {uuid} NOT NULL,
        workspace_id {uuid},
        starts_at BIGINT NOT NULL,
        ends_at BIGINT NOT NULL,
        request_id {uuid},
        version BIGINT,
        standing BOOLEAN NOT NULL,
        function {text} CHECK (function IN ('csm', 'onboarding_pm')),
        ended_kind {text},
        ended_by {uuid},
        ended_reason {text} CHECK (ended_reason IN ('removed', 'superseded', 'expired',
            'user_inactive', 'function_lost', 'not_ready')),
        PRIMARY KEY (account_id, id),
        UNIQUE (account_id, request_id, version),
        CHECK ((standing AND function IS NOT NULL AND request_id IS NULL AND version IS NULL
                AND ends_at = 9223372036854775807)
            OR (NOT standing AND function IS NULL AND request_id IS NOT NULL AND version IS NOT NULL
                AND ends_at > starts_at AND ends_at - starts_at <= 7776000000000)),
        CHECK ((valid_to = 9223372036854775807) = (ended_reason IS NULL)),
        FOREIGN KEY (account_id, request_id, version)
            REFERENCES support_asked (account_id, request_id, version))",
    // One that is in force of one user in one account.
    "CREATE UNIQUE INDEX support_grants_live ON support_grants (account_id, user_id)
        WHERE valid_to = 9223372036854775807",
    "CREATE INDEX support_grants_by_user ON support_grants (user_account, user_id, valid_to)",
];

const DOWN: [&str; 2] = ["DROP TABLE support_grants", "DROP TABLE support_asked"];

/// What the walls refuse, in words that both databases understand.
const WALLS: [Wall; 4] = [
    Wall {
        name: "support_asked_of_another",
        before: "INSERT ON support_asked",
        refuses: "NOT EXISTS (SELECT 1 FROM approval_requests r JOIN approval_versions o
                ON o.account_id = r.account_id AND o.request_id = r.id
                WHERE r.account_id = NEW.account_id AND r.id = NEW.request_id
                AND r.kind = 'support' AND r.state = 'pending' AND r.subject_id = NEW.user_id
                AND o.version = NEW.version AND o.requester_person IS NOT NULL
                AND o.requester_person <> NEW.person_id)
            OR NOT EXISTS (SELECT 1 FROM user_persons p WHERE p.account_id = NEW.user_account
                AND p.user_id = NEW.user_id AND p.person_id = NEW.person_id)",
        saying: "nobody asks to be let in themselves",
    },
    Wall {
        name: "support_votes_entitled",
        before: "INSERT ON approval_votes",
        refuses: "EXISTS (SELECT 1 FROM approval_requests r WHERE r.account_id = NEW.account_id
                AND r.id = NEW.request_id AND r.kind = 'support' AND (
                NOT EXISTS (SELECT 1 FROM support_asked s WHERE s.account_id = r.account_id
                    AND s.request_id = r.id AND s.version = NEW.version)
                OR EXISTS (SELECT 1 FROM support_asked s WHERE s.account_id = r.account_id
                    AND s.request_id = r.id AND s.person_id = NEW.person_id)
                OR EXISTS (SELECT 1 FROM support_asked s JOIN user_persons p
                    ON p.account_id = s.user_account AND p.user_id = s.user_id
                    WHERE s.account_id = r.account_id AND s.request_id = r.id
                    AND p.person_id = NEW.person_id)))",
        saying: "nobody signs their own being let in",
    },
    Wall {
        name: "support_grants_lineage",
        before: "INSERT ON support_grants",
        refuses: "NEW.valid_to <> 9223372036854775807
            OR (NOT NEW.standing AND NOT EXISTS (SELECT 1 FROM approval_requests r
                JOIN support_asked s ON s.account_id = r.account_id AND s.request_id = r.id
                AND s.version = r.version
                WHERE r.account_id = NEW.account_id AND r.id = NEW.request_id
                AND r.kind = 'support' AND r.state = 'approved' AND r.version = NEW.version
                AND r.subject_id = NEW.user_id AND s.user_account = NEW.user_account
                AND s.user_id = NEW.user_id AND s.person_id = NEW.person_id
                AND s.bundle_owner = NEW.bundle_owner AND s.bundle_id = NEW.bundle_id
                AND COALESCE(s.workspace_id = NEW.workspace_id,
                    s.workspace_id IS NULL AND NEW.workspace_id IS NULL)
                AND s.starts_at = NEW.starts_at AND s.ends_at = NEW.ends_at
                AND (SELECT COUNT(*) FROM approval_votes v WHERE v.account_id = r.account_id
                    AND v.request_id = r.id AND v.version = r.version
                    AND v.decision = 'approve' AND v.person_id <> s.person_id) >= r.required
                AND NOT EXISTS (SELECT 1 FROM approval_votes v WHERE v.account_id = r.account_id
                    AND v.request_id = r.id AND v.version = r.version AND v.decision = 'deny')))
            OR (NEW.standing AND NOT EXISTS (SELECT 1 FROM account_team t
                WHERE t.account_id = NEW.account_id AND t.user_id = NEW.user_id
                AND t.function = NEW.function AND t.valid_to = 9223372036854775807
                AND NOT EXISTS (SELECT 1 FROM support_grants g WHERE g.account_id = t.account_id
                    AND g.user_id = t.user_id AND g.valid_from >= t.valid_from
                    AND g.ended_reason IN ('removed', 'function_lost', 'user_inactive'))))",
        saying: "nobody is let in but as two people said, or by looking after the account",
    },
    Wall {
        name: "support_grants_end",
        before: "UPDATE ON support_grants",
        refuses: "OLD.valid_to <> 9223372036854775807 OR NEW.valid_to >= OLD.valid_to
            OR NEW.account_id <> OLD.account_id OR NEW.id <> OLD.id
            OR NEW.valid_from <> OLD.valid_from OR NEW.user_account <> OLD.user_account
            OR NEW.user_id <> OLD.user_id OR NEW.person_id <> OLD.person_id
            OR NEW.bundle_owner <> OLD.bundle_owner OR NEW.bundle_id <> OLD.bundle_id
            OR COALESCE(NEW.workspace_id <> OLD.workspace_id,
                (NEW.workspace_id IS NULL) <> (OLD.workspace_id IS NULL))
            OR NEW.starts_at <> OLD.starts_at OR NEW.ends_at <> OLD.ends_at
            OR COALESCE(NEW.request_id <> OLD.request_id,
                (NEW.request_id IS NULL) <> (OLD.request_id IS NULL))
            OR COALESCE(NEW.version <> OLD.version, (NEW.version IS NULL) <> (OLD.version IS NULL))
            OR NEW.standing <> OLD.standing
            OR COALESCE(NEW.function <> OLD.function,
                (NEW.function IS NULL) <> (OLD.function IS NULL))",
        saying: "who was let in is only let out",
    },
];

/// Tables whose rows stay; those of the first as they were written. With their keys.
const KEPT: [Kept; 2] = [
    Kept { table: "support_asked", key: &["account_id", "request_id", "version"], whole: true },
    Kept { table: "support_grants", key: &["account_id", "id"], whole: false },
];

#[expect(elided_lifetimes_in_paths, reason = "the trait's macro has them elided")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        words::run(manager, &UP).await?;
        walls::raise(manager, &WALLS).await?;
        walls::keep_rows(manager, &KEPT).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        walls::drop_rows(manager, &KEPT).await?;
        walls::lower(manager, &WALLS).await?;
        words::run(manager, &DOWN).await
    }
}
