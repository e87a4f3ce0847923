//! A decision as it is sent: why not, as words for programs, and as texts for administrators and for the
//! user, in both languages.

use serde_json::{Value, json};

use crate::domain::rights::decisions::{Decision, Reason};
use crate::domain::rights::paths::Stop;
use crate::http::api::texts::stops;
use crate::http::login::language::Language;

/// A text in English and in French.
type Text = (&'static str, &'static str);

const ASK: Text = (
    "You may not do this here. An administrator of your account can tell you more.",
    "Vous ne pouvez pas faire cela ici. Un administrateur de votre compte peut vous renseigner.",
);
const WAIT: Text = (
    "This right of yours waits for the approval of a second person.",
    "Ce droit attend l’approbation d’une seconde personne.",
);

/// The decision with its context.
pub(super) fn decision(decision: &Decision) -> Value {
    let reasons = match decision {
        Decision::Permit => return json!({ "decision": true }),
        Decision::Deny(reasons) => reasons,
    };
    let words: Vec<&str> = reasons.iter().map(|reason| reason.as_str()).collect();
    let is_pending = *reasons == [Reason::Stopped(Stop::Pending)];
    let user = if is_pending { WAIT } else { ASK };
    let admin: Vec<Text> = reasons.iter().copied().map(text).collect();
    let joined = |texts: Vec<&str>| texts.join(" ");
    json!({
        "decision": false,
        "context": {
            "reasons": words,
            "reason_admin": {
                "en": joined(admin.iter().map(|text| text.0).collect()),
                "fr": joined(admin.iter().map(|text| text.1).collect()),
            },
            "reason_user": { "en": user.0, "fr": user.1 },
        },
    })
}

fn text(reason: Reason) -> Text {
    match reason {
        Reason::UnknownSubject => {
            ("There is no such user in this account.", "Ce compte n’a pas cet utilisateur.")
        }
        Reason::UnknownResource => (
            "There is no such account or workspace.",
            "Il n’y a pas ce compte ou cet espace de travail.",
        ),
        Reason::UnknownAction => {
            ("The catalogue has no such right.", "Le catalogue n’a pas ce droit.")
        }
        Reason::NotGiven => (
            "Nothing gives the user this right here.",
            "Rien ne donne ce droit à l’utilisateur ici.",
        ),
        Reason::Stopped(stop) => {
            (stops::reason(stop, Language::En), stops::reason(stop, Language::Fr))
        }
    }
}
