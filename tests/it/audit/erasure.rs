//! What is personal in the record can be erased, and the record stays as it was written (DECISIONS 34).

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::audit::sealing::{Scene, told};

/// A user made and changed from an address.
async fn made_from(scene: &Scene, name: &str, peer: &str) -> String {
    let peer: SocketAddr = peer.parse().expect("an address");
    let send = async |method: Method, path: &str, body: Value| {
        let request = scene.scim.request(method, path).extension(ConnectInfo(peer));
        let body = Body::from(body.to_string());
        scene.scim.send(request.body(body).expect("a request")).await
    };
    let made = send(Method::POST, "/Users", json!({ "userName": name, "title": "Dr" })).await;
    let id = made.expect(StatusCode::CREATED).id();
    let (path, body) = (format!("/Users/{id}"), json!({ "userName": name, "title": "Prof" }));
    send(Method::PUT, &path, body).await.expect(StatusCode::OK);
    id
}

fn of<'a>(lines: &'a [Value], user: &str) -> Vec<&'a Value> {
    lines.iter().filter(|it| it["target"]["id"] == user).collect()
}

#[tokio::test]
async fn what_is_personal_is_erased_and_the_chain_holds() {
    let scene = Scene::new().await;
    let ada = made_from(&scene, "ada", "203.0.113.5:9").await;
    let bob = made_from(&scene, "bob", "203.0.113.6:9").await;
    scene.seal().await;
    let lines = scene.export();
    let changed = of(&lines, &ada)[0];
    assert_eq!((&changed["ip"], &changed["erased"]), (&json!("203.0.113.5"), &json!(false)));
    assert_eq!(changed["before"], json!({ "title": "Dr" }));
    assert_eq!(changed["after"], json!({ "title": "Prof" }));
    assert_eq!(changed["detail"], json!({ "attributes": ["title"] }));
    let (checkpoint, keys) = (scene.checkpoint(), scene.keys());
    let erase = ["audit", "erase", "--account", "acme", "--user", &ada];
    let (is_good, said) = told(&scene.program.run(&erase));
    assert!(is_good && said.contains("Erased in 2 activities"), "{said}");
    scene.seal().await;
    let after = scene.export();
    for it in of(&after, &ada).iter().skip(1) {
        assert_eq!(
            (&it["ip"], &it["before"], &it["after"], &it["salt"]),
            (&Value::Null, &Value::Null, &Value::Null, &Value::Null)
        );
        assert_eq!(it["erased"], true);
        assert!(it["commitment"].is_string() && it["hash"].is_string(), "{it}");
    }
    assert_eq!(of(&after, &bob)[0]["ip"], "203.0.113.6");
    let erased = &of(&after, &ada)[0];
    assert_eq!(
        (&erased["action"], &erased["actor"]["kind"]),
        (&json!("personal_data.erased"), &json!("platform"))
    );
    assert_eq!(erased["detail"], json!({ "activities": 2 }));
    let outside = ["--checkpoint", checkpoint.as_str(), "--key", &keys];
    for (is_good, said) in [scene.verify(&after, &outside), scene.verify_database(&outside)] {
        assert!(is_good && said.contains(" 2 erased"), "{said}");
    }
    let kept = "SELECT count(*) FROM activity_personal WHERE payload LIKE '%203.0.113.5%'";
    assert_eq!(scene.test.database.number(kept).await, 0);
    let (is_good, said) = told(&scene.program.run(&erase));
    assert!(!is_good && said.contains("nothing personal about such a user"), "{said}");
}

#[tokio::test]
async fn what_was_erased_is_not_replaced_by_something_else() {
    let scene = Scene::new().await;
    let ada = made_from(&scene, "ada", "203.0.113.5:9").await;
    scene.seal().await;
    scene.program.must(&["audit", "erase", "--account", "acme", "--user", &ada]);
    let database = &scene.test.database;
    let other = "INSERT INTO activity_personal (account_id, activity_id, salt, payload) \
                 SELECT account_id, id, {salt}, '{\"ip\":\"192.0.2.1\"}' FROM activities a \
                 WHERE commitment IS NOT NULL AND NOT EXISTS (SELECT 1 FROM activity_personal p \
                 WHERE p.activity_id = a.id)";
    let salt = if database.is_sqlite() { "x'00'" } else { "'\\x00'" };
    database.run(&other.replace("{salt}", salt)).await;
    let (is_good, said) = scene.verify_database(&[]);
    assert!(!is_good && said.contains("what is personal of it is not what was"), "{said}");
}
