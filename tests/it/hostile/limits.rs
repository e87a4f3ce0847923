//! Limits: one over is refused, exactly the limit works (DECISIONS.md 24).

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use futures_util::stream;
use serde_json::{Value, json};

use crate::hostile::Target;
use crate::scim::patch_op;
use crate::world::crowd::{self, user_id};
use crate::world::{TestApp, limits};

#[tokio::test]
async fn a_body_one_byte_over_its_limit_is_refused() {
    let target = Target::new().await;
    for (method, path) in target.doors() {
        let limit = if path.starts_with("/Groups") { 32 << 20 } else { 1 << 20 };
        let over = padded("{\"userName\":\"over\",\"displayName\":\"over\"}", limit + 1);
        target.scim.write(method, &path, over).await.refused(413, None);
    }
    let over = padded("{\"userName\":\"over\"}", (1 << 20) + 1);
    target.scim.write(Method::PUT, "/Users/Groups", over).await.refused(413, None);
    target.is_unharmed().await;

    let exact = padded("{\"userName\":\"exact\"}", 1 << 20);
    target.scim.write(Method::POST, "/Users", exact).await.expect(StatusCode::CREATED);
    let exact = padded("{\"displayName\":\"exact\"}", 32 << 20);
    target.scim.write(Method::POST, "/Groups", exact).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn a_body_is_not_read_before_its_sender_is_known() {
    let target = Target::new().await;
    let stranger = target.test.anonymous("acme");
    let over = padded("{}", (32 << 20) + 1);
    stranger.write(Method::POST, "/Groups", over).await.refused(401, None);
    let chunks = std::iter::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 1 << 16])).take(20);
    let body = Body::from_stream(stream::iter(chunks));
    target.scim.write(Method::POST, "/Users", body).await.refused(413, None);
    let broken = [Ok(b"{\"userName\":".to_vec()), Err(std::io::Error::other("gone"))];
    let body = Body::from_stream(stream::iter(broken));
    target.scim.write(Method::POST, "/Users", body).await.refused(400, Some("invalidSyntax"));
    target.is_unharmed().await;
}

#[tokio::test]
async fn one_operation_over_the_published_number_is_refused() {
    let target = Target::new().await;
    let config = target.scim.get("/ServiceProviderConfig").await;
    let most = config.body["bulk"]["maxOperations"].as_u64().expect("a number");
    let operation = json!({ "op": "replace", "path": "displayName", "value": "over" });
    for path in [format!("/Users/{}", target.ann), format!("/Groups/{}", target.group)] {
        let over: Vec<Value> = (0..=most).map(|_| operation.clone()).collect();
        target.scim.patch(&path, &patch_op(&json!(over))).await.refused(413, None);
        let wide: serde_json::Map<String, Value> =
            (0..3000).map(|n| (format!("urn:x:y{n}"), json!({ "a": n }))).collect();
        let wide = patch_op(&json!([{ "op": "add", "value": wide }]));
        let answer = target.scim.patch(&path, &wide).await;
        assert!(answer.status.is_client_error(), "{}", answer.text);
    }
    target.is_unharmed().await;
    let exact: Vec<Value> = (0..most).map(|_| operation.clone()).collect();
    let path = format!("/Groups/{}", target.group);
    target.scim.patch(&path, &patch_op(&json!(exact))).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(target.scim.get(&path).await.body["displayName"], "over");
}

#[tokio::test]
async fn configured_limits_are_kept() {
    let small = countersign::app::Limits {
        user_body_bytes: 100,
        group_body_bytes: 200,
        max_operations: 2,
        ..limits()
    };
    let test = TestApp::with_limits(small).await;
    let scim = test.scim("acme").await;
    let id = scim.user("ann").await;
    for (path, limit) in [("/Users", 100), ("/Groups", 200)] {
        let text = "{\"userName\":\"a\",\"displayName\":\"a\"}";
        scim.write(Method::POST, path, padded(text, limit + 1)).await.refused(413, None);
        scim.write(Method::POST, path, padded(text, limit)).await.expect(StatusCode::CREATED);
    }
    let patch = |count: usize| json!({ "Operations": vec![json!({ "op": "remove", "path": "title" }); count] });
    scim.patch(&format!("/Users/{id}"), &patch(3)).await.refused(413, None);
    scim.patch(&format!("/Users/{id}"), &patch(2)).await.expect(StatusCode::OK);
}

/// Texts, lists and foreign objects have ends, and what is as long as allowed can be stored.
#[tokio::test]
async fn values_have_limits_and_the_longest_are_stored() {
    let target = Target::new().await;
    // Not to be compressed: an index of the database may take less than a row does.
    let long = |bytes: usize| -> String {
        let words = (1_u64..).map(|n| format!("{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        words.take(bytes / 16 + 1).collect::<String>().chars().take(bytes).collect()
    };
    let addresses = |count: usize| -> Vec<Value> {
        (0..count).map(|n| json!({ "value": format!("{n}@x.test") })).collect()
    };
    for body in [
        json!({ "userName": long(8193) }),
        json!({ "userName": "x", "externalId": long(8193) }),
        json!({ "userName": "x", "emails": addresses(1001) }),
        json!({ "userName": "x", "emails": [{ "value": long(8193) }] }),
    ] {
        let answer = target.scim.post("/Users", &body).await;
        answer.refused(400, Some("invalidValue"));
    }
    target.is_unharmed().await;
    let whole = long(8192);
    let mut broken = vec![];
    for (endpoint, attribute, value) in [
        ("/Users", "userName", json!(whole)),
        ("/Users", "externalId", json!(whole)),
        ("/Users", "displayName", json!(whole)),
        ("/Users", "title", json!(whole)),
        ("/Users", "emails", json!([{ "value": whole }])),
        ("/Groups", "displayName", json!(whole)),
        ("/Groups", "externalId", json!(whole)),
    ] {
        let mut body = json!({ "userName": format!("{attribute}-{endpoint}"), "displayName": "d" });
        body[attribute] = value;
        let made = target.scim.post(endpoint, &body).await;
        let status = made.status;
        let is_taken = status == StatusCode::CREATED && made.body[attribute] == body[attribute];
        if !is_taken && status != StatusCode::BAD_REQUEST {
            broken.push(format!("{endpoint} {attribute}: {}", made.text));
        }
        if is_taken {
            let path = format!("{endpoint}/{}", made.id());
            target.scim.delete(&path).await.expect(StatusCode::NO_CONTENT);
        }
    }
    assert!(broken.is_empty(), "neither stored nor refused: {broken:#?}");
    let join = json!([{ "op": "add", "path": "members", "value": [{ "value": whole }] }]);
    let path = format!("/Groups/{}", target.group);
    target.scim.patch(&path, &patch_op(&join)).await.expect(StatusCode::NO_CONTENT);
}

/// The Must show.
#[tokio::test]
async fn a_put_of_a_group_with_50_000_members_works() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    crowd::fill(&test.database).await.close().await.expect("closing");
    let group = scim.group("Everybody", &[]).await;
    let path = format!("/Groups/{group}");
    let put = scim.write(Method::PUT, &path, everybody(1, crowd::USERS)).await;
    let put = put.expect(StatusCode::OK);
    assert_eq!(count(&put.body), crowd::USERS as usize);
    let read = scim.get(&path).await.expect(StatusCode::OK);
    assert_eq!(count(&read.body), crowd::USERS as usize);
    assert_eq!(read.headers["etag"], put.headers["etag"]);

    let again = scim.write(Method::PUT, &path, everybody(1, crowd::USERS)).await;
    let again = again.expect(StatusCode::OK);
    assert_eq!(again.headers["etag"], put.headers["etag"], "the same members are no change");
    let lean = format!("{path}?excludedAttributes=members");
    let fewer = scim.write(Method::PUT, &lean, everybody(2, crowd::USERS - 1)).await;
    assert_eq!(fewer.expect(StatusCode::OK).body.get("members"), None);
    let ids = scim.member_ids(&group).await;
    assert_eq!(ids.len(), crowd::USERS as usize - 2);
    assert_eq!(ids.first().map(String::as_str), Some(user_id(2).as_str()));
    let strays: String = everybody(1, 3).replace("018f0000", "028f0000");
    scim.write(Method::PUT, &path, strays).await.expect(StatusCode::OK);
    assert!(scim.member_ids(&group).await.is_empty());
}

/// The body of a PUT with users `first..=last` of the crowd as members.
fn everybody(first: u32, last: u32) -> String {
    let mut body = String::from("{\"displayName\":\"Everybody\",\"members\":[");
    for n in first..=last {
        let comma = if n > first { "," } else { "" };
        let _ = write!(body, "{comma}{{\"value\":\"{}\",\"display\":\"user {n}\"}}", user_id(n));
    }
    body.push_str("]}");
    body
}

fn count(group: &Value) -> usize {
    group["members"].as_array().map_or(0, Vec::len)
}

/// The text with spaces behind it, so many bytes long.
fn padded(text: &str, bytes: usize) -> String {
    let mut padded = text.to_owned();
    padded.push_str(&" ".repeat(bytes - text.len()));
    padded
}
