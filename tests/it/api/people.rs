//! Who calls in these tests: people signed in to accounts, and the vendor's product.

use axum::body::Body;
use axum::http::{Method, Request, header};
use countersign::app::sign_in::{Shown, SsoProof};
use countersign::app::{App, Outcome, Settings};
use countersign::domain::actor::Actor;
use countersign::domain::command::{Command, IssueProductKey};
use countersign::domain::ids::{AccountId, SsoId};
use countersign::domain::keys::products::ProductScope;
use countersign::domain::opaque::reveal;
use countersign::domain::persons::Subject;
use countersign::domain::sessions::{Session, Visitor};
use countersign::domain::time::Timestamp;
use countersign::http;
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::world::browser::{password, proven};
use crate::world::client::{Answer, Client};
use crate::world::vouched::ISSUER;
use crate::world::{PUBLIC_URL, TestApp};

pub(crate) const JSON: &str = "application/json";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// An application with an account `acme` and the operator's.
pub(crate) struct Seat {
    pub(crate) test: TestApp,
    pub(crate) scim: Client,
    pub(crate) acme: AccountId,
    pub(crate) operator: AccountId,
    /// What the product asks with.
    introspect_key: OnceCell<String>,
}

/// Somebody signed in.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) session: Session,
    pub(crate) cookie: String,
}

/// How a request shows who sends it.
#[derive(Clone)]
pub(crate) enum By {
    Nobody,
    Bearer(String),
    Cookie(String),
}

impl Person {
    pub(crate) fn by_cookie(&self) -> By {
        By::Cookie(self.cookie.clone())
    }
}

impl Seat {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let test = TestApp::with(change).await;
        let scim = test.scim("acme").await;
        let acme = id_of(&test, "acme").await;
        let operator = test.account("vendor").await;
        let make = "UPDATE accounts SET kind = 'operator' WHERE slug = 'vendor'";
        test.database.run(make).await;
        Self { test, scim, acme, operator, introspect_key: OnceCell::new() }
    }

    /// A user of `acme` made now and signed in, with all that is due.
    pub(crate) async fn person(&self, user_name: &str) -> Person {
        let user = self.scim.user(user_name).await;
        self.sign_in(&user, password()).await
    }

    /// A user of `acme` who signed in through a provider, with a second factor shown there just now.
    pub(crate) async fn with_second_factor(&self, user_name: &str) -> Person {
        let user = self.scim.user(user_name).await;
        self.sign_in(&user, sso(true)).await
    }

    /// Signs a user of `acme` in.
    pub(crate) async fn sign_in(&self, user: &str, shown: Shown) -> Person {
        sign_in(&self.test, self.acme, user, shown).await
    }

    /// A key of the product.
    pub(crate) async fn product_key(&self, scopes: &[ProductScope], days: u32) -> String {
        let issue = IssueProductKey { name: "shop".to_owned(), scopes: scopes.to_vec(), days };
        let command = Command::IssueProductKey(issue);
        let made = self.test.app.change(&Actor::Platform, command).await.expect("a key");
        let Outcome::ProductKey(issued) = made else { panic!("expected a key, got {made:?}") };
        reveal(&issued.secret).to_owned()
    }

    /// An access token of that person, as the API gives it.
    pub(crate) async fn access_token(&self, person: &Person) -> String {
        let answer = self.token(person, &json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["access_token"].as_str().expect("a token").to_owned()
    }

    /// What the API answers to a wish for an access token.
    pub(crate) async fn token(&self, person: &Person, wish: &Value) -> Answer {
        let body = (JSON, wish.to_string());
        self.call(&person.by_cookie(), Method::POST, "/api/v1/token", Some(body)).await
    }

    pub(crate) async fn get(&self, by: &By, path: &str) -> Answer {
        self.call(by, Method::GET, path, None).await
    }

    /// Sends a token in a form, as OAuth has it.
    pub(crate) async fn form(&self, by: &By, path: &str, token: &str) -> Answer {
        let token: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
        let body = (FORM, format!("token={token}"));
        self.call(by, Method::POST, path, Some(body)).await
    }

    /// Whether the product is told that a token is active.
    pub(crate) async fn is_active(&self, token: &str) -> bool {
        let key = self
            .introspect_key
            .get_or_init(async || self.product_key(&[ProductScope::Introspect], 30).await);
        let key = By::Bearer(key.await.clone());
        let answer = self.form(&key, "/api/v1/introspect", token).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let is_active = answer.body["active"].as_bool().expect("a word on it");
        if !is_active {
            assert_eq!(answer.text, "{\"active\":false}", "nothing more is told");
        }
        is_active
    }

    /// Sends a request as a browser on our own page, or a program, would.
    pub(crate) async fn call(
        &self,
        by: &By,
        method: Method,
        path: &str,
        body: Option<(&str, String)>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        request = match by {
            By::Nobody => request,
            By::Bearer(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
            By::Cookie(cookie) => request
                .header(header::COOKIE, format!("__Host-sid={cookie}"))
                .header("sec-fetch-site", "same-origin")
                .header(header::ORIGIN, PUBLIC_URL),
        };
        let request = match body {
            None => request.body(Body::empty()),
            Some((media, text)) => {
                request.header(header::CONTENT_TYPE, media).body(Body::from(text))
            }
        };
        self.send(request.expect("a request")).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        send(&self.test.app, request).await
    }
}

pub(crate) async fn send(app: &App, request: Request<Body>) -> Answer {
    Client::new(http::service(app.clone()), "acme", None).send(request).await
}

/// What a provider says, with or without a second factor.
pub(crate) fn sso(has_second_factor: bool) -> Shown {
    Shown::Sso(Box::new(SsoProof {
        sso: SsoId::new(Uuid::from_u128(1)),
        subject: Subject { issuer: ISSUER.to_owned(), subject: String::new() },
        begun_at: Timestamp::from_micros(0),
        acr: has_second_factor.then(|| "urn:idp:2fa".to_owned()),
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        auth_time: None,
        has_second_factor,
        provider_session: None,
        id_token: None,
        ends_at: None,
    }))
}

pub(crate) async fn sign_in(
    test: &TestApp,
    account: AccountId,
    user: &str,
    shown: Shown,
) -> Person {
    let proof = proven(test, account, user, shown).await;
    let visitor = Visitor { ip: Some("192.0.2.7".to_owned()), agent: "Mozilla/5.0".to_owned() };
    let now = test.app.finish_login(&proof, visitor, None).await.expect("a session");
    Person { session: now.session, cookie: reveal(&now.secret).to_owned() }
}

pub(super) async fn id_of(test: &TestApp, slug: &str) -> AccountId {
    let slug = countersign::domain::account::Slug::parse(slug).expect("a slug");
    test.app.account(&Actor::Platform, &slug).await.expect("the account").id
}
