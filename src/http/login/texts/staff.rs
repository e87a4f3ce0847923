//! Texts of the pages on which approvers see to it that staff have second factors.

use crate::http::login::language::Language;

/// The texts.
#[derive(Debug)]
pub(in crate::http) struct StaffTexts {
    pub(in crate::http) staff: &'static str,
    pub(in crate::http) intro: &'static str,
    pub(in crate::http) nobody: &'static str,
    pub(in crate::http) you: &'static str,
    pub(in crate::http) user_name: &'static str,
    pub(in crate::http) second_factor: &'static str,
    pub(in crate::http) has_one: &'static str,
    pub(in crate::http) has_none: &'static str,
    pub(in crate::http) link_until: &'static str,
    pub(in crate::http) make: &'static str,
    pub(in crate::http) make_another: &'static str,
    pub(in crate::http) pages: &'static str,
    pub(in crate::http) first: &'static str,
    pub(in crate::http) next: &'static str,
    pub(in crate::http) link_for: fn(&str) -> String,
    pub(in crate::http) link: &'static str,
    pub(in crate::http) shown_once: &'static str,
    pub(in crate::http) works_until: &'static str,
    pub(in crate::http) hand_over: fn(&str) -> String,
    pub(in crate::http) steps: [&'static str; 3],
    pub(in crate::http) if_lost: &'static str,
    pub(in crate::http) back: &'static str,
}

impl StaffTexts {
    /// The texts in a language.
    pub(in crate::http) fn of(language: Language) -> &'static Self {
        language.pick(&EN, &FR)
    }
}

static EN: StaffTexts = StaffTexts {
    staff: "Second factors of your staff",
    intro: "Whoever has none gets no further than the sign-in, unless your identity provider asks them for \
            one. Make a link for them, and give it to them yourself. Taking a second factor away from somebody is not possible yet.",
    nobody: "There is nobody else here. People appear once your identity provider has provisioned them.",
    you: "you",
    user_name: "User name",
    second_factor: "Second factor",
    has_one: "added",
    has_none: "none",
    link_until: "none; a link is open until",
    make: "Make a link",
    make_another: "Make another link",
    pages: "Pages",
    first: "First page",
    next: "Next page",
    link_for: |name| format!("A link for {name}"),
    link: "The link",
    shown_once: "This link is shown only now. Links made for them before no longer work.",
    works_until: "It works once, until",
    hand_over: |name| {
        format!("Give it to {name} in person, or in a message that only they can read. They then:")
    },
    steps: [
        "sign in here with your organisation’s account;",
        "open the link in the same browser;",
        "add a passkey or an authenticator app, and keep the recovery codes.",
    ],
    if_lost: "If it gets lost, or somebody else may have read it, make another one.",
    back: "Back to the staff",
};

static FR: StaffTexts = StaffTexts {
    staff: "Seconds facteurs de votre personnel",
    intro: "Sans second facteur, on ne va pas plus loin que la connexion, sauf si votre fournisseur \
            d’identité en demande un. Créez un lien pour ces personnes et remettez-le-leur vous-même. \
            Retirer un second facteur à quelqu’un n’est pas \
            encore possible.",
    nobody: "Il n’y a personne d’autre ici. Les personnes apparaissent dès que votre fournisseur \
             d’identité les a provisionnées.",
    you: "vous",
    user_name: "Nom d’utilisateur",
    second_factor: "Second facteur",
    has_one: "ajouté",
    has_none: "aucun",
    link_until: "aucun\u{a0}; un lien est ouvert jusqu’au",
    make: "Créer un lien",
    make_another: "Créer un autre lien",
    pages: "Pages",
    first: "Première page",
    next: "Page suivante",
    link_for: |name| format!("Un lien pour {name}"),
    link: "Le lien",
    shown_once: "Ce lien n’est affiché que maintenant. Les liens créés auparavant pour cette personne ne \
                 fonctionnent plus.",
    works_until: "Il ne sert qu’une fois, jusqu’au",
    hand_over: |name| {
        format!(
            "Remettez-le à {name} en personne, ou dans un message que cette personne est seule à \
             pouvoir lire. Elle doit ensuite\u{a0}:"
        )
    },
    steps: [
        "se connecter ici avec le compte de votre organisation\u{a0};",
        "ouvrir le lien dans le même navigateur\u{a0};",
        "ajouter une clé d’accès ou une application d’authentification, et conserver les codes de \
         secours.",
    ],
    if_lost: "S’il se perd, ou si quelqu’un d’autre a pu le lire, créez-en un autre.",
    back: "Retour au personnel",
};
