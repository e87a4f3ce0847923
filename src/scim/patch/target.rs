//! PATCH paths: `name`, `name.sub`, `name[filter]`, `name[filter].sub`, each with or without URN.

use crate::scim::error::{Kind, Result, ScimError};
use crate::scim::filter::{ElementText, is_name};
use crate::scim::patch::Target;
use crate::scim::path::{self, Path, Resolved};
use crate::scim::preset::Preset;
use crate::scim::schema::{ResourceKind, Type};
use crate::scim::value::shown;

/// Reads a path; `None` if it is well-formed but names nothing that this resource type has.
///
/// # Errors
/// `invalidPath` on a malformed path, `invalidFilter` on a bad filter in it.
pub(super) fn parse(kind: ResourceKind, text: &str, preset: Preset) -> Result<Option<Target>> {
    let text = text.trim();
    if let Some((name, rest)) = text.split_once('[') {
        let (inner, tail) = close(rest).ok_or_else(|| malformed(text, "it lacks a `]`"))?;
        return parse_element(kind, (name, inner, tail), preset);
    }
    match resolve(kind, text, preset) {
        Resolved::Attribute(path) => Ok(Some(Target::Path(path))),
        Resolved::Extension(schema) => Ok(Some(Target::Extension(schema))),
        Resolved::Unknown if is_foreign(kind, text) && !preset.is_strict() => {
            Ok(Some(Target::Foreign(text.to_owned())))
        }
        Resolved::Unknown if is_name(text) => Ok(None),
        Resolved::Unknown => Err(malformed(text, "write `name`, `name.sub` or `name[filter].sub`")),
    }
}

/// Whether a name can only belong to an object under a URN that no schema has.
pub(super) fn is_foreign(kind: ResourceKind, name: &str) -> bool {
    let is_urn_char = |c: char| c.is_ascii_graphic() && !"\"()[]".contains(c);
    name.contains(':') && name.chars().all(is_urn_char) && !path::has_known_urn(kind, name)
}

fn parse_element(
    kind: ResourceKind,
    (name, inner, tail): (&str, &str, &str),
    preset: Preset,
) -> Result<Option<Target>> {
    let path = match resolve(kind, name, preset) {
        Resolved::Attribute(path) => path,
        Resolved::Unknown if is_name(name) => return Ok(None),
        Resolved::Unknown | Resolved::Extension(_) => {
            return Err(malformed(name, "an attribute stands before `[`"));
        }
    };
    if path.sub.is_some() || path.attribute.kind != Type::Complex {
        return Err(malformed(name, "only an attribute with sub-attributes takes a filter"));
    }
    let sub = match tail.strip_prefix('.') {
        Some(name) if is_name(name) && !name.contains(['.', ':']) => match path.attribute.sub(name)
        {
            Some(sub) => Some(sub),
            None => return Ok(None),
        },
        None if tail.is_empty() => None,
        Some(_) | None => return Err(malformed(tail, "behind `]` stands `.sub` or nothing")),
    };
    let ElementText { filter, seed } = ElementText::parse(path.attribute, inner, preset)?;
    Ok(Some(Target::Element { path, filter, sub, seed }))
}

/// Resolves a name; by the RFC's letter, an extension's attribute needs its URN.
fn resolve(kind: ResourceKind, name: &str, preset: Preset) -> Resolved {
    match path::resolve(kind, name) {
        Resolved::Attribute(Path { extension: Some(_), .. })
            if preset.is_strict() && !name.contains(':') =>
        {
            Resolved::Unknown
        }
        found @ (Resolved::Attribute(_) | Resolved::Extension(_) | Resolved::Unknown) => found,
    }
}

/// Splits at the `]` that closes a filter, texts in it skipped.
fn close(rest: &str) -> Option<(&str, &str)> {
    let (mut in_text, mut escaped) = (false, false);
    let (end, _) = rest.char_indices().find(|(_, c)| {
        let is_quote = *c == '"' && !escaped;
        escaped = in_text && *c == '\\' && !escaped;
        in_text ^= is_quote;
        *c == ']' && !in_text
    })?;
    let (inner, tail) = rest.split_at_checked(end)?;
    Some((inner, tail.strip_prefix(']')?))
}

fn malformed(text: &str, hint: &str) -> ScimError {
    ScimError::new(Kind::InvalidPath, format!("the path {} is malformed: {hint}", shown(text)))
}
