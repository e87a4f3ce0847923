//! The REST API: who reaches what, and what access tokens and product keys are worth.

mod access;
mod activities;
mod csrf;
mod doors;
mod forgery;
mod governed;
mod keys;
mod lists;
mod once;
pub(crate) mod openapi;
mod passwords;
pub(crate) mod people;
mod problems;
mod products;
mod reach;
mod rights;
mod script;
pub(crate) mod sso;
mod tokens;
mod users;
