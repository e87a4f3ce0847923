//! What signs: the first key, however many need it at once, rotation, and what is published.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::body::Body;
use axum::http::{Method, Request, header};
use countersign::app::keys::access_tokens::Audience;
use countersign::app::{App, Error, Outcome};
use countersign::authn::envelope::Keyring;
use countersign::boot::clock::RandomIds;
use countersign::domain::actor::Actor;
use countersign::domain::command::{Command, RotateSigningKey};
use countersign::domain::keys::Algorithm;
use countersign::store::Store;
use jsonwebtoken::jwk::{Jwk, JwkSet, ThumbprintHash};
use jsonwebtoken::{DecodingKey, Validation};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::api::people::{By, Seat, send};
use crate::world::{PUBLIC_URL, settings};

const DAY: i64 = 86_400;
const JWKS: &str = "/.well-known/jwks.json";

async fn published(seat: &Seat) -> Vec<Value> {
    let answer = seat.get(&By::Nobody, JWKS).await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/jwk-set+json");
    let keys = answer.body["keys"].as_array().expect("keys").clone();
    let kept = if keys.is_empty() { "no-store" } else { "public, max-age=300" };
    assert_eq!(answer.headers[header::CACHE_CONTROL], kept);
    keys
}

async fn rotate(seat: &Seat, algorithm: Algorithm, drops_old: bool) -> Result<String, Error> {
    let command = Command::RotateSigningKey(RotateSigningKey { algorithm, drops_old });
    let done = seat.test.app.change(&Actor::Platform, command).await?;
    let Outcome::SigningKey(key) = done else { panic!("expected a key, got {done:?}") };
    Ok(key.id)
}

/// What the vendor's product does with our tokens and keys, with a library of its own.
fn verified_elsewhere(token: &str, keys: &[Value]) -> Option<Value> {
    let set: JwkSet = serde_json::from_value(json!({ "keys": keys })).expect("a key set");
    let key_id = jsonwebtoken::decode_header(token).ok()?.kid?;
    let jwk = set.find(&key_id)?;
    let algorithm = jwk.common.key_algorithm.expect("an algorithm");
    let algorithm = jsonwebtoken::Algorithm::try_from(algorithm).expect("one for signing");
    let mut rules = Validation::new(algorithm);
    rules.set_audience(&[PUBLIC_URL]);
    rules.set_issuer(&[PUBLIC_URL]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // The clock of these tests is not the system's.
    rules.validate_exp = false;
    let key = DecodingKey::from_jwk(jwk).ok()?;
    jsonwebtoken::decode::<Value>(token, &key, &rules).ok().map(|token| token.claims)
}

#[tokio::test]
async fn the_first_key_is_made_when_it_is_needed_and_published() {
    let seat = Seat::new().await;
    assert_eq!(published(&seat).await, Vec::<Value>::new());
    let ann = seat.person("ann").await;
    let token = seat.access_token(&ann).await;
    let keys = published(&seat).await;
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0]["alg"], "ES256");
    assert_eq!(keys[0]["use"], "sig");
    assert_eq!(keys[0].get("d"), None, "no private half");
    let jwk: Jwk = serde_json::from_value(keys[0].clone()).expect("a JWK");
    let thumbprint = jwk.thumbprint(ThumbprintHash::SHA256).expect("a thumbprint");
    assert_eq!(keys[0]["kid"], thumbprint, "RFC 7638");
    let claims = verified_elsewhere(&token, &keys).expect("others verify it");
    assert_eq!(claims["sub"], ann.session.user.to_string());
    seat.access_token(&ann).await;
    assert_eq!(published(&seat).await, keys, "no second key");
    let record = "SELECT action || ' ' || actor_kind FROM activities \
                  WHERE target_kind = 'signing_key' AND account_id = \
                  (SELECT id FROM accounts WHERE kind = 'operator')";
    assert_eq!(seat.test.database.texts(record).await, ["signing_key.made system"]);
}

/// Processes that share nothing but the database.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn however_many_need_the_first_key_at_once_there_is_one() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    let mut processes = Vec::new();
    for _ in 0..6 {
        let store = Store::open(&seat.test.database.settings()).await.expect("it opens");
        processes.push(App::new(store, seat.test.clock.clone(), Arc::new(RandomIds), settings()));
    }
    let barrier = Arc::new(tokio::sync::Barrier::new(processes.len()));
    let waiting = Arc::new(AtomicU32::new(0));
    let tasks: Vec<_> = processes
        .into_iter()
        .map(|app| {
            let (session, barrier, waiting) =
                (ann.session.clone(), barrier.clone(), waiting.clone());
            tokio::spawn(async move {
                waiting.fetch_add(1, Ordering::SeqCst);
                barrier.wait().await;
                app.issue_access_token(&session, Audience::Ours).await.map(|issued| issued.text)
            })
        })
        .collect();
    let mut tokens: Vec<SecretString> = vec![];
    for task in tasks {
        tokens.push(task.await.expect("it ends").expect("a token"));
    }
    let keys = published(&seat).await;
    assert_eq!(keys.len(), 1);
    for token in tokens {
        assert!(verified_elsewhere(token.expose_secret(), &keys).is_some());
        assert!(seat.is_active(token.expose_secret()).await, "whichever process signed it");
    }
    let made = "SELECT count(*) FROM activities WHERE action = 'signing_key.made'";
    assert_eq!(seat.test.database.number(made).await, 1);
}

#[tokio::test]
async fn a_rotated_key_is_published_for_a_day_and_signs_no_more() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    let before = seat.access_token(&ann).await;
    let old = published(&seat).await;
    let new = rotate(&seat, Algorithm::EdDsa, false).await.expect("a new key");
    let after = seat.access_token(&ann).await;
    let keys = published(&seat).await;
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0]["kid"], new, "latest first");
    assert_eq!(keys[0]["alg"], "EdDSA");
    assert_eq!(keys[1], old[0]);
    for token in [&before, &after] {
        assert!(verified_elsewhere(token, &keys).is_some());
        assert!(seat.is_active(token).await);
    }
    assert!(verified_elsewhere(&after, &old).is_none());
    let private = "SELECT count(*) FROM signing_keys WHERE private_key IS NOT NULL";
    assert_eq!(seat.test.database.number(private).await, 1, "the old private half is gone");

    seat.test.clock.advance_seconds(DAY - 1);
    assert_eq!(published(&seat).await.len(), 2);
    seat.test.app.remove_ended_keys().await.expect("nothing to remove");
    assert_eq!(seat.test.database.number("SELECT count(*) FROM signing_keys").await, 2);
    seat.test.clock.advance_seconds(2);
    assert_eq!(published(&seat).await.len(), 1, "whether or not the worker came by");
    seat.test.app.remove_ended_keys().await.expect("removed");
    seat.test.app.remove_ended_keys().await.expect("nothing left to remove");
    assert_eq!(seat.test.database.number("SELECT count(*) FROM signing_keys").await, 1);
    let record = "SELECT action FROM activities WHERE target_kind = 'signing_key' ORDER BY at";
    let expected = ["signing_key.made", "signing_key.rotated", "signing_key.removed"];
    assert_eq!(seat.test.database.texts(record).await, expected);
}

#[tokio::test]
async fn a_key_that_leaked_is_dropped_at_once() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    let oldest = seat.access_token(&ann).await;
    rotate(&seat, Algorithm::Es256, false).await.expect("a new key");
    let old = seat.access_token(&ann).await;
    let new = rotate(&seat, Algorithm::Es256, true).await.expect("a new key");
    let keys = published(&seat).await;
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0]["kid"], new);
    for token in [oldest, old] {
        assert!(!seat.is_active(&token).await);
        assert_eq!(seat.get(&By::Bearer(token), "/api/v1/me").await.status, 401);
    }
    assert!(seat.is_active(&seat.access_token(&ann).await).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rotations_at_once_leave_one_key_that_signs() {
    let seat = Seat::new().await;
    let rotations: Vec<_> = (0..6)
        .map(|_| {
            let app = seat.test.app.clone();
            let rotate = RotateSigningKey { algorithm: Algorithm::Es256, drops_old: false };
            let command = Command::RotateSigningKey(rotate);
            tokio::spawn(async move { app.change(&Actor::Platform, command).await })
        })
        .collect();
    for rotation in rotations {
        rotation.await.expect("it ends").expect("rotated");
    }
    let signs = "SELECT count(*) FROM signing_keys WHERE retired_at IS NULL";
    assert_eq!(seat.test.database.number(signs).await, 1);
    assert_eq!(published(&seat).await.len(), 6);
    let rotated = "SELECT count(*) FROM activities WHERE action = 'signing_key.rotated'";
    assert_eq!(seat.test.database.number(rotated).await, 6);
}

#[tokio::test]
async fn without_a_key_to_seal_with_nothing_is_signed_and_nothing_kept() {
    let seat = Seat::with(|settings| settings.keyring = Keyring::default()).await;
    let ann = seat.person("ann").await;
    let answer = seat.token(&ann, &json!({})).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.body["rule"], "no-sealing-key", "{}", answer.text);
    assert!(rotate(&seat, Algorithm::Es256, false).await.is_err());
    assert_eq!(seat.test.database.number("SELECT count(*) FROM signing_keys").await, 0);
}

#[tokio::test]
async fn a_new_sealing_key_opens_what_an_old_one_sealed_as_long_as_it_is_named() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    seat.access_token(&ann).await;
    let key = |id: &str, byte: &str| SecretString::from(format!("{id}:{}", byte.repeat(43) + "="));
    // 32 bytes of 7 in base64 are not 43 times one letter, so the old one is written out.
    let old = SecretString::from("test:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".to_owned());
    for (keys, status) in [(vec![key("new", "A"), old], 200), (vec![key("new", "A")], 500)] {
        let mut settings = settings();
        settings.keyring = Keyring::parse(&keys).expect("keys");
        let store = seat.test.store.clone();
        let app = App::new(store, seat.test.clock.clone(), Arc::new(RandomIds), settings);
        let request = Request::builder()
            .method(Method::POST)
            .uri("/api/v1/token")
            .header(header::COOKIE, format!("__Host-sid={}", ann.cookie))
            .header(header::ORIGIN, PUBLIC_URL)
            .body(Body::empty());
        let answer = send(&app, request.expect("a request")).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}

#[tokio::test]
async fn without_an_operator_keys_are_made_when_needed_and_not_rotated() {
    let seat = Seat::new().await;
    seat.test.database.run("UPDATE accounts SET kind = 'standard'").await;
    let ann = seat.person("ann").await;
    seat.access_token(&ann).await;
    let record = "SELECT a.slug FROM activities v JOIN accounts a ON a.id = v.account_id \
                  WHERE v.action = 'signing_key.made'";
    assert_eq!(seat.test.database.texts(record).await, ["acme"]);
    let refused = rotate(&seat, Algorithm::Es256, false).await.expect_err("there is none");
    assert!(refused.to_string().contains("account create NAME --operator"), "{refused}");
}

#[tokio::test]
async fn the_private_half_is_kept_sealed_only() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    seat.access_token(&ann).await;
    // PKCS#8 names its algorithm in the clear: id-ecPublicKey.
    let mark = "2a8648ce3d0201";
    let hex = if seat.test.database.is_sqlite() {
        "lower(hex(private_key))"
    } else {
        "encode(private_key, 'hex')"
    };
    let kept = seat.test.database.texts(&format!("SELECT {hex} FROM signing_keys")).await;
    assert!(kept.iter().all(|key| !key.is_empty() && !key.contains(mark)), "{kept:?}");
}
