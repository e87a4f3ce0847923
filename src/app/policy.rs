//! The rules as edges show them: their texts, their sentences, their version. They decide in `policy`.

pub(in crate::app) mod denials;

use crate::policy::{POLICY_ERROR, Rules};

/// Why a rule refuses, in French; none if it is no rule of the policy.
pub fn french(rule: &str) -> Option<&'static str> {
    if rule == POLICY_ERROR.rule {
        return Some(
            "cela n’a pas pu être décidé, c’est donc refusé\u{a0}; l’exploitant du serveur en trouve la \
             cause dans son journal",
        );
    }
    Rules::core().ok()?.find(rule).map(|rule| rule.fr.as_str())
}
