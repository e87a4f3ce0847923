//! Many at once: M27, M28. Whatever meets, a request ends once, nobody is in without a signature, and letting
//! out wins.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Room, grant, text};

/// How often they meet.
const RUNS: usize = 60;

/// M27, M28: approve, approve, deny, cancel, removal and the worker at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m27_m28_whatever_meets_ends_a_request_once_and_letting_out_wins() {
    let room = Room::new().await;
    let third = room.scene.staff("third", &["function:psm"]).await;
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    for run in 0..RUNS {
        // Every other time somebody is in already, and more is asked for.
        let before = if run % 2 == 0 { Some(room.let_in().await) } else { None };
        let request = room.asked(&room.zoe).await;
        let later = |n: usize| tokio::time::sleep(Duration::from_micros((run * n % 700) as u64));
        let app = &room.scene.seat.test.app;
        let (.., removed) = tokio::join!(
            async {
                later(1).await;
                room.vote(&room.max, &request, "approve").await
            },
            async {
                later(2).await;
                room.vote(&room.ann, &request, "approve").await
            },
            async {
                later(7 * (run % 3)).await;
                room.vote(&third, &request, if run % 4 < 2 { "deny" } else { "approve" }).await
            },
            async {
                later(5).await;
                if run % 3 == 0 {
                    drop(room.cancel(&room.cy, &request).await);
                }
            },
            async { app.settle_approvals().await.expect("it is settled") },
            async { app.keep_support_grants().await.expect("it is kept") },
            async {
                later(3).await;
                let Some(before) = &before else { return false };
                let path = format!("/api/v1/accounts/acme/support-grants/{}", text(&before["id"]));
                let by = room.ann.by_cookie();
                let gone = room.scene.seat.call(&by, Method::DELETE, &path, None).await;
                gone.status == StatusCode::NO_CONTENT
            },
        );
        let state = room.state(&request).await;
        *ends.entry(state.clone()).or_insert(0) += 1;
        assert!(["executed", "denied", "cancelled"].contains(&state.as_str()), "{state}");
        check_votes(&room, &request, &state).await;
        let live = room.grants("").await;
        let made = room.grants("?state=all&sort=-begun_at").await;
        let made = made.iter().filter(|it| it["request"] == request["id"]).count();
        assert_eq!(made, usize::from(state == "executed"), "{state}");
        assert!(live.len() <= 1, "{live:?}");
        assert_eq!(room.may(&room.sam, "responses.reply").await, !live.is_empty());
        if removed {
            assert!(live.is_empty(), "letting out wins: {state} {live:?}");
        }
        for it in live {
            let path = format!("{}/{}", super::GRANTS, text(&it["id"]));
            room.scene.delete(&room.ann, &path).await.expect(StatusCode::NO_CONTENT);
        }
    }
    assert!(ends.len() > 1, "one side always won: {ends:?}");
    let unsigned = "SELECT count(*) FROM support_grants g WHERE NOT EXISTS (SELECT 1 FROM approval_votes v \
                    WHERE v.account_id = g.account_id AND v.request_id = g.request_id \
                    AND v.decision = 'approve' AND v.person_id <> g.person_id)";
    assert_eq!(room.number(unsigned).await, 0);
}

/// What is executed has a signature and no refusal; and nobody voted twice.
async fn check_votes(room: &Room, request: &Value, state: &str) {
    let path = format!("/accounts/acme/approval-requests/{}", text(&request["id"]));
    let shown = room.scene.get(&room.ann, &path).await.expect(StatusCode::OK).body;
    let votes = shown["votes"].as_array().expect("votes");
    let of = |verdict: &str| votes.iter().filter(|it| it["verdict"] == verdict).count();
    if state == "executed" {
        assert!(of("approve") >= 1 && of("deny") == 0, "{shown}");
    }
    if state == "denied" {
        assert_eq!(of("deny"), 1, "{shown}");
    }
    let mut voters: Vec<&str> = votes.iter().filter_map(|it| it["user"].as_str()).collect();
    voters.sort_unstable();
    voters.dedup();
    assert_eq!(voters.len(), votes.len(), "{shown}");
}

/// W9: of many who ask at once for one support user, one request waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w9_of_many_requests_at_once_for_one_support_user_one_waits() {
    let room = Room::new().await;
    grant(&room.scene.seat, &room.cy, "function:psm").await;
    let wish = room.wish(&room.sam, "reader");
    let by = [&room.zoe, &room.max, &room.ann, &room.cy];
    let asked = by.iter().map(|by| room.ask(by, wish.clone()));
    let answers = futures_util::future::join_all(asked).await;
    let done = answers.iter().filter(|it| it.status == StatusCode::ACCEPTED).count();
    assert_eq!(done, 1, "{:?}", answers.iter().map(|it| &it.text).collect::<Vec<_>>());
    let waiting = "SELECT count(*) FROM approval_requests WHERE state = 'pending'";
    assert_eq!(room.number(waiting).await, 1);
    assert!(answers.iter().all(|it| it.body["rule"] == json!(null)), "none is refused by a rule");
}
