//! All integration tests, one binary. On SQLite; on PostgreSQL if `TEST_DATABASE_URL` names a server
//! on which databases may be made.
#![cfg(test)]

mod demo;
mod examples;
mod filter_agreement;
mod policy_matrix;
mod program;
mod scim;
mod store;
mod tidy;
mod world;
