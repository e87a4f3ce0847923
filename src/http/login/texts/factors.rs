//! Texts of second factors and of the first approvers.

use crate::http::login::language::Language;

/// The texts.
#[derive(Debug)]
pub(in crate::http) struct FactorTexts {
    pub(in crate::http) app: &'static str,
    pub(in crate::http) passkey: &'static str,
    pub(in crate::http) remove: &'static str,
    pub(in crate::http) added: &'static str,
    pub(in crate::http) removed: &'static str,
    pub(in crate::http) code_used: &'static str,
    pub(in crate::http) factors: &'static str,
    pub(in crate::http) intro: &'static str,
    pub(in crate::http) none: &'static str,
    pub(in crate::http) since: &'static str,
    pub(in crate::http) last_used: &'static str,
    pub(in crate::http) add: &'static str,
    pub(in crate::http) codes: &'static str,
    pub(in crate::http) codes_left: fn(usize) -> String,
    pub(in crate::http) make_codes: &'static str,
    pub(in crate::http) make_codes_hint: &'static str,
    pub(in crate::http) codes_shown: &'static str,
    pub(in crate::http) codes_kept: &'static str,
    pub(in crate::http) step_up: &'static str,
    pub(in crate::http) step_up_intro: &'static str,
    pub(in crate::http) use_passkey: &'static str,
    pub(in crate::http) passkey_hint: &'static str,
    pub(in crate::http) passkey_failed: &'static str,
    pub(in crate::http) needs_script: &'static str,
    pub(in crate::http) no_passkeys: &'static str,
    pub(in crate::http) app_code: &'static str,
    pub(in crate::http) app_code_hint: &'static str,
    pub(in crate::http) check: &'static str,
    pub(in crate::http) recovery_code: &'static str,
    pub(in crate::http) recovery_hint: &'static str,
    pub(in crate::http) again: &'static str,
    pub(in crate::http) again_hint: &'static str,
    pub(in crate::http) again_there: &'static str,
    pub(in crate::http) again_first: &'static str,
    pub(in crate::http) nothing_staff: &'static str,
    pub(in crate::http) nothing: &'static str,
    pub(in crate::http) enrol_intro: &'static str,
    pub(in crate::http) add_passkey: &'static str,
    pub(in crate::http) add_app: &'static str,
    pub(in crate::http) add_app_hint: &'static str,
    pub(in crate::http) name: &'static str,
    pub(in crate::http) name_hint: &'static str,
    pub(in crate::http) scan: &'static str,
    pub(in crate::http) picture: &'static str,
    pub(in crate::http) type_instead: &'static str,
    pub(in crate::http) first_code: &'static str,
    pub(in crate::http) sign_in_first: &'static str,
    pub(in crate::http) open_again: &'static str,
    pub(in crate::http) wrong: &'static str,
    pub(in crate::http) expired: &'static str,
    pub(in crate::http) locked_until: fn(&str) -> String,
    pub(in crate::http) locked_staff: &'static str,
    pub(in crate::http) refused: &'static str,
    pub(in crate::http) approvers: &'static str,
    pub(in crate::http) approvers_intro: &'static str,
    pub(in crate::http) user_name: &'static str,
    pub(in crate::http) not_enrolled: &'static str,
    pub(in crate::http) confirm: &'static str,
    pub(in crate::http) confirmed: &'static str,
    pub(in crate::http) complete: &'static str,
    rules: &'static [(&'static str, &'static str)],
}

impl FactorTexts {
    /// The texts in a language.
    pub(in crate::http) fn of(language: Language) -> &'static Self {
        language.pick(&EN, &FR)
    }

    /// What the rule of that name says.
    pub(in crate::http) fn rule(&self, name: &str) -> Option<&'static str> {
        self.rules.iter().find(|(rule, _)| *rule == name).map(|(_, text)| *text)
    }
}

static EN: FactorTexts = FactorTexts {
    app: "Authenticator app",
    passkey: "Passkey",
    remove: "Remove",
    added: "Your second factor was added. Your other sessions have ended.",
    removed: "The second factor was removed. Your other sessions have ended.",
    code_used: "You signed in with a recovery code. It cannot be used again.",
    factors: "Second factors",
    intro: "What you show after your first sign-in, so that a stolen password is not enough.",
    none: "You have no second factor yet.",
    since: "Since",
    last_used: "Last used",
    add: "Add a second factor",
    codes: "Recovery codes",
    codes_left: |count| match count {
        0 => "No recovery code is left.".to_owned(),
        1 => "One recovery code is left.".to_owned(),
        count => format!("{count} recovery codes are left."),
    },
    make_codes: "Make new recovery codes",
    make_codes_hint: "The old ones then no longer work.",
    codes_shown: "These codes are shown only now. Each signs you in once if you lose your second \
                  factor.",
    codes_kept: "I have kept them",
    step_up: "Second factor",
    step_up_intro: "Show that it is you.",
    use_passkey: "Use a passkey",
    passkey_hint: "Your device asks for your fingerprint, face or PIN.",
    passkey_failed: "The passkey did not work, or was cancelled. Try again, or use another way.",
    needs_script: "Passkeys need JavaScript.",
    no_passkeys: "Passkeys cannot be used here: this server's address has no domain name.",
    app_code: "Code of your authenticator app",
    app_code_hint: "Six digits. Each code works once.",
    check: "Continue",
    recovery_code: "Recovery code",
    recovery_hint: "If you have nothing else with you. Each code works once.",
    again: "At your organisation",
    again_hint: "If your organisation’s sign-in asks you for a second factor, that one counts here too.",
    again_there: "Sign in again there",
    again_first: "Sign in again at your organisation before you add a second factor: the last time was \
                  more than ten minutes ago.",
    nothing_staff: "You have no second factor yet. Open the one-time link that an approver gave \
                    you, in this browser. Ask for one if you have none.",
    nothing: "You have no second factor yet.",
    enrol_intro: "A passkey is the safest and quickest. An authenticator app works everywhere.",
    add_passkey: "Add a passkey",
    add_app: "Add an authenticator app",
    add_app_hint: "An app on your phone that shows codes of six digits.",
    name: "Name (optional)",
    name_hint: "To tell it from others, for example “my phone”.",
    scan: "Scan this picture with the app.",
    picture: "QR code for the authenticator app; the same key stands below as text",
    type_instead: "Or type this key into the app:",
    first_code: "The code that the app shows now",
    sign_in_first: "Sign in first",
    open_again: "Sign in, then open the link again in this browser. It still works.",
    wrong: "That was not right, or was used before. For a code, wait for the next one.",
    expired: "That took too long. Begin again.",
    locked_until: |until| {
        format!("There were too many wrong tries. Nothing is accepted until {until}.")
    },
    locked_staff: "There were too many wrong tries, and your second factors are locked. Ask an \
                   approver of your organisation to reset them.",
    refused: "This cannot be done",
    approvers: "The first approvers",
    approvers_intro: "You two are to approve what others ask for. Confirm the other only if you \
                      know them, and they tell you in person that they added the second factor below.",
    user_name: "User name",
    not_enrolled: "Has not signed in and added a second factor yet.",
    confirm: "I confirm that it is them",
    confirmed: "You have confirmed them. They have yet to confirm you.",
    complete: "You both are approvers now.",
    rules: &[
        (
            "keep-a-factor",
            "You need a second factor to sign in. Add another before you remove your last.",
        ),
        ("codes-beside-a-factor", "Recovery codes stand in for a second factor. Add one first."),
        (
            "passkeys-need-a-domain",
            "Passkeys need an address with a domain name. This server’s operator sets `server.public_url`.",
        ),
        (
            "staff-enrol-by-link",
            "Staff add their first second factor by a one-time link. Ask an approver for one.",
        ),
        (
            "fresh-sign-in",
            "Sign out and in again before you add a second factor: the last time was more than ten minutes ago.",
        ),
        (
            "enrolment-link",
            "This link is not for you, was used, or has ended. Ask whoever gave it to you for a new one.",
        ),
        ("link-first-factor", "You have a second factor already. Sign in with it to add another."),
        ("enough-factors", "Ten second factors are the most. Remove one first."),
        ("enrolment-overtaken", "Your second factors changed meanwhile. Begin again."),
        (
            "bootstrap-two-people",
            "You two may be one person to this server: the same sign-in, externalId or e-mail address.",
        ),
        (
            "bootstrap-enrolled",
            "Both must have signed in and added a second factor by their links first.",
        ),
        (
            "enrolment-for-staff",
            "This page is for the operator’s staff. You add your own second factors after signing in.",
        ),
        (
            "users-administer-right",
            "This takes the right to administer the operator’s users. Ask an approver.",
        ),
        ("enrolment-not-own", "Nobody makes such a link for themselves. Ask another approver."),
        (
            "enrolment-two-people",
            "You two may be one person to this server: the same sign-in, externalId or e-mail address. Ask another approver.",
        ),
        (
            "reset-takes-approvals",
            "They have a second factor. A reset takes approvals, which do not exist yet.",
        ),
    ],
};

static FR: FactorTexts = FactorTexts {
    app: "Application d’authentification",
    passkey: "Clé d’accès",
    remove: "Supprimer",
    added: "Votre second facteur a été ajouté. Vos autres sessions sont terminées.",
    removed: "Le second facteur a été supprimé. Vos autres sessions sont terminées.",
    code_used: "Vous vous êtes connecté avec un code de secours. Il ne peut plus servir.",
    factors: "Seconds facteurs",
    intro: "Ce que vous présentez après la première connexion, pour qu’un mot de passe volé ne \
            suffise pas.",
    none: "Vous n’avez pas encore de second facteur.",
    since: "Depuis",
    last_used: "Dernière utilisation",
    add: "Ajouter un second facteur",
    codes: "Codes de secours",
    codes_left: |count| match count {
        0 => "Il ne reste aucun code de secours.".to_owned(),
        1 => "Il reste un code de secours.".to_owned(),
        count => format!("Il reste {count} codes de secours."),
    },
    make_codes: "Créer de nouveaux codes de secours",
    make_codes_hint: "Les anciens ne fonctionneront plus.",
    codes_shown: "Ces codes ne sont affichés que maintenant. Chacun vous connecte une fois si vous \
                  perdez votre second facteur.",
    codes_kept: "Je les ai conservés",
    step_up: "Second facteur",
    step_up_intro: "Montrez que c’est bien vous.",
    use_passkey: "Utiliser une clé d’accès",
    passkey_hint: "Votre appareil demande votre empreinte, votre visage ou votre code PIN.",
    passkey_failed: "La clé d’accès n’a pas fonctionné ou a été annulée. Réessayez, ou choisissez \
                     un autre moyen.",
    needs_script: "Les clés d’accès nécessitent JavaScript.",
    no_passkeys: "Les clés d’accès ne peuvent pas servir ici\u{a0}: l’adresse de ce serveur n’a pas de \
                  nom de domaine.",
    app_code: "Code de votre application d’authentification",
    app_code_hint: "Six chiffres. Chaque code ne sert qu’une fois.",
    check: "Continuer",
    recovery_code: "Code de secours",
    recovery_hint: "Si vous n’avez rien d’autre avec vous. Chaque code ne sert qu’une fois.",
    again: "Auprès de votre organisation",
    again_hint: "Si le service de connexion de votre organisation vous demande un second facteur, celui-ci \
                 compte aussi ici.",
    again_there: "Vous y reconnecter",
    again_first: "Reconnectez-vous auprès de votre organisation avant d’ajouter un second facteur\u{a0}: la \
                  dernière fois remonte à plus de dix minutes.",
    nothing_staff: "Vous n’avez pas encore de second facteur. Ouvrez dans ce navigateur le lien à \
                    usage unique qu’un approbateur vous a remis. Demandez-en un si vous n’en avez pas.",
    nothing: "Vous n’avez pas encore de second facteur.",
    enrol_intro: "Une clé d’accès est le moyen le plus sûr et le plus rapide. Une application \
                  d’authentification fonctionne partout.",
    add_passkey: "Ajouter une clé d’accès",
    add_app: "Ajouter une application d’authentification",
    add_app_hint: "Une application de votre téléphone qui affiche des codes à six chiffres.",
    name: "Nom (si vous le souhaitez)",
    name_hint: "Pour la distinguer des autres, par exemple «\u{a0}mon téléphone\u{a0}».",
    scan: "Scannez cette image avec l’application.",
    picture: "Code QR pour l’application d’authentification\u{a0}; la même clé figure en texte ci-dessous",
    type_instead: "Ou saisissez cette clé dans l’application\u{a0}:",
    first_code: "Le code que l’application affiche maintenant",
    sign_in_first: "Connectez-vous d’abord",
    open_again: "Connectez-vous, puis ouvrez de nouveau le lien dans ce navigateur. Il reste valable.",
    wrong: "Code ou clé refusé, ou déjà utilisé. Pour un code, attendez le suivant.",
    expired: "Cela a pris trop de temps. Recommencez.",
    locked_until: |until| {
        format!("Il y a eu trop d’essais erronés. Rien n’est accepté avant le {until}.")
    },
    locked_staff: "Il y a eu trop d’essais erronés, et vos seconds facteurs sont bloqués. Demandez \
                   à un approbateur de votre organisation de les réinitialiser.",
    refused: "Cela n’est pas possible",
    approvers: "Les premiers approbateurs",
    approvers_intro: "Vous serez tous deux chargés d’approuver les demandes des autres. Ne confirmez l’autre que si \
                      vous le connaissez, et s’il vous dit de vive voix avoir ajouté le second \
                      facteur ci-dessous.",
    user_name: "Nom d’utilisateur",
    not_enrolled: "Ne s’est pas encore connecté ou n’a pas encore ajouté de second facteur.",
    confirm: "Je confirme que c’est bien cette personne",
    confirmed: "Vous avez confirmé cette personne. Elle doit encore vous confirmer.",
    complete: "Vous êtes désormais tous deux approbateurs.",
    rules: &[
        (
            "keep-a-factor",
            "Il vous faut un second facteur pour vous connecter. Ajoutez-en un autre avant de supprimer le dernier.",
        ),
        (
            "codes-beside-a-factor",
            "Les codes de secours remplacent un second facteur. Ajoutez-en d’abord un.",
        ),
        (
            "passkeys-need-a-domain",
            "Les clés d’accès nécessitent une adresse avec un nom de domaine. L’opérateur de ce serveur définit `server.public_url`.",
        ),
        (
            "staff-enrol-by-link",
            "Le personnel ajoute son premier second facteur par un lien à usage unique. Demandez-en un à un approbateur.",
        ),
        (
            "fresh-sign-in",
            "Déconnectez-vous et reconnectez-vous avant d’ajouter un second facteur\u{a0}: la dernière fois remonte à plus de dix minutes.",
        ),
        (
            "enrolment-link",
            "Ce lien n’est pas pour vous, a déjà servi ou a expiré. Demandez-en un nouveau à qui vous l’a remis.",
        ),
        (
            "link-first-factor",
            "Vous avez déjà un second facteur. Connectez-vous avec lui pour en ajouter un autre.",
        ),
        ("enough-factors", "Dix seconds facteurs sont le maximum. Supprimez-en d’abord un."),
        ("enrolment-overtaken", "Vos seconds facteurs ont changé entre-temps. Recommencez."),
        (
            "bootstrap-two-people",
            "Pour ce serveur, vous pourriez être une seule personne\u{a0}: même connexion, même externalId ou même adresse.",
        ),
        (
            "bootstrap-enrolled",
            "Vous devez d’abord vous être connectés tous deux et avoir ajouté un second facteur par vos liens.",
        ),
        (
            "enrolment-for-staff",
            "Cette page est destinée au personnel de l’exploitant. Vous ajoutez vos propres seconds facteurs après la connexion.",
        ),
        (
            "users-administer-right",
            "Il faut le droit d’administrer les utilisateurs de l’exploitant. Adressez-vous à un approbateur.",
        ),
        (
            "enrolment-not-own",
            "Personne ne crée un tel lien pour soi-même. Adressez-vous à un autre approbateur.",
        ),
        (
            "enrolment-two-people",
            "Pour ce serveur, vous pourriez être une seule personne\u{a0}: même connexion, même externalId ou même adresse. Adressez-vous à un autre approbateur.",
        ),
        (
            "reset-takes-approvals",
            "Cette personne a un second facteur. Une réinitialisation demande des approbations, qui n’existent pas encore.",
        ),
    ],
};
