//! People and properties, looked at: users by whoever administers them, recipients by any user of the
//! account (S15).

use crate::app::users::people::no_such;
use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::ids::{AccountId, PropertyId, ResourceId};
use crate::domain::records::pages::{Part, Wanted};
use crate::domain::users::people::{Filter, Kind, Person};
use crate::domain::users::properties::Property;
use crate::policy::Scope;

impl App {
    /// A part of an account's people, by their userName.
    ///
    /// # Errors
    /// [`Error::Denied`] if policy refuses.
    pub async fn people(
        &self,
        actor: &Actor,
        account: AccountId,
        (filter, wanted): (&Filter, &Wanted),
    ) -> Result<Part<Person>, Error> {
        let scope = self.scope_of(actor, account, filter.kind).await?;
        Ok(self.store().people(&scope, filter, wanted).await?)
    }

    /// One of an account's people, if they are of that kind.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none; [`Error::Denied`] if policy refuses.
    pub async fn person(
        &self,
        actor: &Actor,
        account: AccountId,
        (kind, id): (Option<Kind>, ResourceId),
    ) -> Result<Person, Error> {
        self.scope_of(actor, account, kind).await?;
        let found = self.store().person(account, id).await?.map(|it| it.person);
        let found = found.filter(|it| kind.is_none_or(|kind| kind == it.kind));
        found.ok_or_else(|| no_such("user"))
    }

    /// What an account defined, by key.
    ///
    /// # Errors
    /// [`Error::Denied`] if policy refuses.
    pub async fn properties(
        &self,
        actor: &Actor,
        account: AccountId,
    ) -> Result<Vec<Property>, Error> {
        let scope = self.belonging(actor, account).await?;
        Ok(self.store().properties(&scope).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none; [`Error::Denied`] if policy refuses.
    pub async fn property(
        &self,
        actor: &Actor,
        account: AccountId,
        id: PropertyId,
    ) -> Result<Property, Error> {
        self.belonging(actor, account).await?;
        self.store().property(account, id).await?.ok_or_else(|| no_such("property"))
    }

    async fn scope_of(
        &self,
        actor: &Actor,
        account: AccountId,
        kind: Option<Kind>,
    ) -> Result<Scope, Error> {
        match kind {
            Some(Kind::Recipient) => self.belonging(actor, account).await,
            Some(Kind::User) | None => self.administering(actor, account).await,
        }
    }
}
