//! How much fits where: lines in a file, lines and parameters in a function, entries in a folder.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Source, project_files, rust_files};
use super::{Breach, hold};

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 70;
const PARAMETERS: usize = 5;
const FOLDER_ENTRIES: usize = 20;

/// Folders that hold one file per table or per change of the schema, however many there are.
const ROOMY_FOLDERS: &[&str] = &["migration/src", "src/store/entity"];

#[test]
fn every_file_opens_by_saying_why_it_exists() {
    let is_silent = |source: &&Source| !source.text.starts_with("//!");
    let describe = |source: &Source| Breach::new(&source.path, 1, "does not open with `//!`");
    let sources = rust_files();
    hold("headers", &sources.iter().filter(is_silent).map(describe).collect::<Vec<_>>());
}

#[test]
fn files_and_functions_keep_to_their_size() {
    hold("sizes", &rust_files().iter().flat_map(oversizes).collect::<Vec<_>>());
}

#[test]
fn folders_keep_to_their_size() {
    hold("folders", &crowds(&project_files()));
}

#[test]
fn no_file_is_called_mod_rs() {
    let files = project_files();
    let old = files.iter().filter(|path| path.ends_with("/mod.rs"));
    let describe = |path: &String| Breach::new(path, 0, "write `foo.rs` beside `foo/`");
    hold("mod.rs", &old.map(describe).collect::<Vec<_>>());
}

fn oversizes(source: &Source) -> Vec<Breach> {
    let mut found = Vec::new();
    let lines = source.text.lines().count();
    if lines > FILE_LINES {
        let what = format!("has {lines} lines, {FILE_LINES} is the limit: split it by stem");
        found.push(Breach::new(&source.path, 0, what));
    }
    for Function { name, line, parameters, lines } in functions(source) {
        if lines > FUNCTION_LINES {
            let what = format!("`{name}` has {lines} lines, {FUNCTION_LINES} is the limit");
            found.push(Breach::new(&source.path, line, what));
        }
        if parameters > PARAMETERS {
            let what = format!("`{name}` takes {parameters} parameters, {PARAMETERS} is the limit");
            found.push(Breach::new(&source.path, line, what));
        }
    }
    found
}

struct Function {
    name: String,
    line: usize,
    parameters: usize,
    /// Lines of code between the braces, as clippy counts them: without blank lines and comments.
    lines: usize,
}

fn functions(source: &Source) -> Vec<Function> {
    let names = source.tokens.iter().enumerate().filter(|(at, token)| {
        token.text == "fn"
            && source.token(*at, 1).starts_with(|c: char| c.is_alphabetic() || c == '_')
    });
    names.map(|(at, _)| function(source, at + 1)).collect()
}

/// The function whose name is the token at `at`.
fn function(source: &Source, at: usize) -> Function {
    let line_of = |at: usize| source.tokens.get(at).map_or(0, |token| token.line);
    let is_generic = source.token(at, 1) == "<";
    let open = if is_generic { closing(source, at + 1) + 1 } else { at + 1 };
    let close = closing(source, open);
    let body = body(source, close + 1);
    let lines = body.map_or(0, |body| {
        let (first, last) = (line_of(body), line_of(closing(source, body)));
        let inside = source.code.lines().take(last.saturating_sub(1)).skip(first);
        inside.filter(|line| !line.trim().is_empty()).count()
    });
    Function {
        name: source.token(at, 0).to_owned(),
        line: line_of(at),
        parameters: parameters(source, open, close),
        lines,
    }
}

/// The token that closes the bracket at `open`, or the last one.
fn closing(source: &Source, open: usize) -> usize {
    let is_angle = source.token(open, 0) == "<";
    let mut depth = 0_usize;
    for (at, token) in source.tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            "<" if is_angle => depth += 1,
            ">" if is_angle => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    source.tokens.len()
}

/// The brace that opens the body, looked for from the end of the parameters; a declaration has none.
fn body(source: &Source, start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in source.tokens.iter().enumerate().skip(start) {
        match token.text.as_str() {
            "(" | "[" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "{" if depth == 0 => return Some(at),
            ";" if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// How many parameters stand between the parentheses at `open` and `close`, `self` included.
fn parameters(source: &Source, open: usize, close: usize) -> usize {
    let (mut depth, mut count, mut is_started) = (0_usize, 0, false);
    for token in source.tokens.iter().take(close).skip(open + 1) {
        match token.text.as_str() {
            "(" | "[" | "{" | "<" => depth += 1,
            ")" | "]" | "}" | ">" => depth = depth.saturating_sub(1),
            "," if depth == 0 => {
                is_started = false;
                continue;
            }
            _ => {}
        }
        if !is_started {
            count += 1;
            is_started = true;
        }
    }
    count
}

fn crowds(files: &[String]) -> Vec<Breach> {
    let mut folders = BTreeMap::<String, BTreeSet<&str>>::new();
    for path in files {
        let mut folder = String::new();
        for part in path.split('/') {
            // `foo.rs` and `foo/` are one module, and count as one entry.
            let stem = part.strip_suffix(".rs").unwrap_or(part);
            folders.entry(folder.clone()).or_default().insert(stem);
            folder = if folder.is_empty() { part.to_owned() } else { format!("{folder}/{part}") };
        }
    }
    let is_crowded = |(folder, entries): &(&String, &BTreeSet<&str>)| {
        entries.len() > FOLDER_ENTRIES && !ROOMY_FOLDERS.contains(&folder.as_str())
    };
    let describe = |(folder, entries): (&String, &BTreeSet<&str>)| {
        let what = format!("has {} entries, {FOLDER_ENTRIES} is the limit", entries.len());
        Breach::new(folder, 0, what)
    };
    folders.iter().filter(is_crowded).map(describe).collect()
}

#[track_caller]
fn check(text: &str, parameters: usize, lines: usize) {
    let found = functions(&Source::new("src/x.rs", text));
    let found = found.iter().map(|found| (found.parameters, found.lines)).collect::<Vec<_>>();
    assert_eq!(found, [(parameters, lines)]);
}

#[test]
fn parameters_and_lines_are_counted() {
    check("fn f() {}", 0, 0);
    check("fn f(&self, a: [u8; 2], b: BTreeMap<u8, (u8, u8)>,) -> [u8; 2] {\n    a\n}", 3, 1);
    check(
        "fn f<F: Fn(u8, u8) -> u8, const N: usize>(f: F)\nwhere\n    F: Send,\n{\n    f()\n}",
        1,
        1,
    );
    check("fn f(g: fn(u8, u8) -> u8);", 1, 0);
    check("fn f() {\n    // why\n\n    g(\"{\n    \")\n}", 0, 2);
}

#[test]
fn what_is_too_large_is_found() {
    let long = format!("fn f() {{\n{}}}\n", "    g();\n".repeat(FUNCTION_LINES + 1));
    assert_eq!(oversizes(&Source::new("src/x.rs", &long)).len(), 1);
    let wide = "fn f(a: A, b: B, c: C, d: D, e: E, f: F) {}";
    assert_eq!(oversizes(&Source::new("src/x.rs", wide)).len(), 1);
    let tall = "\n".repeat(FILE_LINES + 1);
    assert_eq!(oversizes(&Source::new("src/x.rs", &tall)).len(), 1);
}

#[test]
fn a_crowded_folder_is_found() {
    let files = |folder: &str| (0..=FOLDER_ENTRIES).map(|n| format!("{folder}/{n}.rs")).collect();
    let files: [Vec<String>; 2] = ["src/app", "src/store/entity"].map(files);
    assert_eq!(crowds(&files.concat()).len(), 1);
}
