//! Mails: written in the reader's language, as text and HTML, and handed to an SMTP server or a folder.
//!
//! Nothing here says to whom a mail went: what a server answers may hold the address, so only its code
//! is passed on.

mod letters;

use std::path::PathBuf;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use secrecy::ExposeSecret as _;
use tokio::time::timeout;

use crate::config::mail::{Mail, Security, Transport};
use crate::domain::effect::mails::Ready;

/// How long a server may take for a step.
const STEP: Duration = Duration::from_secs(15);
/// How long it may take for a mail.
const WHOLE: Duration = Duration::from_mins(1);
/// Connections to the server.
const CONNECTIONS: u32 = 4;
/// Refusals that are about us, not about the mail: they end when the operator corrects the settings.
const ABOUT_US: [&str; 4] = ["530", "534", "535", "538"];

/// Sends mails.
#[derive(Debug, Clone)]
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

#[derive(Debug, Clone)]
enum Way {
    None,
    Folder(PathBuf),
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
}

/// What became of a mail that was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It is on its way.
    Away,
    /// There is no way; it was dropped.
    Dropped,
}

/// Why a mail was not sent; in words that hold no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// Another try may do.
    #[error("{0}")]
    NotNow(String),
    /// Another try will do no better.
    #[error("{0}")]
    Never(String),
}

impl Mailer {
    /// The way that the configuration names.
    ///
    /// # Errors
    /// If a sender cannot be read, or TLS not be set up.
    pub fn new(config: &Mail) -> Result<Self, MailError> {
        let from = config.from.parse();
        let from = from.map_err(|_| MailError::Never("mail.from is not an address".to_owned()))?;
        let way = match config.transport {
            Transport::None => Way::None,
            Transport::Folder => Way::Folder(config.folder.clone()),
            Transport::Smtp => Way::Smtp(smtp(config)?),
        };
        Ok(Self { from, way })
    }

    /// Sends a mail.
    ///
    /// # Errors
    /// [`MailError`], which says whether to try again.
    pub async fn send(&self, mail: &Ready) -> Result<Sent, MailError> {
        let message = letters::write(mail, &self.from)?;
        match &self.way {
            Way::None => Ok(Sent::Dropped),
            Way::Folder(folder) => {
                let file = folder.join(format!("{}.eml", mail.id));
                put(folder, file, message).await.map_err(|error| {
                    MailError::NotNow(format!("mail.folder cannot be written: {}", error.kind()))
                })
            }
            Way::Smtp(server) => match timeout(WHOLE, server.send(message)).await {
                Ok(Ok(_)) => Ok(Sent::Away),
                Ok(Err(error)) => Err(judge(&error)),
                Err(_) => Err(MailError::NotNow("the SMTP server took too long".to_owned())),
            },
        }
    }
}

async fn put(folder: &PathBuf, file: PathBuf, message: Message) -> std::io::Result<Sent> {
    tokio::fs::create_dir_all(folder).await?;
    // Whole or not at all, for whoever watches the folder.
    let unfinished = file.with_extension("part");
    tokio::fs::write(&unfinished, message.formatted()).await?;
    tokio::fs::rename(unfinished, file).await?;
    Ok(Sent::Away)
}

fn smtp(config: &Mail) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailError> {
    let parameters = || {
        TlsParameters::new(config.host.clone())
            .map_err(|_| MailError::Never("mail.host cannot be reached by TLS".to_owned()))
    };
    let tls = match config.security {
        Security::Starttls => Tls::Required(parameters()?),
        Security::Tls => Tls::Wrapper(parameters()?),
        Security::None => Tls::None,
    };
    let mut server = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
        .port(config.port)
        .tls(tls)
        .timeout(Some(STEP))
        .pool_config(PoolConfig::new().max_size(CONNECTIONS));
    if !config.user.is_empty() {
        let password = config.password.expose_secret().to_owned();
        server = server.credentials(Credentials::new(config.user.clone(), password));
    }
    Ok(server.build())
}

fn judge(error: &lettre::transport::smtp::Error) -> MailError {
    let code = error.status().map(|code| code.to_string());
    match code {
        Some(code) if error.is_permanent() && !ABOUT_US.contains(&code.as_str()) => {
            MailError::Never(format!("the SMTP server refused it with {code}"))
        }
        Some(code) => MailError::NotNow(format!("the SMTP server answered {code}")),
        None if error.is_timeout() => MailError::NotNow("the SMTP server is slow".to_owned()),
        None if error.is_tls() => {
            MailError::NotNow("no TLS with the SMTP server; see mail.security".to_owned())
        }
        None => MailError::NotNow("the SMTP server cannot be reached or understood".to_owned()),
    }
}
