//! What was acknowledged is there after a crash, and nothing is there by halves.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::world::server::Served;

const CREATES: usize = 2_000;
const CONNECTIONS: usize = 32;

/// The load, and what the server acknowledged of it: ids by userName.
struct Load {
    client: reqwest::Client,
    users: String,
    token: String,
    next: AtomicUsize,
    acknowledged: Mutex<BTreeMap<String, String>>,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_early_in_the_load_loses_nothing_acknowledged() {
    crash_after(200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_late_in_the_load_loses_nothing_acknowledged() {
    crash_after(1_400).await;
}

async fn crash_after(acknowledged: usize) {
    let mut served = Served::start("info").await;
    let load = Arc::new(Load::new(&served));
    let tasks: Vec<_> =
        (0..CONNECTIONS).map(|_| tokio::spawn(Arc::clone(&load).create_users())).collect();
    while load.acknowledged().len() < acknowledged {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // On Unix this is SIGKILL.
    served.running.child.kill().expect("the server is killed");
    served.running.child.wait().expect("it ends");
    for task in tasks {
        task.await.expect("the task ends");
    }
    assert!(load.acknowledged().len() < CREATES, "the crash came too late to interrupt anything");

    let _running = served.program.serve(&served.folder.path().join("after.log")).await;
    load.check_acknowledged().await;
    let listed = load.list().await;
    load.check_whole(&listed).await;
    for count in [
        "SELECT count(*) FROM users",
        "SELECT count(*) FROM activities WHERE action = 'user.created'",
        "SELECT count(*) FROM user_emails",
        "SELECT CAST(sum(users) AS bigint) FROM directory_counts",
    ] {
        let found = served.database.number(count).await;
        assert_eq!(usize::try_from(found).expect("a count"), listed.len(), "{count}");
    }
}

impl Load {
    fn new(served: &Served) -> Self {
        Self {
            client: served.client.clone(),
            users: served.users(),
            token: served.token.clone(),
            next: AtomicUsize::new(0),
            acknowledged: Mutex::default(),
        }
    }

    fn acknowledged(&self) -> BTreeMap<String, String> {
        self.acknowledged.lock().expect("the list").clone()
    }

    /// Creates one user after another until all are made or the server is gone.
    async fn create_users(self: Arc<Self>) {
        loop {
            let n = self.next.fetch_add(1, Ordering::Relaxed);
            if n >= CREATES {
                return;
            }
            let name = format!("user-{n}");
            let email = json!([{ "value": format!("{name}@example.com"), "primary": true }]);
            let body = json!({ "userName": name, "emails": email });
            let sent = self.client.post(&self.users).bearer_auth(&self.token).json(&body).send();
            let Ok(answer) = sent.await else { return };
            assert_eq!(answer.status(), StatusCode::CREATED);
            let Ok(user) = answer.json::<Value>().await else { return };
            let id = user["id"].as_str().expect("an id").to_owned();
            self.acknowledged.lock().expect("the list").insert(name, id);
        }
    }

    async fn get(&self, rest: &str) -> Value {
        let url = format!("{}{rest}", self.users);
        let answer = self.client.get(url).bearer_auth(&self.token).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK, "{rest}");
        answer.json().await.expect("JSON")
    }

    async fn find(&self, filter: &str) -> Value {
        let encoded: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        self.get(&format!("?filter={encoded}")).await
    }

    async fn check_acknowledged(&self) {
        for (name, id) in self.acknowledged() {
            assert_eq!(self.get(&format!("/{id}")).await["userName"], *name);
            let found = self.find(&format!("userName eq \"{name}\"")).await;
            assert_eq!(found["Resources"][0]["id"], *id);
        }
    }

    /// All users, page by page.
    async fn list(&self) -> Vec<Value> {
        let mut listed = Vec::new();
        loop {
            let page = self.get(&format!("?count=300&startIndex={}", listed.len() + 1)).await;
            let users = page["Resources"].as_array().expect("a list");
            listed.extend(users.iter().cloned());
            if users.is_empty() {
                assert_eq!(page["totalResults"], listed.len());
                return listed;
            }
        }
    }

    /// No user is there by halves, not even one whose creation was not acknowledged.
    async fn check_whole(&self, listed: &[Value]) {
        for user in listed {
            let email = user["emails"][0]["value"].as_str().expect("an e-mail");
            assert_eq!(
                email,
                format!("{}@example.com", user["userName"].as_str().expect("a name"))
            );
            let found = self.find(&format!("emails.value eq \"{email}\"")).await;
            assert_eq!((&found["totalResults"], &found["Resources"][0]), (&json!(1), user));
        }
    }
}
