//! What asking costs, in statements: the product's key is one, the stamps of all whom a request is about
//! are another (DECISIONS.md 29), and each account whose users are not known yet a third.

use axum::http::StatusCode;
use countersign::domain::rights::sources::Place;
use serde_json::{Value, json};

use crate::api::access::scene::{EVALUATION, EVALUATIONS, Scene, decisions, question};
use crate::world::client::Answer;

async fn cost(scene: &Scene, request: impl Future<Output = Answer>) -> (Answer, u64) {
    let before = scene.seat.test.store.statements();
    let answer = request.await;
    (answer, scene.seat.test.store.statements() - before)
}

#[tokio::test]
async fn a_hundred_known_decisions_cost_two_statements() {
    let scene = Scene::with_reader().await;
    let mut users = vec![];
    for n in 0..20 {
        users.push(scene.seat.scim.user(&format!("user-{n}")).await);
    }
    let acme = json!({ "type": "account", "id": "acme" });
    let asked: Vec<Value> = users
        .iter()
        .flat_map(|user| {
            ["dashboards.read", "campaigns.read", "campaigns.edit", "data.export", "responses.read"]
                .map(|right| question(user, right, &acme))
        })
        .collect();
    let body = json!({ "evaluations": asked });
    // The first notes that the key is used, and asks for the account's name.
    scene.post(EVALUATION, &scene.ask("dashboards.read")).await.expect(StatusCode::OK);
    let (cold, sent) = cost(&scene, scene.post(EVALUATIONS, &body)).await;
    assert_eq!((decisions(&cold).len(), sent), (100, 3), "key, stamps, one query for all");
    let (warm, sent) = cost(&scene, scene.post(EVALUATIONS, &body)).await;
    assert_eq!((decisions(&warm).len(), sent), (100, 2), "key, stamps");
    assert_eq!(warm.body, cold.body);
    let (one, sent) = cost(&scene, scene.post(EVALUATION, &scene.ask("dashboards.read"))).await;
    assert_eq!((one.body["decision"].as_bool(), sent), (Some(true), 2), "key, stamps");
    let (_, sent) = cost(&scene, scene.post(EVALUATION, &scene.ask("no.such"))).await;
    assert_eq!(sent, 3, "and the number of the catalogue's release");
}

#[tokio::test]
async fn what_one_user_gains_costs_others_nothing() {
    let scene = Scene::with_reader().await;
    let bob = scene.seat.scim.user("bob").await;
    let acme = json!({ "type": "account", "id": "acme" });
    let [ann, bob_asks] = [&scene.ann, &bob].map(|user| question(user, "dashboards.read", &acme));
    for body in [&ann, &bob_asks] {
        scene.post(EVALUATION, body).await.expect(StatusCode::OK);
    }
    let join = json!([{ "op": "add", "path": "members", "value": [{ "value": bob }] }]);
    let path = format!("/Groups/{}", scene.group);
    let done = scene.seat.scim.patch(&path, &crate::scim::patch_op(&join)).await;
    done.expect(StatusCode::NO_CONTENT);
    let (_, sent) = cost(&scene, scene.post(EVALUATION, &ann)).await;
    assert_eq!(sent, 2, "ann's rights are as they were");
    let (told, sent) = cost(&scene, scene.post(EVALUATION, &bob_asks)).await;
    assert_eq!((told.body["decision"].as_bool(), sent), (Some(true), 3), "bob's are not");
}

/// The issue: a copy that is still good costs two statements.
#[tokio::test]
async fn a_good_copy_of_rights_costs_two_statements() {
    let scene = Scene::with_reader().await;
    let path = format!("/api/v1/accounts/acme/users/{}/rights", scene.ann);
    let first = scene.get(&path).await.expect(StatusCode::OK);
    let tag = first.headers["etag"].to_str().expect("text").to_owned();
    let (again, sent) = cost(&scene, scene.get_if_none(&path, &tag)).await;
    assert_eq!((again.status, sent), (StatusCode::NOT_MODIFIED, 2), "key, stamp");
    let (again, sent) = cost(&scene, scene.get(&path)).await;
    assert_eq!((again.status, sent), (StatusCode::OK, 2), "key, stamp");
    scene.map("analyst", Place::Account).await;
    let (again, sent) = cost(&scene, scene.get_if_none(&path, &tag)).await;
    assert_eq!((again.status, sent), (StatusCode::OK, 3), "key, stamp, rights");
}
