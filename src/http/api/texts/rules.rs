//! Why something is refused, in both languages. What policy refuses says so itself; what is refused elsewhere
//! has its French here.

use crate::app::policy;
use crate::http::login::language::Language;

/// What no rule of the policy refuses, and what `src/policy/support.rs` does.
const FRENCH: [(&str, &str); 10] = [
    (
        "no-sealing-key",
        "ce serveur n’a pas de clé pour sceller les secrets\u{a0}; son exploitant définit `secrets.keys`",
    ),
    (
        "support-by-staff",
        "les fonctions, suppléances et contrôles des antécédents regardent le personnel connecté de \
         l’exploitant\u{a0}; demandez à votre interlocuteur",
    ),
    (
        "functions-by-csd",
        "c’est un directeur du succès client qui dit ce qu’un groupe fait du personnel qui s’y trouve\u{a0}; \
         demandez-lui",
    ),
    (
        "delegations-by-csd",
        "seul un directeur du succès client se fait suppléer\u{a0}; demandez à l’un d’eux",
    ),
    (
        "delegates-do-not-delegate",
        "qui supplée un directeur ne se fait pas suppléer à son tour\u{a0}; demandez au directeur",
    ),
    (
        "checks-by-csd-or-psm",
        "les contrôles des antécédents sont notés par un directeur du succès client ou un responsable des \
         services\u{a0}; demandez à l’un d’eux",
    ),
    (
        "permissions-by-teams",
        "les permissions de compte sont modifiées par le personnel des équipes support et services\u{a0}; \
         demandez à l’un d’eux",
    ),
    (
        "accounts-by-csd",
        "les comptes des clients sont créés par un directeur du succès client, ou par qui le supplée, connecté \
         au compte de l’exploitant\u{a0}; la ligne de commande n’en crée que tant qu’aucun n’est actif",
    ),
    (
        "operator-by-command-line",
        "le compte de l’exploitant est créé par la ligne de commande, une fois",
    ),
    (
        "support-mode-takes-two",
        "laisser entrer davantage demande deux personnes, et ces approbations n’existent pas encore\u{a0}; \
         laisser entrer moins se fait tout de suite",
    ),
];

/// Why a rule refuses, as a sentence without its full stop.
pub(in crate::http::api) fn reason((rule, english): (&str, &str), language: Language) -> String {
    let text = match language {
        Language::En => english.to_owned(),
        Language::Fr => {
            let elsewhere = FRENCH.iter().find(|(of, _)| *of == rule).map(|(_, french)| *french);
            let french = policy::french(rule).or(elsewhere).map(str::to_owned);
            french.unwrap_or_else(|| format!("la règle `{rule}` s’y oppose"))
        }
    };
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
