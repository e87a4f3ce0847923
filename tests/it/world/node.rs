//! Programs of the tests that run on Node: they listen on this machine, and are asked by POST.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

const REMEDY: &str = "remedy: `tests/run.sh` installs what is needed, once is enough; or name Node 20 or newer \
                      in TEST_NODE, a folder with the packages of tests/node/package.json in \
                      TEST_NODE_MODULES, and Chromium in TEST_CHROMIUM";

/// A script that runs; it ends when dropped.
pub(crate) struct Node {
    child: Child,
    input: Option<ChildStdin>,
    pub(crate) url: String,
    client: reqwest::Client,
    lines: Receiver<String>,
}

impl Node {
    /// Starts a script of `tests/`, and waits until it listens.
    pub(crate) fn start(script: &str) -> Self {
        let node = named("TEST_NODE", "node/bin/node");
        let mut child = Command::new(&node)
            .arg(format!("{}/tests/{script}", env!("CARGO_MANIFEST_DIR")))
            .env("TEST_NODE_MODULES", named("TEST_NODE_MODULES", "node/node_modules"))
            .env("TEST_CHROMIUM", named("TEST_CHROMIUM", "node/bin/chromium"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; {REMEDY}", node.display()));
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let line = lines.recv_timeout(Duration::from_mins(1));
        let line = line.unwrap_or_else(|_| panic!("{script} does not start, see above; {REMEDY}"));
        let told: Value = serde_json::from_str(&line).expect("JSON");
        let url = told["url"].as_str().expect("a URL").to_owned();
        let client = reqwest::Client::builder().timeout(Duration::from_mins(1)).no_proxy().build();
        Self { input: child.stdin.take(), child, url, client: client.expect("a client"), lines }
    }

    /// What it answers.
    pub(crate) async fn ask(&self, path: &str, asked: &Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.url)).body(asked.to_string());
        let answer = request.send().await.expect("an answer").text().await.expect("a text");
        serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{asked}: {answer}"))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It ends with its input, and takes what it started with it.
        drop(self.input.take());
        while self.lines.recv_timeout(Duration::from_secs(5)).is_ok() {}
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a variable names, else what `tests/run.sh` put into the target folder.
fn named(variable: &str, place: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(|| target().join(place), PathBuf::from)
}

/// The target folder.
pub(crate) fn target() -> PathBuf {
    let tmp = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    tmp.parent().expect("the target folder").to_owned()
}
