//! Which attributes an answer carries: `attributes` and `excludedAttributes` (RFC 7644 §3.9).
//!
//! Asked before loading ([`Selection::wants`]), so that members nobody wants are never read, and
//! again on the document ([`Selection::apply`]). INVARIANT: `schemas` and `id` are always answered,
//! a password never. Sub-attributes are all returned by default (a test of the schemas says so).

use serde_json::{Map, Value};

use crate::scim::error::{Result, ScimError};
use crate::scim::path::{self, Path, Resolved};
use crate::scim::schema::{self, Attribute, ResourceKind, Returned, Schema};

/// Most names in one list. A user has about 120 attributes and sub-attributes.
pub const MAX_NAMES: usize = 500;

/// What the client asked to see.
#[derive(Debug, Clone)]
pub struct Selection {
    kind: ResourceKind,
    mode: Mode,
}

impl Selection {
    /// The selection of a request that has neither parameter.
    pub fn everything(kind: ResourceKind) -> Self {
        Self { kind, mode: Mode::Everything }
    }

    /// Reads the two parameters, comma-separated lists of attribute names. Empty is absent; a name
    /// that means nothing selects nothing.
    ///
    /// # Errors
    /// `invalidValue` if both are given, for they exclude each other, or one has more than
    /// [`MAX_NAMES`] names.
    pub fn parse(
        kind: ResourceKind,
        attributes: Option<&str>,
        excluded: Option<&str>,
    ) -> Result<Self> {
        let is_given = |list: &&str| !list.trim().is_empty();
        let mode = match (attributes.filter(is_given), excluded.filter(is_given)) {
            (None, None) => Mode::Everything,
            (Some(names), None) => Mode::Only(picks(kind, names)?),
            (None, Some(names)) => Mode::Except(picks(kind, names)?),
            (Some(_), Some(_)) => {
                let detail = "use either `attributes` or `excludedAttributes`, not both";
                return Err(ScimError::value(detail));
            }
        };
        Ok(Self { kind, mode })
    }

    /// Whether the request had neither parameter.
    pub fn is_everything(&self) -> bool {
        matches!(self.mode, Mode::Everything)
    }

    /// Whether any part of a core or common attribute is answered, such as `members` or `groups`.
    pub fn wants(&self, attribute_name: &str) -> bool {
        let attribute = self.kind.schema().attribute(attribute_name);
        attribute.is_some_and(|attribute| match self.verdict(None, attribute) {
            Verdict::Whole | Verdict::Only(_) | Verdict::Except(_) => true,
            Verdict::Nothing => false,
        })
    }

    /// Whether any part of an extension's attribute is answered.
    pub fn wants_of(&self, urn: &str, attribute_name: &str) -> bool {
        let Some(extension) = self.kind.schema().extension(urn) else { return false };
        let attribute = schema::find(&extension.attributes, attribute_name);
        attribute.is_some_and(|attribute| match self.verdict(Some(extension), attribute) {
            Verdict::Whole | Verdict::Only(_) | Verdict::Except(_) => true,
            Verdict::Nothing => false,
        })
    }

    /// Whether the sub-attribute is named in what is asked for, as one `returned` on request must be.
    pub fn names(&self, attribute_name: &str, sub: &str) -> bool {
        let attribute = self.kind.schema().attribute(attribute_name);
        attribute.is_some_and(|attribute| match self.verdict(None, attribute) {
            Verdict::Only(subs) => subs.contains(&sub),
            Verdict::Whole | Verdict::Except(_) | Verdict::Nothing => false,
        })
    }

    /// Takes out of a document what is not answered.
    pub fn apply(&self, document: &mut Map<String, Value>) {
        let schema = self.kind.schema();
        document.retain(|key, value| {
            if let Some(attribute) = schema.attribute(key) {
                return self.verdict(None, attribute).cut(value);
            }
            match schema.extension(key) {
                Some(extension) => self.cut_extension(extension, value),
                None => self.keeps_foreign(key),
            }
        });
    }

    /// Cuts down what stands under an extension's URN; whether anything is left.
    fn cut_extension(&self, extension: &Schema, value: &mut Value) -> bool {
        let Value::Object(entries) = value else { return false };
        entries.retain(|key, value| {
            let attribute = schema::find(&extension.attributes, key);
            attribute.is_some_and(|a| self.verdict(Some(extension), a).cut(value))
        });
        !entries.is_empty()
    }

    /// What is answered of one attribute (RFC 7643 §7 `returned`).
    fn verdict(&self, extension: Option<&Schema>, attribute: &Attribute) -> Verdict {
        let by_default = match attribute.returned {
            Returned::Never => return Verdict::Nothing,
            Returned::Always => return Verdict::Whole,
            Returned::Default => Verdict::Whole,
            Returned::Request => Verdict::Nothing,
        };
        match &self.mode {
            Mode::Everything => by_default,
            Mode::Only(picks) => match parts(picks, extension, attribute) {
                Parts::None => Verdict::Nothing,
                Parts::Whole => Verdict::Whole,
                Parts::Subs(subs) => Verdict::Only(subs),
            },
            Mode::Except(picks) => match parts(picks, extension, attribute) {
                Parts::None => by_default,
                Parts::Whole => Verdict::Nothing,
                // What waits to be asked for does not come because a part of it is unwanted.
                Parts::Subs(subs) => match by_default {
                    Verdict::Nothing => Verdict::Nothing,
                    Verdict::Whole | Verdict::Only(_) | Verdict::Except(_) => Verdict::Except(subs),
                },
            },
        }
    }

    fn keeps_foreign(&self, urn: &str) -> bool {
        let is_named = |picks: &[Pick]| {
            picks
                .iter()
                .any(|pick| matches!(pick, Pick::Other(name) if name.eq_ignore_ascii_case(urn)))
        };
        match &self.mode {
            Mode::Everything => true,
            Mode::Only(picks) => is_named(picks),
            Mode::Except(picks) => !is_named(picks),
        }
    }
}

#[derive(Debug, Clone)]
enum Mode {
    Everything,
    Only(Vec<Pick>),
    Except(Vec<Pick>),
}

/// One name in a list.
#[derive(Debug, Clone)]
enum Pick {
    Attribute(Path),
    Extension(&'static Schema),
    /// Maybe the URN of a foreign object.
    Other(String),
}

/// How much of an attribute a list names.
enum Parts {
    None,
    Whole,
    Subs(Vec<&'static str>),
}

/// How much of an attribute is answered.
enum Verdict {
    Whole,
    Nothing,
    Only(Vec<&'static str>),
    Except(Vec<&'static str>),
}

impl Verdict {
    /// Cuts a value down; whether anything is left.
    fn cut(&self, value: &mut Value) -> bool {
        match self {
            Self::Whole => true,
            Self::Nothing => false,
            Self::Only(subs) => cut_subs(value, &|sub| subs.contains(&sub)),
            Self::Except(subs) => cut_subs(value, &|sub| !subs.contains(&sub)),
        }
    }
}

fn cut_subs(value: &mut Value, keeps: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::Object(entries) => {
            entries.retain(|key, _| keeps(key));
            !entries.is_empty()
        }
        Value::Array(items) => {
            items.retain_mut(|item| cut_subs(item, keeps));
            !items.is_empty()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

fn picks(kind: ResourceKind, names: &str) -> Result<Vec<Pick>> {
    let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
    let picks: Vec<Pick> = names
        .take(MAX_NAMES + 1)
        .map(|name| match path::resolve(kind, name) {
            Resolved::Attribute(path) => Pick::Attribute(path),
            Resolved::Extension(extension) => Pick::Extension(extension),
            Resolved::Unknown => Pick::Other(name.to_owned()),
        })
        .collect();
    if picks.len() > MAX_NAMES {
        return Err(ScimError::value(format!("name at most {MAX_NAMES} attributes")));
    }
    Ok(picks)
}

fn parts(picks: &[Pick], extension: Option<&Schema>, attribute: &Attribute) -> Parts {
    let extension = extension.map(|extension| extension.id.as_str());
    let mut subs = Vec::new();
    for pick in picks {
        match pick {
            Pick::Extension(named) if extension == Some(named.id.as_str()) => return Parts::Whole,
            Pick::Attribute(path) if is_in(path, extension, attribute) => match path.sub {
                None => return Parts::Whole,
                Some(sub) => subs.push(sub.name.as_str()),
            },
            Pick::Extension(_) | Pick::Attribute(_) | Pick::Other(_) => {}
        }
    }
    if subs.is_empty() { Parts::None } else { Parts::Subs(subs) }
}

fn is_in(path: &Path, extension: Option<&str>, attribute: &Attribute) -> bool {
    path.extension.map(|extension| extension.id.as_str()) == extension
        && path.attribute.name == attribute.name
}

#[cfg(test)]
mod tests;
