//! Adding and removing second factors: who may, when, and by which door.

use axum::http::StatusCode;
use countersign::app::{App, Error, Settings};
use countersign::authn::envelope::Keyring;
use countersign::domain::sessions::Visitor;
use std::sync::Arc;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

use super::{
    Someone, code, codes, enrol_app, enrol_passkey, enrolled_staff, operator, record, show,
    two_named,
};
use crate::login::gate::account;
use crate::login::html;
use crate::world::browser::{Browser, SESSION, password, sign_in, sso};
use crate::world::seeds::SeededIds;
use crate::world::{TestApp, limits};

const TOO_LATE: i64 = 601;

/// The ids of the factors on the person's page.
async fn own(browser: &mut Browser) -> Vec<String> {
    let page = browser.get("/account/factors").await.expect(StatusCode::OK);
    let parts = page.text.split("/account/factors/").skip(1);
    let ids = parts.filter_map(|part| part.split_once("/remove").map(|(id, _)| id.to_owned()));
    ids.filter(|id| id.len() == 36).collect()
}

async fn remove(browser: &mut Browser, id: &str) -> crate::world::browser::Page {
    browser.post(&format!("/account/factors/{id}/remove"), &[]).await
}

#[tokio::test]
async fn a_factor_is_added_right_after_the_sign_in_or_not_at_all() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    let mut browser = ann.comes(&test).await;
    browser.get("/enrol/me").await.expect(StatusCode::OK);
    test.clock.advance_seconds(TOO_LATE);
    for page in [browser.get("/enrol/me").await, browser.post("/enrol/me/app", &[]).await] {
        let page = page.expect(StatusCode::FORBIDDEN);
        assert!(page.text.contains("Sign out and in again"), "{}", page.text);
    }
    let mut again = ann.comes(&test).await;
    let before = again.cookies[SESSION].clone();
    enrol_app(&test, &mut again, "me").await;
    assert_ne!(again.cookies[SESSION], before, "a new session");
    // The other browser's session ended with the change.
    assert!(browser.get("/").await.leads_to().starts_with("/login"));
    again.get("/account/factors").await.expect(StatusCode::OK);
}

/// Casdoor CVE-2026-9091: adding a factor was a way past the one there was.
#[tokio::test]
async fn another_factor_wants_the_one_there_is() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    let mut browser = ann.comes(&test).await;
    let (seed, _) = enrol_app(&test, &mut browser, "me").await;
    test.clock.advance_seconds(TOO_LATE);
    for page in [
        browser.get("/enrol/me").await,
        browser.post("/enrol/me/app", &[]).await,
        browser.post("/enrol/me/passkey/options", &[]).await,
        browser.post("/account/factors/codes", &[]).await,
    ] {
        assert_eq!(page.leads_to(), "/step-up?return_to=%2Faccount%2Ffactors");
    }
    // Whoever has the first proof alone cannot add one either.
    let mut pending = ann.comes(&test).await;
    let page = pending.post("/enrol/me/app", &[]).await;
    assert!(page.leads_to().starts_with("/step-up"), "{}", page.text);
    show(&mut browser, "/step-up/code", &code(&test, &seed)).await.leads_to();
    let mut key = SoftPasskey::new(true);
    let page = enrol_passkey(&mut browser, &mut key, "me").await;
    assert_eq!(page.leads_to(), "/account/factors?done=added");
    assert_eq!(own(&mut browser).await.len(), 2);
    // A seed begun before, and left, is not a factor.
    let page = browser.post("/enrol/me/app", &[]).await.expect(StatusCode::OK);
    let left = super::seed(&page);
    let shown = show(&mut browser, "/step-up/code", &code(&test, &left)).await;
    shown.expect(StatusCode::BAD_REQUEST);
    assert_eq!(own(&mut browser).await.len(), 2);
    test.clock.advance_seconds(599);
    let late = [("code", code(&test, &left))];
    test.clock.advance_seconds(2);
    let form: Vec<(&str, &str)> = late.iter().map(|(name, code)| (*name, code.as_str())).collect();
    let page = browser.post("/enrol/me/app/confirm", &form).await;
    assert!(page.leads_to().starts_with("/step-up"), "not fresh any more");
}

#[tokio::test]
async fn a_wrong_first_code_shows_the_same_seed_again() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    let mut browser = ann.comes(&test).await;
    let page = browser.post("/enrol/me/app", &[]).await.expect(StatusCode::OK);
    let seed = super::seed(&page);
    html::check(&page.text, "en");
    let form = [("code", "x"), ("name", "<b>phone")];
    let again = browser.post("/enrol/me/app/confirm", &form).await;
    let again = again.expect(StatusCode::BAD_REQUEST);
    assert_eq!(super::seed(&again), seed);
    html::check(&again.text, "en");
    assert!(again.text.contains("value=\"&#60;b&#62;phone\""), "{}", again.text);
    let code = code(&test, &seed);
    let done = browser.post("/enrol/me/app/confirm", &[("code", &code), ("name", "<b>")]).await;
    let done = done.expect(StatusCode::OK);
    html::check(&done.text, "en");
    let page = browser.get("/account/factors").await;
    html::check(&page.text, "en");
    assert!(page.text.contains("(&#60;b&#62;)"), "{}", page.text);
    // It is enrolled once.
    let twice = browser.post("/enrol/me/app/confirm", &[("code", &code)]).await;
    twice.expect(StatusCode::BAD_REQUEST);
}

/// M70: the first factor of staff is not their own affair.
#[tokio::test]
async fn staff_without_a_factor_need_a_link() {
    let test = TestApp::new().await;
    let scim = operator(&test).await;
    let zoe = Someone::staff(&test, &scim, "zoe").await;
    for shown in [sso(false), sso(true)] {
        let now = sign_in(&test, zoe.account, &zoe.user, shown).await.expect("a session");
        let mut browser = Browser::with_session(&test.app, &now);
        for page in [
            browser.get("/enrol/me").await,
            browser.post("/enrol/me/app", &[]).await,
            browser.post("/enrol/me/app/confirm", &[("code", "000000")]).await,
            browser.post("/enrol/me/passkey/options", &[]).await,
            browser.post("/enrol/me/passkey", &[("code", "{}")]).await,
        ] {
            let page = page.expect(StatusCode::FORBIDDEN);
            assert!(page.text.contains("one-time link"), "{}", page.text);
        }
        let refused = test.app.enrol_by_session(&now.session).await;
        assert!(matches!(refused, Err(Error::Denied { rule: "staff-enrol-by-link", .. })));
    }
    assert_eq!(record(&test).await, ["factor.enrolled denied {\"rule\":\"staff-enrol-by-link\"}"]);
}

#[tokio::test]
async fn a_link_works_once_for_its_user_and_opening_it_changes_nothing() {
    let test = TestApp::new().await;
    let [(zoe, door), (max, _)] = two_named(&test).await;
    // A stranger, or a scanner, learns nothing and uses nothing up.
    let mut stranger = Browser::new(&test.app);
    let page = stranger.get(&format!("/enrol/{door}")).await.expect(StatusCode::UNAUTHORIZED);
    assert!(page.text.contains("open the link again"), "{}", page.text);
    let unknown = "csl_".to_owned() + &"0".repeat(71);
    let other = stranger.get(&format!("/enrol/{unknown}")).await.expect(StatusCode::UNAUTHORIZED);
    assert_eq!(other.text, page.text);
    assert_eq!(stranger.post(&format!("/enrol/{door}/app"), &[]).await.leads_to(), "/login");
    // Nor does another of the staff.
    let mut wrong = max.comes(&test).await;
    for path in [format!("/enrol/{door}"), format!("/enrol/{unknown}")] {
        let page = wrong.get(&path).await.expect(StatusCode::FORBIDDEN);
        assert!(page.text.contains("This link is not for you"), "{}", page.text);
    }
    wrong.post(&format!("/enrol/{door}/app"), &[]).await.expect(StatusCode::FORBIDDEN);
    let mut browser = zoe.comes(&test).await;
    for _ in 0..3 {
        let page = browser.get(&format!("/enrol/{door}")).await.expect(StatusCode::OK);
        html::check(&page.text, "en");
    }
    let mut key = SoftPasskey::new(true);
    let page = enrol_passkey(&mut browser, &mut key, &door).await.expect(StatusCode::OK);
    assert_eq!(codes(&page).len(), 10);
    assert!(page.text.contains("href=\"/bootstrap\""), "{}", page.text);
    browser.get("/").await.expect(StatusCode::OK);
    let mut again = zoe.comes(&test).await;
    let page = again.get(&format!("/enrol/{door}")).await.expect(StatusCode::FORBIDDEN);
    assert!(page.text.contains("This link is not for you"), "{}", page.text);
    let page = again.post(&format!("/enrol/{door}/app"), &[]).await;
    page.expect(StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_use_a_link_at_once_one_is_enrolled() {
    let test = TestApp::new().await;
    let [(zoe, door), _] = two_named(&test).await;
    let mut tries = Vec::new();
    for _ in 0..4 {
        let mut browser = zoe.comes(&test).await;
        let mut key = SoftPasskey::new(true);
        let path = format!("/enrol/{door}/passkey");
        // All have begun before one is through, which ends the others' sessions.
        let page = browser.post(&format!("{path}/options"), &[]).await.expect(StatusCode::OK);
        let options = serde_json::from_str(&page.text).expect("options");
        let one = async move {
            let answer = webauthn_authenticator_rs::WebauthnAuthenticator::do_registration(
                &mut key,
                super::origin(),
                options,
            );
            let answer = serde_json::to_string(&answer.expect("an answer")).expect("JSON");
            browser.post(&path, &[("code", answer.as_str())]).await.status
        };
        tries.push(one);
    }
    let done = futures_util::future::join_all(tries).await;
    let right = done.iter().filter(|status| **status == StatusCode::OK).count();
    assert_eq!(right, 1, "{done:?}");
    assert_eq!(test.database.number("SELECT count(*) FROM passkeys").await, 1);
    assert_eq!(test.database.number("SELECT count(*) FROM recovery_codes").await, 10);
}

#[tokio::test]
async fn a_link_ends_after_a_day_and_when_a_new_one_is_made() {
    let test = TestApp::new().await;
    let [(zoe, first), _] = two_named(&test).await;
    let [named, _] = test.app.bootstrap(["zoe", "max"]).await.expect("new links");
    let second = countersign::domain::opaque::reveal(&named.link.expect("a link")).to_owned();
    let mut browser = zoe.comes(&test).await;
    browser.get(&format!("/enrol/{first}")).await.expect(StatusCode::FORBIDDEN);
    browser.get(&format!("/enrol/{second}")).await.expect(StatusCode::OK);
    test.clock.advance_seconds(24 * 3600);
    let mut browser = zoe.comes(&test).await;
    browser.get(&format!("/enrol/{second}")).await.expect(StatusCode::FORBIDDEN);
    browser.post(&format!("/enrol/{second}/app"), &[]).await.expect(StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn staff_keep_their_last_factor() {
    let test = TestApp::new().await;
    let (_, mut browser, _) = enrolled_staff(&test).await;
    let only = own(&mut browser).await;
    let page = remove(&mut browser, &only[0]).await.expect(StatusCode::FORBIDDEN);
    assert!(page.text.contains("Add another before"), "{}", page.text);
    let mut key = SoftPasskey::new(true);
    enrol_passkey(&mut browser, &mut key, "me").await.leads_to();
    let both = own(&mut browser).await;
    assert_eq!(both.len(), 2);
    assert_eq!(remove(&mut browser, &both[0]).await.leads_to(), "/account/factors?done=removed");
    remove(&mut browser, &both[1]).await.expect(StatusCode::FORBIDDEN);
    assert_eq!(own(&mut browser).await, both[1..]);
    remove(&mut browser, &both[0]).await.expect(StatusCode::NOT_FOUND);
    remove(&mut browser, "nonsense").await.expect(StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_removed_at_once_staff_keep_one() {
    let test = TestApp::new().await;
    let (_, mut browser, _) = enrolled_staff(&test).await;
    enrol_passkey(&mut browser, &mut SoftPasskey::new(true), "me").await.leads_to();
    let both = own(&mut browser).await;
    let (mut one, mut two) = (browser.clone(), browser.clone());
    tokio::join!(remove(&mut one, &both[0]), remove(&mut two, &both[1]));
    assert_eq!(own(&mut browser).await.len(), 1);
}

#[tokio::test]
async fn customers_remove_their_last_factor_unless_their_account_demands_one() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    let mut browser = ann.comes(&test).await;
    let (seed, _) = enrol_app(&test, &mut browser, "me").await;
    test.demand_factor("acme", true).await;
    let only = own(&mut browser).await;
    remove(&mut browser, &only[0]).await.expect(StatusCode::FORBIDDEN);
    test.demand_factor("acme", false).await;
    test.clock.advance_seconds(TOO_LATE);
    let page = remove(&mut browser, &only[0]).await;
    assert_eq!(page.leads_to(), "/step-up?return_to=%2Faccount%2Ffactors");
    show(&mut browser, "/step-up/code", &code(&test, &seed)).await.leads_to();
    let mut other = ann.comes(&test).await;
    remove(&mut browser, &only[0]).await.leads_to();
    assert!(other.get("/step-up").await.leads_to().starts_with("/login"), "it has ended");
    assert_eq!(test.database.number("SELECT count(*) FROM recovery_codes").await, 0);
    ann.comes(&test).await.get("/account/factors").await.expect(StatusCode::OK);
    let record = record(&test).await;
    let last = record.last().expect("one");
    assert_eq!(last, "factor.removed done {\"kind\":\"totp\"}");
}

/// Nobody can remove, or show, what is another's.
#[tokio::test]
async fn factors_are_their_persons_own() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let account = account(&test, "acme").await;
    let mut people = Vec::new();
    for name in ["ann", "bob"] {
        let someone = Someone { account, user: scim.user(name).await, is_staff: false };
        let mut browser = someone.comes(&test).await;
        let (seed, codes) = enrol_app(&test, &mut browser, "me").await;
        people.push((someone, browser, seed, codes));
    }
    let theirs = own(&mut people[0].1).await;
    remove(&mut people[1].1, &theirs[0]).await.expect(StatusCode::NOT_FOUND);
    let mut bob = people[1].0.comes(&test).await;
    let foreign = code(&test, &people[0].2);
    show(&mut bob, "/step-up/code", &foreign).await.expect(StatusCode::BAD_REQUEST);
    let foreign = people[0].3[0].clone();
    show(&mut bob, "/step-up/recovery", &foreign).await.expect(StatusCode::BAD_REQUEST);
}

/// M70: the provider's word opens the door, but changes no factor: whoever takes over an account there could
/// put a factor of their own here.
#[tokio::test]
async fn the_providers_second_factor_changes_none_of_ours() {
    let test = TestApp::new().await;
    let (zoe, mut own_browser, seed) = enrolled_staff(&test).await;
    let before = own(&mut own_browser).await;
    let now = sign_in(&test, zoe.account, &zoe.user, sso(true)).await.expect("a session");
    let mut browser = Browser::with_session(&test.app, &now);
    browser.get("/account/sessions").await.expect(StatusCode::OK);
    for path in [
        "/enrol/me/app".to_owned(),
        "/enrol/me/passkey/options".to_owned(),
        "/account/factors/codes".to_owned(),
        format!("/account/factors/{}/remove", before[0]),
    ] {
        let page = browser.post(&path, &[]).await;
        let went = page.headers.get("location").map(|to| to.to_str().expect("text").to_owned());
        let is_refused = page.status == StatusCode::FORBIDDEN
            || went.is_some_and(|to| to.starts_with("/step-up"));
        assert!(is_refused, "{path}: {} {}", page.status, page.text);
    }
    assert_eq!(own(&mut browser).await, before);
    show(&mut browser, "/step-up/code", &code(&test, &seed)).await.leads_to();
    browser.post("/enrol/me/app", &[]).await.expect(StatusCode::OK);
}

/// Another session of the person may be a thief's: it is not shown the seed that waits.
#[tokio::test]
async fn a_seed_is_shown_to_the_session_that_asked_for_it_alone() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    let (mut victim, mut thief) = (ann.comes(&test).await, ann.comes(&test).await);
    let page = victim.post("/enrol/me/app", &[]).await.expect(StatusCode::OK);
    let shown = super::between(&page.text, "<code>", "</code>").to_owned();
    let form = [("code", "000000"), ("name", "x")];
    let page = thief.post("/enrol/me/app/confirm", &form).await;
    assert!(!page.text.contains(&shown), "{}", page.text);
    let form = [
        ("code", &*code(&test, &super::seed(&victim.post("/enrol/me/app", &[]).await))),
        ("name", "x"),
    ];
    victim.post("/enrol/me/app/confirm", &form).await;
    assert_eq!(own(&mut victim).await.len(), 1);
}

/// Factors are the person's: one account that demands one is enough.
#[tokio::test]
async fn the_last_factor_stays_if_any_account_of_the_person_demands_one() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    let mut browser = ann.comes(&test).await;
    enrol_app(&test, &mut browser, "me").await;
    let elsewhere = test.scim("strict").await.user("ann").await;
    let (strict, person) = (account(&test, "strict").await, "SELECT person_id FROM user_persons");
    let join = format!(
        "INSERT INTO user_persons (account_id, user_id, person_id) \
         SELECT u.account_id, u.id, ({person}) FROM users u \
         JOIN accounts a ON a.id = u.account_id WHERE a.slug = 'strict'"
    );
    test.database.run(&join).await;
    test.demand_factor("strict", true).await;
    let only = own(&mut browser).await;
    remove(&mut browser, &only[0]).await.expect(StatusCode::FORBIDDEN);
    assert!(!elsewhere.is_empty() && strict != ann.account);
    test.demand_factor("strict", false).await;
    remove(&mut browser, &only[0]).await.leads_to();
}

/// A customer's user in an account that demands a factor adds the first while the session is pending.
#[tokio::test]
async fn an_account_that_demands_a_factor_lets_its_users_add_one() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    test.demand_factor("acme", true).await;
    let mut browser = ann.comes(&test).await;
    assert!(browser.get("/").await.leads_to().starts_with("/step-up"));
    let page = browser.get("/step-up").await.expect(StatusCode::OK);
    assert!(page.text.contains("href=\"/enrol/me\""), "{}", page.text);
    enrol_app(&test, &mut browser, "me").await;
    browser.get("/").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn ten_factors_are_enough() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    let mut browser = ann.comes(&test).await;
    for _ in 0..10 {
        let page = enrol_passkey(&mut browser, &mut SoftPasskey::new(true), "me").await;
        assert!(page.status == StatusCode::OK || page.status == StatusCode::SEE_OTHER);
    }
    let page = browser.get("/enrol/me").await.expect(StatusCode::FORBIDDEN);
    assert!(page.text.contains("Ten second factors"), "{}", page.text);
}

#[tokio::test]
async fn an_address_as_public_url_and_a_missing_key_are_said_clearly() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    let settings = Settings {
        public_url: "https://192.0.2.1".to_owned(),
        limits: limits(),
        keyring: Keyring::default(),
        ..test.app.settings().clone()
    };
    let ids = Arc::new(SeededIds::default());
    let app = App::new(test.store.clone(), test.clock.clone(), ids, settings);
    let now = sign_in(&test, ann.account, &ann.user, password()).await.expect("a session");
    let by = app.enrol_by_session(&now.session).await.expect("may enrol");
    let passkey = app.begin_passkey(&by).await.expect_err("no domain");
    assert!(passkey.to_string().contains("server.public_url"), "{passkey}");
    let seed = app.begin_totp(&by).await.expect_err("no key");
    assert!(seed.to_string().contains("secrets.keys"), "{seed}");
    let mut browser = Browser::with_session(&app, &now);
    let page = browser.get("/enrol/me").await.expect(StatusCode::OK);
    assert!(page.text.contains("has no domain name") && !page.text.contains("data-passkey"));
    let done = app.finish_totp(&by, "000000", "", Visitor::default()).await;
    assert!(done.is_ok(), "{done:?}");
}
