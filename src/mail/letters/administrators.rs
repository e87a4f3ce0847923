//! What mails about an account's administrators say (S4): `{connection}` is the account, `{who}` whom it is
//! about.

use crate::mail::letters::Texts;

pub(super) const GAINED_EN: Texts = Texts {
    subject: "New among the administrators of {connection}: {who}",
    why: "Since {at}, these administer {connection}: {who}. Administrators make and delete users, and decide who \
          holds which right. Sign in to see by what they became that:",
    label: "Open Countersign",
    how: "If this is not as it should be, an administrator can take the right away, alone and at once.",
    otherwise: WHY_EN,
};
pub(super) const GAINED_FR: Texts = Texts {
    subject: "Nouveau parmi les administrateurs de {connection}\u{a0}: {who}",
    why: "Depuis le {at}, administrent {connection}\u{a0}: {who}. Les administrateurs créent et suppriment des \
          utilisateurs, et décident qui détient quel droit. Connectez-vous pour voir comment c’est arrivé\u{a0}:",
    label: "Ouvrir Countersign",
    how: "Si cela ne devait pas être, un administrateur peut retirer ce droit, seul et tout de suite.",
    otherwise: WHY_FR,
};
pub(super) const LOST_EN: Texts = Texts {
    subject: "No longer among the administrators of {connection}: {who}",
    why: "Since {at}, these administer {connection} no longer: {who}. Sign in to see who administers it now:",
    label: "Open Countersign",
    how: "If this is not as it should be, another administrator can give the right again; that takes a second \
          person.",
    otherwise: WHY_EN,
};
pub(super) const LOST_FR: Texts = Texts {
    subject: "Plus parmi les administrateurs de {connection}\u{a0}: {who}",
    why: "Depuis le {at}, n’administrent plus {connection}\u{a0}: {who}. Connectez-vous pour voir qui l’administre \
          maintenant\u{a0}:",
    label: "Ouvrir Countersign",
    how: "Si cela ne devait pas être, un autre administrateur peut redonner ce droit, ce qui demande une seconde \
          personne.",
    otherwise: WHY_FR,
};
pub(super) const RECOVERY_EN: Texts = Texts {
    subject: "{connection} has no administrator any more",
    why: "Since {at}, nobody administers {connection}. Another administrator can be named:",
    label: "Open Countersign",
    how: "An administrator of the parent account gives `users.administer` to a user of the account, and a second \
          person signs. Where there is none, two of the operator’s staff do it: its customer success manager, a \
          director or a professional services manager asks, and another director or professional services manager \
          signs. Nobody does it alone.",
    otherwise: "You receive this because you look after the account, administer its parent, or sign for the operator.",
};
pub(super) const RECOVERY_FR: Texts = Texts {
    subject: "{connection} n’a plus d’administrateur",
    why: "Depuis le {at}, personne n’administre {connection}. Un autre administrateur peut être désigné\u{a0}:",
    label: "Ouvrir Countersign",
    how: "Un administrateur du compte parent donne `users.administer` à un utilisateur du compte, et une seconde \
          personne signe. Là où il n’y en a pas, deux personnes de l’opérateur le font\u{a0}: le responsable du compte, \
          un directeur du succès client ou un responsable des services demande, un autre directeur ou responsable \
          des services signe. Personne ne le fait seul.",
    otherwise: "Vous recevez ce message parce que vous suivez le compte, administrez son parent, ou signez pour \
                l’opérateur.",
};
const WHY_EN: &str = "You receive this because you administer the account or look after it.";
const WHY_FR: &str = "Vous recevez ce message parce que vous administrez le compte ou le suivez.";
