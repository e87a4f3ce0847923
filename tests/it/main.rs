//! All integration tests, one binary. On SQLite; on PostgreSQL if `TEST_DATABASE_URL` names a server
//! on which databases may be made.

mod demo;
mod examples;
mod filter_agreement;
mod scim;
mod store;
mod tidy;
mod world;
