//! Rights in access tokens, where they are asked for (DECISIONS.md 30).

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign::domain::rights::sources::{Period, Place};
use serde_json::{Value, json};

use crate::api::access::scene::{Scene, WORKSPACE};
use crate::api::people::Person;

impl Scene {
    async fn ann(&self) -> Person {
        self.seat.sign_in(&self.ann, crate::world::browser::password()).await
    }

    /// What a token says that was asked for so.
    async fn claims(&self, person: &Person, wish: &Value) -> Value {
        let answer = self.seat.token(person, wish).await.expect(StatusCode::OK);
        let token = answer.body["access_token"].as_str().expect("a token");
        assert!(self.seat.is_active(token).await);
        let payload = token.split('.').nth(1).expect("a payload");
        let claims = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
        let claims: Value = serde_json::from_slice(&claims).expect("JSON");
        assert_eq!(claims["scope"], answer.body["scope"]);
        claims
    }
}

#[tokio::test]
async fn a_token_holds_rights_where_they_are_asked_for() {
    let scene = Scene::with_reader().await;
    scene.map("administrator", Place::Account).await;
    let space = Place::Workspace(WORKSPACE.parse().expect("an id"));
    scene.grant("documents.edit", space, Period::ALWAYS).await;
    let ann = scene.ann().await;
    for wish in [json!({}), json!({ "scope": "" }), json!({ "scope": "api" })] {
        let plain = scene.claims(&ann, &wish).await;
        assert!(plain.get("rights").is_none() && plain.get("rights_omitted").is_none());
        assert_eq!(plain["scope"], "api");
    }
    for scope in ["rights", "api rights"] {
        let claims = scene.claims(&ann, &json!({ "scope": scope })).await;
        assert_eq!(claims["scope"], "api rights");
        let rights = claims["rights"].as_array().expect("rights");
        assert!(rights.contains(&json!("dashboards.read")), "{claims}");
        assert!(!rights.contains(&json!("users.administer")), "pending ones are none: {claims}");
        assert!(claims.get("rights_omitted").is_none());
    }
    for wrong in ["right", "rights openid", "RIGHTS"] {
        assert_eq!(scene.seat.token(&ann, &json!({ "scope": wrong })).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn what_is_held_in_a_workspace_alone_is_in_no_token() {
    let scene = Scene::new().await;
    let space = Place::Workspace(WORKSPACE.parse().expect("an id"));
    scene.grant("documents.edit", space, Period::ALWAYS).await;
    let claims = scene.claims(&scene.ann().await, &json!({ "scope": "rights" })).await;
    assert_eq!(claims["rights"], json!([]));
}

#[tokio::test]
async fn more_than_a_hundred_rights_are_left_out() {
    let scene = Scene::new().await;
    let (acme, ann) = (scene.id(&scene.seat.acme.to_string()), scene.id(&scene.ann));
    let give = async |from: usize, to: usize| {
        for n in from..to {
            let give = format!(
                "INSERT INTO seed_grants (account_id, user_id, right_key, valid_to, valid_from, why) \
                 VALUES ({acme}, {ann}, 'r{n}', {}, 0, 'test')",
                i64::MAX
            );
            scene.seat.test.database.run(&give).await;
        }
        let raise = "UPDATE users SET rights_version = rights_version + 1";
        scene.seat.test.database.run(raise).await;
    };
    let person = scene.ann().await;
    give(0, 100).await;
    let claims = scene.claims(&person, &json!({ "scope": "rights" })).await;
    assert_eq!(claims["rights"].as_array().map(Vec::len), Some(100));
    give(100, 101).await;
    let claims = scene.claims(&person, &json!({ "scope": "rights" })).await;
    assert_eq!(claims["rights_omitted"], true);
    assert!(claims.get("rights").is_none());
}
