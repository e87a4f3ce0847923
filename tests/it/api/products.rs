//! Product keys: issued once, hashed, scoped, and ended at once.

use axum::http::StatusCode;
use countersign::app::{Error, Outcome};
use countersign::domain::actor::Actor;
use countersign::domain::command::{Command, IssueProductKey, RevokeProductKey};
use countersign::domain::ids::ProductKeyId;
use countersign::domain::keys::products::{LIVE_LIMIT, ProductScope, compose, read};
use countersign::domain::opaque::reveal;
use uuid::Uuid;

use crate::api::people::{By, Seat};

const DAY: i64 = 86_400;

async fn introspect(seat: &Seat, key: &str) -> StatusCode {
    seat.form(&By::Bearer(key.to_owned()), "/api/v1/introspect", "x").await.status
}

fn issue(name: &str, scopes: &[ProductScope]) -> Command {
    let (name, scopes) = (name.to_owned(), scopes.to_vec());
    Command::IssueProductKey(IssueProductKey { name, scopes, days: 2 })
}

#[tokio::test]
async fn a_key_ends_at_its_moment() {
    let seat = Seat::new().await;
    let key = seat.product_key(&[ProductScope::Introspect], 1).await;
    assert!(key.starts_with("csp_"), "{key}");
    assert_eq!(introspect(&seat, &key).await, StatusCode::OK);
    seat.test.clock.advance_seconds(DAY - 1);
    assert_eq!(introspect(&seat, &key).await, StatusCode::OK);
    seat.test.clock.advance_seconds(1);
    assert_eq!(introspect(&seat, &key).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once_and_cannot_be_revoked_again() {
    let seat = Seat::new().await;
    let (kept, gone) = (
        seat.product_key(&[ProductScope::Introspect], 30).await,
        seat.product_key(&[ProductScope::Introspect, ProductScope::Decisions], 30).await,
    );
    assert_eq!(introspect(&seat, &gone).await, StatusCode::OK);
    let key = ProductKeyId::new(read(&gone).expect("a key").id);
    let revoke = Command::RevokeProductKey(RevokeProductKey { key });
    let done = seat.test.app.change(&Actor::Platform, revoke.clone()).await.expect("revoked");
    assert!(matches!(done, Outcome::Done));
    assert_eq!(introspect(&seat, &gone).await, StatusCode::UNAUTHORIZED);
    assert_eq!(introspect(&seat, &kept).await, StatusCode::OK);
    let again = seat.test.app.change(&Actor::Platform, revoke).await.expect_err("it is revoked");
    assert!(matches!(again, Error::NotFound(_)), "{again}");
    let listed = seat.test.app.product_keys(&Actor::Platform).await.expect("the keys");
    let revoked: Vec<bool> = listed.iter().map(|key| key.revoked_at.is_some()).collect();
    assert_eq!(revoked, [false, true]);
}

#[tokio::test]
async fn only_a_hash_of_the_secret_is_stored_and_only_the_secret_opens() {
    let seat = Seat::new().await;
    let key = seat.product_key(&[ProductScope::Introspect], 30).await;
    let secret = key.get(26..69).expect("the secret");
    let texts = if seat.test.database.is_sqlite() {
        "SELECT name || scopes || hex(secret_hash) FROM product_keys"
    } else {
        "SELECT CAST(product_keys.* AS text) FROM product_keys"
    };
    for row in seat.test.database.texts(texts).await {
        assert!(!row.contains(secret) && !row.contains("csp_"), "{row}");
    }
    let id = ProductKeyId::new(read(&key).expect("a key").id);
    let other_secret = reveal(&compose(id, [9; 32]).0).to_owned();
    let unknown = reveal(&compose(ProductKeyId::new(Uuid::from_u128(7)), [7; 32]).0).to_owned();
    let shorter = key.get(..key.len() - 1).expect("most of it").to_owned();
    let as_token = key.replace("csp_", "csn_");
    for wrong in [other_secret, unknown, shorter, format!("{key}0"), as_token] {
        assert_eq!(introspect(&seat, &wrong).await, StatusCode::UNAUTHORIZED, "{wrong}");
    }
}

#[tokio::test]
async fn its_last_use_is_noted_to_the_minute() {
    let seat = Seat::new().await;
    let key = seat.product_key(&[ProductScope::Introspect], 30).await;
    let last = async || {
        let keys = seat.test.app.product_keys(&Actor::Platform).await.expect("the keys");
        keys[0].last_used_at
    };
    assert_eq!(last().await, None);
    introspect(&seat, &key).await;
    let first = last().await.expect("noted");
    seat.test.clock.advance_seconds(58);
    introspect(&seat, &key).await;
    assert_eq!(last().await, Some(first), "not every use is a write");
    seat.test.clock.advance_seconds(2);
    introspect(&seat, &key).await;
    assert!(last().await.expect("noted") > first);
}

#[tokio::test]
async fn a_key_has_a_name_and_a_scope_and_there_are_not_too_many() {
    let seat = Seat::new().await;
    let both = [ProductScope::Introspect, ProductScope::Decisions];
    for command in
        [issue("", &both), issue("  ", &both), issue(&"x".repeat(101), &both), issue("a", &[])]
    {
        let refused = seat.test.app.change(&Actor::Platform, command).await.expect_err("refused");
        assert!(matches!(refused, Error::Invalid(_)), "{refused}");
    }
    for n in 0..LIVE_LIMIT {
        let name = format!("key {n}");
        seat.test.app.change(&Actor::Platform, issue(&name, &both)).await.expect("a key");
    }
    let refused = seat
        .test
        .app
        .change(&Actor::Platform, issue("one more", &both))
        .await
        .expect_err("refused");
    assert!(refused.to_string().contains("revoke one first"), "{refused}");
    seat.test.clock.advance_seconds(2 * DAY);
    seat.test.app.change(&Actor::Platform, issue("later", &both)).await.expect("room again");
}

#[tokio::test]
async fn without_an_operator_there_are_no_product_keys() {
    let seat = Seat::new().await;
    let key = seat.product_key(&[ProductScope::Introspect], 30).await;
    seat.test.database.run("UPDATE accounts SET kind = 'standard'").await;
    assert_eq!(introspect(&seat, &key).await, StatusCode::UNAUTHORIZED);
    let command = issue("x", &[ProductScope::Introspect]);
    let refused = seat.test.app.change(&Actor::Platform, command).await.expect_err("refused");
    assert!(matches!(refused, Error::NotFound(_)), "{refused}");
}

/// S8, POLICY: no person issues keys or rotates what signs, whoever they are.
#[tokio::test]
async fn nobody_but_the_command_line_makes_keys() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    let actor = Actor::User(ann.session.signed_in());
    let command = issue("x", &[ProductScope::Introspect]);
    let refused = seat.test.app.change(&actor, command).await.expect_err("refused");
    assert!(matches!(refused, Error::Denied { rule: "user-no-directory", .. }), "{refused}");
    let denied = "SELECT count(*) FROM activities WHERE action = 'product_key.issued' \
                  AND outcome = 'denied'";
    assert_eq!(seat.test.database.number(denied).await, 1);
}
