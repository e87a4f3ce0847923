//! What the API says of descriptions of what gives rights, and to whom, in both languages. `{}` stands
//! for what was said.

use crate::domain::rights::faults::{Fault, Wrong};
use crate::http::api::texts::support;
use crate::http::login::language::Language;

const OTHER_ADDRESS: &str = "n’est plus celle à laquelle le mot de passe a été choisi\u{a0}; le lien peut être \
                             envoyé avec `countersign user reset-password`";
const RECIPIENTS_ONLY: &str = "seul un destinataire reçoit un mot de passe\u{a0}; les utilisateurs choisissent le leur \
                               par le lien de leur courriel";
const WEAK_PASSWORD: &str = "ne convient pas\u{a0}: 12 à 128 caractères, pas des plus courants, pas de motif \
                             simple, pas son nom";
const OWNED_BY_PROVIDER: &str = "c’est le fournisseur d’identité de la connexion `{}` qui le dit\u{a0}; modifiez-le chez \
                                 lui";
const STILL_HAD: &str = "quelqu’un a une valeur qui n’y est pas\u{a0}; modifiez d’abord la sienne";
const PROPERTY_KEY: &str = "`{}` ne peut nommer une propriété\u{a0}; 1 à 64 caractères a-z, 0-9 et _, une lettre \
                            d’abord";

/// What is wrong with a field, and what would be right.
pub(in crate::http::api) fn fault(fault: &Fault, language: Language) -> String {
    let text = match language {
        Language::En => fault.wrong.reason(),
        Language::Fr => in_french(fault.wrong),
    };
    text.replace("{}", &fault.value)
}

fn in_french(wrong: Wrong) -> &'static str {
    match wrong {
        Wrong::Missing => "manque\u{a0}; indiquez-le",
        Wrong::TooLong => "est trop long\u{a0}; 200 caractères au plus",
        Wrong::NotText => "contient un caractère de contrôle\u{a0}; utilisez du texte simple",
        Wrong::NameTaken => "`{}` est déjà pris dans ce compte\u{a0}; choisissez-en un autre",
        Wrong::UnknownRight => "le catalogue n’a pas ce droit, `{}`\u{a0}; voir `/catalogue`",
        Wrong::UnknownBundle => "ni ce compte ni le catalogue n’ont de bouquet `{}`",
        Wrong::UnknownRole => "ni ce compte ni le catalogue n’ont de rôle `{}`",
        Wrong::UnknownGroup => "ce compte n’a pas de groupe `{}`",
        Wrong::UnknownConnection => "ce compte n’a pas de connexion d’approvisionnement `{}`",
        Wrong::UnknownUser => "ce compte n’a pas d’utilisateur `{}`",
        Wrong::UnknownWorkspace => "ce compte n’a pas d’espace de travail ouvert `{}`",
        Wrong::UnknownPermission => "le catalogue n’a pas de permission de compte `{}`",
        Wrong::UnknownParent => "il n’y a pas de compte `{}`",
        Wrong::UnknownConflict => "le catalogue ne nomme pas ce conflit\u{a0}: `{}`",
        Wrong::NotAParent => {
            "`{}` n’est pas un compte parent\u{a0}; lui seul a des comptes enfants"
        }
        Wrong::WorkspaceRoleElsewhere => {
            "ce rôle se tient dans un espace de travail\u{a0}; nommez-en un"
        }
        Wrong::AccountRoleInWorkspace => {
            "ce rôle se tient dans le compte entier, pas dans un espace de travail"
        }
        Wrong::BundleOfOthers => "seuls les bouquets de ce compte ou du catalogue peuvent y être",
        Wrong::NothingGiven => {
            "donnez exactement un bouquet ou un rôle (un octroi peut donner un droit)"
        }
        Wrong::EndsBeforeStart => "finit avant de commencer",
        Wrong::EndsInThePast => "`{}` est déjà passé\u{a0}; nommez un moment à venir",
        Wrong::TwiceMapped => "ce groupe y donne déjà la même chose\u{a0}: correspondance `{}`",
        Wrong::TwiceGiven => "cet utilisateur y a déjà la même chose\u{a0}: octroi `{}`",
        Wrong::StillUsed => {
            "des correspondances, octrois ou rôles s’en servent encore\u{a0}; retirez-le d’abord"
        }
        Wrong::Predefined => {
            "ce qui vient du catalogue ne se modifie pas\u{a0}; copiez-le et modifiez la copie"
        }
        Wrong::WrongLanguage => "`{}` n’est pas une langue\u{a0}; par exemple `en` ou `fr`",
        Wrong::WrongAddress => "`{}` n’est pas une adresse de messagerie",
        Wrong::UserNameTaken => {
            "`{}` est déjà pris dans ce compte\u{a0}; choisissez un autre userName"
        }
        Wrong::WrongPropertyKey => PROPERTY_KEY,
        Wrong::WrongPropertyType => {
            "`{}` n’est pas un type de propriété\u{a0}: text, number, boolean, date ou choice"
        }
        Wrong::WrongPropertyValue => "`{}` n’est pas une valeur de cette propriété",
        Wrong::UnknownProperty => "ce compte n’a pas de propriété `{}`",
        Wrong::OwnedByProvider => OWNED_BY_PROVIDER,
        Wrong::ChoicesElsewhere => "seul le type choice a des choix, et ceci est de type {}",
        Wrong::StillHad => STILL_HAD,
        Wrong::NotActive => "n’est pas actif\u{a0}; activez-le d’abord",
        Wrong::NoAddress => "n’a pas d’adresse de messagerie\u{a0}; indiquez-en une d’abord",
        Wrong::OtherAddress => OTHER_ADDRESS,
        Wrong::RecipientsOnly => RECIPIENTS_ONLY,
        Wrong::WeakPassword => WEAK_PASSWORD,
        Wrong::TooMany => "il y en a trop\u{a0}; {} au plus",
        Wrong::WrongState => "`{}` n’est pas un état\u{a0}: active, suspended ou closed",
        Wrong::WrongPlace => "`{}` n’est pas un lieu\u{a0}: account, workspace ou children",
        Wrong::WorkspaceBesides => "omettez `place`, ou dites workspace\u{a0}: un espace est nommé",
        Wrong::WrongMoment => {
            "`{}` n’est pas un moment\u{a0}; format RFC 3339, par exemple 2026-12-31T23:59:59Z"
        }
        Wrong::WrongLevel => "`{}` n’est pas un niveau\u{a0}: account ou workspace",
        Wrong::OneGivee => "nommez soit un groupe, soit un rôle poussé",
        Wrong::Support(wrong) => support::in_french(wrong),
        Wrong::OneWanted => "nommez exactement un droit, un bouquet ou un rôle",
    }
}
