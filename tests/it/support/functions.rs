//! Functions and teams come from groups of the operator's account, as a director says; who stands in.

use axum::http::{Method, StatusCode};
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use super::{Scene, codes, id, refused};

const FUNCTIONS: &str = "/staff/functions";
const DELEGATIONS: &str = "/staff/delegations";

#[tokio::test]
async fn w5_functions_and_teams_come_from_groups_nested_ones_too() {
    let scene = Scene::new().await;
    let zoe = scene.director("zoe").await;
    let sam = scene.vendor.user("sam").await;
    let inner = scene.vendor.group("Support EMEA", std::slice::from_ref(&sam)).await;
    let outer = scene.vendor.group("Support", std::slice::from_ref(&inner)).await;
    let team = scene.post(&zoe, FUNCTIONS, json!({ "group": outer, "team": "support" })).await;
    let team = team.expect(StatusCode::CREATED);
    assert_eq!((&team.body["team"], &team.body["pending"]), (&json!("support"), &json!(false)));
    let function = json!({ "group": inner, "function": "support" });
    let made = scene.post(&zoe, FUNCTIONS, function.clone()).await.expect(StatusCode::CREATED);
    assert_eq!(scene.posts(&zoe, &sam).await, ["support", "support"]);
    let list = scene.get(&zoe, FUNCTIONS).await.expect(StatusCode::OK);
    assert_eq!(list.body["items"].as_array().map(Vec::len), Some(2), "{}", list.text);
    assert_eq!(list.body["items"][0]["group"]["display_name"], "Support");
    let twice = scene.post(&zoe, FUNCTIONS, function).await;
    assert_eq!((twice.status.as_u16(), codes(&twice)), (409, vec![("group", "given_already")]));
    // The directory decides from then on.
    let remove = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "remove", "path": format!("members[value eq \"{sam}\"]") }] });
    let path = format!("/Groups/{inner}");
    assert!(scene.vendor.patch(&path, &remove).await.status.is_success());
    assert!(scene.posts(&zoe, &sam).await.is_empty());
    let own = format!("{FUNCTIONS}/{}", made.id());
    scene.get(&zoe, &own).await.expect(StatusCode::OK);
    scene.delete(&zoe, &own).await.expect(StatusCode::NO_CONTENT);
    scene.get(&zoe, &own).await.expect(StatusCode::NOT_FOUND);
    scene.delete(&zoe, &own).await.expect(StatusCode::NOT_FOUND);
    // Rows are closed, not deleted.
    let rows = "SELECT count(*) FROM support_functions";
    assert_eq!(scene.seat.test.database.number(rows).await, 2);
    assert_eq!(scene.activities("support_function.given", "done").await, 2);
    assert_eq!(scene.activities("support_function.ended", "done").await, 1);
}

/// POLICY.md §1, 6: SCIM makes nobody an approver, before two people said so nor after.
#[tokio::test]
async fn m35_what_makes_approvers_is_pending_and_never_for_who_comes_later() {
    let scene = Scene::new().await;
    let zoe = scene.director("zoe").await;
    let (sam, tom) = (scene.vendor.user("sam").await, scene.vendor.user("tom").await);
    let group = scene.vendor.group("Services managers", std::slice::from_ref(&sam)).await;
    for function in ["psm", "csd", "csd_delegate"] {
        let body = json!({ "group": group, "function": function });
        let made = scene.post(&zoe, FUNCTIONS, body).await.expect(StatusCode::CREATED);
        assert_eq!(made.body["pending"], true, "{}", made.text);
    }
    assert!(scene.posts(&zoe, &sam).await.is_empty());
    let sam_in = scene.sign_in(&sam).await;
    let check = json!({ "checked_on": "2025-12-01", "valid_until": "2027-12-01" });
    let path = format!("/staff/{tom}/background-check");
    refused(&scene.put(&sam_in, &path, check.clone()).await, "checks-by-csd-or-psm");
    // As an approval leaves it.
    let approve = "UPDATE support_functions SET pending = (1 = 0) WHERE name = 'psm'";
    scene.seat.test.database.run(approve).await;
    assert_eq!(scene.posts(&zoe, &sam).await, ["psm"]);
    scene.put(&sam_in, &path, check).await.expect(StatusCode::OK);
    let add = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "add", "path": "members", "value": [{ "value": tom }] }] });
    assert!(scene.vendor.patch(&format!("/Groups/{group}"), &add).await.status.is_success());
    assert!(scene.posts(&zoe, &tom).await.is_empty(), "who comes later is none");
}

#[tokio::test]
async fn c5_nobody_gives_a_function_to_a_group_that_they_are_in_by_whatever_user() {
    let scene = Scene::new().await;
    let zoe = scene.director("zoe").await;
    let other = json!({ "userName": "zoe.2", "emails": [{ "value": "zoe@vendor.example" }] });
    let other = scene.vendor.post("/Users", &other).await.expect(StatusCode::CREATED).id();
    let mail = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "add", "path": "emails",
            "value": [{ "value": "ZOE@vendor.example" }] }] });
    assert!(scene.vendor.patch(&format!("/Users/{}", id(&zoe)), &mail).await.status.is_success());
    for member in [id(&zoe), other] {
        let inner = scene.vendor.group(&format!("Inner {member}"), &[member]).await;
        let outer = format!("Outer {inner}");
        let outer = scene.vendor.group(&outer, &[inner]).await;
        for gives in [json!({ "team": "support" }), json!({ "function": "csm" })] {
            let mut body = gives;
            body["group"] = json!(outer);
            refused(&scene.post(&zoe, FUNCTIONS, body).await, "no-self-assignment");
        }
    }
    assert_eq!(scene.activities("support_function.given", "denied").await, 1, "once a minute");
    let group = scene.vendor.group("Empty", &[]).await;
    let body = json!({ "group": group, "team": "support" });
    let max = scene.staff("max", &["function:psm", "function:csm", "team:support"]).await;
    refused(&scene.post(&max, FUNCTIONS, body.clone()).await, "functions-by-csd");
    let ann = scene.administrator("ann").await;
    refused(&scene.post(&ann, FUNCTIONS, body.clone()).await, "support-by-staff");
    refused(&scene.get(&ann, FUNCTIONS).await, "support-by-staff");
    scene.get(&max, FUNCTIONS).await.expect(StatusCode::OK);
    for (wrong, codes_wanted) in [
        (json!({ "group": group }), vec![("function", "function_or_team")]),
        (json!({ "group": group, "team": "csd" }), vec![("team", "wrong_function")]),
        (json!({ "group": id(&zoe), "team": "support" }), vec![("group", "unknown_group")]),
        (json!({ "team": "support" }), vec![("group", "missing")]),
    ] {
        let answer = scene.post(&zoe, FUNCTIONS, wrong).await.expect(StatusCode::BAD_REQUEST);
        assert_eq!(codes(&answer), codes_wanted);
    }
    scene.seat.test.clock.advance_seconds(601);
    let stale = scene.post(&zoe, FUNCTIONS, body).await.expect(StatusCode::UNAUTHORIZED);
    assert_eq!(stale.body["error"], "insufficient_user_authentication");
}

#[tokio::test]
async fn m30_whoever_stands_in_does_so_for_a_time_and_nobody_stands_in_for_them() {
    let scene = Scene::new().await;
    let zoe = scene.director("zoe").await;
    let max = scene.staff("max", &["team:support"]).await;
    let sam = scene.staff("sam", &[]).await;
    let until = |day: &str| json!({ "to": id(&max), "ends_at": format!("2026-{day}T00:00:00Z") });
    let long = scene.post(&zoe, DELEGATIONS, until("04-02")).await.expect(StatusCode::BAD_REQUEST);
    assert_eq!(codes(&long), [("ends_at", "lasts_too_long")]);
    let open = json!({ "to": id(&max) });
    let open = scene.post(&zoe, DELEGATIONS, open).await.expect(StatusCode::BAD_REQUEST);
    assert_eq!(codes(&open), [("ends_at", "missing")]);
    let own = json!({ "to": id(&zoe), "ends_at": "2026-01-10T00:00:00Z" });
    refused(&scene.post(&zoe, DELEGATIONS, own).await, "no-self-assignment");
    refused(&scene.post(&max, DELEGATIONS, until("01-10")).await, "delegations-by-csd");
    let made = scene.post(&zoe, DELEGATIONS, until("01-10")).await.expect(StatusCode::CREATED);
    assert_eq!(scene.posts(&zoe, &id(&max)).await, ["csd_delegate", "support"]);
    let on = json!({ "to": id(&sam), "ends_at": "2026-01-10T00:00:00Z" });
    refused(&scene.post(&max, DELEGATIONS, on).await, "delegates-do-not-delegate");
    let own = format!("{DELEGATIONS}/{}", made.id());
    refused(&scene.delete(&sam, &own).await, "delegations-by-csd");
    scene.delete(&max, &own).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(scene.posts(&zoe, &id(&max)).await, ["support"]);
    scene.post(&zoe, DELEGATIONS, until("01-10")).await.expect(StatusCode::CREATED);
    let list = scene.get(&sam, DELEGATIONS).await.expect(StatusCode::OK);
    assert_eq!(list.body["items"].as_array().map(Vec::len), Some(1), "{}", list.text);
    // With the director goes whoever stands in.
    let path = format!("/Users/{}", id(&zoe));
    let active = |is: bool| {
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "path": "active", "value": is }] })
    };
    assert!(scene.vendor.patch(&path, &active(false)).await.status.is_success());
    assert_eq!(scene.posts(&sam, &id(&max)).await, ["support"]);
    assert!(scene.vendor.patch(&path, &active(true)).await.status.is_success());
    assert_eq!(scene.posts(&sam, &id(&max)).await, ["csd_delegate", "support"]);
    scene.seat.test.clock.advance_seconds(9 * 86_400);
    let sam = scene.sign_in(&id(&sam)).await;
    assert_eq!(scene.posts(&sam, &id(&max)).await, ["support"], "it is over");
}

/// The database itself refuses what no rule would let through.
#[tokio::test]
async fn the_database_refuses_to_have_somebody_stand_in_for_themselves_or_check_themselves() {
    let scene = Scene::new().await;
    let zoe = scene.director("zoe").await;
    let max = scene.staff("max", &[]).await;
    let check = json!({ "checked_on": "2025-12-01", "valid_until": "2027-12-01" });
    let path = format!("/staff/{}/background-check", id(&max));
    scene.send(&zoe, Method::PUT, &path, check).await.expect(StatusCode::OK);
    let body = json!({ "to": id(&max), "ends_at": "2026-01-10T00:00:00Z" });
    scene.post(&zoe, DELEGATIONS, body).await.expect(StatusCode::CREATED);
    let body = json!({ "group": scene.vendor.group("CSM", &[]).await, "function": "csm" });
    scene.post(&zoe, FUNCTIONS, body).await.expect(StatusCode::CREATED);
    for sql in [
        "UPDATE background_checks SET noted_by = user_id",
        "UPDATE csd_delegations SET to_user = from_user",
        "UPDATE csd_delegations SET ends_at = starts_at + 7776000000001",
        "UPDATE support_functions SET name = 'king'",
        "UPDATE support_functions SET gives = 'team' WHERE name = 'csm'",
    ] {
        let connection = scene.seat.test.database.connect().await;
        let done = connection.execute_unprepared(sql).await;
        assert!(done.is_err(), "{sql}");
        connection.close().await.expect("closing");
    }
}
