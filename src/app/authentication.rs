//! Who calls: from a bearer token to an actor.
//!
//! Tokens found once stay in memory. A revocation in this process empties that memory at once; one by
//! another process is seen by the worker, which polls a number (DECISIONS.md 30: within a second).
//! INVARIANT: what was loaded before the memory was emptied never enters it afterwards (the
//! generation shows it).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::app::{App, Error};
use crate::authn::bearer;
use crate::domain::account::State;
use crate::domain::actor::ScimClient;
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::time::Timestamp;
use crate::domain::tokens::Token;

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
        if known.slug != slug || !known.token.matches(&presented) || !known.token.is_live(now) {
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

    /// The tokens used since this was last asked, and when.
    pub(super) fn recent_token_uses(&self) -> Vec<(AccountId, TokenId, Timestamp)> {
        self.parts.tokens.recent_uses()
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

    fn recent_uses(&self) -> Vec<(AccountId, TokenId, Timestamp)> {
        let map = self.known.read().unwrap_or_else(PoisonError::into_inner);
        map.iter()
            .filter_map(|(id, known)| {
                let last = known.last_used.load(Ordering::Relaxed);
                let before = known.noted.swap(last, Ordering::Relaxed);
                (last != before).then(|| (known.token.account, *id, Timestamp::from_micros(last)))
            })
            .collect()
    }
}
