//! Random filters over all attributes of the registry, and smaller ones that may fail alike.

use countersign::scim::schema::{Attribute, ResourceKind, Type};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;

use crate::store::filter_agreement::directory::WORDS;
use crate::world::random::Random;

/// A filter that can be written, and taken apart.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Term(String),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    /// A value path: the attribute, and what its element must meet.
    Element(String, Box<Node>),
}

/// An attribute with the names to reach it by.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// As a filter writes it.
    pub(super) name: String,
    /// The JSON keys.
    pub(super) keys: Vec<String>,
    /// The attribute or sub-attribute.
    pub(super) leaf: &'static Attribute,
}

/// Every attribute and sub-attribute of a resource type.
pub(super) fn places(kind: ResourceKind) -> Vec<Place> {
    let schema = kind.schema();
    let mut places = Vec::new();
    for attribute in &schema.attributes {
        add(&mut places, (String::new(), vec![]), attribute);
    }
    for extension in &schema.extensions {
        for attribute in &extension.attributes {
            let home = (format!("{}:", extension.id), vec![extension.id.clone()]);
            add(&mut places, home, attribute);
        }
    }
    places
}

fn add(places: &mut Vec<Place>, home: (String, Vec<String>), leaf: &'static Attribute) {
    let (prefix, mut keys) = home;
    let name = format!("{prefix}{}", leaf.name);
    keys.push(leaf.name.clone());
    for sub in &leaf.sub_attributes {
        let mut keys = keys.clone();
        keys.push(sub.name.clone());
        places.push(Place { name: format!("{name}.{}", sub.name), keys, leaf: sub });
    }
    places.push(Place { name, keys, leaf });
}

/// Makes filters for one set of resources.
pub(super) struct Maker<'a> {
    pub(super) kind: ResourceKind,
    pub(super) places: &'a [Place],
    /// The resources as answered, to take values from.
    pub(super) answered: &'a [Value],
}

impl Maker<'_> {
    pub(super) fn filter(&self, random: &mut Random, depth: usize) -> Node {
        let parts = |random: &mut Random| -> Vec<Node> {
            (0..2 + random.below(2)).map(|_| self.filter(random, depth - 1)).collect()
        };
        match random.below(if depth == 0 { 6 } else { 10 }) {
            0..=4 => self.term(random),
            5 => self.element(random),
            6 | 7 => Node::And(parts(random)),
            8 => Node::Or(parts(random)),
            _ => Node::Not(Box::new(self.filter(random, depth - 1))),
        }
    }

    fn term(&self, random: &mut Random) -> Node {
        if random.chance(4) {
            return Node::Term(self.unknown(random));
        }
        let place = random.pick(self.places);
        let mut leaf = place.leaf;
        let mut keys = place.keys.clone();
        if leaf.kind == Type::Complex && random.chance(90) {
            match leaf.sub("value") {
                Some(value) => {
                    leaf = value;
                    keys.push(value.name.clone());
                }
                None => return Node::Term(format!("{} pr", spelt(&place.name, random))),
            }
        }
        let values = self.values(&keys);
        Node::Term(comparison(&spelt(&place.name, random), leaf, &values, random))
    }

    fn element(&self, random: &mut Random) -> Node {
        let complex: Vec<&Place> =
            self.places.iter().filter(|place| place.leaf.kind == Type::Complex).collect();
        let place = *random.pick(&complex);
        let inner = self.inner(place, random, 2);
        let Some(value) = place.leaf.sub("value").filter(|_| random.chance(10)) else {
            return Node::Element(place.name.clone(), Box::new(inner));
        };
        // Not in the RFC's grammar, but sent: a comparison behind the bracket.
        let mut keys = place.keys.clone();
        keys.push(value.name.clone());
        let behind = comparison(".value", value, &self.values(&keys), random);
        Node::Term(format!("{}[{}]{behind}", place.name, inner.text()))
    }

    fn inner(&self, place: &Place, random: &mut Random, depth: usize) -> Node {
        let parts = |random: &mut Random| -> Vec<Node> {
            (0..2).map(|_| self.inner(place, random, depth - 1)).collect()
        };
        match random.below(if depth == 0 { 5 } else { 10 }) {
            0..=4 => {
                if random.chance(4) {
                    return Node::Term("nosuch eq \"a\"".to_owned());
                }
                let sub = random.pick(&place.leaf.sub_attributes);
                let mut keys = place.keys.clone();
                keys.push(sub.name.clone());
                Node::Term(comparison(&sub.name, sub, &self.values(&keys), random))
            }
            5 | 6 => Node::And(parts(random)),
            7 | 8 => Node::Or(parts(random)),
            _ => Node::Not(Box::new(self.inner(place, random, depth - 1))),
        }
    }

    fn unknown(&self, random: &mut Random) -> String {
        let extensions = &self.kind.schema().extensions;
        if let Some(extension) = extensions.first().filter(|_| random.chance(40)) {
            return format!("{} pr", extension.id);
        }
        let name =
            *random.pick(&["nosuch", "emails.nosuch", "name.nosuch", "urn:x:y:z:department"]);
        let rest = *random.pick(&["pr", "eq \"a\"", "ne \"a\"", "co \"\"", "eq null", "ne null"]);
        format!("{name} {rest}")
    }

    /// The values that the resources have at a place.
    fn values(&self, keys: &[String]) -> Vec<String> {
        let mut found = Vec::new();
        for resource in self.answered {
            collect(resource, keys, &mut found);
        }
        found
    }
}

fn collect(value: &Value, keys: &[String], found: &mut Vec<String>) {
    match (value, keys.split_first()) {
        (Value::Array(items), _) => items.iter().for_each(|item| collect(item, keys, found)),
        (value, Some((key, keys))) => {
            if let Some(value) = value.get(key) {
                collect(value, keys, found);
            }
        }
        (Value::String(text), None) => found.push(text.clone()),
        (other, None) => found.push(other.to_string()),
    }
}

fn comparison(name: &str, leaf: &Attribute, values: &[String], random: &mut Random) -> String {
    if random.chance(8) {
        let test = *random.pick(&["pr", "eq null", "ne null"]);
        return format!("{name} {test}");
    }
    let ops: &[&str] = match leaf.kind {
        Type::Boolean | Type::Binary => &["eq", "ne"],
        Type::DateTime | Type::Integer | Type::Decimal => &["eq", "ne", "gt", "ge", "lt", "le"],
        Type::String | Type::Reference | Type::Complex => {
            &["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "eq", "eq"]
        }
    };
    // Now and then one that the type does not allow: both must refuse it.
    let op = if random.chance(2) { "co" } else { *random.pick(ops) };
    let op = if random.chance(10) { op.to_uppercase() } else { op.to_owned() };
    let literal = match leaf.kind {
        Type::Boolean => (*random.pick(&["true", "false", "\"True\""])).to_owned(),
        Type::Integer | Type::Decimal => random.below(5).to_string(),
        Type::String | Type::Reference | Type::Binary | Type::DateTime | Type::Complex => {
            let text = if values.is_empty() || random.chance(20) {
                (*random.pick(&WORDS)).to_owned()
            } else {
                random.pick(values).clone()
            };
            Value::from(variant(&text, random)).to_string()
        }
    };
    format!("{name} {op} {literal}")
}

/// The text as it is, or a relative of it.
fn variant(text: &str, random: &mut Random) -> String {
    let chars: Vec<char> = text.chars().collect();
    let cut = random.below(chars.len() + 1);
    match random.below(14) {
        0 => text.to_uppercase(),
        1 => text.to_lowercase(),
        2 | 3 => chars[..cut].iter().collect(),
        4 | 5 => chars[cut..].iter().collect(),
        6 => chars[cut..].iter().take(2).collect(),
        7 => text.nfd().collect(),
        8 => format!("{text}a"),
        9 => format!("{text}\u{301}"),
        10 => text.replace(['a', '2'], "%"),
        _ => text.to_owned(),
    }
}

/// Names ignore case (RFC 7643 §2.1).
fn spelt(name: &str, random: &mut Random) -> String {
    if random.chance(10) { name.to_ascii_uppercase() } else { name.to_owned() }
}

impl Node {
    pub(super) fn text(&self) -> String {
        let joined = |nodes: &[Node], word: &str| {
            let parts: Vec<String> = nodes.iter().map(Self::nested).collect();
            parts.join(word)
        };
        match self {
            Self::Term(text) => text.clone(),
            Self::And(nodes) => joined(nodes, " and "),
            Self::Or(nodes) => joined(nodes, " or "),
            Self::Not(node) => format!("not ({})", node.text()),
            Self::Element(name, inner) => format!("{name}[{}]", inner.text()),
        }
    }

    fn nested(&self) -> String {
        match self {
            Self::And(_) | Self::Or(_) => format!("({})", self.text()),
            Self::Term(_) | Self::Not(_) | Self::Element(..) => self.text(),
        }
    }

    /// Filters that are one step smaller.
    pub(super) fn smaller(&self) -> Vec<Self> {
        match self {
            Self::Term(_) => vec![],
            Self::And(nodes) => smaller_lists(nodes, Self::And),
            Self::Or(nodes) => smaller_lists(nodes, Self::Or),
            Self::Not(node) => {
                let mut smaller = vec![(**node).clone()];
                smaller.extend(node.smaller().into_iter().map(|node| Self::Not(Box::new(node))));
                smaller
            }
            Self::Element(name, inner) => {
                let wrap = |inner| Self::Element(name.clone(), Box::new(inner));
                inner.smaller().into_iter().map(wrap).collect()
            }
        }
    }
}

/// The parts alone, the list with one part smaller, and the list without one part.
fn smaller_lists(nodes: &[Node], make: fn(Vec<Node>) -> Node) -> Vec<Node> {
    let mut smaller = nodes.to_vec();
    for (i, node) in nodes.iter().enumerate() {
        smaller.extend(node.smaller().into_iter().map(|less| {
            let mut nodes = nodes.to_vec();
            nodes[i] = less;
            make(nodes)
        }));
        let mut rest = nodes.to_vec();
        rest.remove(i);
        if rest.len() > 1 {
            smaller.push(make(rest));
        }
    }
    smaller
}
