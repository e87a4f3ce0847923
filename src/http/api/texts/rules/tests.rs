//! Every refusal that the API can meet is a sentence in the reader's language.

use super::reason;
use crate::http::login::language::Language;

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
