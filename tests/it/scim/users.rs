//! Users through the SCIM surface: the ordinary life of one.

use axum::http::StatusCode;
use serde_json::json;

use crate::world::TestApp;

#[tokio::test]
async fn a_user_is_created_read_changed_and_deleted() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "bjensen@example.com",
        "externalId": "42",
        "name": { "givenName": "Barbara", "familyName": "Jensen" },
        "emails": [{ "value": "bjensen@example.com", "type": "work", "primary": true }],
    });
    let created = scim.post("/Users", &body).await.expect(StatusCode::CREATED);
    let id = created.id();
    assert_eq!(created.headers["location"], created.body["meta"]["location"].as_str().unwrap());
    assert_eq!(created.headers["etag"], created.body["meta"]["version"].as_str().unwrap());
    assert_eq!(created.body["active"], true);

    let read = scim.get(&format!("/Users/{id}")).await.expect(StatusCode::OK);
    assert_eq!(read.body, created.body);

    let patch = json!({ "Operations": [{ "op": "Replace", "path": "active", "value": "False" }] });
    let patched = scim.patch(&format!("/Users/{id}"), &patch).await.expect(StatusCode::OK);
    assert_eq!(patched.body["active"], false);
    assert_ne!(patched.headers["etag"], created.headers["etag"]);

    scim.delete(&format!("/Users/{id}")).await.expect(StatusCode::NO_CONTENT);
    scim.get(&format!("/Users/{id}")).await.refused(404, None);
    scim.post("/Users", &body).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn a_taken_user_name_is_a_conflict_in_any_case() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    scim.user("bjensen").await;
    scim.post("/Users", &json!({ "userName": "BJensen" })).await.refused(409, Some("uniqueness"));
    assert_eq!(scim.filter("/Users", "userName eq \"BJENSEN\"").await.total(), 1);
}
