//! The API's description: every route is in it, every example fits its schema, and so does what the
//! server really answers.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use countersign::domain::keys::products::ProductScope;
use serde_json::{Value, json};

use crate::api::people::{By, Seat};
use crate::world::PUBLIC_URL;

pub(crate) mod schemas;

/// Where the routes stand.
const SOURCE: &str = include_str!("../../../src/http/api.rs");
/// Where those stand that answer the product's questions; they are no part of `/api/v1`.
const ACCESS: &str = include_str!("../../../src/http/access.rs");
/// Where problems have their types.
const PROBLEMS: &str = include_str!("../../../src/http/api/problem.rs");

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

async fn description(seat: &Seat) -> Value {
    let answer = seat.get(&By::Nobody, "/api/v1/openapi.json").await.expect(StatusCode::OK);
    assert_eq!(answer.headers["content-type"], "application/json");
    answer.body
}

#[tokio::test]
async fn every_route_of_the_seat_is_described_and_no_other() {
    let seat = Seat::new().await;
    let document = description(&seat).await;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document["servers"][0]["url"], format!("{PUBLIC_URL}/api/v1"));
    let routed: BTreeSet<(String, String)> = [SOURCE, ACCESS]
        .iter()
        .flat_map(|source| source.split(".route(").skip(1))
        .filter_map(|rest| rest.split_once('"').map(|(_, rest)| rest))
        .filter(|rest| !rest.starts_with("/.well-known"))
        .map(|rest| {
            let (path, rest) = rest.split_once("\",").expect("a path");
            let (method, _) = rest.split_once('(').expect("a method");
            (path.to_owned(), method.trim().to_owned())
        })
        .collect();
    let paths = document["paths"].as_object().expect("paths");
    let described: BTreeSet<(String, String)> = paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().expect("methods").keys();
            methods.map(move |method| (path.clone(), method.clone()))
        })
        .collect();
    assert_eq!(routed, described);
}

#[tokio::test]
async fn every_operation_says_what_it_takes_gives_and_refuses() {
    let seat = Seat::new().await;
    let document = description(&seat).await;
    let mut ids = BTreeSet::new();
    let paths = document["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("methods");
        methods.iter().map(move |(method, operation)| (path, method, operation))
    });
    for (path, method, operation) in operations {
        let told = format!("{method} {path}");
        assert!(METHODS.contains(&method.as_str()), "{told}");
        let id = operation["operationId"].as_str().expect("an id");
        assert!(ids.insert(id.to_owned()), "{told}: `{id}` twice");
        assert!(operation["summary"].as_str().is_some_and(|s| s.len() > 10), "{told}");
        let security = operation["security"].as_array().expect("security");
        for scheme in security.iter().flat_map(|s| s.as_object().expect("a scheme").keys()) {
            let known = &document["components"]["securitySchemes"][scheme];
            assert!(known.is_object(), "{told}: {scheme}");
        }
        let responses = operation["responses"].as_object().expect("responses");
        let has = |status: &str| responses.contains_key(status);
        assert!(["200", "201", "202", "204"].into_iter().any(has), "{told}");
        let is_open = security.is_empty();
        assert!(is_open || (has("401") && has("403")), "{told} says how it refuses");
        for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
            let parameters = operation["parameters"].as_array().expect("parameters");
            let found = parameters.iter().find(|p| p["name"] == name && p["in"] == "path");
            assert_eq!(found.expect("it is described")["required"], true, "{told}");
        }
    }
}

#[tokio::test]
async fn every_example_fits_its_schema() {
    let seat = Seat::new().await;
    let document = description(&seat).await;
    let seen = schemas::check_examples(&document);
    assert!(seen >= 15, "{seen} examples");
    // And what does not fit is found.
    let session = json!({ "$ref": "#/components/schemas/Session" });
    assert!(schemas::fits(&document, &session, &json!({})).is_err());
    let token = json!({ "$ref": "#/components/schemas/Token" });
    let wrong =
        json!({ "access_token": "x", "token_type": "Bearer", "expires_in": 301, "scope": "" });
    assert!(schemas::fits(&document, &token, &wrong).is_err());
}

#[tokio::test]
async fn what_the_server_answers_is_what_it_describes() {
    let seat = Seat::new().await;
    let document = description(&seat).await;
    let ann = seat.with_second_factor("ann").await;
    let plain = seat.person("bob").await;
    let by = ann.by_cookie();
    for person in [&ann, &plain] {
        for path in ["/me", "/sessions"] {
            let answer = seat.get(&person.by_cookie(), &format!("/api/v1{path}")).await;
            described(&document, (path, "get", "200"), &answer.body);
        }
        let answer = seat.token(person, &json!({})).await;
        described(&document, ("/token", "post", "200"), &answer.body);
    }
    let key = By::Bearer(seat.product_key(&[ProductScope::Introspect], 30).await);
    let (token, bobs) = (seat.access_token(&ann).await, seat.access_token(&plain).await);
    for token in [token.as_str(), &bobs, "nonsense"] {
        let answer = seat.form(&key, "/api/v1/introspect", token).await;
        described(&document, ("/introspect", "post", "200"), &answer.body);
    }
    let chief = super::sso::configurer(&seat, "chief").await.by_cookie();
    let base = "/api/v1/accounts/acme/sso";
    let sso = async |method: Method, path: &str, body: Value| {
        let path = format!("{base}{path}");
        let body = (crate::api::people::JSON, body.to_string());
        seat.call(&chief, method, &path, Some(body)).await
    };
    let new = json!({ "name": "P", "issuer": "http://127.0.0.1:1", "client_id": "c",
        "client_secret": "s" });
    let added = sso(Method::POST, "", new.clone()).await;
    described(&document, ("/accounts/{account}/sso", "post", "201"), &added.body);
    let (one, own) = ("/accounts/{account}/sso/{id}", format!("/{}", added.id()));
    let list = seat.get(&chief, base).await;
    described(&document, ("/accounts/{account}/sso", "get", "200"), &list.body);
    let shown = seat.get(&chief, &format!("{base}{own}")).await;
    described(&document, (one, "get", "200"), &shown.body);
    let changed = sso(Method::PATCH, &own, json!({ "max_age": 1 })).await;
    described(&document, (one, "patch", "200"), &changed.body);
    let tried = sso(Method::POST, &format!("{own}/test"), json!({})).await;
    described(&document, ("/accounts/{account}/sso/{id}/test", "post", "200"), &tried.body);
    let zoe = super::users::approver(&seat, "zoe").await.by_cookie();
    let max = super::users::staff(&seat, "max").await.session.user.to_string();
    let link = super::users::make(&seat, &zoe, "vendor", &max).await;
    let place = "/accounts/{account}/users/{id}/enrolment-links";
    described(&document, (place, "post", "201"), &link.body);
    let refusals = [
        sso(Method::POST, "", json!({})).await,
        sso(Method::POST, "", new).await,
        sso(Method::PATCH, "/x", json!({})).await,
        seat.get(&by, base).await,
        seat.get(&By::Nobody, "/api/v1/me").await,
        seat.get(&By::Bearer("x".to_owned()), "/api/v1/me").await,
        seat.get(&key, "/api/v1/me").await,
        seat.get(&by, "/api/v1/nothing").await,
        seat.form(&by, "/api/v1/introspect", "x").await,
        seat.token(&plain, &json!({ "max_age": 1 })).await,
        seat.token(&plain, &json!({ "audience": "x" })).await,
        seat.call(&by, Method::DELETE, "/api/v1/sessions/x", None).await,
    ];
    let problem = json!({ "$ref": "#/components/schemas/Problem" });
    for answer in refusals {
        assert!(answer.status.is_client_error(), "{}", answer.text);
        schemas::fits(&document, &problem, &answer.body).expect("it fits");
    }
}

#[tokio::test]
async fn every_type_of_problem_is_described() {
    let seat = Seat::new().await;
    let document = description(&seat).await;
    let types = &document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"];
    let described: BTreeSet<&str> = types
        .as_array()
        .expect("types")
        .iter()
        .filter_map(|name| name.as_str()?.strip_prefix("urn:countersign:problem:"))
        .collect();
    let table = PROBLEMS.split("fn describe").nth(1).expect("the table");
    let table = table.split("\n    }\n").next().expect("its end");
    let is_name = |text: &&str| {
        !text.is_empty()
            && text.chars().all(|c| c.is_ascii_lowercase() || c == '-')
            && !text.contains('_')
    };
    let told: BTreeSet<&str> = table.split('"').skip(1).step_by(2).filter(is_name).collect();
    assert_eq!(told, described);
}

fn described(document: &Value, (path, method, status): (&str, &str, &str), body: &Value) {
    let response = &document["paths"][path][method]["responses"][status];
    let schema = &response["content"]["application/json"]["schema"];
    if let Err(why) = schemas::fits(document, schema, body) {
        panic!("{method} {path}: {why}\n{body}");
    }
}
