//! Authorization API 1.0, §10: who may ask, what a request looks like, how it is told apart.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use countersign::domain::keys::products::ProductScope;
use serde_json::json;

use crate::api::access::scene::{EVALUATION, EVALUATIONS, Scene};
use crate::api::people::{By, JSON};
use crate::world::TokenFor;
use crate::world::client::Answer;

/// Sends a body as it is, with those headers.
async fn send(scene: &Scene, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {}", scene.key));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    scene.seat.send(request.body(Body::from(body)).expect("a request")).await
}

/// §10.1.2, §11.2: 401 to whom it does not know, with a challenge; 403 to whom it does.
#[tokio::test]
async fn only_the_product_may_ask_by_a_key_of_the_scope() {
    let scene = Scene::with_reader().await;
    let body = || Some((JSON, scene.ask("dashboards.read").to_string()));
    let seat = &scene.seat;
    let introspect = seat.product_key(&[ProductScope::Introspect, ProductScope::Rights], 30).await;
    let scim = seat.test.token("acme", TokenFor::default()).await;
    let token = seat.access_token(&scene.admin).await;
    for (by, status, challenge) in [
        (By::Nobody, 401, "Bearer realm=\"countersign\""),
        (By::Bearer("nonsense".to_owned()), 401, "error=\"invalid_token\""),
        (By::Bearer(scim), 401, "error=\"invalid_token\""),
        (scene.admin.by_cookie(), 401, "Bearer realm=\"countersign\""),
        (By::Bearer(token), 403, "scope=\"decisions\""),
        (By::Bearer(introspect), 403, "error=\"insufficient_scope\""),
    ] {
        for path in [EVALUATION, EVALUATIONS] {
            let refused = seat.call(&by, Method::POST, path, body()).await;
            assert_eq!(refused.status, status, "{}", refused.text);
            let told = refused.headers[header::WWW_AUTHENTICATE].to_str().expect("text");
            assert!(told.contains(challenge), "{told}");
            assert!(!refused.text.is_empty(), "§10.1.2: the body is an error message");
            assert_eq!(refused.headers[header::CONTENT_TYPE], "text/plain; charset=utf-8");
        }
    }
    let expired = seat.product_key(&[ProductScope::Decisions], 1).await;
    let by = By::Bearer(expired);
    let first = seat.call(&by, Method::POST, EVALUATION, body()).await;
    assert_eq!(first.status, 200, "{}", first.text);
    seat.test.clock.advance_seconds(86_400);
    assert_eq!(seat.call(&by, Method::POST, EVALUATION, body()).await.status, 401);
}

/// §10.1: the media type is JSON's, the body a JSON object.
#[tokio::test]
async fn a_request_is_a_json_object_and_says_so() {
    let scene = Scene::with_reader().await;
    let good = scene.ask("dashboards.read").to_string();
    for media in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
        let answer = send(&scene, EVALUATION, &[("content-type", media)], good.clone()).await;
        assert_eq!(answer.status, 200, "{media}: {}", answer.text);
    }
    for media in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""] {
        let refused = send(&scene, EVALUATION, &[("content-type", media)], good.clone()).await;
        assert_eq!(refused.status, 400, "{media}");
    }
    assert_eq!(send(&scene, EVALUATION, &[], good.clone()).await.status, 400);
    let twice = good.replacen("\"action\"", "\"action\":{\"name\":\"x\"},\"action\"", 1);
    for body in ["", "{", "[]", "null", "\"x\"", "7", &format!("[{good}]"), &twice] {
        for path in [EVALUATION, EVALUATIONS] {
            let refused = send(&scene, path, &[("content-type", JSON)], body.to_owned()).await;
            assert_eq!(refused.status, 400, "{body}: {}", refused.text);
        }
    }
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    let body = good.replacen('{', &format!("{{\"deep\":{deep},"), 1);
    assert_eq!(send(&scene, EVALUATION, &[("content-type", JSON)], body).await.status, 400);
    let large = format!("{good}{}", " ".repeat(1024 * 1024));
    let refused = send(&scene, EVALUATION, &[("content-type", JSON)], large).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    let wide = format!("{good}{}", " ".repeat(1024 * 1024 - good.len()));
    assert_eq!(send(&scene, EVALUATION, &[("content-type", JSON)], wide).await.status, 200);
}

/// §10.1.3: the identifier of a request comes back as it was, with errors too.
#[tokio::test]
async fn the_identifier_of_a_request_comes_back() {
    let scene = Scene::with_reader().await;
    let good = scene.ask("dashboards.read").to_string();
    for id in ["bfe9eb29-ab87-4ca3-be83-a1d5d8305716", "x", "with blanks, and = signs"] {
        for (body, path) in [(good.clone(), EVALUATION), (good.clone(), EVALUATIONS)] {
            let headers = [("x-request-id", id), ("content-type", JSON)];
            let answer = send(&scene, path, &headers, body).await.expect(StatusCode::OK);
            assert_eq!(answer.headers["x-request-id"], id);
            assert_eq!(answer.headers.get_all("x-request-id").iter().count(), 1);
        }
        let refused = send(&scene, EVALUATION, &[("x-request-id", id)], "{".to_owned()).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.headers["x-request-id"]),
            (400, &id.parse().expect("a value"))
        );
        let request = Request::builder().method(Method::POST).uri(EVALUATION);
        let request = request.header("x-request-id", id).body(Body::empty());
        let refused = scene.seat.send(request.expect("a request")).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.headers["x-request-id"]),
            (401, &id.parse().expect("a value"))
        );
    }
    // Without one the answer has ours.
    let answer = send(&scene, EVALUATION, &[("content-type", JSON)], good).await;
    assert_eq!(answer.headers["x-request-id"].len(), 16);
}

/// §10.1: a question is a POST.
#[tokio::test]
async fn other_methods_are_not_there() {
    let scene = Scene::new().await;
    for path in [EVALUATION, EVALUATIONS] {
        for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH] {
            let refused = scene.seat.call(&By::Nobody, method, path, None).await;
            assert_eq!(refused.status, 405);
            assert_eq!(refused.headers[header::ALLOW], "POST");
        }
    }
    // What is not built is not there either.
    for path in ["/access/v1/search/subject", "/access/v1", "/access/v1/evaluation/x"] {
        let body = Some((JSON, json!({}).to_string()));
        let by = By::Bearer(scene.key.clone());
        assert_eq!(scene.seat.call(&by, Method::POST, path, body).await.status, 404, "{path}");
    }
}
