//! `countersign demo` as a newcomer meets it: what it prints, what the lines that it prints do,
//! `examples/sync.sh` against it, and its people who sign in.

mod sign_in;

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use crate::world::leaks;
use crate::world::server::free_port;

/// A demo that stays up; killed when dropped.
struct Demo {
    child: Child,
    printed: Vec<String>,
}

impl Demo {
    /// Starts one and waits for its last line.
    fn start() -> Self {
        let port = free_port().to_string();
        let mut command = command(&["--users", "50", "--groups", "3", "--port", &port]);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut demo =
            Self { child: command.spawn().expect("the demo starts"), printed: Vec::new() };
        let output = demo.child.stdout.take().expect("its output");
        for line in BufReader::new(output).lines() {
            demo.printed.push(line.expect("text"));
            if demo.printed.last().is_some_and(|line| line.starts_with("Ctrl-C stops")) {
                return demo;
            }
        }
        panic!("the demo ended early: {:#?}", demo.printed);
    }

    /// The printed lines for a second terminal that begin so, each with its continuation.
    fn lines_for_terminal(&self, start: &str) -> Vec<&str> {
        let mut is_continued = false;
        let mut taken = Vec::new();
        for line in self.printed.iter().map(|line| line.trim()) {
            if is_continued || line.starts_with(start) {
                is_continued = line.ends_with('\\');
                taken.push(line);
            }
        }
        taken
    }

    /// Ends it by SIGTERM, as an operator would.
    fn stop(mut self) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
        assert!(sent.success());
        assert!(self.child.wait().expect("it ends").success());
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_demo_plays_both_cycles_and_reads_back_what_it_made() {
    let port = free_port().to_string();
    let arguments = ["--users", "60", "--groups", "5", "--exit", "--port", &port];
    let output = command(&arguments).output().expect("the demo runs");
    leaks::said(&output.stderr);
    let (printed, told) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{printed}\n{told}");
    for expected in [
        "First sync: 60 users, 5 groups, ",
        "joiner",
        "mover",
        "leaver",
        "61 users: 60 active, 1 inactive",
        "5 groups, the largest:",
        "61  All Employees",
        &format!("export BASE=http://localhost:{port}/accounts/acme/scim/v2"),
        "export TOKEN=csn_",
        &format!("To sign in, open http://localhost:{port}/login in a browser"),
        "otpauth://totp/Countersign:sam.okafor%40vendor.example?secret=",
    ] {
        assert!(printed.contains(expected), "no `{expected}` in:\n{printed}");
    }
    assert!(told.contains("users 60/60"), "{told}");
    explains_the_mover(&printed);
}

/// C1, C2: the whole path to a right of the mover, and on the next request after the move that it is no
/// longer held, and what is.
#[track_caller]
fn explains_the_mover(printed: &str) {
    let (before, after) =
        printed.split_once("On the next request after the move:\n").expect("a move");
    let (before, moved) = before.split_once("Incremental cycle:\n").expect("a cycle");
    let told = |text: &str, expected: &[&str]| {
        let head = "@acme.example: campaigns.edit (Edit campaigns)";
        let lines: Vec<String> = text.lines().map(|line| line.trim().to_owned()).collect();
        let at = lines.iter().position(|line| line.ends_with(head)).expect("an explanation");
        let lines = lines[at..].to_vec();
        for (line, start) in lines[1..].iter().zip(expected) {
            assert!(line.starts_with(start), "no `{start}…` in:\n{lines:#?}");
        }
        assert!(lines.len() > expected.len(), "too little:\n{lines:#?}");
        lines
    };
    let was = told(
        before,
        &[
            "effective in account acme",
            "effective in account acme:",
            "→ group `Sales` since 20",
            "→ group mapping ",
            "→ bundle `Campaign manager`",
            "→ right campaigns.edit",
            "all in all 9: campaigns.edit, campaigns.read, dashboards.edit, ",
        ],
    );
    assert!(was[4].contains(" by user ") && was[4].contains("“the demo's first mappings”"));
    assert!(moved.contains("out of group Sales, into Customer Success"), "{moved}");
    let is = told(
        after,
        &[
            "not held: no group mapping, no grant and no seed gives it",
            "bundles that hold it: campaign-manager",
            "all in all 6: campaigns.read, dashboards.edit, dashboards.read, dashboards.share, \
             documents.read, responses.read",
        ],
    );
    assert_eq!(was[0], is[0], "it is the same person");
}

#[test]
fn the_demo_on_a_taken_port_names_a_free_one() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = taken.local_addr().expect("its address").port().to_string();
    let output = command(&["--exit", "--port", &port]).output().expect("the demo runs");
    let told = text(&output.stderr);
    assert!(!output.status.success());
    let expected = format!("port {port} is taken by another program; choose another");
    assert!(told.contains(&expected) && told.contains("countersign demo --port "), "{told}");
}

#[test]
fn the_lines_that_the_demo_prints_work_in_a_second_terminal() {
    let demo = Demo::start();
    let exports = demo.lines_for_terminal("export ");
    let curls = demo.lines_for_terminal("curl ");
    assert_eq!((exports.len(), curls.len()), (2, 3), "{:#?}", demo.printed);

    let listed = bash(&[exports.as_slice(), &curls].concat().join("\n"));
    assert!(listed.contains("\"totalResults\":51,"), "{listed}");
    assert!(listed.contains("\"totalResults\":1,"), "{listed}");

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/sync.sh");
    let synced = bash(&format!("{}\n'{}'", exports.join("\n"), script.display()));
    assert!(synced.ends_with("\nall as expected\n"), "{synced}");
    demo.stop();
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.arg("demo").args(arguments);
    command
}

/// Runs lines in a shell of their own; what they print. All must succeed.
#[track_caller]
fn bash(lines: &str) -> String {
    let curl = Command::new("curl").arg("--version").output();
    assert!(curl.is_ok(), "no curl: install it; tests/run.sh does so on Debian and Ubuntu");
    let output: Output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", lines])
        .env("NO_PROXY", "*")
        .output()
        .expect("bash runs");
    let (printed, told) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{printed}\n{told}");
    printed
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
