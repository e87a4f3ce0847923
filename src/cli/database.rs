//! `countersign migrate …`, `doctor` and `config check`.

use secrecy::ExposeSecret;

use crate::boot;
use crate::cli::output::{line, say};
use crate::cli::secrets;
use crate::config::Config;
use crate::config::mail::Transport;
use crate::store::schema::SchemaState;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Migrate {
    /// Take all missing steps
    Up,
    /// Take back the last steps; data in the tables they made is lost
    Down {
        /// How many
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// Say whether steps are missing
    Status,
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum ConfigCommand {
    /// Check the configuration and show what is in force
    Check,
}

pub(super) async fn migrate(config: Config, command: Migrate) -> anyhow::Result<()> {
    let store = boot::open_store(&config).await?;
    match command {
        Migrate::Up => store.migrate().await?,
        Migrate::Down { steps } => store.migrate_down(steps).await?,
        Migrate::Status => {}
    }
    match store.schema_state().await? {
        SchemaState::Current => line("the schema is current"),
        SchemaState::Behind(steps) => line(&format!("{steps} steps are missing")),
    }
}

pub(super) async fn doctor(config: Config) -> anyhow::Result<()> {
    say("configuration: in order")?;
    let store = boot::open_store(&config).await?;
    store.ping().await?;
    say("database: answers")?;
    if let Some(encoding) = store.foreign_encoding().await? {
        anyhow::bail!(
            "database: its encoding is `{encoding}`, which does not hold every text; make another \
             with `CREATE DATABASE … ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0` and name it in \
             database.url"
        );
    }
    match store.schema_state().await? {
        SchemaState::Current => say("schema: current")?,
        SchemaState::Behind(steps) => {
            anyhow::bail!("schema: {steps} steps are missing; run `countersign migrate up`")
        }
    }
    secrets::check(&boot::app(store, &config)).await?;
    notes(&config)?;
    line("all is well")
}

/// What is in order and may surprise all the same.
fn notes(config: &Config) -> anyhow::Result<()> {
    if config.secrets.keys.is_empty() {
        say(
            "note: without `secrets.keys` there are no single sign-on, second factors, access tokens and \
             links to choose a password",
        )?;
    }
    match config.mail.transport {
        Transport::None => {
            say("note: mail.transport is `none`: invitations and notices are dropped")
        }
        Transport::Folder | Transport::Smtp => Ok(()),
    }
}

pub(super) fn show_config(config: &Config) -> anyhow::Result<()> {
    let server = &config.server;
    line(&format!("server.listen = {}", server.listen))?;
    line(&format!("server.public_url = {}", server.public_url))?;
    line(&format!("server.operations_listen = {}", server.operations_listen))?;
    line(&format!("server.trusted_proxies = [{}]", server.trusted_proxies.join(", ")))?;
    line(&format!("database.url = {}", without_password(config.database.url.expose_secret())))?;
    line(&format!("database.connections = {}", config.database.connections))?;
    line(&format!("database.readers = {}", config.database.readers))?;
    let scim = &config.scim;
    line(&format!("scim.user_body_bytes = {}", scim.user_body_bytes))?;
    line(&format!("scim.group_body_bytes = {}", scim.group_body_bytes))?;
    line(&format!("scim.max_operations = {}", scim.max_operations))?;
    line(&format!("scim.max_page = {}", scim.max_page))?;
    line(&format!("scim.default_page = {}", scim.default_page))?;
    let networks = config.sso.allow_private_networks.join(", ");
    line(&format!("sso.allow_private_networks = [{networks}]"))?;
    line(&format!("sso.allow_http = {}", config.sso.allow_http))?;
    let keys = match config.secrets.keys.len() {
        0 => "none".to_owned(),
        count => format!("{count}, not shown"),
    };
    line(&format!("secrets.keys = {keys}"))?;
    let audience = config.api.product_audience.as_deref().unwrap_or("(none)");
    line(&format!("api.product_audience = {audience}"))?;
    let mail = &config.mail;
    line(&format!("mail.transport = {}", mail.transport.as_str()))?;
    line(&format!("mail.from = {}", mail.from))?;
    match mail.transport {
        Transport::None => {}
        Transport::Folder => line(&format!("mail.folder = {}", mail.folder.display()))?,
        Transport::Smtp => line(&format!("mail.host = {}:{}", mail.host, mail.port))?,
    }
    line(&format!("catalogue.file = {}", config.catalogue.name()))?;
    line(&format!("log.format = {}", config.log.format))?;
    line(&format!("log.level = {}", config.log.level))?;
    say("the configuration is in order")
}

fn without_password(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) if parsed.password().is_some() => {
            let _ = parsed.set_password(Some("***"));
            parsed.to_string()
        }
        Ok(_) | Err(_) => url.to_owned(),
    }
}
