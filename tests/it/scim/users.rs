//! Users through the SCIM surface: the ordinary life of one.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use countersign::domain::tokens::Access;
use serde_json::{Value, json};

use crate::scim::{ENTERPRISE, USER, patch_op};
use crate::world::{TestApp, TokenFor};

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
    let other = scim.user("other").await;
    let path = format!("/Users/{other}");
    let rename = json!([{ "op": "replace", "path": "userName", "value": "bJENSEN" }]);
    scim.patch(&path, &patch_op(&rename)).await.refused(409, Some("uniqueness"));
    scim.put(&path, &json!({ "userName": "bJensen" })).await.refused(409, Some("uniqueness"));
    assert_eq!(scim.get(&path).await.body["userName"], "other");
}

#[tokio::test]
async fn a_deleted_user_is_gone_on_every_verb_and_leaves_the_name_free() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let first = scim.user("ann").await;
    let path = format!("/Users/{first}");
    scim.delete(&path).await.expect(StatusCode::NO_CONTENT);
    scim.get(&path).await.refused(404, None);
    scim.put(&path, &json!({ "userName": "ann" })).await.refused(404, None);
    let patch = patch_op(&json!([{ "op": "replace", "path": "active", "value": false }]));
    scim.patch(&path, &patch).await.refused(404, None);
    scim.delete(&path).await.refused(404, None);
    assert_eq!(scim.get("/Users").await.total(), 0);
    assert_eq!(scim.filter("/Users", "userName eq \"ann\"").await.total(), 0);

    let second = scim.user("ANN").await;
    assert_ne!(second, first, "an id is never given again (RFC 7643 §3.1)");
    assert_eq!(scim.get("/Users").await.ids(), [second]);
}

/// DECISIONS.md 22.
#[tokio::test]
async fn a_put_clears_what_it_omits_except_active() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let body = json!({
        "userName": "ann", "active": false, "title": "Doctor", "externalId": "7",
        "name": { "givenName": "Ann" }, "emails": [{ "value": "ann@example.com" }],
        ENTERPRISE: { "department": "Hearts" },
    });
    let id = scim.post("/Users", &body).await.expect(StatusCode::CREATED).id();
    let path = format!("/Users/{id}");
    let put = scim.put(&path, &json!({ "userName": "ann", "nickName": "A" })).await;
    let put = put.expect(StatusCode::OK);
    assert_eq!(put.body["active"], false, "nobody comes back to life by an omission");
    assert_eq!(put.body["nickName"], "A");
    for gone in ["title", "externalId", "name", "emails", ENTERPRISE] {
        assert_eq!(put.body.get(gone), None, "{gone}");
    }
    assert!(!schemas(&put.body).contains(&ENTERPRISE.to_owned()));
    assert_eq!(scim.get(&path).await.body, put.body);
    let put = scim.put(&path, &json!({ "userName": "ann", "active": true })).await;
    assert_eq!(put.expect(StatusCode::OK).body["active"], true);
    scim.put(&path, &json!({ "active": true })).await.refused(400, Some("invalidValue"));
}

#[tokio::test]
async fn what_is_read_only_in_a_body_is_ignored() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let body = json!({
        "userName": "ann", "id": "mine",
        "meta": { "created": "yesterday", "location": "http://evil.test/", "version": 7 },
        "groups": [{ "value": "admins" }],
    });
    let created = scim.post("/Users", &body).await.expect(StatusCode::CREATED);
    assert_ne!(created.id(), "mine");
    assert_eq!(created.body.get("groups"), None);
    assert_eq!(created.body["meta"]["created"], created.body["meta"]["lastModified"]);
    let location = format!("https://scim.test/accounts/acme/scim/v2/Users/{}", created.id());
    assert_eq!(created.body["meta"]["location"], location);
    let again = scim.put(&format!("/Users/{}", created.id()), &created.body).await;
    let again = again.expect(StatusCode::OK);
    assert_eq!(again.body, created.body, "what was answered may be sent back");
}

#[tokio::test]
async fn an_id_in_the_body_that_is_not_the_paths_is_refused() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let (ann, bob) = (scim.user("ann").await, scim.user("bob").await);
    let body = json!({ "id": bob, "userName": "carl" });
    scim.put(&format!("/Users/{ann}"), &body).await.refused(400, Some("invalidValue"));
    let group = scim.group("g", &[]).await;
    let body = json!({ "id": ann, "displayName": "h" });
    scim.put(&format!("/Groups/{group}"), &body).await.refused(400, Some("invalidValue"));
    assert_eq!(scim.get(&format!("/Users/{ann}")).await.body["userName"], "ann");
    assert_eq!(scim.get(&format!("/Users/{bob}")).await.body["userName"], "bob");
}

#[tokio::test]
async fn a_password_is_taken_and_never_shown() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let body = json!({ "userName": "ann", "password": "t1meMa$heen" });
    let created = scim.post("/Users?attributes=password,userName", &body).await;
    let path = format!("/Users/{}", created.id());
    let answers = [
        created,
        scim.get(&format!("{path}?attributes=password")).await,
        scim.put(&path, &body).await,
        scim.patch(
            &path,
            &patch_op(&json!([{ "op": "replace", "value": { "password": "t1meX" } }])),
        )
        .await,
        scim.get("/Users").await,
    ];
    for answer in answers {
        assert!(answer.status.is_success(), "{}", answer.text);
        assert!(!answer.text.contains("t1me"), "{}", answer.text);
    }
    for filter in ["password sw \"t\"", "password pr", "not (password eq \"t1meX\")"] {
        scim.filter("/Users", filter).await.refused(400, Some("invalidFilter"));
    }
}

/// DECISIONS.md 20.
#[tokio::test]
async fn an_object_under_an_unknown_urn_survives_a_round_trip() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let urn = "urn:example:params:scim:schemas:extension:badge:2.0:User";
    let badge = json!({ "Number": 17, "zones": ["a", "b"], "nested": { "x": [null, 1.5, true] } });
    let body = json!({ "schemas": [USER], "userName": "ann", urn: badge });
    let created = scim.post("/Users", &body).await.expect(StatusCode::CREATED);
    assert_eq!(created.body[urn], badge);
    assert!(schemas(&created.body).contains(&urn.to_owned()));
    let path = format!("/Users/{}", created.id());
    let patch = patch_op(&json!([{ "op": "add", "path": "title", "value": "Dr" }]));
    assert_eq!(scim.patch(&path, &patch).await.expect(StatusCode::OK).body[urn], badge);
    let put = scim.put(&path, &scim.get(&path).await.body).await.expect(StatusCode::OK);
    assert_eq!(put.body[urn], badge);
    assert_eq!(scim.filter("/Users", &format!("{urn}:Number eq 17")).await.total(), 0);
    let put = scim.put(&path, &json!({ "userName": "ann" })).await.expect(StatusCode::OK);
    assert_eq!(put.body.get(urn), None);
    assert!(!schemas(&put.body).contains(&urn.to_owned()));
}

/// DECISIONS.md 20.
#[tokio::test]
async fn an_unknown_attribute_is_dropped_or_by_the_letter_refused() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let body = json!({
        "schemas": [USER], "userName": "ann", "isAdmin": true, "__proto__": { "polluted": 1 },
        "constructor": 1, "emails": [{ "value": "a@example.com", "verified": true }],
    });
    let created = scim.post("/Users", &body).await.expect(StatusCode::CREATED);
    for name in ["isAdmin", "__proto__", "constructor"] {
        assert_eq!(created.body.get(name), None);
    }
    assert_eq!(created.body["emails"], json!([{ "value": "a@example.com" }]));
    let strict = test.strict_scim("strict").await;
    strict.post("/Users", &body).await.refused(400, Some("invalidSyntax"));
    let body = json!({ "userName": "ann" });
    strict.post("/Users", &body).await.refused(400, Some("invalidSyntax"));
    let body = json!({ "schemas": [USER], "userName": "ann", "active": "True" });
    strict.post("/Users", &body).await.refused(400, Some("invalidValue"));
    assert_eq!(strict.get("/Users").await.total(), 0);
}

#[tokio::test]
async fn schemas_name_an_extension_only_while_it_has_values() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let body = json!({ "schemas": [USER, ENTERPRISE], "userName": "ann" });
    let created = scim.post("/Users", &body).await.expect(StatusCode::CREATED);
    assert!(!schemas(&created.body).contains(&ENTERPRISE.to_owned()));
    let path = format!("/Users/{}", created.id());
    let department = format!("{ENTERPRISE}:department");
    let add = patch_op(&json!([{ "op": "add", "path": department, "value": "Hearts" }]));
    let added = scim.patch(&path, &add).await.expect(StatusCode::OK);
    assert_eq!(added.body[ENTERPRISE]["department"], "Hearts");
    assert!(schemas(&added.body).contains(&ENTERPRISE.to_owned()));
    let remove = patch_op(&json!([{ "op": "remove", "path": department }]));
    let removed = scim.patch(&path, &remove).await.expect(StatusCode::OK);
    assert_eq!(removed.body.get(ENTERPRISE), None);
    assert!(!schemas(&removed.body).contains(&ENTERPRISE.to_owned()));
}

#[tokio::test]
async fn an_inactive_user_is_listed_found_and_still_takes_the_name() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let body = json!({ "userName": "ann", "active": false });
    let id = scim.post("/Users", &body).await.expect(StatusCode::CREATED).id();
    assert_eq!(scim.get("/Users").await.ids(), [id.as_str()]);
    for filter in ["userName eq \"ann\"", "active eq false", "active eq \"False\""] {
        assert_eq!(scim.filter("/Users", filter).await.ids(), [id.as_str()], "{filter}");
    }
    assert_eq!(scim.filter("/Users", "active eq true").await.total(), 0);
    scim.post("/Users", &json!({ "userName": "Ann" })).await.refused(409, Some("uniqueness"));
    let on = patch_op(&json!([{ "op": "replace", "value": { "active": true } }]));
    let woken = scim.patch(&format!("/Users/{id}"), &on).await.expect(StatusCode::OK);
    assert_eq!((woken.id(), &woken.body["active"]), (id, &json!(true)));
}

/// DECISIONS.md 7: `externalId` is the client's; it is found by its exact text and is not unique.
#[tokio::test]
async fn an_external_id_is_found_exactly_and_may_be_shared() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let mut ids = vec![];
    for (name, external) in [("ann", "aB"), ("bob", "ab"), ("cid", "aB")] {
        let body = json!({ "userName": name, "externalId": external });
        ids.push(scim.post("/Users", &body).await.expect(StatusCode::CREATED).id());
    }
    let found = scim.filter("/Users", "externalId eq \"aB\"").await;
    assert_eq!(found.ids(), [ids[0].as_str(), ids[2].as_str()]);
    let found = scim.filter("/Users", "externalId eq \"ab\"").await;
    assert_eq!(found.ids(), [ids[1].as_str()]);
    assert_eq!(scim.filter("/Users", "externalId eq \"AB\"").await.total(), 0);
}

/// DECISIONS.md 19.
#[tokio::test]
async fn roles_and_entitlements_come_back_as_they_were_pushed() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let roles = json!([
        { "value": "Owner of Everything", "display": "Owner", "type": "app", "primary": true },
        { "value": "unheard-of" },
    ]);
    let entitlements = json!([{ "value": "license-17", "type": "license" }]);
    let body = json!({ "userName": "ann", "roles": roles, "entitlements": entitlements });
    let created = scim.post("/Users", &body).await.expect(StatusCode::CREATED);
    assert_eq!(created.body["roles"], roles);
    assert_eq!(created.body["entitlements"], entitlements);
    assert_eq!(scim.filter("/Users", "roles.value eq \"unheard-of\"").await.total(), 1);
}

/// DECISIONS.md 23: SCIM requires `userName` only.
#[tokio::test]
async fn a_user_needs_a_user_name_and_nothing_else() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let created = scim.post("/Users", &json!({ "userName": "ann" })).await;
    assert_eq!(created.expect(StatusCode::CREATED).body["active"], true);
    for body in [json!({}), json!({ "userName": "" }), json!({ "userName": null })] {
        scim.post("/Users", &body).await.refused(400, Some("invalidValue"));
    }
    scim.post("/Users", &json!([1])).await.refused(400, Some("invalidSyntax"));
}

#[tokio::test]
async fn a_token_that_may_only_read_changes_nothing() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let id = scim.user("ann").await;
    let wanted = TokenFor { access: Access::Read, ..TokenFor::default() };
    let reader = test.client("acme", &test.token("acme", wanted).await);
    let path = format!("/Users/{id}");
    let before = reader.get(&path).await.expect(StatusCode::OK);
    reader.post("/Users", &json!({ "userName": "bob" })).await.refused(403, None);
    reader.put(&path, &json!({ "userName": "bob" })).await.refused(403, None);
    let off = patch_op(&json!([{ "op": "replace", "path": "active", "value": false }]));
    reader.patch(&path, &off).await.refused(403, None);
    reader.delete(&path).await.refused(403, None);
    assert_eq!(reader.get(&path).await.body, before.body);
    assert_eq!(reader.post("/Users/.search", &json!({})).await.total(), 1);
}

#[tokio::test]
async fn answers_follow_accept_and_no_header_moves_their_addresses() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let id = scim.user("ann").await;
    let path = format!("/Users/{id}");
    for (accept, answered) in [
        ("application/json", "application/json"),
        ("application/scim+json", "application/scim+json"),
        ("application/scim+json, application/json;q=0.9", "application/scim+json"),
        ("*/*", "application/scim+json"),
        ("text/html", "application/scim+json"),
    ] {
        let request = scim
            .request(Method::GET, &path)
            .header(header::ACCEPT, accept)
            .header(header::HOST, "evil.test")
            .header("x-forwarded-host", "evil.test")
            .header(header::CONTENT_TYPE, "text/plain");
        let answer = scim.send(request.body(Body::empty()).unwrap()).await.expect(StatusCode::OK);
        assert_eq!(answer.headers[header::CONTENT_TYPE], answered, "{accept}");
        assert!(!answer.text.contains("evil"), "{}", answer.text);
    }
}

/// RFC 7643 §2.4.
#[tokio::test]
async fn one_value_at_most_is_primary() {
    let test = TestApp::new().await;
    let scim = test.scim("acme").await;
    let emails = json!([
        { "value": "a@example.com", "primary": true }, { "value": "b@example.com", "primary": "True" },
    ]);
    let body = json!({ "userName": "ann", "emails": emails });
    let created = scim.post("/Users", &body).await.expect(StatusCode::CREATED);
    assert_eq!(primaries(&created.body), ["a@example.com"]);
    let add = json!([{ "op": "add", "path": "emails",
        "value": [{ "value": "c@example.com", "primary": true }] }]);
    let added = scim.patch(&format!("/Users/{}", created.id()), &patch_op(&add)).await;
    assert_eq!(primaries(&added.expect(StatusCode::OK).body), ["c@example.com"]);
}

fn schemas(body: &Value) -> Vec<String> {
    let schemas = body["schemas"].as_array().expect("schemas");
    schemas.iter().map(|urn| urn.as_str().expect("an URN").to_owned()).collect()
}

fn primaries(body: &Value) -> Vec<&str> {
    let emails = body["emails"].as_array().expect("emails").iter();
    emails.filter(|e| e["primary"] == true).map(|e| e["value"].as_str().expect("text")).collect()
}
