//! Texts of the page that shows the rules. What the rules say stands with the rules.

use crate::http::login::language::Language;

/// The texts.
#[derive(Debug)]
pub(in crate::http) struct PolicyTexts {
    pub(in crate::http) policy: &'static str,
    pub(in crate::http) intro: &'static str,
    pub(in crate::http) order: &'static str,
    pub(in crate::http) version: &'static str,
    pub(in crate::http) does: &'static str,
    pub(in crate::http) permits: &'static str,
    pub(in crate::http) forbids: &'static str,
    pub(in crate::http) explains: &'static str,
    pub(in crate::http) missing: &'static str,
    pub(in crate::http) control: &'static str,
    pub(in crate::http) text: &'static str,
    pub(in crate::http) cases: &'static str,
    pub(in crate::http) cases_intro: &'static str,
    pub(in crate::http) who: &'static str,
    pub(in crate::http) action: &'static str,
    pub(in crate::http) facts: &'static str,
    pub(in crate::http) answer: &'static str,
    pub(in crate::http) allowed: &'static str,
    pub(in crate::http) not_so: &'static str,
    pub(in crate::http) user: &'static str,
    pub(in crate::http) token: &'static str,
    pub(in crate::http) platform: &'static str,
    pub(in crate::http) system: &'static str,
}

impl PolicyTexts {
    /// The texts in a language.
    pub(in crate::http) fn of(language: Language) -> &'static Self {
        language.pick(&EN, &FR)
    }
}

static EN: PolicyTexts = PolicyTexts {
    policy: "The rules",
    intro: "Everything that is done or seen here is decided by these rules, and by nothing else. What no rule \
            permits is refused; what a rule forbids is refused whatever else permits it.",
    order: "Where several rules refuse, the first on this page is the one that you are told.",
    version: "Version",
    does: "This rule",
    permits: "permits",
    forbids: "forbids",
    explains: "says what was missing when nothing permits",
    missing: "Missing",
    control: "Control (NIST SP 800-53)",
    text: "The rule as it is evaluated",
    cases: "Cases",
    cases_intro: "What the rules answer to whom. A fact that is not named is as if nobody had read it: nothing \
                  held, no account reached.",
    who: "Who",
    action: "Wants to",
    facts: "If",
    answer: "Answer",
    allowed: "yes",
    not_so: "answered otherwise",
    user: "a person",
    token: "a provisioning token",
    platform: "the platform team",
    system: "the server",
};

static FR: PolicyTexts = PolicyTexts {
    policy: "Les règles",
    intro: "Tout ce qui est fait ou vu ici est décidé par ces règles, et par rien d’autre. Ce qu’aucune règle ne \
            permet est refusé\u{a0}; ce qu’une règle interdit est refusé quoi qu’une autre permette.",
    order: "Quand plusieurs règles refusent, la première de cette page est celle qui vous est dite.",
    version: "Version",
    does: "Cette règle",
    permits: "permet",
    forbids: "interdit",
    explains: "dit ce qui manquait quand rien ne permet",
    missing: "Manque",
    control: "Mesure (NIST SP 800-53)",
    text: "La règle telle qu’elle est évaluée",
    cases: "Cas",
    cases_intro: "Ce que les règles répondent à qui. Un fait qui n’est pas nommé est comme si personne ne l’avait \
                  lu\u{a0}: aucun droit, aucun compte atteint.",
    who: "Qui",
    action: "Veut",
    facts: "Si",
    answer: "Réponse",
    allowed: "oui",
    not_so: "répondu autrement",
    user: "une personne",
    token: "un jeton de provisionnement",
    platform: "l’équipe de la plateforme",
    system: "le serveur",
};
