//! Providers that were discovered, by issuer: fresh for an hour, good for a day while the provider
//! does not answer.
//!
//! A token with an unknown key makes the keys be fetched anew, at most once a minute, whoever sends it:
//! a flood of such tokens is no flood at the provider. A failure is remembered for ten seconds. One slow
//! provider holds up none but those who come for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::authn::oidc::OidcError;
use crate::authn::oidc::provider::Provider;
use crate::authn::outbound::Outbound;
use crate::domain::time::Timestamp;

const SECOND: i64 = 1_000_000;
/// How long metadata and keys are taken as they are.
const FRESH: i64 = 3600 * SECOND;
/// How long they are used if newer ones cannot be had.
const STALE: i64 = 24 * FRESH;
/// How often keys are fetched for an unknown one.
const REFETCH: i64 = 60 * SECOND;
/// How long a failure stands.
const FAILED: i64 = 10 * SECOND;
/// How many providers may be tried at once.
const TRIALS: usize = 4;

/// All providers in use.
#[derive(Debug)]
pub struct Providers {
    outbound: Outbound,
    slots: Mutex<BTreeMap<String, Arc<Slot>>>,
    trials: Semaphore,
}

type Slot = tokio::sync::Mutex<Held>;

#[derive(Debug, Default)]
struct Held {
    provider: Option<Arc<Provider>>,
    fetched_at: i64,
    keys_at: i64,
    failure: Option<(i64, OidcError)>,
}

impl Providers {
    /// None yet.
    pub fn new(outbound: Outbound) -> Self {
        Self { outbound, slots: Mutex::default(), trials: Semaphore::new(TRIALS) }
    }

    /// The way out to them.
    pub fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    /// A place to ask a provider past what is known of it; none if all are taken, so that whoever may ask
    /// cannot make this server a flood.
    pub fn trial(&self) -> Option<SemaphorePermit<'_>> {
        self.trials.try_acquire().ok()
    }

    /// The provider of that issuer.
    ///
    /// # Errors
    /// As [`Provider::discover`].
    pub async fn get(&self, issuer: &str, now: Timestamp) -> Result<Arc<Provider>, OidcError> {
        let now = now.micros();
        let slot = self.slot(issuer);
        let mut held = slot.lock().await;
        let age = now - held.fetched_at;
        let known = held.provider.clone();
        if let Some(provider) = known.clone().filter(|_| age < FRESH) {
            return Ok(provider);
        }
        let usable = known.filter(|_| age < STALE);
        if let Some((_, error)) = held.failure.clone().filter(|(at, _)| now - at < FAILED) {
            return usable.ok_or(error);
        }
        match Provider::discover(&self.outbound, issuer).await {
            Ok(provider) => {
                let provider = Arc::new(provider);
                *held = Held {
                    provider: Some(Arc::clone(&provider)),
                    fetched_at: now,
                    keys_at: now,
                    failure: None,
                };
                Ok(provider)
            }
            Err(error) => {
                tracing::warn!(issuer, %error, "oidc.discovery_failed");
                held.failure = Some((now, error.clone()));
                usable.ok_or(error)
            }
        }
    }

    /// The provider with keys newer than those of `seen`, if they can be had now.
    pub async fn renewed(&self, seen: &Arc<Provider>, now: Timestamp) -> Option<Arc<Provider>> {
        let now = now.micros();
        let slot = self.slot(seen.issuer());
        let mut held = slot.lock().await;
        match &held.provider {
            // Another request has fetched them meanwhile.
            Some(current) if !Arc::ptr_eq(current, seen) => return Some(Arc::clone(current)),
            Some(_) | None => {}
        }
        if now - held.keys_at < REFETCH {
            return None;
        }
        held.keys_at = now;
        match seen.with_new_keys(&self.outbound).await {
            Ok(provider) => {
                let provider = Arc::new(provider);
                held.provider = Some(Arc::clone(&provider));
                Some(provider)
            }
            Err(error) => {
                tracing::warn!(issuer = seen.issuer(), %error, "oidc.keys_not_fetched");
                None
            }
        }
    }

    fn slot(&self, issuer: &str) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(issuer.to_owned()).or_default())
    }
}
