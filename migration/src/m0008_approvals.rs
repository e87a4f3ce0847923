//! Approvals: what waits for a second person, who signed it, and what became effective by that.
//!
//! The third wall (POLICY.md §1): whatever the program says, these tables take no vote of somebody who asked,
//! gains or is excluded, no second vote of one person, no end of a request that its votes do not carry, and
//! nothing effective without all of that. What was asked, who may not sign and who signed stays as it was
//! written (DECISIONS.md 13, 16). Tables first; the walls are [`walls`](crate::walls).

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::walls::{Kept, Wall};
use crate::{walls, words};

/// See the module's page.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 9] = [
    "CREATE TABLE approval_requests (
        account_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        kind {text} NOT NULL CHECK (kind IN ('rights', 'support')),
        subject_id {uuid} NOT NULL,
        state {text} NOT NULL CHECK (state IN ('pending', 'approved', 'executed', 'denied',
            'cancelled', 'expired', 'superseded', 'blocked')),
        required BIGINT NOT NULL CHECK (required >= 1),
        version BIGINT NOT NULL CHECK (version >= 1),
        policy_version {text} NOT NULL,
        reason {text} NOT NULL CHECK (octet_length(reason) <= 4096),
        requester_kind {text} NOT NULL,
        requester_id {uuid},
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        settled_at BIGINT,
        settled_why {text},
        PRIMARY KEY (account_id, id))",
    // One that is open for one thing.
    "CREATE UNIQUE INDEX approval_requests_open ON approval_requests (account_id, kind, subject_id)
        WHERE state IN ('pending', 'approved')",
    "CREATE INDEX approval_requests_due ON approval_requests (expires_at)
        WHERE state IN ('pending', 'approved')",
    // What exactly is asked: another text is another version, which nobody has signed yet.
    "CREATE TABLE approval_versions (
        account_id {uuid} NOT NULL,
        request_id {uuid} NOT NULL,
        version BIGINT NOT NULL,
        digest {bytes} NOT NULL,
        requester_person {uuid},
        payload TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, request_id, version),
        UNIQUE (account_id, request_id, version, digest),
        FOREIGN KEY (account_id, request_id) REFERENCES approval_requests (account_id, id))",
    // Who may not sign it, and why.
    "CREATE TABLE approval_excluded (
        account_id {uuid} NOT NULL,
        request_id {uuid} NOT NULL,
        version BIGINT NOT NULL,
        person_id {uuid} NOT NULL,
        why {text} NOT NULL CHECK (why IN ('requester', 'contributor', 'beneficiary', 'controller')),
        PRIMARY KEY (account_id, request_id, version, person_id),
        FOREIGN KEY (account_id, request_id, version)
            REFERENCES approval_versions (account_id, request_id, version))",
    // Rights of users that it is about. `basis`: since when all links of the path have stood.
    "CREATE TABLE approval_items (
        account_id {uuid} NOT NULL,
        request_id {uuid} NOT NULL,
        version BIGINT NOT NULL,
        user_id {uuid} NOT NULL,
        right_key {text} NOT NULL,
        basis BIGINT NOT NULL,
        PRIMARY KEY (account_id, request_id, version, user_id, right_key),
        FOREIGN KEY (account_id, request_id, version)
            REFERENCES approval_versions (account_id, request_id, version))",
    // One vote of one person, of the text that they saw.
    "CREATE TABLE approval_votes (
        account_id {uuid} NOT NULL,
        request_id {uuid} NOT NULL,
        version BIGINT NOT NULL,
        digest {bytes} NOT NULL,
        person_id {uuid} NOT NULL,
        voter_account {uuid} NOT NULL,
        voter_id {uuid} NOT NULL,
        decision {text} NOT NULL CHECK (decision IN ('approve', 'deny')),
        second_factor_at BIGINT NOT NULL,
        session_id {uuid} NOT NULL,
        comment {text} NOT NULL CHECK (octet_length(comment) <= 4096),
        voted_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, request_id, version, person_id),
        FOREIGN KEY (account_id, request_id, version, digest)
            REFERENCES approval_versions (account_id, request_id, version, digest))",
    // What is effective though privileged: of one user, by one mapping or grant, one right.
    "CREATE TABLE approved_rights (
        account_id {uuid} NOT NULL,
        user_id {uuid} NOT NULL,
        source_id {uuid} NOT NULL,
        right_key {text} NOT NULL,
        valid_to BIGINT NOT NULL,
        valid_from BIGINT NOT NULL,
        basis BIGINT NOT NULL,
        request_id {uuid} NOT NULL,
        version BIGINT NOT NULL,
        PRIMARY KEY (account_id, user_id, source_id, right_key, valid_to),
        FOREIGN KEY (account_id, request_id, version, user_id, right_key)
            REFERENCES approval_items (account_id, request_id, version, user_id, right_key))",
    "CREATE INDEX approved_rights_by_source ON approved_rights (account_id, source_id, valid_to)",
];

const DOWN: [&str; 6] = [
    "DROP TABLE approved_rights",
    "DROP TABLE approval_votes",
    "DROP TABLE approval_items",
    "DROP TABLE approval_excluded",
    "DROP TABLE approval_versions",
    "DROP TABLE approval_requests",
];

/// What the walls refuse, in words that both databases understand.
const WALLS: [Wall; 6] = [
    Wall {
        name: "approval_requests_begin",
        before: "INSERT ON approval_requests",
        refuses: "NEW.state <> 'pending' OR NEW.version <> 1",
        saying: "a request begins pending, with its first version",
    },
    Wall {
        name: "approval_requests_keep",
        before: "UPDATE ON approval_requests",
        refuses: "NEW.account_id <> OLD.account_id OR NEW.id <> OLD.id OR NEW.kind <> OLD.kind
            OR NEW.subject_id <> OLD.subject_id OR NEW.required <> OLD.required
            OR NEW.requester_kind <> OLD.requester_kind OR NEW.created_at <> OLD.created_at
            OR COALESCE(NEW.requester_id <> OLD.requester_id, (NEW.requester_id IS NULL)
                <> (OLD.requester_id IS NULL))
            OR NEW.expires_at > OLD.expires_at OR NEW.version < OLD.version
            OR (NEW.version > OLD.version AND OLD.state <> 'pending')",
        saying: "of a request nothing changes but its state, and its version while it waits",
    },
    Wall {
        name: "approval_requests_settle",
        before: "UPDATE ON approval_requests",
        refuses: "OLD.state NOT IN ('pending', 'approved')
            OR (OLD.state = 'approved' AND NEW.state = 'pending')
            OR (NEW.state = 'executed' AND OLD.state <> 'approved')
            OR (NEW.state IN ('approved', 'executed') AND (
                (SELECT COUNT(*) FROM approval_votes v WHERE v.account_id = NEW.account_id
                    AND v.request_id = NEW.id AND v.version = NEW.version
                    AND v.decision = 'approve') < NEW.required
                OR EXISTS (SELECT 1 FROM approval_votes v WHERE v.account_id = NEW.account_id
                    AND v.request_id = NEW.id AND v.version = NEW.version
                    AND v.decision = 'deny')))",
        saying: "a request is approved by enough votes and no denial, and settled once",
    },
    Wall {
        name: "approval_votes_entitled",
        before: "INSERT ON approval_votes",
        refuses: "NOT EXISTS (SELECT 1 FROM approval_requests r WHERE r.account_id = NEW.account_id
                AND r.id = NEW.request_id AND r.state = 'pending' AND r.version = NEW.version
                AND r.expires_at > NEW.voted_at)
            OR NOT EXISTS (SELECT 1 FROM user_persons p WHERE p.account_id = NEW.voter_account
                AND p.user_id = NEW.voter_id AND p.person_id = NEW.person_id)
            OR EXISTS (SELECT 1 FROM approval_excluded x WHERE x.account_id = NEW.account_id
                AND x.request_id = NEW.request_id AND x.version = NEW.version
                AND x.person_id = NEW.person_id)
            OR EXISTS (SELECT 1 FROM approval_versions o WHERE o.account_id = NEW.account_id
                AND o.request_id = NEW.request_id AND o.requester_person = NEW.person_id)
            OR EXISTS (SELECT 1 FROM approval_items i JOIN user_persons p
                ON p.account_id = i.account_id AND p.user_id = i.user_id
                WHERE i.account_id = NEW.account_id AND i.request_id = NEW.request_id
                AND i.version = NEW.version AND p.person_id = NEW.person_id)",
        saying: "nobody signs what they asked for or gain by, nor what does not wait",
    },
    Wall {
        name: "approved_rights_lineage",
        before: "INSERT ON approved_rights",
        refuses: "NEW.valid_to <> 9223372036854775807
            OR NOT EXISTS (SELECT 1 FROM approval_requests r JOIN approval_items i
                ON i.account_id = r.account_id AND i.request_id = r.id AND i.version = r.version
                WHERE r.account_id = NEW.account_id AND r.id = NEW.request_id
                AND r.kind = 'rights' AND r.state = 'approved' AND r.version = NEW.version
                AND r.subject_id = NEW.source_id AND i.user_id = NEW.user_id
                AND i.right_key = NEW.right_key AND i.basis = NEW.basis)",
        saying: "nothing privileged becomes effective without its approved request",
    },
    Wall {
        name: "approved_rights_end",
        before: "UPDATE ON approved_rights",
        refuses: "OLD.valid_to <> 9223372036854775807 OR NEW.valid_to >= OLD.valid_to
            OR NEW.account_id <> OLD.account_id OR NEW.user_id <> OLD.user_id
            OR NEW.source_id <> OLD.source_id OR NEW.right_key <> OLD.right_key
            OR NEW.valid_from <> OLD.valid_from OR NEW.basis <> OLD.basis
            OR NEW.request_id <> OLD.request_id OR NEW.version <> OLD.version",
        saying: "what was approved only ends",
    },
];

/// Tables whose rows stay; those of the first list as they were written. With their keys.
const KEPT: [Kept; 6] = [
    Kept { table: "approval_versions", key: &["account_id", "request_id", "version"], whole: true },
    Kept {
        table: "approval_excluded",
        key: &["account_id", "request_id", "version", "person_id"],
        whole: true,
    },
    Kept {
        table: "approval_items",
        key: &["account_id", "request_id", "version", "user_id", "right_key"],
        whole: true,
    },
    Kept {
        table: "approval_votes",
        key: &["account_id", "request_id", "version", "person_id"],
        whole: true,
    },
    Kept { table: "approval_requests", key: &["account_id", "id"], whole: false },
    Kept {
        table: "approved_rights",
        key: &["account_id", "user_id", "source_id", "right_key", "valid_to"],
        whole: false,
    },
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
