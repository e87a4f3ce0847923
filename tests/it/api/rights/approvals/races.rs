//! Many at once: M27, M28. Whatever meets, a request ends once, and nothing is effective unsigned.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Two, administrator, text};
use crate::api::people::{By, JSON};

/// How often they meet.
const RUNS: usize = 200;

/// M27, M28: approve, approve, deny, cancel, removal and expiry at once end a request once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m27_m28_whatever_meets_ends_a_request_once_and_nothing_is_effective_unsigned() {
    let two = Two::new().await;
    let third = administrator(&two.scene, "third").await.by_cookie();
    let (deputy, chief) = (two.deputy.by_cookie(), two.scene.chief.by_cookie());
    let ann = two.scene.seat.scim.user("ann").await;
    let mut ends = std::collections::BTreeMap::new();
    for run in 0..RUNS {
        let request = two.asked_for(&ann).await;
        let (id, grant) = (text(&request["id"]), text(&request["source"]));
        let cancel = format!("{}/approval-requests/{id}/cancellation", super::BASE);
        let remove = format!("{}/grants/{grant}", super::BASE);
        let seat = &two.scene.seat;
        // Not all of them each time, so that each may win.
        let later =
            |n: usize| tokio::time::sleep(std::time::Duration::from_micros((run * n % 700) as u64));
        tokio::join!(
            async {
                later(1).await;
                two.vote(&deputy, &request, "approve").await
            },
            async {
                later(2).await;
                two.vote(&third, &request, "approve").await
            },
            async {
                later(7 * (run % 3)).await;
                two.vote(&third, &request, if run % 4 == 0 { "deny" } else { "approve" }).await
            },
            async {
                later(5).await;
                if run % 3 == 0 {
                    drop(seat.call(&chief, Method::POST, &cancel, None).await);
                }
            },
            async {
                later(3).await;
                if run % 5 == 0 {
                    drop(seat.call(&chief, Method::DELETE, &remove, None).await);
                }
            },
            async { seat.test.app.settle_approvals().await.expect("it is settled") },
        );
        let state = two.state(&request).await;
        *ends.entry(state.clone()).or_insert(0) += 1;
        let effective = two.has(&ann, "rights").await;
        let is_there = two.scene.get(&format!("/grants/{grant}")).await.status == StatusCode::OK;
        assert!(["executed", "denied", "cancelled"].contains(&state.as_str()), "{state}");
        assert_eq!(effective, state == "executed" && is_there, "{state}");
        check_votes(&two, &request, &state).await;
        if is_there {
            let gone = seat.call(&chief, Method::DELETE, &remove, None).await;
            gone.expect(StatusCode::NO_CONTENT);
        }
    }
    assert!(ends.len() > 1, "one side always won: {ends:?}");
}

/// What is executed has a signature and no refusal; and nobody voted twice.
async fn check_votes(two: &Two, request: &Value, state: &str) {
    let path = format!("/approval-requests/{}", text(&request["id"]));
    let shown = two.scene.get(&path).await.expect(StatusCode::OK).body;
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

/// M27: the same vote sent twice at once is one vote.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m27_one_vote_sent_many_times_at_once_is_one() {
    let two = Two::new().await;
    let ann = two.scene.seat.scim.user("ann").await;
    let request = two.asked_for(&ann).await;
    let by = two.deputy.by_cookie();
    let votes = (0..8).map(|_| two.vote(&by, &request, "approve"));
    let answers = futures_util::future::join_all(votes).await;
    let done = answers.iter().filter(|it| it.status == StatusCode::OK).count();
    assert_eq!(done, 1, "one alone counts");
    let made = "SELECT count(*) FROM approval_votes";
    assert_eq!(two.scene.seat.test.database.number(made).await, 1);
    let made = "SELECT count(*) FROM approved_rights";
    assert_eq!(two.scene.seat.test.database.number(made).await, 1);
    let body = Some((JSON, json!({}).to_string()));
    let nobody = two.scene.seat.call(&By::Nobody, Method::POST, "/api/v1/token", body).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}
