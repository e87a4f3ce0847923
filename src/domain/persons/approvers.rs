//! The first approvers (DECISIONS.md 1): two of the operator's staff who confirm each other, once.

use crate::domain::factors::Factors;
use crate::domain::ids::{AccountId, PersonId, ResourceId};
use crate::domain::rights::Right;
use crate::domain::time::Timestamp;

/// The right to administer users, given to both.
pub const USERS_ADMINISTER: &str = Right::UsersAdminister.as_str();
/// The support function CSD, kept as a seed grant until functions have their table.
pub const FUNCTION_CSD: &str = "function:csd";
/// The same of the function PSM, who signs as a CSD does (DECISIONS.md 2).
pub const FUNCTION_PSM: &str = "function:psm";

/// A bootstrap under way, or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bootstrap {
    /// The operator's account.
    pub account: AccountId,
    /// The two users.
    pub users: [ResourceId; 2],
    /// When each of them confirmed the other.
    pub confirmed_at: [Option<Timestamp>; 2],
    /// When it was complete.
    pub completed_at: Option<Timestamp>,
}

/// One of the two, as far as they have come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approver {
    /// The user.
    pub user: ResourceId,
    /// `userName`.
    pub user_name: String,
    /// What people call them.
    pub display_name: String,
    /// The person, once they signed in.
    pub person: Option<PersonId>,
    /// Their second factors.
    pub factors: Factors,
    /// When they confirmed the other.
    pub confirmed_at: Option<Timestamp>,
}

impl Bootstrap {
    /// Which of the two a user is, and which the other.
    pub fn sides(&self, user: ResourceId) -> Option<(usize, usize)> {
        let own = self.users.iter().position(|one| *one == user)?;
        Some((own, 1 - own))
    }
}
