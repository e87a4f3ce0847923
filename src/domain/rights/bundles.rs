//! Bundles and roles, predefined by the catalogue or made by an account's administrators.

use std::collections::BTreeSet;

use crate::domain::ids::{AccountId, BundleId, ResourceId, RoleId};
use crate::domain::rights::RightKey;
use crate::domain::time::Timestamp;

/// A named set of rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Whose it is; [`AccountId::CATALOGUE`] if predefined.
    pub account: AccountId,
    /// Its id.
    pub id: BundleId,
    /// Its key in the catalogue, if predefined.
    pub key: Option<String>,
    /// What people call it, unique in the account.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it gives.
    pub rights: BTreeSet<RightKey>,
    /// What it is a copy of.
    pub origin: Option<Origin<BundleId>>,
    /// Who made it.
    pub created_by: Option<ResourceId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Grows with each change.
    pub version: i64,
}

/// What a copy was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin<T> {
    /// Which bundle or role of the catalogue.
    pub id: T,
    /// The catalogue's release at that time, by its hash.
    pub release: String,
}

/// A named position held in an account or a workspace; it carries bundles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Whose it is; [`AccountId::CATALOGUE`] if predefined.
    pub account: AccountId,
    /// Its id.
    pub id: RoleId,
    /// Its key in the catalogue, if predefined.
    pub key: Option<String>,
    /// Where it is held.
    pub level: Level,
    /// What people call it, unique in the account.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it carries.
    pub bundles: BTreeSet<BundleId>,
    /// What it is a copy of.
    pub origin: Option<Origin<RoleId>>,
    /// Who made it.
    pub created_by: Option<ResourceId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Grows with each change.
    pub version: i64,
}

/// Where a role is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// In a whole account.
    Account,
    /// In a workspace.
    Workspace,
}

impl Level {
    /// The word stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Workspace => "workspace",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "account" => Some(Self::Account),
            "workspace" => Some(Self::Workspace),
            _ => None,
        }
    }
}

/// A bundle to be made.
#[derive(Debug, Clone)]
pub struct BundleSpec {
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it gives; of a copy, none said means what the original gives.
    pub rights: Option<BTreeSet<RightKey>>,
    /// The predefined bundle that it is a copy of.
    pub origin: Option<BundleId>,
}

/// What is to be different about a bundle.
#[derive(Debug, Clone, Default)]
pub struct BundleEdit {
    /// What people call it.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What it gives.
    pub rights: Option<BTreeSet<RightKey>>,
}

/// A role to be made.
#[derive(Debug, Clone)]
pub struct RoleSpec {
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Where it is held.
    pub level: Level,
    /// What it carries; of a copy, none said means what the original carries.
    pub bundles: Option<BTreeSet<BundleId>>,
    /// The predefined role that it is a copy of.
    pub origin: Option<RoleId>,
}

/// What is to be different about a role.
#[derive(Debug, Clone, Default)]
pub struct RoleEdit {
    /// What people call it.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What it carries.
    pub bundles: Option<BTreeSet<BundleId>>,
}
