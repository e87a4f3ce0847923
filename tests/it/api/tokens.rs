//! Access tokens: what they say, for whom, how long, and what ends them.

use axum::http::{Method, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign::app::keys::access_tokens::Audience;
use countersign::domain::keys::products::ProductScope;
use serde_json::{Value, json};

use crate::api::people::{By, FORM, JSON, Person, Seat, sso};
use crate::scim::patch_op;
use crate::world::browser::password;
use crate::world::{PUBLIC_URL, TokenFor};

const PRODUCT: &str = "https://app.test";

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).expect("claims");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

async fn me(seat: &Seat, token: &str) -> StatusCode {
    seat.get(&By::Bearer(token.to_owned()), "/api/v1/me").await.status
}

#[tokio::test]
async fn a_token_says_who_it_is_and_how_that_was_proven() {
    let seat = Seat::new().await;
    let ann = seat.with_second_factor("ann").await;
    let answer = seat.token(&ann, &json!({})).await.expect(StatusCode::OK);
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.body["expires_in"], 300);
    assert_eq!(answer.body["scope"], "api");
    let token = answer.body["access_token"].as_str().expect("a token");
    let header = token.split('.').next().expect("a header");
    let header: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).expect("base64url")).expect("JSON");
    assert_eq!(header["typ"], "at+jwt");
    let session = &ann.session;
    let said = claims(token);
    for (name, value) in [
        ("iss", json!(PUBLIC_URL)),
        ("aud", json!(PUBLIC_URL)),
        ("sub", json!(session.user.to_string())),
        ("account", json!(session.account.to_string())),
        ("sid", json!(session.id.to_string())),
        ("acr", json!("urn:idp:2fa")),
        ("amr", json!(["pwd", "otp"])),
        ("auth_time", json!(session.auth_time.micros() / 1_000_000)),
        ("scope", json!("api")),
    ] {
        assert_eq!(said[name], value, "{name}");
    }
    let life = said["exp"].as_i64().expect("exp") - said["iat"].as_i64().expect("iat");
    assert_eq!(life, 300, "DECISIONS 30: at most five minutes");
    let another = seat.access_token(&ann).await;
    assert_ne!(claims(&another)["jti"], said["jti"]);
    assert!(!token.contains("ann"), "no personal value");
}

#[tokio::test]
async fn a_token_ends_at_its_moment() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    let token = seat.access_token(&ann).await;
    seat.test.clock.advance_seconds(298);
    assert_eq!(me(&seat, &token).await, StatusCode::OK);
    assert!(seat.is_active(&token).await);
    seat.test.clock.advance_seconds(2);
    assert_eq!(me(&seat, &token).await, StatusCode::UNAUTHORIZED);
    assert!(!seat.is_active(&token).await);
}

#[tokio::test]
async fn a_token_never_outlives_its_session() {
    let seat = Seat::new().await;
    let user = seat.scim.user("ann").await;
    let ann = seat.sign_in(&user, password()).await;
    // A little before the session's absolute end.
    for _ in 0..(12 * 60 / 20) - 1 {
        seat.test.clock.advance_seconds(20 * 60);
        seat.get(&ann.by_cookie(), "/api/v1/me").await.expect(StatusCode::OK);
    }
    seat.test.clock.advance_seconds(19 * 60);
    let answer = seat.token(&ann, &json!({})).await.expect(StatusCode::OK);
    let left = answer.body["expires_in"].as_i64().expect("seconds");
    assert!((1..=60).contains(&left), "{left}");
}

/// DECISIONS 30: an ended session means 401 at once, whatever ended it.
#[tokio::test]
async fn what_ends_a_session_ends_its_tokens_at_once() {
    let seat = Seat::new().await;
    let user = seat.scim.user("ann").await;
    let ann = seat.sign_in(&user, password()).await;
    let token = seat.access_token(&ann).await;
    assert_eq!(me(&seat, &token).await, StatusCode::OK);
    seat.test.app.sign_out(&ann.session).await.expect("signed out");
    ended(&seat, &token, "signed out").await;

    let (ann, other) =
        (seat.sign_in(&user, password()).await, seat.sign_in(&user, sso(true)).await);
    let token = seat.access_token(&ann).await;
    let path = format!("/api/v1/sessions/{}", ann.session.id);
    seat.call(&other.by_cookie(), Method::DELETE, &path, None).await.expect(StatusCode::NO_CONTENT);
    ended(&seat, &token, "revoked from another browser").await;

    let token = seat.access_token(&other).await;
    seat.test.database.run("UPDATE sessions SET ended_at = 1 WHERE ended_at IS NULL").await;
    ended(&seat, &token, "ended by whoever").await;

    let ann = seat.sign_in(&user, password()).await;
    let token = seat.access_token(&ann).await;
    let off = json!([{ "op": "replace", "path": "active", "value": false }]);
    seat.scim.patch(&format!("/Users/{user}"), &patch_op(&off)).await.expect(StatusCode::OK);
    ended(&seat, &token, "deactivated by SCIM").await;
    let on = json!([{ "op": "replace", "path": "active", "value": true }]);
    seat.scim.patch(&format!("/Users/{user}"), &patch_op(&on)).await.expect(StatusCode::OK);
    ended(&seat, &token, "reactivation brings no token back").await;

    let ann = seat.sign_in(&user, password()).await;
    let token = seat.access_token(&ann).await;
    seat.scim.delete(&format!("/Users/{user}")).await.expect(StatusCode::NO_CONTENT);
    ended(&seat, &token, "deleted by SCIM").await;
}

async fn ended(seat: &Seat, token: &str, why: &str) {
    let answer = seat.get(&By::Bearer(token.to_owned()), "/api/v1/me").await;
    assert_eq!(answer.status, 401, "{why}");
    let challenge = answer.headers[header::WWW_AUTHENTICATE].to_str().expect("text");
    assert!(challenge.contains("error=\"invalid_token\""), "{why}: {challenge}");
    assert!(!seat.is_active(token).await, "{why}");
}

#[tokio::test]
async fn an_idle_session_ends_its_tokens_too() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    seat.test.clock.advance_seconds(29 * 60);
    let answer = seat.get(&ann.by_cookie(), "/api/v1/me").await;
    assert_eq!(answer.status, 200);
    seat.test.clock.advance_seconds(32 * 60);
    assert_eq!(seat.token(&ann, &json!({})).await.status, 401);
}

#[tokio::test]
async fn a_revoked_token_is_refused_and_others_are_not() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    let (one, two) = (seat.access_token(&ann).await, seat.access_token(&ann).await);
    // By the token itself.
    let done = seat.form(&By::Bearer(one.clone()), "/api/v1/revoke", &one).await;
    assert_eq!(done.expect(StatusCode::OK).text, "");
    assert_eq!(me(&seat, &one).await, StatusCode::UNAUTHORIZED);
    assert!(!seat.is_active(&one).await);
    assert_eq!(me(&seat, &two).await, StatusCode::OK);
    let record = "SELECT count(*) FROM activities WHERE action = 'access_token.revoked'";
    assert_eq!(seat.test.database.number(record).await, 1);
    // Again, and what is none: alike, and on record no more.
    for token in [one.as_str(), "nonsense", &ann.cookie] {
        seat.form(&ann.by_cookie(), "/api/v1/revoke", token).await.expect(StatusCode::OK);
    }
    assert_eq!(seat.test.database.number(record).await, 1);
    // The list forgets what has ended anyway.
    seat.test.app.remove_ended_keys().await.expect("nothing to forget");
    let listed = "SELECT count(*) FROM revoked_access_tokens";
    assert_eq!(seat.test.database.number(listed).await, 1);
    seat.test.clock.advance_seconds(301);
    seat.test.app.remove_ended_keys().await.expect("forgotten");
    assert_eq!(seat.test.database.number(listed).await, 0);
}

#[tokio::test]
async fn nobody_revokes_anothers_token() {
    let seat = Seat::new().await;
    let (ann, bob) = (seat.person("ann").await, seat.person("bob").await);
    let token = seat.access_token(&ann).await;
    seat.form(&bob.by_cookie(), "/api/v1/revoke", &token).await.expect(StatusCode::OK);
    assert_eq!(me(&seat, &token).await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_revoked_many_times_at_once_is_revoked_once() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    let token = seat.access_token(&ann).await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (app, session, token) = (seat.test.app.clone(), ann.session.clone(), token.clone());
            tokio::spawn(async move { app.revoke_access_token(&session, &token).await })
        })
        .collect();
    for task in tasks {
        task.await.expect("it ends").expect("revoked, by whomever");
    }
    let record = "SELECT count(*) FROM activities WHERE action = 'access_token.revoked'";
    assert_eq!(seat.test.database.number(record).await, 1);
    assert_eq!(me(&seat, &token).await, StatusCode::UNAUTHORIZED);
}

/// A product that gets a token for itself cannot use it against us.
#[tokio::test]
async fn a_token_for_the_product_opens_nothing_here() {
    let seat = Seat::with(|settings| settings.product_audience = Some(PRODUCT.to_owned())).await;
    let ann = seat.person("ann").await;
    let for_product = seat.access_token(&ann).await;
    assert_eq!(claims(&for_product)["aud"], PRODUCT, "the product, unless said otherwise");
    assert_eq!(me(&seat, &for_product).await, StatusCode::UNAUTHORIZED);
    assert!(seat.is_active(&for_product).await);
    let ours = seat.token(&ann, &json!({ "audience": PUBLIC_URL })).await.expect(StatusCode::OK);
    let ours = ours.body["access_token"].as_str().expect("a token").to_owned();
    assert_eq!(claims(&ours)["aud"], PUBLIC_URL);
    assert_eq!(me(&seat, &ours).await, StatusCode::OK);
    assert!(!seat.is_active(&ours).await, "not the product's business");
    let named = seat.token(&ann, &json!({ "audience": PRODUCT })).await.expect(StatusCode::OK);
    let named = named.body["access_token"].as_str().expect("a token").to_owned();
    assert_eq!(claims(&named)["aud"], PRODUCT);
    for audience in ["", "https://evil.test", "https://app.test/", "HTTPS://APP.TEST"] {
        let refused = seat.token(&ann, &json!({ "audience": audience })).await;
        assert_eq!(refused.status, 400, "{audience}");
        assert_eq!(refused.body["error"], "invalid_target");
    }
    // Both can be revoked.
    for token in [&for_product, &ours] {
        seat.form(&ann.by_cookie(), "/api/v1/revoke", token).await.expect(StatusCode::OK);
    }
    assert!(!seat.is_active(&for_product).await);
    assert_eq!(me(&seat, &ours).await, StatusCode::UNAUTHORIZED);
    assert!(seat.is_active(&named).await);
}

/// RFC 9470: the challenge, the step-up, the token.
#[tokio::test]
async fn a_wish_for_a_fresh_second_factor_is_challenged_until_it_is_shown() {
    let seat = Seat::new().await;
    let plain = seat.person("ann").await;
    let shown = seat.with_second_factor("bob").await;
    let wish = json!({ "max_age": 600 });
    seat.token(&shown, &wish).await.expect(StatusCode::OK);
    seat.test.clock.advance_seconds(599);
    seat.token(&shown, &wish).await.expect(StatusCode::OK);
    seat.test.clock.advance_seconds(2);
    challenged(&seat, &shown, &wish, ", max_age=\"600\"").await;
    challenged(&seat, &plain, &wish, ", max_age=\"600\"").await;
    seat.token(&shown, &json!({ "max_age": 700 })).await.expect(StatusCode::OK);
    seat.token(&shown, &json!({ "max_age": null })).await.expect(StatusCode::OK);
    seat.token(&plain, &json!({})).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_pending_session_is_told_to_step_up() {
    let seat = Seat::new().await;
    let user = seat.scim.user("ann").await;
    seat.test.demand_factor("acme", true).await;
    let pending = seat.sign_in(&user, password()).await;
    challenged(&seat, &pending, &json!({}), "").await;
    // Nor by any other way: the application itself refuses to issue it one.
    let issued = seat.test.app.issue_access_token(&pending.session, Audience::Ours).await;
    assert!(issued.is_err(), "{issued:?}");
}

async fn challenged(seat: &Seat, person: &Person, wish: &Value, end: &str) {
    let answer = seat.token(person, wish).await;
    assert_eq!(answer.status, 401, "{}", answer.text);
    let acr = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";
    let challenge = format!(
        "Bearer realm=\"countersign\", error=\"insufficient_user_authentication\", \
         acr_values=\"{acr}\"{end}"
    );
    assert_eq!(answer.headers[header::WWW_AUTHENTICATE], challenge);
    assert_eq!(answer.body["type"], "urn:countersign:problem:second-factor-required");
    assert_eq!(answer.body["error"], "insufficient_user_authentication");
}

#[tokio::test]
async fn a_token_is_issued_to_a_browser_and_never_for_another_token() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    let token = seat.access_token(&ann).await;
    let body = (JSON, "{}".to_owned());
    let answer = seat.call(&By::Bearer(token), Method::POST, "/api/v1/token", Some(body)).await;
    assert_eq!(answer.status, 403, "{}", answer.text);
    assert_eq!(answer.body["type"], "urn:countersign:problem:browser-session-only");
}

#[tokio::test]
async fn issuing_and_using_a_token_writes_nothing() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    seat.access_token(&ann).await;
    let activities = "SELECT count(*) FROM activities";
    let before = seat.test.database.number(activities).await;
    let token = seat.access_token(&ann).await;
    let statements = seat.test.store.statements();
    assert!(seat.test.app.introspect(&token, Audience::Ours).await.expect("an answer").is_some());
    assert_eq!(seat.test.store.statements() - statements, 3, "key, revocation, session");
    assert_eq!(seat.test.database.number(activities).await, before);
    let statements = seat.test.store.statements();
    for junk in ["", "nonsense", "a.b.c", &"x".repeat(10_000)] {
        assert!(seat.test.app.introspect(junk, Audience::Ours).await.expect("an answer").is_none());
    }
    assert_eq!(seat.test.store.statements(), statements, "junk asks the database nothing");
}

/// RFC 7662: whatever is not a live access token of ours is inactive, other secrets of ours included.
/// ZITADEL CVE-2026-27840: what is a character longer or shorter is none.
#[tokio::test]
async fn introspection_tells_nothing_of_anything_else() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    let token = seat.access_token(&ann).await;
    assert!(seat.is_active(&token).await);
    let scim = seat.test.token("acme", TokenFor::default()).await;
    let key = seat.product_key(&[ProductScope::Introspect], 30).await;
    for text in [&ann.cookie, &scim, &key, "nonsense", &format!("{token}x"), &token.to_uppercase()]
    {
        assert!(!seat.is_active(text).await, "{text}");
    }
    let by = By::Bearer(key);
    let hinted = format!("token_type_hint=refresh_token&token={token}&unknown=1");
    let answer = seat.call(&by, Method::POST, "/api/v1/introspect", Some((FORM, hinted))).await;
    assert_eq!(answer.body["active"], true);
    assert_eq!(answer.body["sub"], ann.session.user.to_string());
    assert_eq!(answer.body["token_type"], "Bearer");
}
