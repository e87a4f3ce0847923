//! What the database is asked for and what stays in it, seen from beside the application.

mod concurrency;
mod filter_agreement;
mod migrations;
mod query_plans;
mod rights_rows;
mod statements;
