//! Mails that wait in the outbox: to which user, and what to say. Address and link are sealed, since
//! the outbox is read by whoever reads the database.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::time::Timestamp;
use crate::domain::users::contact::Language;

const SECOND: i64 = 1_000_000;
/// How often a mail is tried.
pub const MAX_TRIES: u32 = 8;

/// What a mail says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letter {
    /// You may choose your first password.
    Invitation,
    /// You may choose another password.
    Reset,
    /// Your password was changed.
    PasswordChanged,
    /// A provisioning token expires soon.
    TokenExpires,
    /// A provisioning token has expired.
    TokenExpired,
    /// All that a provisioning connection sends is refused.
    SyncFails,
    /// Something waits for a signature.
    SignatureWanted,
    /// A support user was let into the account.
    SupportLetIn,
    /// A support user was let out of it.
    SupportLetOut,
    /// Somebody has come to administer an account.
    AdministratorGained,
    /// Somebody administers an account no longer.
    AdministratorLost,
    /// Nobody administers an account any more.
    RecoveryBegun,
}

/// What a mail about provisioning, a signature or administrators tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct About {
    /// The connection's name; of a signature and of administrators, the account's.
    pub connection: String,
    /// Since when it fails, or when the token or the request ends: microseconds since 1970.
    pub at: i64,
    /// With which HTTP status it was last refused.
    pub status: Option<u16>,
    /// Who has come to administer the account, or does so no longer.
    #[serde(default)]
    pub who: String,
}

/// A mail as it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub user: ResourceId,
    /// What it says.
    pub letter: Letter,
    /// In which language, if the user's record names none.
    pub language: Language,
    /// The [`Contents`], sealed.
    pub sealed: Vec<u8>,
}

/// What is sealed.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Contents {
    /// The address.
    pub to: String,
    /// The link's secret, where there is one.
    pub link: Option<String>,
    /// What a mail about provisioning tells.
    #[serde(default)]
    pub about: Option<About>,
}

/// Neither address nor link is for a log.
impl std::fmt::Debug for Contents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contents").finish_non_exhaustive()
    }
}

/// A mail that is due.
#[derive(Debug, Clone)]
pub struct Due {
    /// The account.
    pub account: AccountId,
    /// Its id.
    pub id: Uuid,
    /// The mail.
    pub mail: Mail,
    /// How often it was tried before.
    pub tries: u32,
    /// Since when it is due; shows whether somebody else took it meanwhile.
    pub due_at: Timestamp,
}

/// A mail ready to be rendered.
#[derive(Clone)]
pub struct Ready {
    /// What it says.
    pub letter: Letter,
    /// In which language.
    pub language: Language,
    /// The address.
    pub to: String,
    /// The recipient's name, as far as it is known.
    pub name: Option<String>,
    /// The account's name.
    pub account: String,
    /// The URL to open.
    pub url: String,
    /// What a mail about provisioning tells.
    pub about: Option<About>,
    /// For `Message-ID`; the same each time it is tried.
    pub id: Uuid,
    /// For `Date`.
    pub at: Timestamp,
}

impl Letter {
    /// The word stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Reset => "reset",
            Self::PasswordChanged => "password_changed",
            Self::TokenExpires => "token_expires",
            Self::TokenExpired => "token_expired",
            Self::SyncFails => "sync_fails",
            Self::SignatureWanted => "signature_wanted",
            Self::SupportLetIn => "support_let_in",
            Self::SupportLetOut => "support_let_out",
            Self::AdministratorGained => "administrator_gained",
            Self::AdministratorLost => "administrator_lost",
            Self::RecoveryBegun => "recovery_begun",
        }
    }

    /// Reads the stored word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "invitation" => Some(Self::Invitation),
            "reset" => Some(Self::Reset),
            "password_changed" => Some(Self::PasswordChanged),
            "token_expires" => Some(Self::TokenExpires),
            "token_expired" => Some(Self::TokenExpired),
            "sync_fails" => Some(Self::SyncFails),
            "signature_wanted" => Some(Self::SignatureWanted),
            "support_let_in" => Some(Self::SupportLetIn),
            "support_let_out" => Some(Self::SupportLetOut),
            "administrator_gained" => Some(Self::AdministratorGained),
            "administrator_lost" => Some(Self::AdministratorLost),
            "recovery_begun" => Some(Self::RecoveryBegun),
            _ => None,
        }
    }
}

impl Mail {
    /// The outbox's payload.
    pub fn payload(&self) -> Value {
        json!({
            "user": self.user.to_string(),
            "letter": self.letter.as_str(),
            "language": self.language.tag(),
            "sealed": STANDARD.encode(&self.sealed),
        })
    }

    /// Reads the outbox's payload.
    pub fn read(payload: &Value) -> Option<Self> {
        let text = |key: &str| payload.get(key).and_then(Value::as_str);
        Some(Self {
            user: text("user")?.parse().ok()?,
            letter: Letter::parse(text("letter")?)?,
            language: Language::parse(text("language")?)?,
            sealed: STANDARD.decode(text("sealed")?).ok()?,
        })
    }
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ready")
            .field("id", &self.id)
            .field("letter", &self.letter)
            .finish_non_exhaustive()
    }
}

/// When a mail is tried again after so many tries: half a minute, two, eight, … to six hours; none if
/// that was the last.
pub fn next_try(tries: u32, now: Timestamp) -> Option<Timestamp> {
    if tries >= MAX_TRIES {
        return None;
    }
    let pause = 30 * SECOND * (1 << (2 * tries.saturating_sub(1)).min(20));
    Some(Timestamp::from_micros(now.micros().saturating_add(pause.min(6 * 3600 * SECOND))))
}
