//! Values that are neither lists nor objects.

use serde_json::Value;

use crate::scim::error::{Result, ScimError};
use crate::scim::fold;
use crate::scim::preset::Preset;
use crate::scim::schema::{Attribute, Type};
use crate::scim::value::{MAX_TEXT_BYTES, Notes, shown, wrong_type};

/// Integers above this are no longer exact once a JSON number has been read as a float.
const MAX_EXACT_FLOAT: f64 = 9_007_199_254_740_992.0;

/// Takes true or false, and their texts in any case.
pub(super) fn coerce_boolean(
    attribute: &Attribute,
    value: Value,
    preset: Preset,
    notes: &mut Notes,
) -> Result<Value> {
    if value.is_boolean() {
        return Ok(value);
    }
    let text = value.as_str().filter(|_| !preset.is_strict());
    let Some(boolean) = text.and_then(parse_boolean) else {
        return Err(wrong_type(attribute, "true or false", &value));
    };
    notes.coerced += 1;
    Ok(Value::Bool(boolean))
}

/// Takes a number, and its text.
pub(super) fn coerce_number(
    attribute: &Attribute,
    value: Value,
    preset: Preset,
    notes: &mut Notes,
) -> Result<Value> {
    let integral = attribute.kind == Type::Integer;
    let expected = if integral { "a whole number" } else { "a number" };
    let fits = |value: &Value| value.is_i64() || value.is_u64() || (!integral && value.is_f64());
    if fits(&value) {
        return Ok(value);
    }
    let text = value.as_str().filter(|_| !preset.is_strict());
    let number = text.and_then(|text| serde_json::from_str(text).ok()).filter(fits);
    let Some(number) = number else { return Err(wrong_type(attribute, expected, &value)) };
    notes.coerced += 1;
    Ok(number)
}

/// Takes a text that fits the attribute's type; `None` if it is empty and that means unassigned.
pub(super) fn coerce_text(
    attribute: &Attribute,
    value: Value,
    preset: Preset,
    notes: &mut Notes,
) -> Result<Option<Value>> {
    let text = if let Value::String(text) = value {
        text
    } else if !preset.is_strict() && (value.is_boolean() || is_exact_number(&value)) {
        notes.coerced += 1;
        value.to_string()
    } else {
        return Err(wrong_type(attribute, "a text", &value));
    };
    if text.is_empty() && empty_is_unassigned(attribute, preset) {
        return Ok(None);
    }
    check_text(attribute, &text)?;
    Ok(Some(Value::String(text)))
}

fn parse_boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// Whether a number's text still says what the client wrote.
fn is_exact_number(value: &Value) -> bool {
    !value.is_f64() && value.is_number()
        || value.as_f64().is_some_and(|float| float.abs() < MAX_EXACT_FLOAT)
}

/// `""` clears a reference and, since Entra unassigns a manager so, a sub-attribute `value`.
fn empty_is_unassigned(attribute: &Attribute, preset: Preset) -> bool {
    match attribute.kind {
        Type::Reference | Type::Binary | Type::DateTime => true,
        Type::String => attribute.name == "value" && !preset.is_strict(),
        Type::Boolean | Type::Decimal | Type::Integer | Type::Complex => false,
    }
}

fn check_text(attribute: &Attribute, text: &str) -> Result<()> {
    let name = &attribute.name;
    if text.len() > MAX_TEXT_BYTES {
        let detail =
            format!("attribute `{name}` takes at most {MAX_TEXT_BYTES} bytes, not {}", text.len());
        return Err(ScimError::value(detail));
    }
    let expected = match attribute.kind {
        Type::DateTime if fold::date_time(text).is_none() => {
            "a date and time such as 2026-01-31T12:00:00Z"
        }
        Type::Binary if !is_base64(text) => "Base64",
        Type::DateTime
        | Type::Binary
        | Type::String
        | Type::Reference
        | Type::Boolean
        | Type::Decimal
        | Type::Integer
        | Type::Complex => return Ok(()),
    };
    Err(ScimError::value(format!("attribute `{name}` takes {expected}, not {}", shown(text))))
}

/// RFC 4648 §4 or §5 (URL-safe), padded or not (RFC 7643 §2.3.6).
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let remainder = digits.len() % 4;
    let standard = |b: u8| b.is_ascii_alphanumeric() || b == b'+' || b == b'/';
    let url_safe = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let padded = padding == 0 || (digits.len() + padding).is_multiple_of(4);
    padded
        && padding <= 2
        && remainder != 1
        && (digits.bytes().all(standard) || digits.bytes().all(url_safe))
}
