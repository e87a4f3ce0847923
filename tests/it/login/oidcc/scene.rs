//! An account with one provider, a user `ann` whom it calls `u-ann`, and her browser.

use axum::http::StatusCode;
use countersign::app::Outcome;
use countersign::domain::account::Slug;
use countersign::domain::actor::Actor;
use countersign::domain::command::{AddSso, Command};
use countersign::domain::ids::{AccountId, SsoId};
use countersign::domain::sso::{Refusal, SsoConnection, SsoSpec};
use serde_json::json;
use url::Url;

use crate::login::provider::{Lies, Provider};
use crate::scim::USER;
use crate::world::browser::{Browser, Page, SESSION};
use crate::world::client::Client;
use crate::world::{TestApp, sso_spec};

pub(super) struct Scene {
    pub(super) test: TestApp,
    pub(super) scim: Client,
    pub(super) provider: Provider,
    pub(super) sso: SsoConnection,
    pub(super) browser: Browser,
    pub(super) ann: String,
}

impl Scene {
    pub(super) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// The same with a connection described otherwise.
    pub(super) async fn with(change: impl FnOnce(&mut SsoSpec)) -> Self {
        let test = TestApp::new().await;
        let scim = test.scim("acme").await;
        let provider = Provider::start(test.clock.clone()).await;
        let ann = user(&scim, "ann", "u-ann").await;
        let mut spec = sso_spec(&provider.issuer);
        change(&mut spec);
        let sso = add_sso(&test, "acme", spec).await;
        let browser = Browser::new(&test.app);
        Self { test, scim, provider, sso, browser, ann }
    }

    /// The path at which a sign-in begins.
    pub(super) fn start(&self) -> String {
        format!("/accounts/acme/sso/{}/start", self.sso.id)
    }

    /// Ann begins to sign in; the URL that she is sent to.
    pub(super) async fn begin(&mut self) -> Url {
        let start = self.start();
        let page = self.browser.get(&start).await;
        Url::parse(page.leads_to()).expect("a URL")
    }

    /// Her browser comes back with those parameters.
    pub(super) async fn come_back(&mut self, answer: &[(String, String)]) -> Page {
        come_back(&mut self.browser, self.sso.id, answer).await
    }

    /// There and back again.
    pub(super) async fn sign_in(&mut self) -> Page {
        let url = self.begin().await;
        let answer = self.provider.authorize(&url);
        self.come_back(&answer).await
    }

    /// Signs in while the provider lies; she must be let in.
    pub(super) async fn accepts(&mut self, lie: impl FnOnce(&mut Lies)) {
        lie(&mut self.provider.lies());
        let page = self.sign_in().await;
        let claims = self.provider.lies().claims.to_string();
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{claims}: {}", page.text);
        assert_eq!(page.leads_to(), "/");
        assert!(self.browser.cookies.contains_key(SESSION));
        assert_eq!(self.sessions().await, 1);
    }

    /// Signs in while the provider lies; she must not be let in, and is told that nothing is proven.
    pub(super) async fn refuses(&mut self, lie: impl FnOnce(&mut Lies)) {
        self.refuses_as(Refusal::Unproven, lie).await;
    }

    /// The same for another reason.
    pub(super) async fn refuses_as(&mut self, refusal: Refusal, lie: impl FnOnce(&mut Lies)) {
        lie(&mut self.provider.lies());
        let start = self.start();
        let page = self.browser.get(&start).await;
        let page = if page.status == StatusCode::SEE_OTHER {
            let answer = self.provider.authorize(&Url::parse(page.leads_to()).expect("a URL"));
            self.come_back(&answer).await
        } else {
            page
        };
        self.refused(page, refusal).await;
    }

    /// The page refuses for that reason, and nobody is signed in by it.
    pub(super) async fn refused(&self, page: Page, refusal: Refusal) {
        let claims = self.provider.lies().claims.to_string();
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{claims}: {}", page.text);
        assert!(page.text.contains(says(refusal)), "{claims}: {refusal:?}: {}", page.text);
        assert!(!self.browser.cookies.contains_key(SESSION));
        assert_eq!(self.sessions().await, 0);
        assert_eq!(self.test.database.number("SELECT count(*) FROM identities").await, 0);
    }

    /// How many sessions are live.
    pub(super) async fn sessions(&self) -> i64 {
        self.test.database.number("SELECT count(*) FROM sessions WHERE ended_at IS NULL").await
    }

    /// The level of the one live session.
    pub(super) async fn level(&self) -> String {
        let sql = "SELECT level FROM sessions WHERE ended_at IS NULL";
        self.test.database.texts(sql).await.concat()
    }

    /// A form is posted to the back-channel logout endpoint, as the provider's server does; the status.
    pub(super) async fn back_channel(&self, token: &str) -> StatusCode {
        let path = format!("/accounts/acme/sso/{}/backchannel-logout", self.sso.id);
        let mut server = Browser::new(&self.test.app);
        foreign_post(&mut server, &path, &[("logout_token".to_owned(), token.to_owned())])
            .await
            .status
    }
}

/// The words in which a page refuses.
pub(super) fn says(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NotBegunHere => "was not begun in this browser",
        Refusal::ByProvider => "did not let you through",
        Refusal::Unproven => "does not prove who you are",
        Refusal::Unreachable => "does not answer at the moment",
        Refusal::NotProvisioned => "has not given you access here yet",
        Refusal::Inactive => "has been switched off",
        Refusal::Ambiguous => "More than one user here could be you",
        Refusal::LinkedToAnother => "signs in as somebody else already",
    }
}

/// Adds a provider to an account.
pub(in crate::login) async fn add_sso(
    test: &TestApp,
    account: &str,
    spec: SsoSpec,
) -> SsoConnection {
    let account = account_id(test, account).await;
    let command = Command::AddSso(Box::new(AddSso { account, spec }));
    let added = test.app.change(&Actor::Platform, command).await.expect("a provider");
    let Outcome::Sso(sso) = added else { panic!("expected a provider, got {added:?}") };
    sso
}

/// The id of an account.
pub(in crate::login) async fn account_id(test: &TestApp, slug: &str) -> AccountId {
    let slug = Slug::parse(slug).expect("a slug");
    test.app.account(&Actor::Platform, &slug).await.expect("the account").id
}

/// A user with that `externalId`; their id.
pub(in crate::login) async fn user(scim: &Client, name: &str, external_id: &str) -> String {
    let body = json!({ "schemas": [USER], "userName": name, "externalId": external_id });
    scim.post("/Users", &body).await.expect(StatusCode::CREATED).id()
}

/// The path of a connection's redirect URI.
pub(super) fn callback(sso: SsoId) -> String {
    format!("/oidc/callback/{sso}")
}

/// A browser comes back to a connection's redirect URI with those parameters, in the URL.
pub(super) async fn come_back(
    browser: &mut Browser,
    sso: SsoId,
    answer: &[(String, String)],
) -> Page {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(answer).finish();
    browser.get(&format!("{}?{query}", callback(sso))).await
}

/// A page of another site posts a form; of our cookies only the one for that comes along.
pub(super) async fn foreign_post(
    browser: &mut Browser,
    path: &str,
    form: &[(String, String)],
) -> Page {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let kept = browser.cookies.clone();
    browser.cookies.retain(|name, _| name == "__Host-login");
    let request = browser
        .request(axum::http::Method::POST, path)
        .header("origin", "https://op.test")
        .header("sec-fetch-site", "cross-site")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(body));
    let page = browser.send(request.expect("a request")).await;
    for (name, value) in kept {
        browser.cookies.entry(name).or_insert(value);
    }
    page
}
