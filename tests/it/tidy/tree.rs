//! What lies where: the visible root is fixed, the architecture page names only what exists, and no file
//! names a machine.

use super::source::{has_extension, project_files, read};
use super::{Breach, hold};

const ARCHITECTURE: &str = "src/ARCHITECTURE.md";

/// The visible root. Whatever else a tool needs there is a dotfile.
const ROOT: &[&str] = &[
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "examples",
    "migration",
    "schemas",
    "src",
    "tests",
];

/// Folders that a path in the architecture page starts with.
const FOLDERS: &[&str] = &["examples/", "migration/", "schemas/", "src/", "tests/"];

/// Hosts of package registries and folders of one machine: where a build takes its crates from and where it
/// runs is the business of whoever runs it.
const MACHINES: &[&str] = &[
    "/home/",
    "/root/",
    "/work/",
    "/Users/runner",
    "extra-index-url",
    "files.pythonhosted.org",
    "index.crates.io",
    "pypi.org",
    "registry.npmjs.org",
    "replace-with",
    "static.crates.io",
];

#[test]
fn the_visible_root_holds_only_what_it_should() {
    hold("root", &strangers(&project_files()));
}

#[test]
fn the_architecture_page_names_only_what_exists() {
    let page = read(ARCHITECTURE);
    assert!(!page.is_empty(), "{ARCHITECTURE} is missing");
    hold("architecture", &missing(&page, &project_files()));
}

#[test]
fn no_file_names_a_machine_or_a_registry() {
    let is_free = |path: &str| path != "Cargo.lock" && !file!().ends_with(path);
    let files = project_files();
    let files = files.iter().filter(|path| is_free(path));
    hold("machines", &files.flat_map(|path| machines(path, &read(path))).collect::<Vec<_>>());
}

fn strangers(files: &[String]) -> Vec<Breach> {
    let mut entries = files.iter().filter_map(|path| path.split('/').next()).collect::<Vec<_>>();
    entries.dedup();
    let is_strange = |entry: &&str| !entry.starts_with('.') && !ROOT.contains(entry);
    let describe = |entry| Breach::new(entry, 0, "does not belong in the visible root");
    entries.into_iter().filter(is_strange).map(describe).collect()
}

/// Paths in backticks on `page` that match none of `files` and none of their folders.
fn missing(page: &str, files: &[String]) -> Vec<Breach> {
    let mut found = Vec::new();
    for (index, line) in page.lines().enumerate() {
        let spans = line.split('`').skip(1).step_by(2).filter(|span| looks_like_path(span));
        for path in spans.flat_map(alternatives) {
            if !files.iter().any(|file| is_at(file, &path)) {
                let what = format!("names `{path}`, which does not exist");
                found.push(Breach::new(ARCHITECTURE, index + 1, what));
            }
        }
    }
    found
}

fn looks_like_path(span: &str) -> bool {
    let is_word = !span.is_empty() && !span.contains(char::is_whitespace);
    is_word && (FOLDERS.iter().any(|folder| span.starts_with(folder)) || has_extension(span, "rs"))
}

/// All paths that one with `{a,b}` stands for.
fn alternatives(span: &str) -> Vec<String> {
    let parts = span.split_once('{').and_then(|(before, rest)| {
        let (choices, after) = rest.split_once('}')?;
        Some((before, choices, after))
    });
    let Some((before, choices, after)) = parts else { return vec![span.to_owned()] };
    let paths = choices.split(',').map(|choice| format!("{before}{}{after}", choice.trim()));
    paths.flat_map(|path| alternatives(&path)).collect()
}

/// Whether `pattern` names `file` or a folder above it. `*` and `<stem>` stand for anything; a path that
/// does not start at the root may start at any folder.
fn is_at(file: &str, pattern: &str) -> bool {
    let pattern = pattern.trim_end_matches('/');
    let is_rooted = FOLDERS.iter().any(|folder| pattern.starts_with(folder.trim_end_matches('/')));
    let parts = file.split('/').collect::<Vec<_>>();
    let wanted = pattern.split('/').collect::<Vec<_>>();
    let fits =
        |window: &[&str]| window.iter().zip(&wanted).all(|(part, wanted)| fits_part(part, wanted));
    let mut windows = parts.windows(wanted.len()).take(if is_rooted { 1 } else { usize::MAX });
    windows.any(fits)
}

fn fits_part(part: &str, wanted: &str) -> bool {
    let Some((before, rest)) = wanted.split_once(['*', '<']) else { return part == wanted };
    let after = rest.split_once('>').map_or(rest, |(_, after)| after);
    part.len() >= before.len() + after.len() && part.starts_with(before) && part.ends_with(after)
}

fn machines(path: &str, text: &str) -> Vec<Breach> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for name in MACHINES.iter().filter(|name| line.contains(*name)) {
            found.push(Breach::new(path, index + 1, format!("names `{name}`")));
        }
    }
    found
}

#[test]
fn a_stranger_in_the_root_is_found() {
    let files = ["Makefile", "src/lib.rs", ".gitignore", "docs/a.md", "docs/b.md"];
    assert_eq!(strangers(&files.map(str::to_owned)).len(), 2);
}

#[test]
fn a_path_that_does_not_exist_is_found() {
    let files = ["src/app/users.rs", "src/app/groups.rs", "tests/run.sh"].map(str::to_owned);
    let check = |page: &str, count| assert_eq!(missing(page, &files).len(), count, "{page}");
    check("`src/app/users.rs`, `src/app/`, `src/app`, `users.rs`, `app/users.rs`", 0);
    check("`src/app/{users,groups}.rs`, `src/*/users.rs`, `app/<stem>.rs`, `tests/run.sh`", 0);
    check("`src/app/{users,teams}.rs`", 1);
    check("`src/app/user.rs` and `sers.rs`", 2);
    check("`application/scim+json`, `cargo test`, src/none.rs", 0);
}

#[test]
fn a_machine_is_found() {
    assert_eq!(machines("x", "a\nfrom /work/main and https://pypi.org/simple").len(), 2);
    assert_eq!(machines("x", "homework/main").len(), 0);
}
