//! Doing once what is sent twice: a request with a key is known again for a day
//! (draft-ietf-httpapi-idempotency-key-header).

use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::records::answers::{Claimed, KeptAnswer, RequestKey};
use crate::domain::time::Timestamp;
use crate::policy::SystemPermit;
use crate::store::StoreError;
use crate::store::authn::{Change, answers};

/// How long answers are kept.
const DAY: i64 = 24 * 3600 * 1_000_000;
/// How often it is asked again because another one was faster.
const ATTEMPTS: usize = 3;

impl App {
    /// Whether the policy lets the actor do that now. Nothing is done, but a refusal is recorded. What else
    /// may be wrong with it is for [`App::change`] to say.
    ///
    /// # Errors
    /// [`Error::Denied`], and [`Error::Internal`] if the database fails.
    pub async fn check(&self, actor: &Actor, command: &Command) -> Result<(), Error> {
        let command = std::sync::Arc::new(command.clone());
        let loaded = match self.load(actor, &command).await {
            Ok(loaded) => loaded,
            Err(error @ (Error::Internal(_) | Error::Busy | Error::Denied { .. })) => {
                return Err(error);
            }
            Err(_) => return Ok(()),
        };
        self.decide(actor, &command, &loaded).await.map(|_| ())
    }

    /// Takes a request with a key: whoever is first does it, and then says how it was answered.
    ///
    /// # Errors
    /// [`Error::Busy`] if others are always faster; [`Error::Internal`] if the database fails.
    pub async fn claim_request(&self, key: &RequestKey) -> Result<Claimed, Error> {
        for _ in 0..ATTEMPTS {
            let now = self.now();
            let before = Timestamp::from_micros(now.micros().saturating_sub(DAY));
            let claim = answers::Change::Claim(Box::new(key.clone()), now, before);
            match self.note_request(claim).await {
                Ok(_) => return Ok(Claimed::First),
                Err(Error::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
            if let Some(known) = self.store().claimed(key).await? {
                return Ok(known);
            }
        }
        Err(Error::Busy)
    }

    /// Says that a request was done, and keeps its answer, if it is given.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails; then the request is not known to be done.
    pub async fn keep_answer(
        &self,
        key: RequestKey,
        status: u16,
        answer: Option<KeptAnswer>,
    ) -> Result<(), Error> {
        let answered = answers::Change::Answered(Box::new(key), status, answer);
        self.note_request(answered).await.map(|_| ())
    }

    /// Says that a request was not done, and may be sent again.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn forget_request(&self, key: RequestKey) -> Result<(), Error> {
        self.note_request(answers::Change::Forget(Box::new(key))).await.map(|_| ())
    }

    async fn note_request(&self, change: answers::Change) -> Result<bool, Error> {
        let permit = SystemPermit::for_the("keeping of answers to requests sent twice");
        match self.store().change_authn(Change::Answers(change), permit).await {
            Err(StoreError::Taken) => Err(Error::Conflict("the request is known".to_owned())),
            settled => Ok(settled?),
        }
    }
}
