//! PATCH through the SCIM surface (RFC 7644 §3.5.2); the engine's own tests know every corner.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::scim::{ENTERPRISE, USER, patch_op};
use crate::world::TestApp;
use crate::world::client::Client;

/// Applies operations to Ann, and asserts that the answer and a GET show `expected` among the rest.
async fn check(operations: Value, expected: Value) {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let path = ann(&scim).await;
    let answer = scim.patch(&path, &patch_op(&operations)).await;
    let answer = answer.expect(StatusCode::OK);
    let read = scim.get(&path).await;
    assert_eq!(read.body, answer.body);
    for (name, value) in expected.as_object().expect("an object") {
        let shown = read.body.get(name).unwrap_or(&Value::Null);
        assert_eq!(shown, value, "{name} after {operations}");
    }
}

#[tokio::test]
async fn an_addition_joins_what_is_there() {
    check(
        json!([{ "op": "add", "value": {
            "title": "Dr", "emails": [{ "value": "b@x.test" }], "name": { "middleName": "M" } } }]),
        json!({
            "title": "Dr",
            "emails": [{ "value": "a@x.test", "type": "work", "primary": true },
                { "value": "b@x.test" }],
            "name": { "familyName": "Ng", "givenName": "Ann", "middleName": "M" },
        }),
    )
    .await;
}

#[tokio::test]
async fn a_replacement_of_a_list_is_whole_and_of_an_object_by_parts() {
    check(
        json!([
            { "op": "replace", "path": "emails", "value": [{ "value": "c@x.test" }] },
            { "op": "replace", "path": "name", "value": { "givenName": "Anne" } },
        ]),
        json!({
            "emails": [{ "value": "c@x.test" }],
            "name": { "familyName": "Ng", "givenName": "Anne" },
        }),
    )
    .await;
}

#[tokio::test]
async fn a_value_path_changes_its_elements_and_makes_a_missing_one() {
    check(
        json!([
            { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "w@x.test" },
            { "op": "add", "path": "emails[type eq \"home\"].value", "value": "h@x.test" },
            { "op": "replace", "path": "emails[type eq \"home\"].display", "value": "Home" },
        ]),
        json!({ "emails": [
            { "value": "w@x.test", "type": "work", "primary": true },
            { "value": "h@x.test", "display": "Home", "type": "home" },
        ] }),
    )
    .await;
}

#[tokio::test]
async fn removals_unassign() {
    check(
        json!([
            { "op": "remove", "path": "emails[type eq \"work\"]" },
            { "op": "remove", "path": "name.givenName" },
            { "op": "remove", "path": "externalId" },
            { "op": "remove", "path": format!("{ENTERPRISE}:department") },
            { "op": "remove", "path": "title" },
        ]),
        json!({ "emails": null, "name": { "familyName": "Ng" }, "externalId": null, ENTERPRISE: null }),
    )
    .await;
}

#[tokio::test]
async fn keys_of_a_value_without_path_may_be_dotted_or_carry_their_urn() {
    check(
        json!([{ "op": "replace", "value": {
            "name.givenName": "Anne",
            "emails[type eq \"work\"].value": "w@x.test",
            format!("{ENTERPRISE}:employeeNumber"): "701",
            ENTERPRISE: { "costCenter": "cc" },
            format!("{USER}:title"): "Dr",
        } }]),
        json!({
            "name": { "familyName": "Ng", "givenName": "Anne" },
            "emails": [{ "value": "w@x.test", "type": "work", "primary": true }],
            ENTERPRISE: { "employeeNumber": "701", "costCenter": "cc", "department": "Hearts" },
            "title": "Dr",
        }),
    )
    .await;
}

#[tokio::test]
async fn a_patch_is_applied_whole_or_not_at_all() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let path = ann(&scim).await;
    let before = scim.get(&path).await;
    for (bad, scim_type) in [
        (json!({ "op": "replace", "path": "id", "value": "x" }), "mutability"),
        (json!({ "op": "replace", "path": "meta.created", "value": "x" }), "mutability"),
        (json!({ "op": "add", "path": "groups", "value": [{ "value": "x" }] }), "mutability"),
        (json!({ "op": "remove", "path": "userName" }), "mutability"),
        (json!({ "op": "replace", "path": "userName", "value": null }), "invalidValue"),
        (json!({ "op": "replace", "path": "active", "value": "perhaps" }), "invalidValue"),
        (json!({ "op": "replace", "path": "name", "value": 7 }), "invalidValue"),
        (json!({ "op": "add", "path": "title" }), "invalidValue"),
        (json!({ "op": "add", "value": 7 }), "invalidValue"),
        (json!({ "op": "remove" }), "noTarget"),
        (json!({ "op": "move", "path": "title" }), "invalidSyntax"),
        (json!({ "path": "title", "value": "x" }), "invalidSyntax"),
        (json!("replace"), "invalidSyntax"),
        (json!({ "op": "replace", "path": "emails[type", "value": "x" }), "invalidPath"),
        (json!({ "op": "replace", "path": 7, "value": "x" }), "invalidPath"),
        (json!({ "op": "replace", "path": "emails[type eq]", "value": "x" }), "invalidFilter"),
        (json!({ "op": "replace", "path": "manager.displayName", "value": "x" }), "mutability"),
    ] {
        let title = json!({ "op": "replace", "path": "title", "value": "Dr" });
        let body = patch_op(&json!([title, bad]));
        scim.patch(&path, &body).await.refused(400, Some(scim_type));
        assert_eq!(scim.get(&path).await.body, before.body, "{bad}");
    }
    for body in [json!({}), json!([]), json!({ "Operations": 7 }), json!({ "Operations": ["x"] })] {
        scim.patch(&path, &body).await.refused(400, Some("invalidSyntax"));
    }
}

/// SCIM.md §3 and DECISIONS.md 20: where tolerance and the RFC's letter part.
#[tokio::test]
async fn the_letter_of_the_rfc_refuses_what_tolerance_takes() {
    let test = TestApp::new().await;
    let (scim, strict) = (test.scim("acme").await, test.strict_scim("strict").await);
    for (operation, scim_type) in [
        (json!({ "op": "Replace", "path": "title", "value": "x" }), "invalidSyntax"),
        (json!({ "op": "replace", "path": "unheardOf", "value": "x" }), "invalidPath"),
        (json!({ "op": "replace", "path": "active", "value": "True" }), "invalidValue"),
        (
            json!({ "op": "replace", "path": "emails[type eq \"home\"].value", "value": "h@x.test" }),
            "noTarget",
        ),
        (json!({ "op": "remove", "path": "emails[type eq \"home\"]" }), "noTarget"),
        (json!({ "op": "replace", "value": { "name.givenName": "Anne" } }), "invalidPath"),
        (json!({ "op": "replace", "path": "employeeNumber", "value": "1" }), "invalidPath"),
    ] {
        let body = patch_op(&json!([operation]));
        let path = ann(&scim).await;
        scim.patch(&path, &body).await.expect(StatusCode::OK);
        scim.delete(&path).await.expect(StatusCode::NO_CONTENT);
        let path = ann(&strict).await;
        let before = strict.get(&path).await;
        strict.patch(&path, &body).await.refused(400, Some(scim_type));
        assert_eq!(strict.get(&path).await.body, before.body);
        strict.delete(&path).await.expect(StatusCode::NO_CONTENT);
    }
    let bare = json!({ "Operations": [{ "op": "add", "path": "title", "value": "x" }] });
    let path = ann(&strict).await;
    strict.patch(&path, &bare).await.refused(400, Some("invalidSyntax"));
    strict.patch(&path, &patch_op(&json!([]))).await.refused(400, Some("invalidSyntax"));
}

/// DECISIONS.md 20: an unknown path changes nothing and stops nothing.
#[tokio::test]
async fn an_unknown_path_is_passed_over() {
    check(
        json!([
            { "op": "add", "path": "unheardOf", "value": "x" },
            { "op": "replace", "path": "unheardOf[type eq \"x\"].value", "value": "x" },
            { "op": "remove", "path": format!("{ENTERPRISE}:unheardOf") },
            { "op": "replace", "path": "displayName", "value": "Ann" },
            { "op": "add", "value": { "also.unheardOf": 1, "nickName": "A" } },
        ]),
        json!({ "displayName": "Ann", "nickName": "A", "unheardOf": null, "also": null }),
    )
    .await;
}

async fn ann(scim: &Client) -> String {
    let body = json!({
        "schemas": [USER, ENTERPRISE],
        "userName": "ann", "externalId": "7", "name": { "givenName": "Ann", "familyName": "Ng" },
        "emails": [{ "value": "a@x.test", "type": "work", "primary": true }],
        ENTERPRISE: { "department": "Hearts" },
    });
    format!("/Users/{}", scim.post("/Users", &body).await.expect(StatusCode::CREATED).id())
}
