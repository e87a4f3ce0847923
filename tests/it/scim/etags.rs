//! Versions: `ETag`, `If-None-Match`, `If-Match` (RFC 7644 §3.14).

use axum::body::Body;
use axum::http::{HeaderName, Method, StatusCode, header};
use serde_json::{Value, json};

use crate::scim::patch_op;
use crate::world::TestApp;
use crate::world::client::{Answer, Client};

#[tokio::test]
async fn a_version_at_hand_is_not_sent_again() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let ann = scim.user("ann").await;
    let group = scim.group("Staff", std::slice::from_ref(&ann)).await;
    for path in [format!("/Users/{ann}"), format!("/Groups/{group}")] {
        let tag = tag(&scim, &path).await;
        let strong = tag.strip_prefix("W/").expect("a weak tag").to_owned();
        for known in [&tag, &strong, &format!("W/\"other\", {tag}"), "*"] {
            let answer = ask(&scim, (Method::GET, &path), header::IF_NONE_MATCH, known).await;
            assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{known}");
            assert_eq!(answer.text, "");
            assert_eq!(answer.headers["etag"], tag.as_str());
        }
        let answer = ask(&scim, (Method::GET, &path), header::IF_NONE_MATCH, "W/\"other\"").await;
        answer.expect(StatusCode::OK);
    }
}

/// The Must show: a stale `If-Match` gets 412.
#[tokio::test]
async fn a_stale_if_match_gets_412_and_changes_nothing() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let ann = scim.user("ann").await;
    let group = scim.group("Staff", &[]).await;
    let title = patch_op(&json!([{ "op": "add", "path": "title", "value": "Dr" }]));
    let rename = patch_op(&json!([{ "op": "replace", "path": "displayName", "value": "Crew" }]));
    let join = patch_op(&json!([{ "op": "add", "path": "members", "value": [{ "value": ann }] }]));
    let leave = patch_op(&json!([{ "op": "remove", "path": "members" }]));
    let cases = [
        (format!("/Users/{ann}"), json!({ "userName": "anne" }), vec![title]),
        (format!("/Groups/{group}"), json!({ "displayName": "Team" }), vec![join, rename, leave]),
    ];
    for (path, put, patches) in cases {
        let old = tag(&scim, &path).await;
        for patch in &patches {
            send(&scim, (Method::PATCH, &path), "*", patch).await;
        }
        let before = scim.get(&path).await;
        for stale in [old.as_str(), "W/\"0\"", "\"nonsense\"", "W/\"1\", W/\"2.9\""] {
            refuse(&scim, (&path, stale), (&put, &patches)).await;
        }
        assert_eq!(scim.get(&path).await.body, before.body);
        let live = tag(&scim, &path).await;
        let answer = send(&scim, (Method::PUT, &path), &live, &put).await.expect(StatusCode::OK);
        assert_ne!(answer.headers["etag"], live.as_str());
        let live = tag(&scim, &path).await;
        assert_eq!(answer.headers["etag"], live.as_str());
        let delete = ask(&scim, (Method::DELETE, &path), header::IF_MATCH, &live).await;
        delete.expect(StatusCode::NO_CONTENT);
    }
}

/// Asserts that no write goes through whose `If-Match` is stale.
async fn refuse(scim: &Client, (path, stale): (&str, &str), (put, patches): (&Value, &[Value])) {
    for patch in patches {
        send(scim, (Method::PATCH, path), stale, patch).await.refused(412, None);
    }
    send(scim, (Method::PUT, path), stale, put).await.refused(412, None);
    let delete = ask(scim, (Method::DELETE, path), header::IF_MATCH, stale).await;
    delete.refused(412, None);
}

/// What is answered of a resource never changes under one tag.
#[tokio::test]
async fn a_tag_changes_whenever_the_answer_does() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let ann = scim.user("ann").await;
    let group = scim.group("Staff", &[]).await;
    let (user_path, group_path) = (format!("/Users/{ann}"), format!("/Groups/{group}"));
    let join = patch_op(&json!([{ "op": "add", "path": "members", "value": [{ "value": ann }] }]));
    let leave = patch_op(&json!([{ "op": "remove", "path": "members" }]));
    for patch in [join, leave] {
        let (user, group) = (scim.get(&user_path).await, scim.get(&group_path).await);
        scim.patch(&group_path, &patch).await.expect(StatusCode::NO_CONTENT);
        for (path, before) in [(&group_path, group), (&user_path, user)] {
            let after = scim.get(path).await;
            assert_ne!(after.body, before.body, "{path}");
            assert_ne!(after.headers["etag"], before.headers["etag"], "{path}: {patch}");
        }
    }
}

#[tokio::test]
async fn a_change_that_changes_nothing_keeps_version_and_time() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let body = json!({ "userName": "ann", "emails": [{ "value": "a@x.test", "type": "work" }] });
    let before = scim.post("/Users", &body).await.expect(StatusCode::CREATED);
    let path = format!("/Users/{}", before.id());
    for operation in [
        json!({ "op": "add", "path": "emails", "value": [{ "value": "a@x.test", "type": "work" }] }),
        json!({ "op": "replace", "path": "active", "value": "True" }),
        json!({ "op": "remove", "path": "title" }),
        json!({ "op": "replace", "value": { "userName": "ann", "id": before.id() } }),
        json!({ "op": "add", "path": "unheardOf", "value": 1 }),
    ] {
        test.clock.advance_seconds(5);
        let patch = patch_op(&json!([operation]));
        let after = scim.patch(&path, &patch).await.expect(StatusCode::OK);
        assert_eq!(after.body, before.body, "{patch}");
    }
    test.clock.advance_seconds(5);
    assert_eq!(scim.put(&path, &body).await.expect(StatusCode::OK).body, before.body);
    let title = patch_op(&json!([{ "op": "add", "path": "title", "value": "Dr" }]));
    let after = scim.patch(&path, &title).await.expect(StatusCode::OK);
    assert_ne!(after.body["meta"]["version"], before.body["meta"]["version"]);
    assert_ne!(after.body["meta"]["lastModified"], before.body["meta"]["lastModified"]);
    assert_eq!(after.body["meta"]["created"], before.body["meta"]["created"]);
}

#[tokio::test]
async fn a_change_of_members_that_names_nobody_keeps_the_version() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let member = scim.user("ann").await;
    let path = format!("/Groups/{}", scim.group("Staff", &[member]).await);
    let before = scim.get(&path).await.expect(StatusCode::OK);
    for op in ["add", "remove"] {
        test.clock.advance_seconds(5);
        let patch = patch_op(&json!([{ "op": op, "path": "members", "value": [] }]));
        assert!(scim.patch(&path, &patch).await.status.is_success(), "{patch}");
        assert_eq!(scim.get(&path).await.body, before.body, "{patch}");
    }
}

async fn tag(scim: &Client, path: &str) -> String {
    let answer = scim.get(path).await.expect(StatusCode::OK);
    let tag = answer.headers["etag"].to_str().expect("text").to_owned();
    assert_eq!(answer.body["meta"]["version"], tag.as_str());
    tag
}

async fn ask(
    scim: &Client,
    (method, path): (Method, &str),
    name: HeaderName,
    value: &str,
) -> Answer {
    let request = scim.request(method, path).header(name, value);
    scim.send(request.body(Body::empty()).expect("a request")).await
}

async fn send(
    scim: &Client,
    (method, path): (Method, &str),
    if_match: &str,
    body: &Value,
) -> Answer {
    let request = scim.request(method, path).header(header::IF_MATCH, if_match);
    scim.send(request.body(Body::from(body.to_string())).expect("a request")).await
}
