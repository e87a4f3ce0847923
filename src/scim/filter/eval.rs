//! The reference meaning of a filter: whether a folded document meets it.

use std::cmp::Ordering;

use serde_json::Value;

use crate::scim::filter::{ElementFilter, Filter, Literal, Op};

/// Whether a document, folded by [`crate::scim::fold::document`], meets the filter.
///
/// The document holds what may be asked for: `id`, `meta`, `groups` or `members` included.
pub fn eval(filter: &Filter, folded: &Value) -> bool {
    match filter {
        Filter::All(filters) => filters.iter().all(|filter| eval(filter, folded)),
        Filter::Any(filters) => filters.iter().any(|filter| eval(filter, folded)),
        Filter::Not(filter) => !eval(filter, folded),
        Filter::Never => false,
        Filter::Present(path) => any_at(folded, &path.keys(), &is_present),
        Filter::Compare(path, op, literal) => {
            any_at(folded, &path.keys(), &|value| compare(value, *op, literal))
        }
        Filter::Element(path, filter) => {
            any_at(folded, &path.keys(), &|element| eval_element(filter, element))
        }
    }
}

/// Whether one folded element of a complex attribute meets the filter.
pub fn eval_element(filter: &ElementFilter, folded: &Value) -> bool {
    match filter {
        ElementFilter::All(filters) => filters.iter().all(|filter| eval_element(filter, folded)),
        ElementFilter::Any(filters) => filters.iter().any(|filter| eval_element(filter, folded)),
        ElementFilter::Not(filter) => !eval_element(filter, folded),
        ElementFilter::Never => false,
        ElementFilter::Present(sub) => folded.get(&sub.name).is_some_and(is_present),
        ElementFilter::Compare(sub, op, literal) => {
            folded.get(&sub.name).is_some_and(|value| compare(value, *op, literal))
        }
    }
}

/// Whether `test` holds for a value at the keys, each element of a list being a value.
fn any_at(value: &Value, keys: &[&str], test: &dyn Fn(&Value) -> bool) -> bool {
    if let Value::Array(items) = value {
        return items.iter().any(|item| any_at(item, keys, test));
    }
    match keys.split_first() {
        None => test(value),
        Some((key, keys)) => value.get(key).is_some_and(|value| any_at(value, keys, test)),
    }
}

fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => items.iter().any(is_present),
        Value::Object(entries) => !entries.is_empty(),
    }
}

fn compare(value: &Value, op: Op, literal: &Literal) -> bool {
    let ordering = match (value, literal) {
        (Value::String(text), Literal::Text(part)) => match op {
            Op::Co => return text.contains(part.as_str()),
            Op::Sw => return text.starts_with(part.as_str()),
            Op::Ew => return text.ends_with(part.as_str()),
            Op::Eq | Op::Gt | Op::Ge | Op::Lt | Op::Le => Some(text.as_str().cmp(part.as_str())),
        },
        (Value::Bool(boolean), Literal::Bool(other)) => Some(boolean.cmp(other)),
        (Value::Number(number), Literal::Number(other)) => {
            number.as_f64().and_then(|number| number.partial_cmp(other))
        }
        (_, Literal::Text(_) | Literal::Bool(_) | Literal::Number(_)) => None,
    };
    ordering.is_some_and(|ordering| holds(op, ordering))
}

fn holds(op: Op, ordering: Ordering) -> bool {
    match op {
        Op::Eq => ordering.is_eq(),
        Op::Gt => ordering.is_gt(),
        Op::Ge => ordering.is_ge(),
        Op::Lt => ordering.is_lt(),
        Op::Le => ordering.is_le(),
        Op::Co | Op::Sw | Op::Ew => false,
    }
}

#[cfg(test)]
mod tests;
