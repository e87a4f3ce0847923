//! Showing a second factor: once each, in its own browser, and the session that comes of it.

use axum::http::StatusCode;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

use super::{Someone, answer, code, enrol_app, enrol_passkey, record, show, two_named, wrong};
use crate::login::html;
use crate::world::TestApp;
use crate::world::browser::{Browser, SESSION};

#[tokio::test]
async fn an_app_raises_a_pending_session_to_a_new_full_one() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    let mut first = ann.comes(&test).await;
    let (seed, codes) = enrol_app(&test, &mut first, "me").await;
    assert_eq!(codes.len(), 10);
    let mut browser = ann.comes(&test).await;
    let pending = browser.clone();
    let page = browser.get("/step-up?return_to=/account/sessions").await.expect(StatusCode::OK);
    assert!(page.text.contains("value=\"/account/sessions\""), "{}", page.text);
    let code = code(&test, &seed);
    let (left, right) = code.split_at(3);
    let spaced = format!(" {left} {right} ");
    let done = show(&mut browser, "/step-up/code", &spaced).await;
    assert_eq!(done.leads_to(), "/account/sessions");
    assert_ne!(browser.cookies[SESSION], pending.cookies[SESSION], "a new session");
    browser.get("/account/sessions").await.expect(StatusCode::OK);
    let mut old = pending;
    assert_eq!(old.get("/step-up").await.leads_to(), "/login?return_to=%2Fstep-up");
    let at = "SELECT count(*) FROM sessions WHERE ended_why = 'stepped_up'";
    assert_eq!(test.database.number(at).await, 2);
}

#[tokio::test]
async fn a_passkey_raises_a_pending_session_to_a_new_full_one() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    let mut key = SoftPasskey::new(true);
    let mut first = ann.comes(&test).await;
    let page = enrol_passkey(&mut first, &mut key, "me").await.expect(StatusCode::OK);
    assert_eq!(super::codes(&page).len(), 10);
    let mut browser = ann.comes(&test).await;
    let pending = browser.cookies[SESSION].clone();
    let answer = answer(&mut browser, &mut key).await;
    let done = show(&mut browser, "/step-up/passkey", &answer).await;
    assert_eq!(done.leads_to(), "/account/sessions");
    assert_ne!(browser.cookies[SESSION], pending, "a new session");
    let amr = "SELECT amr FROM sessions WHERE ended_at IS NULL AND level = 'full' ORDER BY id";
    let amr = test.database.texts(amr).await;
    assert!(amr.iter().all(|amr| amr.contains("hwk") || amr.contains("swk")), "{amr:?}");
}

#[tokio::test]
async fn a_pending_session_reaches_the_step_up_page_only() {
    let test = TestApp::new().await;
    let [(zoe, _), _] = two_named(&test).await;
    let mut browser = zoe.comes(&test).await;
    for path in ["/", "/account/sessions", "/account/factors", "/bootstrap"] {
        let page = browser.get(path).await;
        assert!(page.leads_to().starts_with("/step-up"), "{path}: {}", page.leads_to());
    }
    for path in ["/account/factors/codes", "/bootstrap", "/account/sessions/revoke-others"] {
        assert_eq!(browser.post(path, &[("other", "x")]).await.leads_to(), "/step-up", "{path}");
    }
    let page = browser.get("/step-up").await.expect(StatusCode::OK);
    assert!(page.text.contains("one-time link"), "{}", page.text);
    html::check(&page.text, "en");
}

/// Rodauth CVE-2026-82470, MISP CVE-2026-103655.
#[tokio::test]
async fn a_code_counts_once() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    let mut browser = ann.comes(&test).await;
    let (seed, _) = enrol_app(&test, &mut browser, "me").await;
    let code = code(&test, &seed);
    show(&mut ann.comes(&test).await, "/step-up/code", &code).await.leads_to();
    let again = show(&mut ann.comes(&test).await, "/step-up/code", &code).await;
    again.expect(StatusCode::BAD_REQUEST);
    // One step on, the code before is still one of the app's, and was used.
    test.clock.advance_seconds(30);
    let again = show(&mut ann.comes(&test).await, "/step-up/code", &code).await;
    again.expect(StatusCode::BAD_REQUEST);
    // The code that confirmed the app was shown too.
    let mut other = ann.comes(&test).await;
    show(&mut other, "/step-up/code", &super::code(&test, &seed)).await.leads_to();
    let page = other.post("/enrol/me/app", &[]).await.expect(StatusCode::OK);
    let second = super::seed(&page);
    let code = super::code(&test, &second);
    other.post("/enrol/me/app/confirm", &[("code", &code)]).await.leads_to();
    let used = show(&mut ann.comes(&test).await, "/step-up/code", &code).await;
    used.expect(StatusCode::BAD_REQUEST);
}

/// Rodauth CVE-2026-82470, MISP CVE-2026-103655, raced.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_at_once_with_the_same_code_one_comes_in() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    let (seed, codes) = enrol_app(&test, &mut ann.comes(&test).await, "me").await;
    one_of_four(&test, &ann, "/step-up/code", &code(&test, &seed)).await;
    test.clock.advance_seconds(301);
    one_of_four(&test, &ann, "/step-up/recovery", &codes[0]).await;
}

async fn one_of_four(test: &TestApp, who: &Someone, path: &str, shown: &str) {
    let mut browsers = Vec::new();
    for _ in 0..4 {
        browsers.push(who.comes(test).await);
    }
    let tries = browsers.iter_mut().map(|browser| show(browser, path, shown));
    let pages = futures_util::future::join_all(tries).await;
    let right = pages.iter().filter(|page| page.status == StatusCode::SEE_OTHER).count();
    assert_eq!(right, 1, "{path}");
}

#[tokio::test]
async fn an_answer_of_a_passkey_counts_once_and_in_its_own_browser() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    let mut key = SoftPasskey::new(true);
    enrol_passkey(&mut ann.comes(&test).await, &mut key, "me").await.expect(StatusCode::OK);
    let mut browser = ann.comes(&test).await;
    let pending = browser.clone();
    let shown = answer(&mut browser, &mut key).await;
    let mut other = ann.comes(&test).await;
    let elsewhere = show(&mut other, "/step-up/passkey", &shown).await;
    assert!(elsewhere.expect(StatusCode::BAD_REQUEST).text.contains("too long"));
    let mut twice = pending.clone();
    show(&mut browser, "/step-up/passkey", &shown).await.leads_to();
    assert_eq!(show(&mut twice, "/step-up/passkey", &shown).await.leads_to(), "/login");
    // The full session may show it again, but not by the old answer.
    let again = show(&mut browser, "/step-up/passkey", &shown).await;
    again.expect(StatusCode::BAD_REQUEST);
    // A wrong answer uses the ceremony up, too.
    let right = answer(&mut other, &mut key).await;
    let wrong = right.replace("\"signature\":\"", "\"signature\":\"AAAA");
    show(&mut other, "/step-up/passkey", &wrong).await.expect(StatusCode::BAD_REQUEST);
    show(&mut other, "/step-up/passkey", &right).await.expect(StatusCode::BAD_REQUEST);
    // And none holds for ever.
    let late = answer(&mut other, &mut key).await;
    test.clock.advance_seconds(601);
    let late = show(&mut other, "/step-up/passkey", &late).await;
    assert!(late.expect(StatusCode::BAD_REQUEST).text.contains("too long"));
}

#[tokio::test]
async fn a_recovery_code_counts_once_and_is_on_record() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    let mut browser = ann.comes(&test).await;
    let (_, codes) = enrol_app(&test, &mut browser, "me").await;
    let mut lost = ann.comes(&test).await;
    let typed = codes[3].to_lowercase().replace('-', " ");
    let page = show(&mut lost, "/step-up/recovery", &typed).await;
    assert_eq!(page.leads_to(), "/account/factors?done=code");
    let page = lost.get("/account/factors?done=code").await.expect(StatusCode::OK);
    assert!(page.text.contains("9 recovery codes are left"), "{}", page.text);
    let again = show(&mut ann.comes(&test).await, "/step-up/recovery", &codes[3]).await;
    again.expect(StatusCode::BAD_REQUEST);
    let record = record(&test).await;
    assert_eq!(record[1..], ["recovery_code.used done {\"left\":9}"], "{record:?}");
    // New codes make the old ones void; making them wants a fresh factor, which the code was.
    let fresh = super::codes(&lost.post("/account/factors/codes", &[]).await);
    assert_eq!(fresh.len(), 10);
    let old = show(&mut ann.comes(&test).await, "/step-up/recovery", &codes[4]).await;
    old.expect(StatusCode::BAD_REQUEST);
    show(&mut ann.comes(&test).await, "/step-up/recovery", &fresh[0]).await.leads_to();
}

#[tokio::test]
async fn seeds_and_codes_are_not_kept_as_they_are() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    let (seed, codes) = enrol_app(&test, &mut ann.comes(&test).await, "me").await;
    let hex = if test.database.is_sqlite() { "hex(X)" } else { "encode(X, 'hex')" };
    let column =
        |name: &str, table: &str| format!("SELECT {} FROM {table}", hex.replace('X', name));
    let mut kept = test.database.texts(&column("seed", "totp_factors")).await;
    kept.extend(test.database.texts(&column("code_hash", "recovery_codes")).await);
    let kept = kept.join(" ").to_lowercase();
    let hex =
        |bytes: &[u8]| bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    assert!(!kept.contains(&hex(&seed)), "{kept}");
    for code in codes {
        assert!(!kept.contains(&hex(code.replace('-', "").as_bytes())), "{kept}");
    }
    for row in record(&test).await {
        assert_eq!(row, "factor.enrolled done {\"kind\":\"totp\",\"byLink\":false}");
    }
}

#[tokio::test]
async fn a_session_that_has_ended_is_not_raised() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    let mut browser = ann.comes(&test).await;
    let (seed, _) = enrol_app(&test, &mut browser, "me").await;
    let now = crate::world::browser::sign_in(&test, ann.account, &ann.user, ann.shown()).await;
    let session = now.expect("a session").session;
    test.app.sign_out(&session).await.expect("ended");
    let shown = code(&test, &seed);
    let visitor = countersign::domain::sessions::Visitor::default();
    let raised = test.app.show_totp(&session, &shown, visitor).await;
    assert!(matches!(raised, Err(countersign::app::Error::Unauthenticated(_))), "{raised:?}");
}

#[tokio::test]
async fn nothing_wrong_comes_in_and_the_page_stays_sound() {
    let test = TestApp::new().await;
    let ann = Someone::customer(&test).await;
    let (seed, _) = enrol_app(&test, &mut ann.comes(&test).await, "me").await;
    for (language, tag) in [("en", "en"), ("fr", "fr")] {
        let mut browser: Browser = ann.comes(&test).await.speaking(language);
        html::check(&browser.get("/step-up").await.text, tag);
        let page = show(&mut browser, "/step-up/code", &wrong(&test, &seed)).await;
        let page = page.expect(StatusCode::BAD_REQUEST);
        html::check(&page.text, tag);
        assert!(page.text.contains("role=\"alert\""), "{}", page.text);
        assert!(browser.get("/").await.leads_to().starts_with("/step-up"));
    }
    // What comes back is a path of ours.
    let mut browser = ann.comes(&test).await;
    let form = [("code", code(&test, &seed)), ("return_to", "https://evil.test".to_owned())];
    let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (*k, v.as_str())).collect();
    assert_eq!(browser.post("/step-up/code", &form).await.leads_to(), "/");
}
