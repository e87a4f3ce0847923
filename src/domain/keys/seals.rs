//! What is sealed at rest, and for which place: a sealed text opens nowhere else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::domain::ids::{AccountId, FactorId, PersonId, SessionId, SsoId};
use crate::domain::sso::secret_place;

/// A kind of sealed secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Client secrets of SSO connections.
    SsoSecret,
    /// Seeds of TOTP factors.
    TotpSeed,
    /// Private halves of the keys that sign access tokens.
    SigningKey,
    /// ID tokens of sessions.
    IdToken,
    /// PKCE verifiers of sign-ins under way.
    Verifier,
    /// Contents of mails that wait.
    Mail,
    /// Private halves of the keys that sign checkpoints of the record.
    CheckpointKey,
}

/// Where a sealed secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Of an SSO connection.
    SsoSecret(AccountId, SsoId),
    /// Of a person's factor.
    TotpSeed(PersonId, FactorId),
    /// Of the key of that id.
    SigningKey(String),
    /// Of a session that began by that SSO connection.
    IdToken(SessionId, AccountId, SsoId),
    /// Of the sign-in whose state has that hash.
    Verifier(Vec<u8>),
    /// Of a row of the outbox.
    Mail(AccountId, Uuid),
    /// Of the checkpoint key of that id.
    CheckpointKey(String),
}

impl Kind {
    /// All there are. To add one, give it its place, and its rows in `store/authn/seals.rs`.
    pub const ALL: [Self; 7] = [
        Self::SsoSecret,
        Self::TotpSeed,
        Self::SigningKey,
        Self::IdToken,
        Self::Verifier,
        Self::Mail,
        Self::CheckpointKey,
    ];

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::SsoSecret => "secrets of SSO connections",
            Self::TotpSeed => "TOTP seeds",
            Self::SigningKey => "signing keys",
            Self::IdToken => "ID tokens of sessions",
            Self::Verifier => "sign-ins under way",
            Self::Mail => "mails that wait",
            Self::CheckpointKey => "checkpoint keys",
        }
    }

    /// What to do about one that does not open.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::SsoSecret => "set them anew with `countersign sso change --client-secret-file`",
            Self::TotpSeed => "these people enrol a factor anew",
            Self::SigningKey => "sign with a new one: `countersign keys rotate --drop-old`",
            Self::IdToken => "they end with their sessions",
            Self::Verifier => "they end within ten minutes",
            Self::Mail => "have them sent again",
            Self::CheckpointKey => "a new one is made for the next checkpoint",
        }
    }
}

impl Place {
    /// The text that it is sealed for.
    pub fn text(&self) -> String {
        match self {
            Self::SsoSecret(account, id) => secret_place(*account, *id),
            Self::TotpSeed(person, id) => format!("totp_factors|{person}|{id}"),
            Self::SigningKey(id) => format!("signing_keys|{id}"),
            Self::IdToken(_, account, sso) => format!("sessions|{account}|{sso}"),
            Self::Verifier(hash) => {
                format!("login_transactions|{}", URL_SAFE_NO_PAD.encode(hash))
            }
            Self::Mail(account, id) => format!("outbox|{account}|{id}"),
            Self::CheckpointKey(id) => format!("checkpoint_keys|{id}"),
        }
    }
}
