//! `bootstrap` (DECISIONS.md 1): two people, once, each confirmed by the other.

use axum::http::StatusCode;
use countersign::app::Error;
use countersign::app::bootstrap::demo::DemoSeed;
use countersign::domain::account::Slug;
use countersign::domain::actor::Actor;
use serde_json::json;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

use super::{Someone, between, code, enrol_app, enrol_passkey, operator, record, show, two_named};
use crate::login::html;
use crate::world::TestApp;
use crate::world::browser::Browser;

#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>, wanted: &str) {
    match outcome {
        Err(Error::Denied { rule, .. }) => assert_eq!(rule, wanted),
        Err(Error::NotFound(text)) => assert!(text.contains(wanted), "{text}"),
        other => panic!("expected {wanted}, got {other:?}"),
    }
}

/// Whom the page has them confirm.
async fn other(browser: &mut Browser) -> String {
    let page = browser.get("/bootstrap").await.expect(StatusCode::OK);
    html::check(&page.text, "en");
    between(&page.text, "name=\"other\" value=\"", "\"").to_owned()
}

async fn grants(test: &TestApp) -> Vec<String> {
    let sql = "SELECT right_key || ' ' || why FROM seed_grants \
               WHERE valid_to = 9223372036854775807 ORDER BY user_id, right_key";
    test.database.texts(sql).await
}

/// DECISIONS.md 1: two people, and when they are through, never again.
#[tokio::test]
async fn two_confirm_each_other_and_are_approvers_for_ever() {
    let test = TestApp::new().await;
    let [(zoe, zoes), (max, maxs)] = two_named(&test).await;
    let (mut a, mut b) = (zoe.comes(&test).await, max.comes(&test).await);
    let (seed, _) = enrol_app(&test, &mut a, &zoes).await;
    // Max has not come yet: there is nobody to confirm.
    let page = a.get("/bootstrap").await.expect(StatusCode::OK);
    assert!(page.text.contains("Has not signed in"), "{}", page.text);
    let early = a.post("/bootstrap", &[("other", max.user.as_str())]).await;
    early.expect(StatusCode::FORBIDDEN);
    enrol_passkey(&mut b, &mut SoftPasskey::new(true), &maxs).await.expect(StatusCode::OK);
    let seen = other(&mut a).await;
    assert_eq!(seen, max.user);
    // Not oneself, not a stranger, not with a factor shown long ago.
    for wrong in [zoe.user.as_str(), "018f0000-0000-7000-8000-00000000abcd", ""] {
        a.post("/bootstrap", &[("other", wrong)]).await.expect(StatusCode::NOT_FOUND);
    }
    test.clock.advance_seconds(601);
    let stale = a.post("/bootstrap", &[("other", &seen)]).await;
    assert_eq!(stale.leads_to(), "/step-up?return_to=%2Fbootstrap");
    show(&mut a, "/step-up/code", &code(&test, &seed)).await.leads_to();
    assert_eq!(a.post("/bootstrap", &[("other", &seen)]).await.leads_to(), "/bootstrap");
    assert!(grants(&test).await.is_empty(), "one confirmation is none");
    // Twice by one of them is still one.
    a.post("/bootstrap", &[("other", &seen)]).await.expect(StatusCode::CONFLICT);
    assert!(grants(&test).await.is_empty());
    let mut b = max.comes(&test).await;
    assert!(b.get("/bootstrap").await.leads_to().starts_with("/step-up"));
    let [named, other_named] = test.app.bootstrap(["zoe", "max"]).await.expect("nothing new");
    assert!(named.link.is_none() && other_named.link.is_none(), "both have a factor");
    complete(&test, &max, &zoe).await;
    let mut page = a.get("/bootstrap").await.expect(StatusCode::OK);
    page.text.retain(|c| c != '\n');
    assert!(page.text.contains("You both are approvers now"), "{}", page.text);
    let each = ["function:csd bootstrap", "users.administer bootstrap"];
    assert_eq!(grants(&test).await, [each, each].concat());
    refused(test.app.bootstrap(["zoe", "max"]).await, "bootstrap-once");
    refused(test.app.bootstrap(["max", "zoe"]).await, "bootstrap-once");
    let lines = record(&test).await;
    let names = lines.iter().filter_map(|line| line.split(' ').next());
    let names: Vec<&str> = names.filter(|name| name.starts_with("bootstrap")).collect();
    let wanted = [
        "bootstrap.started",
        "bootstrap.confirmed",
        "bootstrap.links_renewed",
        "bootstrap.completed",
    ];
    assert_eq!(names, wanted);
}

/// The second confirmation, by a session whose factor is fresh.
async fn complete(test: &TestApp, by: &Someone, of: &Someone) {
    use crate::world::browser::{sign_in, sso};
    let now = sign_in(test, by.account, &by.user, sso(true)).await.expect("a session");
    let mut browser = Browser::with_session(&test.app, &now);
    let page = browser.post("/bootstrap", &[("other", of.user.as_str())]).await;
    assert_eq!(page.leads_to(), "/bootstrap");
}

#[tokio::test]
async fn it_needs_an_operator_and_two_active_users_of_it() {
    let test = TestApp::new().await;
    refused(test.app.bootstrap(["zoe", "max"]).await, "no operator account");
    let acme = test.scim("acme").await;
    acme.user("eve").await;
    let scim = operator(&test).await;
    refused(test.app.bootstrap(["zoe", "max"]).await, "no active user `zoe`");
    scim.user("zoe").await;
    refused(test.app.bootstrap(["zoe", "eve"]).await, "no active user `eve`");
    let gone = json!({ "userName": "gone", "active": false });
    scim.post("/Users", &gone).await.expect(StatusCode::CREATED);
    refused(test.app.bootstrap(["zoe", "gone"]).await, "no active user `gone`");
    scim.user("Max").await;
    // userNames are found as SCIM compares them.
    test.app.bootstrap(["ZOE", "max"]).await.expect("named");
    scim.user("tom").await;
    refused(test.app.bootstrap(["zoe", "tom"]).await, "bootstrap-named");
}

/// DECISIONS.md 1: one person is not two, by whatever names.
#[tokio::test]
async fn one_human_is_not_two() {
    let test = TestApp::new().await;
    let scim = operator(&test).await;
    for body in [
        json!({ "userName": "a", "externalId": "1", "emails": [{ "value": "A@example.com" }] }),
        json!({ "userName": "b", "externalId": "2", "emails": [{ "value": "a@EXAMPLE.com" }] }),
        json!({ "userName": "c", "externalId": "1" }),
        json!({ "userName": "d" }),
    ] {
        scim.post("/Users", &body).await.expect(StatusCode::CREATED);
    }
    for pair in [["a", "a"], ["A", "a"], ["a", "b"], ["a", "c"], ["b", "a"]] {
        refused(test.app.bootstrap(pair).await, "bootstrap-two-people");
    }
    assert_eq!(test.database.number("SELECT count(*) FROM bootstraps").await, 0);
    test.app.bootstrap(["b", "d"]).await.expect("two people");
}

/// Two users who turn out to be one person after they were named.
#[tokio::test]
async fn one_person_cannot_confirm_themselves_as_another() {
    let test = TestApp::new().await;
    let [(zoe, zoes), (max, maxs)] = two_named(&test).await;
    let (mut a, mut b) = (zoe.comes(&test).await, max.comes(&test).await);
    enrol_app(&test, &mut a, &zoes).await;
    enrol_app(&test, &mut b, &maxs).await;
    let one = "UPDATE user_persons SET person_id = (SELECT min(person_id) FROM user_persons)";
    let one = if test.database.is_sqlite() {
        one.to_owned()
    } else {
        one.replace("min(person_id)", "(min(CAST(person_id AS text)))::uuid")
    };
    test.database.run(&one).await;
    let page = a.post("/bootstrap", &[("other", max.user.as_str())]).await;
    let page = page.expect(StatusCode::FORBIDDEN);
    assert!(page.text.contains("may be one person"), "{}", page.text);
    assert!(grants(&test).await.is_empty());
}

#[tokio::test]
async fn nobody_else_sees_the_page_or_confirms() {
    let test = TestApp::new().await;
    let [(zoe, zoes), _] = two_named(&test).await;
    enrol_app(&test, &mut zoe.comes(&test).await, &zoes).await;
    let ann = Someone::customer(&test).await;
    let mut browser = ann.comes(&test).await;
    browser.get("/bootstrap").await.expect(StatusCode::NOT_FOUND);
    let page = browser.post("/bootstrap", &[("other", zoe.user.as_str())]).await;
    page.expect(StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn confirmations_at_once_complete_it_once() {
    let test = TestApp::new().await;
    let [(zoe, zoes), (max, maxs)] = two_named(&test).await;
    let (mut a, mut b) = (zoe.comes(&test).await, max.comes(&test).await);
    enrol_app(&test, &mut a, &zoes).await;
    enrol_app(&test, &mut b, &maxs).await;
    let form = [("other", max.user.as_str())];
    let back = [("other", zoe.user.as_str())];
    let (one, two) = tokio::join!(a.post("/bootstrap", &form), b.post("/bootstrap", &back));
    assert_eq!((one.leads_to(), two.leads_to()), ("/bootstrap", "/bootstrap"));
    assert_eq!(grants(&test).await.len(), 4);
    let done = "SELECT count(*) FROM activities WHERE action = 'bootstrap.completed'";
    assert_eq!(test.database.number(done).await, 1);
}

/// Where there are approvers by a seed, such as the demo's, there is nothing to bootstrap.
#[tokio::test]
async fn it_is_refused_where_approvers_are() {
    let test = TestApp::new().await;
    let scim = operator(&test).await;
    for name in ["zoe", "max"] {
        scim.user(name).await;
    }
    let seed = "INSERT INTO seed_grants (account_id, user_id, right_key, valid_to, valid_from, why) \
                SELECT account_id, id, 'function:csd', 5, 1, 'seed' FROM users \
                WHERE user_name_key = 'zoe'";
    test.database.run(seed).await;
    refused(test.app.bootstrap(["zoe", "max"]).await, "bootstrap-once");
}

/// The keys of approvers in a customer's account make nobody one.
#[tokio::test]
async fn a_grant_in_a_customers_account_does_not_refuse_it() {
    let test = TestApp::new().await;
    let scim = operator(&test).await;
    for name in ["zoe", "max"] {
        scim.user(name).await;
    }
    let ann = Someone::customer(&test).await;
    let rights = DemoSeed::Rights(&["users.administer", "function:csd"]);
    test.app.seed_for_demo(ann.account, "ann", rights).await.expect("given");
    test.app.bootstrap(["zoe", "max"]).await.expect("named");
    let rights = DemoSeed::Rights(&["users.administer"]);
    let operator = crate::login::gate::account(&test, "operator").await;
    test.app.seed_for_demo(operator, "zoe", rights).await.expect("given");
    refused(test.app.bootstrap(["zoe", "max"]).await, "bootstrap-once");
}

/// What the demo gives its people is a grant like those of bootstrap, and says whose it is.
#[tokio::test]
async fn a_right_of_the_demos_people_says_that_it_is_a_seed() {
    let test = TestApp::new().await;
    let scim = operator(&test).await;
    scim.user("zoe").await;
    let slug = Slug::parse("operator").expect("a slug");
    let account = test.app.account(&Actor::Platform, &slug).await.expect("the account").id;
    let rights = DemoSeed::Rights(&["users.administer"]);
    let link = test.app.seed_for_demo(account, "Zoe", rights).await.expect("given");
    assert!(link.is_none());
    assert_eq!(grants(&test).await, ["users.administer demo"]);
    let nobody = test.app.seed_for_demo(account, "nobody", DemoSeed::Link).await;
    assert!(matches!(nobody, Err(Error::NotFound(_))), "{nobody:?}");
}
