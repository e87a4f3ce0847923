//! Mails: sealed into the outbox, opened for the worker, tried again until they are gone.

use secrecy::ExposeSecret as _;
use uuid::Uuid;

use crate::app::passwords::contact;
use crate::app::{App, Error};
use crate::domain::effect::mails::{Contents, Due, Letter, Mail, Ready, next_try};
use crate::domain::effect::{Delivery, Effect};
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::keys::seals::Place;
use crate::domain::time::{OPEN_END, Timestamp};
use crate::domain::users::contact::{Contact, Language};
use crate::policy::SystemPermit;
use crate::store::StoreError;
use crate::store::authn::passwords::PasswordUser;
use crate::store::outbox::Postponed;

/// Mails looked at in one go.
const BATCH: u8 = 50;
/// For how long a mail is one process's: longer than a server may take for it.
const LEASE: i64 = 120 * 1_000_000;

/// What becomes of a mail that was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsent {
    /// It is tried again.
    Again,
    /// It is tried no more, and stays in the outbox.
    Kept,
}

impl App {
    /// The mails that are due now.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn due_mails(&self) -> Result<Vec<Due>, Error> {
        Ok(self.store().due_mails(self.now(), BATCH).await?)
    }

    /// Takes a mail to try it; none if another process did.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn claim_mail(&self, mut due: Due) -> Result<Option<Due>, Error> {
        let until = Timestamp::from_micros(self.now().micros().saturating_add(LEASE));
        let tries = due.tries.saturating_add(1);
        let is_ours = self.postpone(&due, until, tries).await?;
        (due.due_at, due.tries) = (until, tries);
        Ok(is_ours.then_some(due))
    }

    /// The mail as it is to be written; none if it has become pointless: the user is gone, or the link
    /// opens nothing any more, because it is too old, or a newer one was sent, or the address is no
    /// longer the user's.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails; [`Error::Denied`] if it does not open.
    pub async fn ready_mail(&self, due: &Due) -> Result<Option<Ready>, Error> {
        let Mail { user, letter, language, sealed } = &due.mail;
        let place = place(due.account, due.id);
        let opened = self.settings().keyring.open(&place, sealed)?;
        let contents: Contents =
            serde_json::from_slice(opened.expose_secret()).map_err(|error| {
                let what = format!("{}: {error}", due.id);
                Error::Internal(StoreError::Inconsistent { table: "outbox", what })
            })?;
        let user = match &contents.link {
            Some(link) => self.live_link(link).await?.map(|(_, user)| user),
            None => self.store().password_user(due.account, *user).await?,
        };
        let Some(user) = user else { return Ok(None) };
        let contact = contact(&user)?;
        let base = &self.settings().public_url;
        Ok(Some(Ready {
            letter: *letter,
            language: contact.language.unwrap_or(*language),
            to: contents.to,
            name: contact.name,
            account: user.account_name,
            url: match (contents.link, &contents.about) {
                (Some(link), _) => format!("{base}/link/{link}"),
                (None, None) => format!("{base}/forgot"),
                (None, Some(_)) => format!("{base}/"),
            },
            about: contents.about,
            id: due.id,
            at: self.now(),
        }))
    }

    /// Takes out a mail that was sent, or has become pointless.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails; then it may be sent once more.
    pub async fn finish_mail(&self, due: Due) -> Result<(), Error> {
        let Due { account, id, mail, .. } = due;
        self.finish_deliveries(vec![Delivery { account, id, effect: Effect::Mail(mail) }]).await
    }

    /// Puts back a mail that was not sent, for later, or for good if that is hopeless.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails; then it is tried again after a while.
    pub async fn put_mail_back(&self, due: &Due, is_hopeless: bool) -> Result<Unsent, Error> {
        let next = if is_hopeless { None } else { next_try(due.tries, self.now()) };
        self.postpone(due, next.unwrap_or(OPEN_END), due.tries).await?;
        Ok(next.map_or(Unsent::Kept, |_| Unsent::Again))
    }

    /// Seals a mail.
    pub(in crate::app) fn seal_mail(
        &self,
        (account, user): (AccountId, ResourceId),
        (letter, language): (Letter, Language),
        contents: &Contents,
        now: Timestamp,
    ) -> Result<Delivery, Error> {
        let id = self.next_id(now);
        let plain = serde_json::to_vec(contents).map_err(|error| {
            let what = error.to_string();
            Error::Internal(StoreError::Inconsistent { table: "outbox", what })
        })?;
        let place = place(account, id);
        let sealed = self.settings().keyring.seal(&place, &plain)?;
        let mail = Mail { user, letter, language, sealed };
        Ok(Delivery { account, id, effect: Effect::Mail(mail) })
    }

    /// The mails that tell a user of a new password: at the address they were known to read before,
    /// and at the one that is theirs now.
    pub(super) fn password_notices(
        &self,
        user: &PasswordUser,
        (contact, mail_key): (&Contact, Option<&str>),
        now: Timestamp,
    ) -> Result<Vec<Delivery>, Error> {
        let mut keys: Vec<&str> = user.mail_key.as_deref().into_iter().chain(mail_key).collect();
        keys.dedup();
        let notices = keys.into_iter().map(|key| {
            let contents = Contents { to: contact.spelling(key), link: None, about: None };
            let whose = (user.account, user.user);
            self.seal_mail(whose, (Letter::PasswordChanged, Language::default()), &contents, now)
        });
        notices.collect()
    }

    async fn postpone(&self, due: &Due, until: Timestamp, tries: u32) -> Result<bool, Error> {
        let mail = Postponed {
            account: due.account,
            id: due.id,
            was_due_at: due.due_at,
            due_at: until,
            tries,
        };
        Ok(self.store().postpone(mail, SystemPermit::for_the("trying of a mail")).await?)
    }
}

/// Where a mail's contents are sealed for.
fn place(account: AccountId, id: Uuid) -> String {
    Place::Mail(account, id).text()
}
