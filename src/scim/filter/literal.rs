//! What an attribute can be compared with, and how.

use serde_json::Value;

use crate::scim::error::{Result, ScimError};
use crate::scim::filter::normalise::Raw;
use crate::scim::filter::resolve::incomparable;
use crate::scim::filter::{Literal, Op, refuse};
use crate::scim::fold;
use crate::scim::preset::Preset;
use crate::scim::schema::{Attribute, Type};
use crate::scim::value::shown;

/// Refuses an operator that means nothing for the attribute's type (RFC 7644 §3.4.2.2, table 3).
pub(super) fn check_operator(leaf: &Attribute, op: Op) -> Result<()> {
    let (has_order, allowed) = match leaf.kind {
        Type::String | Type::Reference => return Ok(()),
        Type::Complex => return Err(incomparable(&leaf.name)),
        Type::Boolean | Type::Binary => (false, "eq, ne and pr"),
        Type::DateTime | Type::Integer | Type::Decimal => (true, "eq, ne, gt, ge, lt, le and pr"),
    };
    let is_allowed = match op {
        Op::Eq => true,
        Op::Gt | Op::Ge | Op::Lt | Op::Le => has_order,
        Op::Co | Op::Sw | Op::Ew => false,
    };
    if is_allowed {
        return Ok(());
    }
    Err(refuse(format!("`{}` takes {allowed}, not {}", leaf.name, op.as_str())))
}

/// The literal in the attribute's type.
///
/// # Errors
/// `invalidFilter`, saying what would be right.
pub(super) fn typed(leaf: &Attribute, raw: &Raw, preset: Preset) -> Result<Literal> {
    let fitting = match (leaf.kind, raw) {
        (Type::Boolean, Raw::Bare(text)) => parse_bool(text).map(Literal::Bool),
        (Type::Boolean, Raw::Quoted(text)) if !preset.is_strict() => {
            parse_bool(text).map(Literal::Bool)
        }
        (Type::Integer | Type::Decimal, Raw::Bare(text)) => parse_number(text),
        (Type::Integer | Type::Decimal, Raw::Quoted(text)) if !preset.is_strict() => {
            parse_number(text)
        }
        (Type::DateTime, Raw::Quoted(text)) => fold::date_time(text).map(Literal::Text),
        (Type::DateTime, Raw::Bare(text)) if !preset.is_strict() => {
            fold::date_time(text).map(Literal::Text)
        }
        (Type::String | Type::Reference | Type::Binary, Raw::Quoted(text)) => {
            Some(Literal::Text(fold::literal(leaf, text)))
        }
        (Type::String | Type::Reference | Type::Binary, Raw::Bare(text))
            if !preset.is_strict() && parse_bool(text).is_none() =>
        {
            Some(Literal::Text(fold::literal(leaf, text)))
        }
        (
            Type::String
            | Type::Reference
            | Type::Binary
            | Type::Boolean
            | Type::Integer
            | Type::Decimal
            | Type::DateTime
            | Type::Complex,
            Raw::Null | Raw::Quoted(_) | Raw::Bare(_),
        ) => None,
    };
    fitting.ok_or_else(|| wrong_literal(leaf, raw))
}

/// The literal as a value of the attribute, texts as written; `None` if it does not fit.
pub(super) fn as_value(sub: &Attribute, raw: &Raw, preset: Preset) -> Option<Value> {
    match (typed(sub, raw, preset).ok()?, raw) {
        (Literal::Bool(boolean), _) => Some(Value::Bool(boolean)),
        (Literal::Number(_), Raw::Bare(text) | Raw::Quoted(text)) => {
            serde_json::from_str(text).ok()
        }
        (Literal::Text(_), Raw::Bare(text) | Raw::Quoted(text)) => {
            Some(Value::String(text.clone()))
        }
        (Literal::Text(_) | Literal::Number(_), Raw::Null) => None,
    }
}

fn parse_bool(text: &str) -> Option<bool> {
    [true, false].into_iter().find(|boolean| text.eq_ignore_ascii_case(&boolean.to_string()))
}

fn parse_number(text: &str) -> Option<Literal> {
    let number: serde_json::Number = serde_json::from_str(text).ok()?;
    number.as_f64().map(Literal::Number)
}

fn wrong_literal(leaf: &Attribute, raw: &Raw) -> ScimError {
    let found = match raw {
        Raw::Null => "null".to_owned(),
        Raw::Quoted(text) => format!("the text {}", shown(text)),
        Raw::Bare(text) => shown(text),
    };
    let expected = match leaf.kind {
        Type::Boolean => "true or false",
        Type::Integer | Type::Decimal => "a number",
        Type::DateTime => "a date and time such as \"2026-01-31T12:00:00Z\"",
        Type::String | Type::Reference | Type::Binary | Type::Complex => "a text in double quotes",
    };
    refuse(format!("`{}` is compared with {expected}, not {found}", leaf.name))
}

#[cfg(test)]
mod tests;
