//! What all four resources have in common: bodies that are none, versions, trials, requests sent twice.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::{Scene, mapping, predefined, previewed, problem, tag, text};
use crate::world::client::Answer;

/// The administrator's account, and for each list a body that makes one, and one that would change it.
async fn lists() -> (Scene, Vec<(&'static str, Value, Value)>) {
    let scene = Scene::new().await;
    let ann = scene.seat.scim.user("ann").await;
    let group = scene.seat.scim.group("Staff", std::slice::from_ref(&ann)).await;
    let grant = json!({ "user": ann, "bundle": predefined("reader"), "reason": "x" });
    let role = json!({ "name": "New", "level": "account" });
    let all = vec![
        ("/bundles", json!({ "name": "New" }), json!({ "description": "y" })),
        ("/roles", role, json!({ "description": "y" })),
        ("/group-mappings", mapping(&group, "reader"), json!({ "paused": true })),
        ("/grants", grant, Value::Null),
    ];
    (scene, all)
}

/// It is refused with the members that are known.
#[track_caller]
fn no_json(answer: &Answer) {
    problem(answer, StatusCode::BAD_REQUEST, "invalid-json");
    assert!(text(&answer.body["detail"]).contains('`'), "{}", answer.text);
}

#[track_caller]
fn no_query(answer: &Answer, code: &str) {
    problem(answer, StatusCode::BAD_REQUEST, "invalid-query");
    assert_eq!(answer.body["errors"][0]["code"], code, "{}", answer.text);
}

#[tokio::test]
async fn what_is_no_body_is_refused_and_nothing_made() {
    let (scene, all) = lists().await;
    for (path, new, _) in all {
        let before = scene.count(path).await;
        let send = async |headers: &[(&str, &str)], body: &str| {
            scene.ask((Method::POST, path), headers, body).await
        };
        let large = format!("{{\"name\":\"{}\"}}", "x".repeat(64 * 1024));
        let large = send(&[], &large).await;
        problem(&large, StatusCode::PAYLOAD_TOO_LARGE, "body-too-large");
        let body = new.to_string();
        for media in ["text/plain", "application/xml", "application/x-www-form-urlencoded"] {
            let refused = send(&[("content-type", media)], &body).await;
            problem(&refused, StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type");
        }
        let nulls = body.replacen("\":\"", "\":\"\\u0000", 1);
        let unknown = body.replacen('{', "{\"also\":1,", 1);
        let twice = body.replacen('{', "{\"name\":\"a\",\"name\":\"b\",", 1);
        let cut = body.trim_end_matches('}');
        let deep = format!("{{\"name\":{}", "[".repeat(5_000));
        for wrong in [
            "{",
            "[]",
            "\"x\"",
            "1",
            "null",
            cut,
            &nulls,
            &unknown,
            &twice,
            &deep,
            "{\"name\":1}",
            "{\"reason\":[]}",
            "\u{feff}{}",
        ] {
            no_json(&send(&[], wrong).await);
            no_json(&send(&[("accept-language", "fr")], wrong).await);
        }
        assert_eq!(scene.count(path).await, before);
    }
}

/// Whoever misspells `dryRun` wants nothing done.
#[tokio::test]
async fn parameters_that_are_not_known_are_refused_where_something_would_change() {
    let (scene, all) = lists().await;
    for (path, new, edit) in all {
        let made = scene.post(path, &new).await.expect(StatusCode::CREATED);
        let (one, before) = (format!("{path}/{}", made.id()), scene.count(path).await);
        for (query, code) in [
            ("dryrun=true", "unknown"),
            ("dryRun=true&limit=1", "unknown"),
            ("dryRun=yes", "truth"),
            ("dryRun=true&dryRun=false", "twice"),
        ] {
            no_query(&scene.post(&format!("{path}?{query}"), &new).await, code);
            no_query(&scene.delete(&format!("{one}?{query}")).await, code);
            let changed = scene.patch(&format!("{one}?{query}"), &edit).await;
            // Grants are not changed at all.
            let is_there = changed.status != StatusCode::METHOD_NOT_ALLOWED;
            assert!(is_there || edit.is_null(), "{}", changed.text);
            is_there.then(|| no_query(&changed, code));
        }
        for wrong in [
            format!("{path}?nme=x"),
            format!("{path}?limit=201"),
            format!("{one}?limit=1"),
            format!("{path}?dryRun=x"),
        ] {
            problem(&scene.get(&wrong).await, StatusCode::BAD_REQUEST, "invalid-query");
        }
        assert_eq!(scene.count(path).await, before);
        assert_eq!(tag(&scene.get(&one).await), tag(&made));
    }
}

#[tokio::test]
async fn trying_tells_what_would_be_so_and_does_nothing() {
    let (scene, all) = lists().await;
    for (path, new, edit) in all {
        let before = scene.count(path).await;
        let tried = scene.post(&format!("{path}?dryRun=true"), &new).await;
        let gives = ["/group-mappings", "/grants"].contains(&path);
        assert_eq!(previewed(&tried).len(), if gives { 4 } else { 0 }, "{path}");
        assert_eq!(scene.count(path).await, before);
        let made = scene.post(&format!("{path}?dryRun=false"), &new).await;
        let made = made.expect(StatusCode::CREATED);
        let one = format!("{path}/{}", made.id());
        let trial = format!("{one}?dryRun=true");
        if !edit.is_null() {
            previewed(&scene.patch(&trial, &edit).await);
        }
        previewed(&scene.delete(&trial).await);
        let still = scene.get(&one).await.expect(StatusCode::OK);
        assert_eq!((&still.body, tag(&still)), (&made.body, tag(&made)));
        let stale = [("if-match", "W/\"77\"")];
        let refused = scene.ask((Method::DELETE, &trial), &stale, "").await;
        problem(&refused, StatusCode::PRECONDITION_FAILED, "stale");
        scene.delete(&one).await.expect(StatusCode::NO_CONTENT);
    }
}

#[tokio::test]
async fn whoever_changes_what_they_have_seen_says_which_version_that_was() {
    let (scene, all) = lists().await;
    for (path, new, edit) in all {
        let made = scene.post(path, &new).await.expect(StatusCode::CREATED);
        let one = format!("{path}/{}", made.id());
        let (mut now, stale) = (tag(&made), "W/\"77\"");
        let known = scene.ask((Method::GET, &one), &[("if-none-match", &now)], "").await;
        known.expect(StatusCode::NOT_MODIFIED);
        if !edit.is_null() {
            now = edited((&scene, &one), &edit, (&now, stale)).await;
        }
        let gone =
            async |tag: &str| scene.ask((Method::DELETE, &one), &[("if-match", tag)], "").await;
        let french = [("if-match", stale), ("accept-language", "fr")];
        let refused = scene.ask((Method::DELETE, &one), &french, "").await;
        problem(&refused, StatusCode::PRECONDITION_FAILED, "stale");
        assert!(refused.text.contains("relisez"), "{}", refused.text);
        gone(&now).await.expect(StatusCode::NO_CONTENT);
        problem(&gone("*").await, StatusCode::NOT_FOUND, "not-found");
    }
}

/// Changes something by the version that is so, and not by one that is not; its new version.
async fn edited((scene, path): (&Scene, &str), edit: &Value, (now, stale): (&str, &str)) -> String {
    for (member, _) in edit.as_object().expect("members") {
        no_json(&scene.patch(path, &json!({ member: null })).await);
    }
    let edit = edit.to_string();
    let send =
        async |tag: &str| scene.ask((Method::PATCH, path), &[("if-match", tag)], &edit).await;
    problem(&send(stale).await, StatusCode::PRECONDITION_FAILED, "stale");
    let edited = send(now).await.expect(StatusCode::OK);
    assert_ne!(tag(&edited), now);
    problem(&send(now).await, StatusCode::PRECONDITION_FAILED, "stale");
    tag(&edited)
}

#[tokio::test]
async fn what_is_sent_twice_with_a_key_is_made_once() {
    let (scene, all) = lists().await;
    for (number, (path, new, _)) in all.into_iter().enumerate() {
        let before = scene.count(path).await;
        let key = format!("key-{number}");
        let send = async |path: &str, body: &Value| {
            let headers = [("idempotency-key", key.as_str())];
            scene.ask((Method::POST, path), &headers, &body.to_string()).await
        };
        // What was only tried or refused leaves the key free.
        previewed(&send(&format!("{path}?dryRun=true"), &new).await);
        problem(&send(path, &json!({})).await, StatusCode::BAD_REQUEST, "invalid-fields");
        let first = send(path, &new).await.expect(StatusCode::CREATED);
        let again = send(path, &new).await.expect(StatusCode::CREATED);
        assert_eq!(again.text, first.text);
        assert_eq!(again.headers["idempotency-replayed"], "true");
        assert_eq!(again.headers[header::LOCATION], first.headers[header::LOCATION]);
        assert_eq!(scene.count(path).await, before + 1);
        let mut other = new.clone();
        other["reason"] = json!("another");
        other["name"] = json!("Another");
        let known = if new["name"].is_string() { "reason" } else { "name" };
        other.as_object_mut().expect("members").remove(known);
        let reused = send(path, &other).await;
        problem(&reused, StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused");
    }
}
