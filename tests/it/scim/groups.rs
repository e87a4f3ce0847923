//! Groups through the SCIM surface: members, nesting, names.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::scim::{GROUP, patch_op};
use crate::world::client::Client;
use crate::world::{TestApp, TokenFor};

#[tokio::test]
async fn a_group_is_created_read_renamed_and_deleted() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let ann = scim.user("ann").await;
    let body = json!({
        "schemas": [GROUP], "displayName": "Staff", "externalId": "g-1",
        "members": [{ "value": ann }],
    });
    let created = scim.post("/Groups", &body).await.expect(StatusCode::CREATED);
    let path = format!("/Groups/{}", created.id());
    assert_eq!(created.headers["location"], created.body["meta"]["location"].as_str().unwrap());
    let base = "https://scim.test/accounts/acme/scim/v2";
    let member = json!({
        "value": ann, "$ref": format!("{base}/Users/{ann}"), "type": "User",
    });
    assert_eq!(created.body["members"], json!([member]));
    assert_eq!(scim.get(&path).await.expect(StatusCode::OK).body, created.body);

    let rename = patch_op(&json!([{ "op": "Replace", "path": "displayName", "value": "Team" }]));
    let renamed = scim.patch(&path, &rename).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(renamed.text, "");
    let read = scim.get(&path).await;
    assert_eq!(read.body["displayName"], "Team");
    assert_eq!(read.body["members"], created.body["members"], "a rename keeps members");
    assert_eq!(read.body["externalId"], "g-1");

    scim.delete(&path).await.expect(StatusCode::NO_CONTENT);
    scim.get(&path).await.refused(404, None);
    scim.delete(&path).await.refused(404, None);
    assert_eq!(scim.get(&format!("/Users/{ann}")).await.body.get("groups"), None);
    scim.post("/Groups", &body).await.expect(StatusCode::CREATED);
}

/// DECISIONS.md 22.
#[tokio::test]
async fn a_display_name_is_unique_in_its_connection_and_only_there() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let staff = scim.group("Staff", &[]).await;
    let other = scim.group("Other", &[]).await;
    let taken = json!({ "displayName": "sTAFF" });
    scim.post("/Groups", &taken).await.refused(409, Some("uniqueness"));
    let path = format!("/Groups/{other}");
    scim.put(&path, &taken).await.refused(409, Some("uniqueness"));
    let rename = patch_op(&json!([{ "op": "replace", "value": { "displayName": "STAFF" } }]));
    scim.patch(&path, &rename).await.refused(409, Some("uniqueness"));
    assert_eq!(scim.get(&path).await.body["displayName"], "Other");
    assert_eq!(scim.filter("/Groups", "displayName eq \"STAFF\"").await.ids(), [staff]);

    let wanted = TokenFor { connection: "second", ..TokenFor::default() };
    let second = test.client("acme", &test.token("acme", wanted).await);
    second.post("/Groups", &taken).await.expect(StatusCode::CREATED);
    assert_eq!(second.get("/Groups").await.total(), 1);
    assert_eq!(scim.get("/Groups").await.total(), 2);
    for body in [json!({}), json!({ "displayName": " " })] {
        scim.post("/Groups", &body).await.refused(400, Some("invalidValue"));
    }
}

#[tokio::test]
async fn memberships_stay_while_a_user_is_inactive() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let ann = scim.user("ann").await;
    let group = scim.group("Staff", std::slice::from_ref(&ann)).await;
    let path = format!("/Users/{ann}");
    for active in [false, true] {
        let set = patch_op(&json!([{ "op": "replace", "path": "active", "value": active }]));
        let answer = scim.patch(&path, &set).await.expect(StatusCode::OK);
        assert_eq!(answer.body["groups"][0]["value"], group.as_str());
        assert_eq!(scim.member_ids(&group).await, [ann.as_str()]);
    }
    scim.delete(&path).await.expect(StatusCode::NO_CONTENT);
    assert!(scim.member_ids(&group).await.is_empty(), "a deleted user is in no group");
}

/// `groups` says which are direct; a cycle ends.
#[tokio::test]
async fn nested_groups_are_followed_and_cycles_end() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let ann = scim.user("ann").await;
    let inner = scim.group("inner", std::slice::from_ref(&ann)).await;
    let middle = scim.group("middle", std::slice::from_ref(&inner)).await;
    let outer = scim.group("outer", std::slice::from_ref(&middle)).await;
    let path = format!("/Users/{ann}");
    let expected =
        [(inner.as_str(), "direct"), (middle.as_str(), "indirect"), (&outer, "indirect")];
    assert_eq!(groups_of(&scim, &path).await, sorted(&expected));
    let named = format!("/Groups/{outer}?attributes=members.display");
    let named = scim.get(&named).await.body["members"][0].clone();
    assert_eq!(named, json!({ "display": "middle" }), "only on request");
    let member = scim.get(&format!("/Groups/{outer}")).await.body["members"][0].clone();
    assert_eq!((&member["type"], member.get("display")), (&json!("Group"), None));
    assert!(member["$ref"].as_str().is_some_and(|r| r.ends_with(&format!("/Groups/{middle}"))));

    let close = add(std::slice::from_ref(&outer));
    scim.patch(&format!("/Groups/{inner}"), &close).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(groups_of(&scim, &path).await, sorted(&expected), "a cycle changes nothing for ann");
    let itself = add(std::slice::from_ref(&inner));
    let answer = scim.patch(&format!("/Groups/{inner}"), &itself).await;
    assert!(answer.status.is_success() || answer.status == StatusCode::BAD_REQUEST);
    assert_eq!(groups_of(&scim, &path).await, sorted(&expected));
    let both = add(std::slice::from_ref(&ann));
    scim.patch(&format!("/Groups/{outer}"), &both).await.expect(StatusCode::NO_CONTENT);
    let expected = [(inner.as_str(), "direct"), (middle.as_str(), "indirect"), (&outer, "direct")];
    assert_eq!(groups_of(&scim, &path).await, sorted(&expected), "direct wins over indirect");
    scim.delete(&format!("/Groups/{middle}")).await.expect(StatusCode::NO_CONTENT);
    let left = groups_of(&scim, &path).await;
    assert_eq!(left, sorted(&[(inner.as_str(), "direct"), (&outer, "direct")]));
}

/// RFC 7644 §3.5.2.1: adding what is there changes neither version nor `lastModified`.
#[tokio::test]
async fn an_addition_of_a_member_already_there_is_no_change() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let ann = scim.user("ann").await;
    let group = scim.group("Staff", std::slice::from_ref(&ann)).await;
    let path = format!("/Groups/{group}");
    let before = scim.get(&path).await;
    let gone = scim.user("gone").await;
    let idle = [
        add(std::slice::from_ref(&ann)),
        add(&[]),
        remove(std::slice::from_ref(&gone)),
        remove(&[]),
        patch_op(&json!([{ "op": "remove", "path": format!("members[value eq \"{gone}\"]") }])),
        patch_op(&json!([{ "op": "replace", "path": "members", "value": [{ "value": ann }] }])),
        patch_op(&json!([{ "op": "replace", "path": "displayName", "value": "Staff" }])),
        patch_op(&json!([])),
    ];
    for patch in idle {
        test.clock.advance_seconds(5);
        scim.patch(&path, &patch).await.expect(StatusCode::NO_CONTENT);
        let after = scim.get(&path).await;
        assert_eq!(after.body, before.body, "{patch}");
        assert_eq!(after.headers["etag"], before.headers["etag"], "{patch}");
    }
    test.clock.advance_seconds(5);
    scim.put(&path, &before.body).await.expect(StatusCode::OK);
    assert_eq!(scim.get(&path).await.body, before.body);
    scim.patch(&path, &add(&[gone])).await.expect(StatusCode::NO_CONTENT);
    assert_ne!(scim.get(&path).await.headers["etag"], before.headers["etag"]);
}

#[tokio::test]
async fn a_replacement_of_members_is_a_set_difference() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let users = people(&scim, 5).await;
    let group = scim.group("Staff", &users[..3]).await;
    let path = format!("/Groups/{group}");
    let members: Vec<Value> = users[2..].iter().map(|id| json!({ "value": id })).collect();
    let replace = json!([{ "op": "replace", "path": "members", "value": members }]);
    scim.patch(&path, &patch_op(&replace)).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(scim.member_ids(&group).await, users[2..]);
    let members: Vec<Value> = users[..2].iter().map(|id| json!({ "value": id })).collect();
    let body = json!({ "displayName": "Staff", "members": members });
    let put = scim.put(&path, &body).await.expect(StatusCode::OK);
    assert_eq!(put.body["members"].as_array().map(Vec::len), Some(2));
    assert_eq!(scim.member_ids(&group).await, users[..2]);
    for empty in [json!([]), Value::Null] {
        scim.patch(&path, &add(&users)).await.expect(StatusCode::NO_CONTENT);
        let replace = json!([{ "op": "replace", "path": "members", "value": empty }]);
        scim.patch(&path, &patch_op(&replace)).await.expect(StatusCode::NO_CONTENT);
        assert!(scim.member_ids(&group).await.is_empty(), "{empty}");
    }
    scim.patch(&path, &add(&users)).await.expect(StatusCode::NO_CONTENT);
    scim.put(&path, &json!({ "displayName": "Staff" })).await.expect(StatusCode::OK);
    assert!(scim.member_ids(&group).await.is_empty(), "PUT clears what it omits");
}

#[tokio::test]
async fn a_removal_with_values_removes_only_those() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let users = people(&scim, 6).await;
    let group = scim.group("Staff", &users).await;
    let path = format!("/Groups/{group}");
    scim.patch(&path, &remove(&users[..1])).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(scim.member_ids(&group).await, users[1..]);
    let by_filter = format!("members[value eq \"{}\"]", users[1]);
    let by_filter = patch_op(&json!([{ "op": "remove", "path": by_filter }]));
    scim.patch(&path, &by_filter).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(scim.member_ids(&group).await, users[2..]);
    let several = patch_op(&json!([
        { "op": "remove", "path": "members", "value": [{ "value": users[2] }] },
        { "op": "add", "path": "members", "value": [{ "value": users[0] }, { "value": users[3] }] },
        { "op": "remove", "path": "members", "value": { "value": users[3] } },
        { "op": "remove", "path": "members", "value": [{ "value": "nobody" }] },
        { "op": "remove", "path": "members[type eq \"Group\"]" },
    ]));
    scim.patch(&path, &several).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(scim.member_ids(&group).await, [&users[..1], &users[4..]].concat());
    let people = patch_op(&json!([{ "op": "remove", "path": "members[type eq \"User\"]" }]));
    scim.patch(&path, &people).await.expect(StatusCode::NO_CONTENT);
    assert!(scim.member_ids(&group).await.is_empty());
    scim.patch(&path, &add(&users)).await.expect(StatusCode::NO_CONTENT);
    let all = patch_op(&json!([{ "op": "remove", "path": "members" }]));
    scim.patch(&path, &all).await.expect(StatusCode::NO_CONTENT);
    assert!(scim.member_ids(&group).await.is_empty());
}

/// DECISIONS.md 21.
#[tokio::test]
async fn unknown_members_are_passed_over_or_by_the_letter_refused() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let other = test.scim("other").await;
    let stranger = other.user("stranger").await;
    let unknown =
        ["nobody".to_owned(), "018f0000-0000-7000-8000-000000000001".to_owned(), stranger.clone()];
    let ann = scim.user("ann").await;
    let all = [unknown.as_slice(), std::slice::from_ref(&ann)].concat();
    let group = scim.group("Staff", &all).await;
    let path = format!("/Groups/{group}");
    assert_eq!(scim.member_ids(&group).await, [ann.as_str()]);
    let before = scim.get(&path).await;
    scim.patch(&path, &add(&unknown)).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(scim.get(&path).await.body, before.body);
    let members: Vec<Value> = all.iter().map(|id| json!({ "value": id })).collect();
    let body = json!({ "displayName": "Staff", "members": members });
    scim.put(&path, &body).await.expect(StatusCode::OK);
    assert_eq!(scim.member_ids(&group).await, [ann.as_str()]);
    assert_eq!(other.get(&format!("/Users/{stranger}")).await.body.get("groups"), None);

    let strict = test.strict_scim("strict").await;
    let known = json!({ "schemas": [GROUP], "displayName": "Staff" });
    let group = strict.post("/Groups", &known).await.expect(StatusCode::CREATED).id();
    let path = format!("/Groups/{group}");
    for id in unknown {
        let body =
            json!({ "schemas": [GROUP], "displayName": "New", "members": [{ "value": id }] });
        strict.post("/Groups", &body).await.refused(400, Some("invalidValue"));
        strict.put(&path, &body).await.refused(400, Some("invalidValue"));
        strict.patch(&path, &add(&[id])).await.refused(400, Some("invalidValue"));
    }
    assert_eq!(strict.get("/Groups").await.total(), 1);
    assert_eq!(strict.get(&path).await.body["displayName"], "Staff");
}

#[tokio::test]
async fn groups_are_found_by_member_and_users_by_group() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let users = people(&scim, 3).await;
    let (first, second) = (scim.group("one", &users[..2]).await, scim.group("two", &[]).await);
    for filter in [
        format!("members eq \"{}\"", users[0]),
        format!("members.value eq \"{}\"", users[1].to_uppercase()),
        format!("members[value eq \"{}\"]", users[0]),
        format!("id eq \"{first}\" and members eq \"{}\"", users[0]),
    ] {
        assert_eq!(scim.filter("/Groups", &filter).await.ids(), [first.as_str()], "{filter}");
    }
    let filter = format!("id eq \"{second}\" and members eq \"{}\"", users[0]);
    assert_eq!(scim.filter("/Groups", &filter).await.total(), 0);
    for filter in [format!("groups eq \"{first}\""), format!("groups.value eq \"{first}\"")] {
        assert_eq!(scim.filter("/Users", &filter).await.ids(), users[..2], "{filter}");
    }
    assert_eq!(scim.filter("/Users", &format!("groups.value eq \"{second}\"")).await.total(), 0);
}

#[tokio::test]
async fn the_order_of_operations_within_a_patch_counts() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let users = people(&scim, 2).await;
    let group = scim.group("Staff", &[]).await;
    let path = format!("/Groups/{group}?attributes=displayName,members");
    let patch = patch_op(&json!([
        { "op": "add", "path": "members", "value": [{ "value": users[0] }, { "value": users[1] }] },
        { "op": "replace", "path": "displayName", "value": "Crew" },
        { "op": "remove", "path": "members", "value": [{ "value": users[0] }] },
    ]));
    let answer = scim.patch(&path, &patch).await.expect(StatusCode::OK);
    assert_eq!(answer.body["displayName"], "Crew");
    assert_eq!(answer.body["members"][0]["value"], users[1].as_str());
    assert_eq!(answer.body["members"].as_array().map(Vec::len), Some(1));
    let broken = patch_op(&json!([
        { "op": "add", "path": "members", "value": [{ "value": users[0] }] },
        { "op": "replace", "path": "displayName", "value": "Band" },
        { "op": "remove", "path": "displayName" },
    ]));
    let before = scim.get(&path).await;
    scim.patch(&path, &broken).await.refused(400, Some("mutability"));
    assert_eq!(scim.get(&path).await.body, before.body, "all or nothing");
}

#[tokio::test]
async fn a_member_is_immutable_but_for_what_it_is_called() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let users = people(&scim, 2).await;
    let group = scim.group("Staff", &users[..1]).await;
    let path = format!("/Groups/{group}");
    let element = format!("members[value eq \"{}\"]", users[0]);
    for operation in [
        json!({ "op": "replace", "path": format!("{element}.value"), "value": users[1] }),
        json!({ "op": "replace", "path": element, "value": { "value": users[1] } }),
        json!({ "op": "replace", "path": "members.type", "value": "Group" }),
        json!({ "op": "remove", "path": format!("{element}.value") }),
    ] {
        let answer = scim.patch(&path, &patch_op(&json!([operation]))).await;
        answer.refused(400, Some("mutability"));
    }
    assert_eq!(scim.member_ids(&group).await, users[..1]);
}

async fn people(scim: &Client, count: usize) -> Vec<String> {
    let mut ids = vec![];
    for n in 0..count {
        ids.push(scim.user(&format!("user-{n}")).await);
    }
    ids
}

async fn groups_of(scim: &Client, path: &str) -> Vec<(String, String)> {
    let body = scim.get(path).await.expect(StatusCode::OK).body;
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let groups = body["groups"].as_array().expect("groups").iter();
    let mut groups: Vec<_> = groups.map(|g| (text(&g["value"]), text(&g["type"]))).collect();
    groups.sort();
    groups
}

fn sorted(groups: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut groups: Vec<_> =
        groups.iter().map(|(id, kind)| ((*id).to_owned(), (*kind).to_owned())).collect();
    groups.sort();
    groups
}

fn add(ids: &[String]) -> Value {
    members("add", ids)
}

fn remove(ids: &[String]) -> Value {
    members("remove", ids)
}

fn members(op: &str, ids: &[String]) -> Value {
    let values: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
    patch_op(&json!([{ "op": op, "path": "members", "value": values }]))
}
