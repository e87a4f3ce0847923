//! What may be linked in: one TLS stack, one HTTP client, nothing that needs a system library.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use super::source::root;
use super::{Breach, hold};

/// Crates that are never in use, whatever the platform.
const BANNED: &[&str] = &["native-tls", "openssl", "openssl-sys", "ring"];

/// Crates that are in use in exactly one version.
const SINGLE: &[&str] = &["reqwest", "rustls"];

#[test]
fn one_tls_stack_and_one_http_client_are_linked_in() {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["tree", "--target", "all", "-e", "normal", "--prefix", "none", "--locked"])
        .output()
        .expect("cargo starts");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`cargo tree` failed: {complaint}");
    hold("dependencies", &wrong_crates(&String::from_utf8_lossy(&output.stdout)));
}

/// What is wrong with the crates in the output of `cargo tree`, a line `name vX.Y.Z …` each.
fn wrong_crates(tree: &str) -> Vec<Breach> {
    let mut versions = BTreeMap::<&str, BTreeSet<&str>>::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        if let (Some(name), Some(version)) = (words.next(), words.next()) {
            versions.entry(name).or_default().insert(version);
        }
    }
    let banned = BANNED.iter().filter(|name| versions.contains_key(*name));
    let banned = banned.map(|name| Breach::new("Cargo.toml", 0, format!("`{name}` is in use")));
    let count = |name: &str| versions.get(name).map_or(0, BTreeSet::len);
    let manifold = SINGLE.iter().filter(|name| count(name) != 1).map(|name| {
        let what = format!("`{name}` is in use in {} versions, not in one", count(name));
        Breach::new("Cargo.toml", 0, what)
    });
    banned.chain(manifold).collect()
}

#[test]
fn a_second_tls_stack_is_found() {
    let good = "countersign v0.1.0 (/x)\nreqwest v0.13.5\nrustls v0.23.46\nrustls v0.23.46 (*)\n";
    assert_eq!(wrong_crates(good), []);
    assert_eq!(wrong_crates(&format!("{good}ring v0.17.14\nopenssl-sys v0.9.1\n")).len(), 2);
    assert_eq!(wrong_crates(&format!("{good}rustls v0.24.0\n")).len(), 1);
    assert_eq!(wrong_crates("rustls v0.23.46\n").len(), 1);
}
