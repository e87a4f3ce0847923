//! An OIDC provider of our own on this machine, that can be told to lie in every way that a real one, or
//! somebody in its place, might.
//!
//! It tells the time by the test's clock. Its authorization endpoint is a function: the test is the
//! person and the browser.

mod keys;
mod server;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use countersign::domain::time::Clock as _;
use jsonwebtoken::Header;
use serde_json::{Value, json};
use tokio::sync::Notify;
use url::Url;

use crate::world::leaks;
use crate::world::seeds::FrozenClock;

pub(crate) use keys::{Sign, published};

/// What it gives for a code.
pub(crate) const ACCESS_TOKEN: &str = "access-token-of-the-provider";

/// The provider.
#[derive(Clone)]
pub(crate) struct Provider {
    pub(crate) issuer: String,
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<FrozenClock>,
    lies: Mutex<Lies>,
    /// What each code stands for.
    codes: Mutex<BTreeMap<String, Grant>>,
    calls: Mutex<BTreeMap<String, usize>>,
    /// The last request to the token endpoint: its `Authorization` and its form.
    exchange: Mutex<Option<Exchange>>,
}

/// An `Authorization` header, and a form.
type Exchange = (Option<String>, BTreeMap<String, String>);

#[derive(Clone)]
struct Grant {
    nonce: String,
    challenge: String,
}

/// What it says otherwise than it should. By default nothing.
pub(crate) struct Lies {
    /// Merged into the metadata; null takes a member away.
    pub(crate) metadata: Value,
    /// Merged into the ID token's claims, likewise.
    pub(crate) claims: Value,
    /// Changes the ID token's header.
    pub(crate) header: fn(&mut Header),
    /// What signs.
    pub(crate) sign: Sign,
    /// Which keys it publishes, by name.
    pub(crate) published: Vec<&'static str>,
    /// Merged into what the token endpoint answers.
    pub(crate) tokens: Value,
    /// Merged into userinfo.
    pub(crate) userinfo: Value,
    /// It takes the access token in a form only.
    pub(crate) userinfo_by_form: bool,
    /// Userinfo is a signed token.
    pub(crate) userinfo_signed: bool,
    /// It does not compare the PKCE verifier.
    pub(crate) ignores_pkce: bool,
    /// Its token endpoint answers only once it is told to.
    pub(crate) waits_for: Option<Arc<Notify>>,
}

impl Default for Lies {
    fn default() -> Self {
        Self {
            metadata: json!({}),
            claims: json!({}),
            header: |_| {},
            sign: Sign::With("rs1"),
            published: vec!["rs1", "es1"],
            tokens: json!({}),
            userinfo: json!({}),
            userinfo_by_form: false,
            userinfo_signed: false,
            ignores_pkce: false,
            waits_for: None,
        }
    }
}

impl Provider {
    pub(crate) async fn start(clock: Arc<FrozenClock>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("its address"));
        let shared = Arc::new(Shared {
            clock,
            lies: Mutex::default(),
            codes: Mutex::default(),
            calls: Mutex::default(),
            exchange: Mutex::default(),
        });
        let provider = Self { issuer, shared };
        tokio::spawn(server::serve(listener, provider.clone()));
        provider
    }

    pub(crate) fn lies(&self) -> MutexGuard<'_, Lies> {
        self.shared.lies.lock().expect("no panic while lying")
    }

    /// How often an endpoint was called.
    pub(crate) fn calls(&self, path: &str) -> usize {
        self.shared.calls.lock().expect("counts").get(path).copied().unwrap_or(0)
    }

    /// The `Authorization` and the form that the token endpoint was last sent.
    pub(crate) fn last_exchange(&self) -> Exchange {
        self.shared.exchange.lock().expect("it").clone().expect("an exchange")
    }

    /// The person signs in at the authorization URL; what the browser is to bring back.
    pub(crate) fn authorize(&self, url: &Url) -> Vec<(String, String)> {
        let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["code_challenge_method"], "S256", "{url}");
        assert_eq!(asked["response_type"], "code", "{url}");
        let mut codes = self.shared.codes.lock().expect("codes");
        let code = format!("code-of-the-provider-{:04}", codes.len());
        leaks::secret(&code);
        let grant =
            Grant { nonce: asked["nonce"].clone(), challenge: asked["code_challenge"].clone() };
        codes.insert(code.clone(), grant);
        let mut answer =
            vec![("code".to_owned(), code), ("state".to_owned(), asked["state"].clone())];
        if self.metadata()["authorization_response_iss_parameter_supported"] == true {
            answer.push(("iss".to_owned(), self.issuer.clone()));
        }
        answer
    }

    /// A token that would be a logout token if its type said so.
    pub(crate) fn untyped_logout_token(&self) -> String {
        keys::sign(Sign::With("rs1"), |_| {}, &self.logout_claims(&json!({})))
    }

    /// A logout token with claims merged into those of a right one.
    pub(crate) fn logout_token(&self, sign: Sign, claims: &Value) -> String {
        let typ = |header: &mut Header| header.typ = Some("logout+jwt".to_owned());
        keys::sign(sign, typ, &self.logout_claims(claims))
    }

    fn logout_claims(&self, claims: &Value) -> Value {
        let now = self.now();
        let mut all = json!({
            "iss": self.issuer, "aud": "countersign", "iat": now, "exp": now + 120,
            "jti": format!("jti-{}", self.shared.clock.now().micros()), "sub": "u-ann",
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        merge(&mut all, claims);
        all
    }

    fn metadata(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer);
        let mut all = json!({
            "issuer": self.issuer,
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "userinfo_endpoint": at("/userinfo"),
            "jwks_uri": at("/jwks"),
            "end_session_endpoint": at("/end"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
            "backchannel_logout_supported": true,
        });
        merge(&mut all, &self.lies().metadata);
        all
    }

    fn id_token(&self, nonce: &str) -> String {
        let now = self.now();
        let mut claims = json!({
            "iss": self.issuer, "aud": "countersign", "sub": "u-ann", "exp": now + 300, "iat": now,
            "auth_time": now, "nonce": nonce, "sid": "sid-1",
        });
        let lies = self.lies();
        merge(&mut claims, &lies.claims);
        keys::sign(lies.sign, lies.header, &claims)
    }

    fn now(&self) -> i64 {
        self.shared.clock.now().micros() / 1_000_000
    }
}

/// Merges `patch` into `all`; null takes a member away.
fn merge(all: &mut Value, patch: &Value) {
    let all = all.as_object_mut().expect("an object");
    for (name, value) in patch.as_object().expect("an object") {
        if value.is_null() {
            all.remove(name);
        } else {
            all.insert(name.clone(), value.clone());
        }
    }
}
