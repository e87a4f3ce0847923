//! Enrolling a second factor. Whoever may is an [`Enroller`], made here alone: somebody without a
//! factor right after their sign-in, or, where staff are concerned, with a one-time link (M70); and
//! whoever has just shown the factor they have.

use secrecy::{ExposeSecret as _, SecretString};

use crate::app::factors::{
    FRESH_SIGN_IN, NOT_FRESH, OTP, enrolled, inconsistent, passkey_error, seed_place, to_keep,
};
use crate::app::sign_in::{FactorShown, SignedInNow};
use crate::app::{App, Error};
use crate::authn::totp::{self, SEED_LEN};
use crate::domain::event::Event;
use crate::domain::factors::{self, FRESH, Kind, MOST, Refusal};
use crate::domain::ids::FactorId;
use crate::domain::opaque::{self, Sort};
use crate::domain::sessions::{Session, Visitor};
use crate::store::StoreError;
use crate::store::authn::factors::{Change, Draft, Enrolment, KeptSeed, NewFactor, Warrant};

/// The purpose of a ceremony that enrols a passkey.
const ENROL: &str = "enrol";

/// Somebody who may enrol a factor now. What allows it is asked again when it is written.
#[derive(Debug, Clone)]
pub struct Enroller {
    session: Session,
    warrant: Warrant,
}

/// A seed to be confirmed by its first code, as an authenticator app is shown it.
pub struct NewSeed {
    /// The seed in base 32, for typing.
    pub secret: SecretString,
    /// The side of the QR code, in modules.
    pub side: i32,
    /// Its dark modules, as the `d` of an SVG path.
    pub path: String,
}

/// What became of an enrolment.
#[derive(Debug)]
pub enum Enrolled {
    /// It is done.
    Done {
        /// The session that takes the place of the one before: enrolling a factor shows it.
        now: Box<SignedInNow>,
        /// Recovery codes, with the first factor; they are shown this once.
        recovery_codes: Vec<SecretString>,
    },
    /// It is not.
    Refused(Refusal),
}

impl App {
    /// Lets whoever is signed in enrol a factor: their first, right after the sign-in, if they are not
    /// staff; another, if they have just shown the one they have.
    ///
    /// # Errors
    /// [`Error::Denied`]: neither is so.
    pub async fn enrol_by_session(&self, session: &Session) -> Result<Enroller, Error> {
        let has = self.factors(session).await?;
        if has.all.is_empty() {
            if self.is_staff(session).await? {
                return self.refuse(session, Event::FactorEnrolled, BY_LINK).await;
            }
            if !factors::is_fresh(Some(session.auth_time), FRESH, self.now()) {
                return Err(SIGN_IN_AGAIN);
            }
            return Ok(Enroller { session: session.clone(), warrant: Warrant::First });
        }
        if !self.is_fresh(session, FRESH) {
            return Err(NOT_FRESH);
        }
        if has.all.len() >= MOST {
            return Err(ENOUGH);
        }
        Ok(Enroller { session: session.clone(), warrant: Warrant::Another })
    }

    /// Lets a user enrol their first factor by a one-time link made out to them; it is used up when the
    /// factor is enrolled.
    ///
    /// # Errors
    /// [`Error::Denied`] if the link is not this user's, was used or has ended, always with the same
    /// text; or if the person has a factor already.
    pub async fn enrol_by_link(&self, session: &Session, link: &str) -> Result<Enroller, Error> {
        let Some(presented) = opaque::read(Sort::Link, link) else { return Err(NO_LINK) };
        let (hash, user) = (presented.hash(), (session.account, session.user));
        if !self.store().has_enrolment_link(&hash, user, self.now()).await? {
            return self.refuse(session, Event::FactorEnrolled, NO_LINK).await;
        }
        if !self.factors(session).await?.all.is_empty() {
            return self.refuse(session, Event::FactorEnrolled, NOT_FIRST).await;
        }
        Ok(Enroller { session: session.clone(), warrant: Warrant::FirstByLink(hash) })
    }

    /// Makes a new seed, to be confirmed within ten minutes; another that waits is void.
    ///
    /// # Errors
    /// [`Error::Denied`] if this server has no key to seal it with.
    pub async fn begin_totp(&self, by: &Enroller) -> Result<NewSeed, Error> {
        let now = self.now();
        let (person, id) = (by.session.person, FactorId::new(self.next_id(now)));
        let random = self.secret();
        let seed = random.get(..SEED_LEN).unwrap_or(&random);
        let sealed = self.settings().keyring.seal(&seed_place(person, id), seed);
        let draft = Draft { person, id, seed: sealed?, at: now };
        self.change_factors(Change::Draft(draft)).await?;
        self.show_seed(by, seed).await
    }

    /// Shows the seed that waits for its first code again; none if there is none, or it expired.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails or the seed does not open.
    pub async fn seed_again(&self, by: &Enroller) -> Result<Option<NewSeed>, Error> {
        let Some(kept) = self.draft(by).await? else { return Ok(None) };
        let place = seed_place(by.session.person, kept.id);
        let seed = self.settings().keyring.open(&place, &kept.seed)?;
        self.show_seed(by, seed.expose_secret()).await.map(Some)
    }

    /// Enrols the authenticator app that waits, by its first code.
    ///
    /// # Errors
    /// [`Error::Denied`] if what allowed it is no longer so.
    pub async fn finish_totp(
        &self,
        by: &Enroller,
        typed: &str,
        name: &str,
        visitor: Visitor,
    ) -> Result<Enrolled, Error> {
        let Some(kept) = self.draft(by).await? else {
            return Ok(Enrolled::Refused(Refusal::Expired));
        };
        let place = seed_place(by.session.person, kept.id);
        let seed = self.settings().keyring.open(&place, &kept.seed)?;
        let Some(step) = totp::matched_step(seed.expose_secret(), typed, self.now()) else {
            return Ok(Enrolled::Refused(Refusal::Wrong));
        };
        let factor = (NewFactor::Totp(kept.id, step), OTP);
        self.enrol(by, factor, name, visitor).await
    }

    /// Begins the enrolment of a passkey: the options for the browser, as JSON.
    ///
    /// # Errors
    /// [`Error::Denied`] if passkeys cannot be used here.
    pub async fn begin_passkey(&self, by: &Enroller) -> Result<String, Error> {
        let rp = self.relying_party()?;
        let known = self.known_passkeys(&by.session).await?;
        let person = by.session.person.uuid();
        let begun = rp.begin_enrolment(person, &self.own_name(by).await?, &known);
        let begun = begun.map_err(|error| passkey_error(&error))?;
        self.keep_ceremony(&by.session, ENROL, begun.state).await?;
        Ok(begun.options)
    }

    /// Ends it with the browser's answer.
    ///
    /// # Errors
    /// [`Error::Denied`] if what allowed it is no longer so.
    pub async fn finish_passkey(
        &self,
        by: &Enroller,
        answer: &str,
        name: &str,
        visitor: Visitor,
    ) -> Result<Enrolled, Error> {
        let Some(ceremony) = self.ceremony(&by.session, ENROL).await? else {
            return Ok(Enrolled::Refused(Refusal::Expired));
        };
        if !self.change_factors(Change::Take(ceremony.clone())).await? {
            return Ok(Enrolled::Refused(Refusal::Expired));
        }
        match self.relying_party()?.finish_enrolment(&ceremony.state, answer) {
            Ok(credential) => {
                let id = FactorId::new(self.next_id(self.now()));
                let method = credential.method;
                let factor = (NewFactor::Passkey(id, to_keep(credential)), method);
                self.enrol(by, factor, name, visitor).await
            }
            Err(error) => {
                tracing::info!(%error, session = %by.session.id, "factors.passkey_not_enrolled");
                Ok(Enrolled::Refused(Refusal::Wrong))
            }
        }
    }

    async fn enrol(
        &self,
        by: &Enroller,
        (factor, method): (NewFactor, &'static str),
        name: &str,
        visitor: Visitor,
    ) -> Result<Enrolled, Error> {
        let session = &by.session;
        let (id, kind) = match &factor {
            NewFactor::Totp(id, _) => (*id, Kind::Totp),
            NewFactor::Passkey(id, _) => (*id, Kind::Passkey),
        };
        let (is_first, by_link) = match by.warrant {
            Warrant::First => (true, false),
            Warrant::FirstByLink(_) => (true, true),
            Warrant::Another => (false, false),
        };
        let (codes, hashes) =
            if is_first { self.recovery_codes(session.person) } else { (vec![], vec![]) };
        let detail = enrolled(kind, by_link);
        let enrolment = Enrolment {
            person: session.person,
            warrant: by.warrant,
            factor,
            name: factors::name(name),
            codes: hashes,
            session: session.id,
            activity: self.by(session, Event::FactorEnrolled, id.uuid(), detail),
        };
        match self.change_factors(Change::Enrol(Box::new(enrolment))).await {
            Ok(true) => {
                let now = self.step_up(session, FactorShown { method }, visitor).await?;
                Ok(Enrolled::Done { now: Box::new(now), recovery_codes: codes })
            }
            Ok(false) => Err(NO_LONGER),
            // It is enrolled already: confirmed twice at once, or a passkey of somebody else.
            Err(StoreError::Taken) => Ok(Enrolled::Refused(Refusal::Wrong)),
            Err(error) => Err(error.into()),
        }
    }

    /// The seed that waits, if it has not expired.
    async fn draft(&self, by: &Enroller) -> Result<Option<KeptSeed>, Error> {
        let since = factors::begun_since(self.now());
        let mut waiting = self.store().seeds(by.session.person, false).await?;
        waiting.retain(|kept| kept.created_at >= since);
        Ok(waiting.pop())
    }

    async fn show_seed(&self, by: &Enroller, seed: &[u8]) -> Result<NewSeed, Error> {
        let shown = totp::invite(seed, &self.own_name(by).await?);
        let shown = shown.map_err(|error| inconsistent("totp_factors", error.to_string()))?;
        let totp::Invitation { secret, picture } = shown;
        Ok(NewSeed { secret, side: picture.side, path: picture.path })
    }

    /// What apps and passkeys list this sign-in under.
    async fn own_name(&self, by: &Enroller) -> Result<String, Error> {
        let name = self.store().user_name(by.session.account, by.session.user).await?;
        name.ok_or(Error::Unauthenticated("there is no such active user"))
    }
}

impl std::fmt::Debug for NewSeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSeed").finish_non_exhaustive()
    }
}

const BY_LINK: Error = Error::Denied {
    rule: "staff-enrol-by-link",
    reason: "the operator's staff enrol their first second factor by a one-time link; ask an \
             approver for one",
};
const SIGN_IN_AGAIN: Error = Error::Denied {
    rule: FRESH_SIGN_IN,
    reason: "sign in again before you add a second factor; the last time was more than ten \
             minutes ago",
};
const NO_LINK: Error = Error::Denied {
    rule: "enrolment-link",
    reason: "this link is not for you, was used, or has ended; ask whoever gave it to you for a \
             new one",
};
const NOT_FIRST: Error = Error::Denied {
    rule: "link-first-factor",
    reason: "you have a second factor already; sign in with it to add another",
};
const ENOUGH: Error = Error::Denied {
    rule: "enough-factors",
    reason: "ten second factors are the most; remove one first",
};
const NO_LONGER: Error = Error::Denied {
    rule: "enrolment-overtaken",
    reason: "your second factors changed meanwhile; begin again",
};
