//! What stops a right, said to people in both languages.

use crate::domain::rights::paths::Stop;
use crate::http::login::language::Language;

/// Why it is not effective by this way.
pub(in crate::http) fn reason(stop: Stop, language: Language) -> &'static str {
    match language {
        Language::En => stop.reason(),
        Language::Fr => in_french(stop),
    }
}

fn in_french(stop: Stop) -> &'static str {
    match stop {
        Stop::UserInactive => "L’utilisateur n’est pas actif.",
        Stop::AccountSuspended => "Le compte de l’utilisateur est suspendu ou fermé.",
        Stop::PlaceSuspended => "Le compte où ce droit vaudrait est suspendu ou fermé.",
        Stop::WorkspaceClosed => "L’espace de travail est fermé.",
        Stop::Paused => "La correspondance de groupe est en pause.",
        Stop::NotStarted => "Sa période n’a pas commencé.",
        Stop::Ended => "Sa période est terminée.",
        Stop::OwnDoing => {
            "L’utilisateur a fait lui-même ce qui le donne, et personne d’autre ne l’a approuvé."
        }
        Stop::NotInCatalogue => "Le catalogue n’a plus ce droit.",
        Stop::RecipientCeiling => {
            "C’est un destinataire, et aucun destinataire ne peut tenir ce droit."
        }
        Stop::PermissionOff => {
            "La permission de compte requise est désactivée\u{a0}; l’opérateur peut l’activer."
        }
        Stop::Pending => "Le droit est privilégié, et aucune seconde personne ne l’a approuvé.",
        Stop::Conflict => "L’utilisateur tient un droit incompatible avec celui-ci.",
        Stop::SupportCeiling => {
            "C’est un utilisateur du support de l’exploitant, et aucun ne peut tenir ce droit."
        }
        Stop::PostLost => {
            "L’utilisateur du support a quitté l’équipe ou la fonction qui lui ouvrait l’accès, ou a été \
             inactif depuis."
        }
    }
}
