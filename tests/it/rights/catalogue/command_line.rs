//! `countersign catalogue`, as operators use it.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use tempfile::TempDir;

use super::{LESS, READER, edited};
use crate::world::database::TestDatabase;
use crate::world::server::Program;

/// A program on a database of its own, and a folder for catalogues.
struct Operator {
    program: Program,
    folder: TempDir,
    _database: TestDatabase,
}

impl Operator {
    async fn new() -> Self {
        let database = TestDatabase::create().await;
        let program = Program::new(&database.url);
        program.must(&["migrate", "up"]);
        let folder = tempfile::tempdir().expect("a folder");
        Self { program, folder, _database: database }
    }

    /// A file with that text.
    fn file(&self, text: &str) -> String {
        let file: PathBuf = self.folder.path().join("catalogue.toml");
        fs::write(&file, text).expect("a file");
        file.to_str().expect("a path").to_owned()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.program.run(&[&["catalogue"], arguments].concat())
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn s13_catalogue_check_says_file_line_fault_and_remedy() {
    let operator = Operator::new().await;
    let good = operator.run(&["check"]);
    assert!(good.status.success());
    assert_eq!(text(&good.stdout).trim(), "in order: 21 rights, 10 bundles, 7 roles");
    let wrong = edited(&[
        ("label = { en = \"Sending\", fr = \"Envoi\" }", "label = { en = \"Sending\" }"),
        ("permission = \"sending\"", "permission = \"sendin\""),
    ]);
    let file = operator.file(&wrong);
    let bad = operator.run(&["check", &file]);
    assert_eq!(bad.status.code(), Some(1));
    let line = |words: &str| wrong.lines().position(|line| line.contains(words)).expect("it") + 1;
    let told = text(&bad.stdout);
    let told: Vec<&str> = told.lines().collect();
    let first = line("{ en = \"Sending\" }");
    assert_eq!(
        told,
        [
            format!(
                "{file}:{first}: `label` of permission `sending` has no French text; add `fr = \"…\"`"
            ),
            format!(
                "{file}:{}: right `campaigns.send` names a permission `sendin` that there is not; \
                 correct the key, or add the permission under `[[permissions]]`",
                line("\"sendin\"")
            ),
        ]
    );
    let missing = operator.run(&["check", "nowhere.toml"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stderr).contains("`nowhere.toml` cannot be read"));
    // What is configured is checked before anything starts.
    let program = operator.program.clone().with("COUNTERSIGN_CATALOGUE__FILE", &file);
    let refused = program.run(&["doctor"]);
    let told = text(&refused.stderr);
    assert!(!refused.status.success() && told.contains(&format!("{file}:{first}: ")), "{told}");
}

#[tokio::test]
async fn s13_another_catalogue_is_compared_activated_and_shown() {
    let operator = Operator::new().await;
    operator.program.must(&["account", "create", "vendor", "--operator"]);
    let same = operator.run(&["diff"]);
    assert!(same.status.success() && text(&same.stdout).is_empty(), "{}", text(&same.stdout));
    assert!(text(&same.stderr).contains("They say the same."), "{}", text(&same.stderr));

    let file = operator.file(&edited(&[(READER, LESS)]));
    let expected = "- right `campaigns.read` from bundle `reader`\n\
                    - right `documents.read` from bundle `reader`\n\
                    + right `connectors.manage` to bundle `reader`\n";
    let diff = operator.run(&["diff", &file]);
    assert_eq!(text(&diff.stdout), expected);
    assert!(text(&diff.stderr).contains("Nobody loses a right"), "{}", text(&diff.stderr));
    let shown = operator.run(&["activate", &file]);
    assert_eq!((shown.status.code(), text(&shown.stdout).as_str()), (Some(1), expected));
    assert!(text(&shown.stderr).contains("add `--yes`"), "{}", text(&shown.stderr));
    let done = operator.run(&["activate", &file, "--yes"]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let nothing = operator.run(&["activate", &file, "--yes"]);
    assert!(nothing.status.success());
    assert!(text(&nothing.stderr).contains("nothing to activate"), "{}", text(&nothing.stderr));

    let active = operator.run(&["show", "--toml"]);
    assert_eq!(text(&active.stdout).trim_end(), edited(&[(READER, LESS)]).trim_end());
    let shown = operator.run(&["show"]);
    assert!(text(&shown.stderr).contains("Release 2, active since 2"), "{}", text(&shown.stderr));
    let told = text(&shown.stdout);
    assert!(told.contains("connectors.manage, dashboards.read, responses.read"), "{told}");
    // S5: each right with label and description, in both languages.
    for (arguments, label, description) in [
        (vec!["show"], "Read responses", "Read what customers answered."),
        (vec!["show", "--french"], "Lire les réponses", "Lire ce que les clients ont répondu."),
    ] {
        let told = text(&operator.run(&arguments).stdout);
        let line = told.lines().find(|line| line.starts_with("responses.read")).expect("its line");
        assert!(line.contains(label) && line.contains(description), "{line}");
        assert!(line.contains("recipients too"), "{line}");
    }
}

/// DECISIONS.md 18.
#[tokio::test]
async fn s13_what_takes_two_people_is_marked_and_refused_at_the_command_line() {
    let operator = Operator::new().await;
    operator.program.must(&["account", "create", "vendor", "--operator"]);
    let more = r#"rights = ["dashboards.read", "responses.read", "sso.configure"]"#;
    let file = operator.file(&edited(&[(READER, more)]));
    let refused = operator.run(&["activate", &file, "--yes"]);
    assert_eq!(refused.status.code(), Some(1));
    let told = text(&refused.stdout);
    let marked = "+ right `sso.configure` to bundle `reader`  (takes two people)";
    assert!(told.lines().any(|line| line == marked), "{told}");
    assert_eq!(told.matches("(takes two people)").count(), 1, "{told}");
    assert!(text(&refused.stderr).contains("takes two people"), "{}", text(&refused.stderr));
    let active = operator.run(&["show", "--toml"]);
    assert!(text(&active.stdout).contains(READER));
}

#[tokio::test]
async fn s13_a_server_that_is_configured_otherwise_starts_and_says_what_to_do() {
    let operator = Operator::new().await;
    let log = operator.folder.path().join("log");
    drop(operator.program.serve(&log).await);
    let told = fs::read_to_string(&log).expect("a log");
    assert!(!told.contains("catalogue.another_is_active"), "{told}");
    let file = operator.file(&edited(&[(READER, LESS)]));
    let program = operator.program.clone().with("COUNTERSIGN_CATALOGUE__FILE", &file);
    drop(program.serve(&log).await);
    let told = fs::read_to_string(&log).expect("a log");
    let warning = told.lines().find(|line| line.contains("catalogue.another_is_active"));
    let warning = warning.unwrap_or_else(|| panic!("{told}"));
    for word in ["WARN", "countersign catalogue diff", "countersign catalogue activate"] {
        assert!(warning.contains(word), "{warning}");
    }
    let shown = program.must(&["config", "check"]);
    assert!(shown.contains(&format!("catalogue.file = {file}")), "{shown}");
}
