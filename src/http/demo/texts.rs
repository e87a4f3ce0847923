//! What the demo's provider says.

use crate::http::login::language::Language;

/// Its texts in one language.
#[derive(Debug)]
pub(super) struct Texts {
    pub(super) skip: &'static str,
    pub(super) brand: &'static str,
    pub(super) who: &'static str,
    pub(super) stands_in: &'static str,
    pub(super) be: &'static str,
    pub(super) needs_code: &'static str,
    pub(super) authenticator: &'static str,
    pub(super) in_place_of: &'static str,
    pub(super) once: &'static str,
    pub(super) now: &'static str,
    pub(super) next: &'static str,
    pub(super) changes_in: &'static str,
    pub(super) seconds: &'static str,
    pub(super) refused: &'static str,
    pub(super) unknown: &'static str,
    pub(super) not_ours: &'static str,
}

impl Texts {
    /// Those of a language.
    pub(super) fn of(language: Language) -> &'static Self {
        language.pick(&EN, &FR)
    }
}

static EN: Texts = Texts {
    skip: "Skip to the content",
    brand: "Demo identity provider",
    who: "Who are you?",
    stands_in: "This page stands in for the place where your organisation has you sign in: Entra ID, \
                Okta or another. It asks for no password; choose whom to be.",
    be: "I am",
    needs_code: "Needs a code; open this first:",
    authenticator: "Authenticator",
    in_place_of: "In place of telephones: the codes of the demo’s people at this moment.",
    once: "A code works once. If this one is used, take the next: it works already.",
    now: "Code",
    next: "Next",
    changes_in: "They change in",
    seconds: "seconds; this page follows by itself.",
    refused: "This did not work",
    unknown: "No organisation here has this address. Begin at the server’s own sign-in page.",
    not_ours: "This is not a request of the demo’s server. Begin at its own sign-in page.",
};

static FR: Texts = Texts {
    skip: "Aller au contenu",
    brand: "Fournisseur d’identité de démonstration",
    who: "Qui êtes-vous\u{a0}?",
    stands_in: "Cette page tient lieu de celle où votre organisation vous fait vous connecter\u{a0}: \
                Entra ID, Okta ou autre. Elle ne demande pas de mot de passe\u{a0}; choisissez qui être.",
    be: "Je suis",
    needs_code: "Un code sera demandé\u{a0}; ouvrez d’abord ceci\u{a0}:",
    authenticator: "Application d’authentification",
    in_place_of: "Au lieu de téléphones\u{a0}: les codes actuels des personnes de la démonstration.",
    once: "Un code ne sert qu’une fois. S’il est utilisé, prenez le suivant\u{a0}: il fonctionne déjà.",
    now: "Code",
    next: "Suivant",
    changes_in: "Ils changent dans",
    seconds: "secondes\u{a0}; cette page suit d’elle-même.",
    refused: "Cela n’a pas fonctionné",
    unknown: "Aucune organisation n’a cette adresse ici. Commencez par la page de connexion du serveur.",
    not_ours: "Cette demande ne vient pas du serveur de la démonstration. Commencez par sa page de \
               connexion.",
};
