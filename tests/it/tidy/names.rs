//! Names that say nothing, and attributes and macros that switch a rule or a test off.

use super::source::{Source, rust_files};
use super::{Breach, hold};

/// Words that tell a reader nothing as the name, or the last word of the name, of a module or a type.
const EMPTY: &[&str] = &[
    "auth",
    "base",
    "common",
    "data",
    "handler",
    "helper",
    "helpers",
    "info",
    "manager",
    "misc",
    "processor",
    "service",
    "util",
    "utils",
];

/// The same, but only as a whole name: the protocol itself speaks of resource types.
const EMPTY_ALONE: &[&str] = &["types"];

#[test]
fn names_of_modules_and_types_say_something() {
    hold("names", &rust_files().iter().flat_map(empty_names).collect::<Vec<_>>());
}

#[test]
fn no_test_is_switched_off_and_no_lint_is_silenced() {
    hold("switches", &rust_files().iter().flat_map(switches).collect::<Vec<_>>());
}

fn empty_names(source: &Source) -> Vec<Breach> {
    let stem = source.path.rsplit('/').next().and_then(|file| file.strip_suffix(".rs"));
    let mut found = Vec::new();
    if stem.is_some_and(says_nothing) {
        found.push(Breach::new(&source.path, 0, "is a name that says nothing"));
    }
    for (at, token) in source.tokens.iter().enumerate() {
        let names = ["mod", "struct", "enum", "trait", "union", "type"];
        let name = source.token(at, 1);
        if names.contains(&token.text.as_str()) && says_nothing(name) {
            let what = format!("`{} {name}` is a name that says nothing", token.text);
            found.push(Breach::new(&source.path, token.line, what));
        }
    }
    found
}

fn says_nothing(name: &str) -> bool {
    let mut snake = String::new();
    for next in name.chars() {
        if next.is_uppercase() {
            snake.push('_');
        }
        snake.extend(next.to_lowercase());
    }
    let snake = snake.trim_start_matches('_');
    let last = snake.rsplit('_').next().unwrap_or_default();
    EMPTY.contains(&last) || EMPTY_ALONE.contains(&snake)
}

fn switches(source: &Source) -> Vec<Breach> {
    let mut found = Vec::new();
    for (at, token) in source.tokens.iter().enumerate() {
        let is_macro = ["todo", "unimplemented"].contains(&token.text.as_str());
        if is_macro && source.token(at, 1) == "!" {
            let what = format!("`{}!` is left in", token.text);
            found.push(Breach::new(&source.path, token.line, what));
        }
        if token.text == "#" {
            found.extend(switch(source, at));
        }
    }
    found
}

/// What the attribute that starts at the `#` at `at` switches off, if it is one and does.
fn switch(source: &Source, at: usize) -> Option<Breach> {
    let open = if source.token(at, 1) == "!" { at + 2 } else { at + 1 };
    if source.token(open, 0) != "[" {
        return None;
    }
    let mut depth = 0_usize;
    for (at, token) in source.tokens.iter().enumerate().skip(open) {
        let say = |what: &str| Some(Breach::new(&source.path, token.line, what));
        match token.text.as_str() {
            "[" => depth += 1,
            "]" if depth == 1 => return None,
            "]" => depth -= 1,
            "ignore" => return say("a test that is ignored proves nothing"),
            "should_panic" => return say("assert on the result instead of `should_panic`"),
            "allow" if source.token(at, 1) == "(" => {
                return say("use `#[expect(lint, reason = …)]`, which complains when it is stale");
            }
            _ => {}
        }
    }
    None
}

#[track_caller]
fn check(text: &str, count: usize) {
    let source = Source::new("src/x.rs", text);
    let found = switches(&source).into_iter().chain(empty_names(&source)).collect::<Vec<_>>();
    assert_eq!(found.len(), count, "{found:?}");
}

#[test]
fn a_name_that_says_nothing_is_found() {
    check("struct UserManager;\nenum Info {}\ntrait Service {}\nmod utils;\nmod types;", 5);
    check("struct ServiceProviderConfig;\nenum ResourceTypes {}\nstruct Database;", 0);
    let file = |path| empty_names(&Source::new(path, "")).len();
    let files =
        ["src/http/helpers.rs", "tests/it/common.rs", "src/authn.rs", "src/resource_types.rs"];
    assert_eq!(files.map(file), [1, 1, 0, 0]);
}

#[test]
fn what_switches_a_rule_or_a_test_off_is_found() {
    check("#[test]\n#[ignore]\nfn f() {}", 1);
    check("#[should_panic(expected = \"x\")]\nfn f() {}", 1);
    check("#![allow(dead_code)]", 1);
    check("#[cfg_attr(test, allow(unused))]\nfn f() { todo!() }", 2);
    check("#[expect(dead_code, reason = \"allow(x)\")]\nfn allow(a: [u8; 1]) { allow(a) }", 0);
}
