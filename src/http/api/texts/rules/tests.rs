//! Every rule that the API can meet has its reason in French.

use super::{FRENCH, reason};
use crate::http::login::language::Language;

/// Where rules are.
const POLICY: [&str; 5] = [
    include_str!("../../../../policy.rs"),
    include_str!("../../../../policy/approvals.rs"),
    include_str!("../../../../policy/releases.rs"),
    include_str!("../../../../policy/rights.rs"),
    include_str!("../../../../policy/support.rs"),
];
/// Rules that no caller of the API meets.
const ELSEWHERE: [&str; 6] = [
    "catalogue-two-people",
    "platform-no-people",
    "scim-directory-only",
    "scim-own-connection",
    "scim-read-only-token",
    "system-no-commands",
];

#[test]
fn every_rule_has_its_reason_in_french() {
    let rules = POLICY
        .iter()
        .flat_map(|text| text.split("rule: \"").skip(1))
        .filter_map(|rest| rest.split('"').next());
    let rules: Vec<&str> = rules.filter(|rule| !ELSEWHERE.contains(rule)).collect();
    assert!(rules.len() >= 10, "{rules:?}");
    for rule in rules {
        assert!(FRENCH.iter().any(|(of, _)| *of == rule), "give `{rule}` its reason in French");
    }
}

#[test]
fn a_reason_is_a_sentence_in_the_callers_language() {
    let of = |language| reason(("own-account-only", "this is another account"), language);
    assert_eq!(of(Language::En), "This is another account");
    assert!(of(Language::Fr).starts_with("C’est un autre compte"));
    assert_eq!(reason(("new-rule", "no"), Language::Fr), "La règle `new-rule` s’y oppose");
}
