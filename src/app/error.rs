//! The one error of the use cases. Each edge renders every kind; public text and private cause are
//! kept apart.

use crate::authn::envelope::EnvelopeError;
use crate::domain::rights::faults::Fault as FieldFault;
use crate::domain::sso::faults::Fault;
use crate::scim::error::{Kind, ScimError};
use crate::store::StoreError;

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing of that id in the actor's scope.
    #[error("{0}")]
    NotFound(String),
    /// Policy refused.
    #[error("{reason}")]
    Denied {
        /// The rule.
        rule: &'static str,
        /// Why, and what would be right.
        reason: &'static str,
    },
    /// Nobody proved who calls.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// The request is wrong.
    #[error(transparent)]
    Invalid(ScimError),
    /// What was described cannot be so, for these reasons.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Faults(Vec<Fault>),
    /// The same for what gives rights, and to whom.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Fields(Vec<FieldFault>),
    /// A unique value is taken.
    #[error("{0}")]
    Conflict(String),
    /// The resource is no longer the one that `If-Match` names.
    #[error("the resource has changed: its version is now `{0}`")]
    Stale(String),
    /// More than the server takes.
    #[error("{0}")]
    TooLarge(String),
    /// Too many were asked for.
    #[error("too many were asked for; ask again in {seconds} s")]
    Wait {
        /// How long until the next one.
        seconds: u64,
    },
    /// Too much at once; later it may work.
    #[error("the server is busy; try again in a second")]
    Busy,
    /// Our fault; the cause is for the log.
    #[error("internal error")]
    Internal(#[source] StoreError),
}

impl From<ScimError> for Error {
    fn from(error: ScimError) -> Self {
        match error.kind {
            Kind::TooLarge => Self::TooLarge(error.detail),
            Kind::InvalidFilter
            | Kind::TooMany
            | Kind::Mutability
            | Kind::InvalidSyntax
            | Kind::InvalidPath
            | Kind::NoTarget
            | Kind::InvalidValue => Self::Invalid(error),
        }
    }
}

impl From<EnvelopeError> for Error {
    fn from(error: EnvelopeError) -> Self {
        match error {
            EnvelopeError::NoKey => Self::Denied {
                rule: "no-sealing-key",
                reason: "this server has no key to seal secrets with; its operator sets `secrets.keys`",
            },
            EnvelopeError::Closed => Self::Internal(StoreError::Inconsistent {
                table: "sealed",
                what: error.to_string(),
            }),
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken => Self::Conflict("a value that must be unique is taken".to_owned()),
            StoreError::Busy | StoreError::Moved => Self::Busy,
            StoreError::Inconsistent { .. } | StoreError::Database(_) => Self::Internal(error),
        }
    }
}
