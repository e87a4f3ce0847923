//! PATCH (RFC 7644 §3.5.2) in two steps: [`read`] understands a body, [`apply`] changes a document.
//!
//! Between the two, a group's member operations are taken out by [`crate::scim::members`]; a
//! document never holds members. What `apply` leaves is made ready by `resource::finish`.
//!
//! Where [`Preset::Standard`] goes beyond the RFC (SCIM.md §2): unknown paths are ignored, a value
//! path that matches nothing makes its element, taking a `value` away takes its element away.
//! To accept one more shape of body, extend `patch/read.rs`; of path, `patch/target.rs`.

use serde_json::{Map, Value};

use crate::scim::error::{Kind, Result, ScimError};
use crate::scim::filter::ElementFilter;
use crate::scim::path::Path;
use crate::scim::preset::Preset;
use crate::scim::schema::{Attribute, Mutability, ResourceKind, Returned, Schema};
use crate::scim::value::{Notes, coerce};

mod elements;
mod foreign;
mod read;
mod remove;
mod target;
mod write;

pub use read::read;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Adds a value, or sets a single one.
    Add,
    /// Takes values away.
    Remove,
    /// Sets a value in place of the old one.
    Replace,
}

/// What an operation is about.
#[derive(Debug, Clone)]
pub enum Target {
    /// An attribute, or a sub-attribute of every value of it.
    Path(Path),
    /// Those elements of a complex attribute that a condition holds for.
    Element {
        /// The attribute; without `sub`.
        path: Path,
        /// Which elements are meant.
        filter: ElementFilter,
        /// The sub-attribute behind `]`.
        sub: Option<&'static Attribute>,
        /// What the condition's `eq` parts say about a new element, texts as written.
        seed: Map<String, Value>,
    },
    /// A whole extension; [`read`] gives this with [`Verb::Remove`] only.
    Extension(&'static Schema),
    /// An object under a URN that no schema has, or `URN:key` for one entry of it.
    Foreign(String),
}

/// One step of a PATCH.
#[derive(Debug, Clone)]
pub struct Operation {
    /// What to do.
    pub verb: Verb,
    /// Where.
    pub target: Target,
    /// With what; `None` if the body has no `value`.
    pub value: Option<Value>,
}

impl Verb {
    /// The verb as RFC 7644 writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }
}

/// Applies the operations in order, all or none, to a canonical document with its `id` and without
/// `meta`, `groups` and members. Answers whether the document is now another one.
///
/// A password is accepted and not kept. Read-only values that say what is so already are accepted.
///
/// # Errors
/// `mutability` on what the client may not change and on removing what is required; `invalidValue`
/// on values that do not fit; `noTarget` where a value path matches nothing and nothing can be made
/// of it; `invalidPath` on `members`, which [`crate::scim::members::split`] should have taken.
pub fn apply(
    kind: ResourceKind,
    document: &mut Map<String, Value>,
    operations: &[Operation],
    preset: Preset,
    notes: &mut Notes,
) -> Result<bool> {
    let mut scene = Scene { kind, document: document.clone(), preset, notes };
    for operation in operations {
        scene.apply(operation)?;
    }
    let changed = scene.document;
    if changed == *document {
        return Ok(false);
    }
    *document = changed;
    Ok(true)
}

/// A PATCH under way.
struct Scene<'a> {
    kind: ResourceKind,
    document: Map<String, Value>,
    preset: Preset,
    notes: &'a mut Notes,
}

impl Scene<'_> {
    fn apply(&mut self, operation: &Operation) -> Result<()> {
        match &operation.target {
            Target::Path(path) => {
                let selection = elements::Selection { filter: None, sub: path.sub };
                self.apply_to(path, &selection, operation)
            }
            Target::Element { path, filter, sub, seed } => {
                let selection = elements::Selection { filter: Some((filter, seed)), sub: *sub };
                let path = Path { sub: *sub, ..*path };
                self.apply_to(&path, &selection, operation)
            }
            Target::Extension(schema) if operation.verb == Verb::Remove => {
                self.document.shift_remove(&schema.id);
                Ok(())
            }
            Target::Extension(schema) => Err(ScimError::value(format!(
                "`{}` takes an object with its attributes",
                schema.id
            ))),
            Target::Foreign(name) => {
                let value = operation.value.clone();
                if !foreign::apply(&mut self.document, name, operation.verb, value)? {
                    self.notes.dropped += 1;
                }
                Ok(())
            }
        }
    }

    fn apply_to(
        &mut self,
        path: &Path,
        selection: &elements::Selection<'_>,
        operation: &Operation,
    ) -> Result<()> {
        if !self.may_change(path, operation)? {
            return Ok(());
        }
        let attribute = path.attribute;
        let (verb, preset) = (operation.verb, self.preset);
        let mut write = write::Write { attribute, selection, verb, preset, notes: self.notes };
        let value = operation.value.clone();
        let change = |old| match verb {
            Verb::Add | Verb::Replace => write.apply(value.unwrap_or_default(), old),
            Verb::Remove => remove::apply(&mut write, value.unwrap_or_default(), old),
        };
        update(&mut self.document, path, verb, change)
    }

    /// Whether there is something to do; refuses what the client may not change.
    fn may_change(&mut self, path: &Path, operation: &Operation) -> Result<bool> {
        let leaf = path.leaf();
        if self.kind == ResourceKind::Group && path.attribute.name == "members" {
            let detail = "`members` cannot be changed together with the group's attributes";
            return Err(ScimError::new(Kind::InvalidPath, detail));
        }
        if path.attribute.returned == Returned::Never {
            let value = operation.value.clone().unwrap_or_default();
            return coerce(leaf, value, self.preset, self.notes).map(|_| false);
        }
        let is_read_only = |attribute: &Attribute| attribute.mutability == Mutability::ReadOnly;
        if !is_read_only(path.attribute) && !is_read_only(leaf) {
            return Ok(true);
        }
        let current = at(&self.document, path);
        if operation.verb != Verb::Remove
            && current.is_some()
            && current == operation.value.as_ref()
        {
            return Ok(false);
        }
        Err(immovable(format!("`{path}` is read-only")))
    }
}

/// The value at the path, lists not looked into.
fn at<'a>(document: &'a Map<String, Value>, path: &Path) -> Option<&'a Value> {
    let (first, rest) = path.keys().split_first().map(|(first, rest)| (*first, rest.to_vec()))?;
    rest.into_iter().try_fold(document.get(first)?, |value, key| value.get(key))
}

/// Puts in the place of an attribute's value what `change` makes of it.
fn update(
    document: &mut Map<String, Value>,
    path: &Path,
    verb: Verb,
    change: impl FnOnce(Option<Value>) -> Result<Option<Value>>,
) -> Result<()> {
    let Some(extension) = path.extension else {
        return update_in(document, path.attribute, verb, change);
    };
    let mut home = match document.get_mut(&extension.id).map(Value::take) {
        Some(Value::Object(home)) => home,
        Some(_) | None => Map::new(),
    };
    update_in(&mut home, path.attribute, verb, change)?;
    put(document, &extension.id, (!home.is_empty()).then_some(Value::Object(home)));
    Ok(())
}

fn update_in(
    home: &mut Map<String, Value>,
    attribute: &Attribute,
    verb: Verb,
    change: impl FnOnce(Option<Value>) -> Result<Option<Value>>,
) -> Result<()> {
    let name = &attribute.name;
    let old = home.get_mut(name).map(Value::take);
    let is_immutable = attribute.mutability == Mutability::Immutable;
    let kept = if is_immutable { old.clone() } else { None };
    let new = change(old)?;
    if kept.is_some() && kept != new {
        return Err(immovable(format!("`{name}` cannot be changed once it has a value")));
    }
    if new.is_none() && attribute.required {
        let detail = format!("`{name}` is required and cannot be left without a value");
        let kind = if verb == Verb::Remove { Kind::Mutability } else { Kind::InvalidValue };
        return Err(ScimError::new(kind, detail));
    }
    put(home, name, new);
    Ok(())
}

fn put(home: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => {
            home.insert(name.to_owned(), value);
        }
        None => {
            home.shift_remove(name);
        }
    }
}

fn immovable(detail: String) -> ScimError {
    ScimError::new(Kind::Mutability, detail)
}

#[cfg(test)]
mod tests;
