//! The chain of the record: made by the worker, one for each account, however many processes seal it, and
//! whatever becomes of them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Output;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, StatusCode};
use countersign::app::App;
use countersign::store::Store;
use countersign::worker;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::client::Client;
use crate::world::server::{Program, Served};
use crate::world::{TestApp, settings};

/// The key of [`settings`], as the program is told it.
const SEALING_KEY: &str = "test:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// A record that is sealed, and the program beside it.
pub(super) struct Scene {
    pub(super) test: TestApp,
    pub(super) scim: Client,
    pub(super) program: Program,
    pub(super) folder: TempDir,
}

impl Scene {
    pub(super) async fn new() -> Self {
        let test = TestApp::new().await;
        let scim = test.scim("acme").await;
        let program =
            Program::new(&test.database.url).with("COUNTERSIGN_SECRETS__KEYS", SEALING_KEY);
        let folder = tempfile::tempdir().expect("a folder");
        let scene = Self { test, scim, program, folder };
        let peer: SocketAddr = "192.0.2.7:9".parse().expect("an address");
        for n in 0..6 {
            let request = scene.scim.request(Method::POST, "/Users").extension(ConnectInfo(peer));
            let body = Body::from(json!({ "userName": format!("user-{n}") }).to_string());
            let made = scene.scim.send(request.body(body).expect("a request")).await;
            made.expect(StatusCode::CREATED);
            scene.test.clock.advance_seconds(100);
        }
        scene.seal().await;
        scene
    }

    pub(super) async fn seal(&self) {
        while worker::deliver_batch(&self.test.app).await.expect("delivered") > 0 {}
    }

    /// The lines of an export, the newest first.
    pub(super) fn export(&self) -> Vec<Value> {
        let text = self.program.must(&["audit", "export", "--account", "acme"]);
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// A checkpoint as it is kept outside.
    pub(super) fn checkpoint(&self) -> String {
        let text = self.program.must(&["audit", "checkpoint", "--account", "acme"]);
        self.keep("checkpoint", &text)
    }

    /// The public keys, kept outside.
    pub(super) fn keys(&self) -> String {
        let text = self.program.must(&["audit", "keys"]);
        self.keep("keys", &text)
    }

    /// Writes a file; its path.
    pub(super) fn keep(&self, name: &str, text: &str) -> String {
        let path: PathBuf = self.folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    }

    /// What `audit verify` says of these lines, by a program that reaches no database.
    pub(super) fn verify(&self, lines: &[Value], arguments: &[&str]) -> (bool, String) {
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let text = lines.join("\n") + "\n";
        let file = self.keep("export.jsonl", &text);
        let alone = Program::new("postgres://nobody@127.0.0.1:1/nothing");
        told(&alone.run(&[&["audit", "verify", &file], arguments].concat()))
    }

    /// What it says of the database.
    pub(super) fn verify_database(&self, arguments: &[&str]) -> (bool, String) {
        told(&self.program.run(&[&["audit", "verify", "--database"], arguments].concat()))
    }
}

/// Whether it went well, and what was said.
pub(super) fn told(output: &Output) -> (bool, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout) + &text(&output.stderr))
}

#[tokio::test]
async fn a_record_as_it_was_written_is_proven_on_an_export_and_in_the_database() {
    let scene = Scene::new().await;
    let lines = scene.export();
    assert_eq!(lines.len(), 8);
    let seqs: Vec<i64> = lines.iter().map(|it| it["seq"].as_i64().expect("a number")).collect();
    assert_eq!(seqs, [8, 7, 6, 5, 4, 3, 2, 1]);
    for pair in lines.windows(2) {
        assert_eq!(pair[0]["prev_hash"], pair[1]["hash"]);
    }
    assert_eq!(lines[7]["prev_hash"], "0".repeat(64));
    let (checkpoint, keys) = (scene.checkpoint(), scene.keys());
    let outside = ["--checkpoint", &checkpoint, "--key", &keys];
    let (is_good, told) = scene.verify(&lines, &outside);
    assert!(
        is_good && told.contains("proven up to number 8 by checkpoints; 0 not sealed yet"),
        "{told}"
    );
    let (is_good, told) = scene.verify_database(&outside);
    assert!(is_good && told.contains("account acme: ") && told.contains("0 faults"), "{told}");
    // The making of the key is on record too, where there is no operator in the account.
    scene.seal().await;
    let (is_good, told) = scene.verify(&scene.export(), &outside);
    assert!(is_good && told.contains("9 lines"), "{told}");
}

#[tokio::test]
async fn a_checkpoint_that_nobody_signed_is_refused() {
    let scene = Scene::new().await;
    let (path, keys) = (scene.checkpoint(), scene.keys());
    let mut forged: Value =
        serde_json::from_str(&std::fs::read_to_string(&path).expect("text")).expect("JSON");
    forged["seq"] = json!(7);
    let forged = scene.keep("forged", &forged.to_string());
    let (is_good, told) = scene.verify(&scene.export(), &["--checkpoint", &forged, "--key", &keys]);
    assert!(!is_good && told.contains("is not signed by these keys"), "{told}");
}

/// Whoever is too slow gives up and begins again, as the worker does.
async fn seal_until(app: App, stop: Instant) {
    while Instant::now() < stop {
        let _ = worker::deliver_batch(&app).await;
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn processes_that_seal_at_once_make_one_chain() {
    let scene = Scene::new().await;
    let mut apps = vec![];
    for _ in 0..3 {
        let store = Store::open(&scene.test.database.settings()).await.expect("it opens");
        let clock = Arc::clone(&scene.test.clock);
        let ids = Arc::new(countersign::boot::clock::RandomIds);
        apps.push(App::new(store, clock, ids, settings()));
    }
    let stop = Instant::now() + Duration::from_secs(4);
    let sealing = apps.into_iter().map(|app| tokio::spawn(seal_until(app, stop)));
    let sealing: Vec<_> = sealing.collect();
    for n in 0..60 {
        scene.scim.user(&format!("late-{n}")).await;
    }
    for task in sealing {
        task.await.expect("it ends");
    }
    scene.seal().await;
    let (is_good, told) = scene.verify(&scene.export(), &[]);
    assert!(is_good && told.contains("68 lines, the last sealed is number 68"), "{told}");
    assert_eq!(scene.test.database.number("SELECT count(*) FROM outbox").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_server_left_unsealed_is_sealed_after_its_restart() {
    let mut served = Served::start("warn").await;
    let client = served.client.clone();
    for n in 0..80 {
        let body = json!({ "userName": format!("user-{n}") });
        let sent = client.post(served.users()).bearer_auth(&served.token).json(&body).send();
        assert_eq!(sent.await.expect("an answer").status().as_u16(), 201);
    }
    // On Unix this is SIGKILL.
    served.running.child.kill().expect("the server is killed");
    served.running.child.wait().expect("it ends");
    let unsealed = "SELECT count(*) FROM activities a WHERE NOT EXISTS (SELECT 1 FROM \
                    activity_seals s WHERE s.account_id = a.account_id AND s.activity_id = a.id)";
    let _running = served.program.serve(&served.folder.path().join("after.log")).await;
    let begun = Instant::now();
    while served.database.number(unsealed).await > 0 {
        assert!(begun.elapsed() < Duration::from_secs(5), "the tail is sealed within 5 seconds");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let all = served.database.number("SELECT count(*) FROM activities").await;
    assert_eq!(served.database.number("SELECT max(seq) FROM activity_seals").await, all);
    let (is_good, told) = told(&served.program.run(&["audit", "verify", "--database"]));
    assert!(is_good && told.contains(&format!("the last sealed is number {all}")), "{told}");
}

#[tokio::test]
async fn checkpoints_are_signed_by_the_worker_and_nothing_is_signed_twice() {
    let scene = Scene::new().await;
    let count = "SELECT count(*) FROM activity_checkpoints";
    assert_eq!(scene.test.database.number(count).await, 0);
    scene.test.app.sign_checkpoints().await.expect("signed");
    assert_eq!(scene.test.database.number(count).await, 1);
    // The key's own making is sealed and signed next time; then there is rest.
    for expected in [2, 2, 2] {
        scene.seal().await;
        scene.test.app.sign_checkpoints().await.expect("signed");
        assert_eq!(scene.test.database.number(count).await, expected);
    }
}
