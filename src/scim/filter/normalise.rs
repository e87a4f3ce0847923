//! The text of a filter, brought into the form that `scim_v2` parses.
//!
//! Names become `a0`, `a1`, …, literals their number in a list, so that the crate's lexer never sees
//! an URN, `$ref` or a text; what it decides is precedence and structure. One pass, no recursion:
//! whatever is too long, too deep or out of place is refused before the crate is called.

use crate::scim::error::Result;
use crate::scim::filter::{MAX_DEPTH, MAX_FILTER_BYTES, MAX_TERMS, refuse, unexpected};
use crate::scim::preset::Preset;
use crate::scim::value::shown;

const OPERATORS: [&str; 10] = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"];

/// A filter whose names and literals have been taken out.
#[derive(Debug)]
pub(super) struct Normal<'a> {
    /// The filter with `a<index>` for names and `<index>` for literals.
    pub(super) text: String,
    names: Vec<&'a str>,
    literals: Vec<Raw>,
}

/// A literal before the attribute's type is known.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Raw {
    /// `null`.
    Null,
    /// A text in double quotes, its escapes resolved.
    Quoted(String),
    /// Anything else; under [`Preset::Rfc`] only `true`, `false` or a number.
    Bare(String),
}

impl Normal<'_> {
    /// The name that `a<index>` stands for.
    pub(super) fn name(&self, placeholder: &str) -> Option<&str> {
        let index: usize = placeholder.strip_prefix('a')?.parse().ok()?;
        self.names.get(index).copied()
    }

    /// The literal that the number stands for.
    pub(super) fn literal(&self, number: &serde_json::Number) -> Option<&Raw> {
        self.literals.get(usize::try_from(number.as_u64()?).ok()?)
    }
}

/// Takes names and literals out of a filter; see [`Preset::Rfc`] at [`super::parse`].
///
/// # Errors
/// `invalidFilter`, saying what was expected instead.
pub(super) fn normalise(text: &str, preset: Preset) -> Result<Normal<'_>> {
    if text.len() > MAX_FILTER_BYTES {
        return Err(refuse(format!(
            "the filter has {} bytes; at most {MAX_FILTER_BYTES} are taken",
            text.len()
        )));
    }
    let normal = Normal { text: String::new(), names: vec![], literals: vec![] };
    let mut writer =
        Writer { rest: text, preset, normal, open: vec![], depth: 0, terms: 0, value_path: None };
    let mut expected = Expected::Term;
    loop {
        writer.rest = writer.rest.trim_start();
        expected = match expected {
            Expected::Term => writer.term()?,
            Expected::Operator => writer.operator()?,
            Expected::Joint => writer.joint()?,
            Expected::Nothing => return Ok(writer.normal),
        };
    }
}

/// What may come next.
enum Expected {
    /// `(`, `not (` or a name.
    Term,
    /// A comparison operator.
    Operator,
    /// `and`, `or`, a closing bracket, or the end.
    Joint,
    /// The end has been reached.
    Nothing,
}

/// An open bracket: what closes it, and how many levels it counts.
struct Bracket {
    closing: char,
    levels: usize,
}

/// Where in the written text a value path begins, and where its condition does.
struct ValuePath {
    start: usize,
    inner: usize,
}

struct Writer<'a> {
    rest: &'a str,
    preset: Preset,
    normal: Normal<'a>,
    open: Vec<Bracket>,
    depth: usize,
    terms: usize,
    value_path: Option<ValuePath>,
}

impl<'a> Writer<'a> {
    fn term(&mut self) -> Result<Expected> {
        if self.take('(') {
            self.open_bracket("(", ')', 1)?;
            return Ok(Expected::Term);
        }
        let found = self.rest;
        let word = self.take_word();
        if word.is_empty() {
            return Err(unexpected("an attribute name", found));
        }
        if word.eq_ignore_ascii_case("not") && self.rest.trim_start().starts_with('(') {
            self.rest = self.rest.trim_start();
            self.take('(');
            self.open_bracket("not (", ')', 2)?;
            return Ok(Expected::Term);
        }
        let start = self.normal.text.len();
        self.write_name(word);
        if !self.take('[') {
            return Ok(Expected::Operator);
        }
        if self.value_path.is_some() {
            return Err(refuse("a value filter in `[ ]` cannot hold another one"));
        }
        self.open_bracket("[", ']', 1)?;
        self.value_path = Some(ValuePath { start, inner: self.normal.text.len() });
        Ok(Expected::Term)
    }

    fn operator(&mut self) -> Result<Expected> {
        let (operator, literal) = self.take_comparison()?;
        self.write_comparison(operator, literal);
        Ok(Expected::Joint)
    }

    fn joint(&mut self) -> Result<Expected> {
        if self.rest.is_empty() {
            return match self.open.last() {
                Some(bracket) => Err(refuse(format!("the filter lacks a `{}`", bracket.closing))),
                None => Ok(Expected::Nothing),
            };
        }
        let found = self.rest;
        for closing in [')', ']'] {
            if self.take(closing) {
                self.close_bracket(closing, found)?;
                return Ok(Expected::Joint);
            }
        }
        let word = self.take_word();
        for (joint, written) in [("and", " and "), ("or", " or ")] {
            if word.eq_ignore_ascii_case(joint) {
                self.normal.text.push_str(written);
                return Ok(Expected::Term);
            }
        }
        Err(unexpected("`and`, `or` or the end (texts stand in double quotes)", found))
    }

    fn open_bracket(&mut self, written: &str, closing: char, levels: usize) -> Result<()> {
        self.depth += levels;
        if self.depth > MAX_DEPTH {
            return Err(refuse(format!("the filter is nested deeper than {MAX_DEPTH} levels")));
        }
        self.normal.text.push_str(written);
        self.open.push(Bracket { closing, levels });
        Ok(())
    }

    fn close_bracket(&mut self, closing: char, found: &str) -> Result<()> {
        match self.open.pop() {
            Some(bracket) if bracket.closing == closing => self.depth -= bracket.levels,
            Some(bracket) => return Err(unexpected(&format!("`{}`", bracket.closing), found)),
            None => return Err(unexpected("`and`, `or` or the end", found)),
        }
        if closing == ')' {
            self.normal.text.push(')');
            return Ok(());
        }
        let Some(value_path) = self.value_path.take() else { return Ok(()) };
        if self.take('.') {
            return self.write_suffix(&value_path);
        }
        self.normal.text.push(']');
        Ok(())
    }

    /// Writes Entra ID's `emails[type eq "work"].value eq "x"` as
    /// `emails[(type eq "work") and value eq "x"]`, negated as a whole for `ne`.
    fn write_suffix(&mut self, value_path: &ValuePath) -> Result<()> {
        if self.preset.is_strict() {
            return Err(refuse(
                "RFC 7644 has no sub-attribute behind `]`; write `emails[type eq \"work\" and \
                 value eq \"x\"]`",
            ));
        }
        let found = self.rest;
        let sub = self.take_word();
        if sub.is_empty() {
            return Err(unexpected("a sub-attribute", found));
        }
        self.rest = self.rest.trim_start();
        let (operator, literal) = self.take_comparison()?;
        let is_null = literal == Some(Raw::Null);
        self.normal.text.insert(value_path.inner, '(');
        self.normal.text.push_str(") and ");
        self.write_name(sub);
        match operator {
            "eq" | "ne" if is_null => self.write_comparison("pr", None),
            "ne" => self.write_comparison("eq", literal),
            _ => self.write_comparison(operator, literal),
        }
        self.normal.text.push(']');
        if (operator == "ne") != (is_null && matches!(operator, "eq" | "ne")) {
            self.normal.text.insert_str(value_path.start, "not (");
            self.normal.text.push(')');
        }
        Ok(())
    }

    /// Takes an operator and, unless it is `pr`, its literal.
    fn take_comparison(&mut self) -> Result<(&'static str, Option<Raw>)> {
        let found = self.rest;
        let word = self.take_word();
        let known = OPERATORS.into_iter().find(|operator| word.eq_ignore_ascii_case(operator));
        let Some(operator) = known else {
            return Err(unexpected("an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr)", found));
        };
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(refuse(format!("the filter has more than {MAX_TERMS} conditions")));
        }
        if operator == "pr" {
            return Ok((operator, None));
        }
        self.rest = self.rest.trim_start();
        let literal =
            if self.rest.starts_with('"') { self.take_text()? } else { self.take_bare()? };
        Ok((operator, Some(literal)))
    }

    fn take_text(&mut self) -> Result<Raw> {
        let mut escaped = false;
        let mut bytes = self.rest.bytes().enumerate().skip(1);
        let closing = bytes.find(|(_, byte)| {
            let is_end = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            is_end
        });
        let split = closing.and_then(|(index, _)| self.rest.split_at_checked(index + 1));
        let Some((quoted, rest)) = split else {
            return Err(refuse(format!("the text {} lacks its closing quote", shown(self.rest))));
        };
        self.rest = rest;
        match serde_json::from_str::<String>(quoted) {
            Ok(text) if !text.contains('\0') => Ok(Raw::Quoted(text)),
            Ok(_) => Err(refuse("a text cannot hold U+0000")),
            Err(_) => {
                let detail = format!("{} is not a JSON text; check its escapes", shown(quoted));
                Err(refuse(detail))
            }
        }
    }

    fn take_bare(&mut self) -> Result<Raw> {
        let found = self.rest;
        let word = self.take_word();
        if word.is_empty() {
            return Err(unexpected("a literal", found));
        }
        let is_strict = self.preset.is_strict();
        if word == "null" || (!is_strict && word.eq_ignore_ascii_case("null")) {
            return Ok(Raw::Null);
        }
        let is_json = matches!(word, "true" | "false")
            || serde_json::from_str::<serde_json::Number>(word).is_ok();
        let is_wrong = word.starts_with('\'') || word.contains('\0') || (is_strict && !is_json);
        if is_wrong {
            let detail = format!("{} is not a literal; texts stand in double quotes", shown(word));
            return Err(refuse(detail));
        }
        Ok(Raw::Bare(word.to_owned()))
    }

    fn write_name(&mut self, name: &'a str) {
        self.normal.text.push('a');
        self.normal.text.push_str(&self.normal.names.len().to_string());
        self.normal.names.push(name);
    }

    fn write_comparison(&mut self, operator: &str, literal: Option<Raw>) {
        self.normal.text.push(' ');
        self.normal.text.push_str(operator);
        if let Some(literal) = literal {
            self.normal.text.push(' ');
            self.normal.text.push_str(&self.normal.literals.len().to_string());
            self.normal.literals.push(literal);
        }
    }

    fn take(&mut self, expected: char) -> bool {
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Takes everything up to white space, a bracket or a double quote.
    fn take_word(&mut self) -> &'a str {
        let is_end = |c: char| c.is_whitespace() || "()[]\"".contains(c);
        let end = self.rest.find(is_end).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        word
    }
}

#[cfg(test)]
mod tests;
