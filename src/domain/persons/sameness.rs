//! Whether two users may be one human, asked in order *to refuse* (DECISIONS.md 6): more broadly than
//! what makes them one person to inherit. Two whom this suspects may not act for each other.

use std::collections::BTreeSet;

use crate::domain::ids::{AccountId, PersonId, ResourceId};

/// A user with all other users that are the same person, deleted ones too.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Human {
    /// Who they are to us, now or before they were unlinked; nobody before the first sign-in.
    pub persons: BTreeSet<PersonId>,
    /// Their users, the one asked about first.
    pub faces: Vec<Face>,
}

/// What a user shows of who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Face {
    /// The account.
    pub account: AccountId,
    /// The user.
    pub user: ResourceId,
    /// `externalId`, folded. It means something within its account only.
    pub external_id: Option<String>,
    /// E-mail addresses, folded. They mean the same everywhere.
    pub mails: BTreeSet<String>,
}

impl Human {
    /// Whether they may be the same as another: by a person, a user, an address or an externalId.
    pub fn may_be(&self, other: &Self) -> bool {
        !self.persons.is_disjoint(&other.persons)
            || self.faces.iter().any(|own| other.faces.iter().any(|face| own.resembles(face)))
    }
}

impl Face {
    fn resembles(&self, other: &Self) -> bool {
        let is_here = self.account == other.account;
        let has_same_id = self.external_id.is_some() && self.external_id == other.external_id;
        (is_here && (self.user == other.user || has_same_id))
            || !self.mails.is_disjoint(&other.mails)
    }
}

#[cfg(test)]
mod tests;
