//! Why the policy refuses, in both languages. English is the policy's own; each rule that a caller of the
//! API can meet has its French here.

use crate::http::login::language::Language;

/// Rules and their reasons, in the order of `src/policy.rs`.
const FRENCH: [(&str, &str); 45] = [
    (
        "user-no-directory",
        "les utilisateurs et les groupes viennent du fournisseur d’identité, les comptes, jetons et clés \
         de la ligne de commande",
    ),
    (
        "staff-by-sso",
        "le personnel de l’exploitant se connecte par SSO, jamais par un mot de passe",
    ),
    (
        "no-password-beside-sso",
        "cet utilisateur se connecte par SSO\u{a0}; un mot de passe oublié se réinitialise chez son \
         fournisseur d’identité",
    ),
    ("own-account-only", "c’est un autre compte que celui où vous êtes connecté"),
    ("sso-configure-right", "il faut le droit `sso.configure` dans ce compte"),
    (
        "enrolment-by-approvers",
        "les liens pour enregistrer un second facteur sont faits par des approbateurs connectés\u{a0}; \
         les deux premiers tiennent les leurs de `countersign bootstrap`",
    ),
    (
        "enrolment-for-staff",
        "les liens pour enregistrer un second facteur sont pour le personnel de l’exploitant\u{a0}; tous \
         les autres enregistrent le leur après leur connexion",
    ),
    (
        "users-administer-right",
        "il faut le droit `users.administer` dans le compte de l’exploitant",
    ),
    (
        "enrolment-not-own",
        "personne ne se donne à soi-même un lien pour enregistrer un second facteur\u{a0}; demandez à un \
         autre approbateur",
    ),
    (
        "enrolment-two-people",
        "cet utilisateur et vous êtes peut-être une seule personne (même connexion, même externalId ou \
         même adresse)\u{a0}; demandez à un autre approbateur",
    ),
    (
        "reset-takes-approvals",
        "cet utilisateur a un second facteur\u{a0}; le réinitialiser demande des approbations, qui \
         n’existent pas encore",
    ),
    (
        "fresh-second-factor",
        "présentez de nouveau votre second facteur\u{a0}; la dernière fois remonte à plus de dix minutes",
    ),
    (
        "two-planes",
        "les utilisateurs, les destinataires et les droits d’un client ne regardent que lui\u{a0}; demandez à \
         un administrateur du compte",
    ),
    (
        "operators-plane",
        "les permissions d’un compte, son état et son compte parent regardent l’exploitant\u{a0}; demandez à \
         votre interlocuteur",
    ),
    (
        "administrators-only",
        "il faut le droit `users.administer` dans ce compte ou dans son compte parent",
    ),
    (
        "recipient-admins-only",
        "il faut le droit `recipients.administer` ou `users.administer` dans ce compte ou dans son compte \
         parent",
    ),
    (
        "workspace-admins-only",
        "il faut le droit `workspaces.manage` ou `users.administer` dans ce compte ou dans son compte \
         parent",
    ),
    (
        "activities-readers-only",
        "il faut le droit `activities.read` dans ce compte, ou `users.administer` dans ce compte ou dans son \
         compte parent",
    ),
    (
        "no-right-beyond-author",
        "un bouquet ne peut contenir un droit que son auteur n’a pas\u{a0}; retirez-le, ou demandez à un \
         administrateur qui l’a",
    ),
    (
        "no-self-assignment",
        "personne ne se donne des droits à soi-même\u{a0}; demandez à un autre administrateur",
    ),
    ("own-language-only", "chacun choisit lui-même la langue dans laquelle on lui parle"),
    (
        "move-takes-approvals",
        "un compte qui a des utilisateurs ne passe sous un parent qu’avec l’accord des deux, et les \
         approbations n’existent pas encore\u{a0}; il peut en être retiré",
    ),
    (
        "no-sealing-key",
        "ce serveur n’a pas de clé pour sceller les secrets\u{a0}; son exploitant définit `secrets.keys`",
    ),
    (
        "properties-by-administrators",
        "les propriétés filtrent ce que quelqu’un voit\u{a0}: les attribuer demande le droit \
         `users.administer` dans ce compte ou son parent",
    ),
    (
        "recipients-see-what-is-shared",
        "un destinataire voit ce qui a été partagé avec lui, et rien d’autre du compte",
    ),
    (
        "approver-right",
        "pour signer, il faut le droit `users.administer` dans ce compte ou son parent\u{a0}; là où personne \
         d’autre ne l’a, la fonction CSD parmi le personnel de l’exploitant",
    ),
    (
        "approver-not-requester",
        "qui demande ne signe pas, sous quelque utilisateur ou compte que ce soit\u{a0}; adressez-vous à un \
         autre administrateur",
    ),
    (
        "approver-not-beneficiary",
        "qui gagne à une demande ne la signe pas\u{a0}; adressez-vous à un autre administrateur",
    ),
    (
        "approver-right-too-new",
        "le droit de signer doit être plus ancien que la demande\u{a0}; adressez-vous à un administrateur qui \
         l’avait déjà",
    ),
    (
        "approver-cooling-off",
        "qui vient de recevoir le droit de signer signe au plus tôt après 24 heures",
    ),
    (
        "approver-made-by-requester",
        "un utilisateur créé par la personne qui demande signe pour elle au plus tôt après 30 jours",
    ),
    ("request-settled", "la demande n’attend plus\u{a0}: elle a déjà été réglée"),
    ("request-expired", "personne n’a signé à temps\u{a0}; il faut demander de nouveau"),
    (
        "content-changed",
        "ce n’est pas ce que dit la demande maintenant\u{a0}; relisez-la, et signez ce que vous voyez",
    ),
    ("one-vote-per-person", "vous avez déjà voté sur cette demande"),
    (
        "no-approver-exists",
        "personne ne pourrait signer\u{a0}: donnez d’abord `users.administer` à quelqu’un d’autre, qui ne \
         demande ni ne gagne rien, ou faites nommer un CSD par l’exploitant",
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
        Language::Fr => match FRENCH.iter().find(|(of, _)| *of == rule) {
            Some((_, french)) => (*french).to_owned(),
            None => format!("la règle `{rule}` s’y oppose"),
        },
    };
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
