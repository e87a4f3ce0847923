//! Whoever looks after an account by name is in it, until somebody lets them out or they are that no longer
//! (W2, W3, DECISIONS.md 3).

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{GRANTS, Room, codes, id, text};

/// W2: at creation the account's team alone is in, with what reads and changes nothing, and without an end.
#[tokio::test]
async fn w2_at_creation_those_who_look_after_the_account_are_in_and_nobody_else() {
    let room = Room::new().await;
    let pat = room.scene.staff("pat", &["function:onboarding_pm", "team:services"]).await;
    for person in [&room.cy, &pat] {
        room.check(person).await;
    }
    let new = json!({ "slug": "globex", "name": "Globex", "csm": id(&room.cy), "onboarding_pm": id(&pat) });
    room.scene.post(&room.zoe, "/accounts", new).await.expect(StatusCode::CREATED);
    let list = "/accounts/globex/support-grants";
    let shown = room.scene.get(&room.zoe, list).await.expect(StatusCode::OK);
    let items = shown.body["items"].as_array().expect("a list");
    let mut who: Vec<(String, String)> =
        items.iter().map(|it| (text(&it["standing"]), text(&it["user"]["id"]))).collect();
    who.sort();
    assert_eq!(who, [("csm".to_owned(), id(&room.cy)), ("onboarding_pm".to_owned(), id(&pat))]);
    for it in items {
        assert_eq!((&it["ends_at"], &it["request"]), (&Value::Null, &Value::Null));
    }
    let there = || json!({ "type": "account", "id": "globex" });
    assert!(room.may_at(&room.cy, "dashboards.read", there()).await);
    assert!(!room.may_at(&room.cy, "responses.reply", there()).await, "it changes nothing");
    assert!(!room.may_at(&room.zoe, "dashboards.read", there()).await, "who made it is not in");
    // Nothing is asked for on top of it.
    let wish = room.wish(&room.cy, "customer-care");
    let asked = room.scene.post(&room.zoe, "/accounts/globex/support-requests", wish).await;
    assert_eq!(codes(&asked.expect(StatusCode::CONFLICT)), [("user", "stands_already")]);
}

/// W8: who lacks something is not in yet, though named; and is, once nothing is lacking.
#[tokio::test]
async fn w8_who_looks_after_an_account_is_in_once_nothing_is_lacking() {
    let room = Room::new().await;
    assert!(room.grants("?state=all").await.is_empty());
    room.check(&room.cy).await;
    let grants = room.grants("").await;
    assert_eq!((grants.len(), &grants[0]["standing"]), (1, &json!("csm")));
    // A check that is over ends it; another lets them in again, since nobody let them out.
    let path = format!("/staff/{}/background-check", id(&room.cy));
    let over = json!({ "checked_on": "2024-12-01", "valid_until": "2025-12-01" });
    room.scene.put(&room.zoe, &path, over).await.expect(StatusCode::OK);
    assert!(!room.may(&room.cy, "dashboards.read").await);
    assert_eq!(room.grants("?state=ended").await[0]["ended"]["why"], "not_ready");
    room.check(&room.cy).await;
    assert!(room.may(&room.cy, "dashboards.read").await);
}

/// W3: the customer decides. Let out, they stay out; two people may let them in for a time.
#[tokio::test]
async fn w3_who_is_let_out_stays_out_though_they_look_after_the_account() {
    let room = Room::new().await;
    room.check(&room.cy).await;
    assert!(room.may(&room.cy, "dashboards.read").await);
    let it = room.grants("").await.pop().expect("they are in");
    let path = format!("{GRANTS}/{}", text(&it["id"]));
    room.scene.delete(&room.ann, &path).await.expect(StatusCode::NO_CONTENT);
    assert!(!room.may(&room.cy, "dashboards.read").await);
    let app = &room.scene.seat.test.app;
    assert_eq!(app.keep_support_grants().await.expect("nothing comes back"), 0);
    assert!(room.grants("").await.is_empty());
    let wish = room.wish(&room.cy, "reader");
    let request = room.ask(&room.zoe, wish).await.expect(StatusCode::ACCEPTED).body;
    assert_eq!(request["support"]["after_removal"]["grant"], it["id"]);
    let again = room.signed(&request).await;
    assert_eq!(again["standing"], Value::Null);
}

/// DECISIONS.md 3: it ends with the function, at once, and does not come back with it.
#[tokio::test]
async fn w3_it_ends_with_the_function() {
    let room = Room::new().await;
    room.check(&room.cy).await;
    assert!(room.may(&room.cy, "dashboards.read").await);
    let cy = room.sql_of(&room.cy);
    room.run(&format!(
        "UPDATE seed_grants SET valid_to = 5 WHERE user_id = {cy} AND right_key = 'function:csm';\
         UPDATE users SET rights_version = rights_version + 1 WHERE id = {cy}"
    ))
    .await;
    assert!(!room.may(&room.cy, "dashboards.read").await);
    let app = &room.scene.seat.test.app;
    assert_eq!(app.keep_support_grants().await.expect("it is noted"), 1);
    assert_eq!(room.grants("?state=ended").await[0]["ended"]["why"], "function_lost");
    room.run(&format!(
        "UPDATE seed_grants SET valid_to = 9000000000000000 WHERE user_id = {cy};\
         UPDATE users SET rights_version = rights_version + 1 WHERE id = {cy}"
    ))
    .await;
    assert_eq!(app.keep_support_grants().await.expect("nothing comes back"), 0);
    assert!(!room.may(&room.cy, "dashboards.read").await);
}
