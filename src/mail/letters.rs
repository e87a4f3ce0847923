//! What mails say, in English and French: one value per language, so that a text that is missing does
//! not compile.

mod administrators;

use std::error::Error;
use std::time::{Duration, UNIX_EPOCH};

use askama::Template;
use lettre::Message;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};

use crate::domain::effect::mails::{Letter, Ready};
use crate::domain::time::Timestamp;
use crate::domain::users::contact::Language;
use crate::mail::MailError;

/// What a mail is made of; `{}` stands for the account's name, and in mails about provisioning
/// `{connection}`, `{at}`, `{status}` and `{who}` for what they are about.
struct Texts {
    subject: &'static str,
    why: &'static str,
    label: &'static str,
    how: &'static str,
    otherwise: &'static str,
}

/// What all mails of a language share.
struct Shared {
    hello: &'static str,
    footer: &'static str,
}

#[derive(Template)]
#[template(path = "letter.txt", config = "src/mail/askama.toml")]
struct Plain<'a> {
    greeting: &'a str,
    why: &'a str,
    url: &'a str,
    how: &'a str,
    otherwise: &'a str,
    footer: &'a str,
}

#[derive(Template)]
#[template(path = "letter.html", config = "src/mail/askama.toml")]
struct Rich<'a> {
    lang: &'static str,
    subject: &'a str,
    greeting: &'a str,
    why: &'a str,
    url: &'a str,
    label: &'a str,
    how: &'a str,
    otherwise: &'a str,
    footer: &'a str,
}

/// RFC 3834: no holiday answers to this.
#[derive(Debug, Clone)]
struct AutoSubmitted;

const EN: Shared = Shared {
    hello: "Hello",
    footer: "This mail was sent automatically; answers to it are not read.",
};
const FR: Shared = Shared {
    hello: "Bonjour",
    footer: "Ce message a été envoyé automatiquement\u{a0}; les réponses ne sont pas lues.",
};
const INVITATION_EN: Texts = Texts {
    subject: "Choose your password for {}",
    why: "You have been given access to {}. Choose your password with this link:",
    label: "Choose your password",
    how: "The link works once, within 24 hours. Whoever has it can choose your password: do not pass it on.",
    otherwise: "If you did not expect this, do nothing; nobody can sign in without your password.",
};
const INVITATION_FR: Texts = Texts {
    subject: "Choisissez votre mot de passe pour {}",
    why: "Un accès à {} vous a été ouvert. Choisissez votre mot de passe avec ce lien\u{a0}:",
    label: "Choisir votre mot de passe",
    how: "Le lien fonctionne une seule fois, pendant 24 heures. Quiconque le détient peut choisir votre mot \
          de passe\u{a0}: ne le transmettez pas.",
    otherwise: "Si vous ne vous attendiez pas à ce message, ne faites rien\u{a0}; personne ne peut se connecter \
                sans votre mot de passe.",
};
const RESET_EN: Texts = Texts {
    subject: "Choose another password for {}",
    why: "Somebody asked for a new password for your access to {}. If it was you, choose it with this link:",
    label: "Choose another password",
    how: "The link works once, within 30 minutes. Whoever has it can choose your password: do not pass it on.",
    otherwise: "If you did not ask for it, do nothing; your password stays as it is.",
};
const RESET_FR: Texts = Texts {
    subject: "Réinitialisez votre mot de passe pour {}",
    why: "Un nouveau mot de passe a été demandé pour votre accès à {}. Si c’était vous, choisissez-le avec ce lien\u{a0}:",
    label: "Choisir un nouveau mot de passe",
    how: "Le lien fonctionne une seule fois, pendant 30 minutes. Quiconque le détient peut choisir votre mot \
          de passe\u{a0}: ne le transmettez pas.",
    otherwise: "Si vous n’avez rien demandé, ne faites rien\u{a0}; votre mot de passe reste le même.",
};
const CHANGED_EN: Texts = Texts {
    subject: "Your password for {} was changed",
    why: "The password for your access to {} was changed. If it was you, there is nothing to do. If it was not, ask for \
          another one at once:",
    label: "Ask for another password",
    how: "Your sessions in other browsers have ended.",
    otherwise: "If it was not you, tell an administrator of your account, too.",
};
const CHANGED_FR: Texts = Texts {
    subject: "Votre mot de passe pour {} a été modifié",
    why: "Le mot de passe de votre accès à {} a été modifié. Si c’était vous, vous n’avez rien à faire. Sinon, \
          demandez-en immédiatement un nouveau\u{a0}:",
    label: "Demander un nouveau mot de passe",
    how: "Vos sessions dans d’autres navigateurs ont pris fin.",
    otherwise: "Si ce n’était pas vous, prévenez aussi un administrateur de votre compte.",
};

const EXPIRES_EN: Texts = Texts {
    subject: "A provisioning token of {} expires soon",
    why: "The token by which “{connection}” provisions {} expires on {at}. From then on, changes that your identity \
          provider sends with it are refused. Your own page names the administrators to ask:",
    label: "Open your page",
    how: "Have another token made and put it into the identity provider before then: both are valid until the old one \
          ends.",
    otherwise: ABOUT_EN,
};
const EXPIRES_FR: Texts = Texts {
    subject: "Un jeton de provisionnement de {} expire bientôt",
    why: "Le jeton par lequel «\u{a0}{connection}\u{a0}» provisionne {} expire le {at}. Ensuite, les modifications que \
          votre fournisseur d’identité envoie avec ce jeton seront refusées. Votre page nomme les administrateurs à \
          contacter\u{a0}:",
    label: "Ouvrir votre page",
    how: "Faites créer un autre jeton et placez-le dans le fournisseur d’identité avant cette date\u{a0}: les deux sont \
          valables jusqu’à l’expiration de l’ancien.",
    otherwise: ABOUT_FR,
};
const EXPIRED_EN: Texts = Texts {
    subject: "A provisioning token of {} has expired",
    why: "The token by which “{connection}” provisions {} expired on {at}. Changes that your identity provider sends \
          with it are refused. Your own page names the administrators to ask:",
    label: "Open your page",
    how: "Have another token made and put it into the identity provider; it sends what was refused again.",
    otherwise: ABOUT_EN,
};
const EXPIRED_FR: Texts = Texts {
    subject: "Un jeton de provisionnement de {} a expiré",
    why: "Le jeton par lequel «\u{a0}{connection}\u{a0}» provisionne {} a expiré le {at}. Les modifications que votre \
          fournisseur d’identité envoie avec ce jeton sont refusées. Votre page nomme les administrateurs à \
          contacter\u{a0}:",
    label: "Ouvrir votre page",
    how: "Faites créer un autre jeton et placez-le dans le fournisseur d’identité\u{a0}; il renverra ce qui a été refusé.",
    otherwise: ABOUT_FR,
};
const FAILS_EN: Texts = Texts {
    subject: "Provisioning of {} fails",
    why: "Since {at}, every change that “{connection}” sent for {} has been refused, the last one with HTTP status \
          {status}. Your own page names the administrators to ask:",
    label: "Open your page",
    how: "The provisioning log of the identity provider shows each refusal with its reason. What was taken before is \
          kept as it was.",
    otherwise: ABOUT_EN,
};
const FAILS_FR: Texts = Texts {
    subject: "Le provisionnement de {} échoue",
    why: "Depuis le {at}, toutes les modifications que «\u{a0}{connection}\u{a0}» envoie pour {} sont refusées, la \
          dernière avec le statut HTTP {status}. Votre page nomme les administrateurs à contacter\u{a0}:",
    label: "Ouvrir votre page",
    how: "Le journal de provisionnement du fournisseur d’identité montre chaque refus et sa raison. Ce qui avait été \
          accepté auparavant est conservé tel quel.",
    otherwise: ABOUT_FR,
};
const SIGN_EN: Texts = Texts {
    subject: "Your signature is wanted in {connection}",
    why: "Rights in {connection} wait for a second person, and you may be that person. The request ends at {at}. Sign \
          in to read who asked, for whom and why:",
    label: "Open the request",
    how: "Signing takes your second factor. Refusing ends the request; doing nothing lets it end by itself.",
    otherwise: "You receive this because you administer the account, its parent, or sign for the operator.",
};
const SIGN_FR: Texts = Texts {
    subject: "Votre signature est demandée dans {connection}",
    why: "Des droits dans {connection} attendent une seconde personne, et cela peut être vous. La demande expire le \
          {at}. Connectez-vous pour lire qui demande, pour qui et pourquoi\u{a0}:",
    label: "Ouvrir la demande",
    how: "Signer demande votre second facteur. Un refus clôt la demande\u{a0}; sans réponse, elle expire d’elle-même.",
    otherwise: "Vous recevez ce message parce que vous administrez le compte, son parent, ou signez pour l’opérateur.",
};
const LET_IN_EN: Texts = Texts {
    subject: "A support user was let into {connection}",
    why: "At {at}, a support user of the operator was let into {connection}, as was asked and signed by two people. \
          Sign in to see who it is, with which rights, why and until when:",
    label: "See who is in",
    how: "You can let them out at once, alone, and without giving a reason.",
    otherwise: ADMINISTER_EN,
};
const LET_IN_FR: Texts = Texts {
    subject: "Un utilisateur du support a accès à {connection}",
    why: "Le {at}, un utilisateur du support de l’opérateur a reçu un accès à {connection}, demandé et signé par deux \
          personnes. Connectez-vous pour voir qui, avec quels droits, pourquoi et jusqu’à quand\u{a0}:",
    label: "Voir qui a accès",
    how: "Vous pouvez y mettre fin tout de suite, sans personne d’autre et sans motif.",
    otherwise: ADMINISTER_FR,
};
const LET_OUT_EN: Texts = Texts {
    subject: "A support user was let out of {connection}",
    why: "At {at}, somebody ended the access of a support user of the operator to {connection}. Sign in to see whose \
          it was and who ended it:",
    label: "See who is in",
    how: "What was asked for them was taken back with it. To let them in again takes a new request and a new signature.",
    otherwise: ADMINISTER_EN,
};
const LET_OUT_FR: Texts = Texts {
    subject: "Un utilisateur du support n’a plus accès à {connection}",
    why: "Le {at}, quelqu’un a mis fin à l’accès d’un utilisateur du support de l’opérateur à {connection}. \
          Connectez-vous pour voir lequel, et qui l’a fait\u{a0}:",
    label: "Voir qui a accès",
    how: "Ce qui était demandé pour cette personne est annulé. La laisser revenir exige une nouvelle demande et une \
          nouvelle signature.",
    otherwise: ADMINISTER_FR,
};
const ADMINISTER_EN: &str = "You receive this because you administer the account or its parent.";
const ADMINISTER_FR: &str =
    "Vous recevez ce message parce que vous administrez le compte ou son parent.";
const ABOUT_EN: &str = "You receive this because technical notifications are on for you; an administrator can turn \
                        them off.";
const ABOUT_FR: &str = "Vous recevez ce message parce que les notifications techniques sont activées pour vous\u{a0}; \
                        un administrateur peut les désactiver.";

/// Writes a mail.
///
/// # Errors
/// [`MailError::Never`] if the recipient is no address.
pub(super) fn write(mail: &Ready, from: &Mailbox) -> Result<Message, MailError> {
    let (texts, common) = texts(mail.letter, mail.language);
    let fill = |text: &str| fill(text, mail);
    let greeting = match &mail.name {
        Some(name) => format!("{} {name},", common.hello),
        None => format!("{},", common.hello),
    };
    let (subject, why) = (fill(texts.subject), fill(texts.why));
    let plain = Plain {
        greeting: &greeting,
        why: &why,
        url: &mail.url,
        how: texts.how,
        otherwise: texts.otherwise,
        footer: common.footer,
    };
    let rich = Rich {
        lang: mail.language.tag(),
        subject: &subject,
        greeting: &greeting,
        why: &why,
        url: &mail.url,
        label: texts.label,
        how: texts.how,
        otherwise: texts.otherwise,
        footer: common.footer,
    };
    let unwritten = |_| MailError::Never("the mail could not be written".to_owned());
    let parts = MultiPart::alternative_plain_html(
        plain.render().map_err(unwritten)?,
        rich.render().map_err(unwritten)?,
    );
    let address = mail.to.parse();
    let address =
        address.map_err(|_| MailError::Never("the recipient is no address".to_owned()))?;
    let since = Duration::from_micros(u64::try_from(mail.at.micros()).unwrap_or(0));
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(mail.name.clone(), address))
        .subject(subject)
        .message_id(Some(format!("<{}@{}>", mail.id, from.email.domain())))
        .date(UNIX_EPOCH + since)
        .header(AutoSubmitted)
        .multipart(parts)
        .map_err(|_| MailError::Never("the mail could not be put together".to_owned()))
}

/// Puts in what a text is about. Names are put in one by one, so that nothing is put into them.
fn fill(text: &str, mail: &Ready) -> String {
    let plain = |name: &str| name.chars().filter(|c| !c.is_control()).collect::<String>();
    let account = plain(&mail.account);
    let Some(about) = &mail.about else { return text.replace("{}", &account) };
    let at = Timestamp::from_micros(about.at).rfc3339();
    let at = format!("{} UTC", at.get(..16).unwrap_or_default().replace('T', " "));
    let status = about.status.map(|status| status.to_string()).unwrap_or_default();
    let text = text.replace("{at}", &at).replace("{status}", &status);
    let (connection, who) = (plain(&about.connection), plain(&about.who));
    let named = |text: &str| {
        let parts = text.split("{connection}").map(|part| part.replace("{}", &account));
        parts.collect::<Vec<_>>().join(&connection)
    };
    text.split("{who}").map(named).collect::<Vec<_>>().join(&who)
}

fn texts(letter: Letter, language: Language) -> (&'static Texts, &'static Shared) {
    match (letter, language) {
        (Letter::Invitation, Language::En) => (&INVITATION_EN, &EN),
        (Letter::Invitation, Language::Fr) => (&INVITATION_FR, &FR),
        (Letter::Reset, Language::En) => (&RESET_EN, &EN),
        (Letter::Reset, Language::Fr) => (&RESET_FR, &FR),
        (Letter::PasswordChanged, Language::En) => (&CHANGED_EN, &EN),
        (Letter::PasswordChanged, Language::Fr) => (&CHANGED_FR, &FR),
        (Letter::TokenExpires, Language::En) => (&EXPIRES_EN, &EN),
        (Letter::TokenExpires, Language::Fr) => (&EXPIRES_FR, &FR),
        (Letter::TokenExpired, Language::En) => (&EXPIRED_EN, &EN),
        (Letter::TokenExpired, Language::Fr) => (&EXPIRED_FR, &FR),
        (Letter::SyncFails, Language::En) => (&FAILS_EN, &EN),
        (Letter::SyncFails, Language::Fr) => (&FAILS_FR, &FR),
        (Letter::SignatureWanted, Language::En) => (&SIGN_EN, &EN),
        (Letter::SignatureWanted, Language::Fr) => (&SIGN_FR, &FR),
        (Letter::SupportLetIn, Language::En) => (&LET_IN_EN, &EN),
        (Letter::SupportLetIn, Language::Fr) => (&LET_IN_FR, &FR),
        (Letter::SupportLetOut, Language::En) => (&LET_OUT_EN, &EN),
        (Letter::SupportLetOut, Language::Fr) => (&LET_OUT_FR, &FR),
        (Letter::AdministratorGained, Language::En) => (&administrators::GAINED_EN, &EN),
        (Letter::AdministratorGained, Language::Fr) => (&administrators::GAINED_FR, &FR),
        (Letter::AdministratorLost, Language::En) => (&administrators::LOST_EN, &EN),
        (Letter::AdministratorLost, Language::Fr) => (&administrators::LOST_FR, &FR),
        (Letter::RecoveryBegun, Language::En) => (&administrators::RECOVERY_EN, &EN),
        (Letter::RecoveryBegun, Language::Fr) => (&administrators::RECOVERY_FR, &FR),
    }
}

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests;
