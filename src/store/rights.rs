//! What gives rights, as rows with periods (DECISIONS.md 27).
//!
//! To add a kind of change: a file with its `apply`, and a line in [`Change`].

pub(crate) mod catalogue;

use sea_orm::DatabaseTransaction;

use crate::store::Result;

/// A change to what gives rights.
#[derive(Debug)]
pub(crate) enum Change {
    /// Of the catalogue.
    Catalogue(Box<catalogue::Activation>),
}

/// Applies a change in the caller's transaction; says whether it took effect.
pub(super) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    match change {
        Change::Catalogue(activation) => catalogue::apply(tx, activation).await,
    }
}
