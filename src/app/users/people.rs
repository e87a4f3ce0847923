//! Users and recipients made and changed by an account's administrators, and their properties
//! (PRODUCT.md S9, S11, S12, S14).
//!
//! Who is made here belongs to the account's own connection, which no token opens; whom an identity
//! provider pushes, it alone changes and deletes.

mod changes;
pub mod lists;
mod properties;

use secrecy::SecretString;

pub(in crate::app) use self::changes::newcomer;
use crate::app::change::Step;
use crate::app::passwords::links;
use crate::app::{App, Error};
use crate::domain::command::people::{PeopleChange, PeopleEdit};
use crate::domain::rights::faults::Fault;
use crate::domain::users::people::{Kind, Person};
use crate::domain::users::properties::Property;
use crate::policy::{Comes, Permit, Scope};
use crate::store::authn::passwords::PasswordUser;
use crate::store::users::people::StoredPerson;

/// What was read before a change of people is decided.
#[derive(Debug)]
pub(in crate::app) enum Loaded {
    /// Whom it is about, if they are there, and what the account defined.
    Person(Option<Box<StoredPerson>>, Vec<Property>),
    /// The property that it is about, if it is there.
    Property(Option<Property>),
    /// Who is to be mailed a link to choose a password, if they are there, and whether they are a
    /// recipient.
    Mailee(Option<Box<PasswordUser>>, bool),
    /// Nothing: who asks is whom it is about.
    Nothing,
}

/// What a change of people gave.
#[derive(Debug)]
pub enum Made {
    /// Them, as they are now.
    Person(Person),
    /// Them, as they are now, and the password that was made for them, shown this once.
    WithPassword(Person, SecretString),
    /// The property as it is now.
    Property(Property),
}

impl Loaded {
    /// Whether the user that it is about is a recipient.
    pub(in crate::app) fn is_recipient(&self) -> bool {
        match self {
            Self::Person(Some(it), _) => it.person.kind == Kind::Recipient,
            Self::Mailee(_, is_recipient) => *is_recipient,
            Self::Person(None, _) | Self::Property(_) | Self::Nothing => false,
        }
    }

    /// How the user comes in whom a link is for.
    pub(in crate::app) fn comes(&self) -> Comes {
        match self {
            Self::Mailee(Some(user), _) => user.comes,
            Self::Mailee(None, _) | Self::Person(..) | Self::Property(_) | Self::Nothing => {
                Comes::Unread
            }
        }
    }
}

/// Reads what the decision, and the change, need.
pub(in crate::app) async fn load(app: &App, change: &PeopleChange) -> Result<Loaded, Error> {
    let (store, account) = (app.store(), change.account);
    let person = match &change.what {
        PeopleEdit::Create(_) | PeopleEdit::DefineProperty(_) => None,
        PeopleEdit::Edit(id, _) | PeopleEdit::Delete(id) => store.person(account, *id).await?,
        PeopleEdit::SendPasswordMail(id) => {
            let is_recipient = |it: &StoredPerson| it.person.kind == Kind::Recipient;
            let is_recipient = store.person(account, *id).await?.as_ref().is_some_and(is_recipient);
            let user = store.password_user(account, *id).await?;
            return Ok(Loaded::Mailee(user.map(Box::new), is_recipient));
        }
        PeopleEdit::ChooseLanguage(..) => return Ok(Loaded::Nothing),
        PeopleEdit::EditProperty(id, _) | PeopleEdit::RemoveProperty(id) => {
            return Ok(Loaded::Property(store.property(account, *id).await?));
        }
    };
    let defined = store.properties(&Scope::Account(account)).await?;
    Ok(Loaded::Person(person.map(Box::new), defined))
}

/// Applies a permitted change to what was read.
pub(in crate::app) async fn apply(
    app: &App,
    permit: Permit,
    change: &PeopleChange,
    loaded: Loaded,
) -> Result<Step, Error> {
    match (&change.what, loaded) {
        (PeopleEdit::Create(spec), Loaded::Person(_, defined)) => {
            changes::create(app, permit, change.account, (spec, &defined)).await
        }
        (PeopleEdit::Edit(_, edit), Loaded::Person(was, defined)) => {
            changes::edit(app, permit, change, (edit, was, &defined)).await
        }
        (PeopleEdit::Delete(_), Loaded::Person(was, _)) => {
            changes::delete(app, permit, change, was).await
        }
        (PeopleEdit::SendPasswordMail(_), Loaded::Mailee(Some(user), _)) => {
            links::send_for_administrator(app, permit, change.account, &user).await
        }
        (PeopleEdit::ChooseLanguage(user, language), Loaded::Nothing) => {
            let whose = (change.account, *user);
            changes::choose_language(app, permit, whose, language.as_deref()).await
        }
        (PeopleEdit::DefineProperty(spec), Loaded::Person(_, defined)) => {
            properties::define(app, permit, change.account, (spec, &defined)).await
        }
        (PeopleEdit::EditProperty(_, edit), Loaded::Property(was)) => {
            properties::edit(app, permit, change, (edit, was)).await
        }
        (PeopleEdit::RemoveProperty(_), Loaded::Property(was)) => {
            properties::remove(app, permit, change, was).await
        }
        // `load` gives each change what belongs to it.
        (
            PeopleEdit::Create(_)
            | PeopleEdit::Edit(..)
            | PeopleEdit::Delete(_)
            | PeopleEdit::SendPasswordMail(_)
            | PeopleEdit::ChooseLanguage(..)
            | PeopleEdit::DefineProperty(_)
            | PeopleEdit::EditProperty(..)
            | PeopleEdit::RemoveProperty(_),
            _,
        ) => Err(no_such("user")),
    }
}

/// The one text for whatever is not there, another account's included.
fn no_such(what: &str) -> Error {
    Error::NotFound(format!("there is no such {what} in this account"))
}

/// Refuses if anything is wrong.
fn refuse(faults: Vec<Fault>) -> Result<(), Error> {
    if faults.is_empty() { Ok(()) } else { Err(Error::Fields(faults)) }
}
