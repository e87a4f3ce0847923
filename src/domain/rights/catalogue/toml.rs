//! TOML with its lines: tables whose members are asked for one by one, so that a member nobody asked for is
//! found, and every fault has its line.

use std::collections::BTreeSet;

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};

use crate::domain::rights::catalogue::CatalogueFault;

/// What was found wrong, and what tells lines.
#[derive(Debug)]
pub(super) struct Notes<'t> {
    text: &'t str,
    faults: Vec<CatalogueFault>,
}

/// A value and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct At<T> {
    pub(super) line: usize,
    pub(super) value: T,
}

/// A table of which each member is asked for once.
#[derive(Debug)]
pub(super) struct Table<'t> {
    /// What people know it by.
    pub(super) name: String,
    pub(super) line: usize,
    members: &'t DeTable<'t>,
    asked: BTreeSet<&'static str>,
}

impl<'t> Notes<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self { text, faults: vec![] }
    }

    pub(super) fn add(&mut self, line: usize, what: String, remedy: impl Into<String>) {
        self.faults.push(CatalogueFault { line, what, remedy: remedy.into() });
    }

    pub(super) fn into_faults(self) -> Vec<CatalogueFault> {
        self.faults
    }

    /// The line of a byte of the text.
    pub(super) fn line(&self, at: usize) -> usize {
        self.text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
    }

    /// The texts of an array.
    pub(super) fn texts(&mut self, value: &Spanned<DeValue<'_>>, name: &str) -> Vec<At<String>> {
        let line = self.line(value.span().start);
        let DeValue::Array(items) = value.get_ref() else {
            self.add(line, format!("{name} is not a list"), "write a list of keys, `[\"key\", …]`");
            return vec![];
        };
        items.iter().filter_map(|item| self.text(item, &format!("an item of {name}"))).collect()
    }

    /// A text.
    pub(super) fn text(&mut self, value: &Spanned<DeValue<'_>>, name: &str) -> Option<At<String>> {
        let line = self.line(value.span().start);
        let text = value.get_ref().as_str().map(|text| At { line, value: text.to_owned() });
        if text.is_none() {
            self.add(line, format!("{name} is not a text"), "write it between quotes");
        }
        text
    }
}

impl<'t> Table<'t> {
    /// A table whose name is to be told from its members.
    pub(super) fn new(name: &str, line: usize, members: &'t DeTable<'t>) -> Self {
        Self { name: name.to_owned(), line, members, asked: BTreeSet::new() }
    }

    /// A member, if it is there.
    pub(super) fn member(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.asked.insert(key);
        self.members.get(key)
    }

    /// A text, if it is there.
    pub(super) fn text(&mut self, notes: &mut Notes<'_>, key: &'static str) -> Option<At<String>> {
        let value = self.member(key)?;
        notes.text(value, &format!("`{key}` of {}", self.name))
    }

    /// A list of texts; none if it is missing, which is a fault.
    pub(super) fn texts(&mut self, notes: &mut Notes<'_>, key: &'static str) -> Vec<At<String>> {
        let Some(value) = self.member(key) else {
            let remedy = format!("add `{key} = [\"KEY\", …]`");
            notes.add(self.line, format!("{} has no `{key}`", self.name), remedy);
            return vec![];
        };
        notes.texts(value, &format!("`{key}` of {}", self.name))
    }

    /// A truth; false if nothing says so.
    pub(super) fn flag(&mut self, notes: &mut Notes<'_>, key: &'static str) -> bool {
        let Some(value) = self.member(key) else { return false };
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            let line = notes.line(value.span().start);
            let what = format!("`{key}` of {} is not a truth", self.name);
            notes.add(line, what, "write `true` or `false`, without quotes");
        }
        flag.unwrap_or(false)
    }

    /// The tables in a list of them.
    pub(super) fn tables(&mut self, notes: &mut Notes<'_>, key: &'static str) -> Vec<Table<'t>> {
        let Some(value) = self.member(key) else { return vec![] };
        let mut found = vec![];
        let each = match value.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Table(_) => vec![value],
        };
        let is_list = value.get_ref().is_array();
        for item in each {
            let line = notes.line(item.span().start);
            match item.get_ref().as_table().filter(|_| is_list) {
                Some(members) => found.push(Table::new(key, line, members)),
                None => notes.add(
                    line,
                    format!("`{key}` is not a list of tables"),
                    format!("begin each with `[[{key}]]`"),
                ),
            }
        }
        found
    }

    /// A table that is a member.
    pub(super) fn table(&mut self, notes: &mut Notes<'_>, key: &'static str) -> Option<Table<'t>> {
        let value = self.member(key)?;
        let line = notes.line(value.span().start);
        let name = format!("`{key}` of {}", self.name);
        let Some(members) = value.get_ref().as_table() else {
            notes.add(
                line,
                format!("{name} is one text, not one in each language"),
                format!("write `{key} = {{ en = \"…\", fr = \"…\" }}`"),
            );
            return None;
        };
        Some(Table::new(&name, line, members))
    }

    /// Ends the reading: what was not asked for should not be there.
    pub(super) fn finish(self, notes: &mut Notes<'_>) {
        for (key, _) in self.members {
            if !self.asked.contains(key.get_ref().as_ref()) {
                let line = notes.line(key.span().start);
                let shown: String = key.get_ref().chars().take(100).collect();
                let known: Vec<String> = self.asked.iter().map(|key| format!("`{key}`")).collect();
                notes.add(
                    line,
                    format!("{} has no member `{shown}`", self.name),
                    format!("take it out; there are {}", known.join(", ")),
                );
            }
        }
    }
}
