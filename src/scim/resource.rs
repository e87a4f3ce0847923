//! Whole resources: the body of a POST or PUT read in, and any document made ready to be stored.
//!
//! What [`read`] gives and PATCH changes goes through [`finish`]; only what `finish` returned is
//! stored. What no schema knows but stands under a URN of its own is kept as sent (DECISIONS 20).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::scim::error::{Kind, Result, ScimError};
use crate::scim::path::{self, Path, Resolved};
use crate::scim::preset::Preset;
use crate::scim::schema::{self, Attribute, Mutability, ResourceKind, Returned, Schema};
use crate::scim::value::{self, Notes, shown};

mod finished;
mod member;

pub use finished::{MAX_FOREIGN, finish};
pub use member::member_ids;

/// A POST or PUT body in canonical form.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// What the client may write, without `schemas`, password and members.
    pub document: Map<String, Value>,
    /// The ids of a Group's members as sent, in order, each once; `None` if the body names none.
    pub members: Option<Vec<String>>,
    /// What was repaired or dropped on the way.
    pub notes: Notes,
}

/// Reads a POST or PUT body (RFC 7644 §3.3, §3.5.1).
///
/// Read-only attributes are dropped, and so is a password, once it is seen to be a text. Under
/// [`Preset::Standard`] names may be dotted or carry their URN, and unknown attributes are dropped.
///
/// # Errors
/// `invalidSyntax` if the body is no object or names an attribute twice, and under [`Preset::Rfc`]
/// if it names an unknown one or lacks the core URN in `schemas`; `invalidValue` on values that do
/// not fit and on required attributes that are missing or blank.
pub fn read(kind: ResourceKind, body: Value, preset: Preset) -> Result<Incoming> {
    let Value::Object(body) = body else {
        return Err(syntax(format!("the body of a {} must be a JSON object", kind.name())));
    };
    if preset.is_strict() {
        check_schemas(kind, &body)?;
    }
    let document = Map::with_capacity(body.len());
    let mut reader = Reader {
        kind,
        preset,
        document,
        extensions: BTreeMap::new(),
        members: None,
        notes: Notes::default(),
    };
    for (key, value) in body {
        reader.take(&key, value)?;
    }
    reader.finish()
}

/// The `id` a body carries, if it carries one as a text.
pub fn body_id(body: &Value) -> Option<&str> {
    let mut entries = body.as_object()?.iter();
    entries.find(|(key, _)| key.eq_ignore_ascii_case("id"))?.1.as_str()
}

/// A body on its way into canonical form.
struct Reader {
    kind: ResourceKind,
    preset: Preset,
    document: Map<String, Value>,
    extensions: BTreeMap<&'static str, Map<String, Value>>,
    members: Option<Vec<String>>,
    notes: Notes,
}

impl Reader {
    /// Takes one entry of the body's root.
    fn take(&mut self, key: &str, value: Value) -> Result<()> {
        if let Some(attribute) = self.kind.schema().attribute(key) {
            return self.put(Path { extension: None, attribute, sub: None }, value);
        }
        match path::resolve(self.kind, key) {
            Resolved::Extension(extension) => self.take_extension(extension, value),
            Resolved::Attribute(path) if !self.preset.is_strict() => {
                self.notes.coerced += 1;
                self.put(path, value)
            }
            Resolved::Attribute(_) => self.drop_unknown(key),
            Resolved::Unknown => self.take_unknown(key, value),
        }
    }

    fn take_extension(&mut self, extension: &'static Schema, value: Value) -> Result<()> {
        let Value::Object(entries) = value else {
            let urn = &extension.id;
            return if value.is_null() {
                Ok(())
            } else {
                Err(ScimError::value(format!("`{urn}` takes an object with its attributes")))
            };
        };
        for (key, value) in entries {
            match self.find_in_extension(extension, &key) {
                Some(path) => self.put(path, value)?,
                None => self.drop_unknown(&key)?,
            }
        }
        Ok(())
    }

    fn find_in_extension(&self, extension: &'static Schema, key: &str) -> Option<Path> {
        let extension_path = |attribute, sub| Path { extension: Some(extension), attribute, sub };
        if let Some(attribute) = schema::find(&extension.attributes, key) {
            return Some(extension_path(attribute, None));
        }
        let (name, sub) = key.split_once('.').filter(|_| !self.preset.is_strict())?;
        let attribute = schema::find(&extension.attributes, name)?;
        Some(extension_path(attribute, Some(attribute.sub(sub)?)))
    }

    /// Takes what no schema knows: the object of a foreign URN stays, all else goes.
    fn take_unknown(&mut self, key: &str, value: Value) -> Result<()> {
        if finished::is_foreign(self.kind, key, &value) {
            return self.put_foreign(key, value);
        }
        let core = &self.kind.schema().core.id;
        match value {
            Value::Object(entries)
                if !self.preset.is_strict() && key.eq_ignore_ascii_case(core) =>
            {
                self.notes.coerced += 1;
                entries.into_iter().try_for_each(|(key, value)| self.take(&key, value))
            }
            Value::Object(_)
            | Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => self.drop_unknown(key),
        }
    }

    fn put_foreign(&mut self, key: &str, value: Value) -> Result<()> {
        let mut foreign = self.document.keys().filter(|known| known.contains(':'));
        if foreign.any(|known| known.eq_ignore_ascii_case(key)) {
            return Err(twice(key));
        }
        self.document.insert(key.to_owned(), value);
        finished::check_foreign(self.document.keys())
    }

    fn drop_unknown(&mut self, key: &str) -> Result<()> {
        if self.preset.is_strict() {
            let kind = self.kind.name();
            return Err(syntax(format!("a {kind} has no attribute {}", shown(key))));
        }
        self.notes.dropped += 1;
        Ok(())
    }

    /// Puts one value at its place.
    fn put(&mut self, path: Path, value: Value) -> Result<()> {
        let attribute = path.attribute;
        if attribute.name == "schemas" || attribute.mutability == Mutability::ReadOnly {
            return Ok(());
        }
        let value = match path.sub {
            // Which element would it be? Only a PATCH path with a filter can say.
            Some(_) if attribute.multi_valued => return self.drop_unknown(&path.to_string()),
            Some(sub) => Value::Object(Map::from_iter([(sub.name.clone(), value)])),
            None => value,
        };
        if attribute.name == "members" {
            return self.put_members(&value);
        }
        let canonical = value::coerce(attribute, value, self.preset, &mut self.notes)?;
        let is_kept = attribute.returned != Returned::Never;
        match canonical.filter(|value| is_kept && !finished::is_blank_external_id(attribute, value))
        {
            Some(canonical) => merge(self.home(path.extension), attribute, canonical),
            None => Ok(()),
        }
    }

    fn put_members(&mut self, value: &Value) -> Result<()> {
        match self.members.replace(member_ids(value, self.preset)?) {
            Some(_) => Err(twice("members")),
            None => Ok(()),
        }
    }

    /// The object that holds the attributes of the core schema or of `extension`.
    fn home(&mut self, extension: Option<&'static Schema>) -> &mut Map<String, Value> {
        match extension {
            None => &mut self.document,
            Some(extension) => self.extensions.entry(&extension.id).or_default(),
        }
    }

    fn finish(mut self) -> Result<Incoming> {
        finished::check_required(self.kind.schema(), &self.document)?;
        let extensions = self.extensions.into_iter();
        self.document.extend(extensions.map(|(urn, home)| (urn.to_owned(), Value::Object(home))));
        Ok(Incoming { document: self.document, members: self.members, notes: self.notes })
    }
}

/// Adds a value; sub-attributes that came one by one join in one object.
fn merge(home: &mut Map<String, Value>, attribute: &Attribute, value: Value) -> Result<()> {
    let Some(existing) = home.get_mut(&attribute.name) else {
        home.insert(attribute.name.clone(), value);
        return Ok(());
    };
    let (Value::Object(existing), Value::Object(added)) = (existing, value) else {
        return Err(twice(&attribute.name));
    };
    for (key, value) in added {
        if existing.contains_key(&key) {
            return Err(twice(&format!("{}.{key}", attribute.name)));
        }
        existing.insert(key, value);
    }
    Ok(())
}

/// RFC 7643 §3: `schemas` names the core schema.
fn check_schemas(kind: ResourceKind, body: &Map<String, Value>) -> Result<()> {
    let urn = &kind.schema().core.id;
    let is_urn = |value: &Value| value.as_str().is_some_and(|v| v.eq_ignore_ascii_case(urn));
    let schemas = body.iter().find(|(key, _)| key.eq_ignore_ascii_case("schemas"));
    match schemas.and_then(|(_, value)| value.as_array()) {
        Some(urns) if urns.iter().any(is_urn) => Ok(()),
        Some(_) | None => Err(syntax(format!("`schemas` must be a list that holds `{urn}`"))),
    }
}

fn twice(name: &str) -> ScimError {
    syntax(format!("the body gives attribute {} more than once", shown(name)))
}

fn syntax(detail: String) -> ScimError {
    ScimError::new(Kind::InvalidSyntax, detail)
}

#[cfg(test)]
mod tests;
