//! Countersign: a SCIM 2.0 identity provisioning server. Start with `src/ARCHITECTURE.md`.

pub mod app;
pub mod authn;
pub mod boot;
pub mod cli;
pub mod config;
pub mod domain;
pub mod http;
pub mod mail;
pub mod policy;
pub mod scim;
pub mod store;
pub mod worker;
