//! A server that dies while people sign: what was signed is executed once after it, and nothing else is
//! effective (C6; POLICY.md §2).

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use countersign::boot::clock::SystemClock;
use countersign::domain::time::Clock as _;
use serde_json::{Value, json};

use crate::api::people::{JSON, Person, Seat};
use crate::api::sso::grant;
use crate::program::processes::SEALING_KEY;
use crate::world::TokenFor;
use crate::world::browser::SESSION;
use crate::world::seeds::START_SECONDS;
use crate::world::server::Program;

const REQUESTS: usize = 48;
const SIGNING_AT_ONCE: usize = 4;
const RIGHT: &str = "users.administer";

/// What somebody is to sign, and what the server said was signed.
struct Signing {
    client: reqwest::Client,
    url: String,
    cookie: String,
    requests: Vec<Value>,
    acknowledged: Mutex<BTreeSet<String>>,
}

#[tokio::test(flavor = "multi_thread")]
async fn c6_a_crash_between_signing_and_executing_early_loses_and_doubles_nothing() {
    crash_after(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c6_a_crash_between_signing_and_executing_later_loses_and_doubles_nothing() {
    crash_after(20).await;
}

async fn crash_after(acknowledged: usize) {
    let mut seat = Seat::new().await;
    let since = SystemClock::default().now().micros() / 1_000_000;
    seat.test.clock.advance_seconds(since - START_SECONDS);
    // The token of the beginning ended long ago.
    let token = seat.test.token("acme", TokenFor::default()).await;
    seat.scim = seat.test.client("acme", &token);
    let (chief, deputy) =
        (administrator(&seat, "chief").await, administrator(&seat, "deputy").await);
    let mut requests = Vec::new();
    for n in 0..REQUESTS {
        requests.push(asked_for(&seat, &chief, &format!("user-{n}")).await);
    }
    let program =
        Program::new(&seat.test.database.url).with("COUNTERSIGN_SECRETS__KEYS", SEALING_KEY);
    let folder = tempfile::tempdir().expect("a folder");
    let mut running = program.serve(&folder.path().join("log")).await;
    let client = reqwest::Client::builder().timeout(Duration::from_secs(20)).build();
    let signing = Arc::new(Signing {
        client: client.expect("a client"),
        url: program.url(),
        cookie: format!("{SESSION}={}", deputy.cookie),
        requests,
        acknowledged: Mutex::default(),
    });
    let tasks: Vec<_> = (0..SIGNING_AT_ONCE)
        .map(|first| tokio::spawn(Arc::clone(&signing).sign_every(first)))
        .collect();
    while signing.acknowledged().len() < acknowledged {
        assert!(tasks.iter().any(|task| !task.is_finished()), "all is signed already");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // On Unix this is SIGKILL.
    running.child.kill().expect("the server is killed");
    running.child.wait().expect("it ends");
    for task in tasks {
        task.await.expect("the task ends");
    }
    assert!(signing.acknowledged().len() < REQUESTS, "the crash came too late");

    let signed = seat.test.database.number("SELECT count(*) FROM approval_votes").await;
    let _running = program.serve(&folder.path().join("after.log")).await;
    let waiting = "SELECT count(*) FROM approval_requests WHERE state = 'approved'";
    let begun = Instant::now();
    while seat.test.database.number(waiting).await > 0 {
        assert!(begun.elapsed() < Duration::from_secs(30), "what was signed is not executed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // One vote each, one right each, and none without the other.
    for (count, wanted) in [
        ("SELECT count(*) FROM approval_votes", signed),
        ("SELECT count(*) FROM approval_requests WHERE state = 'executed'", signed),
        ("SELECT count(*) FROM approved_rights", signed),
        ("SELECT count(DISTINCT request_id) FROM approved_rights", signed),
        ("SELECT count(*) FROM activities WHERE action = 'approval.executed'", signed),
    ] {
        assert_eq!(seat.test.database.number(count).await, wanted, "{count}");
    }
    for request in signing.acknowledged() {
        let path = format!("/api/v1/accounts/acme/approval-requests/{request}");
        let shown = seat.get(&chief.by_cookie(), &path).await.expect(StatusCode::OK);
        assert_eq!(shown.body["state"], "executed", "it was acknowledged: {}", shown.text);
    }
}

async fn administrator(seat: &Seat, name: &str) -> Person {
    let person = seat.with_second_factor(name).await;
    grant(seat, &person, RIGHT).await;
    person
}

/// Has the chief give a new user the right; the request that waits.
async fn asked_for(seat: &Seat, chief: &Person, name: &str) -> Value {
    let user = seat.scim.user(name).await;
    let wanted = json!({ "user": user, "right": RIGHT, "reason": "stands in" }).to_string();
    let path = "/api/v1/accounts/acme/grants";
    let given = seat.call(&chief.by_cookie(), Method::POST, path, Some((JSON, wanted))).await;
    given.expect(StatusCode::ACCEPTED).body["approval_requests"][0].clone()
}

impl Signing {
    fn acknowledged(&self) -> BTreeSet<String> {
        self.acknowledged.lock().expect("the list").clone()
    }

    /// Signs one request after another until all are or the server is gone.
    async fn sign_every(self: Arc<Self>, first: usize) {
        for request in self.requests.iter().skip(first).step_by(SIGNING_AT_ONCE) {
            let id = request["id"].as_str().expect("an id");
            let url = format!("{}/api/v1/accounts/acme/approval-requests/{id}/votes", self.url);
            let ballot = json!({ "digest": request["digest"], "verdict": "approve" });
            let sent = self
                .client
                .post(url)
                .header("cookie", &self.cookie)
                .header("origin", &self.url)
                .header("sec-fetch-site", "same-origin")
                .json(&ballot)
                .send();
            let Ok(answer) = sent.await else { return };
            let status = answer.status();
            let Ok(body) = answer.json::<Value>().await else { return };
            assert_eq!((status.as_u16(), &body["state"]), (200, &json!("executed")), "{body}");
            self.acknowledged.lock().expect("the list").insert(id.to_owned());
        }
    }
}
