//! What sign-in keeps: written by the server itself, since nobody has been let in yet who could be
//! permitted. Each write carries a [`SystemPermit`], each read here is its own proof of purpose.
//!
//! To add a kind of change: a file with an enum and its `apply`, and a line in [`Change`].

pub(crate) mod answers;
pub(crate) mod basis;
pub(crate) mod bootstrap;
pub(crate) mod doors;
pub(crate) mod factors;
pub(crate) mod keys;
pub(crate) mod links;
pub(crate) mod logins;
pub(crate) mod passwords;
pub(crate) mod rates;
pub(crate) mod seals;
pub(crate) mod sessions;
pub(crate) mod sso;
pub(crate) mod staff;
pub(crate) mod sweep;
pub(crate) mod tries;

use sea_orm::DatabaseTransaction;

use crate::policy::SystemPermit;
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store};

/// A change to what sign-in keeps.
#[derive(Debug)]
pub(crate) enum Change {
    /// Of links that work once.
    Links(links::Change),
    /// Of passwords.
    Passwords(passwords::Change),
    /// Of sessions and persons.
    Sessions(sessions::Change),
    /// Of sign-ins at providers, and links.
    Logins(logins::Change),
    /// Of providers.
    Sso(sso::Change),
    /// Of second factors.
    Factors(factors::Change),
    /// Of counts of tries.
    Tries(tries::Change),
    /// Of the first approvers.
    Bootstrap(bootstrap::Change),
    /// Of signing keys, product keys and revoked access tokens.
    Keys(Box<keys::Change>),
    /// Of tries that slow down the next.
    Rates(rates::Change),
    /// Of what is of no use any more.
    Sweep(sweep::Sweep),
    /// Of what seals secrets.
    Seals(seals::Change),
    /// Of requests known by a key.
    Answers(answers::Change),
}

impl From<seals::Change> for Change {
    fn from(change: seals::Change) -> Self {
        Self::Seals(change)
    }
}

impl Store {
    /// Applies a change; false if what it rests on is no longer so.
    ///
    /// # Errors
    /// [`StoreError::Taken`](crate::store::StoreError::Taken) if another was faster, and if the
    /// database fails.
    pub(crate) async fn change_authn(&self, change: Change, permit: SystemPermit) -> Result<bool> {
        let write = Rows::Authn(change).into();
        Ok(self.writer.apply(write, Warrant::System(permit)).await?.done)
    }
}

/// Applies a change in the caller's transaction; says whether it took effect.
pub(super) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    match change {
        Change::Links(change) => links::apply(tx, change).await,
        Change::Passwords(change) => passwords::apply(tx, change).await,
        Change::Sessions(change) => sessions::apply(tx, change).await,
        Change::Logins(change) => logins::apply(tx, change).await,
        Change::Sso(change) => sso::apply(tx, change).await,
        Change::Factors(change) => factors::apply(tx, change).await,
        Change::Tries(change) => tries::apply(tx, change).await,
        Change::Bootstrap(change) => bootstrap::apply(tx, change).await,
        Change::Keys(change) => keys::apply(tx, change).await,
        Change::Rates(change) => rates::apply(tx, change).await,
        Change::Sweep(sweep) => sweep::apply(tx, *sweep).await,
        Change::Seals(change) => seals::apply(tx, change).await,
        Change::Answers(change) => answers::apply(tx, change).await,
    }
}
