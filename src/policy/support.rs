//! What the rules on the operator's staff and on accounts' support rest on; the rules are
//! `src/policy/core/support.cedar`.

pub(super) mod grants;

use crate::domain::command::Command;

/// Whether there is an active director, who makes the customers' accounts (W1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Directors {
    /// Not read before the decision.
    #[default]
    Unread,
    /// There is none.
    None,
    /// There is one.
    Active,
}

/// What a change does to whom an account lets in (W11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Loosening {
    /// Not read before the decision.
    #[default]
    Unread,
    /// It lets in nobody more.
    No,
    /// It lets in more.
    Yes,
}

/// Whether somebody of staff is asked by a command what they are: then that is a fact of its decision.
pub fn asks_for_functions(command: &Command) -> bool {
    matches!(
        command,
        Command::CreateAccount(_)
            | Command::ChangeSupport(_)
            | Command::ChangeAccount(_)
            | Command::ChangeApproval(_)
    )
}

impl Directors {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::None => "none",
            Self::Active => "active",
        }
    }
}

impl Loosening {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::No => "no",
            Self::Yes => "yes",
        }
    }
}
