//! An account's provisioning connections over REST: by their ids pushed roles are mapped (C1), and how
//! they fare is seen (S9).

use axum::http::StatusCode;
use countersign::domain::actor::Actor;
use countersign::domain::command::{Command, RevokeToken};
use countersign::domain::rights::catalogue::bundle_id;
use serde_json::{Value, json};

use super::{NOTHING, Scene, problem};
use crate::world::TokenFor;

#[tokio::test]
async fn c1_connections_are_listed_by_name_and_a_role_that_one_pushes_is_mapped_by_its_id() {
    let scene = Scene::new().await;
    for name in ["okta", "Ping", "jumpcloud"] {
        let wanted = TokenFor { connection: name, ..TokenFor::default() };
        scene.seat.test.token("acme", wanted).await;
    }
    scene.seat.test.account("beta").await;
    scene.seat.test.token("beta", TokenFor::default()).await;
    let names = ["Ping", "default", "jumpcloud", "okta"];
    for limit in [1, 2, 3, 200] {
        assert_eq!(scene.walk(("/connections", "name"), limit).await, names, "{limit}");
        let mut down = scene.walk(("/connections?sort=-name", "id"), limit).await;
        down.reverse();
        assert_eq!(down, scene.walk(("/connections", "id"), limit).await);
    }
    let ids = scene.walk(("/connections", "id"), 200).await;
    let okta = scene.get(&format!("/connections/{}", ids[3])).await.expect(StatusCode::OK).body;
    assert_eq!((&okta["name"], &okta["preset"]), (&json!("okta"), &json!("standard")));
    let pushed = json!({ "connection": okta["id"], "value": "editor" });
    let reader = bundle_id("reader").to_string();
    let mapping = json!({ "pushed_role": pushed, "bundle": reader, "place": "account" });
    let made = scene.make("/group-mappings", &mapping).await;
    let shown = scene.get(&format!("/group-mappings/{made}")).await.expect(StatusCode::OK).body;
    assert_eq!(shown["pushed_role"]["connection"], okta["id"]);
    for wrong in ["name=okta", "sort=created_at", "limit=0", "cursor=x"] {
        let refused = scene.get(&format!("/connections?{wrong}")).await;
        problem(&refused, StatusCode::BAD_REQUEST, "invalid-query");
    }
    let missing = scene.get(&format!("/connections/{NOTHING}")).await;
    problem(&missing, StatusCode::NOT_FOUND, "not-found");
}

#[tokio::test]
async fn s9_a_connection_shows_its_live_tokens_and_that_its_changes_are_refused() {
    let scene = Scene::new().await;
    let app = &scene.seat.test.app;
    let shown = async || {
        app.note_token_uses().await.expect("noted");
        scene.get("/connections").await.expect(StatusCode::OK).body["items"][0].clone()
    };
    let first = shown().await;
    assert_eq!(first["refused"], Value::Null);
    assert_eq!(first["tokens"].as_array().map(Vec::len), Some(1));
    assert!(first["tokens"][0]["last_used_at"].is_string(), "{first}");
    assert!(!first.to_string().contains("csn_") && first["tokens"][0].get("secret").is_none());
    let scim = &scene.seat.scim;
    let twin = json!({ "userName": "chief" });
    scim.post("/Users", &twin).await.expect(StatusCode::CONFLICT);
    let refused = shown().await["refused"].clone();
    assert_eq!((&refused["status"], &refused["since"]), (&json!(409), &refused["last_at"]));
    scim.user("fay").await;
    assert_eq!(shown().await["refused"], Value::Null);
    let token = first["tokens"][0]["id"].as_str().expect("an id").parse().expect("an id");
    let revoke = RevokeToken { account: scene.seat.acme, token };
    app.change(&Actor::Platform, Command::RevokeToken(revoke)).await.expect("revoked");
    assert_eq!(shown().await["tokens"], json!([]));
}
