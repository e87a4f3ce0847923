//! Where mails of tests go: a folder, read as a mail program would; or a real SMTP server.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use base64::Engine as _;
use countersign::app::App;
use countersign::config::mail::{Mail, Security, Transport};
use countersign::mail::Mailer;
use countersign::worker;
use serde_json::Value;
use tempfile::TempDir;

/// A folder that mails are written to.
pub(crate) struct Folder {
    folder: TempDir,
    pub(crate) mailer: Mailer,
}

/// A mail that was read.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) to: String,
    pub(crate) text: String,
}

/// A real SMTP server, as `tests/smtpd.py` describes it.
pub(crate) struct Smtpd {
    child: Child,
    _input: Option<ChildStdin>,
    lines: Receiver<String>,
    pub(crate) mailer: Mailer,
}

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Mail {
            transport: Transport::Folder,
            folder: folder.path().to_owned(),
            ..Mail::default()
        };
        Self { mailer: Mailer::new(&config).expect("a way"), folder }
    }

    /// Sends what is due, and takes out what came, by the order of being put into the outbox.
    pub(crate) async fn collect(&self, app: &App) -> Vec<Letter> {
        while worker::mail::send_due(app, &self.mailer).await.expect("the mails") > 0 {}
        let files = std::fs::read_dir(self.folder.path()).expect("the folder");
        let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
        files.sort();
        let read = |file: &PathBuf| {
            let text = std::fs::read_to_string(file).expect("a mail");
            std::fs::remove_file(file).expect("it goes");
            Letter::read(&text)
        };
        files.iter().map(read).collect()
    }

    /// The secret of the link in the only mail that came.
    pub(crate) async fn link(&self, app: &App) -> String {
        let letters = self.collect(app).await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        letters[0].link().expect("a link")
    }
}

impl Letter {
    fn read(text: &str) -> Self {
        let to = text.lines().find_map(|line| line.strip_prefix("To: ")).expect("a recipient");
        let plain = text.split("text/plain").nth(1).expect("a text");
        let (head, body) = plain.split_once("\r\n\r\n").expect("a body");
        let body = body.split("\r\n--").next().unwrap_or_default();
        let text = if head.contains("base64") {
            let bare: String = body.split_whitespace().collect();
            let bytes = base64::engine::general_purpose::STANDARD.decode(bare).expect("base64");
            String::from_utf8(bytes).expect("text")
        } else if head.contains("quoted-printable") {
            unquoted(body)
        } else {
            body.to_owned()
        };
        Self { to: to.to_owned(), text }
    }

    /// The secret of the link in it.
    pub(crate) fn link(&self) -> Option<String> {
        let (_, rest) = self.text.split_once("/link/")?;
        rest.split_whitespace().next().map(str::to_owned)
    }
}

/// Quoted-printable (RFC 2045 §6.7).
fn unquoted(body: &str) -> String {
    let body = body.replace("=\r\n", "");
    let mut bytes = vec![];
    let mut rest = body.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'=' {
            let digits = std::str::from_utf8(&after[..2]).expect("digits");
            bytes.push(u8::from_str_radix(digits, 16).expect("a byte"));
            rest = &after[2..];
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).expect("text")
}

impl Smtpd {
    pub(crate) fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/smtpd.py");
        let python = python();
        let mut child = Command::new(&python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; {REMEDY}", python.display()));
        let (sender, lines) = channel();
        let output = BufReader::new(child.stdout.take().expect("its output"));
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let port = lines.recv_timeout(Duration::from_secs(30));
        let port =
            port.unwrap_or_else(|_| panic!("{} has no aiosmtpd; {REMEDY}", python.display()));
        let config = Mail {
            transport: Transport::Smtp,
            host: "127.0.0.1".to_owned(),
            port: port.parse().expect("a port"),
            security: Security::None,
            from: "Countersign <no-reply@cs.example>".to_owned(),
            ..Mail::default()
        };
        let input = child.stdin.take();
        Self { child, _input: input, lines, mailer: Mailer::new(&config).expect("a way") }
    }

    /// The next mail that it took.
    #[track_caller]
    pub(crate) fn next(&self) -> Value {
        let line = self.lines.recv_timeout(Duration::from_secs(20)).expect("a mail");
        serde_json::from_str(&line).expect("JSON")
    }

    /// Asserts that it took no more.
    #[track_caller]
    pub(crate) fn expect_nothing(&self) {
        let more = self.lines.recv_timeout(Duration::from_millis(300));
        assert!(more.is_err(), "{more:?}");
    }
}

impl Drop for Smtpd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const REMEDY: &str = "remedy: `tests/run.sh` installs it, once is enough; or name a Python that has \
                      aiosmtpd in TEST_PYTHON";

/// The Python of the test environment that `tests/run.sh` makes.
fn python() -> PathBuf {
    let named = std::env::var_os("TEST_PYTHON").map(PathBuf::from);
    named.unwrap_or_else(|| {
        let tmp = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        tmp.parent().expect("the target folder").join("venv/bin/python")
    })
}
