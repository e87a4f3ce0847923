//! Links by which staff enrol their first second factor, made by approvers (M70, issue 3 Build 4).

use axum::http::StatusCode;
use countersign::app::bootstrap::demo::DemoSeed;
use serde_json::json;

use super::{Someone, between, enrol_app, operator};
use crate::login::html;
use crate::scim::patch_op;
use crate::world::TestApp;
use crate::world::browser::{Browser, Page, password, sign_in, sso};
use crate::world::client::Client;

const ADMINISTER: DemoSeed = DemoSeed::Rights(&["users.administer"]);

/// The operator's account with one approver in it.
struct Scene {
    test: TestApp,
    scim: Client,
    zoe: Someone,
}

impl Scene {
    async fn new() -> Self {
        let test = TestApp::new().await;
        let scim = operator(&test).await;
        let zoe = Someone::staff(&test, &scim, "zoe").await;
        test.app.seed_for_demo(zoe.account, "zoe", ADMINISTER).await.expect("given");
        Self { test, scim, zoe }
    }

    async fn staff(&self, name: &str) -> Someone {
        Someone::staff(&self.test, &self.scim, name).await
    }

    /// A browser of somebody whose provider has just asked for a second factor.
    async fn browser(&self, who: &Someone) -> Browser {
        let now = sign_in(&self.test, who.account, &who.user, sso(true)).await;
        Browser::with_session(&self.test.app, &now.expect("a session"))
    }

    /// A user of the operator's with a body of their own.
    async fn provisioned(&self, body: &serde_json::Value) -> String {
        self.scim.post("/Users", body).await.expect(StatusCode::CREATED).id()
    }

    /// How many enrolment links are open.
    async fn open_links(&self) -> i64 {
        let open = "SELECT count(*) FROM one_time_links \
                    WHERE purpose = 'enrolment' AND used_at IS NULL";
        self.test.database.number(open).await
    }

    /// The record of links made, or refused.
    async fn record(&self) -> Vec<String> {
        let sql = "SELECT outcome || ' ' || COALESCE(detail, '-') FROM activities \
                   WHERE action = 'enrolment_link.issued' ORDER BY at";
        self.test.database.texts(sql).await
    }
}

async fn make(browser: &mut Browser, user: &str) -> Page {
    browser.post(&format!("/staff/{user}/link"), &[]).await
}

/// The door that a link on a page opens.
#[track_caller]
fn door(page: &Page) -> String {
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let door = between(&page.text, ">https://scim.test/enrol/", "</textarea>").to_owned();
    crate::world::leaks::secret(&door);
    door
}

#[track_caller]
fn refused(page: &Page, words: &str) {
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.text);
    assert!(page.text.contains(words), "{}", page.text);
}

/// Whether a link opens anything to its user.
async fn opens(scene: &Scene, who: &Someone, door: &str) -> bool {
    let mut browser = who.comes(&scene.test).await;
    let page = browser.post(&format!("/enrol/{door}/app"), &[]).await;
    assert!([StatusCode::OK, StatusCode::FORBIDDEN].contains(&page.status), "{}", page.text);
    page.status == StatusCode::OK
}

#[tokio::test]
async fn an_approver_makes_a_link_and_its_user_enrols_by_it_once() {
    let scene = Scene::new().await;
    let max = scene.staff("max").await;
    let mut zoe = scene.browser(&scene.zoe).await;
    assert!(zoe.get("/").await.text.contains("href=\"/staff\""));
    let list = zoe.get("/staff").await.expect(StatusCode::OK);
    assert_eq!(list.text.matches("/link\"").count(), 1, "not for oneself: {}", list.text);
    let page = make(&mut zoe, &max.user).await;
    html::check(&page.text, "en");
    assert!(page.text.contains("2 January 2026"), "a day: {}", page.text);
    assert_eq!(page.headers["cache-control"], "no-store");
    let door = door(&page);
    let list = zoe.get("/staff").await.expect(StatusCode::OK);
    assert!(list.text.contains("a link is open until") && !list.text.contains(&door));
    // Whatever looks at the link does not use it up.
    let scanned = Browser::new(&scene.test.app).get(&format!("/enrol/{door}")).await;
    scanned.expect(StatusCode::UNAUTHORIZED);
    let mut browser = max.comes(&scene.test).await;
    browser.get(&format!("/enrol/{door}")).await.expect(StatusCode::OK);
    enrol_app(&scene.test, &mut browser, &door).await;
    browser.get("/account/factors").await.expect(StatusCode::OK);
    assert_eq!(scene.open_links().await, 0);
    let again = browser.post(&format!("/enrol/{door}/app"), &[]).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    let list = zoe.get("/staff").await.expect(StatusCode::OK);
    assert!(list.text.contains("<dd>added</dd>") && !list.text.contains("/link\""));
    refused(&make(&mut zoe, &max.user).await, "A reset takes approvals, which do not exist yet");
    let denied = "denied {\"rule\":\"reset-takes-approvals\"}";
    assert_eq!(scene.record().await, ["done -", denied]);
}

/// M70: not by that user alone. What the provider says of a second factor is enough to come in, so whoever
/// holds the right may have none here.
#[tokio::test]
async fn m70_nobody_makes_a_link_for_themselves() {
    let scene = Scene::new().await;
    let mut zoe = scene.browser(&scene.zoe).await;
    refused(&make(&mut zoe, &scene.zoe.user).await, "Nobody makes such a link for themselves");
    assert_eq!(scene.open_links().await, 0);
    assert_eq!(scene.record().await, ["denied {\"rule\":\"enrolment-not-own\"}"]);
}

/// M70: not by the requester.
#[tokio::test]
async fn m70_whoever_made_a_link_cannot_use_it() {
    let scene = Scene::new().await;
    let max = scene.staff("max").await;
    let mut zoe = scene.browser(&scene.zoe).await;
    let door = door(&make(&mut zoe, &max.user).await);
    let page = zoe.post(&format!("/enrol/{door}/app"), &[]).await;
    refused(&page, "This link is not for you");
    assert!(opens(&scene, &max, &door).await);
}

/// M70, DECISIONS.md 6: a second user of one human is that human, as far as we can suspect.
#[tokio::test]
async fn m70_nobody_makes_one_for_who_may_be_the_same_person() {
    let scene = Scene::new().await;
    let own = json!([{ "op": "replace", "value": { "externalId": "E-7",
        "emails": [{ "value": "Zoe@example.com" }, { "value": "zz@example.com" }] } }]);
    let path = format!("/Users/{}", scene.zoe.user);
    scene.scim.patch(&path, &patch_op(&own)).await;
    let mut zoe = scene.browser(&scene.zoe).await;
    for body in [
        json!({ "userName": "mail", "emails": [{ "value": "zoe@EXAMPLE.com" }] }),
        json!({ "userName": "other-mail", "emails": [{ "value": "zz@example.com" }] }),
        json!({ "userName": "id", "externalId": "E-7" }),
        json!({ "userName": "folded-id", "externalId": "e-7" }),
    ] {
        let user = scene.provisioned(&body).await;
        refused(&make(&mut zoe, &user).await, "You two may be one person");
    }
    assert_eq!(scene.open_links().await, 0);
    let other = json!({ "userName": "max", "externalId": "E-8",
        "emails": [{ "value": "max@example.com" }] });
    let max = scene.provisioned(&other).await;
    make(&mut zoe, &max).await.expect(StatusCode::OK);
    // Another approver makes it for those.
    let eve = scene.staff("eve").await;
    scene.test.app.seed_for_demo(eve.account, "eve", ADMINISTER).await.expect("given");
    make(&mut scene.browser(&eve).await, &scene.zoe.user).await.expect(StatusCode::OK);
}

/// M70, DECISIONS.md 6: tombstones included.
#[tokio::test]
async fn m70_a_deleted_user_of_the_same_person_still_tells() {
    let scene = Scene::new().await;
    let body = json!({ "userName": "old", "emails": [{ "value": "old@example.com" }] });
    let old = scene.provisioned(&body).await;
    // Both users are the one person, as where the operator links them.
    scene.browser(&scene.zoe).await;
    let old = Someone { user: old, ..scene.zoe.clone() };
    old.comes(&scene.test).await;
    let one = "UPDATE user_persons SET person_id = (SELECT p.person_id FROM user_persons p \
               JOIN users u ON u.id = p.user_id WHERE u.user_name_key = 'zoe')";
    scene.test.database.run(one).await;
    scene.scim.delete(&format!("/Users/{}", old.user)).await;
    let new = json!({ "userName": "new", "emails": [{ "value": "OLD@example.com" }] });
    let new = scene.provisioned(&new).await;
    let mut zoe = scene.browser(&scene.zoe).await;
    refused(&make(&mut zoe, &new).await, "You two may be one person");
}

#[tokio::test]
async fn a_link_ends_after_a_day_and_with_the_next_one() {
    let scene = Scene::new().await;
    let max = scene.staff("max").await;
    let mut zoe = scene.browser(&scene.zoe).await;
    let first = door(&make(&mut zoe, &max.user).await);
    let second = door(&make(&mut zoe, &max.user).await);
    assert!(!opens(&scene, &max, &first).await);
    assert!(opens(&scene, &max, &second).await);
    assert_eq!(scene.open_links().await, 1);
    scene.test.clock.advance_seconds(24 * 3600 - 60);
    assert!(opens(&scene, &max, &second).await);
    scene.test.clock.advance_seconds(60);
    assert!(!opens(&scene, &max, &second).await);
    let list = scene.browser(&scene.zoe).await.get("/staff").await.expect(StatusCode::OK);
    assert!(!list.text.contains("a link is open until"), "{}", list.text);
    let hashes = "SELECT count(*) FROM one_time_links WHERE length(secret_hash) = 32";
    assert_eq!(scene.test.database.number(hashes).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_links_made_at_once_one_stays_open() {
    let scene = Scene::new().await;
    let max = scene.staff("max").await;
    let zoe = scene.browser(&scene.zoe).await;
    let one = async || {
        let mut zoe = zoe.clone();
        door(&make(&mut zoe, &max.user).await)
    };
    let (a, b, c, d) = tokio::join!(one(), one(), one(), one());
    assert_eq!(scene.open_links().await, 1);
    let mut open = vec![];
    for door in [a, b, c, d] {
        if opens(&scene, &max, &door).await {
            open.push(door);
        }
    }
    assert_eq!(open.len(), 1);
}

#[tokio::test]
async fn whoever_lacks_the_right_sees_no_list_and_makes_no_link() {
    let scene = Scene::new().await;
    let (max, eve) = (scene.staff("max").await, scene.staff("eve").await);
    let mut browser = scene.browser(&max).await;
    assert!(!browser.get("/").await.text.contains("/staff"));
    let words = "right to administer the operator";
    refused(&browser.get("/staff").await, words);
    refused(&make(&mut browser, &eve.user).await, words);
    // The same right in a customer's account is about that one's users.
    let ann = Someone::customer(&scene.test).await;
    scene.test.app.seed_for_demo(ann.account, "ann", ADMINISTER).await.expect("given");
    let now = sign_in(&scene.test, ann.account, &ann.user, password()).await.expect("a session");
    let mut browser = Browser::with_session(&scene.test.app, &now);
    assert!(!browser.get("/").await.text.contains("/staff"));
    for page in [
        browser.get("/staff").await,
        make(&mut browser, &ann.user).await,
        make(&mut browser, &max.user).await,
    ] {
        refused(&page, "for the operator");
    }
    let stranger = Browser::new(&scene.test.app).get("/staff").await;
    assert_eq!(stranger.leads_to(), "/login?return_to=%2Fstaff");
    assert_eq!(scene.open_links().await, 0);
}

#[tokio::test]
async fn a_factor_shown_long_ago_is_asked_for_again() {
    let scene = Scene::new().await;
    let max = scene.staff("max").await;
    let mut zoe = scene.browser(&scene.zoe).await;
    scene.test.clock.advance_seconds(601);
    for page in [zoe.get("/staff").await, make(&mut zoe, &max.user).await] {
        assert_eq!(page.leads_to(), "/step-up?return_to=%2Fstaff");
    }
    assert_eq!(scene.open_links().await, 0);
}

#[tokio::test]
async fn a_link_is_for_an_active_user_of_the_operator() {
    let scene = Scene::new().await;
    let mut zoe = scene.browser(&scene.zoe).await;
    let off = scene.provisioned(&json!({ "userName": "off", "active": false })).await;
    let ann = Someone::customer(&scene.test).await.user;
    let nobody = "018f0000-0000-7000-8000-00000000abcd";
    for user in [off.as_str(), &ann, nobody, "x"] {
        make(&mut zoe, user).await.expect(StatusCode::NOT_FOUND);
    }
    let list = zoe.get("/staff").await.expect(StatusCode::OK);
    assert!(list.text.contains("nobody else here"), "{}", list.text);
    assert_eq!(scene.open_links().await, 0);
}

#[tokio::test]
async fn the_list_has_pages_of_fifty_in_both_languages() {
    let scene = Scene::new().await;
    for n in 0..51 {
        scene.scim.user(&format!("member-{n:02}")).await;
    }
    for (language, tag) in [("en", "en"), ("fr", "fr")] {
        let mut zoe = scene.browser(&scene.zoe).await.speaking(language);
        let first = zoe.get("/staff").await.expect(StatusCode::OK);
        html::check(&first.text, tag);
        assert_eq!(first.text.matches("<h2 ").count(), 50);
        assert!(first.text.contains("member-00") && !first.text.contains("member-50"));
        let next = between(&first.text, "href=\"/staff?after=", "\"").to_owned();
        let second = zoe.get(&format!("/staff?after={next}")).await.expect(StatusCode::OK);
        html::check(&second.text, tag);
        assert_eq!(second.text.matches("<h2 ").count(), 2);
        assert!(second.text.contains("member-50") && second.text.contains("zoe"));
        assert!(!second.text.contains("/staff?after="));
        let odd = zoe.get("/staff?after=x").await.expect(StatusCode::OK);
        assert_eq!(odd.text.matches("<h2 ").count(), 50);
        let max = between(&first.text, "action=\"/staff/", "/link\"");
        html::check(&make(&mut zoe, max).await.text, tag);
    }
}
