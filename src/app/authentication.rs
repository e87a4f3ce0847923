//! Who calls: from a bearer token to an actor.
//!
//! Tokens found once stay in memory. A revocation in this process empties that memory at once; one by
//! another process is seen by the worker, which polls a number (DECISIONS.md 30: within a second).
//! INVARIANT: what was loaded before the memory was emptied never enters it afterwards (the
//! generation shows it).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::app::{App, Error};
use crate::authn::bearer;
use crate::domain::account::State;
use crate::domain::actor::ScimClient;
use crate::domain::connection::Course;
use crate::domain::ids::TokenId;
use crate::domain::time::Timestamp;
use crate::domain::tokens::Token;
use crate::store::tokens::LastUses;

/// How many tokens are kept in memory at most.
const CAPACITY: usize = 10_000;

/// The one text for every refusal: it tells neither which account exists nor which token.
const REFUSED: &str = "the bearer token is missing, malformed, expired, revoked, or not of this \
                       account; send a live one in the Authorization header";

const SUSPENDED: Error = Error::Denied {
    rule: "account-suspended",
    reason: "this account is suspended: nothing is provisioned until its operator takes it into \
             service again; ask them, and let the identity provider try again later",
};
const CLOSED: Error = Error::Denied {
    rule: "account-closed",
    reason: "this account is closed; stop provisioning to it",
};

/// Tokens seen lately.
#[derive(Debug, Default)]
pub(super) struct TokenCache {
    known: RwLock<BTreeMap<TokenId, Arc<Known>>>,
    generation: AtomicU64,
}

#[derive(Debug)]
struct Known {
    slug: String,
    token: Token,
    state: State,
    client: ScimClient,
    last_used: AtomicI64,
    noted: AtomicI64,
    /// What changes were answered since that was last asked.
    course: Mutex<Course>,
}

impl App {
    /// The SCIM client that a request to an account's endpoints comes from.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`], always with the same text; [`Error::Denied`] if the token opens an account
    /// that is not in service.
    pub async fn authenticate_scim(
        &self,
        slug: &str,
        authorization: Option<&str>,
    ) -> Result<ScimClient, Error> {
        let presented =
            authorization.and_then(bearer::read).ok_or(Error::Unauthenticated(REFUSED))?;
        let id = TokenId::new(presented.id);
        let known = match self.parts.tokens.get(id) {
            Some(known) => known,
            None => self.load_token(slug, id).await?,
        };
        let now = self.now();
        if known.slug != slug || !known.token.matches(&presented) {
            return Err(Error::Unauthenticated(REFUSED));
        }
        if !known.token.is_live(now) {
            // Whoever still sends one that expired is a client whose changes fail.
            if known.token.revoked_at.is_none() {
                known.note(401, now);
            }
            return Err(Error::Unauthenticated(REFUSED));
        }
        // Only whoever shows a live token is told.
        match known.state {
            State::Active => {}
            State::Suspended => return Err(SUSPENDED),
            State::Closed => return Err(CLOSED),
        }
        known.last_used.store(now.micros(), Ordering::Relaxed);
        Ok(known.client)
    }

    /// Forgets all tokens, so that each is read again.
    pub fn forget_tokens(&self) {
        self.parts.tokens.clear();
    }

    /// What tokens were used for since this was last asked.
    pub(super) fn recent_token_uses(&self) -> LastUses {
        self.parts.tokens.recent_uses()
    }

    /// Notes with which status a change that came by a token was answered.
    pub(super) fn note_course(&self, token: TokenId, status: u16, at: Timestamp) {
        if let Some(known) = self.parts.tokens.get(token) {
            known.note(status, at);
        }
    }

    async fn load_token(&self, slug: &str, id: TokenId) -> Result<Arc<Known>, Error> {
        let generation = self.parts.tokens.generation.load(Ordering::Acquire);
        let found = self.store().token_for_authentication(slug, id).await?;
        let (token, connection, state) = found.ok_or(Error::Unauthenticated(REFUSED))?;
        let known = Arc::new(Known {
            slug: slug.to_owned(),
            client: ScimClient {
                account: token.account,
                connection: token.connection,
                token: token.id,
                preset: connection.preset,
                access: token.access,
            },
            token,
            state,
            last_used: AtomicI64::new(0),
            noted: AtomicI64::new(0),
            course: Mutex::default(),
        });
        self.parts.tokens.insert(id, Arc::clone(&known), generation);
        Ok(known)
    }
}

impl TokenCache {
    fn get(&self, id: TokenId) -> Option<Arc<Known>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    fn insert(&self, id: TokenId, known: Arc<Known>, generation: u64) {
        let mut map = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if self.generation.load(Ordering::Acquire) != generation {
            return;
        }
        if map.len() >= CAPACITY {
            map.clear();
        }
        map.insert(id, known);
    }

    fn clear(&self) {
        let mut map = self.known.write().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::AcqRel);
        map.clear();
    }

    fn recent_uses(&self) -> LastUses {
        let map = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut uses = LastUses::default();
        for (id, known) in map.iter() {
            let last = known.last_used.load(Ordering::Relaxed);
            if last != known.noted.swap(last, Ordering::Relaxed) {
                uses.seen.push((known.token.account, *id, Timestamp::from_micros(last)));
            }
            let course = known.take_course();
            if course != Course::default() {
                uses.courses.push((known.token.account, known.token.connection, course));
            }
        }
        uses
    }
}

impl Known {
    fn note(&self, status: u16, at: Timestamp) {
        self.course.lock().unwrap_or_else(PoisonError::into_inner).note(status, at);
    }

    /// What was noted. Nothing is left: the database keeps since when changes are refused.
    fn take_course(&self) -> Course {
        std::mem::take(&mut self.course.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
