//! What a session's cookie opens, how long, and what ends it.

use std::sync::Arc;

use axum::http::StatusCode;
use countersign::app::App;
use countersign::domain::opaque::{self, Sort, reveal};
use countersign::domain::sessions::Visitor;
use countersign::store::Store;
use serde_json::json;

use crate::login::gate::account;
use crate::scim::patch_op;
use crate::world::TestApp;
use crate::world::browser::{Browser, SESSION, password, proven, sign_in, sso};
use crate::world::client::Client;
use crate::world::seeds::SeededIds;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// An account `acme` whose `ann` is signed in.
struct SignedIn {
    test: TestApp,
    scim: Client,
    user: String,
    browser: Browser,
}

impl SignedIn {
    async fn new() -> Self {
        let test = TestApp::new().await;
        let scim = test.scim("acme").await;
        let user = scim.user("ann").await;
        let browser = browser(&test, &user).await;
        Self { test, scim, user, browser }
    }

    async fn set_active(&self, is_active: bool) {
        let operations = json!([{ "op": "replace", "path": "active", "value": is_active }]);
        let path = format!("/Users/{}", self.user);
        self.scim.patch(&path, &patch_op(&operations)).await.expect(StatusCode::OK);
    }
}

/// Another browser in which a user of `acme` signs in.
async fn browser(test: &TestApp, user: &str) -> Browser {
    let account = account(test, "acme").await;
    let now = sign_in(test, account, user, password()).await.expect("a session");
    Browser::with_session(&test.app, &now)
}

#[track_caller]
fn id_of(browser: &Browser) -> String {
    let presented = opaque::read(Sort::Session, &browser.cookies[SESSION]).expect("a cookie");
    presented.id.to_string()
}

async fn is_in(browser: &mut Browser) -> bool {
    let page = browser.get("/account/sessions").await;
    match page.status {
        StatusCode::OK => true,
        StatusCode::SEE_OTHER => {
            assert_eq!(page.leads_to(), "/login?return_to=%2Faccount%2Fsessions");
            false
        }
        other => panic!("{other}: {}", page.text),
    }
}

/// ZITADEL CVE-2026-27840: a token opened with its end cut off.
#[tokio::test]
async fn a_live_cookie_opens_and_any_other_leads_to_sign_in() {
    let SignedIn { test, browser, .. } = SignedIn::new().await;
    assert!(is_in(&mut browser.clone()).await);
    let cookie = browser.cookies[SESSION].clone();
    let id = opaque::read(Sort::Session, &cookie).expect("a cookie").id;
    let guessed = opaque::compose(Sort::Session, id, [7; 32]).0;
    let as_link = opaque::compose(Sort::Link, id, [7; 32]).0;
    let mut flipped = cookie.clone().into_bytes();
    flipped[40] = if flipped[40] == b'a' { b'b' } else { b'a' };
    let wrong = [
        String::new(),
        "x".to_owned(),
        cookie.to_lowercase(),
        cookie.chars().take(cookie.len() - 1).collect(),
        format!("{cookie}0"),
        cookie.replacen("css_", "csn_", 1),
        String::from_utf8(flipped).expect("text"),
        reveal(&guessed).to_owned(),
        reveal(&as_link).to_owned(),
        test.token("acme", crate::world::TokenFor::default()).await,
    ];
    for value in wrong {
        let mut other = browser.clone();
        other.cookies.insert(SESSION.to_owned(), value.clone());
        assert!(!is_in(&mut other).await, "`{value}` opens");
    }
    let mut twice = browser.clone();
    twice.cookies.insert("a".to_owned(), format!("b; {SESSION}={cookie}"));
    assert!(!is_in(&mut twice).await, "a cookie that comes twice is not taken");
}

/// SECURITY.md §8: 30 minutes without a request, to the minute.
#[tokio::test]
async fn a_session_ends_when_it_is_not_used() {
    let SignedIn { test, mut browser, .. } = SignedIn::new().await;
    for _ in 0..3 {
        test.clock.advance_seconds(29 * MINUTE);
        assert!(is_in(&mut browser).await);
    }
    test.clock.advance_seconds(31 * MINUTE);
    assert!(!is_in(&mut browser).await);
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_however_much_it_is_used() {
    let SignedIn { test, mut browser, .. } = SignedIn::new().await;
    for _ in 0..(12 * 3 - 1) {
        test.clock.advance_seconds(20 * MINUTE);
        assert!(is_in(&mut browser).await);
    }
    test.clock.advance_seconds(20 * MINUTE);
    assert!(!is_in(&mut browser).await);
}

#[tokio::test]
async fn staff_have_half_the_time_and_reach_nothing_before_the_second_factor() {
    let test = TestApp::new().await;
    let user = test.scim("operator").await.user("sam").await;
    test.database.run("UPDATE accounts SET kind = 'operator' WHERE slug = 'operator'").await;
    let account = account(&test, "operator").await;
    let pending = sign_in(&test, account, &user, sso(false)).await.expect("a session");
    let mut pending = Browser::with_session(&test.app, &pending);
    for (path, leads) in
        [("/", "/step-up"), ("/account/sessions", "/step-up?return_to=%2Faccount%2Fsessions")]
    {
        assert_eq!(pending.get(path).await.leads_to(), leads);
    }
    let others = pending.post("/account/sessions/revoke-others", &[]).await;
    assert_eq!(others.leads_to(), "/step-up");
    let full = sign_in(&test, account, &user, sso(true)).await.expect("a session");
    let idle = Browser::with_session(&test.app, &full);
    test.clock.advance_seconds(14 * MINUTE);
    assert!(is_in(&mut idle.clone()).await);
    test.clock.advance_seconds(16 * MINUTE);
    assert!(!is_in(&mut idle.clone()).await);
    let full = sign_in(&test, account, &user, sso(true)).await.expect("a session");
    let mut used = Browser::with_session(&test.app, &full);
    for _ in 0..(8 * 6 - 1) {
        test.clock.advance_seconds(HOUR / 6);
        assert!(is_in(&mut used).await);
    }
    test.clock.advance_seconds(HOUR / 6);
    assert!(!is_in(&mut used).await);
}

#[tokio::test]
async fn a_person_sees_and_ends_only_their_own_sessions() {
    let SignedIn { test, scim, user, mut browser } = SignedIn::new().await;
    let mut second = self::browser(&test, &user).await;
    let mut third = self::browser(&test, &user).await;
    let bob = scim.user("bob").await;
    let mut bobs = self::browser(&test, &bob).await;
    let page = browser.get("/account/sessions").await.expect(StatusCode::OK);
    for (browser, is_shown) in [(&browser, true), (&second, true), (&third, true), (&bobs, false)] {
        let action = format!("action=\"/account/sessions/{}/revoke\"", id_of(browser));
        assert_eq!(page.text.contains(&action), is_shown, "{}", page.text);
    }
    let revoke = |browser: &Browser| format!("/account/sessions/{}/revoke", id_of(browser));
    let foreign = browser.post(&revoke(&bobs), &[]).await;
    let unknown = "/account/sessions/018f0000-0000-7000-8000-00000000abcd/revoke";
    let unknown = browser.post(unknown, &[]).await;
    assert_eq!(foreign.leads_to(), "/account/sessions?done=none");
    assert_eq!(unknown.leads_to(), foreign.leads_to());
    assert!(is_in(&mut bobs).await);
    assert_eq!(browser.post(&revoke(&second), &[]).await.leads_to(), "/account/sessions?done=one");
    assert!(!is_in(&mut second).await && is_in(&mut third).await && is_in(&mut browser).await);
    let others = browser.post("/account/sessions/revoke-others", &[]).await;
    assert_eq!(others.leads_to(), "/account/sessions?done=others");
    assert!(!is_in(&mut third).await && is_in(&mut browser).await && is_in(&mut bobs).await);
    let own = revoke(&browser);
    assert_eq!(browser.post(&own, &[]).await.leads_to(), "/signed-out");
    assert!(browser.cookies.is_empty() && !is_in(&mut browser).await);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_not_only_the_cookie() {
    let SignedIn { test, mut browser, .. } = SignedIn::new().await;
    let kept = browser.clone();
    assert_eq!(browser.post("/logout", &[]).await.leads_to(), "/signed-out");
    assert!(browser.cookies.is_empty());
    browser.get("/signed-out").await.expect(StatusCode::OK);
    assert!(!is_in(&mut kept.clone()).await);
    assert_eq!(browser.post("/logout", &[]).await.leads_to(), "/signed-out", "twice does no harm");
    let ended = "SELECT count(*) FROM activities WHERE action = 'session.ended'";
    assert_eq!(test.database.number(ended).await, 1);
}

#[tokio::test]
async fn a_new_sign_in_ends_the_browsers_session_before() {
    let SignedIn { test, user, browser, .. } = SignedIn::new().await;
    let account = account(&test, "acme").await;
    let proof = proven(&test, account, &user, password()).await;
    let before = id_of(&browser).parse().expect("an id");
    let now = test.app.finish_login(&proof, Visitor::default(), Some(before)).await;
    let mut after = Browser::with_session(&test.app, &now.expect("a session"));
    assert_ne!(after.cookies[SESSION], browser.cookies[SESSION]);
    assert!(is_in(&mut after).await && !is_in(&mut browser.clone()).await);
}

/// The Must show, on the process that was told and on another one.
#[tokio::test]
async fn scim_ends_the_sessions_of_whom_it_deactivates_everywhere() {
    let mut signed_in = SignedIn::new().await;
    let other = second_app(&signed_in.test).await;
    let mut elsewhere = Browser::new(&other);
    elsewhere.cookies.clone_from(&signed_in.browser.cookies);
    assert!(is_in(&mut elsewhere).await && is_in(&mut signed_in.browser).await);
    signed_in.set_active(false).await;
    assert!(!is_in(&mut elsewhere).await && !is_in(&mut signed_in.browser).await);
    signed_in.set_active(true).await;
    assert!(!is_in(&mut elsewhere).await && !is_in(&mut signed_in.browser).await);
    let mut again = browser(&signed_in.test, &signed_in.user).await;
    elsewhere.cookies.clone_from(&again.cookies);
    assert!(is_in(&mut again).await && is_in(&mut elsewhere).await);
    signed_in.scim.delete(&format!("/Users/{}", signed_in.user)).await;
    assert!(!is_in(&mut again).await && !is_in(&mut elsewhere).await);
    let live = "SELECT count(*) FROM sessions WHERE ended_at IS NULL";
    assert_eq!(signed_in.test.database.number(live).await, 0);
}

/// Another process on the same database.
async fn second_app(test: &TestApp) -> App {
    let store = Store::open(&test.database.settings()).await.expect("it opens");
    let settings = test.app.settings().clone();
    App::new(store, test.clock.clone(), Arc::new(SeededIds::default()), settings)
}
