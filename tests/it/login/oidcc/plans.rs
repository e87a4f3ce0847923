//! Form post, third-party-initiated login, and names of the comprehensive plan.

use countersign::domain::sso::Refusal;
use serde_json::json;
use url::Url;

use super::scene::{Scene, callback, foreign_post};
use crate::login::provider::{ACCESS_TOKEN, Sign};
use crate::world::browser::Browser;

/// The provider answers by a form on its own page; the browser sends only the cookie made for that.
#[tokio::test]
async fn oidcc_client_test_form_post() {
    let mut scene = Scene::new().await;
    scene.provider.lies().metadata = json!({ "response_modes_supported": ["query", "form_post"] });
    let url = scene.begin().await;
    assert!(url.query_pairs().any(|(name, value)| name == "response_mode" && value == "form_post"));
    let answer = scene.provider.authorize(&url);
    let page = foreign_post(&mut scene.browser, &callback(scene.sso.id), &answer).await;
    assert_eq!(page.leads_to(), "/");
    assert_eq!(scene.sessions().await, 1);
}

#[tokio::test]
async fn oidcc_client_test_form_post_error() {
    let mut scene = Scene::new().await;
    let url = scene.begin().await;
    let mut answer = scene.provider.authorize(&url);
    answer.retain(|(name, _)| name == "state");
    answer.push(("error".to_owned(), "access_denied".to_owned()));
    answer.push(("error_description".to_owned(), "Call <b>0900-EVIL</b>".to_owned()));
    let page = foreign_post(&mut scene.browser, &callback(scene.sso.id), &answer).await;
    assert!(!page.text.contains("EVIL") && !page.text.contains("access_denied"), "{}", page.text);
    scene.refused(page, Refusal::ByProvider).await;
}

#[tokio::test]
async fn oidcc_client_test_3rd_party_init_login() {
    let scene = Scene::new().await;
    for (target, lands) in [
        ("https://scim.test/account/sessions", "/account/sessions"),
        ("https://scim.test.evil.test/x", "/"),
        ("https://scim.test@evil.test/x", "/"),
        ("https://evil.test/", "/"),
        ("//evil.test/", "/"),
    ] {
        for by_form in [false, true] {
            assert_eq!(sent_by_the_provider(&scene, target, by_form).await, lands, "{target}");
        }
    }
}

/// The provider sends somebody who wants to get to `target`; where they land.
async fn sent_by_the_provider(scene: &Scene, target: &str, by_form: bool) -> String {
    let form = [
        ("iss", scene.provider.issuer.as_str()),
        ("login_hint", "ann@acme.test"),
        ("target_link_uri", target),
    ];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
    let mut browser = Browser::new(&scene.test.app);
    let page = if by_form {
        foreign_post(&mut browser, &scene.start(), &form).await
    } else {
        browser.get(&format!("{}?{query}", scene.start())).await
    };
    let url = Url::parse(page.leads_to()).expect("a URL");
    let hint = url.query_pairs().find(|(name, _)| name == "login_hint");
    assert_eq!(hint.expect("a hint").1, "ann@acme.test");
    let answer = scene.provider.authorize(&url);
    super::scene::come_back(&mut browser, scene.sso.id, &answer).await.leads_to().to_owned()
}

#[tokio::test]
async fn oidcc_client_test_3rd_party_init_login_by_another_issuer() {
    let mut scene = Scene::new().await;
    let start = format!("{}?iss=https%3A%2F%2Fevil.test", scene.start());
    let page = scene.browser.get(&start).await;
    scene.refused(page, Refusal::Unproven).await;
}

/// Jenkins oic-auth: a token for nobody was for everybody.
#[tokio::test]
async fn oidcc_client_test_missing_aud() {
    Scene::new().await.refuses(|lies| lies.claims = json!({ "aud": null })).await;
}

#[tokio::test]
async fn oidcc_client_test_invalid_athash() {
    Scene::new()
        .await
        .refuses(|lies| lies.claims = json!({ "at_hash": "bm90IHRoaXMgb25lIQ" }))
        .await;
}

#[tokio::test]
async fn oidcc_client_test_valid_athash() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let hash = sha2::Sha256::digest(ACCESS_TOKEN);
    let half = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&hash[..16]);
    Scene::new().await.accepts(|lies| lies.claims = json!({ "at_hash": half })).await;
}

#[tokio::test]
async fn oidcc_client_test_invalid_sig_hs256() {
    Scene::new().await.refuses(|lies| lies.sign = Sign::Secret).await;
}

#[tokio::test]
async fn oidcc_client_test_invalid_sig_es256() {
    Scene::new().await.refuses(|lies| lies.sign = Sign::As { name: "es1", by: "es2" }).await;
}

#[tokio::test]
async fn oidcc_client_test_userinfo_signed() {
    let mut scene = Scene::with(|spec| spec.link_claim = "employee".to_owned()).await;
    scene.accepts(|lies| lies.userinfo_signed = true).await;
}
