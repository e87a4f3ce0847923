//! What a platform team relies on: probes, metrics, logs, a graceful end, addresses nobody can forge.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::world::database::TestDatabase;
use crate::world::server::{Program, Running, Served};

impl Served {
    async fn create(&self, name: &str) -> Value {
        let body = json!({ "userName": name });
        let request = self.client.post(self.users()).bearer_auth(&self.token).json(&body);
        let answer =
            request.header("host", "evil.example").header("x-forwarded-host", "evil.example");
        answer.send().await.expect("an answer").json().await.expect("JSON")
    }

    async fn operations(&self, path: &str) -> (u16, String) {
        let url = format!("{}{path}", self.program.operations_url());
        let answer = self.client.get(url).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).expect("the log")
    }

    fn terminate(&self) {
        let id = self.running.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        assert!(sent.success());
    }

    /// Waits for the end; the exit code.
    fn exit_code(&mut self) -> Option<i32> {
        self.running.child.wait().expect("it ends").code()
    }
}

#[tokio::test]
async fn probes_and_metrics_tell_what_is_going_on() {
    let served = Served::start("debug").await;
    assert_eq!(served.operations("/livez").await, (200, "ok\n".to_owned()));
    assert_eq!(served.operations("/readyz").await, (200, "ok\n".to_owned()));
    served.create("bjensen").await;
    for path in ["canary-in-the-path", "canary?filter=canary"] {
        let url = format!("{}/{path}", served.users());
        served.client.get(url).bearer_auth(&served.token).send().await.expect("an answer");
    }
    let outside = format!("{}/canary/outside", served.program.url());
    let method = reqwest::Method::from_bytes(b"CANARY").expect("a method");
    served.client.request(method, outside).send().await.expect("an answer");
    let (status, metrics) = served.operations("/metrics").await;
    assert_eq!(status, 200);
    for series in [
        "http_server_request_duration_seconds_count{http_request_method=\"POST\",\
         http_route=\"/accounts/{account}/scim/v2/Users\",http_response_status_code=\"201\"} 1",
        "http_route=\"/accounts/{account}/scim/v2/Users/{id}\",http_response_status_code=\"404\"} 2",
        "http_request_method=\"_OTHER\",http_route=\"unmatched\"",
    ] {
        assert!(metrics.contains(series), "{series}\n{metrics}");
    }
    // Labels never hold what a client chose.
    assert!(!metrics.to_lowercase().contains("canary"), "{metrics}");
    assert!(!metrics.contains("acme"), "{metrics}");
    // The operations listener serves nothing else, and the public one none of this.
    assert_eq!(served.operations("/accounts/acme/scim/v2/Users").await.0, 404);
    let public = format!("{}/metrics", served.program.url());
    assert_eq!(served.client.get(public).send().await.expect("an answer").status(), 404);
}

#[tokio::test]
async fn addresses_come_from_the_setting_and_never_from_the_request() {
    let served = Served::start("debug").await;
    let user = served.create("bjensen").await;
    let id = user["id"].as_str().expect("an id");
    assert_eq!(user["meta"]["location"], format!("{}/{id}", served.users()));
    let text = user.to_string();
    assert!(!text.contains("evil"), "{text}");
}

#[tokio::test]
async fn the_log_says_where_it_listens_and_holds_no_token() {
    let mut served = Served::start("debug").await;
    served.create("bjensen").await;
    for path in [format!("?token={}", served.token), format!("/{}", served.token)] {
        let url = format!("{}{path}", served.users());
        let request =
            served.client.get(url).header("authorization", format!("Basic {}", served.token));
        assert_eq!(request.send().await.expect("an answer").status(), 401);
    }
    served.terminate();
    assert_eq!(served.exit_code(), Some(0));
    let log = served.log();
    let address = format!("countersign listens on {}", served.program.url());
    assert!(log.contains(&address), "{log}");
    assert!(log.contains("http.request"), "{log}");
    assert!(log.contains("user.created"), "the record is announced: {log}");
    assert!(log.contains("all accepted requests were finished"), "{log}");
    assert!(!log.contains("csn_"), "{log}");
}

#[tokio::test]
async fn an_accepted_request_is_finished_after_the_signal_to_stop() {
    let mut served = Served::start("debug").await;
    let body = json!({ "userName": "late" }).to_string();
    let (first, second) = body.split_at(8);
    let address = served.program.url().replace("http://", "");
    let mut stream = TcpStream::connect(&address).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a limit");
    let head = format!(
        "POST /accounts/acme/scim/v2/Users HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n{first}",
        served.token,
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("half a request");
    tokio::time::sleep(Duration::from_millis(200)).await;
    served.terminate();
    let refused_by = Instant::now() + Duration::from_secs(5);
    while TcpStream::connect(&address).is_ok() {
        assert!(Instant::now() < refused_by, "new connections are still taken");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stream.write_all(second.as_bytes()).expect("the other half");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("a whole answer");
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert_eq!(served.exit_code(), Some(0));
    let restarted = served.program.serve(&served.folder.path().join("log2")).await;
    let found = served.client.get(format!("{}?count=0", served.users())).bearer_auth(&served.token);
    let found: Value = found.send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(found["totalResults"], 1);
    drop(restarted);
}

#[tokio::test]
async fn a_server_whose_schema_is_old_is_alive_but_not_ready() {
    let database = TestDatabase::create().await;
    let program = Program::new(&database.url);
    let spawned = program
        .command()
        .args(["serve", "--no-migrate"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the server starts");
    let _running = Running { child: spawned, log: None };
    let client = reqwest::Client::builder().build().expect("a client");
    let get = async |path: &str| {
        let answer = client.get(format!("{}{path}", program.operations_url())).send().await.ok()?;
        Some((answer.status().as_u16(), answer.text().await.ok()?))
    };
    let mut alive = None;
    for _ in 0..200 {
        alive = get("/livez").await;
        if alive.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(alive.expect("it listens").0, 200);
    let (status, told) = get("/readyz").await.expect("an answer");
    assert_eq!(status, 503);
    assert!(told.contains("run `countersign migrate up`"), "{told}");
    program.must(&["migrate", "up"]);
    assert_eq!(get("/readyz").await.expect("an answer").0, 200);
}
