//! Whose history and second factors a sign-in inherits (DECISIONS.md 6): those of the same (issuer, subject)
//! and nobody else's, also for who came by a password before, and after an unlinking.

use axum::http::StatusCode;
use countersign::domain::actor::Actor;
use countersign::domain::command::{Command, UnlinkUser};
use countersign::domain::ids::{AccountId, SsoId};
use countersign::domain::sso::Refusal;
use serde_json::json;
use url::Url;

use super::scene::{Scene, account_id, add_sso, come_back, says, user};
use crate::scim::patch_op;
use crate::world::browser::{Browser, Page, password, sign_in};
use crate::world::sso_spec;

/// An account that had passwords and turns SSO on; somebody in it who signs in elsewhere by SSO.
struct Turned {
    scene: Scene,
    account: AccountId,
    user: String,
    sso: SsoId,
    by_password: Browser,
}

impl Turned {
    async fn new() -> Self {
        let mut scene = Scene::new().await;
        scene.accepts(|_| {}).await;
        let scim = scene.test.scim("late").await;
        let user = user(&scim, "ann", "u-ann").await;
        let account = account_id(&scene.test, "late").await;
        let now = sign_in(&scene.test, account, &user, password()).await.expect("a session");
        let by_password = Browser::with_session(&scene.test.app, &now);
        let sso = add_sso(&scene.test, "late", sso_spec(&scene.provider.issuer)).await.id;
        Self { scene, account, user, sso, by_password }
    }

    async fn comes(&self) -> Page {
        let mut browser = Browser::new(&self.scene.test.app);
        let page = browser.get(&format!("/accounts/late/sso/{}/start", self.sso)).await;
        let answer = self.scene.provider.authorize(&Url::parse(page.leads_to()).expect("a URL"));
        come_back(&mut browser, self.sso, &answer).await
    }
}

/// Gives the persons that the condition holds for a second factor.
async fn give_factor(scene: &Scene, whose: &str) {
    let seed = if scene.test.database.is_sqlite() { "x'00'" } else { "'\\x00'::bytea" };
    let insert = format!(
        "INSERT INTO totp_factors (person_id, id, name, seed, last_step, confirmed_at, created_at) \
         SELECT id, id, 'phone', {seed}, 0, 1, 1 FROM persons WHERE {whose}"
    );
    scene.test.database.run(&insert).await;
}

async fn unlink(scene: &Scene, account: AccountId, user: &str) {
    let user = user.parse().expect("an id");
    let command = Command::UnlinkUser(UnlinkUser { account, user });
    scene.test.app.change(&Actor::Platform, command).await.expect("it is unlinked");
}

const PERSONS: &str = "SELECT count(DISTINCT person_id) FROM user_persons";

#[tokio::test]
async fn who_came_by_a_password_before_is_the_subjects_person_from_the_first_sso_sign_in_on() {
    let mut turned = Turned::new().await;
    let database = &turned.scene.test.database;
    assert_eq!(database.number(PERSONS).await, 2);
    assert_eq!(turned.comes().await.leads_to(), "/");
    assert_eq!(database.number(PERSONS).await, 1);
    assert_eq!(database.number("SELECT count(*) FROM persons").await, 2, "history stays");
    let ended = "SELECT ended_why FROM sessions WHERE way = 'password'";
    assert_eq!(database.texts(ended).await, ["linked"]);
    assert!(turned.by_password.get("/").await.leads_to().starts_with("/login"));
    assert_eq!(turned.comes().await.leads_to(), "/");
}

#[tokio::test]
async fn a_person_with_a_second_factor_is_not_given_up_but_by_unlinking() {
    let turned = Turned::new().await;
    let scene = &turned.scene;
    give_factor(scene, "id NOT IN (SELECT person_id FROM identities)").await;
    let page = turned.comes().await.expect(StatusCode::FORBIDDEN);
    assert!(page.text.contains(says(Refusal::LinkedToAnother)), "{}", page.text);
    assert_eq!(scene.test.database.number(PERSONS).await, 2);
    // The remedy that the page names.
    unlink(scene, turned.account, &turned.user).await;
    assert_eq!(turned.comes().await.leads_to(), "/", "the factor was the other person's");
    assert_eq!(scene.test.database.number(PERSONS).await, 1);
}

/// M11.
#[tokio::test]
async fn another_subject_linked_after_an_unlinking_inherits_nothing() {
    let mut scene = Scene::new().await;
    scene.accepts(|_| {}).await;
    give_factor(&scene, "1 = 1").await;
    let mut old = scene.browser.clone();
    let account = account_id(&scene.test, "acme").await;
    unlink(&scene, account, &scene.ann).await;
    assert_eq!(scene.test.database.number("SELECT count(*) FROM user_persons").await, 0);
    let body = patch_op(&json!([{ "op": "replace", "path": "externalId", "value": "u-new" }]));
    scene.scim.patch(&format!("/Users/{}", scene.ann), &body).await.expect(StatusCode::OK);
    scene.browser = Browser::new(&scene.test.app);
    scene.provider.lies().claims = json!({ "sub": "u-new" });
    assert_eq!(scene.sign_in().await.leads_to(), "/", "the other's factor is not asked for");
    assert_eq!(scene.test.database.number("SELECT count(*) FROM persons").await, 2);
    let page = scene.browser.get("/account/factors").await.expect(StatusCode::OK);
    assert!(page.text.contains("no second factor"), "{}", page.text);
    assert!(old.get("/").await.leads_to().starts_with("/login"));
    // The first subject, come again, is who it was, with what it had.
    unlink(&scene, account, &scene.ann).await;
    let body = patch_op(&json!([{ "op": "replace", "path": "externalId", "value": "u-ann" }]));
    scene.scim.patch(&format!("/Users/{}", scene.ann), &body).await.expect(StatusCode::OK);
    scene.provider.lies().claims = json!({});
    assert_eq!(scene.sign_in().await.leads_to(), "/step-up");
    assert_eq!(scene.test.database.number("SELECT count(*) FROM persons").await, 2);
}
