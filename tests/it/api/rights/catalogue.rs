//! The catalogue over REST (S5): each right is documented in both languages, for whoever is in the account.

use axum::http::{Method, StatusCode};
use countersign::domain::rights::catalogue::Catalogue;
use serde_json::{Value, json};

use super::{BASE, Scene, plain, predefined, tag};

const PATH: &str = "/catalogue";

#[track_caller]
fn found<'a>(body: &'a Value, list: &str, key: &str) -> &'a Value {
    let all = body[list].as_array().expect("a list");
    all.iter().find(|it| it["key"] == key).unwrap_or_else(|| panic!("no {key} in {list}"))
}

#[tokio::test]
async fn s5_every_right_is_documented_in_both_languages_to_whoever_is_in_the_account() {
    let scene = Scene::new().await;
    let by = plain(&scene.seat).await;
    let answer = scene.seat.get(&by, &format!("{BASE}{PATH}")).await.expect(StatusCode::OK);
    let (body, shipped) = (&answer.body, Catalogue::shipped());
    assert_eq!((&body["number"], &body["release"]), (&json!(1), &json!(shipped.hash())));
    for (list, count) in [
        ("rights", shipped.rights.len()),
        ("permissions", shipped.permissions.len()),
        ("bundles", shipped.bundles.len()),
        ("roles", shipped.roles.len()),
    ] {
        let all = body[list].as_array().expect("a list");
        assert_eq!(all.len(), count, "{list}");
        for (it, (text, language)) in all.iter().flat_map(|it| {
            let texts = ["label", "description"].map(|text| ["en", "fr"].map(|to| (text, to)));
            texts.concat().into_iter().map(move |wanted| (it, wanted))
        }) {
            let told = it[text][language].as_str().is_some_and(|told| !told.is_empty());
            assert!(told, "{list} {} has no {text} in {language}", it["key"]);
        }
    }
    let export = found(body, "rights", "data.export");
    let flags = ["permission", "privileged", "recipient_safe"].map(|name| export[name].clone());
    assert_eq!(flags, [json!("export"), json!(false), json!(false)]);
    assert_eq!(found(body, "rights", "users.administer")["privileged"], true);
    assert_eq!(found(body, "rights", "dashboards.read")["recipient_safe"], true);
    let conflicts = found(body, "rights", "documents.edit")["conflicts"].clone();
    assert_eq!(conflicts, json!(["documents.approve"]));
    let technical = found(body, "bundles", "technical");
    assert_eq!(technical["id"], predefined("technical"), "by that it is mapped");
    assert_eq!(technical["rights"], json!(["activities.read", "api.use", "connectors.manage"]));
    let viewer = found(body, "roles", "workspace-viewer");
    let carries = (&viewer["level"], &viewer["bundles"]);
    assert_eq!(carries, (&json!("workspace"), &json!([predefined("reader")])));
}

#[tokio::test]
async fn s5_whoever_has_the_catalogue_is_sent_it_again_only_after_a_release() {
    let scene = Scene::new().await;
    let shown = scene.get(PATH).await.expect(StatusCode::OK);
    let known = [("if-none-match", tag(&shown))];
    let known = known.each_ref().map(|(name, tag)| (*name, tag.as_str()));
    let again = scene.ask((Method::GET, PATH), &known, "").await.expect(StatusCode::NOT_MODIFIED);
    assert_eq!((again.text.as_str(), tag(&again)), ("", tag(&shown)));
    scene.release("\"Reader\"", "\"Onlooker\"").await;
    let now = scene.ask((Method::GET, PATH), &known, "").await.expect(StatusCode::OK);
    assert_eq!(found(&now.body, "bundles", "reader")["label"]["en"], "Onlooker");
    assert_eq!((&now.body["number"], tag(&now) == tag(&shown)), (&json!(2), false));
}

#[tokio::test]
async fn s5_rights_that_are_not_known_are_answered_with_where_to_read_them() {
    let scene = Scene::new().await;
    let new = json!({ "name": "x", "rights": ["no.such"] });
    let refused = scene.post("/bundles", &new).await;
    // An author holds no right that there is not.
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    let user = scene.seat.scim.user("ann").await;
    let grant = json!({ "user": user, "right": "no.such", "reason": "x" });
    let refused = scene.post("/grants", &grant).await.expect(StatusCode::BAD_REQUEST);
    assert!(refused.text.contains("/catalogue"), "{}", refused.text);
    scene.get("/catalogue?language=fr").await.expect(StatusCode::BAD_REQUEST);
}
