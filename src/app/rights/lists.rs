//! What gives rights, looked at: by administrators of the account or its parent, and by the platform
//! team.

use std::collections::BTreeSet;

use crate::app::rights::no_such;
use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::ids::{AccountId, BundleId, GrantId, MappingId, ResourceId, RoleId};
use crate::domain::records::pages::{Part, Wanted};
use crate::domain::rights::bundles::{Bundle, Role};
use crate::domain::rights::sources::{Grant, Mapping};
use crate::domain::rights::{Held, RightKey};
use crate::policy::{self, Reach, Scope};

/// What has changed of a predefined bundle or role since it was copied: of a bundle its rights, of a role
/// its bundles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream<T> {
    /// What the original has come to hold.
    pub gained: BTreeSet<T>,
    /// What it holds no longer.
    pub lost: BTreeSet<T>,
}

impl<T: Clone + Ord> Upstream<T> {
    fn between(then: &BTreeSet<T>, now: &BTreeSet<T>) -> Self {
        Self {
            gained: now.difference(then).cloned().collect(),
            lost: then.difference(now).cloned().collect(),
        }
    }
}

impl App {
    /// The bundles that an account can use: its own and the catalogue's, by name.
    ///
    /// # Errors
    /// [`Error::Denied`] if the actor may not see them; [`Error::Internal`] if the database fails.
    pub async fn bundles(&self, actor: &Actor, account: AccountId) -> Result<Vec<Bundle>, Error> {
        let scope = self.account_scope(actor, account).await?;
        Ok(self.store().bundles(&scope).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`App::bundles`], and [`Error::NotFound`].
    pub async fn bundle(
        &self,
        actor: &Actor,
        (account, id): (AccountId, BundleId),
    ) -> Result<Bundle, Error> {
        self.account_scope(actor, account).await?;
        self.store().bundle(account, id).await?.ok_or_else(|| no_such("bundle"))
    }

    /// What has changed of the bundle that this one is a copy of; none if it is no copy.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn upstream(&self, bundle: &Bundle) -> Result<Option<Upstream<RightKey>>, Error> {
        let Some(origin) = &bundle.origin else { return Ok(None) };
        let then = self.store().predefined_rights(origin.id, bundle.created_at).await?;
        let found = self.store().bundle(bundle.account, origin.id).await?;
        let now = found.map(|origin| origin.rights).unwrap_or_default();
        Ok(Some(Upstream::between(&then, &now)))
    }

    /// The roles that an account can use: its own and the catalogue's, by name.
    ///
    /// # Errors
    /// As [`App::bundles`].
    pub async fn roles(&self, actor: &Actor, account: AccountId) -> Result<Vec<Role>, Error> {
        let scope = self.account_scope(actor, account).await?;
        Ok(self.store().roles(&scope).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`App::bundle`].
    pub async fn role(
        &self,
        actor: &Actor,
        (account, id): (AccountId, RoleId),
    ) -> Result<Role, Error> {
        self.account_scope(actor, account).await?;
        self.store().role(account, id).await?.ok_or_else(|| no_such("role"))
    }

    /// What has changed of the role that this one is a copy of; none if it is no copy.
    ///
    /// # Errors
    /// As [`App::upstream`].
    pub async fn upstream_of_role(&self, role: &Role) -> Result<Option<Upstream<BundleId>>, Error> {
        let Some(origin) = &role.origin else { return Ok(None) };
        let then = self.store().predefined_bundles(origin.id, role.created_at).await?;
        let found = self.store().role(role.account, origin.id).await?;
        let now = found.map(|origin| origin.bundles).unwrap_or_default();
        Ok(Some(Upstream::between(&then, &now)))
    }

    /// A part of an account's group mappings in the order of their making; of one group, if one is named.
    ///
    /// # Errors
    /// As [`App::bundles`].
    pub async fn mappings(
        &self,
        actor: &Actor,
        (account, group): (AccountId, Option<ResourceId>),
        wanted: &Wanted,
    ) -> Result<Part<Mapping>, Error> {
        let scope = self.account_scope(actor, account).await?;
        Ok(self.store().mappings(&scope, group, wanted).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`App::bundle`].
    pub async fn mapping(
        &self,
        actor: &Actor,
        (account, id): (AccountId, MappingId),
    ) -> Result<Mapping, Error> {
        self.account_scope(actor, account).await?;
        self.store().mapping(account, id).await?.ok_or_else(|| no_such("group mapping"))
    }

    /// A part of an account's grants in the order of their making; of one user, if one is named.
    ///
    /// # Errors
    /// As [`App::bundles`].
    pub async fn grants(
        &self,
        actor: &Actor,
        (account, user): (AccountId, Option<ResourceId>),
        wanted: &Wanted,
    ) -> Result<Part<Grant>, Error> {
        let scope = self.account_scope(actor, account).await?;
        Ok(self.store().grants(&scope, user, wanted).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`App::bundle`].
    pub async fn grant(
        &self,
        actor: &Actor,
        (account, id): (AccountId, GrantId),
    ) -> Result<Grant, Error> {
        self.account_scope(actor, account).await?;
        self.store().grant(account, id).await?.ok_or_else(|| no_such("grant"))
    }

    /// What the actor may see of an account's people and rights.
    pub(in crate::app) async fn account_scope(
        &self,
        actor: &Actor,
        account: AccountId,
    ) -> Result<Scope, Error> {
        let (reach, held) = match actor {
            Actor::User(who) => (
                self.store().reach(who.account, account).await?,
                self.store().held(who.account, who.user, self.now()).await?,
            ),
            Actor::ScimClient(_) | Actor::Platform | Actor::System => {
                (Reach::Foreign, Held::default())
            }
        };
        policy::account_scope(actor, account, (reach, &held))
            .map_err(|denial| Error::Denied { rule: denial.rule, reason: denial.reason })
    }
}
