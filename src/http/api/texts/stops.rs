//! What stops a right, said to people in both languages.

use crate::domain::rights::paths::Stop;
use crate::http::login::language::Language;

/// Why it is not effective by this way.
pub(in crate::http) fn reason(stop: Stop, language: Language) -> &'static str {
    let (en, fr) = match stop {
        Stop::UserInactive => ("The user is not active.", "L’utilisateur n’est pas actif."),
        Stop::AccountSuspended => (
            "The user’s account is suspended or closed.",
            "Le compte de l’utilisateur est suspendu ou fermé.",
        ),
        Stop::PlaceSuspended => (
            "The account in which the right would be held is suspended or closed.",
            "Le compte où ce droit vaudrait est suspendu ou fermé.",
        ),
        Stop::WorkspaceClosed => ("The workspace is closed.", "L’espace de travail est fermé."),
        Stop::Paused => {
            ("The group mapping is paused.", "La correspondance de groupe est en pause.")
        }
        Stop::NotStarted => ("Its time has not come.", "Sa période n’a pas commencé."),
        Stop::Ended => ("Its time is over.", "Sa période est terminée."),
        Stop::NotInCatalogue => {
            ("The catalogue has no such right any more.", "Le catalogue n’a plus ce droit.")
        }
        Stop::RecipientCeiling => (
            "The user is a recipient, and no recipient may hold this right.",
            "C’est un destinataire, et aucun destinataire ne peut tenir ce droit.",
        ),
        Stop::PermissionOff => (
            "The account permission that it needs is off; the operator can switch it on.",
            "La permission de compte requise est désactivée\u{a0}; l’opérateur peut l’activer.",
        ),
        Stop::Pending => (
            "The right is privileged, and no second person has approved it.",
            "Le droit est privilégié, et aucune seconde personne ne l’a approuvé.",
        ),
        Stop::Conflict => (
            "The user holds a right that nobody may hold together with this one.",
            "L’utilisateur tient un droit incompatible avec celui-ci.",
        ),
    };
    match language {
        Language::En => en,
        Language::Fr => fr,
    }
}
