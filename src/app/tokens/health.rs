//! Watches whether provisioning works, and tells by mail whoever opted in when it does not (S9).
//!
//! What clients are answered is noted in memory and written with the tokens' last uses, so that no
//! request waits for it; what is lost when a process dies is noted again by the next refusal.

use crate::app::passwords::contact;
use crate::app::{App, Error};
use crate::domain::actor::ScimClient;
use crate::domain::effect::Delivery;
use crate::domain::effect::mails::{About, Contents, Letter};
use crate::domain::time::Timestamp;
use crate::domain::tokens::health::{Stage, Trouble, What};
use crate::domain::users::contact::Language;
use crate::policy::SystemPermit;
use crate::store::tokens::health::Notice;

impl App {
    /// Notes with which HTTP status a client's change was answered.
    pub fn note_answer(&self, client: &ScimClient, status: u16) {
        self.note_course(client.token, status, self.now());
    }

    /// Has mails sent of troubles that nobody was told of yet; says how many.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails; what is not told then is told next time.
    pub async fn tell_of_troubles(&self) -> Result<usize, Error> {
        let now = self.now();
        let mut told = 0;
        for trouble in self.store().untold_troubles(now).await? {
            let mails = self.trouble_mails(&trouble, now).await?;
            let count = mails.len();
            let notice = Notice { trouble, at: now, mails };
            let permit = SystemPermit::for_the("telling of failing provisioning");
            if self.store().tell(notice, permit).await? {
                told += count;
            }
        }
        Ok(told)
    }

    async fn trouble_mails(
        &self,
        trouble: &Trouble,
        now: Timestamp,
    ) -> Result<Vec<Delivery>, Error> {
        let mut mails = vec![];
        for user in self.store().technical_readers(trouble.account).await? {
            let Some(to) = contact(&user)?.address else { continue };
            let contents = Contents { to, link: None, about: Some(about(trouble)) };
            let whose = (trouble.account, user.user);
            let letter = (letter(trouble.what), Language::default());
            mails.push(self.seal_mail(whose, letter, &contents, now)?);
        }
        Ok(mails)
    }
}

fn letter(what: What) -> Letter {
    match what {
        What::Refused(_) => Letter::SyncFails,
        What::Ends { stage: Stage::Over, .. } => Letter::TokenExpired,
        What::Ends { stage: Stage::Soon | Stage::VerySoon, .. } => Letter::TokenExpires,
    }
}

fn about(trouble: &Trouble) -> About {
    let connection = trouble.name.clone();
    match trouble.what {
        What::Refused(it) => {
            let (at, status) = (it.first.micros(), Some(it.status));
            About { connection, at, status, ..About::default() }
        }
        What::Ends { expires_at, .. } => {
            About { connection, at: expires_at.micros(), ..About::default() }
        }
    }
}
