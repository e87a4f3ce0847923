//! Bundles over REST: S7 (copied, adapted, told what changed upstream) and S5 (who changes them).

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::{BASE, NOTHING, Scene, codes, mapping, predefined, previewed, problem, tag, wrong};

/// The line of the rights of the bundle `reader`, and another one.
const READER: &str =
    r#"rights = ["dashboards.read", "campaigns.read", "responses.read", "documents.read"]"#;
const LESS: &str = r#"rights = ["dashboards.read", "responses.read", "connectors.manage"]"#;

#[tokio::test]
async fn s7_a_predefined_bundle_is_copied_and_the_copy_adapted() {
    let scene = Scene::new().await;
    let list = scene.get("/bundles?limit=200").await.expect(StatusCode::OK);
    let all = list.body["items"].as_array().expect("items");
    let reader = all.iter().find(|it| it["key"] == "reader").expect("it is predefined");
    assert_eq!((&reader["predefined"], &reader["name"]), (&json!(true), &json!("Reader")));
    let new = json!({ "name": " Our readers ", "origin": reader["id"] });
    let made = scene.post("/bundles", &new).await.expect(StatusCode::CREATED);
    assert_eq!(made.headers[header::LOCATION], format!("{BASE}/bundles/{}", made.id()));
    assert_eq!(made.body["name"], "Our readers");
    assert_eq!(made.body["rights"], reader["rights"]);
    assert_eq!(made.body["predefined"], false);
    assert_eq!(made.body["created_by"], scene.chief.session.user.to_string());
    let path = format!("/bundles/{}", made.id());
    let shown = scene.get(&path).await.expect(StatusCode::OK);
    assert_eq!((&shown.body, tag(&shown)), (&made.body, tag(&made)));
    let less = json!({ "rights": ["dashboards.read"], "description": "Only these." });
    let edited = scene.patch(&path, &less).await.expect(StatusCode::OK);
    assert_eq!(edited.body["rights"], json!(["dashboards.read"]));
    assert_eq!(edited.body["name"], "Our readers", "what is left out stays");
    assert_ne!(tag(&edited), tag(&made));
    // What the original holds may come back, though the author does not hold it.
    let back = json!({ "rights": ["dashboards.read", "campaigns.read"] });
    scene.patch(&path, &back).await.expect(StatusCode::OK);
    let own = predefined("reader");
    for (method, body) in [(Method::PATCH, less), (Method::DELETE, Value::Null)] {
        let refused = scene.in_french((method, &format!("/bundles/{own}")), &body).await;
        wrong(&refused, StatusCode::CONFLICT, ("id", "predefined"));
        assert!(refused.text.contains("copiez-le"), "{}", refused.text);
    }
    let gone = scene.delete(&path).await;
    assert_eq!((gone.status, gone.text.as_str()), (StatusCode::NO_CONTENT, ""));
    problem(&scene.get(&path).await, StatusCode::NOT_FOUND, "not-found");
    problem(&scene.delete(&path).await, StatusCode::NOT_FOUND, "not-found");
}

#[tokio::test]
async fn s7_a_copy_tells_what_its_original_gained_and_lost_since() {
    let scene = Scene::new().await;
    let new = json!({ "name": "Our readers", "origin": predefined("reader") });
    let made = scene.post("/bundles", &new).await.expect(StatusCode::CREATED);
    let origin = |answer: &Value| {
        let origin = &answer["origin"];
        (origin["gained"].clone(), origin["lost"].clone())
    };
    assert_eq!(origin(&made.body), (json!([]), json!([])));
    scene.release(READER, LESS).await;
    let path = format!("/bundles/{}", made.id());
    let shown = scene.get(&path).await.expect(StatusCode::OK);
    let told = (json!(["connectors.manage"]), json!(["campaigns.read", "documents.read"]));
    assert_eq!(origin(&shown.body), told);
    assert_eq!(shown.body["rights"], made.body["rights"], "the copy itself stays as it is");
    // What has come upstream can be taken over; the same is told where it is changed.
    let taken = json!({ "rights": ["dashboards.read", "connectors.manage"] });
    let edited = scene.patch(&path, &taken).await.expect(StatusCode::OK);
    assert_eq!(origin(&edited.body), told);
    let later = json!({ "name": "Newer readers", "origin": predefined("reader") });
    let later = scene.post("/bundles", &later).await.expect(StatusCode::CREATED);
    assert_eq!(origin(&later.body), (json!([]), json!([])));
    assert_ne!(later.body["origin"]["release"], made.body["origin"]["release"]);
}

/// S5, M: no grant above oneself.
#[tokio::test]
async fn s5_a_bundle_holds_no_right_that_its_author_does_not_hold() {
    let scene = Scene::holding(&["dashboards.read"]).await;
    let beyond = json!({ "name": "Mine", "rights": ["dashboards.read", "campaigns.edit"] });
    for path in ["/bundles", "/bundles?dryRun=true"] {
        let refused = scene.post(path, &beyond).await;
        problem(&refused, StatusCode::FORBIDDEN, "denied");
        assert_eq!(refused.body["rule"], "no-right-beyond-author");
        assert!(refused.text.contains("ask an administrator who holds it"), "{}", refused.text);
    }
    let french = scene.in_french((Method::POST, "/bundles"), &beyond).await;
    assert!(french.text.contains("bouquet"), "{}", french.text);
    let within = json!({ "name": "Mine", "rights": ["dashboards.read"] });
    let path = format!("/bundles/{}", scene.make("/bundles", &within).await);
    let more = json!({ "rights": ["dashboards.read", "campaigns.edit"] });
    let refused = scene.patch(&path, &more).await;
    assert_eq!(refused.body["rule"], "no-right-beyond-author", "{}", refused.text);
    let copy = json!({ "name": "Copy", "origin": predefined("reader"),
                       "rights": ["campaigns.read", "campaigns.edit"] });
    let refused = scene.post("/bundles", &copy).await;
    assert_eq!(refused.body["rule"], "no-right-beyond-author", "{}", refused.text);
}

#[tokio::test]
async fn what_is_wrong_with_a_bundle_is_told_at_once_in_both_languages() {
    let scene = Scene::new().await;
    let empty = scene.post("/bundles", &json!({})).await;
    wrong(&empty, StatusCode::BAD_REQUEST, ("name", "missing"));
    let unknown = json!({ "name": "x", "rights": ["No Key"] });
    wrong(
        &scene.post("/bundles", &unknown).await,
        StatusCode::BAD_REQUEST,
        ("rights", "unknown_right"),
    );
    for origin in [NOTHING, "x"] {
        let copy = json!({ "name": "x", "origin": origin });
        let refused = scene.post("/bundles", &copy).await;
        wrong(&refused, StatusCode::BAD_REQUEST, ("origin", "unknown_bundle"));
        let french = scene.in_french((Method::POST, "/bundles"), &copy).await;
        assert!(french.text.contains("n’ont de bouquet"), "{}", french.text);
    }
    let long = "n".repeat(10_000);
    let both = json!({ "name": long, "description": format!("{long}\u{7}") });
    let refused = scene.post("/bundles", &both).await;
    problem(&refused, StatusCode::BAD_REQUEST, "invalid-fields");
    let all = [("name", "too_long"), ("description", "too_long"), ("description", "not_text")];
    assert_eq!(codes(&refused), all);
    assert!(refused.text.len() < 2_000, "what was sent is not sent back");
    scene.make("/bundles", &json!({ "name": "Taken" })).await;
    let other = format!("/bundles/{}", scene.make("/bundles", &json!({ "name": "Other" })).await);
    for suffix in ["", "?dryRun=true"] {
        let again = scene.post(&format!("/bundles{suffix}"), &json!({ "name": "tAKEN" })).await;
        wrong(&again, StatusCode::CONFLICT, ("name", "name_taken"));
        let named = scene.patch(&format!("{other}{suffix}"), &json!({ "name": "Taken " })).await;
        wrong(&named, StatusCode::CONFLICT, ("name", "name_taken"));
    }
    // One's own name in another case is no conflict.
    scene.patch(&other, &json!({ "name": "OTHER" })).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn s7_trying_a_change_of_a_bundle_tells_who_loses_what_and_changes_nothing() {
    let scene = Scene::new().await;
    let (ann, bob) = (scene.seat.scim.user("ann").await, scene.seat.scim.user("bob").await);
    let group = scene.seat.scim.group("Staff", &[ann.clone(), bob]).await;
    let copy = json!({ "name": "Ours", "origin": predefined("reader") });
    let bundle = scene.make("/bundles", &copy).await;
    let given = json!({ "group": group, "bundle": bundle });
    scene.make("/group-mappings", &given).await;
    let path = format!("/bundles/{bundle}");
    let before = scene.get(&path).await.expect(StatusCode::OK);
    let less = json!({ "rights": ["dashboards.read"] });
    let tried = scene.patch(&format!("{path}?dryRun=true"), &less).await;
    let lost = ["campaigns.read", "documents.read", "responses.read"];
    assert_eq!(previewed(&tried), lost.map(|it| (it.to_owned(), "lost".to_owned(), 2)));
    assert_eq!((&tried.body["users_gaining"], &tried.body["users_losing"]), (&json!(0), &json!(2)));
    let still = scene.get(&path).await.expect(StatusCode::OK);
    assert_eq!((&still.body, tag(&still)), (&before.body, tag(&before)));
    assert_eq!(scene.rights(&ann, "rights").await.len(), 4);
    scene.patch(&path, &less).await.expect(StatusCode::OK);
    assert_eq!(scene.rights(&ann, "rights").await, ["dashboards.read"]);
    // A new one gives nobody anything; neither is made.
    let tried = scene.post("/bundles?dryRun=true", &json!({ "name": "New" })).await;
    assert_eq!(previewed(&tried), []);
    assert_eq!(
        scene.walk(("/bundles", "name"), 3).await.iter().filter(|it| *it == "New").count(),
        0
    );
    // One that is used stays.
    for suffix in ["", "?dryRun=true"] {
        let refused = scene.delete(&format!("{path}{suffix}")).await;
        wrong(&refused, StatusCode::CONFLICT, ("id", "still_used"));
    }
    let mapped = scene.post("/group-mappings", &mapping(&group, "reader")).await;
    mapped.expect(StatusCode::CREATED);
}
