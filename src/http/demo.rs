//! The OpenID provider that `countersign demo` starts beside the server, on this machine alone. It stands
//! in for the identity providers of organisations: it asks who you are and believes the answer, so it
//! is never started by `serve` (`tests/it/tidy/fences.rs` holds that).
//!
//! Each organisation has an issuer of its own, `{base}/{organisation}`, with one client: this server. Its
//! ID tokens say nothing of second factors, so that those are this server's to ask for. It also shows
//! the codes of its people's authenticator apps, in place of the telephones that nobody has at hand.

mod authorize;
mod keys;
mod pages;
pub mod phones;
mod texts;
mod tokens;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::domain::ids::IdSource;
use crate::domain::time::Clock;
use crate::http::demo::authorize::Grant;
use crate::http::demo::keys::Key;
use crate::http::demo::phones::Phone;

/// What the provider calls this server.
pub const CLIENT_ID: &str = "countersign-demo";

/// Its pages need no script, no form and nothing from elsewhere.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'";

/// The provider. Cheap to clone.
#[derive(Debug, Clone)]
pub struct DemoProvider {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Where it is: `http://127.0.0.1:8180`.
    base: String,
    /// Where the server is whose people sign in.
    server: String,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    key: Key,
    client_secret: String,
    organisations: Mutex<BTreeMap<String, Organisation>>,
    /// What was granted, oldest first.
    grants: Mutex<VecDeque<Grant>>,
    phones: Mutex<Vec<Phone>>,
}

/// An organisation whose people it knows.
#[derive(Debug, Clone)]
struct Organisation {
    name: String,
    people: Vec<Guest>,
}

/// Somebody whom it knows.
#[derive(Debug, Clone)]
pub struct Guest {
    /// `sub`, which the organisation's provisioning sends as `externalId`.
    pub subject: String,
    /// What people call them.
    pub name: String,
    /// What they are, and what to expect when they sign in: in English, in French.
    pub what: [String; 2],
    /// Whether they are asked for a code of their authenticator app.
    pub needs_code: bool,
}

impl DemoProvider {
    /// A provider at `base` for the server at `server`, both URLs without a slash at the end.
    ///
    /// # Errors
    /// If no key can be made.
    pub fn new(
        (base, server): (String, String),
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> anyhow::Result<Self> {
        let shared = Shared {
            client_secret: URL_SAFE_NO_PAD.encode(ids.secret()),
            key: Key::generate()?,
            base,
            server,
            clock,
            ids,
            organisations: Mutex::default(),
            grants: Mutex::default(),
            phones: Mutex::default(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Its URL.
    pub fn base(&self) -> &str {
        &self.shared.base
    }

    /// Its issuer for an organisation.
    pub fn issuer(&self, organisation: &str) -> String {
        format!("{}/{organisation}", self.shared.base)
    }

    /// The secret by which this server exchanges codes.
    pub fn client_secret(&self) -> &str {
        &self.shared.client_secret
    }

    /// Makes an organisation known, by its name in URLs and for people.
    pub fn open(&self, organisation: &str, name: &str) {
        let new = Organisation { name: name.to_owned(), people: vec![] };
        lock(&self.shared.organisations).insert(organisation.to_owned(), new);
    }

    /// Makes somebody of an organisation known.
    pub fn welcome(&self, organisation: &str, guest: Guest) {
        if let Some(found) = lock(&self.shared.organisations).get_mut(organisation) {
            found.people.push(guest);
        }
    }

    /// Shows the codes of somebody's authenticator app.
    pub fn carry(&self, phone: Phone) {
        lock(&self.shared.phones).push(phone);
    }

    fn organisation(&self, slug: &str) -> Option<Organisation> {
        lock(&self.shared.organisations).get(slug).cloned()
    }

    fn random(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.shared.ids.secret())
    }
}

/// Serves it until `stop`.
///
/// # Errors
/// If the listener fails.
pub async fn serve_demo(
    listener: TcpListener,
    provider: DemoProvider,
    stop: CancellationToken,
) -> std::io::Result<()> {
    axum::serve(listener, router(provider)).with_graceful_shutdown(stop.cancelled_owned()).await
}

/// All routes.
fn router(provider: DemoProvider) -> Router {
    Router::new()
        .route("/", get(async || Redirect::to("/authenticator")))
        .route("/authenticator", get(pages::authenticator))
        .route("/assets/countersign.css", get(pages::stylesheet))
        .route("/assets/demo.css", get(pages::own_stylesheet))
        .route("/{organisation}/.well-known/openid-configuration", get(tokens::metadata))
        .route("/{organisation}/jwks", get(tokens::keys))
        .route("/{organisation}/authorize", get(authorize::authorize))
        .route("/{organisation}/token", post(tokens::exchange))
        .route("/{organisation}/end", get(authorize::end))
        .layer(from_fn_with_state(provider.clone(), shield))
        .with_state(provider)
}

/// Answers to its own name alone: a page elsewhere whose name leads here (DNS rebinding) reads no codes.
async fn shield(State(provider): State<DemoProvider>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let mut response = if host.is_some() && host == provider.base().strip_prefix("http://") {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, "the demo's provider has another address\n")
            .into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Nobody panics while holding one of these.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
