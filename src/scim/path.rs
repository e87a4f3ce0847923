//! Attribute names as clients write them, resolved against the schemas (RFC 7644 §3.10).
//!
//! A URN holds dots and colons itself, so nothing is split before the longest known URN has been
//! taken off. To accept one more misspelt URN, add it to `URN_ALIASES`.

use std::fmt;

use crate::scim::schema::{self, Attribute, ENTERPRISE_USER, ResourceKind, Schema};

/// Misspelt URNs seen in the wild and what they mean (SCIM.md §1.1).
const URN_ALIASES: [(&str, &str); 1] =
    [("urn:ietf:params:scim:schemas:extension:enterprise:2.0User", ENTERPRISE_USER)];

/// The place of an attribute or sub-attribute in a resource.
#[derive(Clone, Copy)]
pub struct Path {
    /// The extension the attribute belongs to; `None` for core and common attributes.
    pub extension: Option<&'static Schema>,
    /// The attribute.
    pub attribute: &'static Attribute,
    /// The sub-attribute, if one was named.
    pub sub: Option<&'static Attribute>,
}

/// What a name turned out to mean.
#[derive(Debug, Clone, Copy)]
pub enum Resolved {
    /// An attribute or sub-attribute.
    Attribute(Path),
    /// A whole extension, named by its URN alone.
    Extension(&'static Schema),
    /// Nothing that this resource type has.
    Unknown,
}

/// Resolves `name`, `name.sub`, `urn:…:name[.sub]` or the URN of an extension, ignoring case.
///
/// A name without URN that only an extension has resolves there: Entra ID says `manager` and
/// `department` so. The URN of the core schema may precede core and common names.
pub fn resolve(kind: ResourceKind, text: &str) -> Resolved {
    match split_urn(kind, text) {
        Some((Owner::Core, "")) => Resolved::Unknown,
        Some((Owner::Extension(extension), "")) => Resolved::Extension(extension),
        Some((owner, name)) => find_in(kind, owner, name),
        None => match find_in(kind, Owner::Core, text) {
            Resolved::Unknown => find_in_extensions(kind, text),
            found @ (Resolved::Attribute(_) | Resolved::Extension(_)) => found,
        },
    }
}

/// Whether `text` is the URN of a schema of this resource type, or a name below one.
pub fn has_known_urn(kind: ResourceKind, text: &str) -> bool {
    split_urn(kind, text).is_some()
}

impl Path {
    /// The JSON keys from the document root: `[urn, attribute, sub]`, without what is absent.
    pub fn keys(&self) -> Vec<&'static str> {
        let urn = self.extension.map(|extension| extension.id.as_str());
        let sub = self.sub.map(|sub| sub.name.as_str());
        urn.into_iter().chain([self.attribute.name.as_str()]).chain(sub).collect()
    }

    /// The attribute whose values stand at this place.
    pub fn leaf(&self) -> &'static Attribute {
        self.sub.unwrap_or(self.attribute)
    }

    /// Whether a resource may hold several values at this place.
    pub fn is_multi(&self) -> bool {
        self.attribute.multi_valued || self.leaf().multi_valued
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.keys() == other.keys()
    }
}

impl Eq for Path {}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(extension) = self.extension {
            write!(f, "{}:", extension.id)?;
        }
        f.write_str(&self.attribute.name)?;
        self.sub.map_or(Ok(()), |sub| write!(f, ".{}", sub.name))
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Path({self})")
    }
}

/// The schema that a name is looked up in.
#[derive(Clone, Copy)]
enum Owner {
    Core,
    Extension(&'static Schema),
}

/// Takes the longest known URN off; what remains is empty or a name without its colon.
fn split_urn(kind: ResourceKind, text: &str) -> Option<(Owner, &str)> {
    if !text.get(..4)?.eq_ignore_ascii_case("urn:") {
        return None;
    }
    let schema = kind.schema();
    let core = (schema.core.id.as_str(), Owner::Core);
    let extensions = schema.extensions.iter().map(|e| (e.id.as_str(), Owner::Extension(e)));
    let aliases = URN_ALIASES.iter().filter_map(|(alias, urn)| {
        schema.extension(urn).map(|extension| (*alias, Owner::Extension(extension)))
    });
    [core]
        .into_iter()
        .chain(extensions)
        .chain(aliases)
        .filter_map(|(urn, owner)| Some((urn.len(), owner, strip_urn(text, urn)?)))
        .max_by_key(|(length, _, _)| *length)
        .map(|(_, owner, rest)| (owner, rest))
}

fn strip_urn<'a>(text: &'a str, urn: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(urn.len())?;
    if !head.eq_ignore_ascii_case(urn) {
        return None;
    }
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(':') }
}

fn find_in_extensions(kind: ResourceKind, name: &str) -> Resolved {
    let extensions = kind.schema().extensions.iter();
    extensions
        .map(|extension| find_in(kind, Owner::Extension(extension), name))
        .find(|found| matches!(found, Resolved::Attribute(_)))
        .unwrap_or(Resolved::Unknown)
}

fn find_in(kind: ResourceKind, owner: Owner, name: &str) -> Resolved {
    let (name, sub_name) = match name.split_once('.') {
        Some((name, sub)) => (name, Some(sub)),
        None => (name, None),
    };
    let (extension, attributes) = match owner {
        Owner::Core => (None, &kind.schema().attributes),
        Owner::Extension(extension) => (Some(extension), &extension.attributes),
    };
    let Some(attribute) = schema::find(attributes, name) else { return Resolved::Unknown };
    let Some(sub_name) = sub_name else {
        return Resolved::Attribute(Path { extension, attribute, sub: None });
    };
    match attribute.sub(sub_name) {
        Some(sub) => Resolved::Attribute(Path { extension, attribute, sub: Some(sub) }),
        None => Resolved::Unknown,
    }
}

#[cfg(test)]
mod tests;
