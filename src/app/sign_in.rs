//! The one gate of all sign-ins: [`App::finish_login`] begins every session, [`App::step_up`] raises
//! one; nothing else can (SIGNIN.md 4.3.5, M37).
//!
//! Whether a second factor is due is decided here and nowhere else: always for the operator's staff
//! (C4), where the account demands it, and for whoever has enrolled one.

use secrecy::SecretString;
use serde_json::json;

use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, PersonId, ResourceId, SessionId, SsoId};
use crate::domain::opaque::{self, Sort};
use crate::domain::persons::Subject;
use crate::domain::sessions::{Level, Session, Visitor, Way, latest_end};
use crate::domain::time::Timestamp;
use crate::policy::SystemPermit;
use crate::store::StoreError;
use crate::store::authn::basis::Basis;
use crate::store::authn::{Change, sessions};

/// The text for whoever is not, or no longer, a user.
const NOBODY: &str = "there is no active user to sign in; ask an administrator of your account";
/// How often a sign-in starts again because another one was faster.
const ATTEMPTS: usize = 3;

/// What somebody proved, and by what.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The account.
    pub account: AccountId,
    /// The user who came.
    pub user: ResourceId,
    /// What they showed.
    pub shown: Shown,
}

/// What was shown first.
#[derive(Debug, Clone)]
pub enum Shown {
    /// A provider's word.
    Sso(Box<SsoProof>),
    /// The user's own password, which was set at that moment.
    Password(Timestamp),
}

/// A provider's word, verified.
#[derive(Debug, Clone)]
pub struct SsoProof {
    /// The SSO connection.
    pub sso: SsoId,
    /// Whom the provider names; the user is linked to it.
    pub subject: Subject,
    /// When the sign-in began.
    pub begun_at: Timestamp,
    /// The provider's `acr`.
    pub acr: Option<String>,
    /// The provider's `amr`.
    pub amr: Vec<String>,
    /// When the provider last saw them prove who they are.
    pub auth_time: Option<Timestamp>,
    /// Whether `acr` or `amr` are on the connection's lists of what counts as two factors. It counts with
    /// `auth_time` alone: without, they may have been shown at any time.
    pub has_second_factor: bool,
    /// The provider's `sid`.
    pub provider_session: Option<String>,
    /// The ID token, sealed.
    pub id_token: Option<Vec<u8>>,
    /// When the provider wants the session to end (`session_expiry`).
    pub ends_at: Option<Timestamp>,
}

/// A second factor that was shown and verified. Made by [`crate::app`] alone.
#[derive(Debug, Clone, Copy)]
pub struct FactorShown {
    /// Its RFC 8176 word: `otp`, `hwk`, `swk`; `kba` for a recovery code.
    pub(in crate::app) method: &'static str,
}

/// A session just made, with the secret for the browser's cookie, which is shown this once.
#[derive(Debug)]
pub struct SignedInNow {
    /// The session.
    pub session: Session,
    /// The cookie's value.
    pub secret: SecretString,
}

/// How a session begins.
struct Start {
    is_new_person: bool,
    rests_on: Basis,
    replaces: Vec<SessionId>,
    event: Event,
}

impl App {
    /// Begins a session for what was proven. It is pending if a second factor is still due. The
    /// sessions that the browser had before, if any, end.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] if the user is not there or not active, or what was proven is no longer
    /// so; [`Error::Denied`] if staff come by a password.
    pub async fn finish_login(
        &self,
        proof: &Proof,
        visitor: Visitor,
        replaces: impl IntoIterator<Item = SessionId>,
    ) -> Result<SignedInNow, Error> {
        let replaces: Vec<SessionId> = replaces.into_iter().collect();
        for _ in 0..ATTEMPTS {
            match self.begin(proof, visitor.clone(), &replaces).await {
                // The user became a person meanwhile.
                Err(Error::Conflict(_)) => {}
                settled => return settled,
            }
        }
        Err(Error::Busy)
    }

    /// Raises a session to full after a second factor. It gets a new id and secret; what it was ends.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] if the session ended meanwhile.
    pub async fn step_up(
        &self,
        session: &Session,
        factor: FactorShown,
        visitor: Visitor,
    ) -> Result<SignedInNow, Error> {
        let now = self.now();
        let mut raised = session.clone();
        if !raised.amr.iter().any(|method| method == factor.method) {
            raised.amr.push(factor.method.to_owned());
        }
        (raised.level, raised.second_factor_at) = (Level::Full, Some(now));
        raised.own_factor_at = Some(now);
        (raised.last_seen_at, raised.visitor) = (now, visitor);
        let start = Start {
            is_new_person: false,
            rests_on: Basis::Session(session.id),
            replaces: vec![],
            event: Event::SessionSteppedUp,
        };
        self.write_session(raised, start).await
    }

    async fn begin(
        &self,
        proof: &Proof,
        visitor: Visitor,
        replaces: &[SessionId],
    ) -> Result<SignedInNow, Error> {
        let found = self.store().sign_in_user(proof.account, proof.user).await?;
        let user = found.ok_or(Error::Unauthenticated(NOBODY))?;
        if user.is_staff && matches!(proof.shown, Shown::Password(_)) {
            return Err(Error::Denied {
                rule: "staff-by-sso",
                reason: "the operator's staff sign in by SSO, never by a password",
            });
        }
        let now = self.now();
        let person = user.person.unwrap_or_else(|| PersonId::new(self.next_id(now)));
        let mut session = Session {
            id: SessionId::new(self.next_id(now)),
            secret_hash: [0; 32],
            account: proof.account,
            user: proof.user,
            person,
            is_staff: user.is_staff,
            way: Way::Password,
            level: Level::Full,
            acr: None,
            amr: vec!["pwd".to_owned()],
            auth_time: now,
            second_factor_at: None,
            own_factor_at: None,
            sso: None,
            provider_session: None,
            id_token: None,
            created_at: now,
            last_seen_at: now,
            expires_at: latest_end(user.is_staff, now),
            visitor,
            ended_at: None,
        };
        let rests_on = match &proof.shown {
            Shown::Sso(shown) => {
                by_sso(&mut session, shown, now);
                Basis::Identity(shown.subject.clone(), shown.begun_at)
            }
            Shown::Password(set_at) => Basis::Password(*set_at),
        };
        let is_due = user.is_staff || user.account_requires_second_factor || user.has_factor;
        if is_due && session.second_factor_at.is_none() {
            session.level = Level::Pending;
        }
        let start = Start {
            is_new_person: user.person.is_none(),
            rests_on,
            replaces: replaces.to_vec(),
            event: Event::SessionStarted,
        };
        self.write_session(session, start).await
    }

    /// The only place where a session is written.
    async fn write_session(
        &self,
        mut session: Session,
        start: Start,
    ) -> Result<SignedInNow, Error> {
        let Start { is_new_person, rests_on, replaces, event } = start;
        let now = self.now();
        session.id = SessionId::new(self.next_id(now));
        let (secret, hash) = opaque::compose(Sort::Session, session.id.uuid(), self.secret());
        session.secret_hash = hash;
        let actor = Actor::User(session.signed_in());
        let activity = self.line(session.account, now, actor, event);
        let activity = activity.on(session.id.uuid()).saying(json!({
            "way": session.way.as_str(),
            "level": session.level.as_str(),
            "acr": session.acr,
            "amr": session.amr,
        }));
        let new = sessions::NewSession {
            session: session.clone(),
            is_new_person,
            rests_on,
            replaces,
            activity,
        };
        let permit = SystemPermit::for_the("beginning of a session");
        let change = Change::Sessions(sessions::Change::Start(Box::new(new)));
        match self.store().change_authn(change, permit).await {
            Ok(true) => Ok(SignedInNow { session, secret }),
            Ok(false) => Err(Error::Unauthenticated("the session has ended; sign in again")),
            Err(StoreError::Taken) => Err(Error::Conflict("the person is being made".to_owned())),
            Err(error) => Err(error.into()),
        }
    }
}

fn by_sso(session: &mut Session, shown: &SsoProof, now: Timestamp) {
    session.way = Way::Sso;
    session.acr.clone_from(&shown.acr);
    session.amr.clone_from(&shown.amr);
    // Their clock may be a little ahead; what is further ahead was refused.
    let seen_at = shown.auth_time.map(|at| at.min(now));
    session.auth_time = seen_at.unwrap_or(now);
    session.second_factor_at = seen_at.filter(|_| shown.has_second_factor);
    session.sso = Some(shown.sso);
    session.provider_session.clone_from(&shown.provider_session);
    session.id_token.clone_from(&shown.id_token);
    if let Some(end) = shown.ends_at {
        session.expires_at = session.expires_at.min(end);
    }
}
