//! An account's groups over REST: found by those who map them, by id and never by name (C1).

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{NOTHING, Scene, mapping, problem};
use crate::world::TokenFor;
use crate::world::client::Client;

/// In the order of their making; `É` comes after all letters without accents, byte by byte.
const NAMES: [&str; 5] = ["Zeta", "alpha", "É", "Mid", "beta"];

/// A second identity provider of the account.
async fn other_connection(scene: &Scene) -> Client {
    let wanted = TokenFor { connection: "okta", ..TokenFor::default() };
    scene.seat.test.client("acme", &scene.seat.test.token("acme", wanted).await)
}

#[tokio::test]
async fn c1_groups_are_listed_page_by_page_and_found_by_what_is_known_of_them() {
    let scene = Scene::new().await;
    let scim = &scene.seat.scim;
    let mut ids = vec![];
    for name in NAMES {
        let new = json!({ "displayName": name, "externalId": format!("ext-{name}") });
        ids.push(scim.post("/Groups", &new).await.expect(StatusCode::CREATED).id());
    }
    let okta = other_connection(&scene).await;
    let twin = okta.group("ALPHA", &[]).await;
    let upwards = ["alpha", "ALPHA", "beta", "Mid", "Zeta", "É"];
    for limit in [1, 2, 5, 6, 200] {
        let names = scene.walk(("/groups", "display_name"), limit).await;
        assert_eq!(names, upwards, "{limit}");
        let mut down = scene.walk(("/groups?sort=-display_name", "id"), limit).await;
        down.reverse();
        assert_eq!(down, scene.walk(("/groups", "id"), limit).await);
    }
    let find = async |filter: &str| scene.walk((&format!("/groups?{filter}"), "id"), 2).await;
    assert_eq!(find("display_name=Alpha").await, [ids[1].clone(), twin.clone()]);
    assert_eq!(find("external_id=ext-Mid").await, [ids[3].clone()]);
    assert_eq!(find("external_id=ext-mid").await, Vec::<String>::new(), "as it was sent");
    let shown = scene.get(&format!("/groups/{twin}")).await.expect(StatusCode::OK);
    assert_eq!(shown.body["connection"]["name"], "okta");
    let connection = shown.body["connection"]["id"].as_str().expect("an id");
    assert_eq!(find(&format!("connection={connection}")).await, [twin]);
    assert_eq!(
        find(&format!("connection={connection}&display_name=mid")).await,
        Vec::<String>::new()
    );
    for wrong in ["name=x", "connection=x", "sort=created_at", "limit=0", "cursor=x", "group=%00"] {
        let refused = scene.get(&format!("/groups?{wrong}")).await;
        problem(&refused, StatusCode::BAD_REQUEST, "invalid-query");
    }
    scim.delete(&format!("/Groups/{}", ids[0])).await.expect(StatusCode::NO_CONTENT);
    assert!(!scene.walk(("/groups", "id"), 200).await.contains(&ids[0]));
    problem(&scene.get(&format!("/groups/{}", ids[0])).await, StatusCode::NOT_FOUND, "not-found");
}

#[tokio::test]
async fn c1_a_group_is_shown_with_what_it_is_in_and_what_is_mapped_to_it() {
    let scene = Scene::new().await;
    let scim = &scene.seat.scim;
    let inner = scim.group("Inner", &[]).await;
    let outer = scim.group("Outer", std::slice::from_ref(&inner)).await;
    let shown = scene.get(&format!("/groups/{inner}")).await.expect(StatusCode::OK).body;
    assert_eq!((&shown["external_id"], &shown["mappings"]), (&Value::Null, &json!([])));
    assert_eq!(shown["nested_in"], json!([outer]));
    let first = scene.make("/group-mappings", &mapping(&outer, "reader")).await;
    let second = scene.make("/group-mappings", &mapping(&outer, "technical")).await;
    let mut mapped = [first.clone(), second.clone()];
    mapped.sort();
    let list = scene.get("/groups").await.expect(StatusCode::OK).body;
    let all = list["items"].as_array().expect("items");
    assert_eq!((all[0]["id"].as_str(), &all[0]["mappings"]), (Some(inner.as_str()), &json!([])));
    assert_eq!((&all[1]["nested_in"], &all[1]["mappings"]), (&json!([]), &json!(mapped)));
    let one = scene.get(&format!("/groups/{outer}")).await.expect(StatusCode::OK).body;
    assert_eq!(one, all[1]);
    scene.delete(&format!("/group-mappings/{first}")).await.expect(StatusCode::NO_CONTENT);
    let one = scene.get(&format!("/groups/{outer}")).await.body;
    assert_eq!(one["mappings"], json!([second]));
    scim.delete(&format!("/Groups/{outer}")).await.expect(StatusCode::NO_CONTENT);
    let shown = scene.get(&format!("/groups/{inner}")).await.expect(StatusCode::OK).body;
    assert_eq!(shown["nested_in"], json!([]));
}

/// What a page costs does not depend on how many groups there are on it.
#[tokio::test]
async fn a_page_of_groups_takes_as_many_statements_as_one_group() {
    let scene = Scene::new().await;
    let one = scene.seat.scim.group("One", &[]).await;
    for n in 0..30 {
        scene.seat.scim.group(&format!("Group {n}"), std::slice::from_ref(&one)).await;
    }
    let store = &scene.seat.test.store;
    let count = async |path: &str| {
        let before = store.statements();
        scene.get(path).await.expect(StatusCode::OK);
        store.statements() - before
    };
    let alone = count(&format!("/groups/{one}")).await;
    assert_eq!(count("/groups?limit=200").await, alone);
    problem(&scene.get(&format!("/groups/{NOTHING}")).await, StatusCode::NOT_FOUND, "not-found");
    problem(&scene.get("/groups/x").await, StatusCode::NOT_FOUND, "not-found");
}
