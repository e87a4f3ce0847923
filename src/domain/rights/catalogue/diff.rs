//! What is different between two catalogues, change by change.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::domain::rights::RightKey;
use crate::domain::rights::bundles::Level;
use crate::domain::rights::catalogue::{Catalogue, CatalogueRight, Conflict, Texts};

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CatalogueChange {
    /// A permission is there no longer; what takes it names another, or none.
    PermissionRemoved(String),
    /// A right is there no longer: nobody holds it any more.
    RightRemoved(RightKey),
    /// A bundle is there no longer, nor are mappings to it of any effect.
    BundleRemoved(String),
    /// A bundle has lost a right, or was removed with it.
    BundleLost(String, RightKey),
    /// A role is there no longer, nor are mappings to it of any effect.
    RoleRemoved(String),
    /// A role has lost a bundle, or was removed with it.
    RoleLost(String, String),
    /// A pair that may be kept apart is there no longer.
    ConflictRemoved(Conflict),
    /// A new permission.
    PermissionAdded(String),
    /// A new right.
    RightAdded(RightKey),
    /// Whether a right is privileged from now on.
    RightPrivileged(RightKey, bool),
    /// Whether a recipient may hold a right from now on.
    RightRecipientSafe(RightKey, bool),
    /// What permission a right took, and what it takes from now on.
    RightPermission(RightKey, Option<String>, Option<String>),
    /// A new bundle.
    BundleAdded(String),
    /// A bundle has one more right, or is new with it.
    BundleGained(String, RightKey),
    /// A new role, and where it is held.
    RoleAdded(String, Level),
    /// A role is held elsewhere.
    RoleLevel(String, Level),
    /// A role has one more bundle, or is new with it.
    RoleGained(String, String),
    /// A new pair that may be kept apart.
    ConflictAdded(Conflict),
    /// What people read has changed: of what, and its key.
    TextsChanged(&'static str, String),
}

impl CatalogueChange {
    /// Whether somebody may have more by it.
    pub fn raises(&self) -> bool {
        match self {
            Self::RightPrivileged(_, is) => !is,
            Self::RightRecipientSafe(_, is) => *is,
            Self::RightPermission(_, was, _) => was.is_some(),
            Self::BundleGained(..)
            | Self::RoleGained(..)
            | Self::RoleLevel(..)
            | Self::ConflictRemoved(_) => true,
            Self::PermissionRemoved(_)
            | Self::RightRemoved(_)
            | Self::BundleRemoved(_)
            | Self::BundleLost(..)
            | Self::RoleRemoved(_)
            | Self::RoleLost(..)
            | Self::PermissionAdded(_)
            | Self::RightAdded(_)
            | Self::BundleAdded(_)
            | Self::RoleAdded(..)
            | Self::ConflictAdded(_)
            | Self::TextsChanged(..) => false,
        }
    }
}

pub(super) fn diff(old: &Catalogue, new: &Catalogue) -> Vec<CatalogueChange> {
    let mut found = losses(old, new);
    gains(old, new, &mut found);
    for (key, right) in &new.rights {
        if let Some(was) = old.rights.get(key) {
            attributes(key, was, right, &mut found);
        }
    }
    for (key, role) in &new.roles {
        if old.roles.get(key).is_some_and(|was| was.level != role.level) {
            found.push(CatalogueChange::RoleLevel(key.clone(), role.level));
        }
    }
    texts(old, new, &mut found);
    found
}

fn losses(old: &Catalogue, new: &Catalogue) -> Vec<CatalogueChange> {
    use CatalogueChange as C;
    let mut found = vec![];
    found.extend(gone(&old.permissions, &new.permissions).map(C::PermissionRemoved));
    found.extend(gone(&old.rights, &new.rights).map(C::RightRemoved));
    found.extend(gone(&old.bundles, &new.bundles).map(C::BundleRemoved));
    let pairs = missing(rights_of(old), &rights_of(new));
    found.extend(pairs.into_iter().map(|(bundle, right)| C::BundleLost(bundle, right)));
    found.extend(gone(&old.roles, &new.roles).map(C::RoleRemoved));
    let pairs = missing(bundles_of(old), &bundles_of(new));
    found.extend(pairs.into_iter().map(|(role, bundle)| C::RoleLost(role, bundle)));
    found.extend(old.conflicts.difference(&new.conflicts).cloned().map(C::ConflictRemoved));
    found
}

fn gains(old: &Catalogue, new: &Catalogue, found: &mut Vec<CatalogueChange>) {
    use CatalogueChange as C;
    found.extend(gone(&new.permissions, &old.permissions).map(C::PermissionAdded));
    found.extend(gone(&new.rights, &old.rights).map(C::RightAdded));
    found.extend(gone(&new.bundles, &old.bundles).map(C::BundleAdded));
    let pairs = missing(rights_of(new), &rights_of(old));
    found.extend(pairs.into_iter().map(|(bundle, right)| C::BundleGained(bundle, right)));
    let roles = new.roles.iter().filter(|(key, _)| !old.roles.contains_key(*key));
    found.extend(roles.map(|(key, role)| C::RoleAdded(key.clone(), role.level)));
    let pairs = missing(bundles_of(new), &bundles_of(old));
    found.extend(pairs.into_iter().map(|(role, bundle)| C::RoleGained(role, bundle)));
    found.extend(new.conflicts.difference(&old.conflicts).cloned().map(C::ConflictAdded));
}

/// What changed of a right that was there and is.
fn attributes(
    key: &RightKey,
    was: &CatalogueRight,
    is: &CatalogueRight,
    found: &mut Vec<CatalogueChange>,
) {
    if was.privileged != is.privileged {
        found.push(CatalogueChange::RightPrivileged(key.clone(), is.privileged));
    }
    if was.recipient_safe != is.recipient_safe {
        found.push(CatalogueChange::RightRecipientSafe(key.clone(), is.recipient_safe));
    }
    if was.permission != is.permission {
        let (was, is) = (was.permission.clone(), is.permission.clone());
        found.push(CatalogueChange::RightPermission(key.clone(), was, is));
    }
}

fn texts(old: &Catalogue, new: &Catalogue, found: &mut Vec<CatalogueChange>) {
    let old = all_texts(old);
    for (at, text) in all_texts(new) {
        if old.get(&at).is_some_and(|was| *was != text) {
            found.push(CatalogueChange::TextsChanged(at.0, at.1));
        }
    }
}

fn all_texts(catalogue: &Catalogue) -> BTreeMap<(&'static str, String), &Texts> {
    let permissions = catalogue.permissions.iter().map(|(key, t)| (("permission", key.clone()), t));
    let rights =
        catalogue.rights.iter().map(|(key, r)| (("right", key.as_str().to_owned()), &r.texts));
    let bundles = catalogue.bundles.iter().map(|(key, b)| (("bundle", key.clone()), &b.texts));
    let roles = catalogue.roles.iter().map(|(key, r)| (("role", key.clone()), &r.texts));
    permissions.chain(rights).chain(bundles).chain(roles).collect()
}

/// Keys that are in one map and not in the other.
fn gone<'c, K: Ord + Clone, V>(
    one: &'c BTreeMap<K, V>,
    other: &'c BTreeMap<K, V>,
) -> impl Iterator<Item = K> + 'c {
    one.keys().filter(|key| !other.contains_key(*key)).cloned()
}

fn missing<T: Ord>(one: BTreeSet<T>, other: &BTreeSet<T>) -> Vec<T> {
    one.into_iter().filter(|pair| !other.contains(pair)).collect()
}

fn rights_of(catalogue: &Catalogue) -> BTreeSet<(String, RightKey)> {
    let each = catalogue.bundles.iter();
    each.flat_map(|(key, b)| b.rights.iter().map(|right| (key.clone(), right.clone()))).collect()
}

fn bundles_of(catalogue: &Catalogue) -> BTreeSet<(String, String)> {
    let each = catalogue.roles.iter();
    each.flat_map(|(key, r)| r.bundles.iter().map(|bundle| (key.clone(), bundle.clone()))).collect()
}

impl fmt::Display for CatalogueChange {
    /// A line: `-` for what goes, `+` for what comes, `~` for what is different.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let permission = |key: &Option<String>| {
            key.as_ref()
                .map_or_else(|| "no permission".to_owned(), |key| format!("permission `{key}`"))
        };
        match self {
            Self::PermissionRemoved(key) => write!(f, "- permission `{key}`"),
            Self::RightRemoved(key) => write!(f, "- right `{key}`"),
            Self::BundleRemoved(key) => write!(f, "- bundle `{key}`"),
            Self::BundleLost(bundle, right) => {
                write!(f, "- right `{right}` from bundle `{bundle}`")
            }
            Self::RoleRemoved(key) => write!(f, "- role `{key}`"),
            Self::RoleLost(role, bundle) => write!(f, "- bundle `{bundle}` from role `{role}`"),
            Self::ConflictRemoved(c) => write!(f, "- conflict: `{}` takes `{}`", c.held, c.lost),
            Self::PermissionAdded(key) => write!(f, "+ permission `{key}`"),
            Self::RightAdded(key) => write!(f, "+ right `{key}`"),
            Self::RightPrivileged(key, true) => write!(f, "~ right `{key}` becomes privileged"),
            Self::RightPrivileged(key, false) => {
                write!(f, "~ right `{key}` is privileged no longer")
            }
            Self::RightRecipientSafe(key, true) => {
                write!(f, "~ right `{key}` may be held by recipients")
            }
            Self::RightRecipientSafe(key, false) => {
                write!(f, "~ right `{key}` may be held by recipients no longer")
            }
            Self::RightPermission(key, was, is) => {
                write!(f, "~ right `{key}` takes {}, not {}", permission(is), permission(was))
            }
            Self::BundleAdded(key) => write!(f, "+ bundle `{key}`"),
            Self::BundleGained(bundle, right) => {
                write!(f, "+ right `{right}` to bundle `{bundle}`")
            }
            Self::RoleAdded(key, level) => write!(f, "+ role `{key}`, {} level", level.as_str()),
            Self::RoleLevel(key, level) => {
                write!(f, "~ role `{key}` is held at {} level", level.as_str())
            }
            Self::RoleGained(role, bundle) => write!(f, "+ bundle `{bundle}` to role `{role}`"),
            Self::ConflictAdded(c) => write!(f, "+ conflict: `{}` takes `{}`", c.held, c.lost),
            Self::TextsChanged(kind, key) => write!(f, "~ texts of {kind} `{key}`"),
        }
    }
}
