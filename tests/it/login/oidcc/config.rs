//! Config RP: discovery and keys, the six tests of that plan; and PKCE and endpoints of the metadata.

use countersign::domain::sso::Refusal;
use serde_json::json;

use super::scene::Scene;
use crate::login::provider::Sign;

#[tokio::test]
async fn oidcc_client_test_discovery_openid_config() {
    let mut scene = Scene::new().await;
    let url = scene.begin().await;
    assert!(url.as_str().starts_with(&format!("{}/authorize?", scene.provider.issuer)));
    scene.begin().await;
    assert_eq!(scene.provider.calls("/.well-known/openid-configuration"), 1);
}

#[tokio::test]
async fn oidcc_client_test_discovery_jwks_uri_keys() {
    let mut scene = Scene::new().await;
    scene.accepts(|lies| lies.sign = Sign::With("es1")).await;
    assert_eq!(scene.provider.calls("/jwks"), 1);
}

#[tokio::test]
async fn oidcc_client_test_discovery_issuer_mismatch() {
    for other in
        ["https://evil.test".to_owned(), format!("{}/", Scene::new().await.provider.issuer)]
    {
        let mut scene = Scene::new().await;
        let lie = json!({ "issuer": other });
        scene.refuses_as(Refusal::Unreachable, |lies| lies.metadata = lie).await;
    }
}

#[tokio::test]
async fn oidcc_client_test_config_idtoken_sig_none() {
    let mut scene = Scene::new().await;
    let algs = json!({ "id_token_signing_alg_values_supported": ["RS256", "none"] });
    scene.provider.lies().metadata = algs;
    scene.refuses(|lies| lies.sign = Sign::None).await;
}

#[tokio::test]
async fn oidcc_client_test_signing_key_rotation_just_before_signing() {
    let mut scene = Scene::new().await;
    scene.begin().await;
    scene.test.clock.advance_seconds(61);
    let rotated = |lies: &mut crate::login::provider::Lies| {
        lies.published = vec!["rs2"];
        lies.sign = Sign::With("rs2");
    };
    scene.accepts(rotated).await;
    assert_eq!(scene.provider.calls("/jwks"), 2);
}

#[tokio::test]
async fn oidcc_client_test_signing_key_rotation() {
    let mut scene = Scene::new().await;
    scene.accepts(|_| {}).await;
    scene.test.clock.advance_seconds(61);
    {
        let mut lies = scene.provider.lies();
        (lies.published, lies.sign) = (vec!["rs2", "rs1"], Sign::With("rs2"));
    }
    assert_eq!(scene.sign_in().await.leads_to(), "/");
    // The key that went is no longer taken.
    scene.provider.lies().published = vec!["rs2"];
    scene.test.clock.advance_seconds(3601);
    assert_eq!(scene.sign_in().await.leads_to(), "/");
    scene.provider.lies().sign = Sign::With("rs1");
    let page = scene.sign_in().await;
    assert_eq!(page.status.as_u16(), 403, "{}", page.text);
}

/// A flood of tokens with unknown keys makes no flood at the provider: keys are fetched once a minute.
#[tokio::test]
async fn attack_jwks_flood_of_unknown_kids() {
    let mut scene = Scene::new().await;
    scene.begin().await;
    scene.test.clock.advance_seconds(61);
    for _ in 0..10 {
        scene.refuses(|lies| lies.header = |header| header.kid = Some("unknown".to_owned())).await;
    }
    assert_eq!(scene.provider.calls("/jwks"), 2);
}

#[tokio::test]
async fn attack_pkce_downgrade_to_plain() {
    let mut scene = Scene::new().await;
    let plain = json!({ "code_challenge_methods_supported": ["plain"] });
    scene.refuses_as(Refusal::Unreachable, |lies| lies.metadata = plain).await;
    // A provider that says nothing about PKCE is sent it all the same.
    let mut scene = Scene::new().await;
    scene.provider.lies().metadata = json!({ "code_challenge_methods_supported": null });
    let url = scene.begin().await;
    let method = url.query_pairs().find(|(name, _)| name == "code_challenge_method");
    assert_eq!(method.expect("a method").1, "S256");
}

#[tokio::test]
async fn attack_endpoints_that_are_no_web_addresses() {
    for endpoint in ["authorization_endpoint", "userinfo_endpoint", "end_session_endpoint"] {
        for url in ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x"] {
            let mut scene = Scene::new().await;
            let lie = json!({ endpoint: url });
            scene.refuses_as(Refusal::Unreachable, |lies| lies.metadata = lie).await;
        }
    }
}
