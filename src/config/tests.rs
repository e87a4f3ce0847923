//! What the configuration refuses, and in which words.

use secrecy::SecretString;

use crate::config::mail::{Security, Transport};
use crate::config::{Config, ConfigError};

#[track_caller]
fn check(change: impl FnOnce(&mut Config), expected: &str) {
    let mut config = Config::default();
    change(&mut config);
    match config.validate() {
        Err(ConfigError::Invalid(wrong)) => {
            assert!(wrong.iter().any(|w| w.starts_with(expected)), "{wrong:?}");
        }
        other => panic!("expected a refusal that starts with `{expected}`, got {other:?}"),
    }
}

#[test]
fn the_defaults_are_valid() {
    assert!(Config::default().validate().is_ok());
}

#[test]
fn a_refusal_names_key_value_and_remedy() {
    check(
        |c| c.server.listen = "8080".into(),
        "server.listen = `8080`: not an address; use IP:PORT",
    );
    check(|c| c.server.public_url = "scim.example.com".into(), "server.public_url = `scim.example");
    check(|c| c.server.public_url = "https://x.example/".into(), "server.public_url");
    check(|c| c.scim.max_page = 0, "scim.max_page = `0`: use a number from 1 to 10000");
    check(
        |c| c.scim.default_page = 5000,
        "scim.default_page = `5000`: use a number from 1 to 1000",
    );
    check(|c| c.log.format = "xml".into(), "log.format = `xml`: use `auto`, `human` or `json`");
}

#[test]
fn a_wrong_sealing_key_is_refused_without_showing_it() {
    for text in ["hunter2", "k1:hunter2", ":AAAA"] {
        let keys = vec![SecretString::from(text)];
        check(|c| c.secrets.keys.clone_from(&keys), "secrets.keys: number 1 is not `ID:KEY`");
        let mut config = Config::default();
        config.secrets.keys = keys;
        assert!(!format!("{:?}", config.validate()).contains("hunter2"));
    }
    let mut config = Config::default();
    config.secrets.keys = vec![format!("k1:{}=", "A".repeat(43)).into()];
    assert!(config.validate().is_ok());
}

#[test]
fn proxies_are_addresses_or_networks_but_not_everybody() {
    check(
        |c| c.server.trusted_proxies = vec!["proxy.example.com".into()],
        "server.trusted_proxies = `proxy.example.com`: not an address or a network; use",
    );
    check(
        |c| c.server.trusted_proxies = vec!["10.0.0.1".into(), "::/0".into()],
        "server.trusted_proxies = `::/0`: would have anybody write their own address",
    );
    let mut config = Config::default();
    config.server.trusted_proxies = ["10.0.0.1", " fd00::/8 "].map(str::to_owned).into();
    assert!(config.validate().is_ok());
    let nets = config.server.trusted_nets().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(nets, ["10.0.0.1/32", "fd00::/8"]);
}

#[test]
fn mails_need_a_sender_and_a_way() {
    check(|c| c.mail.from = "no-reply".into(), "mail.from = `no-reply`: not an address; use");
    let smtp = |c: &mut Config| c.mail.transport = Transport::Smtp;
    check(
        |c| {
            smtp(c);
            c.mail.host = String::new();
        },
        "mail.host",
    );
    check(
        |c| {
            smtp(c);
            c.mail.port = 0;
        },
        "mail.port = `0`: use a number from 1 to 65535",
    );
    check(
        |c| {
            c.mail.transport = Transport::Folder;
            c.mail.folder = "".into();
        },
        "mail.folder",
    );
    check(
        |c| {
            c.mail.user = "countersign".into();
            c.mail.security = Security::None;
        },
        "mail.security = `none`: would send mail.password in clear",
    );
}

#[test]
fn a_wrong_database_url_is_refused_without_showing_its_password() {
    check(
        |c| c.database.url = SecretString::from("mysql://root:hunter2@db/x"),
        "database.url has the scheme `mysql`: use",
    );
    let mut config = Config::default();
    config.database.url = SecretString::from("mysql://root:hunter2@db/x");
    assert!(!format!("{:?}", config.validate()).contains("hunter2"));
}
