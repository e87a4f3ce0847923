//! What mails say, in English and French: one value per language, so that a text that is missing does
//! not compile.

use std::error::Error;
use std::time::{Duration, UNIX_EPOCH};

use askama::Template;
use lettre::Message;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};

use crate::domain::effect::mails::{Letter, Ready};
use crate::domain::users::contact::Language;
use crate::mail::MailError;

/// What a mail is made of; `{}` stands for the account's name.
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

/// Writes a mail.
///
/// # Errors
/// [`MailError::Never`] if the recipient is no address.
pub(super) fn write(mail: &Ready, from: &Mailbox) -> Result<Message, MailError> {
    let (texts, common) = texts(mail.letter, mail.language);
    let account: String = mail.account.chars().filter(|c| !c.is_control()).collect();
    let fill = |text: &str| text.replace("{}", &account);
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

fn texts(letter: Letter, language: Language) -> (&'static Texts, &'static Shared) {
    match (letter, language) {
        (Letter::Invitation, Language::En) => (&INVITATION_EN, &EN),
        (Letter::Invitation, Language::Fr) => (&INVITATION_FR, &FR),
        (Letter::Reset, Language::En) => (&RESET_EN, &EN),
        (Letter::Reset, Language::Fr) => (&RESET_FR, &FR),
        (Letter::PasswordChanged, Language::En) => (&CHANGED_EN, &EN),
        (Letter::PasswordChanged, Language::Fr) => (&CHANGED_FR, &FR),
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
