//! Why something is refused, in both languages. What policy refuses says so itself; what is refused elsewhere
//! has its French here.

use crate::app::policy;
use crate::http::login::language::Language;

/// What no rule of the policy refuses.
const FRENCH: [(&str, &str); 1] = [(
    "no-sealing-key",
    "ce serveur n’a pas de clé pour sceller les secrets\u{a0}; son exploitant définit `secrets.keys`",
)];

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
