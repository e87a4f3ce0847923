//! The program itself as a process, for what only a process shows: signals, crashes, the command line.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::world::database::TestDatabase;
use crate::world::leaks;

/// Environment of the program for a database and two free ports.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    database_url: String,
    port: u16,
    operations_port: u16,
    settings: Vec<(String, String)>,
}

/// A running server; killed when dropped.
pub(crate) struct Running {
    pub(crate) child: Child,
    /// Where it logs.
    pub(crate) log: Option<PathBuf>,
}

/// A running server on a database of its own, with an account `acme` and a token that may write.
pub(crate) struct Served {
    pub(crate) program: Program,
    pub(crate) running: Running,
    pub(crate) token: String,
    /// Where its `log` is.
    pub(crate) folder: TempDir,
    pub(crate) client: reqwest::Client,
    pub(crate) database: TestDatabase,
}

impl Program {
    pub(crate) fn new(database_url: &str) -> Self {
        Self {
            database_url: database_url.to_owned(),
            port: free_port(),
            operations_port: free_port(),
            settings: vec![],
        }
    }

    /// The same program with one more environment variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn operations_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.operations_port)
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command().args(arguments).output().expect("the program runs");
        leaks::said(&output.stderr);
        output
    }

    /// Runs a command that must succeed; its standard output, trimmed.
    #[track_caller]
    pub(crate) fn must(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }

    /// Starts the server and waits until it is ready.
    pub(crate) async fn serve(&self, log: &Path) -> Running {
        let file = std::fs::File::create(log).expect("a log file");
        let child = self
            .command()
            .arg("serve")
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .expect("the server starts");
        let running = Running { child, log: Some(log.to_owned()) };
        for _ in 0..400 {
            let ready = reqwest::get(format!("{}/readyz", self.operations_url())).await;
            if ready.is_ok_and(|answer| answer.status().is_success()) {
                return running;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server was not ready within 20 seconds");
    }

    /// The program with its environment, without arguments.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command
            .env("COUNTERSIGN_DATABASE__URL", &self.database_url)
            .env("COUNTERSIGN_SERVER__LISTEN", format!("127.0.0.1:{}", self.port))
            .env("COUNTERSIGN_SERVER__PUBLIC_URL", self.url())
            .env(
                "COUNTERSIGN_SERVER__OPERATIONS_LISTEN",
                format!("127.0.0.1:{}", self.operations_port),
            )
            .envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Served {
    /// Sets one up as its operators would, by the command line.
    pub(crate) async fn start(log_level: &str) -> Self {
        let database = TestDatabase::create().await;
        let program = Program::new(&database.url).with("COUNTERSIGN_LOG__LEVEL", log_level);
        let folder = tempfile::tempdir().expect("a folder");
        program.must(&["migrate", "up"]);
        program.must(&["account", "create", "acme"]);
        let token = program.must(&["token", "create", "--account", "acme"]);
        let running = program.serve(&folder.path().join("log")).await;
        let client = reqwest::Client::builder().timeout(Duration::from_secs(20)).build();
        Self { program, running, token, folder, client: client.expect("a client"), database }
    }

    /// The account's users.
    pub(crate) fn users(&self) -> String {
        format!("{}/accounts/acme/scim/v2/Users", self.program.url())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(log) = &self.log {
            leaks::said_in(log);
        }
    }
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}
