//! Filters of RFC 7644 §3.4.2.2: parsed, resolved against the schemas, type-checked.
//!
//! The grammar is `scim_v2`'s. Before it stand our limits and `normalise`, which also accepts what
//! identity providers really send; behind it stands `resolve`. What [`parse`] returns means the
//! same to [`eval()`], the reference, and to the SQL of the store:
//!
//! - Texts are compared as [`crate::scim::fold`] folds them, byte by byte.
//! - A multi-valued attribute compares true if any of its values does.
//! - `ne` is "not `eq`", so it is true where there is no value; `eq null` is "not present".
//! - Present is what is neither null, `""`, `[]` nor `{}`; a list, if one of its elements is.
//! - A complex attribute compares by its sub-attribute `value`, if it has one.
//! - An attribute that no schema knows has no value ([`Filter::Never`]).
//! - `emails[type eq "work"].value ne "x"`: no work address is x (the path is a list of values).
//! - A single-valued complex attribute with a value filter counts as a list of one.
//! - An extension is present if one of its attributes is.
//!
//! INVARIANT: a tree is at most as deep as the parser allows (64), so recursion over it is safe.

use crate::scim::error::{Kind, Result, ScimError};
use crate::scim::path::Path;
use crate::scim::preset::Preset;
use crate::scim::schema::{Attribute, ResourceKind};
use crate::scim::value::shown;

mod eval;
mod literal;
mod normalise;
mod resolve;

pub use eval::{eval, eval_element};
pub(crate) use resolve::ElementText;

/// Longest filter taken, in bytes.
pub const MAX_FILTER_BYTES: usize = 8 * 1024;
/// Deepest nesting of `(`, `[` and `not` taken.
pub const MAX_DEPTH: usize = 32;
/// Most attribute expressions in one filter.
pub const MAX_TERMS: usize = 200;

/// A condition on a resource.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Every one holds.
    All(Vec<Filter>),
    /// At least one holds.
    Any(Vec<Filter>),
    /// The condition does not hold.
    Not(Box<Filter>),
    /// Holds for no resource: the attribute is unknown and so has no value.
    Never,
    /// There is a value at the path.
    Present(Path),
    /// A value at the path compares true with the literal.
    Compare(Path, Op, Literal),
    /// One element of the complex attribute (the path has no `sub`) meets the condition.
    Element(Path, Box<ElementFilter>),
}

/// A condition on one element of a complex attribute.
#[derive(Debug, Clone)]
pub enum ElementFilter {
    /// Every one holds.
    All(Vec<ElementFilter>),
    /// At least one holds.
    Any(Vec<ElementFilter>),
    /// The condition does not hold.
    Not(Box<ElementFilter>),
    /// Holds for no element: the sub-attribute is unknown.
    Never,
    /// The sub-attribute has a value.
    Present(&'static Attribute),
    /// The sub-attribute compares true with the literal.
    Compare(&'static Attribute, Op, Literal),
}

/// How two values are compared; `ne` is expressed by `Not`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Equal.
    Eq,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater than.
    Gt,
    /// Greater than or equal to.
    Ge,
    /// Less than.
    Lt,
    /// Less than or equal to.
    Le,
}

/// What an attribute is compared with, of the attribute's type.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// A text as [`crate::scim::fold::literal`] folds it for the attribute.
    Text(String),
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(f64),
}

/// Parses a filter over resources of one type; `+` and percent signs are decoded already.
///
/// # Errors
/// `invalidFilter` on a syntax error, more than [`MAX_FILTER_BYTES`], [`MAX_DEPTH`] or
/// [`MAX_TERMS`], a literal or operator that does not fit the attribute's type, and an attribute
/// that is never returned (a filter on it would tell its value). [`Preset::Rfc`] also refuses
/// literals without quotes, texts where booleans belong, and a sub-attribute behind `]`.
pub fn parse(kind: ResourceKind, text: &str, preset: Preset) -> Result<Filter> {
    resolve::filter(kind, text, preset)
}

impl PartialEq for ElementFilter {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All(a), Self::All(b)) | (Self::Any(a), Self::Any(b)) => a == b,
            (Self::Not(a), Self::Not(b)) => a == b,
            (Self::Never, Self::Never) => true,
            (Self::Present(a), Self::Present(b)) => std::ptr::eq(*a, *b),
            (Self::Compare(a, op_a, lit_a), Self::Compare(b, op_b, lit_b)) => {
                std::ptr::eq(*a, *b) && op_a == op_b && lit_a == lit_b
            }
            (
                Self::All(_)
                | Self::Any(_)
                | Self::Not(_)
                | Self::Never
                | Self::Present(_)
                | Self::Compare(..),
                _,
            ) => false,
        }
    }
}

impl Op {
    /// The operator as RFC 7644 writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }
}

/// Whether a name that resolves to nothing is at least written as RFC 7644 §3.4.2.2 asks:
/// `[urn:…:]name[.sub]`, each part a letter followed by letters, digits, `-`, `_`; `$ref` too.
pub(crate) fn is_name(text: &str) -> bool {
    let is_char = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let is_part = |part: &str| {
        let part = part.strip_prefix('$').unwrap_or(part);
        part.starts_with(|c: char| c.is_ascii_alphabetic()) && part.chars().all(is_char)
    };
    let (urn, name) = text.rsplit_once(':').unwrap_or(("", text));
    let (name, sub) = name.split_once('.').map_or((name, None), |(name, sub)| (name, Some(sub)));
    let is_urn_char = |c: char| c.is_ascii_graphic() && !"\"()[]".contains(c);
    urn.chars().all(is_urn_char) && is_part(name) && sub.is_none_or(is_part)
}

fn refuse(detail: impl Into<String>) -> ScimError {
    ScimError::new(Kind::InvalidFilter, detail)
}

/// Refuses `found` where `expected` belongs; an empty rest means that the filter ended.
fn unexpected(expected: &str, found: &str) -> ScimError {
    if found.is_empty() {
        return refuse(format!("the filter ends where {expected} was expected"));
    }
    refuse(format!("the filter has {} where {expected} was expected", shown(found)))
}

#[cfg(test)]
mod tests;
