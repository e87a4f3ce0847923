//! `add` and `replace` (RFC 7644 §3.5.2.1, §3.5.2.3).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::scim::error::{Kind, Result, ScimError};
use crate::scim::patch::Verb;
use crate::scim::patch::elements::{self, Assignment, Selection};
use crate::scim::preset::Preset;
use crate::scim::schema::{Attribute, Mutability, Type};
use crate::scim::value::{Notes, coerce, coerce_element};

/// One operation on one attribute.
pub(super) struct Write<'a> {
    pub(super) attribute: &'static Attribute,
    pub(super) selection: &'a Selection<'a>,
    pub(super) verb: Verb,
    pub(super) preset: Preset,
    pub(super) notes: &'a mut Notes,
}

impl Write<'_> {
    /// The attribute's value after the operation.
    ///
    /// # Errors
    /// As [`crate::scim::patch::apply`].
    pub(super) fn apply(&mut self, value: Value, old: Option<Value>) -> Result<Option<Value>> {
        let attribute = self.attribute;
        let is_whole = self.selection.filter.is_none() && self.selection.sub.is_none();
        if is_whole && attribute.multi_valued {
            return self.write_list(value, old);
        }
        if is_whole && attribute.kind != Type::Complex {
            let new = coerce(attribute, value, self.preset, self.notes)?;
            return Ok(new.filter(|new| !is_blank_external_id(attribute, new)));
        }
        let assignment = self.read_assignment(value)?;
        self.write_elements(assignment.as_ref(), old)
    }

    fn write_list(&mut self, value: Value, old: Option<Value>) -> Result<Option<Value>> {
        let given = coerce(self.attribute, value, self.preset, self.notes)?;
        if self.verb == Verb::Replace {
            return Ok(given);
        }
        let mut items = elements::items(old);
        let mut winner = None;
        for item in elements::items(given) {
            let is_primary = item.get("primary") == Some(&Value::Bool(true));
            let index = elements::append(self.attribute, &mut items, item);
            winner = winner.or(is_primary.then_some(index));
        }
        elements::settle_primary(&mut items, winner);
        elements::gather(self.attribute, items)
    }

    /// What the value says about the elements; `None` if it takes them away.
    fn read_assignment(&mut self, value: Value) -> Result<Option<Assignment>> {
        if let Some(sub) = self.selection.sub {
            let name = sub.name.clone();
            let mut assignment = Assignment::default();
            match coerce(sub, value, self.preset, self.notes)? {
                Some(value) => {
                    assignment.set.insert(name, value);
                }
                None => assignment.cleared.push(name),
            }
            return Ok(Some(assignment));
        }
        let value = self.unwrap_single(value);
        let named: Option<Vec<String>> = value.as_object().map(|object| {
            let subs = object.keys().filter_map(|key| self.attribute.sub(key));
            let writable = subs.filter(|sub| sub.mutability != Mutability::ReadOnly);
            writable.map(|sub| sub.name.clone()).collect()
        });
        let canonical = coerce_element(self.attribute, value, self.preset, self.notes)?;
        match (canonical, named) {
            (Some(Value::Object(set)), named) => {
                let mut cleared = named.unwrap_or_default();
                cleared.retain(|name| !set.contains_key(name));
                Ok(Some(Assignment { set, cleared }))
            }
            (_, Some(cleared)) => Ok(Some(Assignment { set: Map::new(), cleared })),
            (_, None) => Ok(None),
        }
    }

    /// `[{…}]` where one value belongs: Entra ID sends a manager so.
    fn unwrap_single(&mut self, value: Value) -> Value {
        let is_list = value.as_array().is_some_and(|items| items.len() <= 1);
        let Value::Array(mut items) = value else { return value };
        if !is_list || self.preset.is_strict() {
            return Value::Array(items);
        }
        self.notes.coerced += 1;
        items.pop().unwrap_or_default()
    }

    fn write_elements(
        &mut self,
        assignment: Option<&Assignment>,
        old: Option<Value>,
    ) -> Result<Option<Value>> {
        let attribute = self.attribute;
        let mut items = elements::items(old);
        let mut meant = self.selection.find(attribute, &items);
        let is_missed = meant.is_empty() && self.selection.filter.is_some();
        if is_missed && self.preset.is_strict() && self.verb == Verb::Replace {
            return Err(self.no_target());
        }
        if let Some(assignment) = assignment
            && meant.is_empty()
            && !assignment.set.is_empty()
        {
            meant.insert(self.create(assignment, &mut items)?);
        }
        let mut gone = BTreeSet::new();
        for index in &meant {
            let Some(item) = items.get_mut(*index) else { continue };
            if self.verb == Verb::Replace && self.selection.sub.is_none() {
                self.blank(item);
            }
            let is_kept = assignment.map(|assignment| assignment.write(attribute, item));
            if !is_kept.transpose()?.unwrap_or(false) {
                gone.insert(*index);
            }
        }
        let is_primary = assignment.is_some_and(Assignment::is_primary);
        elements::settle_primary(&mut items, meant.first().copied().filter(|_| is_primary));
        elements::drop_all(&mut items, &gone);
        elements::gather(attribute, items)
    }

    /// Makes the element that a value path did not find, from what its condition says.
    fn create(&self, assignment: &Assignment, items: &mut Vec<Value>) -> Result<usize> {
        let mut element = match self.selection.filter {
            Some((_, seed)) if seed.is_empty() => return Err(self.no_target()),
            Some((_, seed)) => seed.clone(),
            None => Map::new(),
        };
        if !self.attribute.multi_valued && !items.is_empty() {
            return Err(self.no_target());
        }
        element.extend(assignment.set.clone());
        Ok(elements::append(self.attribute, items, Value::Object(element)))
    }

    /// Before `replace` of a whole element: only what its condition says of it remains.
    fn blank(&self, item: &mut Value) {
        if let (Some((_, seed)), Value::Object(element)) = (self.selection.filter, item) {
            element.retain(|name, _| seed.contains_key(name));
        }
    }

    fn no_target(&self) -> ScimError {
        let name = &self.attribute.name;
        ScimError::new(Kind::NoTarget, format!("no value of `{name}` meets the path's filter"))
    }
}

/// A blank `externalId` counts as none, as on POST and PUT.
fn is_blank_external_id(attribute: &Attribute, value: &Value) -> bool {
    attribute.name == "externalId" && value.as_str().is_some_and(|text| text.trim().is_empty())
}
