//! Signing: neither who asks nor who is let in, by whatever user of theirs (W9, M03 to M07, M16, M24, M25, M29,
//! M30, M33), and what has become of it when it is executed.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{GRANTS, Room, conflict, grant, id, refused, text};
use crate::api::people::{By, Person};

/// W6, W9, C6: two people let a third in; who, why, until when and by whom is shown, and on record.
#[tokio::test]
async fn w9_two_people_let_a_third_in_and_the_account_sees_it() {
    let room = Room::new().await;
    let request = room.asked(&room.cy).await;
    assert!(room.grants("").await.is_empty(), "asking lets nobody in");
    let signed = room.vote(&room.ann, &request, "approve").await.expect(StatusCode::OK);
    assert_eq!(signed.body["state"], "executed", "{}", signed.text);
    let grants = room.grants("").await;
    let [it] = grants.as_slice() else { panic!("{grants:?}") };
    assert_eq!(it["user"], json!({ "id": id(&room.sam), "display_name": "sam" }));
    assert_eq!(it["reason"], "looks into bounced mails");
    assert_eq!(it["asked_by"]["id"], id(&room.cy));
    assert_eq!(it["signed_by"], json!([id(&room.ann)]));
    assert_eq!(it["request"], request["id"]);
    assert_eq!((&it["standing"], &it["ended"]), (&Value::Null, &Value::Null));
    assert_eq!(it["ends_at"], request["support"]["ends_at"]);
    let path = format!("{GRANTS}/{}", text(&it["id"]));
    for by in [&room.ann, &room.zoe, &room.sam] {
        assert_eq!(room.scene.get(by, &path).await.expect(StatusCode::OK).body, *it);
    }
    let told = room.scene.get(&room.ann, "/accounts/acme/activities?sort=-at").await;
    let told = told.expect(StatusCode::OK);
    let actions: Vec<&str> = told.body["items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|it| it["action"].as_str())
        .filter(|action| action.starts_with("approval.") || action.starts_with("support_grant."))
        .collect();
    for wanted in
        ["approval.requested", "approval.signed", "approval.executed", "support_grant.begun"]
    {
        assert!(actions.contains(&wanted), "{wanted}: {actions:?}");
    }
    // Who has no business there sees nothing.
    let bob = room.scene.seat.person("bob").await;
    refused(&room.scene.get(&bob, GRANTS).await, "administrators-only");
    let nobody = room.scene.staff("nils", &[]).await;
    refused(&room.scene.get(&nobody, GRANTS).await, "support-seen-by");
}

/// M03, M05: neither who asks nor who is let in signs; M04, M06: nor by another user of theirs.
#[tokio::test]
async fn m03_m04_m05_m06_neither_who_asks_nor_who_is_let_in_signs() {
    let room = Room::new().await;
    grant(&room.scene.seat, &room.sam, "function:psm").await;
    let request = room.asked(&room.zoe).await;
    refused(&room.vote(&room.zoe, &request, "approve").await, "approver-not-requester");
    refused(&room.vote(&room.sam, &request, "approve").await, "approver-not-beneficiary");
    for (name, same, rule) in [
        ("zoe.two", &room.zoe, "approver-not-requester"),
        ("sam.two", &room.sam, "approver-not-beneficiary"),
    ] {
        let second = room.scene.staff(name, &["function:psm"]).await;
        be_one(&room, &second, same).await;
        refused(&room.vote(&second, &request, "approve").await, rule);
        // An address in common is enough for refusing (DECISIONS.md 6).
        let twin = room.scene.staff(&format!("{name}.twin"), &["function:psm"]).await;
        let mail = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "add", "path": "emails",
                "value": [{ "value": format!("{name}@vendor.example") }] }] });
        for person in [&twin, same] {
            let path = format!("/Users/{}", id(person));
            assert!(room.scene.vendor.patch(&path, &mail).await.status.is_success());
        }
        refused(&room.vote(&twin, &request, "approve").await, rule);
    }
    // M13: a program does not sign, nor does anybody without a place there.
    let token = room.scene.seat.access_token(&room.max).await;
    let by_program = room.vote_by(&By::Bearer(token), &request, "approve").await;
    by_program.expect(StatusCode::FORBIDDEN);
    let plain = room.scene.staff("paul", &["team:support", "function:csm"]).await;
    refused(&room.vote(&plain, &request, "approve").await, "support-signed-by");
    assert_eq!(room.state(&request).await, "pending");
    assert!(room.grants("?state=all").await.is_empty());
    room.signed(&request).await;
}

/// Makes one person stand behind two users.
async fn be_one(room: &Room, second: &Person, first: &Person) {
    let (person, user) = (room.sql(first.session.person.uuid()), room.sql_of(second));
    for table in ["user_persons", "sessions"] {
        room.run(&format!("UPDATE {table} SET person_id = {person} WHERE user_id = {user}")).await;
    }
}

/// M07, M16, M29, M33: one vote of what was seen, while it waits, with a second factor shown just before.
#[tokio::test]
async fn m07_m16_m29_m33_a_vote_is_one_of_what_was_seen_with_a_fresh_second_factor() {
    let room = Room::new().await;
    let request = room.asked(&room.zoe).await;
    let mut other = request.clone();
    other["digest"] = json!("0".repeat(64));
    conflict(&room.vote(&room.max, &other, "approve").await, "content-changed");
    room.signed(&request).await;
    conflict(&room.vote(&room.max, &request, "approve").await, "one-vote-per-person");
    conflict(&room.vote(&room.ann, &request, "deny").await, "request-settled");
    assert_eq!(room.grants("").await.len(), 1);
    // One refusal ends it, and it can be asked for anew.
    let request = room.asked(&room.zoe).await;
    room.vote(&room.max, &request, "deny").await.expect(StatusCode::OK);
    assert_eq!(room.state(&request).await, "denied");
    let request = room.asked(&room.zoe).await;
    room.scene.seat.test.clock.advance_seconds(601);
    let stale = room.vote(&room.max, &request, "approve").await.expect(StatusCode::UNAUTHORIZED);
    assert_eq!(stale.body["max_age"], 600);
    // And it waits for a week, no longer.
    room.scene.seat.test.clock.advance_seconds(7 * 86_400);
    let max = room.again(&room.max).await;
    conflict(&room.vote(&max, &request, "approve").await, "request-expired");
}

/// M24: who may sign since after it was asked, does not sign it; M30: who stands in for whoever asked never.
#[tokio::test]
async fn m24_m30_a_right_to_sign_that_is_too_new_or_comes_from_who_asked_does_not_count() {
    let room = Room::new().await;
    let stan = room.scene.staff("stan", &["team:support"]).await;
    let stand_in = json!({ "to": id(&stan), "ends_at": "2026-02-01T00:00:00Z" });
    let old = room.asked(&room.cy).await;
    room.scene.post(&room.zoe, "/staff/delegations", stand_in).await.expect(StatusCode::CREATED);
    refused(&room.vote(&stan, &old, "approve").await, "approver-right-too-new");
    room.cancel(&room.cy, &old).await.expect(StatusCode::OK);
    let new = room.asked(&room.cy).await;
    refused(&room.vote(&stan, &new, "approve").await, "approver-cooling-off");
    room.cancel(&room.cy, &new).await.expect(StatusCode::OK);
    room.scene.seat.test.clock.advance_seconds(86_401);
    let (zoe, stan, cy) =
        (room.again(&room.zoe).await, room.again(&stan).await, room.again(&room.cy).await);
    let own = room.asked(&zoe).await;
    refused(&room.vote(&stan, &own, "approve").await, "support-not-by-own-delegate");
    room.cancel(&zoe, &own).await.expect(StatusCode::OK);
    let others = room.asked(&cy).await;
    let signed = room.vote(&stan, &others, "approve").await.expect(StatusCode::OK);
    assert_eq!(signed.body["state"], "executed", "{}", signed.text);
}

/// M25, M69: between signature and execution all of it is decided once more.
#[tokio::test]
async fn m25_m69_what_is_no_longer_so_when_it_is_executed_is_blocked() {
    let room = Room::new().await;
    let app = &room.scene.seat.test.app;
    let (sam, max) = (room.sql_of(&room.sam), room.sql_of(&room.max));
    let acme = room.sql(room.scene.seat.acme.uuid());
    let seed = |user: &str, to: i64| {
        format!("UPDATE seed_grants SET valid_to = {to} WHERE user_id = {user}")
    };
    let open = 9_000_000_000_000_000;
    for (breaks, mends, why) in [
        (seed(&max, 5), seed(&max, open), "approver_lost_right"),
        (seed(&sam, 5), seed(&sam, open), "support_user_not_ready"),
        (
            format!("UPDATE background_checks SET valid_to = 5 WHERE user_id = {sam}"),
            format!("UPDATE background_checks SET valid_to = {} WHERE user_id = {sam}", i64::MAX),
            "support_user_not_ready",
        ),
        (
            format!(
                "INSERT INTO account_support_modes (account_id, valid_to, valid_from, mode, set_by) \
                 VALUES ({acme}, {}, 1, 'closed', {max})",
                i64::MAX
            ),
            "DELETE FROM account_support_modes".to_owned(),
            "support_closed",
        ),
    ] {
        let request = room.asked(&room.zoe).await;
        sign_without_executing(&room, &request).await;
        assert_eq!(room.state(&request).await, "approved");
        room.run(&breaks).await;
        app.settle_approvals().await.expect("it is settled");
        room.run(&mends).await;
        let path = format!("/accounts/acme/approval-requests/{}", text(&request["id"]));
        let shown = room.scene.get(&room.ann, &path).await.expect(StatusCode::OK);
        assert_eq!(shown.body["state"], "blocked", "{}", shown.text);
        assert_eq!(shown.body["settled_why"], why, "{}", shown.text);
        assert!(room.grants("?state=all").await.is_empty());
    }
    // A server that died in between: executed once, by whoever comes first.
    let request = room.asked(&room.zoe).await;
    sign_without_executing(&room, &request).await;
    let (one, other) = tokio::join!(app.settle_approvals(), app.settle_approvals());
    one.expect("it is settled");
    other.expect("it is settled");
    assert_eq!(room.state(&request).await, "executed");
    assert_eq!(room.grants("?state=all").await.len(), 1);
}

/// What a server leaves that dies right after the vote of the services manager.
async fn sign_without_executing(room: &Room, request: &Value) {
    let id = room.sql(text(&request["id"]).parse().expect("an id"));
    let session = &room.max.session;
    let (home, user) = (room.sql(session.account.uuid()), room.sql(session.user.uuid()));
    let (person, own) = (room.sql(session.person.uuid()), room.sql(session.id.uuid()));
    room.run(&format!(
        "INSERT INTO approval_votes (account_id, request_id, version, digest, person_id, \
         voter_account, voter_id, decision, second_factor_at, session_id, comment, voted_at) \
         SELECT v.account_id, v.request_id, v.version, v.digest, {person}, {home}, {user}, \
         'approve', v.created_at, {own}, '', v.created_at + 1 FROM approval_versions v \
         WHERE v.request_id = {id};\
         UPDATE approval_requests SET state = 'approved' WHERE id = {id}"
    ))
    .await;
}
