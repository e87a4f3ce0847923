//! What happened, as the record keeps it: one activity per change and per denial.
//!
//! To add an event, add it here and give the [`Command`](crate::domain::command::Command) that
//! causes it. Activities hold ids and attribute names; personal values are kept beside them, in [`personal`].

pub mod canonical;
pub mod chain;
pub mod checkpoints;
pub mod listed;
pub mod ocsf;
pub mod origin;
pub mod personal;
pub mod proof;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::actor::Actor;
use crate::domain::event::canonical::{Hash, kept};
use crate::domain::event::origin::Origin;
use crate::domain::event::personal::Personal;
use crate::domain::ids::{AccountId, ActivityId};
use crate::domain::time::Timestamp;

macro_rules! events {
    ($($variant:ident = $name:literal of $kind:literal,)+) => {
        /// The kinds of things that happen.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the names say it, in the past tense")]
        pub enum Event {
            $($variant,)+
        }

        impl Event {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The dotted name in the record.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The kind of thing it happened to.
            pub fn target_kind(self) -> &'static str {
                match self {
                    $(Self::$variant => $kind,)+
                }
            }
        }
    };
}

// What happened, its dotted name in the record, and the kind of thing it happened to.
events! {
    UserCreated = "user.created" of "user",
    UserReplaced = "user.replaced" of "user",
    UserPatched = "user.patched" of "user",
    UserDeleted = "user.deleted" of "user",
    GroupCreated = "group.created" of "group",
    GroupReplaced = "group.replaced" of "group",
    GroupPatched = "group.patched" of "group",
    GroupDeleted = "group.deleted" of "group",
    AccountCreated = "account.created" of "account",
    TokenIssued = "token.issued" of "token",
    TokenRevoked = "token.revoked" of "token",
    SessionStarted = "session.started" of "session",
    SessionSteppedUp = "session.stepped_up" of "session",
    SessionEnded = "session.ended" of "session",
    SsoAdded = "sso.added" of "sso",
    SsoChanged = "sso.changed" of "sso",
    SsoRemoved = "sso.removed" of "sso",
    DomainAdded = "domain.added" of "account",
    DomainRemoved = "domain.removed" of "account",
    FactorDemanded = "account.second_factor_demanded" of "account",
    FactorNoLongerDemanded = "account.second_factor_no_longer_demanded" of "account",
    IdentityLinked = "identity.linked" of "user",
    IdentityUnlinked = "identity.unlinked" of "user",
    FactorEnrolled = "factor.enrolled" of "factor",
    FactorRemoved = "factor.removed" of "factor",
    FactorsLocked = "factors.locked" of "person",
    RecoveryCodesMade = "recovery_codes.made" of "person",
    RecoveryCodeUsed = "recovery_code.used" of "person",
    BootstrapStarted = "bootstrap.started" of "account",
    BootstrapLinksRenewed = "bootstrap.links_renewed" of "account",
    BootstrapConfirmed = "bootstrap.confirmed" of "account",
    BootstrapCompleted = "bootstrap.completed" of "account",
    DemoSeeded = "demo.seeded" of "user",
    SigningKeyMade = "signing_key.made" of "signing_key",
    SigningKeyRotated = "signing_key.rotated" of "signing_key",
    SigningKeyRemoved = "signing_key.removed" of "signing_key",
    SecretsResealed = "secrets.resealed" of "account",
    ProductKeyIssued = "product_key.issued" of "product_key",
    ProductKeyRevoked = "product_key.revoked" of "product_key",
    AccessTokenRevoked = "access_token.revoked" of "access_token",
    EnrolmentLinkIssued = "enrolment_link.issued" of "user",
    InvitationSent = "invitation.sent" of "user",
    ResetSent = "reset.sent" of "user",
    PasswordMailSent = "password_mail.sent" of "user",
    InitialPasswordUsed = "initial_password.used" of "user",
    PasswordChosen = "password.chosen" of "user",
    PasswordChanged = "password.changed" of "user",
    CatalogueActivated = "catalogue.activated" of "catalogue",
    BundleCreated = "bundle.created" of "bundle",
    BundleChanged = "bundle.changed" of "bundle",
    BundleDeleted = "bundle.deleted" of "bundle",
    RoleCreated = "role.created" of "role",
    RoleChanged = "role.changed" of "role",
    RoleDeleted = "role.deleted" of "role",
    MappingCreated = "group_mapping.created" of "group_mapping",
    MappingPaused = "group_mapping.paused" of "group_mapping",
    MappingResumed = "group_mapping.resumed" of "group_mapping",
    MappingChanged = "group_mapping.changed" of "group_mapping",
    MappingDeleted = "group_mapping.deleted" of "group_mapping",
    GrantGiven = "grant.given" of "grant",
    GrantEnded = "grant.ended" of "grant",
    ApprovalRequested = "approval.requested" of "approval_request",
    ApprovalSigned = "approval.signed" of "approval_request",
    ApprovalDenied = "approval.denied" of "approval_request",
    ApprovalCancelled = "approval.cancelled" of "approval_request",
    ApprovalExecuted = "approval.executed" of "approval_request",
    ApprovalExpired = "approval.expired" of "approval_request",
    ApprovalBlocked = "approval.blocked" of "approval_request",
    AccountMoved = "account.moved" of "account",
    AccountStateChanged = "account.state_changed" of "account",
    PermissionChanged = "account.permission_changed" of "account",
    ConflictChanged = "account.conflict_changed" of "account",
    WorkspaceCreated = "workspace.created" of "workspace",
    WorkspaceRenamed = "workspace.renamed" of "workspace",
    WorkspaceClosed = "workspace.closed" of "workspace",
    LanguageChosen = "user.language_chosen" of "user",
    PropertyDefined = "property.defined" of "property",
    PropertyChanged = "property.changed" of "property",
    PropertyRemoved = "property.removed" of "property",
    PersonalDataErased = "personal_data.erased" of "user",
    CheckpointKeyMade = "checkpoint_key.made" of "checkpoint_key",
    SupportFunctionGiven = "support_function.given" of "support_function",
    SupportFunctionEnded = "support_function.ended" of "support_function",
    CsdDelegated = "csd_delegation.made" of "csd_delegation",
    CsdDelegationEnded = "csd_delegation.ended" of "csd_delegation",
    BackgroundCheckNoted = "background_check.noted" of "user",
    SupportModeChanged = "account.support_mode_changed" of "account",
    SupportBegun = "support_grant.begun" of "support_grant",
    SupportRemoved = "support_grant.removed" of "support_grant",
    SupportEnded = "support_grant.ended" of "support_grant",
    AdministratorGained = "administrator.gained" of "user",
    AdministratorLost = "administrator.lost" of "user",
    RecoveryBegun = "account.recovery_begun" of "account",
    RecoveryEnded = "account.recovery_ended" of "account",
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
    /// Under which version of the policy it was decided.
    pub policy_version: &'static str,
    /// From where. The address is kept beside the record.
    pub origin: Origin,
    /// What was, and what it became; kept beside the record.
    pub change: Change,
    /// What keeps the commitment to what is kept beside it from being guessed.
    pub salt: Hash,
}

/// What a change changed: values by the names of attributes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Change {
    /// What was.
    pub before: Option<Value>,
    /// What it became.
    pub after: Option<Value>,
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

impl Change {
    /// What was and what it became; null or an empty object says nothing.
    pub fn between(before: &Value, after: &Value) -> Self {
        let is_said = |value: &Value| !value.is_null() && *value != json!({});
        let side = |value: &Value| is_said(value).then(|| kept(value));
        Self { before: side(before), after: side(after) }
    }
}

impl Activity {
    /// The same, on that.
    #[must_use]
    pub fn on(self, target: Uuid) -> Self {
        Self { target: Some(target), ..self }
    }

    /// The same, saying more.
    #[must_use]
    pub fn saying(self, detail: Value) -> Self {
        Self { detail: Some(detail), ..self }
    }

    /// What of it is kept beside the record.
    pub fn personal(&self) -> Option<Personal> {
        Personal::of(self.salt, self.origin.ip.as_deref(), &self.change)
    }

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
