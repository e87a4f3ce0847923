//! Basic RP, authorization code flow: the sixteen tests of that plan.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use url::form_urlencoded;

use super::scene::Scene;
use crate::login::provider::Sign;
use crate::world::CLIENT_SECRET;

#[tokio::test]
async fn oidcc_client_test() {
    let mut scene = Scene::new().await;
    let url = scene.begin().await;
    let callback = format!("https://scim.test/oidc/callback/{}", scene.sso.id);
    for (name, wanted) in
        [("scope", "openid"), ("client_id", "countersign"), ("redirect_uri", callback.as_str())]
    {
        let found = url.query_pairs().find(|(key, _)| key == name).expect("the parameter").1;
        assert_eq!(found, wanted);
    }
    scene.accepts(|_| {}).await;
}

/// Jenkins oic-auth: the issuer was not compared.
#[tokio::test]
async fn oidcc_client_test_invalid_iss() {
    Scene::new().await.refuses(|lies| lies.claims = json!({ "iss": "https://evil.test" })).await;
}

#[tokio::test]
async fn oidcc_client_test_missing_sub() {
    Scene::new().await.refuses(|lies| lies.claims = json!({ "sub": null })).await;
}

#[tokio::test]
async fn oidcc_client_test_invalid_aud() {
    Scene::new().await.refuses(|lies| lies.claims = json!({ "aud": "another" })).await;
}

#[tokio::test]
async fn oidcc_client_test_missing_iat() {
    Scene::new().await.refuses(|lies| lies.claims = json!({ "iat": null })).await;
}

#[tokio::test]
async fn oidcc_client_test_kid_absent_single_jwks() {
    let mut scene = Scene::new().await;
    let one = |lies: &mut crate::login::provider::Lies| {
        lies.published = vec!["rs1"];
        lies.header = |header| header.kid = None;
    };
    scene.accepts(one).await;
}

/// The plan allows to refuse it: without a name any of the keys could be meant.
#[tokio::test]
async fn oidcc_client_test_kid_absent_multiple_jwks() {
    let mut scene = Scene::new().await;
    let two = |lies: &mut crate::login::provider::Lies| {
        lies.published = vec!["rs1", "rs2"];
        lies.header = |header| header.kid = None;
    };
    scene.refuses(two).await;
}

#[tokio::test]
async fn oidcc_client_test_idtoken_sig_rs256() {
    Scene::new().await.accepts(|lies| lies.sign = Sign::With("rs1")).await;
}

#[tokio::test]
async fn oidcc_client_test_idtoken_sig_none() {
    Scene::new().await.refuses(|lies| lies.sign = Sign::None).await;
}

#[tokio::test]
async fn oidcc_client_test_invalid_sig_rs256() {
    Scene::new().await.refuses(|lies| lies.sign = Sign::Broken).await;
}

#[tokio::test]
async fn oidcc_client_test_userinfo_bearer_header() {
    let mut scene = Scene::with(|spec| spec.link_claim = "employee".to_owned()).await;
    scene.accepts(|_| {}).await;
    assert_eq!(scene.provider.calls("/userinfo"), 1);
}

#[tokio::test]
async fn oidcc_client_test_userinfo_bearer_body() {
    let mut scene = Scene::with(|spec| spec.link_claim = "employee".to_owned()).await;
    scene.accepts(|lies| lies.userinfo_by_form = true).await;
}

#[tokio::test]
async fn oidcc_client_test_userinfo_invalid_sub() {
    for by_form in [false, true] {
        let mut scene = Scene::with(|spec| spec.link_claim = "employee".to_owned()).await;
        let lie = |lies: &mut crate::login::provider::Lies| {
            lies.userinfo = json!({ "sub": "u-bob" });
            lies.userinfo_by_form = by_form;
        };
        scene.refuses(lie).await;
    }
}

#[tokio::test]
async fn oidcc_client_test_nonce_invalid() {
    Scene::new().await.refuses(|lies| lies.claims = json!({ "nonce": "another" })).await;
    Scene::new().await.refuses(|lies| lies.claims = json!({ "nonce": null })).await;
}

#[tokio::test]
async fn oidcc_client_test_scope_userinfo_claims() {
    let mut scene = Scene::with(|spec| {
        spec.scopes = ["openid", "profile", "email"].map(str::to_owned).into();
        spec.link_claim = "employee".to_owned();
    })
    .await;
    let url = scene.begin().await;
    assert!(
        url.query_pairs().any(|(name, value)| name == "scope" && value == "openid profile email")
    );
    scene.accepts(|_| {}).await;
}

#[tokio::test]
async fn oidcc_client_test_client_secret_basic() {
    let mut scene = Scene::new().await;
    scene.accepts(|_| {}).await;
    let (authorization, form) = scene.provider.last_exchange();
    let secret: String = form_urlencoded::byte_serialize(CLIENT_SECRET.as_bytes()).collect();
    let expected = format!("Basic {}", STANDARD.encode(format!("countersign:{secret}")));
    assert_eq!(authorization, Some(expected));
    assert!(!form.contains_key("client_secret"));
}
