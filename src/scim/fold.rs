//! The one way in which texts are compared (DECISIONS 25).
//!
//! The store keeps each document twice: as answered, and as [`document`] folds it. Filters, sorting
//! and uniqueness look at the folded one only and compare byte by byte, so that both databases and
//! the evaluator in memory agree by construction. INVARIANT: folding twice is folding once.

use serde_json::{Map, Value};
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};
use unicode_normalization::UnicodeNormalization;

use crate::scim::schema::{self, Attribute, ResourceKind, Returned, Type};

/// Folds a text for comparison that ignores case: NFC, each character's lower case, NFC.
///
/// Context-free: a part of a text folds as it does within the whole, but for combining marks.
pub fn text(s: &str) -> String {
    if s.is_ascii() {
        return s.to_ascii_lowercase();
    }
    s.nfc().flat_map(char::to_lowercase).nfc().collect()
}

/// A date and time as `YYYY-MM-DDThh:mm:ss.ffffffZ`, so that the order of texts is the order of
/// times; `None` if `s` is not one.
///
/// Takes RFC 3339 and xsd:dateTime (RFC 7643 §2.3.5). A missing offset means UTC; digits beyond the
/// microsecond are cut off.
pub fn date_time(s: &str) -> Option<String> {
    let mut rest = s;
    let date = Date::from_calendar_date(
        i32::from(take_number(&mut rest, 4, "-")?),
        Month::try_from(u8::try_from(take_number(&mut rest, 2, "-")?).ok()?).ok()?,
        u8::try_from(take_number(&mut rest, 2, "Tt")?).ok()?,
    );
    let hour = u8::try_from(take_number(&mut rest, 2, ":")?).ok()?;
    let minute = u8::try_from(take_number(&mut rest, 2, ":")?).ok()?;
    let second = u8::try_from(take_number(&mut rest, 2, "")?).ok()?;
    let micro = take_fraction(&mut rest)?;
    let offset = parse_offset(rest)?;
    let time = Time::from_hms_micro(hour, minute, second, micro).ok()?;
    let utc = PrimitiveDateTime::new(date.ok()?, time)
        .assume_offset(offset)
        .checked_to_offset(UtcOffset::UTC)?;
    (0..=9999).contains(&utc.year()).then(|| render(utc))
}

/// Folds a document as answered: same shape, texts that ignore case folded, times normalised.
///
/// Left out are what no schema knows (it cannot be filtered, DECISIONS 20), what is never returned,
/// and what is empty.
pub fn document(kind: ResourceKind, document: &Value) -> Value {
    let schema = kind.schema();
    let Value::Object(entries) = document else { return Value::Object(Map::new()) };
    let mut folded = Map::with_capacity(entries.len());
    for (key, value) in entries {
        let entry = match (schema.attribute(key), schema.extension(key), value) {
            (Some(attribute), _, _) => fold_attribute(attribute, value),
            (None, Some(extension), Value::Object(inner)) => {
                fold_object(&extension.attributes, inner)
            }
            (None, _, _) => None,
        };
        if let Some(entry) = entry {
            folded.insert(key.clone(), entry);
        }
    }
    Value::Object(folded)
}

/// Folds the text that a filter compares with `attribute`, as [`document`] folds the attribute.
pub fn literal(attribute: &Attribute, s: &str) -> String {
    match attribute.kind {
        Type::DateTime => date_time(s).unwrap_or_else(|| s.to_owned()),
        Type::String | Type::Reference | Type::Binary if !attribute.case_exact => text(s),
        Type::String
        | Type::Reference
        | Type::Binary
        | Type::Boolean
        | Type::Decimal
        | Type::Integer
        | Type::Complex => s.to_owned(),
    }
}

fn fold_object(attributes: &[Attribute], entries: &Map<String, Value>) -> Option<Value> {
    let folded: Map<String, Value> = entries
        .iter()
        .filter_map(|(key, value)| {
            let attribute = schema::find(attributes, key)?;
            Some((key.clone(), fold_attribute(attribute, value)?))
        })
        .collect();
    if folded.is_empty() { None } else { Some(Value::Object(folded)) }
}

fn fold_attribute(attribute: &Attribute, value: &Value) -> Option<Value> {
    if attribute.returned == Returned::Never {
        return None;
    }
    match value {
        Value::Null => None,
        Value::Bool(_) | Value::Number(_) => Some(value.clone()),
        Value::String(s) => Some(Value::String(literal(attribute, s))),
        Value::Object(entries) => fold_object(&attribute.sub_attributes, entries),
        Value::Array(items) => {
            let folded: Vec<Value> =
                items.iter().filter_map(|item| fold_attribute(attribute, item)).collect();
            if folded.is_empty() { None } else { Some(Value::Array(folded)) }
        }
    }
}

/// Takes `width` digits and one of the characters of `after` (none if that is empty).
fn take_number(rest: &mut &str, width: usize, after: &str) -> Option<u16> {
    let (digits, tail) = rest.split_at_checked(width)?;
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    *rest = if after.is_empty() { tail } else { tail.strip_prefix(|c| after.contains(c))? };
    digits.parse().ok()
}

/// Takes `.digits`, if there, as microseconds.
fn take_fraction(rest: &mut &str) -> Option<u32> {
    let Some(tail) = rest.strip_prefix('.') else { return Some(0) };
    let end = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
    let (digits, tail) = tail.split_at_checked(end)?;
    if digits.is_empty() {
        return None;
    }
    *rest = tail;
    let padded = digits.bytes().map(|b| u32::from(b - b'0')).chain(std::iter::repeat(0));
    Some(padded.take(6).fold(0, |sum, digit| sum * 10 + digit))
}

fn parse_offset(text: &str) -> Option<UtcOffset> {
    if text.is_empty() || text.eq_ignore_ascii_case("z") {
        return Some(UtcOffset::UTC);
    }
    let (sign, mut rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (1, rest),
        (None, Some(rest)) => (-1, rest),
        (None, None) => return None,
    };
    let hours = i8::try_from(take_number(&mut rest, 2, ":")?).ok()?;
    let minutes = i8::try_from(take_number(&mut rest, 2, "")?).ok()?;
    if !rest.is_empty() {
        return None;
    }
    UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()
}

fn render(utc: OffsetDateTime) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
        utc.year(),
        u8::from(utc.month()),
        utc.day(),
        utc.hour(),
        utc.minute(),
        utc.second(),
        utc.microsecond()
    )
}

#[cfg(test)]
mod tests;
