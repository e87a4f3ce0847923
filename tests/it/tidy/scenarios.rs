//! The scenarios that must be blocked (POLICY.md §4): each has a test that names it, in its own name or in the
//! line of documentation above it, and doors that do not exist are not there.
//!
//! `cargo test --test it scenarios -- --nocapture` prints the table.

use std::collections::BTreeMap;

use clap::CommandFactory as _;
use countersign::cli::Cli;
use countersign::policy::Rules;

use super::source::{read, rust_files};

/// How many there are.
const SCENARIOS: usize = 70;

/// Where all routes stand.
const ROUTES: [&str; 5] = [
    "src/http.rs",
    "src/http/api.rs",
    "src/http/scim.rs",
    "src/http/login.rs",
    "src/http/access.rs",
];

/// A test, and the scenarios that it names.
#[derive(Debug, PartialEq)]
struct Named {
    test: String,
    scenarios: Vec<usize>,
}

#[test]
#[expect(clippy::print_stdout, reason = "the table is for people to read")]
fn each_scenario_that_must_be_blocked_has_a_test_that_names_it() {
    let mut table: BTreeMap<usize, Vec<String>> =
        (1..=SCENARIOS).map(|it| (it, Vec::new())).collect();
    for source in rust_files() {
        for named in named(&source.text) {
            for scenario in named.scenarios {
                let place = source.path.trim_end_matches(".rs").replace('/', "::");
                let row = table.get_mut(&scenario);
                let row = row.unwrap_or_else(|| panic!("M{scenario:02} is none: {place}"));
                row.push(format!("{place}::{}", named.test));
            }
        }
    }
    println!("\nWhat must be blocked, and the tests that try it:");
    for (scenario, tests) in &table {
        println!("M{scenario:02}  {}", tests.join("\n     "));
    }
    let untried = table.iter().filter(|(_, tests)| tests.is_empty());
    let untried: Vec<String> = untried.map(|(scenario, _)| format!("M{scenario:02}")).collect();
    assert!(untried.is_empty(), "no test names {}", untried.join(", "));
}

/// The tests in a file, each with the scenarios that its documentation and name speak of.
fn named(text: &str) -> Vec<Named> {
    let (mut found, mut told, mut is_test) = (Vec::new(), Vec::new(), false);
    for line in text.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("///") {
            told.extend(scenarios(words, 'M'));
        } else if line.starts_with("#[") {
            is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        } else {
            if is_test && let Some((_, rest)) = line.split_once("fn ") {
                let test = rest.split('(').next().unwrap_or_default().to_owned();
                told.extend(scenarios(&test, 'm'));
                told.sort_unstable();
                told.dedup();
                found.push(Named { test, scenarios: told.clone() });
            }
            told.clear();
            is_test = false;
        }
    }
    found
}

/// Words of a letter and two digits.
fn scenarios(text: &str, letter: char) -> impl Iterator<Item = usize> {
    let words = text.split(|it: char| !it.is_ascii_alphanumeric());
    words.filter_map(move |word| {
        word.strip_prefix(letter).filter(|digits| digits.len() == 2)?.parse().ok()
    })
}

#[test]
fn a_scenario_is_named_by_a_test_and_by_nothing_else() {
    let text = "/// M01: no.\n#[tokio::test]\nasync fn m07_m08_no() {\n    // M02\n}\n\n/// M03\nfn other() {}\n";
    let wanted = Named { test: "m07_m08_no".to_owned(), scenarios: vec![1, 7, 8] };
    assert_eq!(named(text), [wanted]);
}

/// Everything that the server can be asked, as words in lower case: routes, commands of the command line, and
/// what the policy knows as actions, of which every command of the server is one.
fn doors() -> Vec<String> {
    fn walk(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        for sub in command.get_subcommands() {
            let path = format!("{path} {}", sub.get_name());
            found.push(path.clone());
            walk(sub, &path, found);
        }
    }
    let routes = ROUTES.iter().flat_map(|path| {
        let text = read(path);
        let parts = text.split(".route(").skip(1).map(str::to_owned).collect::<Vec<_>>();
        parts.into_iter().filter_map(|part| part.split('"').nth(1).map(str::to_owned))
    });
    let mut found: Vec<String> = routes.collect();
    assert!(found.len() > 60, "{found:?}");
    walk(&Cli::command(), "countersign", &mut found);
    found.extend(Rules::core().expect("rules").actions().map(|(name, _)| name.to_owned()));
    found.into_iter().map(|door| door.to_lowercase()).collect()
}

#[track_caller]
fn absent(words: &[&str]) {
    for door in doors() {
        for word in words {
            assert!(!door.contains(word), "`{door}` is a door now: try the scenario through it");
        }
    }
}

/// M09: nobody merges persons; who was made two is told apart by unlinking, at the command line.
#[test]
fn m09_no_door_merges_persons() {
    absent(&["merge", "join", "/persons", "identities"]);
}

/// M14: nobody acts as somebody else.
#[test]
fn m14_no_door_lets_somebody_act_as_another() {
    absent(&["impersonat", "act-as", "actas", "sudo", "on-behalf", "assume", "masquerad"]);
}

/// M49: no door that changes people or rights goes past the one that decides: none of these is there, and
/// `fences` holds all writing to one module.
#[test]
fn m49_there_are_no_side_doors_to_rights() {
    absent(&["import", "graphql", "replay", "/jobs", "invitations/", "admin/"]);
}

/// M50: nobody is made by signing in.
#[test]
fn m50_no_sign_in_makes_a_user() {
    absent(&["jit", "register", "signup", "sign-up"]);
}

/// S14: there are no shares yet whose links could outlive anything.
#[test]
fn no_share_outlives_an_access() {
    absent(&["share", "personal-access"]);
}
