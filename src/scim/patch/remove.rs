//! `remove` (RFC 7644 §3.5.2.2).

use std::collections::BTreeSet;

use serde_json::Value;

use crate::scim::error::{Kind, Result, ScimError};
use crate::scim::patch::elements::{self, Selection};
use crate::scim::patch::immovable;
use crate::scim::patch::write::Write;
use crate::scim::schema::{Attribute, Mutability};
use crate::scim::value::coerce;

/// The attribute's value after the removal. A list in `value` names the values to remove, and only
/// those go; an empty list removes nothing, `null` is no list.
///
/// # Errors
/// As [`crate::scim::patch::apply`].
pub(super) fn apply(
    write: &mut Write<'_>,
    value: Value,
    old: Option<Value>,
) -> Result<Option<Value>> {
    let (attribute, selection) = (write.attribute, write.selection);
    match (selection.filter, selection.sub) {
        (None, None) if attribute.multi_valued && !value.is_null() => {
            remove_listed(write, value, old)
        }
        (None, None) => Ok(None),
        (_, Some(sub)) => {
            check_removable(attribute, sub)?;
            remove_sub(write, sub, old)
        }
        (Some(_), None) => {
            let mut items = elements::items(old);
            let meant = find(write, &items)?;
            elements::drop_all(&mut items, &meant);
            elements::gather(attribute, items)
        }
    }
}

fn remove_listed(write: &mut Write<'_>, value: Value, old: Option<Value>) -> Result<Option<Value>> {
    let attribute = write.attribute;
    let listed = elements::items(coerce(attribute, value, write.preset, write.notes)?);
    let mut items = elements::items(old);
    items.retain(|item| !listed.iter().any(|given| elements::is_same(attribute, item, given)));
    elements::gather(attribute, items)
}

fn remove_sub(write: &Write<'_>, sub: &Attribute, old: Option<Value>) -> Result<Option<Value>> {
    let mut items = elements::items(old);
    let mut gone = find(write, &items)?;
    for index in &gone {
        if let Some(Value::Object(element)) = items.get_mut(*index) {
            element.shift_remove(&sub.name);
        }
    }
    gone.retain(|index| !items.get(*index).is_some_and(|item| is_worth_keeping(write, sub, item)));
    elements::drop_all(&mut items, &gone);
    elements::gather(write.attribute, items)
}

/// Whether an element that lost `sub` still says something. Beyond the RFC: one without its `value`,
/// or with no more than its filter said when it was made, goes; Entra ID clears an address so.
fn is_worth_keeping(write: &Write<'_>, sub: &Attribute, item: &Value) -> bool {
    let Value::Object(element) = item else { return false };
    if element.is_empty() || (sub.name == "value" && !write.attribute.multi_valued) {
        return false;
    }
    if write.preset.is_strict() {
        return true;
    }
    let seed = write.selection.filter.map(|(_, seed)| seed);
    let is_seeded = |name: &String| seed.is_some_and(|seed| seed.contains_key(name));
    sub.name != "value" && !element.keys().all(is_seeded)
}

fn find(write: &Write<'_>, items: &[Value]) -> Result<BTreeSet<usize>> {
    let Selection { filter, .. } = write.selection;
    let meant = write.selection.find(write.attribute, items);
    if meant.is_empty() && filter.is_some() && write.preset.is_strict() {
        let name = &write.attribute.name;
        let detail = format!("no value of `{name}` meets the path's filter");
        return Err(ScimError::new(Kind::NoTarget, detail));
    }
    Ok(meant)
}

fn check_removable(attribute: &Attribute, sub: &Attribute) -> Result<()> {
    if sub.required || sub.mutability == Mutability::Immutable {
        let detail = format!("`{}.{}` cannot be removed", attribute.name, sub.name);
        return Err(immovable(detail));
    }
    Ok(())
}
