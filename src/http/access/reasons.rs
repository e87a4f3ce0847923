//! A decision as it is sent: why not, as words for programs, and as texts for administrators and for the
//! user, in both languages.

use serde_json::{Value, json};

use crate::domain::rights::decisions::{Decision, Reason};
use crate::domain::rights::paths::Stop;

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
    let joined = |texts: Vec<&str>| texts.join("; ");
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
            ("there is no such user in this account", "ce compte n’a pas cet utilisateur")
        }
        Reason::UnknownResource => (
            "there is no such account or workspace",
            "il n’y a pas ce compte ou cet espace de travail",
        ),
        Reason::UnknownAction => {
            ("the catalogue has no such right", "le catalogue n’a pas ce droit")
        }
        Reason::NotGiven => {
            ("nothing gives the user this right here", "rien ne donne ce droit à l’utilisateur ici")
        }
        Reason::Stopped(stop) => stopped(stop),
    }
}

fn stopped(stop: Stop) -> Text {
    match stop {
        Stop::UserInactive => ("the user is not active", "l’utilisateur n’est pas actif"),
        Stop::AccountSuspended => (
            "the user’s account is suspended or closed",
            "le compte de l’utilisateur est suspendu ou fermé",
        ),
        Stop::PlaceSuspended => {
            ("this account is suspended or closed", "ce compte est suspendu ou fermé")
        }
        Stop::WorkspaceClosed => ("this workspace is closed", "cet espace de travail est fermé"),
        Stop::Paused => ("the mapping is paused", "la correspondance est en pause"),
        Stop::NotStarted => ("its time has not come", "son temps n’est pas venu"),
        Stop::Ended => ("its time is over", "son temps est passé"),
        Stop::NotInCatalogue => {
            ("the catalogue has this right no longer", "le catalogue n’a plus ce droit")
        }
        Stop::RecipientCeiling => {
            ("no recipient may hold this right", "aucun destinataire ne peut avoir ce droit")
        }
        Stop::PermissionOff => (
            "the right needs an account permission that is off",
            "ce droit demande une permission de compte qui est désactivée",
        ),
        Stop::Pending => (
            "the right is privileged, and no second person has approved it",
            "ce droit est privilégié, et aucune seconde personne ne l’a approuvé",
        ),
        Stop::Conflict => (
            "the user holds a right that excludes this one",
            "l’utilisateur a un droit qui exclut celui-ci",
        ),
    }
}
