//! The single read path: everything is read within the actor's scope.

use crate::app::change::not_found;
use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::ids::ResourceId;
use crate::domain::records::{Page, Record, Search, Want};
use crate::policy;
use crate::scim::schema::ResourceKind;

impl App {
    /// The resource of that id.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none in the actor's scope.
    pub async fn get(
        &self,
        actor: &Actor,
        (kind, id): (ResourceKind, ResourceId),
        want: Want,
    ) -> Result<Record, Error> {
        let found = self.store().find(&policy::scope(actor), (kind, id), want).await?;
        found.ok_or_else(|| not_found(kind, id))
    }

    /// A page of a list.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn search(&self, actor: &Actor, search: &Search) -> Result<Page, Error> {
        Ok(self.store().search(&policy::scope(actor), search).await?)
    }
}
