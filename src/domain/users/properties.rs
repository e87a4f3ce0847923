//! Properties: typed keys on users and recipients, defined by each account (store = Marseille), by which a
//! shared view is filtered (PRODUCT.md S12, S14).

use time::Date;
use time::macros::format_description;

use crate::domain::command::people::{PropertyEdit, PropertySpec};
use crate::domain::ids::{AccountId, PropertyId};
use crate::domain::rights::faults::{Fault, Wrong, check_text};
use crate::domain::time::Timestamp;

/// How many properties an account defines at most.
pub const MAX_PROPERTIES: u64 = 100;
/// How many choices a property has at most.
const MAX_CHOICES: usize = 200;

/// A property that an account defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// The account.
    pub account: AccountId,
    /// Its id.
    pub id: PropertyId,
    /// Its key, which never changes.
    pub key: String,
    /// What people call it.
    pub label: String,
    /// What its values are.
    pub value_type: ValueType,
    /// Of a choice: which there are.
    pub choices: Vec<String>,
    /// When it was defined.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Grows with each change.
    pub version: i64,
}

/// What values of a property are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// A text.
    Text,
    /// A decimal number.
    Number,
    /// True or false.
    Boolean,
    /// A day, as `2026-01-31`.
    Date,
    /// One of its choices.
    Choice,
}

/// A value that somebody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    /// The property.
    pub property: PropertyId,
    /// Its key.
    pub key: String,
    /// What its values are.
    pub value_type: ValueType,
    /// The value, as text.
    pub value: String,
}

impl ValueType {
    /// The word stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Choice => "choice",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "text" => Some(Self::Text),
            "number" => Some(Self::Number),
            "boolean" => Some(Self::Boolean),
            "date" => Some(Self::Date),
            "choice" => Some(Self::Choice),
            _ => None,
        }
    }
}

impl Property {
    /// Whether somebody may have that value.
    pub fn takes(&self, value: &str) -> bool {
        match self.value_type {
            ValueType::Text => {
                let mut faults = vec![];
                check_text("properties", value, &mut faults);
                faults.is_empty()
            }
            ValueType::Number => is_number(value),
            ValueType::Boolean => ["true", "false"].contains(&value),
            ValueType::Date => {
                let form = format_description!("[year]-[month]-[day]");
                value.len() == 10 && Date::parse(value, &form).is_ok()
            }
            ValueType::Choice => self.choices.iter().any(|choice| choice == value),
        }
    }

    /// The property with what an edit changes; what is wrong with that.
    pub fn edited(&self, edit: &PropertyEdit) -> (Self, Vec<Fault>) {
        let trimmed = |text: &String| text.trim().to_owned();
        let now = Self {
            label: edit.label.as_ref().map_or_else(|| self.label.clone(), trimmed),
            choices: match &edit.choices {
                Some(choices) => choices.iter().map(trimmed).collect(),
                None => self.choices.clone(),
            },
            ..self.clone()
        };
        let mut faults = vec![];
        check_text("label", &now.label, &mut faults);
        check_choices(now.value_type, &now.choices, &mut faults);
        (now, faults)
    }
}

impl PropertySpec {
    /// What it says, if all of it makes sense.
    ///
    /// # Errors
    /// What is wrong.
    pub fn checked(&self) -> Result<(ValueType, Vec<String>), Vec<Fault>> {
        let mut faults = vec![];
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let is_key = (1..=64).contains(&self.key.len())
            && self.key.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
            && self.key.bytes().all(is_plain);
        if self.key.is_empty() {
            faults.push(Wrong::Missing.of("key", ""));
        } else if !is_key {
            faults.push(Wrong::WrongPropertyKey.of("key", &self.key));
        }
        check_text("label", &self.label, &mut faults);
        let choices: Vec<String> = self.choices.iter().map(|it| it.trim().to_owned()).collect();
        let value_type = ValueType::parse(&self.value_type);
        match value_type {
            Some(value_type) => check_choices(value_type, &choices, &mut faults),
            None if self.value_type.is_empty() => faults.push(Wrong::Missing.of("type", "")),
            None => faults.push(Wrong::WrongPropertyType.of("type", &self.value_type)),
        }
        match value_type {
            Some(value_type) if faults.is_empty() => Ok((value_type, choices)),
            Some(_) | None => Err(faults),
        }
    }
}

fn check_choices(value_type: ValueType, choices: &[String], faults: &mut Vec<Fault>) {
    match (value_type, choices.is_empty()) {
        (ValueType::Choice, true) => faults.push(Wrong::Missing.of("choices", "")),
        (ValueType::Choice, false) => {
            for choice in choices {
                check_text("choices", choice, faults);
            }
            let mut sorted: Vec<&String> = choices.iter().collect();
            sorted.sort();
            if let Some([twice, _]) = sorted.windows(2).find(|pair| pair.first() == pair.last()) {
                faults.push(Wrong::NameTaken.of("choices", twice));
            }
            if choices.len() > MAX_CHOICES {
                faults.push(Wrong::TooMany.of("choices", &MAX_CHOICES.to_string()));
            }
        }
        (ValueType::Text | ValueType::Number | ValueType::Boolean | ValueType::Date, false) => {
            faults.push(Wrong::ChoicesElsewhere.of("choices", value_type.as_str()));
        }
        (ValueType::Text | ValueType::Number | ValueType::Boolean | ValueType::Date, true) => {}
    }
}

/// A decimal number in the one form that JSON has for it, of fifteen digits at most: what all readers
/// read alike.
fn is_number(text: &str) -> bool {
    let plain = text.strip_prefix('-').unwrap_or(text);
    let (whole, rest) = plain.split_once('.').map_or((plain, None), |(a, b)| (a, Some(b)));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let digits = whole.len() + rest.map_or(0, str::len);
    is_digits(whole)
        && rest.is_none_or(is_digits)
        && digits <= 15
        && (whole == "0" || !whole.starts_with('0'))
}

#[cfg(test)]
mod tests;
