//! Who would lose what by another catalogue: told before it is activated, so that nobody wonders after.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::{App, Error};
use crate::domain::account::Slug;
use crate::domain::actor::Actor;
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::rights::RightKey;
use crate::domain::rights::catalogue::{Catalogue, CatalogueChange};
use crate::domain::rights::paths::{Path, Standing, Where, standings};
use crate::policy;
use crate::store::rights::candidates::{Candidates, Stretch};
use crate::store::rights::catalogue::losses;
use crate::store::rights::paths::{Tables, When};

/// How many are named.
const NAMED: usize = 5;

/// The users of an account who would lose a right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loss {
    /// The right.
    pub right: RightKey,
    /// The account's name in URLs.
    pub account: Slug,
    /// How many users.
    pub users: usize,
    /// The `userName`s of some of them.
    pub named: Vec<String>,
}

/// By right, whom it is lost to.
type Losers = BTreeMap<RightKey, BTreeSet<ResourceId>>;

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
        let scope = policy::scope(actor);
        let Some(active) = self.store().active_release().await? else { return Ok(vec![]) };
        let rights = at_stake(&active.catalogue, new);
        if rights.is_empty() {
            return Ok(vec![]);
        }
        let after = losses::tables(new);
        let mut found = vec![];
        for profile in self.store().profiles(&scope).await? {
            let account = profile.account;
            for (right, users) in self.losers(account.id, &rights, &after).await? {
                let first: Vec<ResourceId> = users.iter().take(NAMED).copied().collect();
                let named = self.store().user_names(&scope, (account.id, &first)).await?;
                let (account, users) = (account.slug.clone(), users.len());
                found.push(Loss { right, account, users, named });
            }
        }
        found.sort();
        Ok(found)
    }

    /// Who of an account's users loses which of the rights, anywhere, if the tables were these.
    async fn losers(
        &self,
        account: AccountId,
        rights: &BTreeSet<RightKey>,
        after: &Tables,
    ) -> Result<Losers, Error> {
        let (store, when) = (self.store(), When::Now(self.now()));
        let candidates = Candidates::Rights(rights.iter().cloned().collect());
        let (mut found, mut behind) = (Losers::new(), None);
        loop {
            let stretch = Stretch::behind(behind);
            let page = store.candidates((account, &candidates), when, stretch).await?;
            let ids: Vec<ResourceId> = page.iter().map(|it| it.user).collect();
            behind = ids.last().copied();
            if behind.is_none() {
                return Ok(found);
            }
            let is = store.paths((account, &ids), when, &Tables::default()).await?;
            let then = effective(&store.paths((account, &ids), when, after).await?);
            for (user, right, _) in effective(&is).difference(&then) {
                found.entry(right.clone()).or_default().insert(*user);
            }
        }
    }
}

fn effective(paths: &[Path]) -> BTreeSet<(ResourceId, RightKey, Where)> {
    let all = standings(paths).into_iter();
    all.filter(|(_, standing)| *standing == Standing::Effective).map(|(at, _)| at).collect()
}

/// The rights that somebody may lose.
fn at_stake(active: &Catalogue, new: &Catalogue) -> BTreeSet<RightKey> {
    let mut found = BTreeSet::new();
    let lost_to = |gained: &RightKey| {
        let pairs = active.conflicts.iter().filter(|pair| pair.held == *gained);
        pairs.map(|pair| pair.lost.clone()).collect::<Vec<_>>()
    };
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
            // Whoever gains a right may lose what an account keeps apart from it.
            CatalogueChange::BundleGained(_, right) => found.extend(lost_to(&right)),
            CatalogueChange::RoleGained(_, bundle) => {
                let rights = new.bundles.get(&bundle).map(|bundle| bundle.rights.clone());
                found.extend(rights.iter().flatten().flat_map(lost_to));
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
            | CatalogueChange::RoleAdded(..)
            | CatalogueChange::RoleLevel(..)
            | CatalogueChange::ConflictAdded(_)
            | CatalogueChange::TextsChanged(..) => {}
        }
    }
    found
}
