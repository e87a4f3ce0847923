//! Whom an account lets in at all (W11), and whom staff see by it.

use axum::http::StatusCode;
use serde_json::json;

use super::{Room, refused, text};
use crate::world::TokenFor;

impl Room {
    async fn set_mode(&self, mode: &str) {
        let path = "/accounts/acme/support-mode";
        let done = self.scene.put(&self.ann, path, json!({ "mode": mode })).await;
        done.expect(StatusCode::OK);
    }
}

/// W11: one of the two is an administrator of the account, or there is nobody in.
#[tokio::test]
async fn w11_customer_approval_takes_an_administrator_of_the_account() {
    let room = Room::new().await;
    let before = room.asked(&room.zoe).await;
    room.set_mode("customer_approval").await;
    // Also what was asked before is bound by it, M19.
    refused(&room.vote(&room.max, &before, "approve").await, "support-customer-approval");
    let signed = room.vote(&room.ann, &before, "approve").await.expect(StatusCode::OK);
    assert_eq!(signed.body["state"], "executed", "{}", signed.text);
    // Where an administrator asked, one of staff may sign.
    let asked = room.asked(&room.ann).await;
    assert_eq!(asked["support"]["by_customer"], true);
    room.signed(&asked).await;
    // Refusing is never refused.
    let asked = room.asked(&room.zoe).await;
    room.vote(&room.max, &asked, "deny").await.expect(StatusCode::OK);
    assert_eq!(room.state(&asked).await, "denied");
    // An administrator who asks does not sign, and staff alone could not.
    let mut wish = room.wish(&room.sam, "reader");
    wish["reason"] = json!("again");
    let asked = room.ask(&room.ann, wish).await.expect(StatusCode::ACCEPTED).body;
    refused(&room.vote(&room.ann, &asked, "approve").await, "approver-not-requester");
}

/// W11: a closed account lets in nobody; who is in already stays until let out.
#[tokio::test]
async fn w11_a_closed_account_lets_nobody_in() {
    let room = Room::new().await;
    room.let_in().await;
    let waiting = room.asked(&room.zoe).await;
    room.set_mode("closed").await;
    refused(&room.vote(&room.max, &waiting, "approve").await, "support-closed");
    refused(&room.vote(&room.ann, &waiting, "approve").await, "support-closed");
    room.cancel(&room.zoe, &waiting).await.expect(StatusCode::OK);
    for by in [&room.zoe, &room.ann] {
        refused(&room.ask(by, room.wish(&room.sam, "reader")).await, "support-closed");
    }
    assert_eq!(room.grants("").await.len(), 1);
    assert!(room.may(&room.sam, "responses.reply").await);
}

/// Who asks or signs for support users sees those requests, and no others of the account but as they may sign.
#[tokio::test]
async fn s8_staff_see_the_requests_for_support_users_and_no_others() {
    let room = Room::new().await;
    room.scene.administrator("chief").await;
    let bob = room.scene.seat.scim.user("bob").await;
    let wanted = json!({ "user": bob, "right": "users.administer", "reason": "joins" });
    let given = room.scene.post(&room.ann, "/accounts/acme/grants", wanted).await;
    let given = given.expect(StatusCode::ACCEPTED);
    let rights = text(&given.body["approval_requests"][0]["id"]);
    let asked = room.asked(&room.cy).await;
    let list = "/accounts/acme/approval-requests";
    for (by, kinds) in [(&room.ann, 2), (&room.max, 2), (&room.cy, 1)] {
        let shown = room.scene.get(by, list).await.expect(StatusCode::OK);
        let items = shown.body["items"].as_array().expect("a list");
        assert_eq!(items.len(), kinds, "{}", shown.text);
        assert_eq!(items[kinds - 1]["id"], asked["id"]);
        let only = room.scene.get(by, &format!("{list}?kind=rights")).await.expect(StatusCode::OK);
        assert_eq!(only.body["items"].as_array().map(Vec::len), Some(kinds - 1));
    }
    let path = format!("{list}/{rights}");
    room.scene.get(&room.cy, &path).await.expect(StatusCode::NOT_FOUND);
    refused(&room.scene.get(&room.sam, list).await, "two-planes");
    // M26: nor does anybody of another account.
    let new = json!({ "slug": "other", "name": "Other", "csm": super::id(&room.cy) });
    room.scene.post(&room.zoe, "/accounts", new).await.expect(StatusCode::CREATED);
    let token = room.scene.seat.test.token("other", TokenFor::default()).await;
    let other = room.scene.seat.test.client("other", &token);
    let eve = other.user("eve").await;
    let slug = countersign::domain::account::Slug::parse("other").expect("a slug");
    let actor = countersign::domain::actor::Actor::Platform;
    let account = room.scene.seat.test.app.account(&actor, &slug).await.expect("it").id;
    let shown = crate::api::people::sso(true);
    let eve = crate::api::people::sign_in(&room.scene.seat.test, account, &eve, shown).await;
    super::grant(&room.scene.seat, &eve, "users.administer").await;
    room.scene.get(&eve, super::GRANTS).await.expect(StatusCode::NOT_FOUND);
    room.vote(&eve, &asked, "approve").await.expect(StatusCode::NOT_FOUND);
}
