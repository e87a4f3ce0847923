//! What tests log, all in one folder, and beside it what must never stand there: `tests/run.sh` looks for
//! it when the suite is through.
//!
//! The folder is `TEST_LOGS`, or `test-logs` in the target folder; each run begins it anew. Codes of
//! authenticator apps are not looked for: six digits stand by chance in any number of a log.

use std::collections::BTreeSet;
use std::fs::{File, create_dir_all};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign::domain::opaque::{self, Sort, reveal};
use tracing_subscriber::EnvFilter;
use uuid::Uuid;

/// More than anybody sets in production: whatever of it leaks is found.
const LEVEL: &str = "debug,countersign=trace";

/// No password or code of ours is shorter, but those of authenticator apps; words of tests are.
const SHORTEST: usize = 12;

struct Leaks {
    /// What programs said on standard error.
    programs: Mutex<File>,
    secrets: Mutex<(File, BTreeSet<String>)>,
}

/// Has everything logged from now on, by whichever test.
pub(crate) fn watch() {
    leaks();
}

/// Something that must not be logged.
pub(crate) fn secret(text: &str) {
    if text.len() < SHORTEST || text.contains('\n') {
        return;
    }
    let mut secrets = leaks().secrets.lock().expect("no panic while noting");
    let in_form = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    for text in [text.to_owned(), in_form] {
        if secrets.1.insert(text.clone()) {
            writeln!(secrets.0, "{text}").expect("a secret is noted");
        }
    }
}

/// Random bytes in every form that the application gives them.
pub(crate) fn random(bytes: &[u8; 32]) {
    let composed = opaque::compose(Sort::Session, Uuid::nil(), *bytes).0;
    secret(reveal(&composed).get(26..69).expect("the secret's part"));
    secret(&URL_SAFE_NO_PAD.encode(bytes));
    secret(&bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}")));
}

/// The fields of a form that nobody else may know; mail addresses, too.
pub(crate) fn form(fields: &[(&str, &str)]) {
    for (name, value) in fields {
        if ["password", "again", "current", "code", "address", "logout_token", "token", "state"]
            .contains(name)
        {
            secret(value);
        }
    }
}

/// The same of a URL.
pub(crate) fn url(path: &str) {
    let (_, query) = path.split_once('?').unwrap_or_default();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        form(&[(name.as_ref(), value.as_ref())]);
    }
}

/// What a program said on standard error.
pub(crate) fn said(text: &[u8]) {
    let mut programs = leaks().programs.lock().expect("no panic while noting");
    programs.write_all(text).expect("it is noted");
}

/// The same of a server that wrote it to a file.
pub(crate) fn said_in(file: &Path) {
    let text = std::fs::read(file);
    assert!(
        text.is_ok() || std::thread::panicking(),
        "{}: it went before it was read",
        file.display()
    );
    said(&text.unwrap_or_default());
}

fn leaks() -> &'static Leaks {
    static LEAKS: OnceLock<Leaks> = OnceLock::new();
    LEAKS.get_or_init(|| {
        let folder = folder();
        create_dir_all(&folder).expect("a folder for logs");
        let file = |name: &str| File::create(folder.join(name)).expect("a file in it");
        let started = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(LEVEL))
            .with_ansi(false)
            .with_writer(Mutex::new(file("tests.log")))
            .try_init();
        started.expect("nobody else starts a log");
        let secrets = Mutex::new((file("secrets"), BTreeSet::new()));
        Leaks { programs: Mutex::new(file("programs.log")), secrets }
    })
}

fn folder() -> PathBuf {
    std::env::var_os("TEST_LOGS").map_or_else(
        || {
            let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
            tmp.parent().expect("the target folder").join("test-logs")
        },
        PathBuf::from,
    )
}
