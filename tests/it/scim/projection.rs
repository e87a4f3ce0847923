//! Which attributes an answer carries (RFC 7644 §3.9), on every kind of answer.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::scim::{ENTERPRISE, patch_op};
use crate::world::TestApp;
use crate::world::client::Client;

#[tokio::test]
async fn only_what_is_named_is_answered_beside_what_always_is() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let (id, _) = ann(&scim).await;
    for (names, expected) in [
        ("userName", "id schemas userName"),
        ("USERNAME,%20title%20", "id schemas title userName"),
        ("unheardOf", "id schemas"),
        ("password", "id schemas"),
        ("meta.version", "id meta schemas"),
        ("groups", "groups id schemas"),
        ("id,schemas", "id schemas"),
    ] {
        let answer = scim.get(&format!("/Users/{id}?attributes={names}")).await;
        assert_eq!(keys(&answer.expect(StatusCode::OK).body), expected, "{names}");
    }
    let query = format!("attributes=emails.value,name.familyName,{ENTERPRISE}:manager");
    let answer = scim.get(&format!("/Users/{id}?{query}")).await.expect(StatusCode::OK);
    assert_eq!(answer.body["emails"], json!([{ "value": "a@x.test" }]));
    assert_eq!(answer.body["name"], json!({ "familyName": "Ng" }));
    assert_eq!(answer.body[ENTERPRISE], json!({ "manager": { "value": "7" } }));
    let answer = scim.get(&format!("/Users/{id}?attributes={ENTERPRISE}")).await;
    assert_eq!(answer.body[ENTERPRISE]["department"], "Hearts");
}

#[tokio::test]
async fn what_is_excluded_is_left_out_unless_it_is_always_answered() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let (id, _) = ann(&scim).await;
    let whole = scim.get(&format!("/Users/{id}")).await.body;
    let query = "excludedAttributes=id,schemas,title,emails.type,groups,meta.location";
    let lean = scim.get(&format!("/Users/{id}?{query}")).await.expect(StatusCode::OK).body;
    assert_eq!((&lean["id"], &lean["schemas"]), (&whole["id"], &whole["schemas"]));
    assert_eq!((lean.get("title"), lean.get("groups")), (None, None));
    assert_eq!(lean["emails"], json!([{ "value": "a@x.test" }]));
    assert_eq!(lean["meta"].get("location"), None);
    assert_eq!(lean["meta"]["version"], whole["meta"]["version"]);
    assert_eq!(lean["name"], whole["name"]);
    let query = format!("excludedAttributes={ENTERPRISE}");
    let lean = scim.get(&format!("/Users/{id}?{query}")).await.body;
    assert_eq!(lean.get(ENTERPRISE), None);
}

#[tokio::test]
async fn attributes_and_excluded_attributes_exclude_each_other() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let (user, group) = ann(&scim).await;
    let query = "attributes=id&excludedAttributes=meta";
    for path in ["/Users", "/Groups", &format!("/Users/{user}"), &format!("/Groups/{group}")] {
        scim.get(&format!("{path}?{query}")).await.refused(400, Some("invalidValue"));
    }
    let search = json!({ "attributes": ["id"], "excludedAttributes": ["meta"] });
    scim.post("/.search", &search).await.refused(400, Some("invalidValue"));
    let body = json!({ "userName": "new", "displayName": "new" });
    for endpoint in ["/Users", "/Groups"] {
        let path = format!("{endpoint}?{query}");
        scim.post(&path, &body).await.refused(400, Some("invalidValue"));
        assert_eq!(scim.get(endpoint).await.total(), 1, "a refused creation made nothing");
    }
    let put = json!({ "userName": "other" });
    scim.put(&format!("/Users/{user}?{query}"), &put).await.refused(400, Some("invalidValue"));
    assert_eq!(scim.get(&format!("/Users/{user}")).await.body["userName"], "ann");
    scim.get("/Users?attributes=id&excludedAttributes=").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn the_answers_to_writes_are_cut_likewise() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let (user, group) = ann(&scim).await;
    let lean = "?attributes=userName";
    let body = json!({ "userName": "bob", "title": "Mr" });
    let created = scim.post(&format!("/Users{lean}"), &body).await.expect(StatusCode::CREATED);
    assert_eq!(keys(&created.body), "id schemas userName");
    assert!(created.headers.contains_key("location") && created.headers.contains_key("etag"));
    let path = format!("/Users/{}{lean}", created.id());
    let put = scim.put(&path, &body).await.expect(StatusCode::OK);
    assert_eq!(keys(&put.body), "id schemas userName");
    let patch = patch_op(&json!([{ "op": "replace", "path": "title", "value": "Dr" }]));
    let patched = scim.patch(&path, &patch).await.expect(StatusCode::OK);
    assert_eq!(keys(&patched.body), "id schemas userName");

    let body = json!({ "displayName": "Crew", "members": [{ "value": user }] });
    let path = "/Groups?excludedAttributes=members";
    let created = scim.post(path, &body).await.expect(StatusCode::CREATED);
    assert_eq!(created.body.get("members"), None);
    let join = json!([{ "op": "add", "path": "members", "value": [{ "value": group }] }]);
    let path = format!("/Groups/{}?attributes=members", created.id());
    let patched = scim.patch(&path, &patch_op(&join)).await.expect(StatusCode::OK);
    assert_eq!(keys(&patched.body), "id members schemas");
    assert_eq!(patched.body["members"].as_array().map(Vec::len), Some(2));
    let path = format!("/Groups/{}?excludedAttributes=members", created.id());
    let put = scim.put(&path, &body).await.expect(StatusCode::OK);
    assert_eq!(put.body.get("members"), None);
    assert_eq!(scim.member_ids(&created.id()).await, [user]);
}

#[tokio::test]
async fn lists_and_searches_are_cut_likewise() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let (user, _) = ann(&scim).await;
    let listed = scim.get("/Users?attributes=userName,groups.value").await;
    assert_eq!(keys(&listed.body["Resources"][0]), "groups id schemas userName");
    assert_eq!(listed.body["Resources"][0]["groups"][0].get("display"), None);
    let both = scim.post("/.search", &json!({ "attributes": ["members.value", "title"] })).await;
    assert_eq!(keys(&both.body["Resources"][0]), "id schemas title");
    assert_eq!(both.body["Resources"][1]["members"], json!([{ "value": user }]));
    let lean = scim.post("/Groups/.search", &json!({ "excludedAttributes": ["members"] })).await;
    assert_eq!(lean.body["Resources"][0].get("members"), None);
}

/// Makes `ann`, a member of a group; both ids.
async fn ann(scim: &Client) -> (String, String) {
    let body = json!({
        "userName": "ann", "title": "Dr", "name": { "givenName": "Ann", "familyName": "Ng" },
        "emails": [{ "value": "a@x.test", "type": "work" }], "password": "secret",
        ENTERPRISE: { "department": "Hearts", "manager": { "value": "7" } },
    });
    let user = scim.post("/Users", &body).await.expect(StatusCode::CREATED).id();
    let group = scim.group("Staff", std::slice::from_ref(&user)).await;
    (user, group)
}

fn keys(body: &Value) -> String {
    let mut keys: Vec<&str> =
        body.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys.join(" ")
}
