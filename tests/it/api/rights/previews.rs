//! `POST /accounts/{account}/groups/{id}/preview`: what other members would do, before the identity provider
//! sends them.

use axum::http::StatusCode;
use serde_json::json;

use super::{NOTHING, Scene, codes, mapping, previewed, problem};
use crate::world::TokenFor;

#[tokio::test]
async fn other_members_are_tried_and_the_group_stays_as_it_is() {
    let scene = Scene::new().await;
    let scim = &scene.seat.scim;
    let (ann, bob) = (scim.user("ann").await, scim.user("bob").await);
    let group = scim.group("Staff", std::slice::from_ref(&ann)).await;
    let team = scim.group("Team", std::slice::from_ref(&bob)).await;
    scene.make("/group-mappings", &mapping(&group, "recipient")).await;
    let path = format!("/groups/{group}/preview");
    let four = ["dashboards.read", "documents.read", "responses.read"];
    let all = |becomes: &str| four.map(|it| (it.to_owned(), becomes.to_owned(), 1)).to_vec();
    let tried = scene.post(&path, &json!({ "add": [bob] })).await;
    assert_eq!(previewed(&tried), all("effective"));
    assert_eq!(tried.body["first"][0]["display_name"], "bob");
    let tried = scene.post(&path, &json!({ "remove": [ann] })).await;
    assert_eq!(previewed(&tried), all("lost"));
    let nested = scene.post(&path, &json!({ "add": [team, group], "remove": [] })).await;
    assert_eq!((previewed(&nested), &nested.body["users_gaining"]), (all("effective"), &json!(1)));
    // Who is in it already gains nothing, who is not loses nothing.
    let same = scene.post(&path, &json!({ "add": [ann], "remove": [bob] })).await;
    assert_eq!(previewed(&same), []);
    assert_eq!(previewed(&scene.post(&path, &json!({})).await), []);
    assert_eq!(scim.member_ids(&group).await, [ann]);
    assert_eq!(scene.rights(&bob, "rights").await, Vec::<String>::new());
}

/// Preview = what happens: whoever cannot become a member becomes none (DECISIONS.md 21).
#[tokio::test]
async fn who_cannot_become_a_member_is_passed_over() {
    let scene = Scene::new().await;
    let group = scene.seat.scim.group("Staff", &[]).await;
    let path = format!("/groups/{group}/preview");
    let wanted = TokenFor { connection: "okta", ..TokenFor::default() };
    let okta = scene.seat.test.client("acme", &scene.seat.test.token("acme", wanted).await);
    let elsewhere = okta.user("of-okta").await;
    let by_hand = json!({ "user_name": "ada", "given_name": "Ada", "family_name": "L",
                          "language": "en", "email": "ada@example.com" });
    let by_hand = scene.make("/users", &by_hand).await;
    scene.make("/group-mappings", &mapping(&group, "reader")).await;
    let all = json!({ "add": [NOTHING, elsewhere, by_hand], "remove": [by_hand] });
    assert_eq!(previewed(&scene.post(&path, &all).await), []);
    let many: Vec<&str> = std::iter::repeat_n(NOTHING, 1_001).collect();
    let refused = scene.post(&path, &json!({ "add": many })).await;
    problem(&refused, StatusCode::BAD_REQUEST, "invalid-fields");
    assert_eq!(codes(&refused), [("add", "too_many")]);
    let refused = scene.post(&path, &json!({ "add": ["x"], "remove": ["y"] })).await;
    assert_eq!(codes(&refused), [("add", "unknown_user"), ("remove", "unknown_user")]);
    for group in [NOTHING, "x"] {
        let refused = scene.post(&format!("/groups/{group}/preview"), &json!({})).await;
        problem(&refused, StatusCode::NOT_FOUND, "not-found");
    }
    let refused = scene.post(&path, &json!({ "add": [], "also": [] })).await;
    problem(&refused, StatusCode::BAD_REQUEST, "invalid-json");
    let refused = scene.post(&format!("{path}?dryRun=true"), &json!({})).await;
    problem(&refused, StatusCode::BAD_REQUEST, "no-dry-run");
}
