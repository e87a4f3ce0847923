//! What an operator sets: a TOML file, then environment variables over it, checked before anything
//! starts.
//!
//! `[server] listen` is `COUNTERSIGN_SERVER__LISTEN` in the environment. Unknown keys are refused. To
//! add a setting: a field with a default, a check in `validate`, a row in README's table.

pub mod catalogue;
pub mod mail;
mod validate;

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use secrecy::SecretString;
use serde::Deserialize;

/// The environment variable that names the file.
pub const FILE_VARIABLE: &str = "COUNTERSIGN_CONFIG";

/// Everything that can be set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where to listen, and how the world reaches it.
    pub server: Server,
    /// Where the data is.
    pub database: DatabaseConfig,
    /// Limits of the SCIM surface.
    pub scim: Scim,
    /// How single sign-on reaches providers.
    pub sso: Sso,
    /// What seals secrets at rest.
    pub secrets: Secrets,
    /// The REST API and its access tokens.
    pub api: Api,
    /// How mails leave.
    pub mail: mail::Mail,
    /// The catalogue of rights.
    pub catalogue: catalogue::CatalogueConfig,
    /// The log.
    pub log: Log,
}

/// `[server]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address and port of the public listener.
    pub listen: String,
    /// The URL by which the world reaches it; `meta.location` begins with it.
    pub public_url: String,
    /// Address and port of the operations listener.
    pub operations_listen: String,
    /// Addresses or networks (CIDR) of the proxies in front; `X-Forwarded-For` is believed of these.
    pub trusted_proxies: Vec<String>,
}

/// `[database]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite://FILE` or `postgres://USER:PASSWORD@HOST/NAME`.
    pub url: SecretString,
    /// A file that holds the URL, in place of `url`.
    pub url_file: Option<PathBuf>,
    /// PostgreSQL: connections in the pool.
    pub connections: u32,
    /// SQLite: connections that read.
    pub readers: u32,
}

/// `[scim]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scim {
    /// Bytes in a request body about users.
    pub user_body_bytes: usize,
    /// Bytes in a request body about groups.
    pub group_body_bytes: usize,
    /// Operations in a PATCH.
    pub max_operations: usize,
    /// Resources on a page at most.
    pub max_page: u64,
    /// Resources on a page if the client does not say.
    pub default_page: u64,
}

/// `[sso]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sso {
    /// Networks that providers may be in although they are not public.
    pub allow_private_networks: Vec<String>,
    /// Whether providers may be reached without TLS; for trials only.
    pub allow_http: bool,
}

/// `[secrets]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Secrets {
    /// `ID:KEY`, where KEY is 32 bytes in base64. The first seals, all open.
    pub keys: Vec<SecretString>,
    /// A file that holds the keys, one a line, in place of `keys`.
    pub keys_file: Option<PathBuf>,
}

/// `[api]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Api {
    /// The `aud` of access tokens for the vendor's product.
    pub product_audience: Option<String>,
}

/// `[log]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `auto` (human on a terminal, else JSON), `human` or `json`.
    pub format: String,
    /// What to log: `off`, `error`, `warn`, `info`, `debug`, or directives by module.
    pub level: String,
}

/// Why the configuration cannot be used; the text names key, value and remedy.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It does not read.
    #[error("{0}\nremedy: correct it in the file, or in the variable `COUNTERSIGN_SECTION__KEY`")]
    Unreadable(String),
    /// A secret's file does not read.
    #[error("{key} = `{path}`: {cause}\nremedy: make the file readable to this user")]
    SecretFile {
        /// The setting.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// Values that cannot be right, all of them.
    #[error("{}", .0.join("\n"))]
    Invalid(Vec<String>),
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            public_url: "http://localhost:8080".to_owned(),
            operations_listen: "127.0.0.1:9090".to_owned(),
            trusted_proxies: vec![],
        }
    }
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            url: SecretString::from("sqlite://countersign.db"),
            url_file: None,
            connections: 8,
            readers: 4,
        }
    }
}

impl Default for Scim {
    fn default() -> Self {
        Self {
            user_body_bytes: 1024 * 1024,
            group_body_bytes: 32 * 1024 * 1024,
            max_operations: 1000,
            max_page: 1000,
            default_page: 100,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: "auto".to_owned(), level: "info".to_owned() }
    }
}

impl Server {
    /// The proxies that are trusted; what is not written as one was refused by the checks.
    pub fn trusted_nets(&self) -> Vec<IpNet> {
        self.trusted_proxies.iter().filter_map(|text| net(text)).collect()
    }
}

/// A network, or one address as the network of itself. Blanks around it do not matter.
pub(crate) fn net(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

impl Sso {
    /// The networks that are not public and yet allowed; what is not written as one was refused by the checks.
    pub fn allowed_nets(&self) -> Vec<IpNet> {
        self.allow_private_networks.iter().filter_map(|text| net(text)).collect()
    }
}

impl Config {
    /// Reads the file, if one is named, and the environment over it, and checks all values.
    ///
    /// # Errors
    /// Everything that is wrong, with remedies.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::load_with_log_level(file, &Log::default().level)
    }

    /// The same, with another level for the log where neither file nor environment names one.
    ///
    /// # Errors
    /// Likewise.
    pub fn load_with_log_level(file: Option<&Path>, level: &str) -> Result<Self, ConfigError> {
        let mut sources = config::Config::builder().set_default("log.level", level)?;
        if let Some(file) = file {
            sources = sources.add_source(config::File::from(file).format(config::FileFormat::Toml));
        }
        let environment = config::Environment::with_prefix("COUNTERSIGN")
            .prefix_separator("_")
            .separator("__")
            .try_parsing(true)
            .list_separator(",")
            .with_list_parse_key("secrets.keys")
            .with_list_parse_key("sso.allow_private_networks")
            .with_list_parse_key("server.trusted_proxies")
            .source(Some(variables().collect()));
        let mut config: Self = sources.add_source(environment).build()?.try_deserialize()?;
        config.read_secret_files()?;
        config.catalogue.read()?;
        config.validate()?;
        Ok(config)
    }

    fn read_secret_files(&mut self) -> Result<(), ConfigError> {
        if let Some(path) = &self.database.url_file {
            let text = secret_file("database.url_file", path)?;
            self.database.url = SecretString::from(text.trim().to_owned());
        }
        if let Some(path) = &self.secrets.keys_file {
            let text = secret_file("secrets.keys_file", path)?;
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            self.secrets.keys = lines.map(|line| SecretString::from(line.to_owned())).collect();
        }
        if let Some(path) = &self.mail.password_file {
            let text = secret_file("mail.password_file", path)?;
            self.mail.password = SecretString::from(text.trim().to_owned());
        }
        Ok(())
    }
}

fn secret_file(key: &'static str, path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|cause| ConfigError::SecretFile {
        key,
        path: path.to_owned(),
        cause,
    })
}

impl From<config::ConfigError> for ConfigError {
    fn from(error: config::ConfigError) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// The environment, without the variable that names the file itself.
fn variables() -> impl Iterator<Item = (String, String)> {
    let texts = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    texts.filter(|(name, _)| name != FILE_VARIABLE)
}

#[cfg(test)]
mod tests;
