//! What was computed of users' rights, kept as long as it is asked for.
//!
//! There are two generations. What is asked for moves into the younger; when that is full, the older is
//! dropped and the younger takes its place. So what was asked for lately stays, and keeping it in order
//! costs nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::account::Slug;
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::rights::decisions::{Known, Stamp};
use crate::domain::time::Timestamp;

/// How many users a generation holds.
const USERS: usize = 10_000;
/// How many rights and places of them together.
const WEIGHT: usize = 1_000_000;
/// How many short names are kept.
const NAMES: usize = 20_000;

/// What is kept.
#[derive(Debug, Default)]
pub(in crate::app) struct Memory {
    users: Mutex<Generations>,
    accounts: Mutex<BTreeMap<Slug, AccountId>>,
}

#[derive(Debug, Default)]
struct Generations {
    young: BTreeMap<(AccountId, ResourceId), Entry>,
    old: BTreeMap<(AccountId, ResourceId), Entry>,
    weight: usize,
}

#[derive(Debug)]
struct Entry {
    stamp: Stamp,
    known: Arc<Known>,
}

impl Memory {
    /// What is known of a user whose stamp is this; none if it is too old.
    pub(super) fn get(
        &self,
        whose: (AccountId, ResourceId),
        stamp: Stamp,
        now: Timestamp,
    ) -> Option<Arc<Known>> {
        let mut users = locked(&self.users);
        if let Some(entry) = users.old.remove(&whose) {
            users.insert(whose, entry);
        }
        let entry = users.young.get(&whose)?;
        let is_good = entry.stamp == stamp && now < entry.known.until();
        is_good.then(|| Arc::clone(&entry.known))
    }

    /// Keeps what was computed of a user after that stamp was read.
    pub(super) fn keep(&self, whose: (AccountId, ResourceId), stamp: Stamp, known: Arc<Known>) {
        locked(&self.users).insert(whose, Entry { stamp, known });
    }

    /// The account of that short name.
    pub(super) fn account(&self, slug: &Slug) -> Option<AccountId> {
        locked(&self.accounts).get(slug).copied()
    }

    /// Keeps what a short name stands for.
    pub(super) fn keep_account(&self, slug: Slug, id: AccountId) {
        let mut accounts = locked(&self.accounts);
        if accounts.len() >= NAMES {
            accounts.clear();
        }
        accounts.insert(slug, id);
    }
}

impl Generations {
    fn insert(&mut self, whose: (AccountId, ResourceId), entry: Entry) {
        let weight = entry.known.weight();
        if self.young.len() >= USERS || self.weight.saturating_add(weight) > WEIGHT {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
        self.weight = self.weight.saturating_add(weight);
        if let Some(replaced) = self.young.insert(whose, entry) {
            self.weight = self.weight.saturating_sub(replaced.known.weight());
        }
    }
}

/// What is behind the lock. Whoever panicked with it left it whole: each step is one insertion.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
