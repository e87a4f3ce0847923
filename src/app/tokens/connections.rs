//! An account's provisioning connections, looked at by whoever administers it: mappings of pushed roles name
//! them by their ids.

use crate::app::rights::no_such;
use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::connection::Listed;
use crate::domain::ids::{AccountId, ConnectionId};
use crate::domain::records::pages::{Part, Wanted};

impl App {
    /// A part of an account's connections, by name.
    ///
    /// # Errors
    /// As [`App::bundles`].
    pub async fn connections(
        &self,
        actor: &Actor,
        account: AccountId,
        wanted: &Wanted,
    ) -> Result<Part<Listed>, Error> {
        let scope = self.account_scope(actor, account).await?;
        Ok(self.store().listed_connections(&scope, wanted, self.now()).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`App::bundle`].
    pub async fn connection(
        &self,
        actor: &Actor,
        (account, id): (AccountId, ConnectionId),
    ) -> Result<Listed, Error> {
        let scope = self.account_scope(actor, account).await?;
        let found = self.store().listed_connection(&scope, id, self.now()).await?;
        found.ok_or_else(|| no_such("connection"))
    }
}
