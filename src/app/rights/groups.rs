//! An account's groups, looked at by whoever decides what they give: mappings name them by their ids.

use crate::app::rights::no_such;
use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::groups::{Filter, Listed};
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::records::pages::{Part, Wanted};

impl App {
    /// A part of an account's groups, by name.
    ///
    /// # Errors
    /// As [`App::bundles`].
    pub async fn groups(
        &self,
        actor: &Actor,
        account: AccountId,
        (filter, wanted): (&Filter, &Wanted),
    ) -> Result<Part<Listed>, Error> {
        let scope = self.account_scope(actor, account).await?;
        Ok(self.store().listed_groups(&scope, filter, wanted).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`App::bundle`].
    pub async fn group(
        &self,
        actor: &Actor,
        (account, id): (AccountId, ResourceId),
    ) -> Result<Listed, Error> {
        let scope = self.account_scope(actor, account).await?;
        self.store().listed_group(&scope, id).await?.ok_or_else(|| no_such("group"))
    }
}
