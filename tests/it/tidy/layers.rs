//! Which layer may import which: the table of `src/ARCHITECTURE.md`, read from `crate::` paths.

use super::source::{Source, rust_files};
use super::{Breach, hold};

/// What each layer may use of ours. A module that stands neither here nor in [`FREE`] breaks the rule, so
/// that a new one is placed before it is used.
const LAYERS: &[(&str, &[&str])] = &[
    ("scim", &["scim"]),
    ("domain", &["domain", "scim"]),
    ("policy", &["policy", "domain", "scim"]),
    ("store", &["store", "domain", "policy", "scim"]),
    ("authn", &["authn", "domain", "config"]),
    ("app", &["app", "domain", "policy", "store", "authn", "scim"]),
    ("mail", &["mail", "domain", "config"]),
    ("worker", &["worker", "app", "domain", "mail"]),
    ("http", &["http", "app", "domain", "scim"]),
    ("config", &["config", "domain", "scim"]),
];

/// What wires the others together and may use all of them.
const FREE: &[&str] = &["boot", "cli", "demo", "lib", "main", "telemetry"];

#[test]
fn layers_keep_to_what_they_may_import() {
    let breaches = rust_files().iter().flat_map(strays).collect::<Vec<_>>();
    hold("layers", &breaches);
}

/// Imports of a file that its layer may not have. Files outside `src` have no layer.
fn strays(source: &Source) -> Vec<Breach> {
    let Some(layer) = layer(&source.path) else { return Vec::new() };
    let mut found = climbs(source);
    if FREE.contains(&layer) {
        return found;
    }
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
        found.push(Breach::new(&source.path, 0, format!("`{layer}` has no row in LAYERS")));
        return found;
    };
    for (line, module) in imports(source) {
        if !allowed.contains(&module.as_str()) {
            let what = format!("`{layer}` may not use `crate::{module}`, only {allowed:?}");
            found.push(Breach::new(&source.path, line, what));
        }
    }
    found
}

/// The first module below `src`: `http` for `src/http/scim/users.rs`.
fn layer(path: &str) -> Option<&str> {
    let first = path.strip_prefix("src/")?.split('/').next()?;
    Some(first.strip_suffix(".rs").unwrap_or(first))
}

/// What follows `crate::`, group by group, with its line.
fn imports(source: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, token) in source.tokens.iter().enumerate() {
        if token.text != "crate" || source.token(at, 1) != "::" {
            continue;
        }
        if source.token(at, 2) == "{" {
            found.extend(group(source, at + 3));
        } else {
            found.push((token.line, source.token(at, 2).to_owned()));
        }
    }
    found
}

/// The modules a `crate::{…}` group names, not what it names inside them.
fn group(source: &Source, start: usize) -> Vec<(usize, String)> {
    let (mut depth, mut is_first, mut found) = (1_usize, true, Vec::new());
    for token in source.tokens.iter().skip(start) {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" if depth == 1 => break,
            "}" => depth -= 1,
            "," if depth == 1 => is_first = true,
            name if is_first => {
                found.push((token.line, name.to_owned()));
                is_first = false;
            }
            _ => {}
        }
    }
    found
}

/// Paths that climb out of a module instead of starting at `crate`: they would get round the table.
fn climbs(source: &Source) -> Vec<Breach> {
    let is_top = source.path.matches('/').count() == 1;
    let climbs_out = |at: usize| {
        source.token(at, 0) == "super"
            && source.token(at, 1) == "::"
            && (is_top || source.token(at, 2) == "super")
    };
    let tokens = source.tokens.iter().enumerate().filter(|(at, _)| climbs_out(*at));
    let say = "climbs out of its module: write the path from `crate::`";
    tokens.map(|(_, token)| Breach::new(&source.path, token.line, say)).collect()
}

#[track_caller]
fn check(path: &str, text: &str, lines: &[usize]) {
    let found = strays(&Source::new(path, text));
    assert_eq!(found.iter().map(|breach| breach.line).collect::<Vec<_>>(), lines, "{found:?}");
}

#[test]
fn an_import_of_a_higher_layer_is_found() {
    check("src/domain/users.rs", "use crate::scim::Path;\nuse crate::store::rows;", &[2]);
    check("src/http.rs", "fn f() {\n    crate::policy::decide()\n}", &[2]);
    check("src/app/x.rs", "use crate::{\n    domain::{self, http},\n    http::x,\n};", &[3]);
    check("src/cli/x.rs", "use crate::http::x;", &[]);
}

#[test]
fn a_path_that_climbs_out_is_found() {
    check("src/scim/path.rs", "use super::super::store::x;\nuse super::filter;", &[1]);
    check("src/scim.rs", "use super::store;\npub(super) fn f() {}", &[1]);
}

#[test]
fn a_module_without_a_row_is_found() {
    check("src/extras/x.rs", "", &[0]);
    check("migration/src/lib.rs", "use crate::store::x;", &[]);
}
