//! Second factors: what a person has, and taking one away. Enrolling is in `enrolment`, showing one
//! in `showing`.
//!
//! Each factor shown raises a session through [`App::step_up`], whatever it was, and each wrong one
//! counts against the person, whatever it was.

pub mod enrolment;
pub mod showing;
pub mod staff;

use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, Error};
use crate::authn::passkeys::{Credential, PasskeyError};
use crate::domain::actor::Actor;
use crate::domain::event::{Activity, Event};
use crate::domain::factors::{self, FRESH, Factors, Kind, RECOVERY_CODES};
use crate::domain::ids::{FactorId, PersonId};
use crate::domain::keys::seals::Place;
use crate::domain::sessions::{Level, Session};
use crate::policy::{self, SystemPermit};
use crate::store::StoreError;
use crate::store::authn::Change;
use crate::store::authn::factors::{self as kept, Codes, KeptPasskey, Removal};

/// The rule that asks for a second factor again; edges answer it with the step-up page.
pub const FRESH_SECOND_FACTOR: &str = policy::FRESH_SECOND_FACTOR;
/// The rule that asks for a sign-in again.
pub const FRESH_SIGN_IN: &str = "fresh-sign-in";

pub(in crate::app) const NOT_FRESH: Error = Error::Denied {
    rule: FRESH_SECOND_FACTOR,
    reason: "show your second factor again; it was more than ten minutes ago",
};
const KEEP_ONE: Error = Error::Denied {
    rule: "keep-a-factor",
    reason: "you need a second factor to sign in; add another one before you remove your last",
};

impl App {
    /// Whether the session's second factor was shown within `max_age`: what
    /// approvals ask ([`FRESH`]).
    pub fn is_fresh(&self, session: &Session, max_age: Duration) -> bool {
        session.level == Level::Full
            && factors::is_fresh(session.second_factor_at, max_age, self.now())
    }

    /// Whether the person showed one of their factors here just now ([`FRESH`]): what a change of
    /// factors asks. The provider's word is not enough, or whoever takes over an account there could put
    /// a factor of their own here (M70).
    fn has_just_shown_own(&self, session: &Session) -> bool {
        session.level == Level::Full && factors::is_fresh(session.own_factor_at, FRESH, self.now())
    }

    /// The person's factors.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn factors(&self, session: &Session) -> Result<Factors, Error> {
        Ok(self.store().factors(session.person).await?)
    }

    /// Removes one of the person's factors; their other sessions end. With the last one go the recovery
    /// codes.
    ///
    /// # Errors
    /// [`Error::Denied`] if no factor was shown here just now, or it is the last one of somebody who needs
    /// one: staff always, others if one of their accounts demands it. [`Error::NotFound`] if there is none of
    /// that id.
    pub async fn remove_factor(&self, session: &Session, id: FactorId) -> Result<(), Error> {
        if !self.has_just_shown_own(session) {
            return Err(NOT_FRESH);
        }
        let has = self.factors(session).await?;
        let Some(factor) = has.all.iter().find(|factor| factor.id == id) else {
            return Err(Error::NotFound(format!("you have no second factor `{id}`")));
        };
        let detail = json!({ "kind": factor.kind.as_str() });
        let removal = Removal {
            person: session.person,
            id,
            must_keep_one: self.store().must_have_factor(session.person).await?,
            session: session.id,
            activity: self.by(session, Event::FactorRemoved, id.uuid(), detail),
        };
        if self.change_factors(kept::Change::Remove(Box::new(removal))).await? {
            return Ok(());
        }
        self.refuse(session, Event::FactorRemoved, KEEP_ONE).await
    }

    /// New recovery codes; the old ones are void. They are shown this once.
    ///
    /// # Errors
    /// [`Error::Denied`] if the second factor is not fresh, or there is none to recover.
    pub async fn new_recovery_codes(&self, session: &Session) -> Result<Vec<SecretString>, Error> {
        if !self.has_just_shown_own(session) {
            return Err(NOT_FRESH);
        }
        if self.factors(session).await?.all.is_empty() {
            return Err(Error::Denied {
                rule: "codes-beside-a-factor",
                reason: "recovery codes stand in for a second factor; add one first",
            });
        }
        let (codes, hashes) = self.recovery_codes(session.person);
        let detail = json!({ "count": codes.len() });
        let person = session.person;
        let activity = self.by(session, Event::RecoveryCodesMade, person.uuid(), detail);
        let change = kept::Change::Codes(Box::new(Codes { person, hashes, activity }));
        self.change_factors(change).await?;
        Ok(codes)
    }

    /// Whether passkeys can be used at all, which the public URL decides.
    pub fn can_use_passkeys(&self) -> bool {
        self.relying_party().is_ok()
    }

    fn recovery_codes(&self, person: PersonId) -> (Vec<SecretString>, Vec<[u8; 32]>) {
        (0..RECOVERY_CODES).map(|_| factors::recovery_code(person, self.secret())).unzip()
    }

    /// Whether the person is staff, in this account or another: factors are the person's.
    async fn is_staff(&self, session: &Session) -> Result<bool, Error> {
        Ok(session.is_staff || self.store().is_staff(session.person).await?)
    }

    /// Records the refusal, and is it.
    async fn refuse<T>(&self, session: &Session, event: Event, error: Error) -> Result<T, Error> {
        if let Error::Denied { rule, .. } = error {
            let actor = Actor::User(session.signed_in());
            self.record_refusal(&actor, (event, None), rule).await;
        }
        Err(error)
    }

    /// An activity of whoever is signed in.
    pub(in crate::app) fn by(
        &self,
        session: &Session,
        event: Event,
        target: Uuid,
        detail: Value,
    ) -> Activity {
        let now = self.now();
        let actor = Actor::User(session.signed_in());
        self.line(session.account, now, actor, event).on(target).saying(detail)
    }

    async fn change_factors(&self, change: kept::Change) -> Result<bool, StoreError> {
        let permit = SystemPermit::for_the("change of second factors");
        self.store().change_authn(Change::Factors(change), permit).await
    }
}

/// The place that a seed is sealed for.
fn seed_place(person: PersonId, id: FactorId) -> String {
    Place::TotpSeed(person, id).text()
}

/// For what must not fail, since we made all that it is about.
fn passkey_error(error: &PasskeyError) -> Error {
    match error {
        PasskeyError::NoDomain => Error::Denied {
            rule: "passkeys-need-a-domain",
            reason: "passkeys need a public URL with a domain name, and this server has an \
                     address; its operator sets `server.public_url`",
        },
        PasskeyError::Refused(_) | PasskeyError::Unreadable(_) => {
            inconsistent("passkeys", error.to_string())
        }
    }
}

fn inconsistent(table: &'static str, what: String) -> Error {
    Error::Internal(StoreError::Inconsistent { table, what })
}

fn to_keep(credential: Credential) -> KeptPasskey {
    KeptPasskey {
        credential_id: credential.id,
        credential: credential.json,
        counter: credential.counter,
    }
}

/// The word of RFC 8176 for a code of an app.
const OTP: &str = "otp";
/// The word of RFC 8176 for a recovery code.
const KBA: &str = "kba";

/// The detail of an enrolment.
fn enrolled(kind: Kind, by_link: bool) -> Value {
    json!({ "kind": kind.as_str(), "byLink": by_link })
}
