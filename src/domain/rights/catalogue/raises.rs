//! Which changes raise something privileged, and so take two people (DECISIONS.md 18).
//!
//! What was taken out may come back, and mappings, grants and custom bundles that name it are still there. So a
//! release is compared with all that were before it: a right is as privileged as when it was last seen, and
//! a bundle or role that comes gives what it holds.

use crate::domain::rights::RightKey;
use crate::domain::rights::catalogue::{Catalogue, CatalogueChange};

/// Changes that raise something privileged, if `new` follows on `past`: all releases, the active one last.
pub fn raising_privileged(past: &[Catalogue], new: &Catalogue) -> Vec<CatalogueChange> {
    let mut old = past.last().cloned().unwrap_or_default();
    for release in past.iter().rev() {
        for (key, right) in &release.rights {
            old.rights.entry(key.clone()).or_insert_with(|| right.clone());
        }
    }
    old.diff(new).into_iter().filter(|change| is_privileged(change, (&old, new))).collect()
}

fn is_privileged(change: &CatalogueChange, (old, new): (&Catalogue, &Catalogue)) -> bool {
    let says = |catalogue: &Catalogue, key: &RightKey| {
        catalogue.rights.get(key).is_some_and(|right| right.privileged)
    };
    let right = |key: &RightKey| says(old, key) || says(new, key);
    let bundle = |key: &str| {
        let rights = [old, new].into_iter().filter_map(|catalogue| catalogue.bundles.get(key));
        rights.flat_map(|bundle| &bundle.rights).any(right)
    };
    match change {
        CatalogueChange::BundleGained(_, key)
        | CatalogueChange::RightRecipientSafe(key, true)
        | CatalogueChange::RightPrivileged(key, false)
        | CatalogueChange::RightPermission(key, Some(_), _) => right(key),
        CatalogueChange::RoleGained(_, key) => bundle(key),
        CatalogueChange::RoleLevel(key, _) => {
            let role = new.roles.get(key);
            role.is_some_and(|role| role.bundles.iter().any(|key| bundle(key)))
        }
        CatalogueChange::ConflictRemoved(conflict) => right(&conflict.lost),
        CatalogueChange::RightRecipientSafe(_, false)
        | CatalogueChange::RightPrivileged(_, true)
        | CatalogueChange::RightPermission(_, None, _)
        | CatalogueChange::PermissionRemoved(_)
        | CatalogueChange::RightRemoved(_)
        | CatalogueChange::BundleRemoved(_)
        | CatalogueChange::BundleLost(..)
        | CatalogueChange::RoleRemoved(_)
        | CatalogueChange::RoleLost(..)
        | CatalogueChange::PermissionAdded(_)
        | CatalogueChange::RightAdded(_)
        | CatalogueChange::BundleAdded(_)
        | CatalogueChange::RoleAdded(..)
        | CatalogueChange::ConflictAdded(_)
        | CatalogueChange::TextsChanged(..) => false,
    }
}
