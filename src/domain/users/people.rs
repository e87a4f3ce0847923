//! Users and recipients as an account's administrators see and change them: their SCIM document read
//! and written (PRODUCT.md S9, S11, S12).

use serde_json::{Map, Value, json};

use crate::domain::command::people::{PersonEdit, PersonSpec};
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::rights::faults::{Fault, Wrong, check_text};
use crate::domain::time::Timestamp;
use crate::domain::users::contact::Contact;
use crate::domain::users::properties::Assigned;
use crate::scim::schema::COUNTERSIGN_USER;

/// What somebody is in an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// A user.
    #[default]
    User,
    /// A recipient: read-only, and only what was shared with them.
    Recipient,
}

/// A user or recipient.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// The account.
    pub account: AccountId,
    /// The id.
    pub id: ResourceId,
    /// What they are.
    pub kind: Kind,
    /// The provisioning connection that says who they are; none of those made here.
    pub connection: Option<String>,
    /// What their document says.
    pub profile: Profile,
    /// Their properties.
    pub properties: Vec<Assigned>,
    /// When they were made.
    pub created_at: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
    /// Grows with each change.
    pub version: i64,
}

/// What a document says of somebody, as far as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// The `userName`.
    pub user_name: String,
    /// The first name.
    pub given_name: Option<String>,
    /// The last name.
    pub family_name: Option<String>,
    /// The language.
    pub language: Option<String>,
    /// The address to write to.
    pub email: Option<String>,
    /// Whether they want mails about technical errors of the account.
    pub technical_notifications: bool,
    /// Whether they may sign in.
    pub active: bool,
}

/// Which people of an account to list: those that meet all that is said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// What they are.
    pub kind: Option<Kind>,
    /// Whether they may sign in.
    pub active: Option<bool>,
    /// Their `userName`, upper and lower case alike.
    pub user_name: Option<String>,
}

impl Kind {
    /// The word stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Recipient => "recipient",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "user" => Some(Self::User),
            "recipient" => Some(Self::Recipient),
            _ => None,
        }
    }
}

impl Profile {
    /// Reads a user's document.
    pub fn of(document: &Map<String, Value>) -> Self {
        let text = |value: Option<&Value>| {
            value.and_then(Value::as_str).filter(|text| !text.trim().is_empty()).map(str::to_owned)
        };
        let name = |part: &str| text(document.get("name").and_then(|name| name.get(part)));
        let ours = |part: &str| document.get(COUNTERSIGN_USER).and_then(|ours| ours.get(part));
        let language = text(document.get("preferredLanguage"));
        Self {
            user_name: text(document.get("userName")).unwrap_or_default(),
            given_name: name("givenName"),
            family_name: name("familyName"),
            language: language.or_else(|| text(document.get("locale"))),
            email: Contact::of(document).address,
            technical_notifications: ours("technicalNotifications") == Some(&Value::Bool(true)),
            active: document.get("active") == Some(&Value::Bool(true)),
        }
    }

    /// What S9 asks for and nobody has said; SCIM asks for the `userName` alone.
    pub fn missing(&self) -> Vec<&'static str> {
        let all = [
            ("given_name", self.given_name.is_none()),
            ("family_name", self.family_name.is_none()),
            ("language", self.language.is_none()),
            ("email", self.email.is_none()),
        ];
        all.into_iter().filter(|(_, is_missing)| *is_missing).map(|(name, _)| name).collect()
    }
}

impl PersonSpec {
    /// What is wrong with it, apart from its properties.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = vec![];
        for (field, text) in [
            ("user_name", &self.user_name),
            ("given_name", &self.given_name),
            ("family_name", &self.family_name),
        ] {
            check_text(field, text, &mut faults);
        }
        check_language(&self.language, &mut faults);
        check_address(&self.email, &mut faults);
        if self.password.is_some() && !self.is_recipient {
            faults.push(Wrong::RecipientsOnly.of("password", ""));
        }
        faults
    }

    /// The document of such a user.
    pub fn document(&self) -> Map<String, Value> {
        let whole = PersonEdit {
            user_name: Some(self.user_name.clone()),
            given_name: Some(self.given_name.clone()),
            family_name: Some(self.family_name.clone()),
            language: Some(self.language.clone()),
            email: Some(self.email.clone()),
            technical_notifications: Some(self.technical_notifications),
            ..PersonEdit::default()
        };
        whole.applied(&Map::new())
    }
}

impl PersonEdit {
    /// What is wrong with it, apart from its properties.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = vec![];
        for (field, text) in [
            ("user_name", &self.user_name),
            ("given_name", &self.given_name),
            ("family_name", &self.family_name),
        ] {
            if let Some(text) = text {
                check_text(field, text, &mut faults);
            }
        }
        if let Some(language) = &self.language {
            check_language(language, &mut faults);
        }
        if let Some(email) = &self.email {
            check_address(email, &mut faults);
        }
        faults
    }

    /// Each attribute that it is to change, and that an identity provider says of its own users.
    pub fn attributes(&self) -> Vec<&'static str> {
        let all = [
            ("user_name", self.user_name.is_some()),
            ("given_name", self.given_name.is_some()),
            ("family_name", self.family_name.is_some()),
            ("language", self.language.is_some()),
            ("email", self.email.is_some()),
            ("technical_notifications", self.technical_notifications.is_some()),
            ("active", self.active.is_some()),
        ];
        all.into_iter().filter(|(_, is_said)| *is_said).map(|(name, _)| name).collect()
    }

    /// The document with what it changes.
    pub fn applied(&self, before: &Map<String, Value>) -> Map<String, Value> {
        let mut after = before.clone();
        let mut say = |key: &str, value: Value| after.insert(key.to_owned(), value);
        let text = |text: &str| Value::String(text.trim().to_owned());
        if let Some(user_name) = &self.user_name {
            say("userName", text(user_name));
        }
        if self.given_name.is_some() || self.family_name.is_some() {
            let mut name = object(before.get("name"));
            let parts = [("givenName", &self.given_name), ("familyName", &self.family_name)];
            let said = parts.into_iter().filter_map(|(key, part)| Some((key, part.as_ref()?)));
            name.extend(said.map(|(key, part)| (key.to_owned(), text(part))));
            say("name", Value::Object(name));
        }
        if let Some(language) = &self.language {
            say("preferredLanguage", text(language));
        }
        if let Some(email) = &self.email {
            let one = json!({ "value": email.trim(), "type": "work", "primary": true });
            say("emails", Value::Array(vec![one]));
        }
        if let Some(is_wanted) = self.technical_notifications {
            let mut ours = object(before.get(COUNTERSIGN_USER));
            ours.insert("technicalNotifications".to_owned(), is_wanted.into());
            say(COUNTERSIGN_USER, Value::Object(ours));
        }
        if let Some(active) = self.active {
            say("active", active.into());
        }
        after
    }
}

fn object(value: Option<&Value>) -> Map<String, Value> {
    value.and_then(Value::as_object).cloned().unwrap_or_default()
}

/// A language tag in the form of BCP 47, whatever it means.
fn check_language(tag: &str, faults: &mut Vec<Fault>) {
    let tag = tag.trim();
    let mut parts = tag.split('-');
    let is_letters =
        |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic());
    let is_part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    if tag.is_empty() {
        faults.push(Wrong::Missing.of("language", ""));
    } else if tag.len() > 35 || !parts.next().is_some_and(is_letters) || !parts.all(is_part) {
        faults.push(Wrong::WrongLanguage.of("language", tag));
    }
}

/// An address that mail can be sent to, as far as its form shows it.
fn check_address(address: &str, faults: &mut Vec<Fault>) {
    let address = address.trim();
    if address.is_empty() {
        faults.push(Wrong::Missing.of("email", ""));
        return;
    }
    let is_plain = |c: char| !c.is_control() && !c.is_whitespace() && !"<>()[],;:\\\"".contains(c);
    let fits = address.rsplit_once('@').is_some_and(|(local, domain)| {
        let is_label = |label: &str| {
            !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        (1..=64).contains(&local.len()) && !local.contains('@') && domain.split('.').all(is_label)
    });
    if !fits || address.len() > 254 || !address.chars().all(is_plain) {
        faults.push(Wrong::WrongAddress.of("email", address));
    }
}

#[cfg(test)]
mod tests;
