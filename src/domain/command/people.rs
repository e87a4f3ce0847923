//! Changes of users and recipients by an account's administrators, and of the properties that they
//! can have (PRODUCT.md S9, S11, S12, S14).

use std::collections::BTreeMap;

use secrecy::SecretString;
use uuid::Uuid;

use crate::domain::event::Event;
use crate::domain::ids::{AccountId, PropertyId, ResourceId};

/// A change in one account.
#[derive(Debug, Clone)]
pub struct PeopleChange {
    /// The account.
    pub account: AccountId,
    /// What is to change.
    pub what: PeopleEdit,
    /// The `If-Match` header, if there was one.
    pub if_match: Option<String>,
}

/// What is to change.
#[derive(Debug, Clone)]
pub enum PeopleEdit {
    /// Make a user or a recipient.
    Create(PersonSpec),
    /// Change one.
    Edit(ResourceId, PersonEdit),
    /// Delete one.
    Delete(ResourceId),
    /// Mail one a link to choose a password (S10, S11).
    SendPasswordMail(ResourceId),
    /// Have pages and mails speak to one in the language that they chose themselves; none: in the one
    /// that their document names (S11).
    ChooseLanguage(ResourceId, Option<String>),
    /// Define a property.
    DefineProperty(PropertySpec),
    /// Change one: its label, its choices.
    EditProperty(PropertyId, PropertyEdit),
    /// Take one away, with all its values.
    RemoveProperty(PropertyId),
}

/// A user or recipient to be made; all but the last three are required (S9).
#[derive(Debug, Clone, Default)]
pub struct PersonSpec {
    /// Whether it is a recipient: read-only, and only what was shared with them.
    pub is_recipient: bool,
    /// The `userName`.
    pub user_name: String,
    /// The first name.
    pub given_name: String,
    /// The last name.
    pub family_name: String,
    /// The language, as BCP 47 has it.
    pub language: String,
    /// The e-mail address.
    pub email: String,
    /// Whether mails about technical errors of the account are wanted.
    pub technical_notifications: bool,
    /// Values of properties, by their keys.
    pub properties: BTreeMap<String, String>,
    /// Of a recipient: the password to begin with, in place of an invitation (DECISIONS.md 33).
    pub password: Option<InitialPassword>,
}

/// A password that is handed over to a recipient, and changed at the first sign-in.
#[derive(Debug, Clone)]
pub enum InitialPassword {
    /// The administrator's choice.
    Chosen(SecretString),
    /// Made by us, and told once.
    Generated,
}

/// What is to be different about a user or recipient.
#[derive(Debug, Clone, Default)]
pub struct PersonEdit {
    /// The `userName`.
    pub user_name: Option<String>,
    /// The first name.
    pub given_name: Option<String>,
    /// The last name.
    pub family_name: Option<String>,
    /// The language.
    pub language: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether mails about technical errors of the account are wanted.
    pub technical_notifications: Option<bool>,
    /// Whether the user may sign in.
    pub active: Option<bool>,
    /// Values of properties by their keys; none takes one away.
    pub properties: BTreeMap<String, Option<String>>,
}

/// A property to be defined.
#[derive(Debug, Clone, Default)]
pub struct PropertySpec {
    /// Its key.
    pub key: String,
    /// What people call it.
    pub label: String,
    /// What its values are: `text`, `number`, `boolean`, `date` or `choice`.
    pub value_type: String,
    /// Of a choice: which there are.
    pub choices: Vec<String>,
}

/// What is to be different about a property.
#[derive(Debug, Clone, Default)]
pub struct PropertyEdit {
    /// What people call it.
    pub label: Option<String>,
    /// Of a choice: which there are.
    pub choices: Option<Vec<String>>,
}

impl PeopleEdit {
    /// The event that it causes.
    pub fn event(&self) -> Event {
        match self {
            Self::Create(_) => Event::UserCreated,
            Self::Edit(..) => Event::UserPatched,
            Self::Delete(_) => Event::UserDeleted,
            Self::SendPasswordMail(_) => Event::PasswordMailSent,
            Self::ChooseLanguage(..) => Event::LanguageChosen,
            Self::DefineProperty(_) => Event::PropertyDefined,
            Self::EditProperty(..) => Event::PropertyChanged,
            Self::RemoveProperty(_) => Event::PropertyRemoved,
        }
    }

    /// The id of what it is about, if it exists already.
    pub fn target(&self) -> Option<Uuid> {
        match self {
            Self::Create(_) | Self::DefineProperty(_) => None,
            Self::Edit(id, _)
            | Self::Delete(id)
            | Self::SendPasswordMail(id)
            | Self::ChooseLanguage(id, _) => Some(id.uuid()),
            Self::EditProperty(id, _) | Self::RemoveProperty(id) => Some(id.uuid()),
        }
    }
}
