//! Putting the parts together, and running them until told to stop.

pub mod clock;
pub mod server;
pub mod telemetry;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

use crate::app::{App, Limits, Settings};
use crate::boot::clock::{RandomIds, SystemClock};
use crate::config::Config;
use crate::store::{self, Store};

/// Opens the database that the configuration names.
///
/// # Errors
/// If it cannot be reached; the text says what to check.
pub async fn open_store(config: &Config) -> anyhow::Result<Store> {
    let settings = store::Settings {
        url: config.database.url.clone(),
        connections: config.database.connections,
        readers: config.database.readers,
        acquire_timeout: Duration::from_secs(10),
    };
    Store::open(&settings)
        .await
        .context("the database cannot be opened; check database.url, and that it is running")
}

/// The application on an open database.
pub fn app(store: Store, config: &Config) -> App {
    let settings = Settings {
        public_url: config.server.public_url.clone(),
        limits: Limits {
            user_body_bytes: config.scim.user_body_bytes,
            group_body_bytes: config.scim.group_body_bytes,
            max_operations: config.scim.max_operations,
            max_page: config.scim.max_page,
            default_page: config.scim.default_page,
        },
    };
    App::new(store, Arc::new(SystemClock::default()), Arc::new(RandomIds), settings)
}
