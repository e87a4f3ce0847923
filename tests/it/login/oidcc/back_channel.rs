//! Back-channel logout RP: the eight tests of that plan, and what the plan leaves out.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::scene::Scene;
use crate::login::provider::Sign;
use crate::world::seeds::START_SECONDS as NOW;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

async fn signed_in() -> Scene {
    let mut scene = Scene::new().await;
    scene.accepts(|_| {}).await;
    scene
}

/// The token ends the session.
async fn ends(scene: &mut Scene, sign: Sign, claims: Value) {
    let token = scene.provider.logout_token(sign, &claims);
    assert_eq!(scene.back_channel(&token).await, StatusCode::OK, "{claims}");
    assert_eq!(scene.sessions().await, 0, "{claims}");
    assert!(scene.browser.get("/").await.leads_to().starts_with("/login"));
}

/// The token is refused, and the session lives on.
async fn refused(sign: Sign, claims: Value) {
    let scene = signed_in().await;
    let token = scene.provider.logout_token(sign, &claims);
    assert_eq!(scene.back_channel(&token).await, StatusCode::BAD_REQUEST, "{claims}");
    assert_eq!(scene.sessions().await, 1, "{claims}");
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout() {
    let mut scene = signed_in().await;
    let page = scene.browser.post("/logout", &[]).await;
    assert!(page.text.contains("/end?id_token_hint="), "{}", page.text);
    // The provider then tells all its clients; this one has ended its session already.
    let token = scene.provider.logout_token(Sign::With("rs1"), &json!({ "sid": "sid-1" }));
    assert_eq!(scene.back_channel(&token).await, StatusCode::OK);
    let mut scene = signed_in().await;
    ends(&mut scene, Sign::With("rs1"), json!({ "sid": "sid-1" })).await;
    let why = "SELECT ended_why FROM sessions";
    assert_eq!(scene.test.database.texts(why).await, ["logged_out_by_provider"]);
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_alg_none() {
    refused(Sign::None, json!({})).await;
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_no_event() {
    refused(Sign::With("rs1"), json!({ "events": null })).await;
    refused(Sign::With("rs1"), json!({ "events": {} })).await;
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_with_nonce() {
    refused(Sign::With("rs1"), json!({ "nonce": "any" })).await;
    refused(Sign::With("rs1"), json!({ "nonce": 0 })).await;
}

/// An algorithm that the provider does not announce, with its own key.
#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_wrong_alg() {
    refused(Sign::With("ps1"), json!({})).await;
    refused(Sign::Secret, json!({})).await;
    refused(Sign::PublicKey, json!({})).await;
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_wrong_aud() {
    refused(Sign::With("rs1"), json!({ "aud": "another" })).await;
    refused(Sign::With("rs1"), json!({ "aud": null })).await;
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_wrong_event() {
    refused(Sign::With("rs1"), json!({ "events": { "https://evil.test/event": {} } })).await;
    refused(Sign::With("rs1"), json!({ "events": { EVENT: true } })).await;
    refused(Sign::With("rs1"), json!({ "events": [EVENT] })).await;
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_wrong_iss() {
    refused(Sign::With("rs1"), json!({ "iss": "https://evil.test" })).await;
    refused(Sign::With("rs1"), json!({ "iss": null })).await;
}

#[tokio::test]
async fn attack_logout_token_replayed() {
    let mut scene = signed_in().await;
    let token = scene.provider.logout_token(Sign::With("rs1"), &json!({}));
    assert_eq!(scene.back_channel(&token).await, StatusCode::OK);
    assert_eq!(scene.sign_in().await.leads_to(), "/");
    assert_eq!(scene.back_channel(&token).await, StatusCode::BAD_REQUEST);
    assert_eq!(scene.sessions().await, 1);
}

#[tokio::test]
async fn attack_logout_token_of_another_time() {
    for claims in [
        json!({ "iat": NOW - 600 }),
        json!({ "iat": NOW + 600 }),
        json!({ "exp": NOW - 60 }),
        json!({ "exp": null }),
        json!({ "iat": null }),
        json!({ "exp": (NOW + 60).to_string() }),
        json!({ "jti": null }),
        json!({ "jti": "" }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
    ] {
        refused(Sign::With("rs1"), claims).await;
    }
    refused(Sign::Broken, json!({})).await;
    refused(Sign::As { name: "rs1", by: "rs2" }, json!({})).await;
    refused(Sign::With("rs2"), json!({})).await;
}

/// An ID token is not a logout token, though the same keys sign both.
#[tokio::test]
async fn attack_id_token_as_logout_token() {
    let scene = signed_in().await;
    let token = scene.provider.untyped_logout_token();
    assert_eq!(scene.back_channel(&token).await, StatusCode::BAD_REQUEST);
    assert_eq!(scene.back_channel("nonsense").await, StatusCode::BAD_REQUEST);
    assert_eq!(scene.back_channel("").await, StatusCode::BAD_REQUEST);
    assert_eq!(scene.sessions().await, 1);
}

#[tokio::test]
async fn a_logout_token_ends_what_it_names_and_nothing_else() {
    let mut scene = signed_in().await;
    for claims in [
        json!({ "sub": "u-bob" }),
        json!({ "sid": "sid-2" }),
        json!({ "sid": "sid-2", "sub": null }),
        json!({ "sid": "sid-1", "sub": "u-bob" }),
    ] {
        let token = scene.provider.logout_token(Sign::With("rs1"), &claims);
        assert_eq!(scene.back_channel(&token).await, StatusCode::OK, "{claims}");
        assert_eq!(scene.sessions().await, 1, "{claims}");
    }
    ends(&mut scene, Sign::With("es1"), json!({ "sid": "sid-1", "sub": null })).await;
    assert_eq!(scene.sign_in().await.leads_to(), "/");
    ends(&mut scene, Sign::With("rs1"), json!({ "sub": "u-ann" })).await;
    let ended = "SELECT count(*) FROM activities WHERE action = 'session.ended'";
    assert_eq!(scene.test.database.number(ended).await, 2);
}
