//! Passwords (S10, S11): invitations, sign-in, forgotten ones, changes; and what strangers learn.

mod links;
mod races;
mod strangers;
mod tries;

use axum::http::StatusCode;
use countersign::app::Error;
use countersign::app::passwords::links::Asked;
use countersign::domain::actor::Actor;
use countersign::domain::command::{Command, SendLink};
use countersign::domain::ids::AccountId;
use countersign::domain::passwords::links::Purpose;
use countersign::domain::sessions::Visitor;
use countersign::domain::users::contact::Language;
use serde_json::{Value, json};

use crate::login::html;
use crate::world::TestApp;
use crate::world::browser::{Browser, Page, SESSION};
use crate::world::client::Client;
use crate::world::mailbox::Folder;

pub(super) const FIRST: &str = "une tasse bleue";
pub(super) const SECOND: &str = "deux bols verts";

/// An account with Zoé, who has an address, and the folder that her mails go to.
pub(super) struct House {
    pub(super) test: TestApp,
    pub(super) folder: Folder,
    pub(super) scim: Client,
    pub(super) account: AccountId,
    pub(super) zoe: String,
}

pub(super) fn user(name: &str) -> Value {
    json!({
        "userName": name, "displayName": "Zoé Lefèvre",
        "emails": [{ "value": format!("{name}@acme.example"), "primary": true }],
    })
}

impl House {
    pub(super) async fn new() -> Self {
        let test = TestApp::new().await;
        let scim = test.scim("acme").await;
        let account = crate::login::gate::account(&test, "acme").await;
        let zoe = scim.post("/Users", &user("zoe")).await.expect(StatusCode::CREATED).id();
        Self { folder: Folder::new(), test, scim, account, zoe }
    }

    /// The same, where Zoé has chosen [`FIRST`].
    pub(super) async fn settled() -> Self {
        let house = Self::new().await;
        house.settle("zoe").await;
        house
    }

    /// Invites somebody, and chooses [`FIRST`] for them.
    pub(super) async fn settle(&self, name: &str) {
        let link = self.invite(name).await;
        self.choose(&link, FIRST).await.expect(StatusCode::OK);
        assert_eq!(self.folder.collect(&self.test.app).await.len(), 1, "the notice");
    }

    pub(super) async fn send(&self, name: &str, purpose: Purpose) -> Result<(), Error> {
        let send = SendLink { account: self.account, user_name: name.to_owned(), purpose };
        self.test.app.change(&Actor::Platform, Command::SendLink(send)).await.map(|_| ())
    }

    /// Invites somebody; the secret of the link in their mail.
    pub(super) async fn invite(&self, name: &str) -> String {
        self.send(name, Purpose::Invitation).await.expect("an invitation");
        self.folder.link(&self.test.app).await
    }

    /// Says to have forgotten the password, and waits for what comes of it.
    pub(super) async fn forget(&self, address: &str) {
        let (visitor, language) = (Visitor::default(), Language::En);
        let asked = self.test.app.ask_for_reset(address, &visitor, language).await;
        let Ok(Asked::Taken(work)) = asked else { panic!("{asked:?}") };
        work.await.expect("it ends");
    }

    pub(super) fn browser(&self) -> Browser {
        Browser::new(&self.test.app)
    }

    pub(super) async fn choose(&self, link: &str, password: &str) -> Page {
        let form = [("password", password), ("again", password)];
        self.browser().post(&format!("/link/{link}"), &form).await
    }

    pub(super) async fn enter(&self, browser: &mut Browser, name: &str, password: &str) -> Page {
        let form =
            [("user_name", name), ("password", password), ("return_to", "/account/sessions")];
        browser.post("/accounts/acme/login/password", &form).await
    }

    /// A browser that Zoé signed in with.
    pub(super) async fn signed_in(&self, password: &str) -> Browser {
        let mut browser = self.browser();
        let page = self.enter(&mut browser, "zoe", password).await;
        assert_eq!(page.leads_to(), "/account/sessions");
        browser.get("/account/sessions").await.expect(StatusCode::OK);
        browser
    }

    pub(super) async fn patch(&self, operation: &Value) {
        let body = crate::scim::patch_op(&json!([operation]));
        self.scim.patch(&format!("/Users/{}", self.zoe), &body).await.expect(StatusCode::OK);
    }
}

/// S10: from the invitation mail to a session.
#[tokio::test]
async fn s10_an_invited_user_chooses_a_password_and_signs_in_with_it() {
    let house = House::new().await;
    let link = house.invite("Zoe").await;
    let mut browser = house.browser();
    let page = browser.get(&format!("/link/{link}")).await.expect(StatusCode::OK);
    assert!(page.text.contains("Choose your password") && page.text.contains("acme"));
    let page = house.choose(&link, FIRST).await.expect(StatusCode::OK);
    assert!(page.text.contains("href=\"/accounts/acme/login\""), "{}", page.text);
    assert!(browser.cookies.is_empty(), "nobody is signed in by it");
    let page = house.enter(&mut browser, "ZOE", FIRST).await;
    assert_eq!(page.leads_to(), "/account/sessions");
    assert!(browser.cookies.contains_key(SESSION));
    let page = browser.get("/").await.expect(StatusCode::OK);
    assert!(page.text.contains("Zoé Lefèvre") && page.text.contains("href=\"/account/password\""));
    let page = house.enter(&mut house.browser(), "zoe@acme.example", FIRST).await;
    assert_eq!(page.leads_to(), "/account/sessions", "her address does, too");
    let events = "SELECT action FROM activities WHERE action LIKE 'invitation%' \
                  OR action LIKE 'password%' ORDER BY at";
    assert_eq!(house.test.database.texts(events).await, ["invitation.sent", "password.chosen"]);
}

/// S10, S11: by the user's own wish or sent to them, and the notice afterwards.
#[tokio::test]
async fn s10_s11_a_reset_ends_all_sessions_signs_nobody_in_and_is_told_by_mail() {
    let house = House::settled().await;
    let mut before = [house.signed_in(FIRST).await, house.signed_in(FIRST).await];
    house.send("zoe", Purpose::Reset).await.expect("S11: sent to her");
    house.folder.link(&house.test.app).await;
    house.forget("Zoe@ACME.example").await;
    let link = house.folder.link(&house.test.app).await;
    let page = house.choose(&link, SECOND).await.expect(StatusCode::OK);
    assert!(!page.headers.contains_key("set-cookie"), "{:?}", page.headers);
    for browser in &mut before {
        let page = browser.get("/account/sessions").await;
        assert!(page.leads_to().starts_with("/login"), "ended");
    }
    house.enter(&mut house.browser(), "zoe", FIRST).await.expect(StatusCode::UNAUTHORIZED);
    house.signed_in(SECOND).await;
    let told = house.folder.collect(&house.test.app).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].to.contains("zoe@acme.example") && told[0].link().is_none());
    assert!(
        told[0].text.contains("The password for your access to acme was changed"),
        "{}",
        told[0].text
    );
    let why = "SELECT DISTINCT ended_why FROM sessions WHERE ended_at IS NOT NULL";
    assert_eq!(house.test.database.texts(why).await, ["password_changed"]);
}

/// SIGNIN.md 4.3.5, ASVS 6.4.3: a new password is no second factor.
#[tokio::test]
async fn a_reset_leaves_the_second_factor_due() {
    let house = House::settled().await;
    house.test.demand_factor("acme", true).await;
    house.forget("zoe@acme.example").await;
    let link = house.folder.link(&house.test.app).await;
    house.choose(&link, SECOND).await.expect(StatusCode::OK);
    let page = house.enter(&mut house.browser(), "zoe", SECOND).await;
    assert!(page.leads_to().starts_with("/step-up"), "{}", page.leads_to());
}

#[tokio::test]
async fn a_change_in_a_session_ends_the_others_and_is_told_by_mail() {
    let house = House::settled().await;
    let (mut here, mut there) = (house.signed_in(FIRST).await, house.signed_in(FIRST).await);
    html::check(&here.get("/account/password").await.expect(StatusCode::OK).text, "en");
    let form =
        |current, password, again| [("current", current), ("password", password), ("again", again)];
    for (form, status) in [
        (form(SECOND, SECOND, SECOND), StatusCode::UNAUTHORIZED),
        (form(FIRST, SECOND, FIRST), StatusCode::BAD_REQUEST),
        (form(FIRST, "short", "short"), StatusCode::BAD_REQUEST),
        (form(FIRST, "password1234", "password1234"), StatusCode::BAD_REQUEST),
        (form(FIRST, "zoe@acme.example", "zoe@acme.example"), StatusCode::BAD_REQUEST),
    ] {
        let page = here.post("/account/password", &form).await.expect(status);
        html::check(&page.text, "en");
        assert!(page.text.contains("role=\"alert\""), "{}", page.text);
    }
    there.get("/account/sessions").await.expect(StatusCode::OK);
    here.post("/account/password", &form(FIRST, SECOND, SECOND)).await.expect(StatusCode::OK);
    here.get("/account/sessions").await.expect(StatusCode::OK);
    assert!(there.get("/account/sessions").await.leads_to().starts_with("/login"));
    let told = house.folder.collect(&house.test.app).await;
    assert_eq!(told.len(), 1);
    assert!(told[0].text.contains("was changed"), "{}", told[0].text);
    let changed = "SELECT actor_kind FROM activities WHERE action = 'password.changed'";
    assert_eq!(house.test.database.texts(changed).await, ["user"]);
}

/// SECURITY.md §8: what was hashed at another cost is hashed anew when its owner comes.
#[tokio::test]
async fn a_hash_of_another_cost_is_replaced_at_sign_in() {
    use argon2::password_hash::PasswordHasher as _;
    let house = House::settled().await;
    let params = argon2::Params::new(19 * 1024, 2, 1, Some(32)).expect("a cost");
    let argon = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let old = argon.hash_password_with_salt(FIRST.as_bytes(), &[7; 16]).expect("a hash");
    house.test.database.run(&format!("UPDATE passwords SET hash = '{old}'")).await;
    house.enter(&mut house.browser(), "zoe", SECOND).await.expect(StatusCode::UNAUTHORIZED);
    let hash = async || house.test.database.texts("SELECT hash FROM passwords").await;
    assert!(hash().await[0].contains("m=19456"));
    house.signed_in(FIRST).await;
    assert!(hash().await[0].starts_with("$argon2id$v=19$m=47104,t=2,p=1$"));
    house.signed_in(FIRST).await;
}

#[tokio::test]
async fn the_pages_are_sound_in_both_languages() {
    let house = House::new().await;
    let link = house.invite("zoe").await;
    for (language, tag) in [("en-GB", "en"), ("fr-CH, en;q=0.5", "fr")] {
        let mut browser = house.browser().speaking(language);
        for path in ["/forgot", &format!("/link/{link}"), "/link/none"] {
            html::check(&browser.get(path).await.text, tag);
        }
        for (path, form) in [
            ("/forgot", vec![("address", "nonsense")]),
            ("/forgot", vec![("address", "nobody@acme.example")]),
            ("/accounts/acme/login/password", vec![("user_name", "zoe"), ("password", "x")]),
            (&format!("/link/{link}"), vec![("password", "short"), ("again", "short")]),
            (&format!("/link/{link}"), vec![("password", FIRST), ("again", SECOND)]),
        ] {
            html::check(&browser.post(path, &form).await.text, tag);
        }
    }
    house.patch(&json!({ "op": "add", "path": "preferredLanguage", "value": "fr" })).await;
    let page = house.browser().get(&format!("/link/{link}")).await;
    html::check(&page.text, "fr");
}
