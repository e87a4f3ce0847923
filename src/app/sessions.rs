//! Sessions after sign-in: reading one on each request, listing and ending them.

use serde_json::json;

use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::event::{Activity, Event};
use crate::domain::ids::SessionId;
use crate::domain::opaque::{self, Sort};
use crate::domain::sessions::{EndedWhy, Session};
use crate::policy::SystemPermit;
use crate::store::authn::Change;
use crate::store::authn::sessions::{self, Ending, Which};

/// The one text for a cookie that opens nothing.
const SIGNED_OUT: &str = "you are not signed in, or no longer";

impl App {
    /// The live session whose secret the browser's cookie holds. One statement, and a write about once
    /// a minute.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] if there is none, always with the same text.
    pub async fn session(&self, cookie: &str) -> Result<Session, Error> {
        let signed_out = Error::Unauthenticated(SIGNED_OUT);
        let Some(presented) = opaque::read(Sort::Session, cookie) else { return Err(signed_out) };
        let found = self.store().session(SessionId::new(presented.id)).await?;
        let now = self.now();
        let live =
            |session: &Session| presented.matches(&session.secret_hash) && session.is_live(now);
        let Some(mut session) = found.filter(live) else { return Err(signed_out) };
        if session.is_unnoted(now) {
            session.last_seen_at = now;
            let permit = SystemPermit::for_the("noting that a session is used");
            let change = Change::Sessions(sessions::Change::Seen(session.id, now));
            self.store().change_authn(change, permit).await?;
        }
        Ok(session)
    }

    /// The person's live sessions, in whatever account, latest first.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn sessions(&self, session: &Session) -> Result<Vec<Session>, Error> {
        let now = self.now();
        let mut all = self.store().sessions_of(session.person, now).await?;
        all.retain(|session| session.is_live(now));
        Ok(all)
    }

    /// Ends the browser's own session.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn sign_out(&self, session: &Session) -> Result<(), Error> {
        let which = Which::One(session.person, session.id);
        self.end_sessions(session, which, EndedWhy::SignedOut).await.map(|_| ())
    }

    /// Ends another of the person's own sessions.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no live one of that id among them.
    pub async fn revoke_session(&self, session: &Session, id: SessionId) -> Result<(), Error> {
        let which = Which::One(session.person, id);
        if self.end_sessions(session, which, EndedWhy::Revoked).await? {
            return Ok(());
        }
        Err(Error::NotFound(format!("there is no live session `{id}` of yours")))
    }

    /// Ends all of the person's sessions but this one.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn revoke_other_sessions(
        &self,
        session: &Session,
        why: EndedWhy,
    ) -> Result<(), Error> {
        let which = Which::OthersOf(session.person, Some(session.id));
        self.end_sessions(session, which, why).await.map(|_| ())
    }

    async fn end_sessions(&self, by: &Session, which: Which, why: EndedWhy) -> Result<bool, Error> {
        let now = self.now();
        let target = match &which {
            Which::One(_, id) => Some(id.uuid()),
            Which::OthersOf(..) => None,
        };
        let actor = Actor::User(by.signed_in());
        let activity = self.line(by.account, now, actor, Event::SessionEnded);
        let activity = Activity { target, ..activity.saying(json!({ "why": why.as_str() })) };
        let permit = SystemPermit::for_the("end of sessions");
        let ending = sessions::Change::End(Box::new(Ending { which, why, activity }));
        Ok(self.store().change_authn(Change::Sessions(ending), permit).await?)
    }
}
