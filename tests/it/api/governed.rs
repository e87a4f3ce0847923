//! Accounts and people over the API: workspaces, users, recipients, properties, permissions.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::api::people::{By, JSON, Person, Seat, sign_in, sso};
use crate::api::sso::grant;
use crate::world::TokenFor;
use crate::world::client::Answer;

const BASE: &str = "/api/v1/accounts/acme";

async fn administrator(seat: &Seat) -> Person {
    let person = seat.with_second_factor("chief").await;
    grant(seat, &person, "users.administer").await;
    person
}

async fn send(seat: &Seat, by: &By, method: Method, path: &str, body: &Value) -> Answer {
    seat.call(by, method, &format!("{BASE}{path}"), Some((JSON, body.to_string()))).await
}

async fn get(seat: &Seat, by: &By, path: &str) -> Answer {
    seat.get(by, &format!("{BASE}{path}")).await
}

fn ada() -> Value {
    json!({ "user_name": "ada", "given_name": "Ada", "family_name": "Lovelace", "language": "fr",
            "email": "ada@example.com" })
}

#[track_caller]
fn codes(answer: &Answer) -> Vec<(&str, &str)> {
    let errors = answer.body["errors"].as_array().expect("errors");
    errors
        .iter()
        .map(|it| (it["field"].as_str().expect("a field"), it["code"].as_str().expect("a code")))
        .collect()
}

#[tokio::test]
async fn s9_s11_users_are_made_changed_and_deleted_over_the_api() {
    let seat = Seat::new().await;
    let by = administrator(&seat).await.by_cookie();
    let missing = send(&seat, &by, Method::POST, "/users", &json!({ "user_name": "ada" })).await;
    assert_eq!(missing.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        codes(&missing),
        ["given_name", "family_name", "language", "email"].map(|it| (it, "missing"))
    );
    let made = send(&seat, &by, Method::POST, "/users", &ada()).await.expect(StatusCode::CREATED);
    let path = format!("/users/{}", made.id());
    assert_eq!(made.headers[header::LOCATION], format!("{BASE}{path}"));
    assert_eq!(made.body["connection"], Value::Null);
    assert_eq!(made.body["missing"], json!([]));
    let shown = get(&seat, &by, &path).await.expect(StatusCode::OK);
    assert_eq!(shown.body, made.body);
    assert_eq!(shown.headers[header::ETAG], made.headers[header::ETAG]);
    let twice = send(&seat, &by, Method::POST, "/users", &ada()).await;
    assert_eq!(
        (twice.status, codes(&twice)),
        (StatusCode::CONFLICT, vec![("user_name", "user_name_taken")])
    );
    let edit = json!({ "language": "en", "technical_notifications": true });
    let edited = send(&seat, &by, Method::PATCH, &path, &edit).await.expect(StatusCode::OK);
    assert_eq!(edited.body["language"], "en");
    assert_eq!(edited.body["technical_notifications"], true);
    assert_ne!(edited.headers[header::ETAG], made.headers[header::ETAG]);
    let list = get(&seat, &by, "/users?user_name=ADA").await.expect(StatusCode::OK);
    assert_eq!(list.body["items"], json!([edited.body]));
    let page = get(&seat, &by, "/users?limit=1").await.expect(StatusCode::OK);
    assert_eq!(page.body["items"][0]["user_name"], "ada");
    let next = page.body["next"].as_str().expect("a cursor");
    let page = get(&seat, &by, &format!("/users?limit=1&cursor={next}")).await;
    assert_eq!(page.body["items"][0]["user_name"], "chief");
    get(&seat, &by, &format!("/recipients/{}", made.id())).await.expect(StatusCode::NOT_FOUND);
    let gone = seat.call(&by, Method::DELETE, &format!("{BASE}{path}"), None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    get(&seat, &by, &path).await.expect(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn s11_an_identity_providers_user_is_shown_with_what_is_missing_and_not_changed() {
    let seat = Seat::new().await;
    let by = administrator(&seat).await.by_cookie();
    let bob = seat.scim.user("bob").await;
    let path = format!("/users/{bob}");
    let shown = get(&seat, &by, &path).await.expect(StatusCode::OK);
    assert_eq!(shown.body["connection"], "default");
    assert_eq!(shown.body["missing"], json!(["given_name", "family_name", "language", "email"]));
    let refused = send(&seat, &by, Method::PATCH, &path, &json!({ "given_name": "Bob" })).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
    assert_eq!(codes(&refused), [("given_name", "owned_by_identity_provider")]);
    let detail = refused.body["errors"][0]["detail"].as_str().expect("a text");
    assert!(detail.contains("`default`"), "it names the connection: {detail}");
}

/// M58: nothing that is sent makes a user of a recipient.
#[tokio::test]
async fn m58_a_recipient_is_not_promoted() {
    let seat = Seat::new().await;
    let by = administrator(&seat).await.by_cookie();
    let made = send(&seat, &by, Method::POST, "/recipients", &ada()).await;
    let path = format!("/recipients/{}", made.expect(StatusCode::CREATED).id());
    for body in [json!({ "kind": "user" }), json!({ "is_recipient": false })] {
        let refused = send(&seat, &by, Method::PATCH, &path, &body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);
    }
    let as_user = path.replace("recipients", "users");
    let refused = send(&seat, &by, Method::PATCH, &as_user, &json!({ "active": true })).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND, "{}", refused.text);
}

#[tokio::test]
async fn s12_s15_recipients_have_properties_and_are_exported() {
    let seat = Seat::new().await;
    let by = administrator(&seat).await.by_cookie();
    let plain = seat.person("plain").await.by_cookie();
    let choices = json!({ "key": "store", "label": "Store", "type": "choice",
                          "choices": ["=1+1", "Lyon, Nord"] });
    let store = send(&seat, &by, Method::POST, "/properties", &choices).await;
    let store = store.expect(StatusCode::CREATED);
    let size = json!({ "key": "size", "label": "Size", "type": "number" });
    send(&seat, &by, Method::POST, "/properties", &size).await.expect(StatusCode::CREATED);
    let mut rita = ada();
    rita["properties"] = json!({ "store": "Lyon, Nord", "size": 12.5 });
    let rita = send(&seat, &by, Method::POST, "/recipients", &rita).await;
    let rita = rita.expect(StatusCode::CREATED);
    assert_eq!(rita.body["properties"], json!({ "store": "Lyon, Nord", "size": 12.5 }));
    let path = format!("/recipients/{}", rita.id());
    let edit = json!({ "given_name": "+Rita", "properties": { "store": "=1+1", "size": null } });
    let edited = send(&seat, &by, Method::PATCH, &path, &edit).await.expect(StatusCode::OK);
    assert_eq!(edited.body["properties"], json!({ "store": "=1+1" }));
    let list = get(&seat, &plain, "/recipients").await.expect(StatusCode::OK);
    assert_eq!(list.body["items"], json!([edited.body]), "any user sees them");
    let refused = send(&seat, &plain, Method::PATCH, &path, &json!({ "active": false })).await;
    assert_eq!(refused.body["rule"], "recipient-admins-only", "{}", refused.text);
    let csv = get(&seat, &by, "/recipients.csv").await.expect(StatusCode::OK);
    assert_eq!(csv.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8; header=present");
    let expect = format!(
        "id,user_name,given_name,family_name,language,email,technical_notifications,active,size,\
         store\r\n{},ada,'+Rita,Lovelace,fr,ada@example.com,false,true,,'=1+1\r\n",
        rita.id()
    );
    assert_eq!(csv.text, expect);
    let rename = json!({ "choices": ["Lyon, Nord"] });
    let path = format!("/properties/{}", store.id());
    let refused = send(&seat, &by, Method::PATCH, &path, &rename).await;
    assert_eq!(
        (refused.status, codes(&refused)),
        (StatusCode::CONFLICT, vec![("choices", "still_had")])
    );
    let gone = seat.call(&by, Method::DELETE, &format!("{BASE}{path}"), None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text);
}

#[tokio::test]
async fn s6_m53_customers_see_account_permissions_and_are_told_whom_to_ask() {
    let seat = Seat::new().await;
    let by = administrator(&seat).await.by_cookie();
    let list = get(&seat, &by, "/permissions").await.expect(StatusCode::OK);
    let items = list.body["items"].as_array().expect("a list");
    assert!(items.iter().any(|it| it["key"] == "sending" && it["on"] == false), "{}", list.text);
    for on in [true, false] {
        let body = json!({ "on": on });
        let refused = send(&seat, &by, Method::PUT, "/permissions/sending", &body).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
        assert_eq!(refused.body["rule"], "operators-plane");
        let detail = refused.body["detail"].as_str().expect("a text");
        assert!(detail.contains("ask your contact there"), "{detail}");
    }
    let conflicts = get(&seat, &by, "/conflicts").await.expect(StatusCode::OK);
    let id = conflicts.body["items"][0]["id"].as_str().expect("one").to_owned();
    let path = format!("/conflicts/{id}");
    let done = send(&seat, &by, Method::PUT, &path, &json!({ "on": true })).await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.text);
    let conflicts = get(&seat, &by, "/conflicts").await;
    assert_eq!(conflicts.body["items"][0]["on"], true);
}

#[tokio::test]
async fn s8_m54_staff_are_refused_and_told_to_ask_the_accounts_administrators() {
    let seat = Seat::new().await;
    let scim = seat.test.client("vendor", &seat.test.token("vendor", TokenFor::default()).await);
    let staff = sign_in(&seat.test, seat.operator, &scim.user("zoe").await, sso(true)).await;
    grant(&seat, &staff, "users.administer").await;
    let by = staff.by_cookie();
    for path in ["/users", "/recipients"] {
        let refused = send(&seat, &by, Method::POST, path, &ada()).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
        assert_eq!(refused.body["rule"], "two-planes");
        let detail = refused.body["detail"].as_str().expect("a text");
        assert!(detail.contains("administrator of the account"), "{detail}");
    }
}

#[tokio::test]
async fn w10_workspaces_over_the_api() {
    let seat = Seat::new().await;
    let by = administrator(&seat).await.by_cookie();
    let body = json!({ "name": "Marketing" });
    let made = send(&seat, &by, Method::POST, "/workspaces", &body).await;
    let made = made.expect(StatusCode::CREATED);
    let path = format!("/workspaces/{}", made.id());
    let body = json!({ "name": "Growth" });
    let named = send(&seat, &by, Method::PATCH, &path, &body).await.expect(StatusCode::OK);
    assert_eq!(named.body["name"], "Growth");
    let list = get(&seat, &by, "/workspaces").await.expect(StatusCode::OK);
    assert_eq!(list.body["items"], json!([named.body]));
    let closed = seat.call(&by, Method::DELETE, &format!("{BASE}{path}"), None).await;
    assert_eq!(closed.status, StatusCode::NO_CONTENT, "{}", closed.text);
    get(&seat, &by, &path).await.expect(StatusCode::NOT_FOUND);
    let own = seat.get(&by, "/api/v1/accounts").await.expect(StatusCode::OK);
    assert_eq!(own.body["items"][0]["slug"], "acme");
    let mut one = seat.get(&by, BASE).await.expect(StatusCode::OK).body;
    assert_eq!(one["administrators"], "named");
    one.as_object_mut().expect("an object").remove("administrators");
    assert_eq!(one, own.body["items"][0]);
    seat.get(&by, "/api/v1/accounts/vendor").await.expect(StatusCode::NOT_FOUND);
}
