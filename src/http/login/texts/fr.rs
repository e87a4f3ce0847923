//! In French. Before `:` `;` `?` and inside quotation marks stands a no-break space.

use super::{Account, Door, Find, Refusals, Texts};

pub(super) static FR: Texts = Texts {
    skip: "Aller au contenu",
    menu: "Votre compte",
    home: "Accueil",
    sessions: "Vos sessions",
    factors: "Seconds facteurs",
    sign_in: "Se connecter",
    sign_out: "Se déconnecter",
    go_on: "Continuer",
    back: "Revenir à l’accueil",
    problem: "Cela n’a pas fonctionné",
    find: Find {
        heading: "Se connecter",
        label: "Adresse e-mail professionnelle, ou nom court de votre organisation",
        hint: "Par exemple ann@example.com ou acme. Le nom court figure dans l’adresse de votre page de connexion\u{a0}; \
               les administrateurs de votre compte le connaissent aussi.",
        unusable: "Ce n’est ni une adresse e-mail ni un nom court. Saisissez une adresse comme \
                   ann@example.com, ou un nom court fait de lettres, de chiffres et de traits d’union.",
    },
    door: Door {
        heading: "Se connecter",
        organisation: "Organisation\u{a0}:",
        other: "Choisir une autre organisation",
        sso_heading: "Avec le compte de votre organisation",
        sso: "Continuer avec",
        password_heading: "Avec un mot de passe",
        user_name: "Adresse e-mail ou nom d’utilisateur",
        password: "Mot de passe",
        forgot: "Mot de passe oublié\u{a0}?",
    },
    account: Account {
        user_name: "Nom d’utilisateur",
        organisation: "Organisation",
        way: "Moyen de connexion",
        by_sso: "compte de votre organisation (SSO)",
        by_password: "mot de passe",
        second_factor: "Second facteur présenté",
        no_second_factor: "pas dans cette session",
        administrators: "Pour demander des droits",
        no_administrator: "personne n’administre encore ce compte",
        sessions_intro: "Chacune est un navigateur dans lequel vous êtes connecté. Mettez fin à celles \
                         que vous ne reconnaissez pas.",
        this_browser: "ce navigateur",
        unknown_browser: "Navigateur inconnu",
        address: "Adresse",
        unknown_address: "inconnue",
        began: "Début",
        last_used: "Dernière utilisation",
        ends: "Fin au plus tard",
        revoke: "Mettre fin à cette session",
        revoke_others: "Mettre fin à toutes les autres sessions",
        revoked: "La session a pris fin.",
        revoked_others: "Toutes les autres sessions ont pris fin.",
        not_found: "Cette session avait déjà pris fin, ou n’est pas la vôtre.",
        signed_out: "Vous êtes déconnecté",
        signed_out_here: "Votre session dans ce navigateur a pris fin.",
        signed_out_there: "Poursuivre pour vous déconnecter aussi du compte de votre organisation",
        sign_in_again: "Se reconnecter",
    },
    refusals: Refusals {
        nowhere: (
            "Cette page n’existe pas",
            "L’adresse n’est pas la bonne, ou ce qu’elle désignait a disparu. Vérifiez-la, ou repartez \
             de l’accueil.",
        ),
        denied: (
            "Vous ne pouvez pas faire cela",
            "Une règle l’interdit. Si vous en avez besoin, adressez-vous à un administrateur de votre \
             organisation.",
        ),
        not_signed_in: (
            "Connexion impossible",
            "Il n’existe ici aucun utilisateur actif pour vous, ou la connexion n’a pas été menée à son \
             terme. Réessayez\u{a0}; si cela persiste, demandez à un administrateur de votre organisation \
             si un accès vous a été donné.",
        ),
        invalid: (
            "Cela n’a pas pu être lu",
            "Un élément envoyé manque ou n’est pas comme il devrait être. Revenez en arrière et réessayez.",
        ),
        conflict: (
            "Cela a changé entre-temps",
            "Quelqu’un, peut-être vous dans une autre fenêtre, a été plus rapide. Revenez en arrière, \
             rechargez la page et vérifiez.",
        ),
        too_large: ("C’est trop volumineux", "Envoyez-en moins à la fois."),
        busy: ("Le serveur est occupé", "Patientez quelques secondes, puis réessayez."),
        too_many: ("Trop de tentatives", "Patientez quelques minutes, puis réessayez."),
        internal: (
            "Une erreur s’est produite de notre côté",
            "Elle a été consignée. Réessayez plus tard\u{a0}; si cela persiste, prévenez votre \
             administrateur.",
        ),
        wrong_method: (
            "Cette adresse ne s’ouvre pas ainsi",
            "Elle sert à un bouton de l’une de nos pages. Repartez de l’accueil.",
        ),
        foreign: (
            "Cette demande ne vient pas de nos pages",
            "Par précaution, rien n’a été fait. Ouvrez vous-même ce site et réessayez\u{a0}; si cela \
             persiste, mettez votre navigateur à jour.",
        ),
        rules: &[
            (
                "no-sealing-key",
                "Ce serveur n’a pas de clé pour chiffrer les secrets. Son opérateur définit `secrets.keys`.",
            ),
            (
                "staff-by-sso",
                "Le personnel de l’opérateur se connecte par SSO, jamais par mot de passe. Choisissez le \
             compte de votre organisation.",
            ),
            (
                "sso-not-begun-here",
                "Cette connexion n’a pas commencé dans ce navigateur, est déjà terminée ou a duré plus de dix minutes. Recommencez.",
            ),
            (
                "sso-refused-by-provider",
                "Le service de connexion de votre organisation ne vous a pas laissé passer. Recommencez, ou adressez-vous à votre service informatique.",
            ),
            (
                "sso-unproven",
                "Le service de connexion de votre organisation a envoyé une réponse qui ne prouve pas qui vous êtes. Recommencez\u{a0}; si cela se reproduit, prévenez votre service informatique.",
            ),
            (
                "sso-unreachable",
                "Le service de connexion de votre organisation ne répond pas pour le moment. Réessayez dans une minute.",
            ),
            (
                "sso-not-provisioned",
                "Votre organisation vous connaît, mais ne vous a pas encore donné accès ici. Demandez à votre service informatique de vous attribuer cette application.",
            ),
            (
                "sso-inactive",
                "Votre accès ici a été désactivé. Demandez à votre service informatique de le réactiver.",
            ),
            (
                "sso-ambiguous",
                "Plusieurs utilisateurs pourraient être vous, aucun n’a donc été connecté. Demandez à votre service informatique de donner à chacun un identifiant propre.",
            ),
            (
                "sso-linked-to-another",
                "L’utilisateur qui pourrait être vous se connecte déjà sous une autre identité. Demandez à un administrateur de faire rompre ce lien.",
            ),
        ],
    },
};
