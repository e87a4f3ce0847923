//! Argon2id: what a password costs, and that it costs the same whoever asks.
//!
//! Each computation takes 46 MiB and a core, so few run at once, few more wait, and whoever comes
//! after that is told to come again. For a user who has no password, one is hashed all the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::domain::passwords::Password;

/// KiB of memory, passes, lanes, bytes of output.
const COST: (u32, u32, u32, usize) = (47_104, 2, 1, 32);
/// How many run at once at most, however many cores there are.
const MOST_AT_ONCE: usize = 8;
/// How many wait for each that runs.
const WAITING_FOR_EACH: usize = 8;

/// Computes hashes, a few at a time.
#[derive(Debug)]
pub struct Hasher {
    permits: Arc<Semaphore>,
    at_once: usize,
    inside: Arc<AtomicUsize>,
    running: Arc<AtomicUsize>,
    peak: AtomicUsize,
    computed: AtomicU64,
}

/// Why no hash was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Too many wait already.
    #[error("too many passwords are being checked")]
    Busy,
    /// Argon2 refused its parameters, or a stored hash does not read.
    #[error("a password could not be hashed, or a stored hash does not read")]
    Broken,
}

/// Counts somebody in until dropped.
struct Inside(Arc<AtomicUsize>);

impl Inside {
    /// Counts somebody in, and says as the how many-th.
    fn enter(count: &Arc<AtomicUsize>) -> (Self, usize) {
        let before = count.fetch_add(1, Ordering::AcqRel);
        (Self(Arc::clone(count)), before + 1)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Default for Hasher {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let at_once = cores.min(MOST_AT_ONCE);
        Self {
            permits: Arc::new(Semaphore::new(at_once)),
            at_once,
            inside: Arc::default(),
            running: Arc::default(),
            peak: AtomicUsize::new(0),
            computed: AtomicU64::new(0),
        }
    }
}

impl Hasher {
    /// The hash of a new password, as PHC text.
    ///
    /// # Errors
    /// [`HashError`].
    pub async fn hash(&self, password: Password, salt: [u8; 32]) -> Result<String, HashError> {
        self.compute(move || compose(&password, &salt)).await?
    }

    /// Whether a password is the one hashed. Without a password or a hash the same work is done, and
    /// the answer is no.
    ///
    /// # Errors
    /// [`HashError`].
    pub async fn verify(
        &self,
        password: Option<Password>,
        hash: Option<String>,
    ) -> Result<bool, HashError> {
        self.compute(move || match (password, hash) {
            (Some(password), Some(hash)) => compare(&password, &hash),
            (password, _) => {
                let bytes = password.as_ref().map_or(&b"nobody"[..], Password::bytes);
                let mut unused = [0; COST.3];
                argon()?
                    .hash_password_into(bytes, &[0; 16], &mut unused)
                    .map_err(|_| HashError::Broken)?;
                Ok(false)
            }
        })
        .await?
    }

    /// How many hashes were computed so far.
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// How many ran at once at most so far, and how many may.
    pub fn peak(&self) -> (usize, usize) {
        (self.peak.load(Ordering::Relaxed), self.at_once)
    }

    /// Runs the work when its turn comes. Once begun it keeps its place to the end, even if whoever
    /// asked has gone: else a flood of clients that hang up would get round the bound.
    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashError> {
        let (inside, count) = Inside::enter(&self.inside);
        if count > self.at_once * (1 + WAITING_FOR_EACH) {
            return Err(HashError::Busy);
        }
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| HashError::Busy)?;
        let (running, count) = Inside::enter(&self.running);
        self.peak.fetch_max(count, Ordering::Relaxed);
        self.computed.fetch_add(1, Ordering::Relaxed);
        let kept = (inside, running, permit);
        let done = spawn_blocking(move || {
            let done = work();
            drop(kept);
            done
        });
        done.await.map_err(|_| HashError::Broken)
    }
}

/// Whether a stored hash was made at another cost than today's.
pub fn is_outdated(hash: &str) -> bool {
    let Ok(stored) = PasswordHash::new(hash) else { return false };
    match (Params::try_from(&stored), params()) {
        (Ok(before), Ok(today)) => before != today,
        (Err(_), _) | (_, Err(_)) => false,
    }
}

fn compose(password: &Password, salt: &[u8; 32]) -> Result<String, HashError> {
    let (salt, _) = salt.split_at(16);
    let hash = argon()?.hash_password_with_salt(password.bytes(), salt);
    hash.map(|hash| hash.to_string()).map_err(|_| HashError::Broken)
}

fn compare(password: &Password, hash: &str) -> Result<bool, HashError> {
    let stored = PasswordHash::new(hash).map_err(|_| HashError::Broken)?;
    match argon()?.verify_password(password.bytes(), &stored) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(_) => Err(HashError::Broken),
    }
}

fn argon() -> Result<Argon2<'static>, HashError> {
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params()?))
}

fn params() -> Result<Params, HashError> {
    let (memory, passes, lanes, output) = COST;
    Params::new(memory, passes, lanes, Some(output)).map_err(|_| HashError::Broken)
}

#[cfg(test)]
mod tests;
