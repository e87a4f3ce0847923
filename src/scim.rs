//! The SCIM 2.0 protocol engine (RFC 7643, RFC 7644) as a pure library.
//!
//! Nothing in here waits, reads a clock, or knows our users, accounts or database. A resource is a
//! `serde_json::Value` whose shape the compiled [`schema::Registry`] knows; what an identity
//! provider sent beyond that survives a round trip.
//!
//! The way of a write: [`json`] → [`resource`] (or [`patch`] on the stored document) → [`fold`].
//! The way of a read: [`page`] + [`filter`] + [`sort`] → rows → [`project`].

pub mod discovery;
pub mod error;
pub mod etag;
pub mod filter;
pub mod fold;
pub mod json;
pub mod members;
pub mod offers;
pub mod page;
pub mod patch;
pub mod path;
pub mod preset;
pub mod project;
pub mod resource;
pub mod schema;
pub mod sort;
pub mod value;
