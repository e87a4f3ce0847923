//! By which doors nobody signs: M13, M26, M33, M34; and from where those who do: M65.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use super::{Two, problem, text};
use crate::api::people::{By, JSON, sso};
use crate::world::client::Answer;

/// M13, M34: signing is for people in a browser, with a session; reading changes nothing.
#[tokio::test]
async fn m13_m34_no_token_signs_and_reading_changes_nothing() {
    let two = Two::new().await;
    let ann = two.scene.seat.scim.user("ann").await;
    let request = two.asked_for(&ann).await;
    let token = two.scene.seat.access_token(&two.deputy).await;
    let answer = two.vote(&By::Bearer(token), &request, "approve").await;
    problem(&answer, StatusCode::FORBIDDEN, "browser-session-only");
    let nobody = two.vote(&By::Nobody, &request, "approve").await;
    problem(&nobody, StatusCode::UNAUTHORIZED, "not-signed-in");
    let path = format!("{}/approval-requests/{}/votes", super::BASE, text(&request["id"]));
    let read = two.scene.seat.get(&two.deputy.by_cookie(), &path).await;
    assert_eq!(read.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(two.state(&request).await, "pending");
}

/// M33: a second factor of more than ten minutes ago is to be shown again, and nothing is signed.
#[tokio::test]
async fn m33_signing_takes_a_second_factor_of_just_now() {
    let two = Two::new().await;
    let ann = two.scene.seat.scim.user("ann").await;
    let request = two.asked_for(&ann).await;
    two.scene.seat.test.clock.advance_seconds(11 * 60);
    let late = two.vote(&two.deputy.by_cookie(), &request, "approve").await;
    problem(&late, StatusCode::UNAUTHORIZED, "second-factor-required");
    let user = two.deputy.session.user.to_string();
    let without = two.scene.seat.sign_in(&user, sso(false)).await;
    let without = two.vote(&without.by_cookie(), &request, "approve").await;
    problem(&without, StatusCode::UNAUTHORIZED, "second-factor-required");
    let fresh = two.scene.seat.sign_in(&user, sso(true)).await.by_cookie();
    two.vote(&fresh, &request, "approve").await.expect(StatusCode::OK);
}

/// M65: an address that a client says of itself is not what is on record of its signature.
#[tokio::test]
async fn m65_the_address_on_record_of_a_signature_is_not_what_its_client_says() {
    let two = Two::new().await;
    let ann = two.scene.seat.scim.user("ann").await;
    let request = two.asked_for(&ann).await;
    let By::Cookie(cookie) = two.deputy.by_cookie() else { panic!("by a cookie") };
    let ballot = json!({ "digest": text(&request["digest"]), "verdict": "approve" });
    let peer: SocketAddr = "198.51.100.9:9".parse().expect("an address");
    let signing = Request::builder()
        .method(Method::POST)
        .uri(format!("{}/approval-requests/{}/votes", super::BASE, text(&request["id"])))
        .header(header::COOKIE, format!("__Host-sid={cookie}"))
        .header("sec-fetch-site", "same-origin")
        .header(header::ORIGIN, crate::world::PUBLIC_URL)
        .header("x-forwarded-for", "203.0.113.5, 203.0.113.6")
        .header("x-real-ip", "203.0.113.7")
        .header("forwarded", "for=203.0.113.8")
        .header(header::CONTENT_TYPE, JSON)
        .extension(ConnectInfo(peer))
        .body(Body::from(ballot.to_string()))
        .expect("a request");
    let signed = two.scene.seat.send(signing).await.expect(StatusCode::OK);
    assert_eq!(signed.body["state"], "executed");
    let found = two.scene.get("/activities?action=approval.signed").await.expect(StatusCode::OK);
    let line: &Value = &found.body["items"][0];
    assert_eq!((&line["ip"], &line["door"]), (&json!("198.51.100.9"), &json!("api")), "{line}");
    assert_eq!(line["actor"]["id"], two.deputy.session.user.to_string());
    assert!(!found.text.contains("203.0.113."), "{}", found.text);
}

/// M26, M46: another account's administrator finds nothing, whatever they name.
#[tokio::test]
async fn m26_an_administrator_of_another_account_finds_nothing() {
    let two = Two::new().await;
    let ann = two.scene.seat.scim.user("ann").await;
    let request = two.asked_for(&ann).await;
    let seat = &two.scene.seat;
    let beta = seat.test.scim("beta").await;
    let user = beta.user("boss").await;
    let account = crate::api::people::id_of(&seat.test, "beta").await;
    let boss = crate::api::people::sign_in(&seat.test, account, &user, sso(true)).await;
    crate::api::sso::grant(seat, &boss, "users.administer").await;
    let foreign = two.vote(&boss.by_cookie(), &request, "approve").await;
    problem(&foreign, StatusCode::NOT_FOUND, "not-found");
    let id = text(&request["id"]);
    let own = format!("/api/v1/accounts/beta/approval-requests/{id}");
    let elsewhere = seat.get(&boss.by_cookie(), &own).await;
    problem(&elsewhere, StatusCode::NOT_FOUND, "not-found");
    let never = "/api/v1/accounts/beta/approval-requests/018f0000-0000-7000-8000-00000000dead";
    let never = seat.get(&boss.by_cookie(), never).await;
    assert_eq!(elsewhere.text, never.text, "byte for byte");
    let ballot = json!({ "digest": request["digest"], "verdict": "approve" });
    let path = format!("{own}/votes");
    let body = Some((JSON, ballot.to_string()));
    let vote: Answer = seat.call(&boss.by_cookie(), Method::POST, &path, body).await;
    problem(&vote, StatusCode::NOT_FOUND, "not-found");
    assert_eq!(two.state(&request).await, "pending");
}

/// S8: who could not sign sees no requests for being of the staff, neither a customer's nor the operator's own.
#[tokio::test]
async fn s8_staff_who_could_not_sign_see_no_requests() {
    let two = Two::new().await;
    let seat = &two.scene.seat;
    let token = seat.test.token("vendor", crate::world::TokenFor::default()).await;
    let user = seat.test.client("vendor", &token).user("sam").await;
    let sam = crate::api::people::sign_in(&seat.test, seat.operator, &user, sso(true)).await;
    for (account, rule) in [("vendor", "administrators-only"), ("acme", "two-planes")] {
        let path = format!("/api/v1/accounts/{account}/approval-requests");
        super::refused(&seat.get(&sam.by_cookie(), &path).await, rule);
    }
}
