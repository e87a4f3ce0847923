//! What the rules would say: asked over REST by whoever is signed in, about accounts that they reach.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::api::people::{By, JSON, Seat};
use crate::api::sso::grant;
use crate::world::client::Answer;

async fn ask(seat: &Seat, by: &By, action: &str, facts: &Value) -> Answer {
    let body = json!({ "action": action, "account": "acme", "facts": facts });
    seat.call(by, Method::POST, "/api/v1/policy/simulate", Some((JSON, body.to_string()))).await
}

#[tokio::test]
async fn whoever_asks_is_read_and_all_else_supposed() {
    let seat = Seat::new().await;
    let chief = seat.with_second_factor("chief").await;
    grant(&seat, &chief, "users.administer").await;
    let by = chief.by_cookie();
    let own = ask(&seat, &by, "grant", &json!({ "beneficiary": "asker" })).await;
    let own = own.expect(StatusCode::OK);
    assert_eq!(own.body["allowed"], false);
    assert_eq!(own.body["rule"], "no-self-assignment");
    assert_eq!(own.body["reason"], "Nobody gives themselves rights; ask another administrator");
    assert_eq!(own.body["missing"], Value::Null);
    let read = json!({ "beneficiary": "asker", "functions": [], "held": ["users.administer"],
                       "isFresh": true, "isStaff": false, "reach": "own" });
    assert_eq!(own.body["facts"], read);
    assert_eq!(own.body["policy_version"], countersign::policy::version());
    let other = ask(&seat, &by, "grant", &json!({ "beneficiary": "other" })).await;
    assert_eq!((&other.body["allowed"], &other.body["rule"]), (&json!(true), &Value::Null));
    // Nothing was granted.
    let list = seat.get(&by, "/api/v1/accounts/acme/grants").await.expect(StatusCode::OK);
    assert_eq!(list.body["items"], json!([]));
}

/// POLICY.md 1.10: for a default deny, which permission was missing.
#[tokio::test]
async fn what_nothing_permits_says_which_permission_is_missing() {
    let seat = Seat::new().await;
    let ann = seat.person("ann").await;
    let by = ann.by_cookie();
    let refused = ask(&seat, &by, "map", &json!({})).await.expect(StatusCode::OK);
    assert_eq!(refused.body["rule"], "administrators-only");
    assert_eq!(refused.body["missing"], "users.administer");
    let factor = ask(&seat, &by, "addSso", &json!({})).await.expect(StatusCode::OK);
    assert_eq!(factor.body["missing"], "sso.configure");
}

#[tokio::test]
async fn nobody_supposes_what_they_hold_nor_asks_about_strangers_accounts() {
    let seat = Seat::new().await;
    let by = seat.person("ann").await.by_cookie();
    for (action, facts) in [
        ("map", json!({ "held": ["users.administer"] })),
        ("map", json!({ "reach": "own" })),
        ("map", json!({ "beneficiary": "other" })),
        ("grant", json!({ "beneficiary": "nobody" })),
        ("grant", json!({ "beneficiary": true })),
        ("grant", json!({ "nonsense": true })),
        ("conjure", json!({})),
        ("changeRights", json!({})),
    ] {
        let refused = ask(&seat, &by, action, &facts).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{action} {facts}: {}", refused.text);
        assert_eq!(refused.headers[header::CONTENT_TYPE], "application/problem+json");
    }
    seat.test.account("other").await;
    for account in ["other", "nowhere", ""] {
        let body = json!({ "action": "map", "account": account }).to_string();
        let path = "/api/v1/policy/simulate";
        let answer = seat.call(&by, Method::POST, path, Some((JSON, body))).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{account}: {}", answer.text);
    }
}
