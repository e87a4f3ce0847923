//! Support grants: one support user's access to one account, for a time, with a reason (PRODUCT.md W2, W3,
//! W6, W9; POLICY.md M51, M52, M60 to M63).

use serde_json::{Value, json};

use crate::domain::account::SupportMode;
use crate::domain::ids::{
    AccountId, ApprovalId, BundleId, PersonId, ResourceId, SupportGrantId, WorkspaceId,
};
use crate::domain::persons::support::Function;
use crate::domain::rights::Right;
use crate::domain::rights::sources::{By, Period};
use crate::domain::time::Timestamp;

/// How many days somebody is let in for, where nobody says.
pub const DEFAULT_DAYS: u32 = 7;
/// How many days at most; nor does it begin later than that (M62).
pub const MAX_DAYS: u32 = 90;
/// How far in the past a start may lie, in microseconds: clocks differ.
pub const SKEW: i64 = 300 * 1_000_000;
/// How long a reason may be, in bytes.
pub const MAX_REASON: usize = 4096;
/// The predefined bundle of whoever looks after an account: it reads, and changes nothing.
pub const STANDING_BUNDLE: &str = "reader";

/// Who is to be let in, as it is asked.
#[derive(Debug, Clone)]
pub struct SupportSpec {
    /// The support user.
    pub user: ResourceId,
    /// With what.
    pub bundle: BundleId,
    /// In one workspace; none is the whole account.
    pub workspace: Option<WorkspaceId>,
    /// From when on; none is from the signature on.
    pub starts_at: Option<Timestamp>,
    /// Until when; none is [`DEFAULT_DAYS`] later.
    pub ends_at: Option<Timestamp>,
    /// Why.
    pub reason: String,
}

/// What exactly a request for support access asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The operator's account.
    pub operator: AccountId,
    /// The support user there.
    pub user: ResourceId,
    /// The human.
    pub person: PersonId,
    /// Whose bundle it is: the account's own, or the catalogue's.
    pub bundle_owner: AccountId,
    /// The bundle.
    pub bundle: BundleId,
    /// The workspace; none is the whole account.
    pub workspace: Option<WorkspaceId>,
    /// For when.
    pub period: Period,
    /// The account that whoever asks is signed in to.
    pub requester_account: AccountId,
    /// Whether whoever asks administers the account.
    pub by_customer: bool,
    /// Whom the account let in when it was asked.
    pub mode: SupportMode,
    /// The access of the same user that somebody took away before (M60).
    pub after: Option<Removal>,
}

/// Access that was taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The grant.
    pub grant: SupportGrantId,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: By,
}

/// Why a grant ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Somebody took it away.
    Removed,
    /// Another took its place.
    Superseded,
    /// Its time was over.
    Expired,
    /// The support user was deactivated or deleted.
    UserInactive,
    /// They lost the function or team that they had it by.
    FunctionLost,
    /// They lack what W8 asks for.
    NotReady,
}

/// A support grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportGrant {
    /// The customer's account.
    pub account: AccountId,
    /// Its id.
    pub id: SupportGrantId,
    /// The support user, of the operator's account.
    pub user: ResourceId,
    /// What people call them; nothing where they are gone.
    pub display_name: Option<String>,
    /// The bundle.
    pub bundle: BundleId,
    /// What people call it.
    pub bundle_name: Option<String>,
    /// The workspace; none is the whole account.
    pub workspace: Option<WorkspaceId>,
    /// For when; what stands has no end.
    pub period: Period,
    /// By looking after the account as that; none if two people let them in.
    pub standing: Option<Function>,
    /// The request by which they were let in.
    pub request: Option<ApprovalId>,
    /// Why, in the words of whoever asked.
    pub reason: Option<String>,
    /// Who asked.
    pub asked_by: Option<By>,
    /// Who signed.
    pub signed_by: Vec<ResourceId>,
    /// When it was written.
    pub begun_at: Timestamp,
    /// When and why it ended, and by whom.
    pub ended: Option<(Timestamp, Ending, By)>,
}

/// Which grants are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GrantFilter {
    /// Those of this user.
    pub user: Option<ResourceId>,
    /// Those in force, those ended, or both.
    pub state: Which,
}

/// Which of them by whether they ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Which {
    /// Those that nothing has ended.
    #[default]
    Active,
    /// Those that ended.
    Ended,
    /// All.
    All,
}

impl Asked {
    /// What exactly is asked, as members of a request's canonical text.
    pub fn payload(&self) -> Value {
        json!({
            "after_grant": self.after.as_ref().map(|it| it.grant.to_string()),
            "bundle": self.bundle.to_string(),
            "bundle_owner": self.bundle_owner.to_string(),
            "by_customer": self.by_customer,
            "ends_at": self.period.ends_at.micros(),
            "mode": self.mode.as_str(),
            "person": self.person.to_string(),
            "starts_at": self.period.starts_at.micros(),
            "user": self.user.to_string(),
            "workspace": self.workspace.map(|it| it.to_string()),
        })
    }
}

impl Ending {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Removed,
        Self::Superseded,
        Self::Expired,
        Self::UserInactive,
        Self::FunctionLost,
        Self::NotReady,
    ];

    /// The word stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Superseded => "superseded",
            Self::Expired => "expired",
            Self::UserInactive => "user_inactive",
            Self::FunctionLost => "function_lost",
            Self::NotReady => "not_ready",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

impl Which {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Active, Self::Ended, Self::All];

    /// The word sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ended => "ended",
            Self::All => "all",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// What no support user holds, though it be in a bundle of theirs: a customer's people are the customer's alone
/// (M51, M52). What the catalogue calls privileged is refused beside it.
pub const NEVER_SUPPORT: [Right; 3] =
    [Right::UsersAdminister, Right::RecipientsAdminister, Right::WorkspacesManage];
