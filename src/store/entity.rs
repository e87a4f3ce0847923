//! The tables as SeaORM sees them, one file each. `users`, `groups`, `group_members`, `user_emails`
//! and `user_states` have none: scripts and searches write their SQL themselves.

pub(crate) mod accounts;
pub(crate) mod activities;
pub(crate) mod connections;
pub(crate) mod directory_counts;
pub(crate) mod failed_tries;
pub(crate) mod one_time_links;
pub(crate) mod outbox;
pub(crate) mod passwords;
pub(crate) mod persons;
pub(crate) mod sessions;
pub(crate) mod signals;
pub(crate) mod tokens;
pub(crate) mod user_persons;
