//! What a support user lacks before they may be let into an account (W8), in both languages, and what is
//! wrong with what is said of them, in French.

use crate::domain::persons::support::Lack;
use crate::domain::persons::support::faults::SupportWrong;
use crate::http::login::language::Language;

/// What is lacking, and what would be right.
pub(in crate::http::api) fn lack(lack: Lack, language: Language) -> &'static str {
    let [english, french] = match lack {
        Lack::Team => [
            "works in none of the teams support, customer success and services",
            "ne travaille dans aucune des équipes support, succès client et services",
        ],
        Lack::SecondFactor => [
            "has no second factor; they enrol one",
            "n’a pas de second facteur\u{a0}; à enregistrer",
        ],
        Lack::BackgroundCheck => [
            "has no background check on record; a director or a services manager notes it",
            "n’a pas de contrôle des antécédents enregistré\u{a0}; un directeur ou un responsable des \
             services le note",
        ],
        Lack::CurrentCheck => [
            "has a background check that is out of date; it is to be made again",
            "a un contrôle des antécédents périmé\u{a0}; il est à refaire",
        ],
        Lack::SsoLink => [
            "has never signed in by SSO; they sign in once",
            "ne s’est jamais connecté par SSO\u{a0}; il faut une première connexion",
        ],
    };
    match language {
        Language::En => english,
        Language::Fr => french,
    }
}

/// What is wrong, and what would be right; `{}` stands for what was said.
pub(super) fn in_french(wrong: SupportWrong) -> &'static str {
    match wrong {
        SupportWrong::Function => {
            "`{}` n’est ni une fonction (csm, csd, csd_delegate, psm, onboarding_pm, support, partner) ni \
             une équipe (support, customer_success, services)"
        }
        SupportWrong::FunctionOrTeam => "nommez soit une fonction, soit une équipe",
        SupportWrong::TwicePosted => "ce groupe donne déjà la même chose",
        SupportWrong::Day => "`{}` n’est pas un jour\u{a0}; par exemple 2026-12-31",
        SupportWrong::NotYet => "`{}` est encore à venir\u{a0}; indiquez un jour passé",
        SupportWrong::LastsTooLong => "dure trop longtemps\u{a0}; {} jours au plus",
        SupportWrong::NotOfThatFunction => {
            "`{}` n’est pas un membre actif du personnel avec cette fonction"
        }
        SupportWrong::Mode => {
            "`{}` n’est pas un mode de support\u{a0}: two_person, customer_approval ou closed"
        }
        SupportWrong::Slug => {
            "`{}` ne peut nommer un compte dans une URL\u{a0}; 1 à 63 caractères a-z, 0-9 et tirets, sans \
             tiret au début ni à la fin"
        }
        SupportWrong::Kind => "`{}` n’est pas un type de compte\u{a0}: standard, parent ou child",
        SupportWrong::ReasonTooLong => "est trop long\u{a0}; {} octets au plus",
        SupportWrong::StartsInThePast => {
            "`{}` est déjà passé\u{a0}; ne dites rien, ou indiquez un moment à venir"
        }
        SupportWrong::NoSupportUser => {
            "`{}` n’est pas un utilisateur du support actif\u{a0}; voir `/support-users` du compte"
        }
        SupportWrong::StandsAlready => "`{}` a déjà un accès permanent à ce compte",
    }
}
