//! Provisioning connections: one identity provider's SCIM access to one account.

use crate::domain::ids::{AccountId, ConnectionId};
use crate::scim::preset::Preset;

/// A provisioning connection. It sees and changes only the users and groups that it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The account it belongs to.
    pub account: AccountId,
    /// Its id.
    pub id: ConnectionId,
    /// Its name for people, unique in the account.
    pub name: String,
    /// How strictly its requests are read.
    pub preset: Preset,
}
