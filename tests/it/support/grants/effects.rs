//! What being let in is worth: the bundle's rights in that account, while it lasts, and not a moment longer;
//! and nothing of the customer's plane (M44, M51, M52, M61, M62, M63).

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Room, id, refused, text};

/// W3, M63: yes while it lasts, no at once after it; by all processes, whatever was remembered.
#[tokio::test]
async fn m63_who_is_let_in_may_what_the_bundle_says_there_and_not_a_moment_longer() {
    let room = Room::new().await;
    assert!(!room.may(&room.sam, "responses.reply").await);
    let it = room.let_in().await;
    assert!(room.may(&room.sam, "responses.reply").await);
    assert!(!room.may(&room.sam, "campaigns.edit").await, "the bundle does not hold it");
    assert!(!room.may(&room.cy, "responses.reply").await, "it is sam's alone");
    // It is nothing in their own account, so nothing of it is in a token.
    let own = json!({ "type": "account", "id": "vendor" });
    assert!(!room.may_at(&room.sam, "responses.reply", own).await);
    let token = room.scene.seat.token(&room.sam, &json!({})).await.expect(StatusCode::OK);
    assert!(!token.text.contains("responses.reply"), "{}", token.text);
    let path = format!("/accounts/acme/support-grants/{}", text(&it["id"]));
    room.scene.delete(&room.ann, &path).await.expect(StatusCode::NO_CONTENT);
    assert!(!room.may(&room.sam, "responses.reply").await, "removed");
    let it = room.let_in().await;
    assert!(room.may(&room.sam, "responses.reply").await);
    // What ends by time alone ends by time alone, and is shown as ended before anybody notes it.
    room.scene.seat.test.clock.advance_seconds(7 * 86_400 + 1);
    assert!(!room.may(&room.sam, "responses.reply").await, "over");
    let ann = room.scene.seat.sign_in(&id(&room.ann), crate::api::people::sso(true)).await;
    let path = format!("/accounts/acme/support-grants/{}", text(&it["id"]));
    let shown = room.scene.get(&ann, &path).await.expect(StatusCode::OK);
    assert_eq!(shown.body["ended"]["why"], "expired", "{}", shown.text);
    let app = &room.scene.seat.test.app;
    assert_eq!(app.keep_support_grants().await.expect("it is noted"), 1);
    assert_eq!(app.keep_support_grants().await.expect("nothing is left"), 0);
    assert_eq!(room.scene.activities("support_grant.ended", "done").await, 1);
}

/// M62: what begins later is written now, and is effective then; and in one workspace alone, if one is named.
#[tokio::test]
async fn m62_what_begins_later_is_effective_later_and_in_the_named_workspace() {
    let room = Room::new().await;
    let space = json!({ "name": "North" });
    let space = room.scene.post(&room.ann, "/accounts/acme/workspaces", space).await;
    let space = text(&space.expect(StatusCode::CREATED).body["id"]);
    let mut wish = room.wish(&room.sam, "customer-care");
    wish["workspace"] = json!(space);
    wish["starts_at"] = json!("2026-01-02T00:00:00Z");
    wish["ends_at"] = json!("2026-01-03T00:00:00Z");
    let request = room.ask(&room.zoe, wish).await.expect(StatusCode::ACCEPTED).body;
    room.signed(&request).await;
    let north = || json!({ "type": "workspace", "id": space, "properties": { "account": "acme" } });
    assert!(!room.may_at(&room.sam, "responses.reply", north()).await);
    room.scene.seat.test.clock.advance_seconds(86_400);
    assert!(room.may_at(&room.sam, "responses.reply", north()).await);
    assert!(!room.may(&room.sam, "responses.reply").await, "one workspace is not the account");
    room.scene.seat.test.clock.advance_seconds(86_400);
    assert!(!room.may_at(&room.sam, "responses.reply", north()).await);
}

/// M51, M54, S8: whatever somebody is let in with, the customer's people are the customer's alone.
#[tokio::test]
async fn m51_who_is_let_in_changes_nothing_of_the_customers_people() {
    let room = Room::new().await;
    room.let_in().await;
    let bob = room.scene.seat.scim.user("bob").await;
    for (method, path, body) in [
        (Method::POST, "/users".to_owned(), json!({})),
        (Method::PATCH, format!("/users/{bob}"), json!({ "active": false })),
        (Method::DELETE, format!("/users/{bob}"), json!({})),
        (Method::POST, "/recipients".to_owned(), json!({})),
        (
            Method::POST,
            "/grants".to_owned(),
            json!({ "user": bob, "right": "dashboards.read", "reason": "x" }),
        ),
        (
            Method::POST,
            "/properties".to_owned(),
            json!({ "key": "store", "label": "Store", "type": "text" }),
        ),
        (Method::POST, "/workspaces".to_owned(), json!({ "name": "x" })),
        (Method::PUT, "/support-mode".to_owned(), json!({ "mode": "closed" })),
    ] {
        let path = format!("/accounts/acme{path}");
        refused(&room.scene.send(&room.sam, method, &path, body).await, "two-planes");
    }
    for list in ["/users", "/recipients", "/grants", "/groups", "/activities"] {
        refused(&room.scene.get(&room.sam, &format!("/accounts/acme{list}")).await, "two-planes");
    }
    // M37: and a provisioning token of the account lets nobody of staff in.
    let group = room.scene.seat.scim.group("Ours", &[]).await;
    let add = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "add", "path": "members", "value": [{ "value": id(&room.cy) }] }] });
    room.scene.seat.scim.patch(&format!("/Groups/{group}"), &add).await;
    assert!(!room.may(&room.cy, "responses.reply").await);
    assert_eq!(room.grants("?state=all").await.len(), 1);
}

/// M52: what comes into a bundle afterwards is no support user's either; and what goes out of it goes at once.
#[tokio::test]
async fn m52_what_comes_into_a_bundle_afterwards_is_no_support_users() {
    let room = Room::new().await;
    let edit = async |id: &str, rights: &[&str]| {
        let path = format!("/accounts/acme/bundles/{id}");
        let edit = json!({ "rights": rights });
        let done = room.scene.send(&room.ann, Method::PATCH, &path, edit).await;
        assert!(done.status.is_success(), "{}", done.text);
    };
    for right in ["dashboards.read", "recipients.administer"] {
        crate::api::sso::grant(&room.scene.seat, &room.ann, right).await;
    }
    let own = json!({ "name": "Helpers", "rights": ["dashboards.read"] });
    let own = room.scene.post(&room.ann, "/accounts/acme/bundles", own).await;
    let own = text(&own.expect(StatusCode::CREATED).body["id"]);
    let mut wish = room.wish(&room.sam, "reader");
    wish["bundle"] = json!(own);
    let request = room.ask(&room.ann, wish).await.expect(StatusCode::ACCEPTED).body;
    room.signed(&request).await;
    assert!(room.may(&room.sam, "dashboards.read").await);
    edit(&own, &["dashboards.read", "recipients.administer", "users.administer"]).await;
    for right in ["recipients.administer", "users.administer"] {
        assert!(!room.may(&room.sam, right).await, "{right}");
    }
    let path =
        format!("/accounts/vendor/users/{}/explanation?right=users.administer", id(&room.sam));
    let told = room.scene.get(&room.sam, &path).await.expect(StatusCode::OK);
    assert!(
        told.text.contains("support_ceiling") && told.text.contains("support_grant"),
        "{}",
        told.text
    );
    edit(&own, &["recipients.administer"]).await;
    assert!(!room.may(&room.sam, "dashboards.read").await, "nothing is remembered");
}

/// W5, M44: who leaves, or leaves the team, is out with the next question, and does not come back by coming
/// back.
#[tokio::test]
async fn m44_who_leaves_is_out_at_once_and_stays_out() {
    let room = Room::new().await;
    let path = format!("/Users/{}", id(&room.sam));
    let active = |is: bool| {
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "path": "active", "value": is }] })
    };
    room.let_in().await;
    assert!(room.may(&room.sam, "responses.reply").await);
    let waiting = room.asked(&room.zoe).await;
    room.scene.vendor.patch(&path, &active(false)).await.expect(StatusCode::OK);
    assert!(!room.may(&room.sam, "responses.reply").await, "deactivated");
    room.scene.vendor.patch(&path, &active(true)).await.expect(StatusCode::OK);
    assert!(!room.may(&room.sam, "responses.reply").await, "and back");
    let app = &room.scene.seat.test.app;
    app.keep_support_grants().await.expect("it is noted");
    let ended = room.grants("?state=ended").await;
    assert_eq!(ended[0]["ended"]["why"], "user_inactive", "{ended:?}");
    assert_eq!(room.state(&waiting).await, "cancelled", "taken back with it");
    assert!(!room.may(&room.sam, "responses.reply").await);
    // By a team that a group gives: who leaves the group is out.
    let tess = room.scene.staff("tess", &["function:support"]).await;
    room.check(&tess).await;
    let group = room.scene.vendor.group("Support", &[id(&tess)]).await;
    let team = json!({ "group": group, "team": "support" });
    room.scene.post(&room.zoe, "/staff/functions", team).await.expect(StatusCode::CREATED);
    let wish = room.wish(&tess, "customer-care");
    let request = room.ask(&room.zoe, wish).await.expect(StatusCode::ACCEPTED).body;
    room.signed(&request).await;
    assert!(room.may(&tess, "responses.reply").await);
    let leave = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "remove", "path": format!("members[value eq \"{}\"]", id(&tess)) }] });
    let left = room.scene.vendor.patch(&format!("/Groups/{group}"), &leave).await;
    assert!(left.status.is_success(), "{}", left.text);
    assert!(!room.may(&tess, "responses.reply").await, "left the team");
    app.keep_support_grants().await.expect("it is noted");
    let ended = room.grants(&format!("?state=ended&user={}", id(&tess))).await;
    assert_eq!(ended[0]["ended"]["why"], "function_lost", "{ended:?}");
}

/// M61: more of it takes a new request and a new signature; what is live ends when the new one begins.
#[tokio::test]
async fn m61_what_is_to_last_longer_is_asked_for_and_signed_anew() {
    let room = Room::new().await;
    let first = room.let_in().await;
    // Nothing changes a grant but its end.
    for method in [Method::PATCH, Method::PUT] {
        let path = format!("/accounts/acme/support-grants/{}", text(&first["id"]));
        let longer = json!({ "ends_at": "2026-03-01T00:00:00Z" });
        let answer = room.scene.send(&room.zoe, method, &path, longer).await;
        answer.expect(StatusCode::METHOD_NOT_ALLOWED);
    }
    let mut wish = room.wish(&room.sam, "customer-care");
    wish["ends_at"] = json!("2026-03-01T00:00:00Z");
    refused(&room.ask(&room.sam, wish.clone()).await, "no-self-assignment");
    let request = room.ask(&room.zoe, wish).await.expect(StatusCode::ACCEPTED).body;
    assert_eq!(room.grants("").await, std::slice::from_ref(&first), "asking changes nothing");
    let second = room.signed(&request).await;
    assert_ne!(second["id"], first["id"]);
    assert_eq!(second["ends_at"], "2026-03-01T00:00:00.000000Z");
    let ended: Vec<Value> = room.grants("?state=ended").await;
    assert_eq!((ended.len(), &ended[0]["ended"]["why"]), (1, &json!("superseded")));
    assert!(room.may(&room.sam, "responses.reply").await);
}
