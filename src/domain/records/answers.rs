//! Answers that are kept for a day, so that a request that is sent again is not done again.

use uuid::Uuid;

use crate::domain::ids::AccountId;

/// By what a request is known again. The client's key itself is not kept: it makes the fingerprint of a body
/// unguessable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// The account that it is about.
    pub account: AccountId,
    /// Who sent it.
    pub actor: Uuid,
    /// The hash of the client's key.
    pub key: String,
    /// The hash of key, method, path, parameters and body.
    pub fingerprint: [u8; 32],
}

/// What is known of a request with that key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// It is the first; whoever asked is to do it.
    First,
    /// That key came with another request.
    Other,
    /// It is being done, or was interrupted.
    Running,
    /// It is done, and the answer was not kept.
    Done,
    /// It is done.
    Kept(KeptAnswer),
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Its status.
    pub status: u16,
    /// Its headers: names and values.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
}
