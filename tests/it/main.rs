//! All integration tests, one binary. On SQLite; on PostgreSQL if `TEST_DATABASE_URL` names a server
//! on which databases may be made.
#![cfg(test)]

mod accounts;
mod api;
mod audit;
mod demo;
mod examples;
mod hostile;
mod login;
mod policy_matrix;
mod program;
mod rights;
mod routes;
mod scim;
mod store;
mod support;
mod tidy;
mod tokens;
mod worker;
mod world;
