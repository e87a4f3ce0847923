//! Showing a second factor: a code, a passkey, a recovery code. All wrong ones are counted together,
//! before they are judged, so that no path and no haste gives more tries than five.

use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::app::factors::{KBA, OTP, passkey_error, seed_place, to_keep};
use crate::app::sign_in::{FactorShown, SignedInNow};
use crate::app::{App, Error};
use crate::authn::passkeys::RelyingParty;
use crate::authn::totp;
use crate::domain::event::Event;
use crate::domain::factors::{self, Refusal, TRIES};
use crate::domain::sessions::{Session, Visitor};
use crate::policy::SystemPermit;
use crate::store::StoreError;
use crate::store::authn::factors::{Ceremony, Change as FactorChange, Showing, Used};
use crate::store::authn::tries::{self, Lock, Try};
use crate::store::authn::{Change, factors as kept};

/// The purpose of a ceremony that shows a passkey.
const SHOW: &str = "show";

/// What became of a factor that was shown.
#[derive(Debug)]
pub enum Tried {
    /// It counts: the session that takes the place of the one before.
    Right(Box<SignedInNow>),
    /// It does not.
    Refused(Refusal),
}

impl App {
    /// Shows a code of an authenticator app. Each code counts once.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails or a seed does not open.
    pub async fn show_totp(
        &self,
        session: &Session,
        typed: &str,
        visitor: Visitor,
    ) -> Result<Tried, Error> {
        let seeds = self.store().seeds(session.person, true).await?;
        if seeds.is_empty() {
            return Ok(Tried::Refused(Refusal::Wrong));
        }
        let one = match self.count_try(session).await? {
            Ok(one) => one,
            Err(refusal) => return Ok(Tried::Refused(refusal)),
        };
        for kept in seeds {
            let place = seed_place(session.person, kept.id);
            let seed = self.settings().keyring.open(&place, &kept.seed)?;
            if let Some(step) = totp::matched_step(seed.expose_secret(), typed, one.at) {
                let used = Used::Totp(kept.id, step);
                return self.count_as_shown(session, (used, OTP), one, visitor).await;
            }
        }
        self.count_as_wrong(session, one).await.map(Tried::Refused)
    }

    /// Shows a recovery code. Each counts once; using one is on record.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn show_recovery_code(
        &self,
        session: &Session,
        typed: &str,
        visitor: Visitor,
    ) -> Result<Tried, Error> {
        if self.factors(session).await?.codes_left == 0 {
            return Ok(Tried::Refused(Refusal::Wrong));
        }
        let one = match self.count_try(session).await? {
            Ok(one) => one,
            Err(refusal) => return Ok(Tried::Refused(refusal)),
        };
        match factors::recovery_hash(session.person, typed) {
            Some(hash) => self.count_as_shown(session, (Used::Code(hash), KBA), one, visitor).await,
            None => self.count_as_wrong(session, one).await.map(Tried::Refused),
        }
    }

    /// Begins showing a passkey: the options for the browser, as JSON.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the person has none; [`Error::Denied`] if passkeys cannot be used here.
    pub async fn begin_passkey_showing(&self, session: &Session) -> Result<String, Error> {
        let known = self.known_passkeys(session).await?;
        if known.is_empty() {
            return Err(Error::NotFound("you have no passkey here".to_owned()));
        }
        let begun = self.relying_party()?.begin_showing(&known).map_err(|e| passkey_error(&e))?;
        self.keep_ceremony(session, SHOW, begun.state).await?;
        Ok(begun.options)
    }

    /// Ends it with the browser's answer. A ceremony has one answer only, right or wrong.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn show_passkey(
        &self,
        session: &Session,
        answer: &str,
        visitor: Visitor,
    ) -> Result<Tried, Error> {
        let Some(ceremony) = self.ceremony(session, SHOW).await? else {
            return Ok(Tried::Refused(Refusal::Expired));
        };
        let one = match self.count_try(session).await? {
            Ok(one) => one,
            Err(refusal) => return Ok(Tried::Refused(refusal)),
        };
        if !self.change_factors(FactorChange::Take(ceremony.clone())).await? {
            return self.count_as_wrong(session, one).await.map(Tried::Refused);
        }
        let known = self.known_passkeys(session).await?;
        match self.relying_party()?.finish_showing(&ceremony.state, answer, &known) {
            Ok(shown) => {
                let method = shown.method;
                let used = Used::Passkey(to_keep(shown));
                self.count_as_shown(session, (used, method), one, visitor).await
            }
            Err(error) => {
                tracing::info!(%error, session = %session.id, "factors.passkey_refused");
                self.count_as_wrong(session, one).await.map(Tried::Refused)
            }
        }
    }

    pub(super) fn relying_party(&self) -> Result<RelyingParty, Error> {
        RelyingParty::new(&self.settings().public_url).map_err(|error| passkey_error(&error))
    }

    pub(super) async fn known_passkeys(&self, session: &Session) -> Result<Vec<String>, Error> {
        let known = self.store().passkeys(session.person).await?;
        Ok(known.into_iter().map(|kept| kept.credential).collect())
    }

    pub(super) async fn keep_ceremony(
        &self,
        session: &Session,
        purpose: &'static str,
        state: String,
    ) -> Result<(), Error> {
        let at = self.now();
        let since = factors::begun_since(at);
        let ceremony = Ceremony { session: session.id, purpose, state, at, since };
        self.change_factors(FactorChange::Begin(ceremony)).await?;
        Ok(())
    }

    /// The session's ceremony, if it has not expired.
    pub(super) async fn ceremony(
        &self,
        session: &Session,
        purpose: &'static str,
    ) -> Result<Option<Ceremony>, Error> {
        let at = self.now();
        let since = factors::begun_since(at);
        let state = self.store().ceremony(session.id, purpose, since).await?;
        Ok(state.map(|state| Ceremony { session: session.id, purpose, state, at, since }))
    }

    /// Counts a try before it is judged; a refusal if there were too many.
    async fn count_try(&self, session: &Session) -> Result<Result<Try, Refusal>, Error> {
        let at = self.now();
        let subject = tries::factors_of(session.person);
        let one = Try { subject, at, since: factors::tries_since(at), most: TRIES };
        if self.change_tries(tries::Change::Count(one.clone())).await? {
            return Ok(Ok(one));
        }
        self.why_locked(session, one).await.map(Err)
    }

    /// A right one: it is used up, the tries are forgotten, the session is raised.
    async fn count_as_shown(
        &self,
        session: &Session,
        (used, method): (Used, &'static str),
        one: Try,
        visitor: Visitor,
    ) -> Result<Tried, Error> {
        let activity = match used {
            Used::Code(_) => {
                let left = self.factors(session).await?.codes_left.saturating_sub(1);
                let (event, person) = (Event::RecoveryCodeUsed, session.person.uuid());
                Some(self.by(session, event, person, json!({ "left": left })))
            }
            Used::Totp(..) | Used::Passkey(_) => None,
        };
        let showing = Showing { person: session.person, at: one.at, used, activity };
        match self.change_factors(kept::Change::Show(Box::new(showing))).await {
            Ok(true) => {
                let raised = self.step_up(session, FactorShown { method }, visitor).await?;
                Ok(Tried::Right(Box::new(raised)))
            }
            // A lock came first, or it was used before.
            Ok(false) | Err(StoreError::Taken) => {
                self.count_as_wrong(session, one).await.map(Tried::Refused)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A wrong one: it was counted already, and may have been one too many.
    async fn count_as_wrong(&self, session: &Session, one: Try) -> Result<Refusal, Error> {
        metrics::counter!("factor_refusals_total").increment(1);
        let (failures, until) = self.store().tries(&one.subject).await?;
        if failures < TRIES && until <= one.at {
            return Ok(Refusal::Wrong);
        }
        self.why_locked(session, one).await
    }

    /// Locks if there were too many wrong ones and no lock holds yet; says until when it does.
    async fn why_locked(&self, session: &Session, last: Try) -> Result<Refusal, Error> {
        let (_, until) = self.store().tries(&last.subject).await?;
        if until > last.at {
            return Ok(Refusal::locked(until));
        }
        let until = factors::lock_end(self.is_staff(session).await?, last.at);
        let refusal = Refusal::locked(until);
        let detail = json!({ "forGood": refusal == Refusal::LockedForStaff });
        let person = session.person.uuid();
        let activity = self.by(session, Event::FactorsLocked, person, detail);
        self.change_tries(tries::Change::Lock(Box::new(Lock { last, until, activity }))).await?;
        Ok(refusal)
    }

    async fn change_tries(&self, change: tries::Change) -> Result<bool, Error> {
        let permit = SystemPermit::for_the("counting of tries");
        Ok(self.store().change_authn(Change::Tries(change), permit).await?)
    }
}
