//! Which values can be right. Each refusal names key, value and remedy.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use crate::config::{Config, ConfigError, net};

impl Config {
    /// Checks every value, and reports all that are wrong at once.
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let mut wrong = Vec::new();
        address(&mut wrong, "server.listen", &self.server.listen);
        address(&mut wrong, "server.operations_listen", &self.server.operations_listen);
        public_url(&mut wrong, &self.server.public_url);
        for value in self.server.trusted_proxies.iter().filter(|value| !value.trim().is_empty()) {
            proxy(&mut wrong, value);
        }
        database_url(&mut wrong, self.database.url.expose_secret());
        between(&mut wrong, "database.connections", u64::from(self.database.connections), 2, 200);
        between(&mut wrong, "database.readers", u64::from(self.database.readers), 1, 64);
        let scim = &self.scim;
        let (kib, gib) = (1024, 1024 * 1024 * 1024);
        between(&mut wrong, "scim.user_body_bytes", scim.user_body_bytes as u64, kib, gib);
        between(&mut wrong, "scim.group_body_bytes", scim.group_body_bytes as u64, kib, gib);
        between(&mut wrong, "scim.max_operations", scim.max_operations as u64, 1, 100_000);
        between(&mut wrong, "scim.max_page", scim.max_page, 1, 10_000);
        between(&mut wrong, "scim.default_page", scim.default_page, 1, scim.max_page);
        let private = &self.sso.allow_private_networks;
        for network in private.iter().filter(|network| !network.trim().is_empty()) {
            if crate::config::net(network).is_none() {
                wrong.push(format!(
                    "sso.allow_private_networks = `{network}`: not a network; use for example \
                     `10.1.0.0/16`"
                ));
            }
        }
        sealing_keys(&mut wrong, &self.secrets.keys);
        if let Some(audience) = &self.api.product_audience
            && (audience.trim() != audience || !(1..=200).contains(&audience.len()))
        {
            wrong.push(format!(
                "api.product_audience = `{audience}`: use 1 to 200 characters, for example \
                 `https://app.example.com`"
            ));
        }
        self.mail.validate(&mut wrong);
        if !["auto", "human", "json"].contains(&self.log.format.as_str()) {
            let value = &self.log.format;
            wrong.push(format!("log.format = `{value}`: use `auto`, `human` or `json`"));
        }
        if tracing_subscriber::EnvFilter::try_new(&self.log.level).is_err() {
            let value = &self.log.level;
            wrong.push(format!("log.level = `{value}`: use `error`, `warn`, `info` or `debug`"));
        }
        if wrong.is_empty() { Ok(()) } else { Err(ConfigError::Invalid(wrong)) }
    }
}

fn address(wrong: &mut Vec<String>, key: &str, value: &str) {
    if value.parse::<SocketAddr>().is_err() {
        wrong.push(format!(
            "{key} = `{value}`: not an address; use IP:PORT, for example `127.0.0.1:8080`"
        ));
    }
}

fn proxy(wrong: &mut Vec<String>, value: &str) {
    let remedy = match net(value) {
        None => "not an address or a network; use for example `10.0.0.5` or `10.0.0.0/8`",
        Some(net) if net.prefix_len() == 0 => {
            "would have anybody write their own address; name the proxies in front of this server"
        }
        Some(_) => return,
    };
    wrong.push(format!("server.trusted_proxies = `{value}`: {remedy}"));
}

fn public_url(wrong: &mut Vec<String>, value: &str) {
    let fits = url::Url::parse(value).is_ok_and(|url| {
        ["http", "https"].contains(&url.scheme())
            && url.has_host()
            && url.query().is_none()
            && url.fragment().is_none()
    });
    if !fits || value.ends_with('/') {
        wrong.push(format!(
            "server.public_url = `{value}`: not a base URL; use scheme and host without a slash at \
             the end, for example `https://scim.example.com`"
        ));
    }
}

fn database_url(wrong: &mut Vec<String>, value: &str) {
    let schemes = ["sqlite://", "postgres://", "postgresql://"];
    if schemes.iter().any(|scheme| value.starts_with(scheme)) {
        return;
    }
    // The value may hold a password, so only its scheme is shown.
    let scheme = value.split_once("://").map_or("(none)", |(scheme, _)| scheme);
    wrong.push(format!(
        "database.url has the scheme `{scheme}`: use `sqlite://FILE` or \
         `postgres://USER:PASSWORD@HOST/NAME`"
    ));
}

/// Says which key is wrong by its number: what stands there may be a key.
fn sealing_keys(wrong: &mut Vec<String>, keys: &[SecretString]) {
    let is_key = |text: &str| {
        let Some((id, key)) = text.split_once(':') else { return false };
        let key = STANDARD.decode(key.trim());
        (1..=100).contains(&id.len()) && key.is_ok_and(|key| key.len() == 32)
    };
    for (n, key) in keys.iter().enumerate() {
        if !is_key(key.expose_secret()) {
            wrong.push(format!(
                "secrets.keys: number {} is not `ID:KEY`, where KEY is 32 bytes in base64; make one \
                 with `openssl rand -base64 32`",
                n + 1
            ));
        }
    }
}

fn between(wrong: &mut Vec<String>, key: &str, value: u64, least: u64, most: u64) {
    if !(least..=most).contains(&value) {
        wrong.push(format!("{key} = `{value}`: use a number from {least} to {most}"));
    }
}
