//! Grants over REST: S2 and S3 (what a user or a recipient holds), nobody gives to themselves.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{BASE, NOTHING, Scene, plain, predefined, previewed, problem, text, with, wrong};
use crate::api::people::sso;
use crate::api::sso::grant;

fn right(user: &str, right: &str) -> Value {
    json!({ "user": user, "right": right, "reason": "stands in for Bob" })
}

#[tokio::test]
async fn a_grant_is_tried_given_explained_and_taken_away() {
    let scene = Scene::new().await;
    let ann = scene.seat.scim.user("ann").await;
    let tried = scene.post("/grants?dryRun=true", &right(&ann, "campaigns.edit")).await;
    let gained = ("campaigns.edit".to_owned(), "effective".to_owned(), 1);
    assert_eq!(previewed(&tried), [gained]);
    assert_eq!(tried.body["first"][0]["user"], json!(ann));
    assert_eq!(scene.count("/grants").await, 0);
    let made = scene.post("/grants", &right(&ann, "campaigns.edit")).await;
    let made = made.expect(StatusCode::CREATED);
    let shown = scene.get(&format!("/grants/{}", made.id())).await.expect(StatusCode::OK);
    assert_eq!(shown.body, made.body);
    assert_eq!(shown.body["given_by"]["id"], scene.chief.session.user.to_string());
    let way = scene.explained(&ann, "campaigns.edit").await["ways"][0].clone();
    assert_eq!((&way["source"], &way["grant"]), (&json!("grant"), &shown.body));
    let path = format!("/grants/{}", made.id());
    let tried = scene.delete(&format!("{path}?dryRun=true")).await;
    assert_eq!(previewed(&tried), [("campaigns.edit".to_owned(), "lost".to_owned(), 1)]);
    assert_eq!(scene.rights(&ann, "rights").await, ["campaigns.edit"]);
    scene.delete(&path).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(scene.rights(&ann, "rights").await, Vec::<String>::new());
    problem(&scene.get(&path).await, StatusCode::NOT_FOUND, "not-found");
    // What is not changed but ended and given anew cannot be changed.
    let refused = scene.patch(&path, &json!({ "reason": "x" })).await;
    problem(&refused, StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed");
}

/// S5: only administrators change rights, and none their own.
#[tokio::test]
async fn s5_nobody_gives_themselves_rights() {
    let scene = Scene::new().await;
    let own = scene.chief.session.user.to_string();
    for path in ["/grants", "/grants?dryRun=true"] {
        let refused = scene.post(path, &right(&own, "campaigns.edit")).await;
        problem(&refused, StatusCode::FORBIDDEN, "denied");
        assert_eq!(refused.body["rule"], "no-self-assignment");
        let french = scene.in_french((Method::POST, path), &right(&own, "campaigns.edit")).await;
        assert!(french.text.contains("demandez à un autre"), "{}", french.text);
    }
    // Another administrator may.
    let user = scene.seat.scim.user("deputy").await;
    let deputy = scene.seat.sign_in(&user, sso(true)).await;
    grant(&scene.seat, &deputy, "users.administer").await;
    let body = Some((crate::api::people::JSON, right(&own, "campaigns.edit").to_string()));
    let path = format!("{BASE}/grants");
    let given = scene.seat.call(&deputy.by_cookie(), Method::POST, &path, body).await;
    given.expect(StatusCode::CREATED);
    assert!(scene.rights(&own, "rights").await.contains(&"campaigns.edit".to_owned()));
}

/// S2, S3: a recipient is a ceiling, whatever is given.
#[tokio::test]
async fn s2_s3_a_recipient_holds_only_what_is_safe_for_one() {
    let scene = Scene::new().await;
    let rita = json!({ "user_name": "rita", "given_name": "Rita", "family_name": "R",
                       "language": "fr", "email": "rita@example.com" });
    let rita = scene.make("/recipients", &rita).await;
    let given = json!({ "user": rita, "bundle": predefined("analyst"), "reason": "as asked" });
    let tried = previewed(&scene.post("/grants?dryRun=true", &given).await);
    let safe = ["dashboards.read", "documents.read", "responses.read"];
    assert_eq!(tried, safe.map(|it| (it.to_owned(), "effective".to_owned(), 1)));
    scene.make("/grants", &given).await;
    assert_eq!(scene.rights(&rita, "rights").await, safe);
    let way = scene.explained(&rita, "campaigns.read").await["ways"][0].clone();
    assert_eq!(way["stops"][0]["code"], "recipient_ceiling");
    let holders = scene.get("/holders?right=campaigns.read").await.expect(StatusCode::OK);
    assert_eq!(holders.body["items"], json!([]), "{}", holders.text);
}

/// S13: what takes two people waits, and is said to.
#[tokio::test]
async fn s13_what_is_privileged_is_pending_and_shown_as_such() {
    let scene = Scene::new().await;
    let ann = scene.seat.scim.user("ann").await;
    let tried = scene.post("/grants?dryRun=true", &right(&ann, "users.administer")).await;
    assert_eq!(previewed(&tried), [("users.administer".to_owned(), "pending".to_owned(), 1)]);
    assert_eq!((&tried.body["users_gaining"], &tried.body["users_losing"]), (&json!(0), &json!(0)));
    scene.make("/grants", &right(&ann, "users.administer")).await;
    assert_eq!(scene.rights(&ann, "rights").await, Vec::<String>::new());
    assert_eq!(scene.rights(&ann, "pending").await, ["users.administer"]);
    let holders = scene.get("/holders?right=users.administer").await.expect(StatusCode::OK);
    let holders = holders.body["items"].as_array().expect("items").clone();
    let of = |user: &str| {
        let found = holders.iter().find(|it| it["user"] == user).expect("they are there");
        text(&found["places"][0]["standing"])
    };
    assert_eq!(of(&ann), "pending");
    assert_eq!(of(&scene.chief.session.user.to_string()), "effective");
}

#[tokio::test]
async fn what_is_wrong_with_a_grant_is_told_by_field_in_both_languages() {
    let scene = Scene::new().await;
    let ann = scene.seat.scim.user("ann").await;
    let new = |more: Value| with(right(&ann, "campaigns.edit"), &more);
    for (more, fault) in [
        (json!({ "user": "" }), ("user", "missing")),
        (json!({ "user": "ann" }), ("user", "unknown_user")),
        (json!({ "user": NOTHING }), ("user", "unknown_user")),
        (json!({ "reason": "" }), ("reason", "missing")),
        (json!({ "reason": "r".repeat(10_000) }), ("reason", "too_long")),
        (json!({ "right": "No Key" }), ("right", "unknown_right")),
        (json!({ "right": "no.such" }), ("right", "unknown_right")),
        (json!({ "bundle": predefined("reader") }), ("bundle", "nothing_given")),
        (json!({ "right": null }), ("bundle", "nothing_given")),
        (json!({ "right": null, "bundle": NOTHING }), ("bundle", "unknown_bundle")),
        (json!({ "right": null, "role": NOTHING }), ("role", "unknown_role")),
        (json!({ "starts_at": "soon" }), ("starts_at", "wrong_moment")),
        (json!({ "ends_at": "2020-01-01T00:00:00Z" }), ("ends_at", "ends_in_the_past")),
        (
            json!({ "starts_at": "2027-01-02T00:00:00Z", "ends_at": "2027-01-01T00:00:00Z" }),
            ("ends_at", "ends_before_start"),
        ),
    ] {
        for path in ["/grants", "/grants?dryRun=true"] {
            wrong(&scene.post(path, &new(more.clone())).await, StatusCode::BAD_REQUEST, fault);
        }
        let french = scene.in_french((Method::POST, "/grants"), &new(more)).await;
        assert_eq!(french.body["title"], "Champs non valides", "{}", french.text);
    }
    assert_eq!(scene.count("/grants").await, 0);
    let limited =
        new(json!({ "starts_at": "2026-01-02T00:00:00Z", "ends_at": "2026-01-03T00:00:00Z" }));
    scene.make("/grants", &limited).await;
    assert_eq!(scene.rights(&ann, "rights").await, Vec::<String>::new());
    scene.seat.test.clock.advance_seconds(86_400);
    // The session of the administrator may be over by then; what the query says is not.
    let id = scene.seat.sign_in(&scene.chief.session.user.to_string(), sso(true)).await;
    let path = format!("{BASE}/users/{ann}/rights");
    let held = scene.seat.get(&id.by_cookie(), &path).await.expect(StatusCode::OK);
    assert_eq!(held.body["rights"][0]["right"], "campaigns.edit", "{}", held.text);
}

#[tokio::test]
async fn grants_are_listed_by_their_making_and_by_their_user() {
    let scene = Scene::new().await;
    let (ann, bob) = (scene.seat.scim.user("ann").await, scene.seat.scim.user("bob").await);
    let mut ids = vec![];
    for (user, key) in
        [(&ann, "campaigns.read"), (&bob, "campaigns.read"), (&ann, "campaigns.edit")]
    {
        ids.push(scene.make("/grants", &right(user, key)).await);
    }
    for limit in [1, 2, 3] {
        assert_eq!(scene.walk(("/grants", "id"), limit).await, ids);
    }
    let latest = scene.walk(("/grants?sort=-created_at", "id"), 2).await;
    assert_eq!(latest, [&ids[2], &ids[1], &ids[0]].map(Clone::clone));
    let of_ann = scene.walk((&format!("/grants?user={ann}"), "id"), 1).await;
    assert_eq!(of_ann, [&ids[0], &ids[2]].map(Clone::clone));
    let plain = plain(&scene.seat).await;
    let refused = scene.seat.get(&plain, &format!("{BASE}/grants")).await;
    assert_eq!(refused.body["rule"], "administrators-only", "{}", refused.text);
}
