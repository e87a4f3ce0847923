//! How to write to a user: where, by which name, in which language, as their SCIM document says.

use serde_json::{Map, Value};

use crate::scim::fold;

/// The longest name that is repeated in a mail.
const NAME_CHARS: usize = 80;

/// What a document says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The address to write to: the primary one, else the first.
    pub address: Option<String>,
    /// All addresses, as written.
    pub addresses: Vec<String>,
    /// All addresses, folded.
    pub keys: Vec<String>,
    /// The name to greet by.
    pub name: Option<String>,
    /// The language, by `preferredLanguage` or else `locale`.
    pub language: Option<Language>,
}

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
}

impl Contact {
    /// Reads a user's document.
    pub fn of(document: &Map<String, Value>) -> Self {
        let text =
            |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let top = |key: &str| document.get(key).and_then(Value::as_str);
        let emails = document.get("emails").and_then(Value::as_array);
        let emails: Vec<&Value> = emails.into_iter().flatten().collect();
        let primary = emails.iter().find(|email| email.get("primary") == Some(&Value::Bool(true)));
        let address = primary.or(emails.first()).and_then(|email| text(email, "value"));
        let name = document.get("name");
        let given =
            name.and_then(|name| text(name, "formatted").or_else(|| text(name, "givenName")));
        let language = top("preferredLanguage").and_then(Language::of_list);
        let addresses: Vec<String> = emails.iter().filter_map(|e| text(e, "value")).collect();
        Self {
            address,
            keys: addresses.iter().map(|address| fold::text(address)).collect(),
            addresses,
            name: top("displayName").map(str::to_owned).or(given).and_then(|name| plain(&name)),
            language: language.or_else(|| top("locale").and_then(Language::parse)),
        }
    }
}

impl Contact {
    /// An address as the user writes it, if it is still theirs, else as it is known.
    pub fn spelling(&self, key: &str) -> String {
        let written = self.addresses.iter().find(|address| fold::text(address) == key);
        written.map_or_else(|| key.to_owned(), Clone::clone)
    }
}

/// A name as it may stand in a mail: no address to click on, no control characters, not long.
fn plain(name: &str) -> Option<String> {
    let is_link = ["://", "www.", "@"].iter().any(|mark| name.contains(mark));
    let name: String = name.chars().filter(|c| !c.is_control()).take(NAME_CHARS).collect();
    let name = name.trim();
    (!is_link && !name.is_empty()).then(|| name.to_owned())
}

impl Language {
    /// The first that we write of a list such as `fr-CA, en;q=0.8`.
    fn of_list(tags: &str) -> Option<Self> {
        tags.split(',').filter_map(|tag| tag.split(';').next()).find_map(Self::parse)
    }

    /// What a tag such as `fr-CH` or `fr_CH` asks for, if we write it.
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("fr") {
            return Some(Self::Fr);
        }
        primary.eq_ignore_ascii_case("en").then_some(Self::En)
    }

    /// Its tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }
}

#[cfg(test)]
mod tests;
