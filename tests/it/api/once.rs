//! `Idempotency-Key`: what is sent twice is done once, by whom and where it was first sent.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use crate::api::people::{By, JSON, Person, Seat};
use crate::api::sso::{configurer, grant};
use crate::api::users::{approver, staff};
use crate::world::client::Answer;
use crate::world::leaks;

const BASE: &str = "/api/v1/accounts/acme/sso";
const KEY: &str = "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"";
const KEPT: &str = "SELECT count(*) FROM idempotency_keys";

fn provider(name: &str) -> Value {
    json!({ "name": name, "issuer": "https://op.test", "client_id": "c", "client_secret": "s" })
}

async fn post(seat: &Seat, by: &By, (path, key): (&str, &str), body: &Value) -> Answer {
    let By::Cookie(cookie) = by else { panic!("by cookie") };
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::COOKIE, format!("__Host-sid={cookie}"))
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, JSON)
        .header("idempotency-key", key);
    seat.send(request.body(Body::from(body.to_string())).expect("a request")).await
}

#[track_caller]
fn refused(answer: &Answer, status: StatusCode, name: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.body["type"], format!("urn:countersign:problem:{name}"));
    assert!(!answer.headers.contains_key("idempotency-replayed"));
}

async fn count(seat: &Seat, name: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM sso_connections WHERE name = '{name}'");
    seat.test.database.number(&sql).await
}

async fn ann(seat: &Seat) -> (Person, By) {
    let ann = configurer(seat, "ann").await;
    let by = ann.by_cookie();
    (ann, by)
}

#[tokio::test]
async fn a_request_sent_again_with_its_key_is_answered_again_and_not_done_again() {
    let seat = Seat::new().await;
    let (_, ann) = ann(&seat).await;
    let first = post(&seat, &ann, (BASE, KEY), &provider("P")).await.expect(StatusCode::CREATED);
    assert!(!first.headers.contains_key("idempotency-replayed"));
    // Quotes are no part of it.
    for key in [KEY, KEY.trim_matches('"')] {
        let again = post(&seat, &ann, (BASE, key), &provider("P")).await;
        let again = again.expect(StatusCode::CREATED);
        assert_eq!(again.headers["idempotency-replayed"], "true");
        assert_eq!(again.text, first.text);
        for name in [header::LOCATION, header::ETAG, header::CONTENT_TYPE] {
            assert_eq!(again.headers[&name], first.headers[&name], "{name}");
        }
    }
    assert_eq!(count(&seat, "P").await, 1);
    // Without a key, or with another, it is another request.
    let other = post(&seat, &ann, (BASE, "other"), &provider("P")).await;
    refused(&other, StatusCode::CONFLICT, "conflict");
}

#[tokio::test]
async fn a_key_is_for_one_request() {
    let seat = Seat::new().await;
    let (_, ann) = ann(&seat).await;
    post(&seat, &ann, (BASE, KEY), &provider("P")).await.expect(StatusCode::CREATED);
    let other = post(&seat, &ann, (BASE, KEY), &provider("Q")).await;
    refused(&other, StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused");
    let elsewhere = format!("{BASE}?dryRun=false");
    let other = post(&seat, &ann, (&elsewhere, KEY), &provider("P")).await;
    refused(&other, StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused");
    assert_eq!(count(&seat, "Q").await, 0);
    for key in ["", "\"\"", "\"open", "clé", &"x".repeat(256)] {
        let answer = post(&seat, &ann, (BASE, key), &provider("Q")).await;
        refused(&answer, StatusCode::BAD_REQUEST, "invalid-idempotency-key");
    }
}

/// Nobody finds out, or is hindered by, what keys others have used.
#[tokio::test]
async fn a_key_belongs_to_who_sent_it() {
    let seat = Seat::new().await;
    let (_, ann) = ann(&seat).await;
    post(&seat, &ann, (BASE, KEY), &provider("P")).await.expect(StatusCode::CREATED);
    let ben = configurer(&seat, "ben").await.by_cookie();
    let own = post(&seat, &ben, (BASE, KEY), &provider("Q")).await.expect(StatusCode::CREATED);
    assert_eq!(own.body["name"], "Q");
    let carl = seat.with_second_factor("carl").await.by_cookie();
    let answer = post(&seat, &carl, (BASE, KEY), &provider("P")).await;
    refused(&answer, StatusCode::FORBIDDEN, "denied");
    assert_eq!(seat.test.database.number(KEPT).await, 2, "who may not leaves nothing");
}

/// An answer is given again to whoever may still have it.
#[tokio::test]
async fn who_may_no_longer_is_refused_whatever_was_answered() {
    let seat = Seat::new().await;
    let (person, ann) = ann(&seat).await;
    post(&seat, &ann, (BASE, KEY), &provider("P")).await.expect(StatusCode::CREATED);
    seat.test.database.run("DELETE FROM seed_grants").await;
    let answer = post(&seat, &ann, (BASE, KEY), &provider("P")).await;
    refused(&answer, StatusCode::FORBIDDEN, "denied");
    grant(&seat, &person, "sso.configure").await;
    let again = post(&seat, &ann, (BASE, KEY), &provider("P")).await.expect(StatusCode::CREATED);
    assert_eq!(again.headers["idempotency-replayed"], "true");
}

/// What was refused was not done: put right, it may come with the same key.
#[tokio::test]
async fn a_refusal_does_not_use_a_key_up() {
    let seat = Seat::new().await;
    let (_, ann) = ann(&seat).await;
    let bad = json!({ "name": "P", "issuer": "http://op.test", "client_id": "c",
        "client_secret": "s", "max_age": -1 });
    let answer = post(&seat, &ann, (BASE, KEY), &bad).await;
    refused(&answer, StatusCode::BAD_REQUEST, "invalid-fields");
    assert_eq!(answer.body["errors"][0]["code"], "range", "{}", answer.text);
    assert_eq!(seat.test.database.number(KEPT).await, 0);
    post(&seat, &ann, (BASE, KEY), &provider("P")).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn of_requests_sent_at_once_one_is_done() {
    let seat = Seat::new().await;
    let (_, ann) = ann(&seat).await;
    let body = provider("P");
    let send = || post(&seat, &ann, (BASE, KEY), &body);
    let all = tokio::join!(send(), send(), send(), send());
    for answer in [all.0, all.1, all.2, all.3] {
        if answer.status != StatusCode::CREATED {
            refused(&answer, StatusCode::CONFLICT, "idempotency-key-in-use");
        }
    }
    assert_eq!(count(&seat, "P").await, 1);
    send().await.expect(StatusCode::CREATED);
}

/// The process ended in the middle: nobody knows whether it was done, so it is not done again.
#[tokio::test]
async fn a_request_that_was_interrupted_is_not_done_again() {
    let seat = Seat::new().await;
    let (_, ann) = ann(&seat).await;
    post(&seat, &ann, (BASE, KEY), &provider("P")).await.expect(StatusCode::CREATED);
    let interrupt = "UPDATE idempotency_keys SET status = NULL, headers = NULL, body = NULL";
    seat.test.database.run(interrupt).await;
    let answer = post(&seat, &ann, (BASE, KEY), &provider("P")).await;
    refused(&answer, StatusCode::CONFLICT, "idempotency-key-in-use");
}

/// The client's answer is lost; the request is done to its end, and its answer waits.
#[tokio::test]
async fn a_client_that_hangs_up_finds_its_answer_when_it_comes_again() {
    let seat = Seat::new().await;
    let (_, ann) = ann(&seat).await;
    let body = provider("P");
    {
        let sending = post(&seat, &ann, (BASE, KEY), &body);
        tokio::pin!(sending);
        // Until the request has been taken, then no further.
        let step = std::time::Duration::from_micros(50);
        while seat.test.database.number(KEPT).await == 0
            && tokio::time::timeout(step, &mut sending).await.is_err()
        {}
    }
    for _ in 0..200 {
        let again = post(&seat, &ann, (BASE, KEY), &body).await;
        if again.status == StatusCode::CREATED {
            assert_eq!(again.headers["idempotency-replayed"], "true");
            assert_eq!(count(&seat, "P").await, 1);
            return;
        }
        refused(&again, StatusCode::CONFLICT, "idempotency-key-in-use");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("it was never done");
}

/// A link is shown once. That it was made is known; what it is is kept nowhere.
#[tokio::test]
async fn an_answer_with_a_secret_is_not_kept() {
    let seat = Seat::new().await;
    let zoe = approver(&seat, "zoe").await.by_cookie();
    let max = staff(&seat, "max").await.session.user;
    let path = format!("/api/v1/accounts/vendor/users/{max}/enrolment-links");
    let made = post(&seat, &zoe, (&path, KEY), &json!({})).await.expect(StatusCode::CREATED);
    let url = made.body["url"].as_str().expect("a URL");
    leaks::secret(url.rsplit('/').next().expect("its end"));
    let again = post(&seat, &zoe, (&path, KEY), &json!({})).await;
    refused(&again, StatusCode::CONFLICT, "answer-not-kept");
    let kept = "SELECT count(*) FROM idempotency_keys WHERE status = 201 AND body IS NULL \
                AND headers IS NULL";
    assert_eq!(seat.test.database.number(kept).await, 1);
    assert_eq!(seat.test.database.number("SELECT count(*) FROM one_time_links").await, 1);
}

#[tokio::test]
async fn a_key_counts_for_24_hours_and_is_then_taken_out() {
    let seat = Seat::new().await;
    let (_, ann) = ann(&seat).await;
    post(&seat, &ann, (BASE, KEY), &provider("P")).await.expect(StatusCode::CREATED);
    seat.test.clock.advance_seconds(24 * 3600 - 60);
    seat.test.app.clean_up().await.expect("clean");
    assert_eq!(seat.test.database.number(KEPT).await, 1);
    seat.test.clock.advance_seconds(120);
    // Old ones do not count, whether they were taken out or not.
    let ben = configurer(&seat, "ben").await.by_cookie();
    post(&seat, &ben, (BASE, KEY), &provider("Q")).await.expect(StatusCode::CREATED);
    seat.test.app.clean_up().await.expect("clean");
    assert_eq!(seat.test.database.number(KEPT).await, 1, "hers is gone, his is there");
    seat.test.clock.advance_seconds(24 * 3600 + 1);
    let user = "SELECT count(*) FROM sso_connections WHERE name = 'R'";
    let carl = configurer(&seat, "carl").await.by_cookie();
    post(&seat, &carl, (BASE, KEY), &provider("R")).await.expect(StatusCode::CREATED);
    assert_eq!(seat.test.database.number(user).await, 1);
}
