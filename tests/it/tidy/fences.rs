//! Words that stay in their layer: the database's, the web framework's, the clock's, and the permit that
//! stands for the system itself.

use std::collections::BTreeMap;

use super::source::{Source, rust_files};
use super::{Breach, hold};

/// Words, and the path prefixes in `src` that alone may say them.
const ONLY_IN: &[(&[&str], &[&str])] = &[
    (&["sea_orm", "sea_orm_migration", "sea_query", "sqlx"], &["src/store"]),
    (&["axum"], &["src/http", "src/boot"]),
    (&["StatusCode"], &["src/http"]),
    // The demo's provider believes whatever it is told, and its seeds ask nobody: for `demo` alone.
    (&["serve_demo"], &["src/http/demo", "src/cli/demo"]),
    (&["seed_for_demo"], &["src/app/bootstrap/demo.rs", "src/cli/demo"]),
    (&["SystemTime", "now_utc"], &["src/boot/clock.rs"]),
    (&["Sqlite", "Postgres"], &["src/store/dialect", "src/store/connect"]),
];

/// Words, and the path prefixes in `src` that may not say them.
const NEVER_IN: &[(&[&str], &[&str])] =
    &[(&["async", "await"], &["src/scim", "src/policy", "src/domain"])];

/// How a statement begins; a string like that is SQL.
const SQL: &[&str] = &["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "];

/// Every use of the permit that no actor's decision made, by file: its definition, imports and signatures
/// included, unit tests not. A new use is a decision someone has to see.
const SYSTEM_PERMITS: &[(&str, usize)] = &[
    ("src/app/accounts/activities/checkpoints.rs", 3), // heads are signed, by a key that is made
    ("src/app/accounts/activities/erasure.rs", 2),     // what is personal is erased
    ("src/app/accounts/activities/sealing.rs", 2),     // the record is sealed
    ("src/app/accounts/support/grants/upkeep.rs", 2),  // support access ends with what it rests on
    ("src/app/bootstrap.rs", 2), // the first approvers are named, and confirm each other
    ("src/app/bootstrap/demo.rs", 2), // the demo's people have rights from the beginning
    ("src/app/change/answers.rs", 2), // answers are kept for whoever asks twice
    ("src/app/policy/denials.rs", 2), // a refusal is recorded
    ("src/app/factors.rs", 2),   // second factors are enrolled, shown, removed
    ("src/app/factors/showing.rs", 2), // tries are counted
    ("src/app/housekeeping.rs", 3), // last uses are noted, what ended is swept
    ("src/app/seals.rs", 3),     // secrets are sealed anew, and that is on record
    ("src/app/sessions.rs", 3),  // sessions are noted and ended
    ("src/app/sign_in.rs", 2),   // a session begins
    ("src/app/sso/link.rs", 2),  // a subject is linked
    ("src/app/sso/login.rs", 3), // sign-ins begin and end
    ("src/app/sso/logout.rs", 2), // a provider ends sessions
    ("src/app/tokens/health.rs", 2), // mails tell of failing provisioning
    ("src/app/keys.rs", 4),      // the first signing key is made, retired ones go
    ("src/app/keys/access_tokens.rs", 2), // one is revoked by its person
    ("src/app/keys/callers.rs", 2), // last uses of product keys are noted
    ("src/app/passwords.rs", 4), // a password is set, hashed anew; tries are counted
    ("src/app/passwords/links.rs", 3), // a link is sent to whoever asked for it, or must choose
    ("src/app/passwords/mails.rs", 2), // a mail is tried
    ("src/app/rights/administrators/watching.rs", 2), // who administers an account is noted and told
    ("src/app/rights/approvals/settling.rs", 2),      // what was signed becomes effective
    ("src/app/rights/catalogue.rs", 2),               // the first catalogue is activated
    ("src/policy.rs", 2),
    ("src/store/activities.rs", 2),
    ("src/store/activities/chain.rs", 2),
    ("src/store/activities/checkpoints.rs", 2),
    ("src/store/activities/personal.rs", 2),
    ("src/store/authn.rs", 2),
    ("src/store/outbox.rs", 2),
    ("src/store/rights/administrators.rs", 2),
    ("src/store/rights/approvals.rs", 2),
    ("src/store/rights/catalogue.rs", 2),
    ("src/store/tokens.rs", 2),
    ("src/store/tokens/health.rs", 2),
    ("src/store/writer.rs", 2),
];

#[test]
fn words_stay_in_their_layer() {
    let breaches = rust_files().iter().flat_map(strays).collect::<Vec<_>>();
    hold("fences", &breaches);
}

#[test]
fn sql_is_written_in_the_store_only() {
    let breaches = rust_files().iter().flat_map(statements).collect::<Vec<_>>();
    hold("sql", &breaches);
}

#[test]
fn each_use_of_the_system_permit_is_listed() {
    hold("system permits", &unlisted_permits(&rust_files(), SYSTEM_PERMITS));
}

fn strays(source: &Source) -> Vec<Breach> {
    if !source.path.starts_with("src/") {
        return Vec::new();
    }
    let under = |places: &[&str]| places.iter().any(|place| source.path.starts_with(place));
    let mut found = Vec::new();
    for token in &source.tokens {
        let says = |words: &[&str]| words.contains(&token.text.as_str());
        let only = ONLY_IN.iter().find(|(words, places)| says(words) && !under(places));
        let never = NEVER_IN.iter().find(|(words, places)| says(words) && under(places));
        if let Some((_, places)) = only {
            let what = format!("`{}` belongs in {places:?}", token.text);
            found.push(Breach::new(&source.path, token.line, what));
        }
        if let Some((_, places)) = never {
            let what = format!("`{}` does not belong in {places:?}", token.text);
            found.push(Breach::new(&source.path, token.line, what));
        }
    }
    found
}

fn statements(source: &Source) -> Vec<Breach> {
    if !source.path.starts_with("src/") || source.path.starts_with("src/store") {
        return Vec::new();
    }
    let is_sql = |text: &str| {
        let text = format!("{} ", text.split_whitespace().take(2).collect::<Vec<_>>().join(" "));
        SQL.iter().any(|start| text.starts_with(start) && text.len() > start.len())
    };
    let found = source.strings.iter().filter(|(_, text)| is_sql(text));
    found.map(|(line, _)| Breach::new(&source.path, *line, "SQL belongs in src/store")).collect()
}

fn unlisted_permits(sources: &[Source], listed: &[(&str, usize)]) -> Vec<Breach> {
    let mut found = BTreeMap::<&str, usize>::new();
    for source in sources {
        let counts = source.path.starts_with("src/") && !source.path.ends_with("tests.rs");
        let uses = source.tokens.iter().filter(|token| counts && token.text == "SystemPermit");
        match uses.count() {
            0 => {}
            count => drop(found.insert(&source.path, count)),
        }
    }
    let listed = listed.iter().copied().collect::<BTreeMap<_, _>>();
    let paths = found.keys().chain(listed.keys()).copied();
    let differs = |path: &&str| found.get(path) != listed.get(path);
    let describe = |path: &str| {
        let [is, should] = [&found, &listed].map(|map| map.get(path).copied().unwrap_or(0));
        Breach::new(
            path,
            0,
            format!("says `SystemPermit` {is} times, SYSTEM_PERMITS says {should}"),
        )
    };
    let mut breaches = paths.filter(differs).map(describe).collect::<Vec<_>>();
    breaches.dedup();
    breaches
}

#[track_caller]
fn check(path: &str, text: &str, count: usize) {
    let source = Source::new(path, text);
    let found = strays(&source).into_iter().chain(statements(&source)).collect::<Vec<_>>();
    assert_eq!(found.len(), count, "{found:?}");
}

#[test]
fn a_word_outside_its_layer_is_found() {
    check("src/app/users.rs", "use sea_orm::Value;", 1);
    check("src/store/users.rs", "use sea_orm::Value; async fn f() {}", 0);
    check("src/app/users.rs", "fn f() -> axum::StatusCode {}", 2);
    check("src/boot/serve.rs", "axum::serve(x).await", 0);
    check("src/domain/users.rs", "fn f() { now_utc() }", 1);
    check("src/boot/clock.rs", "fn f() { now_utc() }", 0);
    check("src/store/users.rs", "DbBackend::Sqlite", 1);
    check("src/store/dialect/x.rs", "DbBackend::Sqlite", 0);
    check("src/scim/filter.rs", "/// never async\nasync fn f() { x.await }", 2);
    check("tests/it/x.rs", "use sea_orm::Value;", 0);
}

#[test]
fn sql_outside_the_store_is_found() {
    check("src/app/users.rs", "f(\"SELECT id FROM users\")", 1);
    check("src/app/users.rs", "f(r#\"\n  WITH a AS (x)\"#)", 1);
    check("src/app/users.rs", "(\"DELETE\", \"UPDATED x\", \"Select one\")", 0);
    check("src/store/users.rs", "f(\"SELECT id FROM users\")", 0);
}

#[test]
fn an_unlisted_or_stale_permit_is_found() {
    let sources = [Source::new("src/a.rs", "use x::SystemPermit; fn f(p: SystemPermit) {}")];
    assert_eq!(unlisted_permits(&sources, &[("src/a.rs", 2)]), []);
    assert_eq!(unlisted_permits(&sources, &[("src/a.rs", 1)]).len(), 1);
    assert_eq!(unlisted_permits(&sources, &[]).len(), 1);
    assert_eq!(unlisted_permits(&sources, &[("src/a.rs", 2), ("src/b.rs", 1)]).len(), 1);
}
