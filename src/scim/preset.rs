//! How strictly a provisioning connection is read: the tolerance of SCIM.md §2, or the RFC's letter.

use serde::{Deserialize, Serialize};

/// The dialect of one provisioning connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Accepts every shape that Entra ID, Okta, OneLogin, JumpCloud, Ping and others really send.
    #[default]
    Standard,
    /// Refuses whatever the RFCs do not allow.
    Rfc,
}

impl Preset {
    /// Whether deviations from the RFCs are refused instead of repaired.
    pub fn is_strict(self) -> bool {
        matches!(self, Self::Rfc)
    }

    /// The word stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Rfc => "rfc",
        }
    }
}

impl std::str::FromStr for Preset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "standard" => Ok(Self::Standard),
            "rfc" => Ok(Self::Rfc),
            other => Err(format!("unknown preset `{other}`; use `standard` or `rfc`")),
        }
    }
}
