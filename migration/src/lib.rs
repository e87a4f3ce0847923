//! The database schema, step by step, up and down, on SQLite and PostgreSQL.
//!
//! One schema for both: each step is SQL text with a few words that differ, replaced by [`words`].
//! To add a step, add a file `mNNNN_what.rs` with an up and a down list and name it in [`Migrator`].

mod m0001_directory;
mod m0002_record;
mod m0003_sign_in;
mod m0004_rights;
mod m0005_health;
mod m0006_activities;
mod m0007_seals;
mod m0008_approvals;
mod m0009_support;
mod m0010_support_grants;
mod m0011_administrators;
mod walls;
mod words;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::{MigrationTrait, async_trait};

/// All steps, in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_directory::Migration),
            Box::new(m0002_record::Migration),
            Box::new(m0003_sign_in::Migration),
            Box::new(m0004_rights::Migration),
            Box::new(m0005_health::Migration),
            Box::new(m0006_activities::Migration),
            Box::new(m0007_seals::Migration),
            Box::new(m0008_approvals::Migration),
            Box::new(m0009_support::Migration),
            Box::new(m0010_support_grants::Migration),
            Box::new(m0011_administrators::Migration),
        ]
    }
}
