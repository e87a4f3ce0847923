//! What goes wrong, and in which words (RFC 9457).

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::json;

use crate::api::people::{By, FORM, JSON, Seat};
use crate::world::browser::password;
use crate::world::client::Answer;

#[track_caller]
fn check(answer: &Answer, status: u16, name: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(answer.body["type"], format!("urn:countersign:problem:{name}"));
    assert_eq!(answer.body["status"], status);
    for text in ["title", "detail"] {
        assert!(answer.body[text].as_str().is_some_and(|t| !t.is_empty()), "{}", answer.text);
    }
    assert!(!answer.text.contains("{}"), "{}", answer.text);
}

#[tokio::test]
async fn a_problem_is_told_in_the_callers_language_and_its_type_stays() {
    let seat = Seat::new().await;
    for (wish, tag, title) in [
        ("fr", "fr", "Non connecté"),
        ("fr-CH, en;q=0.5", "fr", "Non connecté"),
        ("en, fr;q=0.9", "en", "Not signed in"),
        ("de", "en", "Not signed in"),
        ("fr;q=0", "en", "Not signed in"),
        ("", "en", "Not signed in"),
    ] {
        let request = Request::builder().uri("/api/v1/me").header(header::ACCEPT_LANGUAGE, wish);
        let answer = seat.send(request.body(Body::empty()).expect("a request")).await;
        check(&answer, 401, "not-signed-in");
        assert_eq!(answer.body["title"], title, "{wish}");
        assert_eq!(answer.headers[header::CONTENT_LANGUAGE], tag, "{wish}");
    }
}

#[tokio::test]
async fn paths_and_methods_that_there_are_not() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await.by_cookie();
    for path in ["/api/v1", "/api/v1/nothing", "/api/v1/me/more", "/api/v1/sessions/a/b"] {
        for by in [&By::Nobody, &ann] {
            check(&seat.get(by, path).await, 404, "no-such-endpoint");
        }
    }
    for (path, allowed) in [
        ("/api/v1/me", "GET,HEAD,PATCH"),
        ("/api/v1/sessions", "GET,HEAD"),
        ("/api/v1/sessions/x", "DELETE"),
        ("/api/v1/token", "POST"),
        ("/api/v1/introspect", "POST"),
        ("/api/v1/revoke", "POST"),
        ("/api/v1/openapi.json", "GET,HEAD"),
        ("/.well-known/jwks.json", "GET,HEAD"),
    ] {
        let others = [Method::PUT, Method::PATCH, Method::OPTIONS, Method::TRACE];
        for method in others.into_iter().filter(|it| !allowed.contains(it.as_str())) {
            let answer = seat.call(&ann, method, path, None).await;
            check(&answer, 405, "method-not-allowed");
            assert_eq!(answer.headers[header::ALLOW], allowed, "{path}");
        }
    }
    let head = seat.call(&ann, Method::HEAD, "/api/v1/me", None).await;
    assert_eq!((head.status, head.text.as_str()), (StatusCode::OK, ""));
}

#[tokio::test]
async fn what_is_not_the_callers_is_not_found_whatever_it_is() {
    let seat = Seat::new().await;
    let (ann, bob) = (seat.person("ann").await, seat.person("bob").await);
    let mut seen = vec![];
    let bobs = bob.session.id.to_string();
    let unknown = "018f0000-0000-7000-8000-00000000abcd";
    for id in [bobs.as_str(), unknown, "x", "%00", "%ff", "..%2f", &bobs.to_uppercase()] {
        let path = format!("/api/v1/sessions/{id}");
        let answer = seat.call(&ann.by_cookie(), Method::DELETE, &path, None).await;
        check(&answer, 404, "not-found");
        seen.push(answer.text);
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "byte for byte the same: {seen:?}");
    seat.get(&bob.by_cookie(), "/api/v1/me").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn bodies_that_are_not_what_an_endpoint_takes() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await.by_cookie();
    let post = async |path: &str, media: &str, body: &str| {
        let path = format!("/api/v1/{path}");
        seat.call(&ann, Method::POST, &path, Some((media, body.to_owned()))).await
    };
    for body in ["{", "[]", "7", "null", "\"x\"", "{\"max_age\":-1}", "{\"max_age\":1.5}", "{} {}"]
    {
        check(&post("token", JSON, body).await, 400, "invalid-json");
    }
    for body in ["{\"max_age\":4294967296}", "{\"audience\":7}", "{\"scope\":\"all\"}"] {
        check(&post("token", JSON, body).await, 400, "invalid-json");
    }
    for body in ["", "tok=x", "token=", "token=x&token=y", "{}", "&&&", "token"] {
        let answer = post("revoke", FORM, body).await;
        check(&answer, 400, "invalid-form");
        assert_eq!(answer.body["error"], "invalid_request");
        assert!(answer.body["detail"].as_str().is_some_and(|d| d.contains("`token`")));
    }
    check(&post("token", FORM, "max_age=1").await, 415, "unsupported-media-type");
    check(&post("token", "text/plain", "{}").await, 415, "unsupported-media-type");
    check(&post("revoke", JSON, "{\"token\":\"x\"}").await, 415, "unsupported-media-type");
    assert_eq!(post("token", "application/json; charset=utf-8", "{}").await.status, 200);
    assert_eq!(post("token", "Application/JSON", "{}").await.status, 200);
    // One byte more than the limit is too much.
    let body = |bytes: usize| format!("token={}", "x".repeat(bytes - "token=".len()));
    assert_eq!(post("revoke", FORM, &body(65_536)).await.status, 200);
    check(&post("revoke", FORM, &body(65_537)).await, 413, "body-too-large");
    let strange =
        seat.call(&By::Nobody, Method::POST, "/api/v1/revoke", Some((FORM, body(65_537))));
    check(&strange.await, 401, "not-signed-in");
}

/// SECURITY.md §7: a token in a URL is refused, so that nobody gets used to it.
/// agent-bom #3687: tokens were taken from the query, and so stood in logs.
#[tokio::test]
async fn secrets_do_not_stand_in_urls() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    let token = seat.access_token(&ann).await;
    for name in ["token", "access_token"] {
        let path = format!("/api/v1/me?{name}={token}");
        let answer = seat.get(&ann.by_cookie(), &path).await;
        check(&answer, 400, "credential-in-url");
        assert!(!answer.text.contains(&token), "{}", answer.text);
        check(&seat.get(&By::Nobody, &path).await, 401, "not-signed-in");
    }
    seat.get(&ann.by_cookie(), "/api/v1/me?page=1").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_keep_browsers_careful() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await.by_cookie();
    for path in ["/api/v1/me", "/api/v1/nothing", "/api/v1/openapi.json", "/.well-known/jwks.json"]
    {
        let answer = seat.get(&ann, path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ] {
            assert_eq!(answer.headers[name], value, "{path}");
        }
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(!answer.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN), "{path}");
    }
}

#[tokio::test]
async fn the_person_sees_who_they_are_and_by_which_sessions() {
    let seat = Seat::new().await;
    let body =
        json!({ "userName": "ann@acme.test", "displayName": "Ann", "preferredLanguage": "fr" });
    let user = seat.scim.post("/Users", &body).await.expect(StatusCode::CREATED).id();
    let ann = seat.sign_in(&user, password()).await;
    let other = seat.sign_in(&user, crate::api::people::sso(true)).await;
    seat.person("bob").await;
    let me = seat.get(&ann.by_cookie(), "/api/v1/me").await.expect(StatusCode::OK).body;
    let who = json!({ "id": user, "user_name": "ann@acme.test", "display_name": "Ann", "language": "fr" });
    assert_eq!(me["user"], who);
    assert_eq!(me["account"]["slug"], "acme");
    assert_eq!(me["is_staff"], false);
    assert_eq!(me["session"]["id"], ann.session.id.to_string());
    let list = seat.get(&ann.by_cookie(), "/api/v1/sessions").await.expect(StatusCode::OK);
    let sessions = list.body["sessions"].as_array().expect("sessions");
    let ids: Vec<&str> = sessions.iter().filter_map(|session| session["id"].as_str()).collect();
    assert_eq!(ids, [other.session.id.to_string(), ann.session.id.to_string()], "latest first");
    assert_eq!(sessions[0]["is_current"], false);
    assert_eq!(sessions[1]["is_current"], true);
    assert_eq!(sessions[0]["ip"], "192.0.2.7");
    assert!(!list.text.contains("css_"), "no secret: {}", list.text);
    // The own one can be ended too, and its cookie goes with it.
    let path = format!("/api/v1/sessions/{}", ann.session.id);
    let gone = seat.call(&ann.by_cookie(), Method::DELETE, &path, None).await;
    let cookie = gone.expect(StatusCode::NO_CONTENT).headers[header::SET_COOKIE].clone();
    assert!(cookie.to_str().expect("text").starts_with("__Host-sid=; "), "{cookie:?}");
    check(&seat.get(&ann.by_cookie(), "/api/v1/me").await, 401, "not-signed-in");
    seat.get(&other.by_cookie(), "/api/v1/me").await.expect(StatusCode::OK);
}
