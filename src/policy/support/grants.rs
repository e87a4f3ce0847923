//! What the rules on letting support users in and out rest on; the rules are `src/policy/core/letting.cedar`.

use crate::domain::account::SupportMode;
use crate::domain::persons::support::Lack;
use crate::domain::rights::approvals::Verdict;

/// What is known of letting somebody in, of who asks, and of who is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that a rule reads")]
pub struct Letting {
    /// Whether the account is a customer's.
    pub is_customers: bool,
    /// Whom it lets in; of a request, the tighter of then and now.
    pub mode: SupportMode,
    /// Whether the asker is the account's customer success manager.
    pub is_own_csm: bool,
    /// Whether the asker is, or may be, the one to let in.
    pub is_target: bool,
    /// What the one to let in lacks.
    pub lacks: Vec<Lack>,
    /// Whether the bundle holds what no support user may.
    pub administers: bool,
    /// Of a request: whether an administrator asked.
    pub by_customer: bool,
    /// Of a vote: whether it would be an administrator's.
    pub as_customer: bool,
    /// Of a vote: whether it could be cast only in the place of whoever asked.
    pub is_own_delegate: bool,
}

impl Letting {
    /// What was not read speaks against it.
    pub(in crate::policy) const UNREAD: Self = Self {
        is_customers: false,
        mode: SupportMode::Closed,
        is_own_csm: false,
        is_target: true,
        lacks: vec![],
        administers: true,
        by_customer: false,
        as_customer: false,
        is_own_delegate: false,
    };
}

impl Default for Letting {
    fn default() -> Self {
        Self::UNREAD
    }
}

/// Whether a mode keeps somebody from signing who is no administrator, where none asked (W11).
pub fn may_sign(mode: SupportMode, by_customer: bool, as_customer: bool) -> bool {
    match mode {
        SupportMode::TwoPerson => true,
        SupportMode::CustomerApproval => by_customer || as_customer,
        SupportMode::Closed => false,
    }
}

impl Verdict {
    /// The word in the schema.
    pub(in crate::policy) const fn word(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Deny => "deny",
        }
    }
}
