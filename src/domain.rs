//! The nouns of the product and their legal transitions: plain data, no database, no HTTP, no clock.

pub mod account;
pub mod actor;
pub mod command;
pub mod connection;
pub mod effect;
pub mod event;
pub mod factors;
pub mod groups;
pub mod ids;
pub mod keys;

pub mod opaque;
pub mod passwords;
pub mod persons;
pub mod records;
pub mod rights;
pub mod sessions;
pub mod sso;
pub mod time;
pub mod tokens;
pub mod users;
