//! `[mail]`: how invitations and notices leave the house.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

/// `[mail]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// By which way mails leave.
    pub transport: Transport,
    /// Who they come from.
    pub from: String,
    /// `folder`: where they are written.
    pub folder: PathBuf,
    /// `smtp`: the server.
    pub host: String,
    /// `smtp`: its port.
    pub port: u16,
    /// `smtp`: how the way there is kept secret.
    pub security: Security,
    /// `smtp`: the user to sign in as; none if empty.
    pub user: String,
    /// `smtp`: that user's password.
    pub password: SecretString,
    /// A file that holds the password, in place of it.
    pub password_file: Option<PathBuf>,
}

/// By which way mails leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// None: each is dropped, and the log says so.
    None,
    /// A folder, one file for each.
    Folder,
    /// An SMTP server.
    Smtp,
}

/// How the way to the SMTP server is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// By STARTTLS, without which nothing is sent.
    Starttls,
    /// By TLS from the first byte.
    Tls,
    /// Not at all: only for a server on the same machine or network.
    None,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            transport: Transport::None,
            from: "Countersign <countersign@localhost>".to_owned(),
            folder: PathBuf::from("mails"),
            host: "localhost".to_owned(),
            port: 587,
            security: Security::Starttls,
            user: String::new(),
            password: SecretString::from(""),
            password_file: None,
        }
    }
}

impl Mail {
    /// Adds what is wrong.
    pub(super) fn validate(&self, wrong: &mut Vec<String>) {
        if self.from.parse::<lettre::message::Mailbox>().is_err() {
            wrong.push(format!(
                "mail.from = `{}`: not an address; use `Name <name@example.com>`",
                self.from
            ));
        }
        if self.transport == Transport::Smtp && self.host.trim().is_empty() {
            wrong.push("mail.host = ``: name the SMTP server".to_owned());
        }
        if self.transport == Transport::Smtp && self.port == 0 {
            wrong.push("mail.port = `0`: use a number from 1 to 65535, mostly 587".to_owned());
        }
        if self.transport == Transport::Folder && self.folder.as_os_str().is_empty() {
            wrong.push("mail.folder = ``: name a folder to write mails to".to_owned());
        }
        if !self.user.is_empty() && self.security == Security::None {
            wrong.push(
                "mail.security = `none`: would send mail.password in clear; use `starttls` or `tls`"
                    .to_owned(),
            );
        }
    }
}

impl Transport {
    /// The word in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Folder => "folder",
            Self::Smtp => "smtp",
        }
    }
}
