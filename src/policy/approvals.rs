//! What the rules on approval requests rest on; the rules are `src/policy/core/approvals.cedar`.

/// Rules that refuse because of what a request is, not of who asks: whoever knows it better asks again.
pub const CONFLICTS: [&str; 4] =
    ["request-settled", "request-expired", "content-changed", "one-vote-per-person"];

/// What is known of a request and of whoever votes on it or asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that a rule reads")]
pub struct Signing {
    /// Whether the asker may sign in that account at all.
    pub is_approver: bool,
    /// Whether they are, or may be, whoever asked.
    pub is_requester: bool,
    /// Whether they gain by it, by any of their users.
    pub is_beneficiary: bool,
    /// Whether whoever asked made their user lately.
    pub is_made_by_requester: bool,
    /// Whether they may sign since after it was asked.
    pub is_newer: bool,
    /// Whether they may sign since a short time only.
    pub is_cooling_off: bool,
    /// Whether the request waits.
    pub waits: bool,
    /// Whether its time is over.
    pub is_late: bool,
    /// Whether they saw what it says.
    pub is_seen: bool,
    /// Whether they voted before.
    pub has_voted: bool,
    /// Of what is asked for: whether somebody could sign it.
    pub has_approver: bool,
}
