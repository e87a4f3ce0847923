//! What a SCIM request can get wrong, in the words of RFC 7644 §3.12.
//!
//! The engine names the kind; the edge (`http/scim/error.rs`) names the HTTP status.

use std::fmt;

/// The `scimType` of RFC 7644 §3.12, table 9. `TooLarge` has no scimType there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The filter does not parse, or compares what cannot be compared.
    InvalidFilter,
    /// The filter yields more results than the server will work through.
    TooMany,
    /// The attribute is read-only or immutable.
    Mutability,
    /// The body is not what the request needs (JSON, shape, required member).
    InvalidSyntax,
    /// The PATCH path does not parse, or names nothing.
    InvalidPath,
    /// The PATCH path yields nothing to operate on.
    NoTarget,
    /// A value is missing, of the wrong type, or not allowed.
    InvalidValue,
    /// More operations or bytes than the server takes.
    TooLarge,
}

/// A refused request: what was wrong and what would be right, in words that may be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ScimError {
    /// The kind, from which the edge derives status and `scimType`.
    pub kind: Kind,
    /// The sentence the client reads.
    pub detail: String,
}

/// Result of the engine's fallible functions.
pub type Result<T> = std::result::Result<T, ScimError>;

impl ScimError {
    /// A refusal of the given kind.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }

    /// Shorthand for the commonest refusal, a value that does not fit.
    pub fn value(detail: impl Into<String>) -> Self {
        Self::new(Kind::InvalidValue, detail)
    }
}

impl Kind {
    /// The `scimType` keyword, where RFC 7644 has one.
    pub fn keyword(self) -> Option<&'static str> {
        match self {
            Self::InvalidFilter => Some("invalidFilter"),
            Self::TooMany => Some("tooMany"),
            Self::Mutability => Some("mutability"),
            Self::InvalidSyntax => Some("invalidSyntax"),
            Self::InvalidPath => Some("invalidPath"),
            Self::NoTarget => Some("noTarget"),
            Self::InvalidValue => Some("invalidValue"),
            Self::TooLarge => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.keyword().unwrap_or("tooLarge"))
    }
}
