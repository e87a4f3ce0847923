//! Names and literals of a parsed filter, resolved against the schemas and type-checked.

use std::borrow::Cow;
use std::sync::LazyLock;

use scim_v2::filter as wire;
use serde_json::{Map, Value};

use crate::scim::error::{Result, ScimError};
use crate::scim::filter::literal;
use crate::scim::filter::normalise::{Normal, Raw, normalise};
use crate::scim::filter::{
    ElementFilter, Filter, Literal, MAX_DEPTH, Op, is_name, refuse, unexpected,
};
use crate::scim::path::{self, Path, Resolved};
use crate::scim::preset::Preset;
use crate::scim::schema::{Attribute, ResourceKind, Returned, Schema, Type};

/// The condition between `[` and `]` of a PATCH path.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ElementText {
    /// Which elements are meant.
    pub(crate) filter: ElementFilter,
    /// What the `eq` conditions that must all hold say about a new element, texts as written.
    pub(crate) seed: Map<String, Value>,
}

/// See [`crate::scim::filter::parse`].
pub(super) fn filter(kind: ResourceKind, text: &str, preset: Preset) -> Result<Filter> {
    let normal = normalise(text, preset)?;
    let parsed = parse(&normal.text)?;
    Resolver { normal: &normal, preset }.filter(kind, &parsed)
}

impl ElementText {
    /// Parses a condition on the elements of `parent`, a complex attribute.
    ///
    /// # Errors
    /// As [`crate::scim::filter::parse`].
    pub(crate) fn parse(parent: &'static Attribute, text: &str, preset: Preset) -> Result<Self> {
        let normal = normalise(text, preset)?;
        let parsed = parse(&format!("e[{}]", normal.text))?;
        let wire::Filter::ValuePath(value_path) = &*parsed else {
            return Err(unexpected("a condition on sub-attributes", text));
        };
        let resolver = Resolver { normal: &normal, preset };
        let filter = resolver.element(parent, &value_path.filter)?;
        let mut seed = Map::new();
        resolver.collect_seed(parent, &value_path.filter, &mut seed);
        Ok(Self { filter, seed })
    }
}

/// One name compared with one literal, which is what identity providers ask most: parsed once.
static ONE_COMPARISON: LazyLock<Option<wire::Filter>> = LazyLock::new(|| ONE.parse().ok());
const ONE: &str = "a0 eq 0";

fn parse(text: &str) -> Result<Cow<'static, wire::Filter>> {
    if let (ONE, Some(known)) = (text, LazyLock::force(&ONE_COMPARISON)) {
        return Ok(Cow::Borrowed(known));
    }
    // What the crate still refuses is nesting of `and` within `or`, or `[` within `[`.
    text.parse().map(Cow::Owned).map_err(|_| {
        let detail = "a value filter holds no other one, and nesting ends at";
        refuse(format!("the filter is nested in a way that is not taken: {detail} {MAX_DEPTH}"))
    })
}

/// A condition on one place: presence or comparison, possibly negated.
struct Test {
    is_negated: bool,
    comparison: Option<(Op, Literal)>,
}

struct Resolver<'a> {
    normal: &'a Normal<'a>,
    preset: Preset,
}

impl Resolver<'_> {
    fn filter(&self, kind: ResourceKind, node: &wire::Filter) -> Result<Filter> {
        let all = |nodes: &[wire::Filter]| -> Result<Vec<Filter>> {
            nodes.iter().map(|node| self.filter(kind, node)).collect()
        };
        match node {
            wire::Filter::And(nodes) => all(nodes).map(Filter::All),
            wire::Filter::Or(nodes) => all(nodes).map(Filter::Any),
            wire::Filter::Not(node) => Ok(negated(self.filter(kind, node)?, true)),
            wire::Filter::Attr(expression) => self.term(kind, expression),
            wire::Filter::ValuePath(value_path) => {
                let path = match self.resolve(kind, &value_path.attr)? {
                    Resolved::Attribute(path) => path,
                    Resolved::Unknown => return Ok(Filter::Never),
                    Resolved::Extension(schema) => return Err(incomparable(&schema.id)),
                };
                check_filterable(&path)?;
                if path.sub.is_some() || path.attribute.kind != Type::Complex {
                    let detail = "has no sub-attributes that a filter in `[ ]` could ask for";
                    return Err(refuse(format!("`{path}` {detail}")));
                }
                let filter = self.element(path.attribute, &value_path.filter)?;
                Ok(Filter::Element(path, Box::new(filter)))
            }
        }
    }

    fn term(&self, kind: ResourceKind, expression: &wire::AttrExp) -> Result<Filter> {
        let (name, comparison) = parts(expression);
        let path = match (self.resolve(kind, name)?, comparison) {
            (Resolved::Attribute(path), _) => path,
            (Resolved::Unknown, _) => {
                let is_negated = self.is_negated(comparison);
                return Ok(negated(Filter::Never, is_negated));
            }
            (Resolved::Extension(schema), None) => return Ok(extension_present(schema)),
            (Resolved::Extension(schema), Some(_)) => return Err(incomparable(&schema.id)),
        };
        check_filterable(&path)?;
        let test = self.test(compared(path).leaf(), comparison)?;
        let filter = match test.comparison {
            None => Filter::Present(path),
            Some((op, literal)) => Filter::Compare(compared(path), op, literal),
        };
        Ok(negated(filter, test.is_negated))
    }

    fn element(&self, parent: &'static Attribute, node: &wire::ValFilter) -> Result<ElementFilter> {
        let all = |nodes: &[wire::ValFilter]| -> Result<Vec<ElementFilter>> {
            nodes.iter().map(|node| self.element(parent, node)).collect()
        };
        let expression = match node {
            wire::ValFilter::And(nodes) => return all(nodes).map(ElementFilter::All),
            wire::ValFilter::Or(nodes) => return all(nodes).map(ElementFilter::Any),
            wire::ValFilter::Not(node) => {
                return Ok(negated_element(self.element(parent, node)?, true));
            }
            wire::ValFilter::Attr(expression) => expression,
        };
        let (name, comparison) = parts(expression);
        let Some(sub) = parent.sub(self.name(name)?) else {
            return Ok(negated_element(ElementFilter::Never, self.is_negated(comparison)));
        };
        let test = self.test(sub, comparison)?;
        let filter = match test.comparison {
            None => ElementFilter::Present(sub),
            Some((op, literal)) => ElementFilter::Compare(sub, op, literal),
        };
        Ok(negated_element(filter, test.is_negated))
    }

    /// Collects what `sub eq literal` conditions say, unless another one may hold instead.
    fn collect_seed(
        &self,
        parent: &'static Attribute,
        node: &wire::ValFilter,
        seed: &mut Map<String, Value>,
    ) {
        match node {
            wire::ValFilter::And(nodes) => {
                for node in nodes {
                    self.collect_seed(parent, node, seed);
                }
            }
            wire::ValFilter::Attr(wire::AttrExp::Comparison(name, wire::CompareOp::Eq, value)) => {
                let sub = self.name(name).ok().and_then(|name| parent.sub(name));
                let Some((sub, raw)) = sub.zip(self.raw(value)) else { return };
                if let Some(value) = literal::as_value(sub, raw, self.preset) {
                    seed.insert(sub.name.clone(), value);
                }
            }
            wire::ValFilter::Attr(_) | wire::ValFilter::Not(_) | wire::ValFilter::Or(_) => {}
        }
    }

    /// The name that a placeholder stands for, if it is written as a name is.
    fn name(&self, placeholder: &wire::AttrPath) -> Result<&str> {
        let name = self.normal.name(&placeholder.name).unwrap_or_default();
        if is_name(name) { Ok(name) } else { Err(unexpected("an attribute name", name)) }
    }

    fn resolve(&self, kind: ResourceKind, placeholder: &wire::AttrPath) -> Result<Resolved> {
        let written = self.normal.name(&placeholder.name).unwrap_or_default();
        match path::resolve(kind, written) {
            Resolved::Unknown => self.name(placeholder).map(|_| Resolved::Unknown),
            found @ (Resolved::Attribute(_) | Resolved::Extension(_)) => Ok(found),
        }
    }

    fn raw(&self, value: &wire::CompValue) -> Option<&Raw> {
        match value {
            wire::CompValue::Number(number) => self.normal.literal(number),
            wire::CompValue::False
            | wire::CompValue::True
            | wire::CompValue::Null
            | wire::CompValue::Str(_) => None,
        }
    }

    /// Whether the condition is the opposite of one that needs a value.
    fn is_negated(&self, comparison: Option<Comparison<'_>>) -> bool {
        comparison.is_some_and(|(op, value)| match op {
            wire::CompareOp::Ne => self.raw(value) != Some(&Raw::Null),
            wire::CompareOp::Eq => self.raw(value) == Some(&Raw::Null),
            wire::CompareOp::Co
            | wire::CompareOp::Sw
            | wire::CompareOp::Ew
            | wire::CompareOp::Gt
            | wire::CompareOp::Ge
            | wire::CompareOp::Lt
            | wire::CompareOp::Le => false,
        })
    }

    fn test(&self, leaf: &Attribute, comparison: Option<Comparison<'_>>) -> Result<Test> {
        let is_negated = self.is_negated(comparison);
        let Some((wire_op, value)) = comparison else {
            return Ok(Test { is_negated, comparison: None });
        };
        let op = op(wire_op);
        let raw = self.raw(value).unwrap_or(&Raw::Null);
        if *raw == Raw::Null {
            return match op {
                Op::Eq => Ok(Test { is_negated, comparison: None }),
                Op::Co | Op::Sw | Op::Ew | Op::Gt | Op::Ge | Op::Lt | Op::Le => {
                    Err(refuse("`null` can only be compared by eq and ne"))
                }
            };
        }
        literal::check_operator(leaf, op)?;
        let literal = literal::typed(leaf, raw, self.preset)?;
        Ok(Test { is_negated, comparison: Some((op, literal)) })
    }
}

type Comparison<'a> = (&'a wire::CompareOp, &'a wire::CompValue);

fn parts(expression: &wire::AttrExp) -> (&wire::AttrPath, Option<Comparison<'_>>) {
    match expression {
        wire::AttrExp::Present(name) => (name, None),
        wire::AttrExp::Comparison(name, op, value) => (name, Some((op, value))),
    }
}

fn op(op: &wire::CompareOp) -> Op {
    match op {
        wire::CompareOp::Eq | wire::CompareOp::Ne => Op::Eq,
        wire::CompareOp::Co => Op::Co,
        wire::CompareOp::Sw => Op::Sw,
        wire::CompareOp::Ew => Op::Ew,
        wire::CompareOp::Gt => Op::Gt,
        wire::CompareOp::Ge => Op::Ge,
        wire::CompareOp::Lt => Op::Lt,
        wire::CompareOp::Le => Op::Le,
    }
}

fn negated(filter: Filter, is_negated: bool) -> Filter {
    match (is_negated, filter) {
        (false, filter) => filter,
        (true, Filter::Not(filter)) => *filter,
        (true, filter) => Filter::Not(Box::new(filter)),
    }
}

fn negated_element(filter: ElementFilter, is_negated: bool) -> ElementFilter {
    match (is_negated, filter) {
        (false, filter) => filter,
        (true, ElementFilter::Not(filter)) => *filter,
        (true, filter) => ElementFilter::Not(Box::new(filter)),
    }
}

/// What a comparison with the path looks at: a complex attribute compares by its `value`.
fn compared(path: Path) -> Path {
    Path { sub: path.sub.or_else(|| path.attribute.sub("value")), ..path }
}

fn extension_present(schema: &'static Schema) -> Filter {
    let present = |attribute| Path { extension: Some(schema), attribute, sub: None };
    Filter::Any(schema.attributes.iter().map(present).map(Filter::Present).collect())
}

fn check_filterable(path: &Path) -> Result<()> {
    if path.attribute.returned == Returned::Never || path.leaf().returned == Returned::Never {
        return Err(refuse(format!("`{path}` is never returned, so it cannot be filtered")));
    }
    Ok(())
}

pub(super) fn incomparable(name: &str) -> ScimError {
    refuse(format!("`{name}` holds several attributes; name the one to compare"))
}

#[cfg(test)]
mod tests;
