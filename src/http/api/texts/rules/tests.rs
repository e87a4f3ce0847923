//! Every refusal that the API can meet is a sentence in the reader's language.

use super::{FRENCH, reason};
use crate::http::login::language::Language;

/// Where rules are that are no policies yet.
const SUPPORT: &str = include_str!("../../../../policy/support.rs");

#[test]
fn every_rule_has_its_reason_in_french() {
    let rules = SUPPORT.split("rule: \"").skip(1).filter_map(|rest| rest.split('"').next());
    let rules: Vec<&str> = rules.collect();
    assert!(rules.len() >= 9, "{rules:?}");
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
    let sealing = reason(("no-sealing-key", "no key"), Language::Fr);
    assert!(sealing.starts_with("Ce serveur n’a pas de clé"), "{sealing}");
    let failed = reason(("policy-error", "no"), Language::Fr);
    assert!(failed.starts_with("Cela n’a pas pu être décidé"), "{failed}");
}
