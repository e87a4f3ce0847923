//! Rights: what the operator's catalogue names, what gives them, and what stops them.
//!
//! A right is held by a user somewhere: in an account, or in one of its workspaces. It comes from a
//! source (a group mapping, a grant, a seed) directly or by a role and a bundle: see [`paths`].

pub mod approvals;
pub mod bundles;
pub mod catalogue;
pub mod changes;
pub mod decisions;
pub mod faults;
pub mod holdings;
pub mod paths;
pub mod sources;

use std::collections::BTreeSet;
use std::fmt;

/// A right's key in the catalogue: 1 to 64 of `a`–`z`, `0`–`9`, `.`, `_`, `-`, the first a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RightKey(String);

/// A right that the server's own seats ask for; every catalogue has these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// To administer users, bundles, roles, mappings and grants.
    UsersAdminister,
    /// To administer recipients.
    RecipientsAdminister,
    /// To make and close workspaces.
    WorkspacesManage,
    /// To set up how an account's people sign in. Privileged: whoever holds it can name a provider that
    /// says of anybody who they are.
    SsoConfigure,
    /// To read what is on record of the account (W7).
    ActivitiesRead,
}

/// The rights that somebody holds in a whole account, as far as a decision needs them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Held(BTreeSet<RightKey>);

impl RightKey {
    /// Checks and takes a key; none if it is no key.
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let fits = (1..=64).contains(&text.len())
            && text.bytes().next().is_some_and(is_plain)
            && text.bytes().all(|b| is_plain(b) || [b'.', b'_', b'-'].contains(&b));
        fits.then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Right> for RightKey {
    fn from(right: Right) -> Self {
        Self(right.as_str().to_owned())
    }
}

impl fmt::Display for RightKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::UsersAdminister,
        Self::RecipientsAdminister,
        Self::WorkspacesManage,
        Self::SsoConfigure,
        Self::ActivitiesRead,
    ];

    /// The key in the catalogue.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UsersAdminister => "users.administer",
            Self::RecipientsAdminister => "recipients.administer",
            Self::WorkspacesManage => "workspaces.manage",
            Self::SsoConfigure => "sso.configure",
            Self::ActivitiesRead => "activities.read",
        }
    }
}

impl Held {
    /// Whether that right of ours is among them.
    pub fn has(&self, right: Right) -> bool {
        self.0.iter().any(|key| key.as_str() == right.as_str())
    }

    /// Their keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(RightKey::as_str)
    }

    /// Those of the wanted rights that are not among them.
    pub fn lacks<'a>(&self, wanted: impl IntoIterator<Item = &'a RightKey>) -> BTreeSet<RightKey> {
        wanted.into_iter().filter(|key| !self.0.contains(key)).cloned().collect()
    }
}

impl FromIterator<RightKey> for Held {
    fn from_iter<T: IntoIterator<Item = RightKey>>(keys: T) -> Self {
        Self(keys.into_iter().collect())
    }
}

impl FromIterator<Right> for Held {
    fn from_iter<T: IntoIterator<Item = Right>>(rights: T) -> Self {
        Self(rights.into_iter().map(|right| RightKey(right.as_str().to_owned())).collect())
    }
}
