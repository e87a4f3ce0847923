//! What writes over SCIM leave for rights: rows of pushed roles with their periods, and the stamps by
//! which remembered rights are known to be old (DECISIONS.md 11, 27).

use std::time::Duration;

use axum::http::StatusCode;
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};

use crate::world::TestApp;
use crate::world::client::Client;

const OPEN: i64 = i64::MAX;

/// The values in force, sorted.
async fn pushed(test: &TestApp) -> Vec<String> {
    let open = format!("SELECT value_key FROM pushed_values WHERE valid_to = {OPEN} ORDER BY 1");
    test.database.texts(&open).await
}

/// How many rows are closed, all of them with a beginning before their end.
async fn closed(test: &TestApp) -> i64 {
    let sql = format!(
        "SELECT count(*) FROM pushed_values WHERE valid_to < {OPEN} AND valid_from < valid_to"
    );
    test.database.number(&sql).await
}

async fn shape(test: &TestApp) -> i64 {
    test.database.number("SELECT shape_version FROM accounts WHERE slug = 'acme'").await
}

fn patch(op: &str, path: &str, value: &Value) -> Value {
    json!({ "Operations": [{ "op": op, "path": path, "value": value }] })
}

#[tokio::test]
async fn pushed_roles_and_entitlements_are_rows_with_periods() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let body = json!({
        "userName": "bjensen",
        "roles": [{ "value": "Admin", "primary": true }, { "value": "Reader" }],
        "entitlements": [{ "value": "Gold" }, { "value": "READER" }],
    });
    let id = scim.post("/Users", &body).await.expect(StatusCode::CREATED).id();
    assert_eq!(pushed(&test).await, ["admin", "gold", "reader"]);
    let path = format!("/Users/{id}");
    let title = patch("replace", "title", &json!("Dr"));
    scim.patch(&path, &title).await.expect(StatusCode::OK);
    assert_eq!((pushed(&test).await.len(), closed(&test).await), (3, 0));
    let fewer = patch("replace", "roles", &json!([{ "value": "Writer" }]));
    scim.patch(&path, &fewer).await.expect(StatusCode::OK);
    // `reader` is an entitlement still.
    assert_eq!(pushed(&test).await, ["gold", "reader", "writer"]);
    assert_eq!(closed(&test).await, 1);
    let back = json!({ "userName": "bjensen", "roles": [{ "value": "admin" }] });
    scim.put(&path, &back).await.expect(StatusCode::OK);
    assert_eq!(pushed(&test).await, ["admin"]);
    assert_eq!(closed(&test).await, 4);
    scim.delete(&path).await.expect(StatusCode::NO_CONTENT);
    assert!(pushed(&test).await.is_empty());
    assert_eq!(closed(&test).await, 5);
}

#[tokio::test]
async fn every_shape_of_a_pushed_role_is_a_row() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let plain = json!({ "userName": "plain", "roles": ["Admin"] });
    scim.post("/Users", &plain).await.expect(StatusCode::CREATED);
    assert_eq!(pushed(&test).await, ["admin"]);
    let id = scim.user("entra").await;
    let one = patch("Add", "roles[primary eq \"True\"].value", &json!("Éditeur"));
    scim.patch(&format!("/Users/{id}"), &one).await.expect(StatusCode::OK);
    assert_eq!(pushed(&test).await, ["admin", "éditeur"]);
}

#[tokio::test]
async fn a_role_longer_than_can_be_looked_up_is_refused() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    for (length, status) in [(1024, 201), (1025, 400)] {
        let roles = json!([{ "value": "r".repeat(length) }]);
        let body = json!({ "userName": format!("u{length}"), "roles": roles });
        let answer = scim.post("/Users", &body).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}

#[tokio::test]
async fn users_without_roles_cost_nothing_more() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    scim.get("/Users?count=0").await.expect(StatusCode::OK);
    test.store.keep_statements();
    test.store.kept_statements();
    let id = scim.user("bjensen").await;
    let path = format!("/Users/{id}");
    let title = patch("replace", "title", &json!("Dr"));
    scim.patch(&path, &title).await.expect(StatusCode::OK);
    scim.delete(&path).await.expect(StatusCode::NO_CONTENT);
    let sent = test.store.kept_statements();
    assert!(sent.iter().any(|sent| sent.sql.contains("INSERT INTO users")));
    assert!(sent.iter().all(|sent| !sent.sql.contains("pushed_values")));
}

#[tokio::test]
async fn a_migration_finds_the_roles_of_users_that_are_there_already() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let body = json!({
        "userName": "bjensen",
        "roles": [{ "value": "Admin" }, { "display": "no value" }],
        "entitlements": [{ "value": "admin" }, { "value": "Gold" }],
    });
    scim.post("/Users", &body).await.expect(StatusCode::CREATED);
    scim.user("without").await;
    test.database.run("DELETE FROM pushed_values").await;
    let before = 3;
    let steps = u32::try_from(Migrator::migrations().len() - before).expect("few steps");
    test.store.migrate_down(steps).await.expect("down to before the rights");
    test.store.migrate().await.expect("up");
    assert_eq!(pushed(&test).await, ["admin", "gold"]);
}

#[tokio::test]
async fn only_groups_within_groups_change_the_shape_of_an_account() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let (one, two) = (scim.user("one").await, scim.user("two").await);
    let inner = scim.group("Inner", std::slice::from_ref(&one)).await;
    let outer = scim.group("Outer", &[]).await;
    let path = format!("/Groups/{outer}");
    let mut was = shape(&test).await;
    let add = |id: &str| patch("add", "members", &json!([{ "value": id }]));
    let remove = |id: &str| patch("remove", &format!("members[value eq \"{id}\"]"), &Value::Null);
    let put = |ids: &[&str]| {
        let members: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
        json!({ "displayName": "Outer", "members": members })
    };
    let both = json!({ "Operations": [
        { "op": "remove", "path": format!("members[value eq \"{one}\"]") },
        { "op": "add", "path": "members", "value": [{ "value": two }] },
    ]});
    let steps: [(&str, Value, bool); 12] = [
        ("a user comes", add(&one), false),
        ("a user goes and another comes", both, false),
        ("a group comes", add(&inner), true),
        ("it is there already", add(&inner), false),
        ("users change, the group stays", put(&[&inner, &one]), false),
        ("a user comes beside the group", put(&[&inner, &one, &two]), false),
        ("the group goes", remove(&inner), true),
        ("a user goes", remove(&one), false),
        ("all is put in the place of all", put(&[&inner]), true),
        ("a group goes, a user comes", put(&[&one]), true),
        ("a group comes", put(&[&one, &inner]), true),
        ("all go", put(&[]), true),
    ];
    for (what, body, changes) in steps {
        if body.get("Operations").is_some() {
            scim.patch(&path, &body).await.expect(StatusCode::NO_CONTENT);
        } else {
            scim.put(&path, &body).await.expect(StatusCode::OK);
        }
        let now = shape(&test).await;
        assert_eq!(now > was, changes, "{what}: {was} {now}");
        was = now;
    }
}

#[tokio::test]
async fn groups_that_are_made_with_groups_or_deleted_change_the_shape_of_an_account() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let one = scim.user("one").await;
    let was = shape(&test).await;
    let inner = scim.group("Inner", &[one]).await;
    assert_eq!(shape(&test).await, was);
    scim.group("Outer", std::slice::from_ref(&inner)).await;
    assert_eq!(shape(&test).await, was + 1);
    scim.delete(&format!("/Groups/{inner}")).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(shape(&test).await, was + 2);
}

/// D11: no hot row. What changes users or their memberships does not wait for the account's row.
#[tokio::test]
async fn users_come_and_go_while_another_holds_the_row_of_their_account() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let (one, two) = (scim.user("one").await, scim.user("two").await);
    let staff = scim.group("Staff", &[one]).await;
    if test.database.is_sqlite() {
        // Its one writer waits for no row: what is written is all there is to see.
        let was = shape(&test).await;
        users_come_and_go(&scim, &staff, &two).await;
        assert_eq!(shape(&test).await, was);
        return;
    }
    let connection = test.database.connect().await;
    let holder = connection.begin().await.expect("a transaction");
    holder.execute_unprepared("SELECT 1 FROM accounts FOR NO KEY UPDATE").await.expect("a lock");
    let work = users_come_and_go(&scim, &staff, &two);
    tokio::time::timeout(Duration::from_secs(10), work).await.expect("nothing waits");
    holder.rollback().await.expect("the end");
    connection.close().await.expect("closing");
}

async fn users_come_and_go(scim: &Client, staff: &str, two: &str) {
    let path = format!("/Groups/{staff}");
    let done = StatusCode::NO_CONTENT;
    let add = patch("add", "members", &json!([{ "value": two }]));
    scim.patch(&path, &add).await.expect(done);
    let remove = patch("remove", &format!("members[value eq \"{two}\"]"), &Value::Null);
    scim.patch(&path, &remove).await.expect(done);
    let put = json!({ "displayName": "Staff", "members": [{ "value": two }] });
    scim.put(&path, &put).await.expect(StatusCode::OK);
    let empty = json!({ "displayName": "Staff", "members": [] });
    scim.put(&path, &empty).await.expect(StatusCode::OK);
    let new = scim.group("More", &[two.to_owned()]).await;
    scim.patch(&format!("/Groups/{new}"), &remove).await.expect(done);
    let roles = json!({ "userName": "three", "roles": [{ "value": "Admin" }] });
    let three = scim.post("/Users", &roles).await.expect(StatusCode::CREATED).id();
    let off = patch("replace", "active", &json!(false));
    scim.patch(&format!("/Users/{three}"), &off).await.expect(StatusCode::OK);
    scim.delete(&format!("/Users/{three}")).await.expect(done);
}
