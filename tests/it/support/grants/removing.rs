//! Letting out (W3, POLICY.md §1, 9): by the account's administrator alone and at once; by staff of their own;
//! and to let in again takes a request that names it (M60).

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{GRANTS, Room, id, refused, text};
use crate::api::people::sso;

/// W3: alone, at once, without a second factor just before; and it is on record, with who and from where.
#[tokio::test]
async fn w3_an_administrator_lets_anybody_out_alone_and_at_once() {
    let room = Room::new().await;
    let it = room.let_in().await;
    let path = format!("{GRANTS}/{}", text(&it["id"]));
    let bob = room.scene.seat.person("bob").await;
    refused(&room.scene.delete(&bob, &path).await, "administrators-only");
    room.scene.seat.test.clock.advance_seconds(700);
    room.scene.delete(&room.ann, &path).await.expect(StatusCode::NO_CONTENT);
    assert!(!room.may(&room.sam, "responses.reply").await);
    let shown = room.scene.get(&room.ann, &path).await.expect(StatusCode::OK);
    let ended = &shown.body["ended"];
    assert_eq!((&ended["why"], &ended["by"]["id"]), (&json!("removed"), &json!(id(&room.ann))));
    room.scene.delete(&room.ann, &path).await.expect(StatusCode::CONFLICT);
    let nothing = format!("{GRANTS}/{}", id(&room.ann));
    room.scene.delete(&room.ann, &nothing).await.expect(StatusCode::NOT_FOUND);
    let told = "/accounts/acme/activities?action=support_grant.removed";
    let told = room.scene.get(&room.ann, told).await.expect(StatusCode::OK);
    assert_eq!(told.body["items"][0]["actor"]["id"], id(&room.ann), "{}", told.text);
    assert_eq!(told.body["items"][0]["target"]["id"], it["id"], "{}", told.text);
}

/// W3, POLICY.md §1, 9: the operator lets its own people out, and so do they themselves; nobody else does.
#[tokio::test]
async fn w3_the_operators_staff_let_their_own_out_and_others_do_not() {
    let room = Room::new().await;
    let stan = room.scene.staff("stan", &["function:csd_delegate"]).await;
    for by in [&room.zoe, &stan, &room.max, &room.cy, &room.sam] {
        let it = room.let_in().await;
        let path = format!("{GRANTS}/{}", text(&it["id"]));
        let other =
            room.scene.staff(&format!("o{}", id(by)), &["team:support", "function:csm"]).await;
        refused(&room.scene.delete(&other, &path).await, "support-ended-by");
        room.scene.delete(by, &path).await.expect(StatusCode::NO_CONTENT);
        assert!(!room.may(&room.sam, "responses.reply").await);
    }
    assert_eq!(room.scene.activities("support_grant.removed", "done").await, 5);
}

/// M60: whatever is asked for them is taken back with it; asked for again, the request names the removal.
#[tokio::test]
async fn m60_letting_out_takes_back_what_is_asked_and_the_next_request_names_it() {
    let room = Room::new().await;
    let it = room.let_in().await;
    let waiting = room.asked(&room.zoe).await;
    assert_eq!(waiting["support"]["after_removal"], Value::Null);
    let path = format!("{GRANTS}/{}", text(&it["id"]));
    room.scene.delete(&room.ann, &path).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(room.state(&waiting).await, "cancelled");
    super::conflict(&room.vote(&room.max, &waiting, "approve").await, "request-settled");
    assert!(room.grants("").await.is_empty());
    let again = room.asked(&room.zoe).await;
    let named = &again["support"]["after_removal"];
    assert_eq!((&named["grant"], &named["by"]["id"]), (&it["id"], &json!(id(&room.ann))));
    assert_ne!(again["digest"], waiting["digest"]);
    // It is part of what is signed; and signed, it is a removal of the past.
    room.signed(&again).await;
    let more = room.asked(&room.zoe).await;
    assert_eq!(more["support"]["after_removal"], Value::Null);
    // Another user of the same person goes with it.
    let second = room.scene.staff("sam.two", &["team:support"]).await;
    room.check(&second).await;
    let (person, user) = (room.sql(room.sam.session.person.uuid()), room.sql_of(&second));
    room.run(&format!("UPDATE user_persons SET person_id = {person} WHERE user_id = {user}")).await;
    let wish = room.wish(&second, "reader");
    let request = room.ask(&room.zoe, wish).await.expect(StatusCode::ACCEPTED).body;
    room.vote(&room.max, &request, "approve").await.expect(StatusCode::OK);
    let all = room.grants("").await;
    let whose: Vec<&Value> = all.iter().map(|it| &it["user"]["id"]).collect();
    assert_eq!(whose, [&json!(id(&second))], "one person is in once");
    let path = format!("{GRANTS}/{}", text(&all[0]["id"]));
    room.scene.delete(&room.ann, &path).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(room.state(&more).await, "cancelled");
    assert!(room.grants("").await.is_empty());
}

/// W3: the list is filtered and comes in pages, and the account's administrators are told by mail.
#[tokio::test]
async fn w3_who_was_in_is_listed_page_by_page_and_told_by_mail() {
    let room = Room::new().await;
    let mail = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "add", "path": "emails", "value": [{ "value": "ann@acme.example" }] }] });
    let path = format!("/Users/{}", id(&room.ann));
    assert!(room.scene.seat.scim.patch(&path, &mail).await.status.is_success());
    for _ in 0..3 {
        let it = room.let_in().await;
        let path = format!("{GRANTS}/{}", text(&it["id"]));
        room.scene.delete(&room.ann, &path).await.expect(StatusCode::NO_CONTENT);
    }
    let last = room.let_in().await;
    let ann = room.scene.seat.sign_in(&id(&room.ann), sso(true)).await;
    let first = format!("{GRANTS}?state=all&limit=3&sort=-begun_at");
    let first = room.scene.get(&ann, &first).await.expect(StatusCode::OK);
    assert_eq!(first.body["items"][0]["id"], last["id"]);
    let next =
        format!("{GRANTS}?state=all&limit=3&sort=-begun_at&cursor={}", text(&first.body["next"]));
    let rest = room.scene.get(&ann, &next).await.expect(StatusCode::OK);
    assert_eq!(rest.body["items"].as_array().map(Vec::len), Some(1), "{}", rest.text);
    assert_eq!(room.grants("?state=ended").await.len(), 3);
    assert_eq!(room.grants(&format!("?user={}", id(&room.cy))).await.len(), 0);
    let wrong = room.scene.get(&ann, &format!("{GRANTS}?state=gone")).await;
    wrong.expect(StatusCode::BAD_REQUEST);
    let wanted = "SELECT count(*) FROM outbox WHERE effect = 'mail'";
    // Four times asked, begun, and thrice ended; to ann, and whoever signs has no address.
    assert_eq!(room.number(wanted).await, 11);
}
