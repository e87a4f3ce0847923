//! The single read path: everything is read within the actor's scope.

use crate::app::change::not_found;
use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::ids::ResourceId;
use crate::domain::records::{Page, Record, Search, Want};
use crate::domain::rights::bundles::{Bundle, Role};
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
        let scope = policy::scope(actor);
        let found = self.store().find(&scope, (kind, id), want).await?;
        let mut record = found.ok_or_else(|| not_found(kind, id))?;
        if want.holdings {
            let one = std::slice::from_mut(&mut record);
            self.store().fill_holdings(&scope, one, self.now()).await?;
        }
        Ok(record)
    }

    /// A page of a list.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn search(&self, actor: &Actor, search: &Search) -> Result<Page, Error> {
        let (scope, now) = (policy::scope(actor), self.now());
        let mut page = self.store().search(&scope, search, now).await?;
        if search.want.holdings {
            self.store().fill_holdings(&scope, &mut page.records, now).await?;
        }
        Ok(page)
    }

    /// The roles that a connection may be told of: its account's own and the predefined ones, by name.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn roles_offered(&self, actor: &Actor) -> Result<Vec<Role>, Error> {
        Ok(self.store().roles(&policy::scope(actor)).await?)
    }

    /// The same of bundles.
    ///
    /// # Errors
    /// As [`App::roles_offered`].
    pub async fn bundles_offered(&self, actor: &Actor) -> Result<Vec<Bundle>, Error> {
        Ok(self.store().bundles(&policy::scope(actor)).await?)
    }
}
