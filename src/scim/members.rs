//! Changes to a group's members, as sets (DECISIONS 21, SCIM.md §2 items 4, 5).
//!
//! Members are rows, never JSON: a PATCH that adds one to a hundred thousand must not load them. So
//! the operations on `members` are taken out of the PATCH and folded into one [`Delta`], which the
//! store applies with one statement per direction. Only a filter on something else than `value`
//! needs the current members. INVARIANT: a list of values to remove never removes any other member.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::scim::error::{Kind, Result, ScimError};
use crate::scim::filter::{ElementFilter, Literal, Op, eval_element};
use crate::scim::fold;
use crate::scim::patch::{Operation, Target, Verb};
use crate::scim::preset::Preset;
use crate::scim::resource::member_ids;
use crate::scim::schema::{Attribute, Mutability};

/// One change, in the order of the PATCH.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// These become members.
    Add(Vec<String>),
    /// These are members no longer.
    Remove(Vec<String>),
    /// There are no members any more.
    Clear,
    /// Members that the condition holds for are members no longer.
    RemoveWhere(ElementFilter),
}

/// What a PATCH does to the members.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MemberPlan {
    steps: Vec<Step>,
}

/// The outcome of a plan: who comes, who goes; nobody is in both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delta {
    /// Whether everybody goes who is not in `add`: the new set is exactly `add`.
    pub clear: bool,
    /// Who is a member afterwards, each once.
    pub add: Vec<String>,
    /// Who is not, each once; empty if `clear`.
    pub remove: Vec<String>,
}

/// Splits a group's PATCH: operations on `members` become the plan, the others remain, in order.
///
/// # Errors
/// `mutability` where a member's `value`, `type` or `$ref` is to be changed or removed,
/// `invalidValue` where a value names no member.
pub fn split(operations: Vec<Operation>, preset: Preset) -> Result<(Vec<Operation>, MemberPlan)> {
    let mut rest = Vec::with_capacity(operations.len());
    let mut plan = MemberPlan::default();
    for operation in operations {
        match &operation.target {
            Target::Path(path) if path.attribute.name == "members" => match path.sub {
                None => plan.add_whole(operation.verb, operation.value.as_ref(), preset)?,
                Some(sub) => refuse_change(sub)?,
            },
            Target::Element { path, filter, sub, seed } if path.attribute.name == "members" => {
                match sub {
                    None => plan.add_element(&operation, filter, seed, preset)?,
                    Some(sub) => refuse_change(sub)?,
                }
            }
            Target::Path(_)
            | Target::Element { .. }
            | Target::Extension(_)
            | Target::Foreign(_) => rest.push(operation),
        }
    }
    Ok((rest, plan))
}

impl MemberPlan {
    /// Whether the PATCH leaves the members alone.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The outcome; `None` if a condition must be asked of the current members, see
    /// [`Self::delta_over`].
    pub fn delta(&self) -> Option<Delta> {
        let mut fold = Fold::default();
        for step in &self.steps {
            match step {
                Step::RemoveWhere(_) if fold.is_cleared && fold.added.is_empty() => {}
                Step::RemoveWhere(_) => return None,
                Step::Add(_) | Step::Remove(_) | Step::Clear => fold.take(step, &[]),
            }
        }
        Some(fold.finish())
    }

    /// The outcome, given the current members as folded elements of `members`.
    ///
    /// Of members that the plan itself adds, a condition sees the `value` only.
    pub fn delta_over(&self, current: &[Value]) -> Delta {
        let mut fold = Fold::default();
        for step in &self.steps {
            fold.take(step, current);
        }
        fold.finish()
    }

    /// An operation on `members` itself.
    fn add_whole(&mut self, verb: Verb, value: Option<&Value>, preset: Preset) -> Result<()> {
        let value = value.filter(|value| !value.is_null());
        let ids = value.map(|value| folded_ids(value, preset)).transpose()?;
        match (verb, ids) {
            (Verb::Remove | Verb::Replace, None) => self.steps.push(Step::Clear),
            (Verb::Remove, Some(ids)) => self.push(Step::Remove(ids)),
            (Verb::Add, ids) => self.push(Step::Add(ids.unwrap_or_default())),
            (Verb::Replace, Some(ids)) => {
                self.steps.push(Step::Clear);
                self.push(Step::Add(ids));
            }
        }
        Ok(())
    }

    /// An operation on `members[filter]`.
    fn add_element(
        &mut self,
        operation: &Operation,
        filter: &ElementFilter,
        seed: &Map<String, Value>,
        preset: Preset,
    ) -> Result<()> {
        if operation.verb == Verb::Remove {
            self.push(
                named(filter).map_or_else(|| Step::RemoveWhere(filter.clone()), Step::Remove),
            );
            return Ok(());
        }
        let named = seed.get("value").and_then(Value::as_str).map(fold::text);
        let has_value = operation.value.as_ref().is_some_and(|value| value.get("value").is_some());
        let given = match &operation.value {
            Some(value) if has_value => folded_ids(&Value::Array(vec![value.clone()]), preset)?,
            Some(_) | None => named.iter().cloned().collect(),
        };
        if named.is_none() || given.iter().ne(&named) {
            let detail = "a member's `value` cannot be changed; remove the one and add the other";
            return Err(ScimError::new(Kind::Mutability, detail));
        }
        self.push(Step::Add(given));
        Ok(())
    }

    fn push(&mut self, step: Step) {
        let is_nothing = match &step {
            Step::Add(ids) | Step::Remove(ids) => ids.is_empty(),
            Step::Clear | Step::RemoveWhere(_) => false,
        };
        if !is_nothing {
            self.steps.push(step);
        }
    }
}

/// A plan being folded: what is known of the set so far.
#[derive(Default)]
struct Fold {
    is_cleared: bool,
    added: BTreeSet<String>,
    removed: BTreeSet<String>,
}

impl Fold {
    fn take(&mut self, step: &Step, current: &[Value]) {
        match step {
            Step::Add(ids) => ids.iter().for_each(|id| {
                self.removed.remove(id);
                self.added.insert(id.clone());
            }),
            Step::Remove(ids) => ids.iter().for_each(|id| self.remove(id)),
            Step::Clear => *self = Self { is_cleared: true, ..Self::default() },
            Step::RemoveWhere(filter) => {
                for id in self.matching(filter, current) {
                    self.remove(&id);
                }
            }
        }
    }

    fn remove(&mut self, id: &str) {
        self.added.remove(id);
        if !self.is_cleared {
            self.removed.insert(id.to_owned());
        }
    }

    /// Who of the set so far meets the condition.
    fn matching(&self, filter: &ElementFilter, current: &[Value]) -> Vec<String> {
        let element =
            |element: &Value| Some((element.get("value")?.as_str()?.to_owned(), element.clone()));
        let known: BTreeMap<String, Value> = current.iter().filter_map(element).collect();
        let is_met = |element: &Value| eval_element(filter, element);
        let stayed = known.iter().filter(|(id, element)| {
            !self.is_cleared && !self.removed.contains(*id) && is_met(element)
        });
        let added = self.added.iter().filter(|id| {
            let bare =
                || Value::Object(Map::from_iter([("value".to_owned(), (*id).clone().into())]));
            known.get(*id).map_or_else(|| is_met(&bare()), &is_met)
        });
        stayed.map(|(id, _)| id).chain(added).cloned().collect()
    }

    fn finish(self) -> Delta {
        Delta {
            clear: self.is_cleared,
            add: self.added.into_iter().collect(),
            remove: self.removed.into_iter().collect(),
        }
    }
}

/// The ids in a value, as filters have them: `members.value` ignores case.
fn folded_ids(value: &Value, preset: Preset) -> Result<Vec<String>> {
    Ok(member_ids(value, preset)?.iter().map(|id| fold::text(id)).collect())
}

/// The ids a condition names, if it is `value eq "…"` or several of them joined by `or`.
fn named(filter: &ElementFilter) -> Option<Vec<String>> {
    match filter {
        ElementFilter::Compare(sub, Op::Eq, Literal::Text(id)) if sub.name == "value" => {
            Some(vec![id.clone()])
        }
        ElementFilter::Any(filters) => {
            let ids: Option<Vec<Vec<String>>> = filters.iter().map(named).collect();
            Some(ids?.concat())
        }
        ElementFilter::All(_)
        | ElementFilter::Not(_)
        | ElementFilter::Never
        | ElementFilter::Present(_)
        | ElementFilter::Compare(..) => None,
    }
}

/// What a member is called is not kept, so a change of it is nothing; all else is immutable.
fn refuse_change(sub: &Attribute) -> Result<()> {
    if sub.mutability == Mutability::ReadOnly {
        return Ok(());
    }
    let detail = format!("`members.{}` cannot be changed; remove the member and add it", sub.name);
    Err(ScimError::new(Kind::Mutability, detail))
}

#[cfg(test)]
mod tests;
