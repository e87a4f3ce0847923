//! The use cases: one way to change anything, one way to see anything.
//!
//! [`App::change`] loads the facts, has `policy` decide, and applies what was permitted; it starts
//! again if the facts moved meanwhile. [`App::get`] and [`App::search`] read within the actor's scope.
//! No HTTP and no SQL in here.

pub mod accounts;
pub mod authentication;
pub mod bootstrap;
pub mod change;

pub mod doors;
pub mod error;
pub mod factors;
mod groups;
pub mod housekeeping;
pub mod keys;
pub mod passwords;
pub mod policy;
pub mod rights;
pub mod seals;
pub mod sessions;
pub mod sign_in;
pub mod sso;
pub mod tokens;
pub mod users;
pub mod view;

use std::sync::Arc;

use ipnet::IpNet;

use crate::app::authentication::TokenCache;

use crate::app::policy::denials::Denials;
use crate::app::rights::catalogue::Seen;
use crate::app::rights::decisions::Memory;
use crate::authn::envelope::Keyring;
use crate::authn::oidc::cache::Providers;
use crate::authn::outbound::{Outbound, Reach};
use crate::authn::passwords::Hasher;
use crate::domain::ids::IdSource;
use crate::domain::rights::catalogue::Catalogue;
use crate::domain::time::Clock;
use crate::store::Store;

pub use crate::app::change::Outcome;
pub use crate::app::error::Error;

/// The application: cheap to clone, shared by all edges.
#[derive(Debug, Clone)]
pub struct App {
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    store: Store,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    tokens: TokenCache,
    denials: Denials,
    providers: Providers,
    hasher: Hasher,
    catalogue: Seen,
    rights: Memory,
    settings: Settings,
}

/// What an operator sets and the edges need.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The URL by which the world reaches this server, without a slash at the end.
    pub public_url: String,
    /// Limits on what comes from the network.
    pub limits: Limits,
    /// What seals secrets at rest.
    pub keyring: Keyring,
    /// What providers of single sign-on may be reached.
    pub reach: Reach,
    /// For whom access tokens are, besides this server: the vendor's product.
    pub product_audience: Option<String>,
    pub trusted_proxies: Vec<IpNet>,
    /// The catalogue of rights that is activated if none is yet.
    pub catalogue: Arc<Catalogue>,
}

/// Limits on what comes from the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes in the body of a request about users.
    pub user_body_bytes: usize,
    /// Bytes in the body of a request about groups.
    pub group_body_bytes: usize,
    /// Operations in a PATCH.
    pub max_operations: usize,
    /// Resources on a page at most.
    pub max_page: u64,
    /// Resources on a page if the client does not say.
    pub default_page: u64,
}

impl App {
    /// Puts the application together.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        settings: Settings,
    ) -> Self {
        let (tokens, denials) = (TokenCache::default(), Denials::default());
        let providers = Providers::new(Outbound::new(settings.reach.clone()));
        let hasher = Hasher::default();
        Self {
            parts: Arc::new(Parts {
                store,
                clock,
                ids,
                tokens,
                denials,
                providers,
                hasher,
                catalogue: Seen::default(),
                rights: Memory::default(),
                settings,
            }),
        }
    }

    /// What the operator set.
    pub fn settings(&self) -> &Settings {
        &self.parts.settings
    }

    fn providers(&self) -> &Providers {
        &self.parts.providers
    }

    fn store(&self) -> &Store {
        &self.parts.store
    }
}
