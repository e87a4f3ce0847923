//! Who has a right, a bundle or a role, over REST: page by page, now and on a past day (C2).

use axum::http::StatusCode;
use serde_json::json;

use super::{NOTHING, Scene, mapping, predefined, problem, wrong};

#[tokio::test]
async fn c2_holders_are_listed_page_by_page_whichever_way_they_came_by_it() {
    let scene = Scene::new().await;
    let mut ids = vec![];
    for n in 0..7 {
        ids.push(scene.seat.scim.user(&format!("user{n}")).await);
    }
    let group = scene.seat.scim.group("Staff", &ids[..5]).await;
    scene.make("/group-mappings", &mapping(&group, "reader")).await;
    let bundle = json!({ "user": ids[5], "bundle": predefined("reader"), "reason": "x" });
    scene.make("/grants", &bundle).await;
    let one = json!({ "user": ids[6], "right": "campaigns.read", "reason": "x" });
    scene.make("/grants", &one).await;
    ids.sort();
    let reader = predefined("reader");
    for limit in [1, 2, 7, 8] {
        let mut found = scene.walk(("/holders?right=campaigns.read", "user"), limit).await;
        found.sort();
        assert_eq!(found, ids, "{limit}");
        let found = scene.walk((&format!("/holders?bundle={reader}"), "user"), limit).await;
        assert_eq!(found.len(), 6, "{limit}");
    }
    let nobody = scene.walk((&format!("/holders?role={NOTHING}"), "user"), 5).await;
    assert_eq!(nobody, Vec::<String>::new());
}

#[tokio::test]
async fn c2_who_had_it_on_a_past_day_is_still_told() {
    let scene = Scene::new().await;
    let ann = scene.seat.scim.user("ann").await;
    let given = json!({ "user": ann, "right": "campaigns.read", "reason": "x" });
    let given = scene.post("/grants", &given).await.expect(StatusCode::CREATED);
    scene.seat.test.clock.advance_seconds(600);
    scene.delete(&format!("/grants/{}", given.id())).await.expect(StatusCode::NO_CONTENT);
    let at = async |at: &str| {
        let path = format!("/holders?right=campaigns.read{at}");
        scene.walk((&path, "user"), 5).await
    };
    assert_eq!(at("").await, Vec::<String>::new());
    assert_eq!(at("&at=2026-01-01T00:05:00Z").await, std::slice::from_ref(&ann));
    assert_eq!(at("&at=2025-12-31T00:00:00Z").await, Vec::<String>::new());
    let explained = async |at: &str| {
        let path = format!("/users/{ann}/explanation?right=campaigns.read{at}");
        let told = scene.get(&path).await.expect(StatusCode::OK);
        told.body["ways"].as_array().expect("ways").len()
    };
    assert_eq!((explained("").await, explained("&at=2026-01-01T00:05:00Z").await), (0, 1));
    for at in ["2027-01-01T00:00:00Z", "yesterday", ""] {
        for path in [
            "/holders?right=campaigns.read",
            &format!("/users/{ann}/explanation?right=campaigns.read"),
            &format!("/users/{ann}/rights?"),
        ] {
            let refused = scene.get(&format!("{path}&at={at}")).await;
            problem(&refused, StatusCode::BAD_REQUEST, "invalid-query");
            assert_eq!(refused.body["errors"][0]["code"], "moment", "{}", refused.text);
        }
    }
}

#[tokio::test]
async fn one_thing_is_asked_about_at_a_time() {
    let scene = Scene::new().await;
    let reader = predefined("reader");
    for query in ["", &format!("?right=campaigns.read&bundle={reader}")] {
        let refused = scene.get(&format!("/holders{query}")).await;
        wrong(&refused, StatusCode::BAD_REQUEST, ("right", "one_wanted"));
    }
    for (query, field, code) in [
        ("?right=No+Key", "right", "unknown_right"),
        ("?right=campaings.read", "right", "unknown_right"),
        ("?bundle=x", "bundle", "unknown_bundle"),
        ("?role=x", "role", "unknown_role"),
    ] {
        let refused = scene.get(&format!("/holders{query}")).await;
        wrong(&refused, StatusCode::BAD_REQUEST, (field, code));
    }
    for query in ["?user=x&right=campaigns.read", "?right=campaigns.read&sort=-account"] {
        let refused = scene.get(&format!("/holders{query}")).await;
        problem(&refused, StatusCode::BAD_REQUEST, "invalid-query");
    }
    let user = scene.chief.session.user.to_string();
    for query in ["", "?right=", "?right=No+Key", "?right=campaings.read"] {
        let refused = scene.get(&format!("/users/{user}/explanation{query}")).await;
        wrong(&refused, StatusCode::BAD_REQUEST, ("right", "unknown_right"));
    }
    let unknown = scene.get(&format!("/users/{NOTHING}/explanation?right=campaigns.read")).await;
    problem(&unknown, StatusCode::NOT_FOUND, "not-found");
}
