//! What stands in a mail, as it goes over the wire.

use uuid::Uuid;

use super::write;
use crate::domain::effect::mails::{About, Letter, Ready};
use crate::domain::time::Timestamp;
use crate::domain::users::contact::Language;

fn ready(letter: Letter, language: Language) -> Ready {
    Ready {
        letter,
        language,
        to: "zoe@acme.example".to_owned(),
        name: Some("Zoé <b>\"Lefèvre\"".to_owned()),
        account: "Acme & Fils\r\nBcc: x@evil.example".to_owned(),
        url: "https://scim.test/link/csl_abc".to_owned(),
        about: (!matches!(letter, Letter::Invitation | Letter::Reset | Letter::PasswordChanged))
            .then(|| About {
                connection: "Entra {} <b>{at}".to_owned(),
                at: 1_800_000_000_000_000,
                status: Some(403),
                who: "Zoé <b>{connection}".to_owned(),
            }),
        id: Uuid::from_u128(7),
        at: Timestamp::from_micros(1_800_000_000_000_000),
    }
}

fn written(letter: Letter, language: Language) -> String {
    let from = "Countersign <no-reply@cs.example>".parse().expect("an address");
    let message = write(&ready(letter, language), &from).expect("a mail");
    String::from_utf8(message.formatted()).expect("text")
}

#[track_caller]
fn check(letter: Letter, language: Language) {
    let text = written(letter, language);
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
    for line in [
        "From: Countersign <no-reply@cs.example>",
        "Message-ID: <00000000-0000-0000-0000-000000000007@cs.example>",
        "Date: Fri, 15 Jan 2027 08:00:00 +0000",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
    ] {
        assert!(head.contains(line), "{line}: {head}");
    }
    assert!(body.contains("text/plain") && body.contains("text/html"), "{body}");
    let (_, html) = body.split_once("text/html").expect("HTML");
    assert!(!html.contains("<b>"), "names are text: {html}");
}

#[test]
fn every_letter_is_written_in_both_languages() {
    for letter in [
        Letter::Invitation,
        Letter::Reset,
        Letter::PasswordChanged,
        Letter::TokenExpires,
        Letter::TokenExpired,
        Letter::SyncFails,
        Letter::SignatureWanted,
        Letter::SupportLetIn,
        Letter::SupportLetOut,
    ] {
        check(letter, Language::En);
        check(letter, Language::Fr);
        assert_ne!(written(letter, Language::En), written(letter, Language::Fr));
    }
}

#[test]
fn what_people_named_is_put_in_as_it_is() {
    let mail = ready(Letter::SyncFails, Language::En);
    let text = super::fill("{connection} of {} since {at}: {status}", &mail);
    let account = "Acme & FilsBcc: x@evil.example";
    assert_eq!(text, format!("Entra {{}} <b>{{at}} of {account} since 2027-01-15 08:00 UTC: 403"));
}

#[test]
fn what_is_no_address_is_never_tried() {
    let from = "no-reply@cs.example".parse().expect("an address");
    for to in ["", "zoe", "zoe@", "a@b\r\nBcc: x@evil.example", "a@b, c@d"] {
        let mut mail = ready(Letter::Reset, Language::En);
        to.clone_into(&mut mail.to);
        assert!(write(&mail, &from).is_err(), "{to}");
    }
}
