//! Sends the mails that are due, some at a time, beside all other deliveries.
//!
//! A mail is claimed, tried, and taken out once a server has it: a crash between sends it twice, never
//! not at all. What fails is tried again after growing pauses. The log names mails by id, nobody by
//! address.

use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

use crate::app::passwords::mails::Unsent;
use crate::app::{App, Error};
use crate::domain::effect::mails::Due;
use crate::mail::{MailError, Mailer, Sent};
use crate::worker::rest;

/// Mails on their way at a time: one slow server or recipient does not hold up all.
const AT_ONCE: usize = 4;

/// Runs until `stop`, and finishes what it began.
pub(super) async fn run(app: App, mailer: Mailer, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match send_due(&app, &mailer).await {
            Ok(tried) if tried > 0 => {}
            Ok(_) => rest(&stop).await,
            Err(error) => {
                tracing::warn!(%error, "worker.mails_unknown");
                rest(&stop).await;
            }
        }
    }
}

/// Tries the mails that are due, at most one batch; says how many were tried.
///
/// # Errors
/// If the database does not tell which.
pub async fn send_due(app: &App, mailer: &Mailer) -> Result<usize, Error> {
    let due = app.due_mails().await?;
    let tried = futures_util::stream::iter(due)
        .map(|due| async {
            let id = due.id;
            let tried = send(app, mailer, due).await;
            tried.unwrap_or_else(|error| {
                tracing::warn!(%id, %error, "worker.mail_not_tried");
                false
            })
        })
        .buffer_unordered(AT_ONCE)
        .filter(|tried| std::future::ready(*tried))
        .count();
    Ok(tried.await)
}

/// Tries one mail; false if it is another process's.
async fn send(app: &App, mailer: &Mailer, due: Due) -> Result<bool, Error> {
    let Some(due) = app.claim_mail(due).await? else { return Ok(false) };
    let (id, letter) = (due.id, due.mail.letter.as_str());
    let sent = match app.ready_mail(&due).await {
        Ok(Some(ready)) => mailer.send(&ready).await,
        Ok(None) => {
            tracing::info!(%id, letter, "worker.mail_pointless");
            app.finish_mail(due).await?;
            return Ok(true);
        }
        Err(Error::Internal(cause)) => Err(MailError::NotNow(cause.to_string())),
        Err(error) => Err(MailError::NotNow(error.to_string())),
    };
    match sent {
        Ok(Sent::Away) => {
            tracing::info!(%id, letter, tries = due.tries, "worker.mail_sent");
            app.finish_mail(due).await?;
        }
        Ok(Sent::Dropped) => {
            tracing::warn!(%id, letter, "worker.mail_dropped: mail.transport is none");
            app.finish_mail(due).await?;
        }
        Err(error) => {
            let is_hopeless = matches!(error, MailError::Never(_));
            match app.put_mail_back(&due, is_hopeless).await? {
                Unsent::Again => {
                    tracing::warn!(%id, letter, tries = due.tries, %error, "worker.mail_later");
                }
                Unsent::Kept => {
                    tracing::error!(%id, letter, tries = due.tries, %error, "worker.mail_kept");
                }
            }
        }
    }
    Ok(true)
}
