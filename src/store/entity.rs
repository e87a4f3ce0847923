//! The tables as SeaORM sees them, one file each. `users`, `groups`, `group_members`, `user_emails`
//! and `user_states` have none: scripts and searches write their SQL themselves.

pub(crate) mod account_domains;
pub(crate) mod account_sign_in;
pub(crate) mod accounts;
pub(crate) mod activities;
pub(crate) mod bootstraps;
pub(crate) mod connections;
pub(crate) mod directory_counts;
pub(crate) mod failed_tries;
pub(crate) mod identities;
pub(crate) mod login_transactions;
pub(crate) mod logout_tokens;
pub(crate) mod one_time_links;
pub(crate) mod outbox;
pub(crate) mod passkey_ceremonies;
pub(crate) mod passkeys;
pub(crate) mod passwords;
pub(crate) mod persons;
pub(crate) mod product_keys;
pub(crate) mod recovery_codes;
pub(crate) mod revoked_access_tokens;
pub(crate) mod seed_grants;
pub(crate) mod sessions;
pub(crate) mod signals;
pub(crate) mod signing_keys;
pub(crate) mod sso_connections;
pub(crate) mod tokens;
pub(crate) mod totp_factors;
pub(crate) mod user_persons;
