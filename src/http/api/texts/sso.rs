//! What the API says of providers of single sign-on, in both languages. `{}` stands for what it is about.

use crate::app::sso::findings::Finding;
use crate::domain::sso::faults::{Fault, Wrong};
use crate::http::login::language::Language;

/// What is wrong with a field, and what would be right.
pub(in crate::http::api) fn fault(fault: &Fault, language: Language) -> String {
    let text = match (language, fault.wrong) {
        (Language::En, Wrong::Connection) => {
            "there is no provisioning connection `{}` in this account; name one by which its users \
             are provisioned"
        }
        (Language::En, wrong) => wrong.reason(),
        (Language::Fr, wrong) => in_french(wrong),
    };
    text.replace("{}", &fault.value)
}

/// What was found out about a provider.
pub(in crate::http::api) fn finding(finding: &Finding, language: Language) -> String {
    let text = match finding {
        Finding::Unreachable => language.pick(
            &"The provider does not answer, not in time, or not from a public address.",
            &"Le fournisseur ne répond pas, pas à temps, ou pas depuis une adresse publique.",
        ),
        Finding::Unusable(_) => language.pick(
            &"What the provider says about itself cannot be used: {}.",
            &"Ce que le fournisseur dit de lui-même est inutilisable\u{a0}; en anglais\u{a0}: {}.",
        ),
        Finding::AcrNotAnnounced(_) => language.pick(
            &"The provider does not announce these values of `acr`, which this connection waits for: \
              {}.",
            &"Le fournisseur n’annonce pas ces valeurs d’`acr`, que cette connexion attend\u{a0}: {}.",
        ),
        Finding::LinkClaimNotAnnounced(_) => language.pick(
            &"The provider does not announce the claim `{}`, which links users at their first \
              sign-in.",
            &"Le fournisseur n’annonce pas l’attribut `{}`, qui lie les utilisateurs à leur première \
              connexion.",
        ),
        Finding::NoAuthTime => language.pick(
            &"The provider does not announce `auth_time`, without which `acr` and `amr` count for nothing; \
              `max_age` asks for it.",
            &"Le fournisseur n’annonce pas `auth_time`, sans lequel `acr` et `amr` ne comptent pas\u{a0}; \
              `max_age` le demande.",
        ),
        Finding::NoSecondFactor => language.pick(
            &"The provider says neither `acr` nor `amr`: whoever needs a second factor shows it here.",
            &"Le fournisseur ne dit ni `acr` ni `amr`\u{a0}: qui doit un second facteur le présente ici.",
        ),
    };
    text.replace("{}", finding.particular())
}

fn in_french(wrong: Wrong) -> &'static str {
    match wrong {
        Wrong::Name => {
            "le nom est vide, dépasse 100 caractères, ou contient un caractère de contrôle"
        }
        Wrong::NameTaken => {
            "ce compte a déjà un fournisseur nommé `{}`\u{a0}; choisissez un autre nom"
        }
        Wrong::IssuerIsNoUrl => {
            "l’émetteur `{}` n’est pas une URL\u{a0}; copiez-la du fournisseur, octet pour octet"
        }
        Wrong::IssuerIsNotHttps => "l’émetteur `{}` ne commence pas par https://",
        Wrong::IssuerHasMore => "l’émetteur `{}` contient plus que protocole, hôte et chemin",
        Wrong::IssuerOfMany => {
            "l’émetteur `{}` vaut pour plusieurs organisations\u{a0}; mettez à sa place l’identifiant de \
             la vôtre"
        }
        Wrong::ClientId => {
            "l’identifiant de client est vide, dépasse 512 octets, ou n’est pas en ASCII imprimable"
        }
        Wrong::ClientSecret => {
            "le secret du client est vide, dépasse 1024 octets, ou contient un caractère de contrôle"
        }
        Wrong::Scopes => {
            "`{}` n’est pas une liste de 20 portées au plus, chacune sans espace et en ASCII \
             imprimable"
        }
        Wrong::ScopesLackOpenid => "il manque `openid` aux portées",
        Wrong::LinkClaim => {
            "`{}` ne peut pas lier les utilisateurs\u{a0}: on peut le changer, ou il passe à d’autres\u{a0}; \
             prenez un attribut qui ne change jamais, comme `sub`, ou `oid` avec Entra ID"
        }
        Wrong::LinkClaimForm => {
            "`{}` n’est pas un nom d’attribut\u{a0}: 200 caractères imprimables au plus, sans espace"
        }
        Wrong::Connection => {
            "ce compte n’a pas de connexion d’approvisionnement `{}`\u{a0}; nommez-en une par laquelle \
             arrivent ses utilisateurs"
        }
        Wrong::AcrValues => {
            "`{}` n’est pas une liste de 20 valeurs d’`acr` au plus, chacune sans espace et en ASCII \
             imprimable"
        }
        Wrong::AmrValues => {
            "`{}` n’est pas une règle pour `amr`\u{a0}; écrivez `mfa`, ou des parties toutes exigées \
             jointes par `+`, avec des choix séparés par `|`, par exemple `pwd|pin+otp|hwk`"
        }
        Wrong::TooManyAmr => "il y a plus de 20 règles pour `amr`",
        Wrong::MaxAge => "max_age n’est pas un nombre de secondes de 0 à 86400",
    }
}
