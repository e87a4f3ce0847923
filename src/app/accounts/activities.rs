//! What is on record of an account, read by whoever may (W7); sealed ([`sealing`]), signed
//! ([`checkpoints`]), proved ([`proof`]), and of what is personal erased ([`erasure`]).

mod checkpoints;
mod erasure;
mod proof;
mod sealing;

use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::event::listed::{Filter, Listed};
use crate::domain::ids::{AccountId, ActivityId};
use crate::domain::records::pages::{Part, Wanted};
use crate::policy::{self, Scope};

impl App {
    /// A part of what is on record of an account, in the order in which it was written.
    ///
    /// # Errors
    /// [`Error::Denied`] if policy refuses.
    pub async fn activities(
        &self,
        actor: &Actor,
        account: AccountId,
        (filter, wanted): (&Filter, &Wanted),
    ) -> Result<Part<Listed>, Error> {
        let scope = self.reading_record(actor, account).await?;
        Ok(self.store().activities(&scope, filter, wanted).await?)
    }

    /// One line of it.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none; [`Error::Denied`] if policy refuses.
    pub async fn recorded(
        &self,
        actor: &Actor,
        (account, id): (AccountId, ActivityId),
    ) -> Result<Listed, Error> {
        let scope = self.reading_record(actor, account).await?;
        self.store()
            .recorded(&scope, id)
            .await?
            .ok_or_else(|| Error::NotFound("there is no such activity in this account".to_owned()))
    }

    async fn reading_record(&self, actor: &Actor, account: AccountId) -> Result<Scope, Error> {
        let asker = self.asker(actor, account).await?;
        let allowed = policy::record_scope(actor, account, (asker.reach, &asker.held));
        allowed.map_err(|denial| Error::Denied { rule: denial.rule, reason: denial.reason })
    }
}
