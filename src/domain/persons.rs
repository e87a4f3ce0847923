//! Persons: one human behind one or several users (DECISIONS.md 6).
//!
//! Two users are the same person *to inherit* (links, second factors, history) if the same provider
//! calls both by the same subject, (issuer, subject), or if the operator linked both to one of its own
//! staff; nothing else makes them so, and above all no e-mail address. A link that was taken away says so
//! still: its subject is the same person when it comes again, and its user is none until then. Whether two are the same person
//! *to refuse* (separation of duties) is asked more broadly, in [`sameness`].
//!
//! A user becomes a person at their first sign-in. A link of (issuer, subject) to a user is frozen:
//! what SCIM changes afterwards, `externalId` and addresses included, moves no sign-in (DECISIONS.md 7).

pub mod approvers;
pub mod sameness;
pub mod support;

use crate::domain::ids::{AccountId, PersonId, ResourceId, SsoId};
use crate::domain::time::Timestamp;

/// What an OIDC provider calls somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The provider's issuer identifier, byte for byte.
    pub issuer: String,
    /// The `sub` there, byte for byte.
    pub subject: String,
}

/// A link of a subject to a user of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The account.
    pub account: AccountId,
    /// What the provider calls them.
    pub subject: Subject,
    /// The user.
    pub user: ResourceId,
    /// The person.
    pub person: PersonId,
    /// The SSO connection by which they first came.
    pub sso: SsoId,
    /// When that was.
    pub linked_at: Timestamp,
}
