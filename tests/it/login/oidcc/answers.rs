//! Attacks on what the browser brings back: the state, the issuer, the code.

use axum::http::StatusCode;
use countersign::domain::sso::Refusal;
use serde_json::json;

use super::scene::{Scene, add_sso, callback, come_back};
use crate::login::provider::Provider;
use crate::world::browser::{Browser, SESSION};
use crate::world::sso_spec;

fn set(answer: &mut [(String, String)], name: &str, value: &str) {
    let found = answer.iter_mut().find(|(key, _)| key == name).expect("the parameter");
    value.clone_into(&mut found.1);
}

/// hono CVE-2026-81888: a state that is left out is a wrong one.
#[tokio::test]
async fn attack_state_missing() {
    let mut scene = Scene::new().await;
    let url = scene.begin().await;
    let mut answer = scene.provider.authorize(&url);
    set(&mut answer, "state", "");
    let page = scene.come_back(&answer).await;
    scene.refused(page, Refusal::NotBegunHere).await;
    answer.retain(|(name, _)| name != "state");
    let page = scene.come_back(&answer).await;
    scene.refused(page, Refusal::NotBegunHere).await;
    assert_eq!(scene.provider.calls("/token"), 0);
}

/// Mattermost CVE-2025-12419: the state was not compared.
#[tokio::test]
async fn attack_state_wrong() {
    let mut scene = Scene::new().await;
    let url = scene.begin().await;
    let mut answer = scene.provider.authorize(&url);
    set(&mut answer, "state", "c3RhdGU");
    let page = scene.come_back(&answer).await;
    scene.refused(page, Refusal::NotBegunHere).await;
    assert_eq!(scene.provider.calls("/token"), 0);
}

/// Authlib CVE-2025-68158, `oidcc_plug` CVE-2026-66884: a state belongs to one browser. That is login CSRF
/// too: the attacker's answer in the victim's browser.
#[tokio::test]
async fn attack_state_from_another_browser() {
    let mut scene = Scene::new().await;
    let url = scene.begin().await;
    let answer = scene.provider.authorize(&url);
    for has_begun in [false, true] {
        let mut victim = Browser::new(&scene.test.app);
        if has_begun {
            victim.get(&scene.start()).await.leads_to();
        }
        let page = come_back(&mut victim, scene.sso.id, &answer).await;
        assert!(!victim.cookies.contains_key(SESSION));
        scene.refused(page, Refusal::NotBegunHere).await;
    }
    // It was not used up by that.
    assert_eq!(scene.come_back(&answer).await.leads_to(), "/");
}

#[tokio::test]
async fn attack_login_csrf() {
    let mut scene = Scene::new().await;
    scene.accepts(|_| {}).await;
    let mut attacker = Browser::new(&scene.test.app);
    let page = attacker.get(&scene.start()).await;
    let answer = scene.provider.authorize(&url::Url::parse(page.leads_to()).expect("a URL"));
    let before = scene.browser.cookies.clone();
    let page = scene.come_back(&answer).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert_eq!(scene.browser.cookies, before, "the victim's session stays");
    assert_eq!(scene.sessions().await, 1);
}

#[tokio::test]
async fn attack_state_replayed() {
    let mut scene = Scene::new().await;
    let url = scene.begin().await;
    let answer = scene.provider.authorize(&url);
    assert_eq!(scene.come_back(&answer).await.leads_to(), "/");
    let page = scene.come_back(&answer).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert_eq!(scene.provider.calls("/token"), 1);
    // An answer that was refused is used up as well.
    let mut scene = Scene::new().await;
    let url = scene.begin().await;
    let answer = scene.provider.authorize(&url);
    let mut wrong = answer.clone();
    set(&mut wrong, "code", "stolen");
    let page = scene.come_back(&wrong).await;
    scene.refused(page, Refusal::Unproven).await;
    let page = scene.come_back(&answer).await;
    scene.refused(page, Refusal::NotBegunHere).await;
}

#[tokio::test]
async fn attack_state_too_old() {
    let mut scene = Scene::new().await;
    let url = scene.begin().await;
    let answer = scene.provider.authorize(&url);
    scene.test.clock.advance_seconds(601);
    let page = scene.come_back(&answer).await;
    scene.refused(page, Refusal::NotBegunHere).await;
    scene.begin().await;
    scene.test.clock.advance_seconds(601);
    scene.test.app.clean_up().await.expect("a clean table");
    assert_eq!(scene.test.database.number("SELECT count(*) FROM login_transactions").await, 0);
}

#[tokio::test]
async fn a_browser_has_five_sign_ins_under_way_at_most() {
    let mut scene = Scene::new().await;
    let first = scene.begin().await;
    let second = scene.begin().await;
    for _ in 0..4 {
        scene.begin().await;
    }
    Browser::new(&scene.test.app).get(&scene.start()).await.leads_to();
    assert_eq!(scene.test.database.number("SELECT count(*) FROM login_transactions").await, 6);
    let answer = scene.provider.authorize(&first);
    let page = scene.come_back(&answer).await;
    scene.refused(page, Refusal::NotBegunHere).await;
    let answer = scene.provider.authorize(&second);
    assert_eq!(scene.come_back(&answer).await.leads_to(), "/");
}

#[tokio::test]
async fn what_is_kept_of_a_sign_in_opens_nothing() {
    let mut scene = Scene::new().await;
    let url = scene.begin().await;
    let state = url.query_pairs().find(|(name, _)| name == "state").expect("a state").1;
    let cookie = &scene.browser.cookies["__Host-login"];
    let hex = if scene.test.database.is_sqlite() { "hex(" } else { "encode(" };
    let end = if scene.test.database.is_sqlite() { ")" } else { ", 'hex')" };
    let sql = format!(
        "SELECT {hex}state_hash{end} || {hex}browser_hash{end} || {hex}verifier{end} || nonce \
         || return_to FROM login_transactions"
    );
    let kept = scene.test.database.texts(&sql).await.concat();
    assert!(!kept.contains(&*state) && !kept.contains(cookie), "{kept}");
}

async fn promising() -> Scene {
    let scene = Scene::new().await;
    scene.provider.lies().metadata =
        json!({ "authorization_response_iss_parameter_supported": true });
    scene
}

#[tokio::test]
async fn attack_rfc9207_iss_missing_though_promised() {
    let mut scene = promising().await;
    let url = scene.begin().await;
    let mut answer = scene.provider.authorize(&url);
    answer.retain(|(name, _)| name != "iss");
    let page = scene.come_back(&answer).await;
    scene.refused(page, Refusal::Unproven).await;
    assert_eq!(scene.provider.calls("/token"), 0);
    scene.accepts(|_| {}).await;
}

#[tokio::test]
async fn attack_rfc9207_iss_wrong() {
    for mut scene in [promising().await, Scene::new().await] {
        let url = scene.begin().await;
        let mut answer = scene.provider.authorize(&url);
        answer.retain(|(name, _)| name != "iss");
        answer.push(("iss".to_owned(), "https://evil.test".to_owned()));
        let page = scene.come_back(&answer).await;
        scene.refused(page, Refusal::Unproven).await;
        assert_eq!(scene.provider.calls("/token"), 0);
    }
}

#[tokio::test]
async fn attack_rfc9207_iss_duplicated() {
    for name in ["iss", "code", "state", "error"] {
        let mut scene = promising().await;
        let url = scene.begin().await;
        let mut answer = scene.provider.authorize(&url);
        let right = answer.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let right = right.unwrap_or_else(|| "access_denied".to_owned());
        answer.push((name.to_owned(), right.clone()));
        answer.push((name.to_owned(), right));
        let page = scene.come_back(&answer).await;
        scene.refused(page, Refusal::NotBegunHere).await;
        assert_eq!(scene.provider.calls("/token"), 0);
    }
}

/// A provider that attacks another: it sends the browser there, and has the code come to itself. The code
/// is given out for the attacker's own nonce and challenge, so that he could use it.
#[tokio::test]
async fn attack_mix_up_of_two_issuers_whether_or_not_the_honest_one_names_itself() {
    for mut scene in [Scene::new().await, promising().await] {
        scene.test.scim("mallory").await;
        let evil = Provider::start(scene.test.clock.clone()).await;
        let evil_sso = add_sso(&scene.test, "mallory", sso_spec(&evil.issuer)).await;
        let start = format!("/accounts/mallory/sso/{}/start", evil_sso.id);
        let mut attacker = Browser::new(&scene.test.app);
        let page = attacker.get(&scene.start()).await;
        let mut asked = url::Url::parse(page.leads_to()).expect("a URL");
        let page = scene.browser.get(&start).await;
        let victims = url::Url::parse(page.leads_to()).expect("a URL");
        let state = victims.query_pairs().find(|(name, _)| name == "state").expect("a state").1;
        let others: Vec<(String, String)> = asked.query_pairs().into_owned().collect();
        let others = others.into_iter().filter(|(name, _)| name != "state");
        let others: Vec<(String, String)> = others.collect();
        asked.query_pairs_mut().clear().extend_pairs(others).append_pair("state", &state);
        let answer = scene.provider.authorize(&asked);
        // The honest provider sends browsers to the redirect URI that it knows, and nowhere else.
        let place = asked.query_pairs().find(|(name, _)| name == "redirect_uri").expect("it").1;
        assert!(place.ends_with(&callback(scene.sso.id)), "{place}");
        let page = scene.come_back(&answer).await;
        scene.refused(page, Refusal::NotBegunHere).await;
        assert_eq!(evil.calls("/token"), 0, "the code must not reach the evil provider");
        assert_eq!(scene.provider.calls("/token"), 0);
    }
}

/// Each connection has a redirect URI of its own; there is none for all.
#[tokio::test]
async fn attack_answer_at_a_redirect_uri_that_is_not_the_connections() {
    let mut scene = Scene::new().await;
    let url = scene.begin().await;
    let answer = scene.provider.authorize(&url);
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&answer).finish();
    scene.browser.get(&format!("/oidc/callback?{query}")).await.expect(StatusCode::NOT_FOUND);
    for other in ["018f0000-0000-7000-8000-00000000abcd", "nonsense"] {
        let page = scene.browser.get(&format!("/oidc/callback/{other}?{query}")).await;
        scene.refused(page, Refusal::NotBegunHere).await;
    }
    assert_eq!(scene.provider.calls("/token"), 0);
    // It was not used up by that.
    assert_eq!(scene.come_back(&answer).await.leads_to(), "/");
}

/// PKCE and the nonce both forbid it, each alone.
#[tokio::test]
async fn attack_code_injected_from_another_session() {
    for ignores_pkce in [false, true] {
        let mut scene = Scene::new().await;
        scene.provider.lies().ignores_pkce = ignores_pkce;
        let victims = scene.begin().await;
        let stolen = scene.provider.authorize(&victims)[0].1.clone();
        let mut attacker = Browser::new(&scene.test.app);
        let page = attacker.get(&scene.start()).await;
        let mut answer =
            scene.provider.authorize(&url::Url::parse(page.leads_to()).expect("a URL"));
        set(&mut answer, "code", &stolen);
        let page = come_back(&mut attacker, scene.sso.id, &answer).await;
        assert!(!attacker.cookies.contains_key(SESSION));
        scene.refused(page, Refusal::Unproven).await;
        assert_eq!(scene.provider.calls("/token"), 1);
    }
}

#[tokio::test]
async fn attack_open_redirect_in_return_to() {
    for wanted in [
        "https://evil.test/",
        "//evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "/%09/evil.test",
        "javascript:alert(1)",
        "/\t/evil.test",
        "///evil.test",
        "evil.test",
        "",
    ] {
        let mut scene = Scene::new().await;
        let query: String = url::form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
        let page = scene.browser.get(&format!("{}?return_to={query}", scene.start())).await;
        let url = url::Url::parse(page.leads_to()).expect("a URL");
        let answer = scene.provider.authorize(&url);
        let landed = scene.come_back(&answer).await.leads_to().to_owned();
        let base = url::Url::parse("https://scim.test").expect("a URL");
        let host = base.join(&landed).expect("a URL");
        assert_eq!(host.host_str(), Some("scim.test"), "{wanted} leads to {landed}");
    }
    let mut scene = Scene::new().await;
    let page = scene.browser.get(&format!("{}?return_to=/account/sessions", scene.start())).await;
    let url = url::Url::parse(page.leads_to()).expect("a URL");
    let answer = scene.provider.authorize(&url);
    assert_eq!(scene.come_back(&answer).await.leads_to(), "/account/sessions");
}

/// Jenkins oic-auth GHSA-vxmh, GHSA-9963: a session that somebody planted before is not the one after.
#[tokio::test]
async fn attack_session_fixation() {
    let mut scene = Scene::new().await;
    scene.accepts(|_| {}).await;
    let planted = scene.browser.cookies[SESSION].clone();
    assert_eq!(scene.sign_in().await.leads_to(), "/");
    assert_ne!(scene.browser.cookies[SESSION], planted);
    assert_eq!(scene.sessions().await, 1, "the one before is over");
    let mut attacker = Browser::new(&scene.test.app);
    attacker.cookies.insert(SESSION.to_owned(), planted);
    assert!(attacker.get("/").await.leads_to().starts_with("/login"));
    // A cookie for sign-ins that is none of ours is not taken over.
    let mut victim = Browser::new(&scene.test.app);
    victim.cookies.insert("__Host-login".to_owned(), "planted".to_owned());
    victim.get(&scene.start()).await.leads_to();
    assert_ne!(victim.cookies["__Host-login"], "planted");
}

#[tokio::test]
async fn attack_error_response_with_the_attackers_text() {
    let mut scene = Scene::new().await;
    for error in ["access_denied", "<script>alert(1)</script>", "your_account_is_locked_call_0900"]
    {
        let url = scene.begin().await;
        let mut answer = scene.provider.authorize(&url);
        answer.retain(|(name, _)| name == "state");
        for (name, value) in [
            ("error", error),
            ("error_description", "Call 0900-EVIL at once"),
            ("error_uri", "https://evil.test"),
        ] {
            answer.push((name.to_owned(), value.to_owned()));
        }
        let page = scene.come_back(&answer).await;
        for word in ["EVIL", "evil", "0900", "alert", "access_denied"] {
            assert!(!page.text.contains(word), "{word}: {}", page.text);
        }
        scene.refused(page, Refusal::ByProvider).await;
    }
}
