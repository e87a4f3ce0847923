//! Two planes: the operator's staff switch account permissions (S6) and nothing of a customer's people
//! (S8); customers the reverse.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Scene, id, refused};

/// Everything that staff can be.
const ALL: [&str; 11] = [
    "function:csm",
    "function:csd",
    "function:csd_delegate",
    "function:psm",
    "function:onboarding_pm",
    "function:support",
    "function:partner",
    "team:support",
    "team:customer_success",
    "team:services",
    "users.administer",
];

#[tokio::test]
async fn s6_staff_of_support_and_services_change_account_permissions_and_nobody_else() {
    let scene = Scene::new().await;
    let path = "/accounts/acme/permissions/sending";
    let list = "/accounts/acme/permissions";
    let on = |is: bool| json!({ "on": is });
    for (name, team) in [("sam", "team:support"), ("ned", "team:services")] {
        let by = scene.staff(name, &[team]).await;
        for is_on in [true, false] {
            scene.put(&by, path, on(is_on)).await.expect(StatusCode::NO_CONTENT);
            let list = scene.get(&by, list).await.expect(StatusCode::OK);
            let items = list.body["items"].as_array().expect("a list");
            let shown = items.iter().find(|it| it["key"] == "sending").expect("it is known");
            assert_eq!(shown["on"], is_on);
        }
    }
    assert_eq!(scene.activities("account.permission_changed", "done").await, 4);
    let zoe = scene.staff("zoe", &["team:customer_success", "function:csd"]).await;
    refused(&scene.put(&zoe, path, on(true)).await, "permissions-by-teams");
    refused(&scene.get(&zoe, list).await, "two-planes");
    let unknown = "/accounts/acme/permissions/nothing";
    let amy = scene.staff("amy", &["team:support"]).await;
    scene.put(&amy, unknown, on(true)).await.expect(StatusCode::BAD_REQUEST);
    // Where an account stands is not theirs; and a second factor is shown just before.
    scene.seat.test.clock.advance_seconds(601);
    let stale = scene.put(&amy, path, on(true)).await.expect(StatusCode::UNAUTHORIZED);
    assert_eq!(stale.body["max_age"], 600);
    let rows = "SELECT count(*) FROM account_permissions WHERE set_by_kind = 'user'";
    assert_eq!(scene.seat.test.database.number(rows).await, 2);
}

/// M53: whatever a customer's administrator holds, by the API or by SCIM.
#[tokio::test]
async fn m53_a_customers_administrator_changes_no_account_permission() {
    let scene = Scene::new().await;
    let ann = scene.administrator("ann").await;
    // What makes staff something means nothing in a customer's account.
    for seed in ["team:support", "team:services", "function:csd"] {
        crate::api::sso::grant(&scene.seat, &ann, seed).await;
    }
    let path = "/accounts/acme/permissions/sending";
    let answer = scene.put(&ann, path, json!({ "on": true })).await;
    refused(&answer, "operators-plane");
    let detail = answer.body["detail"].as_str().expect("a text");
    assert!(detail.contains("ask your contact there"), "{detail}");
    let own = "urn:ietf:params:scim:schemas:extension:countersign:2.0:User";
    let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", own],
        "userName": "eve", own: { "accountPermissions": ["sending"], "isSupport": true } });
    scene.seat.scim.post("/Users", &body).await;
    let on = "SELECT count(*) FROM account_permissions";
    assert_eq!(scene.seat.test.database.number(on).await, 0);
    assert_eq!(scene.activities("account.permission_changed", "denied").await, 1);
}

/// M51, M54, S8: whatever staff are, a customer's people are the customer's, and the refusal says whom to
/// ask.
#[tokio::test]
async fn s8_m51_m54_staff_change_nothing_of_a_customers_people_whatever_they_are() {
    let scene = Scene::new().await;
    let zoe = scene.staff("zoe", &ALL).await;
    let bob = scene.seat.scim.user("bob").await;
    let group = scene.seat.scim.group("Group", std::slice::from_ref(&bob)).await;
    let person = json!({ "user_name": "ada", "given_name": "Ada", "family_name": "Lovelace",
        "language": "fr", "email": "ada@example.com" });
    let bundle = scene.seat.test.database.texts("SELECT catalogue_key FROM bundles").await;
    assert!(!bundle.is_empty());
    let right = "dashboards.read";
    let before = rows(&scene).await;
    for (method, path, body) in [
        (Method::POST, "/users".to_owned(), person.clone()),
        (Method::PATCH, format!("/users/{bob}"), json!({ "active": false })),
        (Method::DELETE, format!("/users/{bob}"), json!({})),
        (Method::POST, format!("/users/{bob}/password-mails"), json!({})),
        (Method::POST, "/recipients".to_owned(), person),
        (Method::POST, "/grants".to_owned(), json!({ "user": bob, "right": right, "reason": "x" })),
        (Method::POST, "/bundles".to_owned(), json!({ "name": "x", "rights": [right] })),
        (Method::POST, "/roles".to_owned(), json!({ "name": "x", "level": "account" })),
        (
            Method::POST,
            "/group-mappings".to_owned(),
            json!({ "group": group, "bundle": id(&zoe), "reason": "x" }),
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
        let answer = scene.send(&zoe, method, &path, body).await;
        refused(&answer, "two-planes");
        let detail = answer.body["detail"].as_str().expect("a text");
        assert!(detail.contains("administrator of the account"), "{path}: {detail}");
    }
    for list in ["/users", "/recipients", "/grants", "/groups", "/activities"] {
        refused(&scene.get(&zoe, &format!("/accounts/acme{list}")).await, "two-planes");
    }
    assert_eq!(rows(&scene).await, before);
    // Share links have no door yet (DECISIONS.md 17).
    let shares = scene.get(&zoe, "/accounts/acme/shares").await;
    assert_eq!(shares.body["type"], Value::from("urn:countersign:problem:no-such-endpoint"));
}

/// How much there is of what belongs to customers.
async fn rows(scene: &Scene) -> Vec<i64> {
    let mut all = vec![];
    for table in ["users", "grants", "group_mappings", "properties", "one_time_links", "workspaces"]
    {
        let count = format!("SELECT count(*) FROM {table}");
        all.push(scene.seat.test.database.number(&count).await);
    }
    all
}
