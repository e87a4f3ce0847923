//! The rules of the house, as tests: what `src/ARCHITECTURE.md` promises about layers, sizes, names and
//! dependencies stays true because these fail otherwise.
//!
//! A rule is a function from a file (or a tree) to its [`Breach`]es, one `#[test]` that gives the breaches
//! of the project to [`hold`], and one `#[test]` that shows the rule can fail. To add one, copy a pair.

mod budgets;
mod dependencies;
mod fences;
mod layers;
mod names;
mod scenarios;
mod source;
mod tree;

/// What is allowed to break a rule for now: (rule, path, why). It starts empty and only ever shrinks: an
/// entry that excuses nothing fails its rule.
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

/// One place that breaks a rule. The line is 0 where the whole file is meant.
#[derive(Debug, PartialEq)]
struct Breach {
    path: String,
    line: usize,
    what: String,
}

impl Breach {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

/// Fails when `breaches` holds anything that [`EXCEPTIONS`] does not excuse, and when an exception for
/// `rule` excuses nothing any more.
#[track_caller]
fn hold(rule: &str, breaches: &[Breach]) {
    let excused = |breach: &Breach| {
        EXCEPTIONS.iter().any(|(name, path, _)| *name == rule && *path == breach.path)
    };
    let mut report = breaches
        .iter()
        .filter(|breach| !excused(breach))
        .map(|Breach { path, line, what }| format!("{path}:{line}: {what}"))
        .collect::<Vec<_>>();
    for (name, path, _) in EXCEPTIONS {
        if *name == rule && !breaches.iter().any(|breach| breach.path == *path) {
            report.push(format!("{path}:0: is excused from `{rule}` and no longer needs to be"));
        }
    }
    assert!(report.is_empty(), "{rule}:\n{}", report.join("\n"));
}
