//! The catalogue of rights (PRODUCT.md §4, S5, S7, S13): which there are, what people read about them, and
//! which bundles and roles are predefined out of them.
//!
//! A catalogue is a text in TOML: [`schemas/catalogue.toml`](../../../schemas/catalogue.toml) is the one
//! that is shipped, an operator may have another. A text that was activated is a release; its
//! [`hash`](Catalogue::hash) names what it means, whatever its comments and order.
//!
//! To add a member: a field here, a line in `read`, one in `hash`, and a change in `diff`.

mod check;
mod diff;
mod raises;
mod read;
mod toml;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::domain::ids::{BundleId, RoleId};
use crate::domain::rights::RightKey;
use crate::domain::rights::bundles::Level;
use crate::domain::time::Timestamp;
use crate::domain::users::contact::Language;

pub use crate::domain::rights::catalogue::diff::CatalogueChange;
pub use crate::domain::rights::catalogue::raises::raising_privileged;

/// The catalogue that is shipped.
const SHIPPED: &str = include_str!("../../../schemas/catalogue.toml");
/// The bundle that is meant for recipients, who may hold all of it.
const RECIPIENT: &str = "recipient";

/// A catalogue that makes sense.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// What can be switched on for a whole account, by key.
    pub permissions: BTreeMap<String, Texts>,
    /// The rights, by key.
    pub rights: BTreeMap<RightKey, CatalogueRight>,
    /// The predefined bundles, by key.
    pub bundles: BTreeMap<String, CatalogueBundle>,
    /// The predefined roles, by key.
    pub roles: BTreeMap<String, CatalogueRole>,
    /// The pairs that an account may keep apart.
    pub conflicts: BTreeSet<Conflict>,
    text: String,
}

/// A catalogue that was activated.
#[derive(Debug, Clone)]
pub struct Release {
    /// The how manieth it is; the active one has the greatest number.
    pub number: i64,
    /// When it was activated.
    pub activated_at: Timestamp,
    /// What it says.
    pub catalogue: Catalogue,
}

/// What people read about something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts {
    /// Its name.
    pub label: Localised,
    /// What it is.
    pub description: Localised,
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Localised {
    /// English.
    pub en: String,
    /// French.
    pub fr: String,
}

/// A right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueRight {
    /// What people read.
    pub texts: Texts,
    /// Whether a recipient may hold it.
    pub recipient_safe: bool,
    /// The account permission without which it is not effective.
    pub permission: Option<String>,
    /// Whether it takes a second person to become effective.
    pub privileged: bool,
}

/// A predefined bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueBundle {
    /// What people read.
    pub texts: Texts,
    /// Its rights.
    pub rights: BTreeSet<RightKey>,
}

/// A predefined role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueRole {
    /// What people read.
    pub texts: Texts,
    /// Where it is held.
    pub level: Level,
    /// The keys of its bundles.
    pub bundles: BTreeSet<String>,
}

/// Where an account turns the rule on, whoever holds one right does not effectively hold another in the
/// same place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflict {
    /// The right that is held.
    pub held: RightKey,
    /// The right that is lost by that.
    pub lost: RightKey,
}

/// Something that is wrong with a catalogue, and how to put it right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CatalogueFault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub remedy: String,
}

impl Catalogue {
    /// Reads a catalogue, and checks all of it.
    ///
    /// # Errors
    /// Everything that is wrong, by line.
    pub fn parse(text: &str) -> Result<Self, Vec<CatalogueFault>> {
        let (draft, mut faults) = read::read(text)?;
        let catalogue = check::check(draft, text, &mut faults);
        faults.sort();
        if faults.is_empty() { Ok(catalogue) } else { Err(faults) }
    }

    /// Reads one that was found right when it was activated, by whatever version did it: what this one has no
    /// use for is passed over.
    pub fn of_release(text: &str) -> Self {
        let (draft, _) = read::read(text).unwrap_or_default();
        check::check(draft, text, &mut vec![])
    }

    /// The catalogue that is shipped; a test says that it is right.
    pub fn shipped() -> Self {
        Self::parse(SHIPPED).unwrap_or_default()
    }

    /// The text it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256, in hexadecimal, of what it means: not of comments, order, or how values are spelt.
    pub fn hash(&self) -> String {
        let keyed = |texts: &BTreeMap<String, Texts>| -> Vec<Value> {
            texts.iter().map(|(key, texts)| json!([key, texts.meaning()])).collect()
        };
        let keys = |keys: &BTreeSet<RightKey>| -> Vec<String> {
            keys.iter().map(|key| key.as_str().to_owned()).collect()
        };
        let right = |(key, r): (&RightKey, &CatalogueRight)| {
            let flags = json!([r.recipient_safe, r.permission, r.privileged]);
            json!([key.as_str(), r.texts.meaning(), flags])
        };
        let bundle = |(key, b): (&String, &CatalogueBundle)| {
            json!([key, b.texts.meaning(), keys(&b.rights)])
        };
        let role = |(key, r): (&String, &CatalogueRole)| {
            json!([key, r.texts.meaning(), r.level.as_str(), r.bundles])
        };
        let conflict = |c: &Conflict| json!([c.held.as_str(), c.lost.as_str()]);
        let meaning = json!({
            "permissions": keyed(&self.permissions),
            "rights": self.rights.iter().map(right).collect::<Vec<_>>(),
            "bundles": self.bundles.iter().map(bundle).collect::<Vec<_>>(),
            "roles": self.roles.iter().map(role).collect::<Vec<_>>(),
            "conflicts": self.conflicts.iter().map(conflict).collect::<Vec<_>>(),
        });
        let digest = Sha256::digest(meaning.to_string());
        digest.iter().fold(String::with_capacity(64), |hex, byte| format!("{hex}{byte:02x}"))
    }

    /// Whether one of the bundle's rights is privileged.
    pub fn carries_privileged(&self, bundle: &str) -> bool {
        let is_privileged = |key| self.rights.get(key).is_some_and(|right| right.privileged);
        self.bundles.get(bundle).is_some_and(|bundle| bundle.rights.iter().any(is_privileged))
    }

    /// What is different in `new`: what was taken away first, then what came.
    pub fn diff(&self, new: &Self) -> Vec<CatalogueChange> {
        diff::diff(self, new)
    }
}

/// The id of the predefined bundle of that key, the same in every installation and release.
pub fn bundle_id(key: &str) -> BundleId {
    BundleId::new(fixed("bundle", key))
}

/// The id of the predefined role of that key, likewise.
pub fn role_id(key: &str) -> RoleId {
    RoleId::new(fixed("role", key))
}

/// Whether the text is written as a key, as that of a right is.
pub fn is_key(text: &str) -> bool {
    RightKey::parse(text).is_some()
}

fn fixed(kind: &str, key: &str) -> Uuid {
    let digest: [u8; 32] = Sha256::digest(format!("{kind}:{key}")).into();
    let mut bytes = [0; 16];
    for (byte, from) in bytes.iter_mut().zip(digest) {
        *byte = from;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

impl Texts {
    fn meaning(&self) -> Value {
        let Self { label, description } = self;
        json!([label.en, label.fr, description.en, description.fr])
    }
}

impl Localised {
    /// The text in a language.
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Fr => &self.fr,
        }
    }
}

impl fmt::Display for CatalogueFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.line, self.what, self.remedy)
    }
}

#[cfg(test)]
mod tests;
