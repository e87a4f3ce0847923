//! Putting the parts together, and running them until told to stop.

pub mod clock;
pub mod server;
pub mod telemetry;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

use crate::app::{App, Limits, Settings};
use crate::authn::envelope::Keyring;
use crate::authn::outbound::Reach;
use crate::boot::clock::{RandomIds, SystemClock};
use crate::config::Config;
use crate::store::schema::SchemaState;
use crate::store::{self, Store};

/// Opens the database that the configuration names.
///
/// # Errors
/// If it cannot be reached, or the policy cannot be used; the text says what to check.
pub async fn open_store(config: &Config) -> anyhow::Result<Store> {
    crate::policy::check()
        .context("the policy cannot be used, and nothing is decided without it")?;
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

/// Opens a database whose schema is current, for commands that use it.
///
/// # Errors
/// As [`open_store`], and if migrations are missing.
pub async fn open_current_store(config: &Config) -> anyhow::Result<Store> {
    let store = open_store(config).await?;
    match store.schema_state().await? {
        SchemaState::Current => Ok(store),
        SchemaState::Behind(steps) => anyhow::bail!(
            "the database's schema is {steps} steps behind; run `countersign migrate up` first"
        ),
    }
}

/// The application on an open database.
pub fn app(store: Store, config: &Config) -> App {
    app_by(Arc::new(SystemClock::default()), store, config)
}

/// The same by a clock that the caller keeps.
pub fn app_by(clock: Arc<SystemClock>, store: Store, config: &Config) -> App {
    let settings = Settings {
        public_url: config.server.public_url.clone(),
        limits: Limits {
            user_body_bytes: config.scim.user_body_bytes,
            group_body_bytes: config.scim.group_body_bytes,
            max_operations: config.scim.max_operations,
            max_page: config.scim.max_page,
            default_page: config.scim.default_page,
        },
        // Both were checked when the configuration was read.
        keyring: Keyring::parse(&config.secrets.keys).unwrap_or_default(),
        reach: Reach { networks: config.sso.allowed_nets(), allow_http: config.sso.allow_http },
        product_audience: config.api.product_audience.clone(),
        trusted_proxies: config.server.trusted_nets(),
        catalogue: Arc::clone(&config.catalogue.release),
    };
    App::new(store, clock, Arc::new(RandomIds), settings)
}
