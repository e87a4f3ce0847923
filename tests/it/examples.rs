//! The files in `examples/` and the README's table of settings keep up with the program.

use std::fs;
use std::path::{Path, PathBuf};

use countersign::config::Config;
use secrecy::ExposeSecret as _;
use serde_json::Value;

#[test]
fn every_example_body_is_json_with_schemas() {
    let mut seen = 0;
    for entry in fs::read_dir(path("examples/entra")).expect("examples/entra") {
        let file = entry.expect("an entry").path();
        let body: Value = serde_json::from_str(&read(&file)).expect("JSON");
        assert!(body["schemas"].is_array(), "{}", file.display());
        seen += 1;
    }
    assert!(seen > 8, "{seen} examples");
}

#[test]
fn the_example_configuration_names_the_defaults() {
    let example = Config::load(Some(&path("examples/countersign.toml"))).expect("it loads");
    let default = Config::default();
    assert_eq!(format!("{example:?}"), format!("{default:?}"));
    assert_eq!(example.database.url.expose_secret(), default.database.url.expose_secret());
}

#[test]
fn the_readme_lists_every_setting_with_its_default() {
    let readme = read(&path("README.md"));
    let settings = settings(&read(&path("examples/countersign.toml")));
    assert!(settings.len() > 12, "{settings:?}");
    for (section, key, value) in settings {
        let environment = format!("COUNTERSIGN_{section}__{key}").to_uppercase();
        let row = format!("| `{section}.{key}` | `{environment}` | ");
        let found = readme.lines().find(|line| line.starts_with(&row));
        let line = found.unwrap_or_else(|| panic!("no row in README.md begins with {row}"));
        let is_unset = key.ends_with("_file")
            || ["product_audience", "file"].contains(&key.as_str())
            || value.is_empty();
        assert!(is_unset || line.contains(&format!("| `{value}` |")), "{value}: {line}");
    }
}

/// Section, key and default of each setting, the one that is commented out included.
fn settings(toml: &str) -> Vec<(String, String, String)> {
    let mut section = String::new();
    let mut found = Vec::new();
    for line in toml.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.clone_into(&mut section);
        }
        let Some((key, value)) = line.trim_start_matches("# ").split_once(" = ") else { continue };
        let value = value.trim_matches('"');
        found.push((section.clone(), key.to_owned(), value.to_owned()));
    }
    found
}

fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
