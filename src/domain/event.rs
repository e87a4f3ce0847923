//! What happened, as the record keeps it: one activity per change and per denial.
//!
//! To add an event, add it here and give the [`Command`](crate::domain::command::Command) that
//! causes it. Activities hold ids and attribute names, never personal values.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::actor::Actor;
use crate::domain::ids::{AccountId, ActivityId};
use crate::domain::time::Timestamp;

/// The kinds of things that happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it, in the past tense")]
pub enum Event {
    UserCreated,
    UserReplaced,
    UserPatched,
    UserDeleted,
    GroupCreated,
    GroupReplaced,
    GroupPatched,
    GroupDeleted,
    AccountCreated,
    TokenIssued,
    TokenRevoked,
    SessionStarted,
    SessionSteppedUp,
    SessionEnded,
    SsoAdded,
    SsoChanged,
    SsoRemoved,
    DomainAdded,
    DomainRemoved,
    FactorDemanded,
    FactorNoLongerDemanded,
    IdentityLinked,
    IdentityUnlinked,
    FactorEnrolled,
    FactorRemoved,
    FactorsLocked,
    RecoveryCodesMade,
    RecoveryCodeUsed,
    BootstrapStarted,
    BootstrapLinksRenewed,
    BootstrapConfirmed,
    BootstrapCompleted,
    DemoSeeded,
    SigningKeyMade,
    SigningKeyRotated,
    SigningKeyRemoved,
    SecretsResealed,
    ProductKeyIssued,
    ProductKeyRevoked,
    AccessTokenRevoked,
    EnrolmentLinkIssued,
    InvitationSent,
    ResetSent,
    PasswordChosen,
    PasswordChanged,
    BundleCreated,
    BundleChanged,
    BundleDeleted,
    RoleCreated,
    RoleChanged,
    RoleDeleted,
    MappingCreated,
    MappingPaused,
    MappingResumed,
    MappingChanged,
    MappingDeleted,
    GrantGiven,
    GrantEnded,
    AccountMoved,
    AccountStateChanged,
    PermissionChanged,
    ConflictChanged,
    WorkspaceCreated,
    WorkspaceRenamed,
    WorkspaceClosed,
    PropertyDefined,
    PropertyChanged,
    PropertyRemoved,
}

/// Whether it was done or refused by policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// Policy refused it; the detail names the rule.
    Denied,
}

/// One line of an account's record.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// The account it belongs to.
    pub account: AccountId,
    /// Its id.
    pub id: ActivityId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub event: Event,
    /// Done or denied.
    pub outcome: Outcome,
    /// On what, if it has an id.
    pub target: Option<Uuid>,
    /// More, by event: counts, attribute names, the rule of a denial.
    pub detail: Option<Value>,
}

impl Event {
    /// The dotted name in the record.
    pub fn name(self) -> &'static str {
        match self {
            Self::UserCreated => "user.created",
            Self::UserReplaced => "user.replaced",
            Self::UserPatched => "user.patched",
            Self::UserDeleted => "user.deleted",
            Self::GroupCreated => "group.created",
            Self::GroupReplaced => "group.replaced",
            Self::GroupPatched => "group.patched",
            Self::GroupDeleted => "group.deleted",
            Self::AccountCreated => "account.created",
            Self::TokenIssued => "token.issued",
            Self::TokenRevoked => "token.revoked",
            Self::SessionStarted => "session.started",
            Self::SessionSteppedUp => "session.stepped_up",
            Self::SessionEnded => "session.ended",
            Self::SsoAdded => "sso.added",
            Self::SsoChanged => "sso.changed",
            Self::SsoRemoved => "sso.removed",
            Self::DomainAdded => "domain.added",
            Self::DomainRemoved => "domain.removed",
            Self::FactorDemanded => "account.second_factor_demanded",
            Self::FactorNoLongerDemanded => "account.second_factor_no_longer_demanded",
            Self::IdentityLinked => "identity.linked",
            Self::IdentityUnlinked => "identity.unlinked",
            Self::FactorEnrolled => "factor.enrolled",
            Self::FactorRemoved => "factor.removed",
            Self::FactorsLocked => "factors.locked",
            Self::RecoveryCodesMade => "recovery_codes.made",
            Self::RecoveryCodeUsed => "recovery_code.used",
            Self::BootstrapStarted => "bootstrap.started",
            Self::BootstrapLinksRenewed => "bootstrap.links_renewed",
            Self::BootstrapConfirmed => "bootstrap.confirmed",
            Self::BootstrapCompleted => "bootstrap.completed",
            Self::DemoSeeded => "demo.seeded",
            Self::SigningKeyMade => "signing_key.made",
            Self::SigningKeyRotated => "signing_key.rotated",
            Self::SigningKeyRemoved => "signing_key.removed",
            Self::SecretsResealed => "secrets.resealed",
            Self::ProductKeyIssued => "product_key.issued",
            Self::ProductKeyRevoked => "product_key.revoked",
            Self::AccessTokenRevoked => "access_token.revoked",
            Self::EnrolmentLinkIssued => "enrolment_link.issued",
            Self::InvitationSent => "invitation.sent",
            Self::ResetSent => "reset.sent",
            Self::PasswordChosen => "password.chosen",
            Self::PasswordChanged => "password.changed",
            Self::BundleCreated => "bundle.created",
            Self::BundleChanged => "bundle.changed",
            Self::BundleDeleted => "bundle.deleted",
            Self::RoleCreated => "role.created",
            Self::RoleChanged => "role.changed",
            Self::RoleDeleted => "role.deleted",
            Self::MappingCreated => "group_mapping.created",
            Self::MappingPaused => "group_mapping.paused",
            Self::MappingResumed => "group_mapping.resumed",
            Self::MappingChanged => "group_mapping.changed",
            Self::MappingDeleted => "group_mapping.deleted",
            Self::GrantGiven => "grant.given",
            Self::GrantEnded => "grant.ended",
            Self::AccountMoved => "account.moved",
            Self::AccountStateChanged => "account.state_changed",
            Self::PermissionChanged => "account.permission_changed",
            Self::ConflictChanged => "account.conflict_changed",
            Self::WorkspaceCreated => "workspace.created",
            Self::WorkspaceRenamed => "workspace.renamed",
            Self::WorkspaceClosed => "workspace.closed",
            Self::PropertyDefined => "property.defined",
            Self::PropertyChanged => "property.changed",
            Self::PropertyRemoved => "property.removed",
        }
    }

    /// The kind of thing it happened to.
    pub fn target_kind(self) -> &'static str {
        match self {
            Self::UserCreated
            | Self::UserReplaced
            | Self::UserPatched
            | Self::UserDeleted
            | Self::IdentityLinked
            | Self::IdentityUnlinked
            | Self::DemoSeeded
            | Self::EnrolmentLinkIssued
            | Self::InvitationSent
            | Self::ResetSent
            | Self::PasswordChosen
            | Self::PasswordChanged => "user",
            Self::GroupCreated | Self::GroupReplaced | Self::GroupPatched | Self::GroupDeleted => {
                "group"
            }
            Self::SsoAdded | Self::SsoChanged | Self::SsoRemoved => "sso",
            Self::AccountCreated
            | Self::DomainAdded
            | Self::DomainRemoved
            | Self::FactorDemanded
            | Self::FactorNoLongerDemanded
            | Self::BootstrapStarted
            | Self::BootstrapLinksRenewed
            | Self::BootstrapConfirmed
            | Self::BootstrapCompleted
            | Self::SecretsResealed
            | Self::AccountMoved
            | Self::AccountStateChanged
            | Self::PermissionChanged
            | Self::ConflictChanged => "account",
            Self::FactorEnrolled | Self::FactorRemoved => "factor",
            Self::FactorsLocked | Self::RecoveryCodesMade | Self::RecoveryCodeUsed => "person",
            Self::TokenIssued | Self::TokenRevoked => "token",
            Self::SessionStarted | Self::SessionSteppedUp | Self::SessionEnded => "session",
            Self::SigningKeyMade | Self::SigningKeyRotated | Self::SigningKeyRemoved => {
                "signing_key"
            }
            Self::ProductKeyIssued | Self::ProductKeyRevoked => "product_key",
            Self::AccessTokenRevoked => "access_token",
            Self::BundleCreated | Self::BundleChanged | Self::BundleDeleted => "bundle",
            Self::RoleCreated | Self::RoleChanged | Self::RoleDeleted => "role",
            Self::MappingCreated
            | Self::MappingPaused
            | Self::MappingResumed
            | Self::MappingChanged
            | Self::MappingDeleted => "group_mapping",
            Self::GrantGiven | Self::GrantEnded => "grant",
            Self::WorkspaceCreated | Self::WorkspaceRenamed | Self::WorkspaceClosed => "workspace",
            Self::PropertyDefined | Self::PropertyChanged | Self::PropertyRemoved => "property",
        }
    }
}

impl Outcome {
    /// The word in the record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Denied => "denied",
        }
    }
}

impl Activity {
    /// The activity as it is announced to whoever follows the record.
    pub fn announcement(&self) -> Value {
        json!({
            "at": self.at.rfc3339(),
            "action": self.event.name(),
            "outcome": self.outcome.as_str(),
            "actor": { "kind": self.actor.kind(), "id": self.actor.id() },
            "target": { "kind": self.event.target_kind(), "id": self.target },
            "detail": self.detail,
        })
    }
}
