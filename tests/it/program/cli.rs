//! The command line, in words that a newcomer can work from: help, settings, refusals with remedies.

use std::fs;

use clap::CommandFactory as _;
use countersign::cli::Cli;

use crate::world::database::TestDatabase;
use crate::world::server::Program;

#[test]
fn every_command_says_what_it_does() {
    let program = Program::new("sqlite::memory:");
    check_help(&program, &Cli::command(), &mut vec![]);
}

fn check_help(program: &Program, command: &clap::Command, path: &mut Vec<String>) {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    assert!(about.len() > 10, "`{}` does not say what it does", path.join(" "));
    for argument in command.get_arguments() {
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.len() > 5, "`{}`: {} is not explained", path.join(" "), argument.get_id());
    }
    let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
    arguments.push("--help");
    let printed = program.must(&arguments);
    let first_words: Vec<&str> = about.split_whitespace().take(3).collect();
    assert!(printed.contains(&first_words.join(" ")), "{printed}");
    for sub in command.get_subcommands() {
        path.push(sub.get_name().to_owned());
        check_help(program, sub, path);
        path.pop();
    }
}

#[tokio::test]
async fn an_account_is_set_up_from_nothing() {
    let database = TestDatabase::create().await;
    let program = Program::new(&database.url);
    let early = program.run(&["doctor"]);
    assert!(!early.status.success());
    assert!(
        text(&early.stderr).contains("run `countersign migrate up`"),
        "{}",
        text(&early.stderr)
    );
    assert!(program.must(&["migrate", "status"]).ends_with("missing"));
    assert_eq!(program.must(&["migrate", "up"]), "the schema is current");
    assert_eq!(program.must(&["migrate", "status"]), "the schema is current");
    assert_eq!(program.must(&["doctor"]), "all is well");

    let nobody = program.run(&["token", "create", "--account", "acme"]);
    assert!(text(&nobody.stderr).contains("countersign account create acme"));
    program.must(&["account", "create", "acme", "--name", "Acme Corporation"]);
    assert!(program.must(&["account", "list"]).contains("Acme Corporation"));
    let again = program.run(&["account", "create", "acme"]);
    assert!(text(&again.stderr).contains("there is an account `acme` already"));
    let misspelt = program.run(&["account", "create", "Acme Corp"]);
    assert!(text(&misspelt.stderr).contains("Acme Corp"), "{}", text(&misspelt.stderr));

    // The token stands alone on standard output, and nowhere else.
    let created = program.run(&["token", "create", "--account", "acme", "--days", "7"]);
    let token = text(&created.stdout).trim().to_owned();
    let secret = token.strip_prefix("csn_").and_then(|rest| rest.get(22..)).expect("a token");
    assert_eq!(token.len(), 75);
    let explained = text(&created.stderr);
    assert!(explained.contains("/accounts/acme/scim/v2") && !explained.contains(secret));
    let list = program.must(&["token", "list", "--account", "acme"]);
    assert!(list.contains("live") && !list.contains(secret), "{list}");
    let id = list.lines().nth(1).and_then(|line| line.split(' ').next()).expect("its id");
    program.must(&["token", "revoke", "--account", "acme", id]);
    for (id, why) in [(id, "no live token"), ("nonsense", "see `countersign token list`")] {
        let refused = program.run(&["token", "revoke", "--account", "acme", id]);
        assert!(!refused.status.success());
        assert!(text(&refused.stderr).contains(why), "{}", text(&refused.stderr));
    }
}

#[tokio::test]
async fn a_database_that_does_not_hold_every_text_is_named_with_a_remedy() {
    let Some(database) = TestDatabase::without_encoding().await else { return };
    let program = Program::new(&database.url);
    program.must(&["migrate", "up"]);
    let refused = program.run(&["doctor"]);
    assert!(!refused.status.success());
    let told = text(&refused.stderr);
    assert!(told.contains("`SQL_ASCII`") && told.contains("ENCODING 'UTF8'"), "{told}");
    assert!(!told.contains("  "), "{told}");
}

/// POLICY.md 3.9: without a database, since the rules come with the program.
#[test]
fn the_rules_are_listed_tried_and_explained() {
    let program = Program::new("sqlite://nowhere/nothing.db");
    let version = countersign::policy::version();
    let list = program.run(&["policy", "show"]);
    assert!(text(&list.stdout).contains("no-self-assignment"), "{}", text(&list.stdout));
    assert!(text(&list.stderr).contains(version), "{}", text(&list.stderr));
    assert!(program.must(&["policy", "show", "--french"]).contains("personne ne se donne"));
    let texts = program.must(&["policy", "show", "--text"]);
    assert!(texts.contains("// src/policy/core/rights.cedar:"), "{texts}");
    assert!(program.must(&["policy", "test"]).contains("cases are answered as they should be"));
    let rule = program.must(&["policy", "explain", "administrators-only"]);
    for said in ["missing   users.administer", "il faut le droit", "AC-6", "forbid ("] {
        assert!(rule.contains(said), "{said}: {rule}");
    }
    let unknown = program.run(&["policy", "explain", "nonsense"]);
    assert!(!unknown.status.success());
    assert!(text(&unknown.stderr).contains("`countersign policy show` lists them"));
}

#[test]
fn a_wrong_setting_is_named_with_its_value_and_a_remedy() {
    let program = Program::new("mysql://root:hunter2@localhost/db")
        .with("COUNTERSIGN_SERVER__PUBLIC_URL", "scim.example.com/")
        .with("COUNTERSIGN_SERVER__LISTEN", "everywhere")
        .with("COUNTERSIGN_DATABASE__CONNECTIONS", "0")
        .with("COUNTERSIGN_SCIM__MAX_PAGE", "99999")
        .with("COUNTERSIGN_LOG__FORMAT", "xml");
    let refused = program.run(&["config", "check"]);
    assert!(!refused.status.success());
    let told = text(&refused.stderr);
    // All at once: key, value, remedy.
    for (key, value, remedy) in [
        ("server.public_url", "`scim.example.com/`", "https://scim.example.com"),
        ("server.listen", "`everywhere`", "127.0.0.1:8080"),
        ("database.url", "`mysql`", "postgres://USER:PASSWORD@HOST/NAME"),
        ("database.connections", "`0`", "from 2 to 200"),
        ("scim.max_page", "`99999`", "from 1 to 10000"),
        ("log.format", "`xml`", "`auto`, `human` or `json`"),
    ] {
        let line = told.lines().find(|line| line.contains(key)).unwrap_or_default();
        assert!(line.contains(value) && line.contains(remedy), "{key}: {told}");
    }
    assert!(!told.contains("hunter2"), "{told}");
}

#[test]
fn an_unknown_setting_is_refused() {
    for (name, key) in [
        ("COUNTERSIGN_SERVER__LISTENN", "listenn"),
        ("COUNTERSIGN_SERVR__LISTEN", "servr"),
        ("COUNTERSIGN_LOG__COLOUR", "colour"),
    ] {
        let program = Program::new("sqlite://unused.db").with(name, "x");
        let refused = program.run(&["config", "check"]);
        assert!(!refused.status.success(), "{name}");
        let told = text(&refused.stderr);
        assert!(told.contains(key) && told.contains("remedy"), "{name}: {told}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("countersign.toml");
    fs::write(&file, "[server]\nlissten = \"127.0.0.1:1\"\n").expect("a file");
    let program = Program::new("sqlite://unused.db");
    let refused = program.run(&["--config", file.to_str().expect("a path"), "config", "check"]);
    assert!(!refused.status.success());
    assert!(text(&refused.stderr).contains("lissten"), "{}", text(&refused.stderr));
}

#[test]
fn settings_come_from_the_file_and_the_environment_over_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("countersign.toml");
    let settings = "[server]\nlisten = \"127.0.0.1:1\"\n[scim]\nmax_page = 77\ndefault_page = 7\n";
    fs::write(&file, settings).expect("a file");
    let program = Program::new("postgres://app:hunter2@db.example.com/countersign")
        .with("COUNTERSIGN_SERVER__LISTEN", "127.0.0.1:2")
        .with("COUNTERSIGN_CONFIG", file.to_str().expect("a path"));
    let shown = program.must(&["config", "check"]);
    for line in ["server.listen = 127.0.0.1:2", "scim.max_page = 77", "scim.default_page = 7"] {
        assert!(shown.lines().any(|l| l == line), "{line}: {shown}");
    }
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[tokio::test]
async fn the_database_url_may_stand_in_a_file_of_its_own() {
    let database = TestDatabase::create().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("url");
    fs::write(&file, format!("{}\n", database.url)).expect("a file");
    let path = file.to_str().expect("a path");
    let program =
        Program::new("sqlite:///nowhere/at/all.db").with("COUNTERSIGN_DATABASE__URL_FILE", path);
    assert_eq!(program.must(&["migrate", "up"]), "the schema is current");
    fs::remove_file(&file).expect("it goes");
    let refused = program.run(&["migrate", "up"]);
    let told = text(&refused.stderr);
    assert!(!refused.status.success());
    assert!(told.contains("database.url_file") && told.contains(path), "{told}");
    assert!(told.contains("remedy"), "{told}");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
