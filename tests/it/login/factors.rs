//! Second factors through the pages: enrolling, showing, losing them, and who may not.

mod approvers;
mod costs;
mod enrolling;
mod locks;
mod matrix;
mod showing;
mod staff;

use axum::http::StatusCode;
use countersign::app::sign_in::Shown;
use countersign::domain::ids::AccountId;
use countersign::domain::opaque::reveal;
use countersign::domain::time::Clock as _;
use totp_rs::{Builder, Secret};
use url::Url;
use webauthn_authenticator_rs::WebauthnAuthenticator as _;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

use crate::login::gate::account;
use crate::world::browser::{Browser, Page, password, sign_in, sso};
use crate::world::client::Client;
use crate::world::{PUBLIC_URL, TestApp, leaks};

/// A user, and how they come.
#[derive(Clone)]
struct Someone {
    account: AccountId,
    user: String,
    is_staff: bool,
}

/// An authenticator app's seed.
pub(super) type Seed = Vec<u8>;

impl Someone {
    /// A user of a customer's account.
    async fn customer(test: &TestApp) -> Self {
        let user = test.scim("acme").await.user("ann").await;
        Self { account: account(test, "acme").await, user, is_staff: false }
    }

    /// A user of the operator's account.
    async fn staff(test: &TestApp, scim: &Client, name: &str) -> Self {
        let user = scim.user(name).await;
        Self { account: account(test, "operator").await, user, is_staff: true }
    }

    /// What they show first.
    fn shown(&self) -> Shown {
        if self.is_staff { sso(false) } else { password() }
    }

    /// A browser after the first proof.
    async fn comes(&self, test: &TestApp) -> Browser {
        let now = sign_in(test, self.account, &self.user, self.shown()).await;
        Browser::with_session(&test.app, &now.expect("a session"))
    }
}

/// The operator's account.
async fn operator(test: &TestApp) -> Client {
    let scim = test.scim("operator").await;
    test.database.run("UPDATE accounts SET kind = 'operator' WHERE slug = 'operator'").await;
    scim
}

/// Two of staff with the doors of their bootstrap links.
async fn two_named(test: &TestApp) -> [(Someone, String); 2] {
    let scim = operator(test).await;
    let zoe = Someone::staff(test, &scim, "zoe").await;
    let max = Someone::staff(test, &scim, "max").await;
    let [a, b] = test.app.bootstrap(["zoe", "max"]).await.expect("named");
    let door = |link: Option<secrecy::SecretString>| reveal(&link.expect("a link")).to_owned();
    [(zoe, door(a.link)), (max, door(b.link))]
}

/// Staff with an app.
async fn enrolled_staff(test: &TestApp) -> (Someone, Browser, Seed) {
    let [(zoe, door), _] = two_named(test).await;
    let mut browser = zoe.comes(test).await;
    let (seed, _) = enrol_app(test, &mut browser, &door).await;
    (zoe, browser, seed)
}

/// The seed on a page.
#[track_caller]
fn seed(page: &Page) -> Seed {
    read_seed(between(&page.text, "<code>", "</code>"))
}

/// The seed that people read.
#[track_caller]
pub(super) fn read_seed(grouped: &str) -> Seed {
    let shown = grouped.replace(' ', "");
    leaks::secret(grouped);
    leaks::secret(&shown);
    Secret::try_from_base32(shown).expect("base 32").as_ref().to_vec()
}

/// The code of this moment.
pub(super) fn code(test: &TestApp, seed: &[u8]) -> String {
    let seconds = u64::try_from(test.clock.now().micros() / 1_000_000).expect("after 1970");
    let totp = Builder::new().with_secret(Secret::from(seed)).with_account_name("x").build();
    totp.expect("an app").generate(seconds).to_string()
}

/// A code that is not of this moment.
fn wrong(test: &TestApp, seed: &[u8]) -> String {
    let right: u32 = code(test, seed).parse().expect("digits");
    format!("{:06}", (right + 1) % 1_000_000)
}

/// Adds an app; its seed, and the recovery codes that were shown.
pub(super) async fn enrol_app(
    test: &TestApp,
    browser: &mut Browser,
    door: &str,
) -> (Seed, Vec<String>) {
    let page = browser.post(&format!("/enrol/{door}/app"), &[]).await.expect(StatusCode::OK);
    let seed = seed(&page);
    let code = code(test, &seed);
    let form = [("code", code.as_str()), ("name", "my phone")];
    let page = browser.post(&format!("/enrol/{door}/app/confirm"), &form).await;
    assert!(page.status == StatusCode::OK || page.status == StatusCode::SEE_OTHER, "{}", page.text);
    // The next code is another.
    test.clock.advance_seconds(30);
    (seed, codes(&page))
}

/// The recovery codes on a page.
fn codes(page: &Page) -> Vec<String> {
    let parts = page.text.split("<code>").skip(1);
    let codes: Vec<String> =
        parts.map(|part| part.split("</code>").next().expect("its end").to_owned()).collect();
    for code in &codes {
        leaks::secret(code);
    }
    codes
}

/// Adds a passkey; the page afterwards.
async fn enrol_passkey(browser: &mut Browser, key: &mut SoftPasskey, door: &str) -> Page {
    let page = browser.post(&format!("/enrol/{door}/passkey/options"), &[]).await;
    let options = serde_json::from_str(&page.expect(StatusCode::OK).text).expect("options");
    let answer = key.do_registration(origin(), options).expect("an answer");
    let answer = serde_json::to_string(&answer).expect("JSON");
    browser.post(&format!("/enrol/{door}/passkey"), &[("code", answer.as_str())]).await
}

/// The answer of a passkey to a ceremony that the browser begins.
async fn answer(browser: &mut Browser, key: &mut SoftPasskey) -> String {
    let page = browser.post("/step-up/passkey/options", &[]).await.expect(StatusCode::OK);
    let options = serde_json::from_str(&page.text).expect("options");
    let answer = key.do_authentication(origin(), options).expect("an answer");
    serde_json::to_string(&answer).expect("JSON")
}

pub(super) async fn show(browser: &mut Browser, path: &str, code: &str) -> Page {
    browser.post(path, &[("code", code), ("return_to", "/account/sessions")]).await
}

fn origin() -> Url {
    Url::parse(PUBLIC_URL).expect("a URL")
}

#[track_caller]
pub(super) fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let rest = text.split_once(start).unwrap_or_else(|| panic!("no {start}: {text}")).1;
    rest.split_once(end).expect("its end").0
}

/// The names of the record since its beginning, oldest first, without those of the set-up.
async fn record(test: &TestApp) -> Vec<String> {
    let sql = "SELECT action || ' ' || outcome || ' ' || COALESCE(detail, '-') FROM activities \
               WHERE action LIKE 'factor%' OR action LIKE 'recovery%' OR action LIKE 'bootstrap%' \
               ORDER BY at";
    test.database.texts(sql).await
}
