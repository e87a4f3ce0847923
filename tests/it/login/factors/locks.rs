//! Wrong tries: counted for the person over all factors and accounts, and locked after five.

use axum::http::StatusCode;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

use super::{Someone, answer, code, enrol_app, enrol_passkey, enrolled_staff, record, show, wrong};
use crate::login::gate::account;
use crate::world::TestApp;
use crate::world::browser::Browser;

/// The status of a right code.
async fn right(test: &TestApp, browser: &mut Browser, seed: &[u8]) -> StatusCode {
    show(browser, "/step-up/code", &code(test, seed)).await.status
}

/// ZITADEL GHSA-7j7j: the lock-out was weak. Here it counts across all ways.
#[tokio::test]
async fn wrong_ones_lock_whatever_they_are() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    let mut browser = ann.comes(&test).await;
    let (seed, codes) = enrol_app(&test, &mut browser, "me").await;
    let mut key = SoftPasskey::new(true);
    enrol_passkey(&mut browser, &mut key, "me").await.leads_to();
    let mut pending = ann.comes(&test).await;
    let bad = answer(&mut pending, &mut key).await.replace("\"signature\":\"", "\"signature\":\"A");
    let unknown = "7ZK4-9QWX-3MHT-V8RP";
    let wrong = wrong(&test, &seed);
    for (path, shown) in [
        ("/step-up/code", wrong.as_str()),
        ("/step-up/recovery", unknown),
        ("/step-up/passkey", &bad),
        ("/step-up/recovery", "nonsense"),
    ] {
        let page = show(&mut pending, path, shown).await;
        page.expect(StatusCode::BAD_REQUEST);
    }
    // The fifth locks; from then on nothing counts, in no browser.
    let page = show(&mut ann.comes(&test).await, "/step-up/code", "000").await;
    let page = page.expect(StatusCode::TOO_MANY_REQUESTS);
    assert!(page.text.contains("Nothing is accepted until 1 January 2026"), "{}", page.text);
    assert_eq!(right(&test, &mut pending, &seed).await, StatusCode::TOO_MANY_REQUESTS);
    let recovery = show(&mut pending, "/step-up/recovery", &codes[0]).await;
    recovery.expect(StatusCode::TOO_MANY_REQUESTS);
    let passkey = answer(&mut pending, &mut key).await;
    let passkey = show(&mut pending, "/step-up/passkey", &passkey).await;
    passkey.expect(StatusCode::TOO_MANY_REQUESTS);
    let locked: Vec<String> =
        record(&test).await.into_iter().filter(|line| line.starts_with("factors.")).collect();
    assert_eq!(locked, ["factors.locked done {\"forGood\":false}"]);
    // Fifteen minutes later the right one does.
    test.clock.advance_seconds(14 * 60);
    assert_eq!(right(&test, &mut pending, &seed).await, StatusCode::TOO_MANY_REQUESTS);
    test.clock.advance_seconds(61);
    assert_eq!(right(&test, &mut pending, &seed).await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn four_wrong_ones_and_a_right_one_start_anew() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    let (seed, _) = enrol_app(&test, &mut ann.comes(&test).await, "me").await;
    for _ in 0..3 {
        let mut browser = ann.comes(&test).await;
        for _ in 0..4 {
            show(&mut browser, "/step-up/code", "1").await.expect(StatusCode::BAD_REQUEST);
        }
        assert_eq!(right(&test, &mut browser, &seed).await, StatusCode::SEE_OTHER);
        test.clock.advance_seconds(30);
    }
    // Wrong ones of more than five minutes ago no longer count.
    let mut browser = ann.comes(&test).await;
    for _ in 0..3 {
        for _ in 0..4 {
            show(&mut browser, "/step-up/code", "1").await.expect(StatusCode::BAD_REQUEST);
        }
        test.clock.advance_seconds(301);
    }
    assert_eq!(right(&test, &mut browser, &seed).await, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_are_five_tries() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    let (seed, _) = enrol_app(&test, &mut ann.comes(&test).await, "me").await;
    let wrong = wrong(&test, &seed);
    let mut browsers = Vec::new();
    for _ in 0..20 {
        browsers.push(ann.comes(&test).await);
    }
    let tries = browsers.iter_mut().map(|browser| show(browser, "/step-up/code", &wrong));
    for page in futures_util::future::join_all(tries).await {
        let is_refused = [StatusCode::BAD_REQUEST, StatusCode::TOO_MANY_REQUESTS];
        assert!(is_refused.contains(&page.status), "{}", page.status);
    }
    assert_eq!(test.database.number("SELECT failures FROM failed_tries").await, 5);
    let locks = "SELECT count(*) FROM activities WHERE action = 'factors.locked'";
    assert_eq!(test.database.number(locks).await, 1);
    let mut browser = ann.comes(&test).await;
    assert_eq!(right(&test, &mut browser, &seed).await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn staff_stay_locked_until_somebody_resets_them() {
    let test = TestApp::new().await;
    let (zoe, _, seed) = enrolled_staff(&test).await;
    let mut browser = zoe.comes(&test).await;
    for _ in 0..4 {
        show(&mut browser, "/step-up/code", "1").await.expect(StatusCode::BAD_REQUEST);
    }
    let page = show(&mut browser, "/step-up/code", "1").await;
    let page = page.expect(StatusCode::TOO_MANY_REQUESTS);
    assert!(page.text.contains("Ask an approver"), "{}", page.text);
    test.clock.advance_seconds(30 * 86_400);
    let mut later = zoe.comes(&test).await;
    assert_eq!(right(&test, &mut later, &seed).await, StatusCode::TOO_MANY_REQUESTS);
    let record = record(&test).await;
    assert_eq!(record.last().expect("one"), "factors.locked done {\"forGood\":true}");
}

/// Lock-out counts across paths (SECURITY.md §7, ZITADEL GHSA-7j7j): another account of the same human
/// gives no more tries, and no shorter lock.
#[tokio::test]
async fn another_account_of_the_same_person_gives_no_more_tries() {
    let test = TestApp::new().await;
    let (zoe, _, seed) = enrolled_staff(&test).await;
    let user = test.scim("acme").await.user("zoe").await;
    let guest = Someone { account: account(&test, "acme").await, user, is_staff: false };
    guest.comes(&test).await;
    let one = "UPDATE user_persons SET person_id = (SELECT p.person_id FROM user_persons p \
               JOIN accounts a ON a.id = p.account_id WHERE a.kind = 'operator')";
    test.database.run(one).await;
    let mut browser = guest.comes(&test).await;
    for _ in 0..4 {
        show(&mut browser, "/step-up/code", "1").await.expect(StatusCode::BAD_REQUEST);
    }
    let mut staff = zoe.comes(&test).await;
    let page = show(&mut staff, "/step-up/code", "1").await;
    page.expect(StatusCode::TOO_MANY_REQUESTS);
    test.clock.advance_seconds(3600);
    let mut browser = guest.comes(&test).await;
    assert_eq!(right(&test, &mut browser, &seed).await, StatusCode::TOO_MANY_REQUESTS);
}
