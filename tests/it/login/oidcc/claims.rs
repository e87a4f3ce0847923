//! Attacks on the ID token: times, audiences, keys, types.

use jsonwebtoken::jwk::Jwk;
use serde_json::{Value, json};

use super::scene::Scene;
use crate::login::provider::Sign;
use crate::world::seeds::START_SECONDS as NOW;

async fn refused(claims: Value) {
    Scene::new().await.refuses(|lies| lies.claims = claims).await;
}

async fn accepted(claims: Value) {
    Scene::new().await.accepts(|lies| lies.claims = claims).await;
}

/// jsonwebtoken CVE-2026-25537: a time of another type is not one that is not there.
#[tokio::test]
async fn attack_exp_and_nbf_as_strings() {
    for claims in [
        json!({ "exp": (NOW + 300).to_string() }),
        json!({ "exp": "never" }),
        json!({ "exp": [NOW + 300] }),
        json!({ "exp": 1e300 }),
        json!({ "nbf": "never" }),
        json!({ "nbf": (NOW - 10).to_string() }),
        json!({ "iat": NOW.to_string() }),
        json!({ "auth_time": "now" }),
    ] {
        refused(claims).await;
    }
}

#[tokio::test]
async fn attack_expired_or_not_valid_yet() {
    refused(json!({ "exp": null })).await;
    refused(json!({ "exp": NOW - 60 })).await;
    refused(json!({ "nbf": NOW + 120 })).await;
    // Clocks differ by some seconds.
    accepted(json!({ "exp": NOW - 5 })).await;
    accepted(json!({ "nbf": NOW + 15 })).await;
}

#[tokio::test]
async fn attack_iat_in_the_future() {
    refused(json!({ "iat": NOW + 120 })).await;
    refused(json!({ "iat": 4_102_444_800_i64, "exp": 4_102_445_000_i64 })).await;
    refused(json!({ "iat": NOW - 3600 })).await;
    accepted(json!({ "iat": NOW + 15 })).await;
}

#[tokio::test]
async fn attack_aud_array_with_another() {
    refused(json!({ "aud": ["countersign", "another"] })).await;
    refused(json!({ "aud": ["countersign", "another"], "azp": "countersign" })).await;
    refused(json!({ "aud": [] })).await;
    accepted(json!({ "aud": ["countersign"] })).await;
}

#[tokio::test]
async fn attack_foreign_azp() {
    refused(json!({ "azp": "another" })).await;
    refused(json!({ "azp": 7 })).await;
    accepted(json!({ "azp": "countersign" })).await;
}

#[tokio::test]
async fn attack_sub_empty_or_endless() {
    refused(json!({ "sub": "" })).await;
    refused(json!({ "sub": 7 })).await;
    refused(json!({ "sub": "x".repeat(256) })).await;
}

#[tokio::test]
async fn attack_alg_confusion_hs256_with_the_public_key() {
    Scene::new().await.refuses(|lies| lies.sign = Sign::PublicKey).await;
}

/// A key that comes with the token, or from where the token says, is nobody's.
#[tokio::test]
async fn attack_jku_x5u_and_jwk_headers() {
    fn jku(header: &mut jsonwebtoken::Header) {
        header.jku = Some("https://evil.test/jwks".to_owned());
    }
    fn x5u(header: &mut jsonwebtoken::Header) {
        header.x5u = Some("https://evil.test/cert".to_owned());
    }
    fn jwk(header: &mut jsonwebtoken::Header) {
        let key = crate::login::provider::published("rs2");
        header.jwk = Some(serde_json::from_value::<Jwk>(key).expect("a key"));
    }
    for header in [jku, x5u, jwk] {
        let mut scene = Scene::new().await;
        scene.provider.lies().header = header;
        scene.refuses(|lies| lies.sign = Sign::As { name: "rs1", by: "rs2" }).await;
        let mut scene = Scene::new().await;
        scene.provider.lies().header = header;
        scene.refuses(|lies| lies.sign = Sign::With("rs2")).await;
    }
}

#[tokio::test]
async fn attack_kid_path_tricks() {
    fn path(header: &mut jsonwebtoken::Header) {
        header.kid = Some("../../../../dev/null".to_owned());
    }
    fn url(header: &mut jsonwebtoken::Header) {
        header.kid = Some("https://evil.test/key".to_owned());
    }
    fn sql(header: &mut jsonwebtoken::Header) {
        header.kid = Some("rs1' OR '1'='1".to_owned());
    }
    fn empty(header: &mut jsonwebtoken::Header) {
        header.kid = Some(String::new());
    }
    for header in [path, url, sql, empty] {
        Scene::new().await.refuses(|lies| lies.header = header).await;
    }
}

/// A key of the set, but not the one that the token names; an access token in place of an ID token.
#[tokio::test]
async fn attack_another_key_or_another_kind_of_token() {
    Scene::new().await.refuses(|lies| lies.sign = Sign::As { name: "rs1", by: "rs2" }).await;
    Scene::new()
        .await
        .refuses(|lies| lies.header = |header| header.typ = Some("at+jwt".to_owned()))
        .await;
    Scene::new()
        .await
        .refuses(|lies| lies.header = |header| header.typ = Some("logout+jwt".to_owned()))
        .await;
    Scene::new()
        .await
        .refuses(|lies| lies.header = |header| header.crit = Some(vec!["exp".to_owned()]))
        .await;
}

#[tokio::test]
async fn attack_no_id_token_or_none_that_reads() {
    for tokens in [
        json!({ "id_token": null }),
        json!({ "id_token": "nonsense" }),
        json!({ "id_token": 7 }),
        json!({ "id_token": "a.b.c" }),
        json!({ "token_type": "mac" }),
    ] {
        Scene::new().await.refuses(|lies| lies.tokens = tokens).await;
    }
}

#[tokio::test]
async fn attack_auth_time_older_than_max_age() {
    for (auth_time, is_let_in) in [
        (json!(NOW - 900), false),
        (json!(NOW + 120), false),
        (json!(null), false),
        (json!(NOW - 200), true),
    ] {
        let mut scene = Scene::with(|spec| spec.max_age = Some(300)).await;
        let url = scene.begin().await;
        assert!(url.query_pairs().any(|(name, value)| name == "max_age" && value == "300"));
        let claims = json!({ "auth_time": auth_time });
        if is_let_in {
            scene.accepts(|lies| lies.claims = claims).await;
        } else {
            scene.refuses(|lies| lies.claims = claims).await;
        }
    }
    refused(json!({ "auth_time": NOW + 120 })).await;
}

#[tokio::test]
async fn attack_sub_changed_between_id_token_and_userinfo() {
    for signed in [false, true] {
        let mut scene = Scene::with(|spec| spec.link_claim = "employee".to_owned()).await;
        scene.provider.lies().userinfo_signed = signed;
        scene.refuses(|lies| lies.claims = json!({ "sub": "u-mallory" })).await;
    }
}
