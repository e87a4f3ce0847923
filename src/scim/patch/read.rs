//! PATCH bodies, in every shape that clients send (SCIM.md §1, §2 items 1 and 3).

use serde_json::{Map, Value};

use crate::scim::error::{Kind, Result, ScimError};
use crate::scim::patch::target::{self, is_foreign};
use crate::scim::patch::{Operation, Target, Verb};
use crate::scim::preset::Preset;
use crate::scim::schema::{Attribute, Mutability, ResourceKind, Schema};
use crate::scim::value::{Notes, shown};

/// Most operations, beyond those of the body, that values without path may become.
const MAX_EXPANDED: usize = 1000;
/// The schema of a PATCH body.
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Reads the body of a PATCH (RFC 7644 §3.5.2); an operation without path becomes one per key of its
/// value. Values are not looked at yet.
///
/// Under [`Preset::Standard`], paths that name nothing are left out and counted in `notes.dropped`,
/// and so are, uncounted, read-only attributes in a value without path, except `id`.
///
/// # Errors
/// `invalidSyntax` if the body is no PATCH, `tooLarge` on more than `max_operations` entries or, once
/// values without path are taken apart, 1000 more than that;
/// `noTarget` on a removal without path, `invalidValue` on an addition or replacement without
/// value, `invalidPath` and `invalidFilter` on bad paths; under [`Preset::Rfc`] `invalidPath` also
/// on unknown ones.
pub fn read(
    kind: ResourceKind,
    body: Value,
    preset: Preset,
    max_operations: usize,
    notes: &mut Notes,
) -> Result<Vec<Operation>> {
    let Value::Object(mut body) = body else {
        return Err(syntax("the body of a PATCH must be a JSON object"));
    };
    if preset.is_strict() && !names_patch_op(&body) {
        return Err(syntax(&format!("`schemas` must hold `{PATCH_OP}`")));
    }
    let entries = match take(&mut body, "Operations") {
        Some(Value::Array(entries)) => entries,
        Some(entry @ Value::Object(_)) if !preset.is_strict() => vec![entry],
        Some(_) | None => return Err(syntax("`Operations` must be a list of operations")),
    };
    if entries.len() > max_operations {
        let found = entries.len();
        let detail = format!("at most {max_operations} operations are taken at once, not {found}");
        return Err(ScimError::new(Kind::TooLarge, detail));
    }
    if entries.is_empty() && preset.is_strict() {
        return Err(syntax("`Operations` must hold at least one operation"));
    }
    let limit = max_operations.saturating_add(MAX_EXPANDED);
    let operations = Vec::with_capacity(entries.len());
    let mut reader = Reader { kind, preset, notes, operations, limit };
    for entry in entries {
        reader.entry(entry)?;
    }
    Ok(reader.operations)
}

struct Reader<'a> {
    kind: ResourceKind,
    preset: Preset,
    notes: &'a mut Notes,
    operations: Vec<Operation>,
    limit: usize,
}

impl Reader<'_> {
    fn entry(&mut self, entry: Value) -> Result<()> {
        let Value::Object(mut entry) = entry else {
            return Err(syntax("each operation must be a JSON object"));
        };
        let verb = self.verb(take(&mut entry, "op").as_ref())?;
        let path = self.path(take(&mut entry, "path"))?;
        let value = take(&mut entry, "value");
        if value.is_none() && verb != Verb::Remove {
            let detail = format!("an operation `{}` must have a `value`", verb.as_str());
            return Err(ScimError::value(detail));
        }
        match (path, value) {
            (Some(path), value) => self.with_path(verb, &path, value),
            (None, Some(value)) if verb != Verb::Remove => self.without_path(verb, value),
            (None, _) => {
                Err(ScimError::new(Kind::NoTarget, "an operation `remove` must have a `path`"))
            }
        }
    }

    fn verb(&self, op: Option<&Value>) -> Result<Verb> {
        let text = op.and_then(Value::as_str).unwrap_or_default();
        let verbs = [Verb::Add, Verb::Remove, Verb::Replace];
        let is_meant = |verb: &Verb| match self.preset {
            Preset::Standard => text.trim().eq_ignore_ascii_case(verb.as_str()),
            Preset::Rfc => text == verb.as_str(),
        };
        verbs.into_iter().find(is_meant).ok_or_else(|| {
            syntax(&format!("`op` must be `add`, `remove` or `replace`, not {}", shown(text)))
        })
    }

    fn path(&self, path: Option<Value>) -> Result<Option<String>> {
        match path {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() && !self.preset.is_strict() => {
                Ok(None)
            }
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ScimError::new(Kind::InvalidPath, "`path` must be a text")),
        }
    }

    fn with_path(&mut self, verb: Verb, path: &str, value: Option<Value>) -> Result<()> {
        match (target::parse(self.kind, path, self.preset)?, verb) {
            (Some(Target::Extension(schema)), Verb::Add | Verb::Replace) => {
                self.extension(verb, schema, value.unwrap_or_default())
            }
            (Some(target), Verb::Add | Verb::Replace | Verb::Remove) => {
                self.push(verb, target, value)
            }
            (None, _) => self.unknown(path),
        }
    }

    fn without_path(&mut self, verb: Verb, value: Value) -> Result<()> {
        let entries = match value {
            Value::Object(entries) => entries,
            Value::Array(mut items) if items.len() == 1 && !self.preset.is_strict() => {
                return self.without_path(verb, items.pop().unwrap_or_default());
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => {
                let detail = "an operation without `path` takes an object of attributes as `value`";
                return Err(ScimError::value(detail));
            }
        };
        entries.into_iter().try_for_each(|(key, value)| self.root_entry(verb, &key, value))
    }

    /// One key of a value without path: a name, a path, or a URN over an object.
    fn root_entry(&mut self, verb: Verb, key: &str, value: Value) -> Result<()> {
        if is_foreign(self.kind, key) && (value.is_object() || !self.preset.is_strict()) {
            return self.push(verb, Target::Foreign(key.to_owned()), Some(value));
        }
        let core = &self.kind.schema().core.id;
        if !key.eq_ignore_ascii_case(core) || self.preset.is_strict() {
            return self.entry_below(verb, key, value);
        }
        let Value::Object(entries) = value else { return self.unknown(key) };
        entries
            .into_iter()
            .try_for_each(|(key, value)| self.entry_below(verb, &format!("{core}:{key}"), value))
    }

    /// One attribute, by name or path, of a value without path.
    fn entry_below(&mut self, verb: Verb, key: &str, value: Value) -> Result<()> {
        let target = match target::parse(self.kind, key, self.preset) {
            Err(error) if error.kind == Kind::InvalidPath && !key.contains('[') => None,
            target => target?,
        };
        let is_plain = |target: &Target| match target {
            Target::Path(path) => path.sub.is_none(),
            Target::Element { .. } => false,
            Target::Extension(_) | Target::Foreign(_) => true,
        };
        match target.filter(|target| is_plain(target) || !self.preset.is_strict()) {
            None => self.unknown(key),
            Some(Target::Extension(schema)) => self.extension(verb, schema, value),
            Some(target) => {
                if !self.preset.is_strict() && is_ignored(&target) {
                    return Ok(());
                }
                self.push(verb, target, Some(value))
            }
        }
    }

    fn extension(&mut self, verb: Verb, schema: &'static Schema, value: Value) -> Result<()> {
        match value {
            Value::Object(entries) => entries.into_iter().try_for_each(|(key, value)| {
                self.entry_below(verb, &format!("{}:{key}", schema.id), value)
            }),
            Value::Null => {
                if verb != Verb::Replace {
                    return Ok(());
                }
                self.push(Verb::Remove, Target::Extension(schema), None)
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                let detail = format!("`{}` takes an object with its attributes", schema.id);
                Err(ScimError::value(detail))
            }
        }
    }

    fn unknown(&mut self, path: &str) -> Result<()> {
        if self.preset.is_strict() {
            let kind = self.kind.name();
            let detail = format!("a {kind} has no attribute {}", shown(path));
            return Err(ScimError::new(Kind::InvalidPath, detail));
        }
        self.notes.dropped += 1;
        Ok(())
    }

    fn push(&mut self, verb: Verb, target: Target, value: Option<Value>) -> Result<()> {
        if self.operations.len() >= self.limit {
            let detail = format!("at most {} attributes are changed at once", self.limit);
            return Err(ScimError::new(Kind::TooLarge, detail));
        }
        self.operations.push(Operation { verb, target, value });
        Ok(())
    }
}

/// Whether a client that sends the whole resource sends this too, and cannot mean it.
fn is_ignored(target: &Target) -> bool {
    let is_read_only = |attribute: &Attribute| attribute.mutability == Mutability::ReadOnly;
    match target {
        Target::Path(path) => {
            path.attribute.name != "id"
                && (is_read_only(path.attribute) || is_read_only(path.leaf()))
        }
        Target::Element { path, sub, .. } => {
            is_read_only(path.attribute) || sub.is_some_and(is_read_only)
        }
        Target::Extension(_) | Target::Foreign(_) => false,
    }
}

fn names_patch_op(body: &Map<String, Value>) -> bool {
    let schemas = body.iter().find(|(key, _)| key.eq_ignore_ascii_case("schemas"));
    let urns = schemas.and_then(|(_, urns)| urns.as_array());
    let is_patch_op = |urn: &Value| urn.as_str().is_some_and(|u| u.eq_ignore_ascii_case(PATCH_OP));
    urns.is_some_and(|urns| urns.iter().any(is_patch_op))
}

/// Takes the value of a key, ignoring case (RFC 7643 §2.1).
fn take(object: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let key = object.keys().find(|key| key.eq_ignore_ascii_case(name))?.clone();
    object.shift_remove(&key)
}

fn syntax(detail: &str) -> ScimError {
    ScimError::new(Kind::InvalidSyntax, detail)
}

#[cfg(test)]
mod tests;
