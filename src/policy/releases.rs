//! Which releases of the catalogue one person may activate (DECISIONS.md 18).

use crate::policy::Denial;

const CATALOGUE_BY_TWO: Denial = Denial {
    rule: "catalogue-two-people",
    reason: "this catalogue gives more of what is privileged, which takes two people; approvals do not \
             exist yet. `countersign catalogue diff` names the changes",
};

/// What a release of the catalogue raises (DECISIONS.md 18).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Raise {
    /// Not looked at before the decision.
    #[default]
    Unread,
    /// Nothing that is privileged.
    NothingPrivileged,
    /// Somebody may get something privileged by it.
    Privileged,
}

/// DECISIONS.md 18: one person's word is enough for what gives nobody more of what is privileged.
pub(super) fn against(raise: Raise) -> Option<Denial> {
    match raise {
        Raise::NothingPrivileged => None,
        // What was not looked at is refused.
        Raise::Privileged | Raise::Unread => Some(CATALOGUE_BY_TWO),
    }
}
