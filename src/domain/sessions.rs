//! Sessions: a signed-in browser, how it was proven, and how long that holds.
//!
//! A session is opaque and read on each request (DECISIONS.md 30). It is *pending* until the second
//! factor is shown, where one is due; a pending one reaches the step-up page and nothing else. Its
//! secret changes when it is made and when it is stepped up.

use crate::domain::actor::SignedIn;
use crate::domain::ids::{AccountId, PersonId, ResourceId, SessionId, SsoId};
use crate::domain::time::Timestamp;

/// How long after its last request a session ends, in microseconds: customers, staff.
const IDLE: (i64, i64) = (30 * MINUTE, 15 * MINUTE);
/// How long after its beginning a session ends at the latest: customers, staff.
const ABSOLUTE: (i64, i64) = (12 * 60 * MINUTE, 8 * 60 * MINUTE);
/// How exactly the last request is noted: not every one is a write.
const NOTED: i64 = MINUTE;
const MINUTE: i64 = 60_000_000;

/// How far a sign-in has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The second factor is still due.
    Pending,
    /// All that is due was shown.
    Full,
}

/// How somebody first proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By an OIDC provider.
    Sso,
    /// By a password kept here.
    Password,
}

/// Where a request comes from, for the person to recognise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Visitor {
    /// The address, as far as trusted proxies tell it.
    pub ip: Option<String>,
    /// The browser's own words, shortened to 200 characters.
    pub agent: String,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// SHA-256 of its secret.
    pub secret_hash: [u8; 32],
    /// The account it is in.
    pub account: AccountId,
    /// The user.
    pub user: ResourceId,
    /// The person.
    pub person: PersonId,
    /// Whether the account is the operator's.
    pub is_staff: bool,
    /// How they first proved who they are.
    pub way: Way,
    /// How far the sign-in has come.
    pub level: Level,
    /// The provider's `acr`.
    pub acr: Option<String>,
    /// The provider's `amr`, or what was shown here (RFC 8176 values).
    pub amr: Vec<String>,
    /// When they last proved who they are, second factor apart.
    pub auth_time: Timestamp,
    /// When they last showed a second factor.
    pub second_factor_at: Option<Timestamp>,
    /// When they last showed one of the factors enrolled here: the provider's word does not count.
    pub own_factor_at: Option<Timestamp>,
    /// The SSO connection.
    pub sso: Option<SsoId>,
    /// The provider's `sid`.
    pub provider_session: Option<String>,
    /// The ID token, sealed, for RP-initiated logout.
    pub id_token: Option<Vec<u8>>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// Where it was made.
    pub visitor: Visitor,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
}

/// Who a session's user is, for the pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portrait {
    /// What to call them.
    pub display_name: String,
    /// Their `userName`.
    pub user_name: String,
    /// Their `preferredLanguage`, else their `locale`.
    pub language: Option<String>,
    /// The account's name for people.
    pub account_name: String,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum EndedWhy {
    SignedOut,
    SteppedUp,
    SignedInAgain,
    Revoked,
    LoggedOutByProvider,
    PasswordChanged,
    FactorChanged,
    FactorDemanded,
    Deactivated,
    Linked,
    Unlinked,
    AccountStopped,
}

impl Session {
    /// Whether it lets somebody in at this moment.
    pub fn is_live(&self, now: Timestamp) -> bool {
        let idle = if self.is_staff { IDLE.1 } else { IDLE.0 };
        self.ended_at.is_none()
            && now < self.expires_at
            && now.micros() - self.last_seen_at.micros() < idle + NOTED
    }

    /// Whether this use is to be noted.
    pub fn is_unnoted(&self, now: Timestamp) -> bool {
        now.micros() - self.last_seen_at.micros() >= NOTED
    }

    /// Who acts by it.
    pub fn signed_in(&self) -> SignedIn {
        SignedIn {
            account: self.account,
            user: self.user,
            person: self.person,
            session: self.id,
            is_staff: self.is_staff,
            second_factor_at: self.second_factor_at,
        }
    }
}

/// When a session that begins now ends at the latest.
pub fn latest_end(is_staff: bool, now: Timestamp) -> Timestamp {
    let length = if is_staff { ABSOLUTE.1 } else { ABSOLUTE.0 };
    Timestamp::from_micros(now.micros().saturating_add(length))
}

impl Level {
    /// The word stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Full => "full",
        }
    }

    /// Reads the stored word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "pending" => Some(Self::Pending),
            "full" => Some(Self::Full),
            _ => None,
        }
    }
}

impl Way {
    /// The word stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sso => "sso",
            Self::Password => "password",
        }
    }

    /// Reads the stored word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "sso" => Some(Self::Sso),
            "password" => Some(Self::Password),
            _ => None,
        }
    }
}

impl EndedWhy {
    /// The word stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::SteppedUp => "stepped_up",
            Self::SignedInAgain => "signed_in_again",
            Self::Revoked => "revoked",
            Self::LoggedOutByProvider => "logged_out_by_provider",
            Self::PasswordChanged => "password_changed",
            Self::FactorChanged => "factor_changed",
            Self::FactorDemanded => "factor_demanded",
            Self::Deactivated => "deactivated",
            Self::Linked => "linked",
            Self::Unlinked => "unlinked",
            Self::AccountStopped => "account_stopped",
        }
    }
}
