//! Who would lose what by another catalogue: told before it is activated, so that nobody wonders after.

use std::collections::BTreeSet;

use crate::app::{App, Error};
use crate::domain::account::Slug;
use crate::domain::actor::Actor;
use crate::domain::rights::RightKey;
use crate::domain::rights::catalogue::{Catalogue, CatalogueChange};
use crate::policy;
use crate::store::rights::catalogue::losses;

/// How many are named.
const NAMED: usize = 5;

/// The users of an account who would lose a right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The right.
    pub right: RightKey,
    /// The account's name in URLs.
    pub account: Slug,
    /// How many users.
    pub users: u64,
    /// The `userName`s of some of them.
    pub named: Vec<String>,
}

impl App {
    /// Who would lose a right that they hold now, if the catalogue were `new`: by right and account, as far
    /// as the actor may see.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn catalogue_losses(
        &self,
        actor: &Actor,
        new: &Catalogue,
    ) -> Result<Vec<Loss>, Error> {
        let (store, scope) = (self.store(), policy::scope(actor));
        let Some(active) = store.active_release().await? else { return Ok(vec![]) };
        let rights = at_stake(&active.catalogue, new);
        if rights.is_empty() {
            return Ok(vec![]);
        }
        let (now, after) = (self.now(), losses::tables(new));
        let accounts = store.list_accounts(&scope).await?;
        let pairs = rights.iter().flat_map(|right| accounts.iter().map(move |at| (right, at)));
        let mut found = vec![];
        for (right, account) in pairs {
            let losers = store.losers(&scope, (account.id, right), (now, &after), NAMED).await?;
            if losers.count > 0 {
                let named = store.user_names(&scope, (account.id, &losers.first)).await?;
                let (right, account) = (right.clone(), account.slug.clone());
                found.push(Loss { right, account, users: losers.count, named });
            }
        }
        Ok(found)
    }
}

/// The rights that somebody may lose.
fn at_stake(active: &Catalogue, new: &Catalogue) -> BTreeSet<RightKey> {
    let mut found = BTreeSet::new();
    for change in active.diff(new) {
        match change {
            CatalogueChange::RightRemoved(right)
            | CatalogueChange::BundleLost(_, right)
            | CatalogueChange::RightPrivileged(right, true)
            | CatalogueChange::RightRecipientSafe(right, false)
            | CatalogueChange::RightPermission(right, _, Some(_)) => {
                found.insert(right);
            }
            CatalogueChange::RoleLost(_, bundle) => {
                let rights = active.bundles.get(&bundle).map(|bundle| bundle.rights.clone());
                found.extend(rights.into_iter().flatten());
            }
            CatalogueChange::PermissionRemoved(_)
            | CatalogueChange::BundleRemoved(_)
            | CatalogueChange::RoleRemoved(_)
            | CatalogueChange::ConflictRemoved(_)
            | CatalogueChange::PermissionAdded(_)
            | CatalogueChange::RightAdded(_)
            | CatalogueChange::RightPrivileged(_, false)
            | CatalogueChange::RightRecipientSafe(_, true)
            | CatalogueChange::RightPermission(_, _, None)
            | CatalogueChange::BundleAdded(_)
            | CatalogueChange::BundleGained(..)
            | CatalogueChange::RoleAdded(..)
            | CatalogueChange::RoleLevel(..)
            | CatalogueChange::RoleGained(..)
            | CatalogueChange::ConflictAdded(_)
            | CatalogueChange::TextsChanged(..) => {}
        }
    }
    found
}
