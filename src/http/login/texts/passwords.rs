//! What the pages about passwords say.

use crate::domain::passwords::Refusal;
use crate::http::login::language::Language;

/// The texts.
#[derive(Debug)]
pub(in crate::http) struct Texts {
    pub(in crate::http) wrong: &'static str,
    pub(in crate::http) wrong_current: &'static str,
    pub(in crate::http) wait: fn(u64) -> String,
    pub(in crate::http) forgot: &'static str,
    pub(in crate::http) address: &'static str,
    pub(in crate::http) address_hint: &'static str,
    pub(in crate::http) no_address: &'static str,
    pub(in crate::http) send: &'static str,
    pub(in crate::http) asked: (&'static str, &'static str),
    pub(in crate::http) first: &'static str,
    pub(in crate::http) another: &'static str,
    pub(in crate::http) current: &'static str,
    pub(in crate::http) new: &'static str,
    pub(in crate::http) new_hint: &'static str,
    pub(in crate::http) again: &'static str,
    pub(in crate::http) set: &'static str,
    pub(in crate::http) different: &'static str,
    pub(in crate::http) gone: (&'static str, &'static str),
    pub(in crate::http) chosen: (&'static str, &'static str),
    pub(in crate::http) changed: (&'static str, &'static str),
    pub(in crate::http) none: (&'static str, &'static str),
    pub(in crate::http) sign_in: &'static str,
    too_short: &'static str,
    too_long: &'static str,
    too_common: &'static str,
    own_name: &'static str,
}

impl Texts {
    /// The texts in a language.
    pub(in crate::http) fn of(language: Language) -> &'static Self {
        language.pick(&EN, &FR)
    }

    /// Why a password may not be chosen, and which may.
    pub(in crate::http) fn refusal(&self, refusal: Refusal) -> &'static str {
        match refusal {
            Refusal::TooShort => self.too_short,
            Refusal::TooLong => self.too_long,
            Refusal::TooCommon => self.too_common,
            Refusal::OwnName => self.own_name,
        }
    }
}

static EN: Texts = Texts {
    wrong: "This user name and this password do not open anything here. Check both; or sign in with \
            your organisation's account, if it has one.",
    wrong_current: "That is not your current password. Type it again.",
    wait: |seconds| match seconds {
        0..=1 => "There were too many tries. Try again in a second.".to_owned(),
        2..=90 => format!("There were too many tries. Try again in {seconds} seconds."),
        _ => format!("There were too many tries. Try again in {} minutes.", seconds.div_ceil(60)),
    },
    forgot: "Forgotten password",
    address: "E-mail address",
    address_hint: "The one at which you had your invitation.",
    no_address: "This is not an e-mail address. Type one such as ann@example.com.",
    send: "Send me a link",
    asked: (
        "Check your mailbox",
        "If a password belongs to this address, a mail with a link is on its way; the link works once, \
         within 30 minutes. If none comes: you may sign in with your organisation's account, or your \
         address may have changed. Then ask an administrator of your account.",
    ),
    first: "Choose your password",
    another: "Choose another password",
    current: "Current password",
    new: "New password",
    new_hint: "At least 12 characters. Several words that do not belong together are good; digits and \
               marks are not needed.",
    again: "New password, once more",
    set: "Set the password",
    different: "The two new passwords are not the same. Type both again.",
    gone: (
        "This link does not work any more",
        "It was used already, is too old, or a newer one was sent. Ask for another on the sign-in page, \
         or ask an administrator of your account.",
    ),
    chosen: (
        "Your password is set",
        "All your sessions have ended. Sign in with the new password now.",
    ),
    changed: ("Your password is changed", "Your sessions in other browsers have ended."),
    none: (
        "You have no password here",
        "You sign in with your organisation's account. Its password is changed there.",
    ),
    sign_in: "Sign in",
    too_short: "This password is too short. Choose one of at least 12 characters.",
    too_long: "This password is too long. Choose one of at most 128 characters.",
    too_common: "Too many people use this password, or one much like it. Choose another, such as several \
                 words that do not belong together.",
    own_name: "This password is hardly more than your name, your address or your organisation's name. \
               Choose another.",
};

static FR: Texts = Texts {
    wrong: "Ce nom d’utilisateur et ce mot de passe n’ouvrent rien ici. Vérifiez les deux, ou \
            connectez-vous avec le compte de votre organisation, s’il y en a un.",
    wrong_current: "Ce n’est pas votre mot de passe actuel. Saisissez-le à nouveau.",
    wait: |seconds| match seconds {
        0..=1 => "Il y a eu trop d’essais. Réessayez dans une seconde.".to_owned(),
        2..=90 => format!("Il y a eu trop d’essais. Réessayez dans {seconds} secondes."),
        _ => {
            format!("Il y a eu trop d’essais. Réessayez dans {} minutes.", seconds.div_ceil(60))
        }
    },
    forgot: "Mot de passe oublié",
    address: "Adresse e-mail",
    address_hint: "Celle à laquelle vous avez reçu votre invitation.",
    no_address: "Ce n’est pas une adresse e-mail. Saisissez une adresse comme ann@example.com.",
    send: "M’envoyer un lien",
    asked: (
        "Consultez votre messagerie",
        "Si un mot de passe correspond à cette adresse, un message avec un lien est en route\u{a0}; le lien \
         fonctionne une seule fois, pendant 30 minutes. Si rien n’arrive, c’est que vous vous connectez \
         peut-être avec le compte de votre organisation, ou que votre adresse a changé. Adressez-vous alors \
         à un administrateur de votre compte.",
    ),
    first: "Choisissez votre mot de passe",
    another: "Choisissez un nouveau mot de passe",
    current: "Mot de passe actuel",
    new: "Nouveau mot de passe",
    new_hint: "Au moins 12 caractères. Plusieurs mots sans rapport entre eux conviennent bien\u{a0}; chiffres \
               et signes ne sont pas nécessaires.",
    again: "Confirmez le nouveau mot de passe",
    set: "Enregistrer le mot de passe",
    different: "Les deux nouveaux mots de passe ne sont pas identiques. Saisissez à nouveau les deux.",
    gone: (
        "Ce lien ne fonctionne plus",
        "Il a déjà servi, il est trop ancien, ou un plus récent a été envoyé. Demandez-en un autre sur la \
         page de connexion, ou adressez-vous à un administrateur de votre compte.",
    ),
    chosen: (
        "Votre mot de passe est enregistré",
        "Toutes vos sessions ont pris fin. Connectez-vous maintenant avec le nouveau mot de passe.",
    ),
    changed: (
        "Votre mot de passe est modifié",
        "Vos sessions dans d’autres navigateurs ont pris fin.",
    ),
    none: (
        "Vous n’avez pas de mot de passe ici",
        "Vous vous connectez avec le compte de votre organisation. C’est là que son mot de passe se modifie.",
    ),
    sign_in: "Se connecter",
    too_short: "Ce mot de passe est trop court. Choisissez-en un d’au moins 12 caractères.",
    too_long: "Ce mot de passe est trop long. Choisissez-en un d’au plus 128 caractères.",
    too_common: "Trop de personnes utilisent ce mot de passe, ou un autre très proche. Choisissez-en un \
                 autre, par exemple plusieurs mots sans rapport entre eux.",
    own_name: "Ce mot de passe n’est guère plus que votre nom, votre adresse ou le nom de votre \
               organisation. Choisissez-en un autre.",
};
