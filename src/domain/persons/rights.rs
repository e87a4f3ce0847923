//! Rights that a person holds in an account, as far as there are seats that ask for them. Until grants
//! exist, only seeds give them (DECISIONS.md 5).

/// A right, by its key in the operator's catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// To administer users.
    UsersAdminister,
    /// To set up how an account's people sign in. Privileged: whoever holds it can name a provider that
    /// says of anybody who they are.
    SsoConfigure,
}

impl Right {
    /// The key stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UsersAdminister => "users.administer",
            Self::SsoConfigure => "sso.configure",
        }
    }

    /// Reads the stored key; none if no seat asks for it.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "users.administer" => Some(Self::UsersAdminister),
            "sso.configure" => Some(Self::SsoConfigure),
            _ => None,
        }
    }
}
