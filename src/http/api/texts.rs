//! What the API says to people, in both languages. `{}` stands for a particular of the problem.

pub(super) mod query;
pub(super) mod rights;
pub(super) mod rules;
pub(super) mod sso;
pub(in crate::http) mod stops;
pub(super) mod support;

use crate::http::login::language::Language;

/// A problem in words: what it is, and what would be right.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text {
    /// The same for all problems of a type.
    pub(super) title: &'static str,
    /// What to do.
    pub(super) detail: &'static str,
}

/// Which of the texts.
pub(super) type Choice = fn(&Texts) -> Text;

/// All of them.
#[derive(Debug)]
pub(super) struct Texts {
    pub(super) not_found: Text,
    pub(super) no_endpoint: Text,
    pub(super) wrong_method: Text,
    pub(super) not_signed_in: Text,
    pub(super) wrong_token: Text,
    pub(super) step_up: Text,
    pub(super) cross_site: Text,
    pub(super) not_for_products: Text,
    pub(super) browser_only: Text,
    pub(super) out_of_scope: Text,
    pub(super) credential_in_url: Text,
    pub(super) wrong_json: Text,
    pub(super) wrong_form: Text,
    pub(super) unknown_audience: Text,
    pub(super) media_type: Text,
    pub(super) too_large: Text,
    pub(super) too_slow: Text,
    pub(super) invalid: Text,
    pub(super) invalid_fields: Text,
    pub(super) invalid_query: Text,
    pub(super) no_dry_run: Text,
    pub(super) invalid_key: Text,
    pub(super) key_reused: Text,
    pub(super) key_in_use: Text,
    pub(super) answer_not_kept: Text,
    pub(super) denied: Text,
    pub(super) conflict: Text,
    pub(super) stale: Text,
    pub(super) wait: Text,
    pub(super) busy: Text,
    pub(super) internal: Text,
}

/// The texts in a language.
pub(super) fn of(language: Language) -> &'static Texts {
    language.pick(&EN, &FR)
}

const fn text(title: &'static str, detail: &'static str) -> Text {
    Text { title, detail }
}

static EN: Texts = Texts {
    not_found: text("Not found", "There is nothing of that id here, or no longer."),
    no_endpoint: text(
        "No such endpoint",
        "There is no such path; /api/v1/openapi.json lists all there are.",
    ),
    wrong_method: text(
        "Method not allowed",
        "This path does not have that method; the header `Allow` names those that it has.",
    ),
    not_signed_in: text(
        "Not signed in",
        "Sign in, or send an access token or a product key in the header `Authorization`.",
    ),
    wrong_token: text(
        "Invalid token",
        "The token in the header `Authorization` is malformed, has ended, was revoked, or is not for \
         this API; get a new one.",
    ),
    step_up: text("Second factor required", "Show your second factor at /step-up, then ask again."),
    cross_site: text(
        "Request from another site",
        "A browser's session counts only for requests from our own pages; use an access token.",
    ),
    not_for_products: text(
        "Not for product keys",
        "This takes a person; send the access token of one.",
    ),
    browser_only: text(
        "For a signed-in browser only",
        "Access tokens are issued to a browser that is signed in, not for another access token.",
    ),
    out_of_scope: text("Insufficient scope", "This takes a product key of the scope `{}`."),
    credential_in_url: text(
        "Secret in the URL",
        "A URL ends up in logs. Count that token as leaked, revoke it, and send tokens in the header \
         `Authorization` or in the body.",
    ),
    wrong_json: text(
        "Invalid JSON",
        "The body is to be a JSON object with no other members than these, each of its form: {}.",
    ),
    wrong_form: text("Invalid form", "The body is to hold the field `{}` once, and not empty."),
    unknown_audience: text(
        "Unknown audience",
        "Access tokens are issued for this server, by its public URL, and for the configured product.",
    ),
    media_type: text("Unsupported media type", "Send the body as `{}`."),
    too_large: text("Body too large", "The body is larger than 65536 bytes, the limit here."),
    too_slow: text("Incomplete body", "The body did not arrive whole and in time; send it again."),
    invalid: text("Invalid request", "The request cannot be right; compare it with openapi.json."),
    invalid_fields: text("Invalid fields", "Put these right: {}."),
    invalid_query: text("Invalid parameters", "Put these right in the URL: {}."),
    no_dry_run: text(
        "Not to be tried",
        "This has no `dryRun`. Nothing was done; leave `dryRun` out to have it done.",
    ),
    invalid_key: text(
        "Invalid idempotency key",
        "The header `Idempotency-Key` is to hold one key of 1 to 255 printable ASCII characters, in \
         quotes or without; take a new UUID for each request.",
    ),
    key_reused: text(
        "Idempotency key used before",
        "That key came with another request within the last 24 hours; take a new one for each request.",
    ),
    key_in_use: text(
        "Not done yet, or not known",
        "The request that came with that key is still being done, or was interrupted so that nobody \
         knows. Ask again in a while, then look whether it was done before you send it with a new key.",
    ),
    answer_not_kept: text(
        "Done, and answered once",
        "The request that came with that key is done. Its answer held a secret and was not kept; look at \
         what is there now, and send a new key if you need another.",
    ),
    denied: text("Denied", "{}."),
    conflict: text("Conflict", "It is in conflict with what is there already."),
    stale: text("Changed meanwhile", "It has changed meanwhile; read it again, then decide."),
    wait: text("Too many requests", "Too many were asked for; ask again in {} seconds."),
    busy: text("Busy", "The server is busy; try again in a second."),
    internal: text("Internal error", "The fault is ours; the log knows more by the request's id."),
};

static FR: Texts = Texts {
    not_found: text("Introuvable", "Rien ne porte cet identifiant ici, ou plus rien."),
    no_endpoint: text(
        "Chemin inconnu",
        "Ce chemin n’existe pas\u{a0}; /api/v1/openapi.json les donne tous.",
    ),
    wrong_method: text(
        "Méthode non autorisée",
        "Ce chemin ne connaît pas cette méthode\u{a0}; l’en-tête `Allow` nomme celles qu’il connaît.",
    ),
    not_signed_in: text(
        "Non connecté",
        "Connectez-vous, ou envoyez un jeton d’accès ou une clé produit dans l’en-tête \
         `Authorization`.",
    ),
    wrong_token: text(
        "Jeton non valide",
        "Le jeton de l’en-tête `Authorization` est mal formé, expiré, révoqué, ou n’est pas destiné à \
         cette API\u{a0}; demandez-en un nouveau.",
    ),
    step_up: text(
        "Second facteur exigé",
        "Présentez votre second facteur sur /step-up, puis recommencez.",
    ),
    cross_site: text(
        "Requête venue d’un autre site",
        "La session d’un navigateur ne vaut que pour nos propres pages\u{a0}; utilisez un jeton d’accès.",
    ),
    not_for_products: text(
        "Pas avec une clé produit",
        "Il faut une personne\u{a0}; envoyez le jeton d’accès de l’une d’elles.",
    ),
    browser_only: text(
        "Réservé à un navigateur connecté",
        "Un jeton d’accès est délivré à un navigateur connecté, pas en échange d’un autre jeton d’accès.",
    ),
    out_of_scope: text("Portée insuffisante", "Il faut une clé produit de portée `{}`."),
    credential_in_url: text(
        "Secret dans l’URL",
        "Une URL finit dans des journaux. Considérez ce jeton comme divulgué, révoquez-le, et envoyez \
         les jetons dans l’en-tête `Authorization` ou dans le corps.",
    ),
    wrong_json: text(
        "JSON non valide",
        "Le corps doit être un objet JSON sans autres membres que ceux-ci, chacun de sa forme\u{a0}: {}.",
    ),
    wrong_form: text(
        "Formulaire non valide",
        "Le corps doit contenir le champ `{}` une seule fois, et non vide.",
    ),
    unknown_audience: text(
        "Audience inconnue",
        "Les jetons d’accès sont destinés à ce serveur, par son URL publique, ou au produit configuré.",
    ),
    media_type: text("Type de contenu non pris en charge", "Envoyez le corps en `{}`."),
    too_large: text("Corps trop grand", "Le corps dépasse 65536 octets, la limite ici."),
    too_slow: text(
        "Corps incomplet",
        "Le corps n’est pas arrivé entier et à temps\u{a0}; envoyez-le de nouveau.",
    ),
    invalid: text(
        "Requête non valide",
        "La requête est incorrecte\u{a0}; comparez-la à openapi.json.",
    ),
    invalid_fields: text("Champs non valides", "À corriger\u{a0}: {}."),
    invalid_query: text("Paramètres non valides", "À corriger dans l’URL\u{a0}: {}."),
    no_dry_run: text(
        "Pas d’essai possible",
        "`dryRun` n’existe pas ici. Rien n’a été fait\u{a0}; retirez `dryRun` pour que ce soit fait.",
    ),
    invalid_key: text(
        "Clé d’idempotence non valide",
        "L’en-tête `Idempotency-Key` doit contenir une clé de 1 à 255 caractères ASCII imprimables, avec \
         ou sans guillemets\u{a0}; prenez un nouvel UUID pour chaque requête.",
    ),
    key_reused: text(
        "Clé d’idempotence déjà employée",
        "Cette clé a accompagné une autre requête ces dernières 24 heures\u{a0}; prenez-en une nouvelle \
         pour chaque requête.",
    ),
    key_in_use: text(
        "Pas encore fait, ou inconnu",
        "La requête venue avec cette clé est encore en cours, ou a été interrompue sans qu’on sache. \
         Redemandez dans un moment, puis regardez si elle a été faite avant de l’envoyer avec une \
         nouvelle clé.",
    ),
    answer_not_kept: text(
        "Fait, et répondu une fois",
        "La requête venue avec cette clé est faite. Sa réponse contenait un secret et n’a pas été \
         gardée\u{a0}; regardez ce qu’il y a, et envoyez une nouvelle clé s’il vous en faut un autre.",
    ),
    denied: text("Refusé", "{}."),
    conflict: text("Conflit", "La demande contredit ce qui existe déjà."),
    stale: text(
        "Modifié entre-temps",
        "L’objet a changé entre-temps\u{a0}; relisez-le, puis décidez.",
    ),
    wait: text(
        "Trop de demandes",
        "Il y a eu trop de demandes\u{a0}; redemandez dans {} secondes.",
    ),
    busy: text("Occupé", "Le serveur est occupé\u{a0}; réessayez dans une seconde."),
    internal: text(
        "Erreur interne",
        "L’erreur vient de nous\u{a0}; l’identifiant de la requête la retrouve dans le journal.",
    ),
};
