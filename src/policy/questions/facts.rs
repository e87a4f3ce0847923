//! The facts that decisions rest on, by the names that `schemas/policy.cedarschema` gives them.

/// What decisions rest on, by the names in the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// What the token of a request may do.
    Access,
    /// Whether an account to be made is the operator's own.
    AccountKind,
    /// The rights that a bundle would come to hold.
    Added,
    /// Whether a bundle holds what no support user may.
    Administers,
    /// Whether a vote would be an administrator's.
    AsCustomer,
    /// Whether whoever asks is a recipient.
    AskerIsRecipient,
    /// Whether properties are assigned, which filter somebody's view.
    AssignsProperties,
    /// Who gains by it.
    Beneficiary,
    /// Whether an administrator asked for it.
    ByCustomer,
    /// The connection that the token of a request belongs to.
    Connection,
    /// Whether there is somebody to make customers' accounts.
    Directors,
    /// Whom a link to enrol a second factor is for.
    Enrollee,
    /// What whoever asks is among the operator's staff.
    Functions,
    /// Of what is asked for: whether somebody could sign it.
    HasApprover,
    /// Whether an account has users.
    HasUsers,
    /// Whether whoever votes voted before.
    HasVoted,
    /// The rights that whoever asks holds.
    Held,
    /// Whether whoever asks may sign in that account at all.
    IsApprover,
    /// Whether whoever votes gains by it.
    IsBeneficiary,
    /// Whether they may sign since a short time only.
    IsCoolingOff,
    /// Whether the account is a customer's.
    IsCustomers,
    /// Whether whoever asks showed a second factor within the last ten minutes.
    IsFresh,
    /// Whether the time of a request is over.
    IsLate,
    /// Whether whoever asked for a signature made the user of whoever votes lately.
    IsMadeByRequester,
    /// Whether whoever votes may sign since after it was asked.
    IsNewer,
    /// Whether whoever asks is the account's customer success manager.
    IsOwnCsm,
    /// Whether a vote could be cast only in the place of whoever asked.
    IsOwnDelegate,
    /// Whether it is about a recipient.
    IsRecipient,
    /// Whether whoever votes is, or may be, whoever asked for it.
    IsRequester,
    /// Whether whoever votes saw what the request says.
    IsSeen,
    /// Whether whoever asks is of the operator's staff.
    IsStaff,
    /// What a support user lacks before they may be let in.
    Lacks,
    /// Whether nobody would administer the account after it.
    LeavesNone,
    /// What a change does to whom an account lets in.
    Loosening,
    /// Whom the account lets in; of a request, the tighter of then and now.
    Mode,
    /// Whether an account to be made begins with an administrator.
    NamesAdministrator,
    /// Whether an account to be made begins with a team.
    NamesTeam,
    /// What a release of the catalogue raises.
    Raise,
    /// How far whoever asks reaches the account.
    Reach,
    /// Whether it gives an account that nobody administers an administrator again.
    Recovers,
    /// Which user it is about.
    Subject,
    /// How the user comes in whom it is about.
    TargetComes,
    /// Where whoever asks works among the operator's staff.
    Teams,
    /// How somebody votes.
    Verdict,
    /// Whether a request waits.
    Waits,
}

impl Fact {
    /// All of them.
    pub const ALL: [Self; 45] = [
        Self::Access,
        Self::AccountKind,
        Self::Added,
        Self::Administers,
        Self::AsCustomer,
        Self::AskerIsRecipient,
        Self::AssignsProperties,
        Self::Beneficiary,
        Self::ByCustomer,
        Self::Connection,
        Self::Directors,
        Self::Enrollee,
        Self::Functions,
        Self::HasApprover,
        Self::HasUsers,
        Self::HasVoted,
        Self::Held,
        Self::IsApprover,
        Self::IsBeneficiary,
        Self::IsCoolingOff,
        Self::IsCustomers,
        Self::IsFresh,
        Self::IsLate,
        Self::IsMadeByRequester,
        Self::IsNewer,
        Self::IsOwnCsm,
        Self::IsOwnDelegate,
        Self::IsRecipient,
        Self::IsRequester,
        Self::IsSeen,
        Self::IsStaff,
        Self::Lacks,
        Self::LeavesNone,
        Self::Loosening,
        Self::Mode,
        Self::NamesAdministrator,
        Self::NamesTeam,
        Self::Raise,
        Self::Reach,
        Self::Recovers,
        Self::Subject,
        Self::TargetComes,
        Self::Teams,
        Self::Verdict,
        Self::Waits,
    ];

    /// The fact of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fact| fact.name() == name)
    }

    /// Its name in the schema.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::AccountKind => "accountKind",
            Self::Added => "added",
            Self::Administers => "administers",
            Self::AsCustomer => "asCustomer",
            Self::AskerIsRecipient => "askerIsRecipient",
            Self::AssignsProperties => "assignsProperties",
            Self::Beneficiary => "beneficiary",
            Self::ByCustomer => "byCustomer",
            Self::Connection => "connection",
            Self::Directors => "directors",
            Self::Enrollee => "enrollee",
            Self::Functions => "functions",
            Self::HasApprover => "hasApprover",
            Self::HasUsers => "hasUsers",
            Self::HasVoted => "hasVoted",
            Self::Held => "held",
            Self::IsApprover => "isApprover",
            Self::IsBeneficiary => "isBeneficiary",
            Self::IsCoolingOff => "isCoolingOff",
            Self::IsCustomers => "isCustomers",
            Self::IsFresh => "isFresh",
            Self::IsLate => "isLate",
            Self::IsMadeByRequester => "isMadeByRequester",
            Self::IsNewer => "isNewer",
            Self::IsOwnCsm => "isOwnCsm",
            Self::IsOwnDelegate => "isOwnDelegate",
            Self::IsRecipient => "isRecipient",
            Self::IsRequester => "isRequester",
            Self::IsSeen => "isSeen",
            Self::IsStaff => "isStaff",
            Self::Lacks => "lacks",
            Self::LeavesNone => "leavesNone",
            Self::Loosening => "loosening",
            Self::Mode => "mode",
            Self::NamesAdministrator => "namesAdministrator",
            Self::NamesTeam => "namesTeam",
            Self::Raise => "raise",
            Self::Reach => "reach",
            Self::Recovers => "recovers",
            Self::Subject => "subject",
            Self::TargetComes => "targetComes",
            Self::Teams => "teams",
            Self::Verdict => "verdict",
            Self::Waits => "waits",
        }
    }

    /// The schema's type of its words; of what is no word, nothing.
    pub(in crate::policy) const fn entity_type(self) -> &'static str {
        match self {
            Self::Access => "Access",
            Self::AccountKind => "AccountKind",
            Self::Beneficiary => "Beneficiary",
            Self::Connection => "Connection",
            Self::Directors => "Directors",
            Self::Enrollee => "Enrollee",
            Self::Loosening => "Loosening",
            Self::Mode => "SupportMode",
            Self::Raise => "Raise",
            Self::Reach => "Reach",
            Self::Subject => "User",
            Self::TargetComes => "Comes",
            Self::Verdict => "Verdict",
            Self::Added
            | Self::Administers
            | Self::AsCustomer
            | Self::AskerIsRecipient
            | Self::AssignsProperties
            | Self::ByCustomer
            | Self::Functions
            | Self::HasUsers
            | Self::Held
            | Self::IsFresh
            | Self::IsRecipient
            | Self::IsStaff
            | Self::HasApprover
            | Self::HasVoted
            | Self::IsApprover
            | Self::IsBeneficiary
            | Self::IsCoolingOff
            | Self::IsLate
            | Self::IsMadeByRequester
            | Self::IsNewer
            | Self::IsRequester
            | Self::IsSeen
            | Self::IsCustomers
            | Self::IsOwnCsm
            | Self::IsOwnDelegate
            | Self::Lacks
            | Self::LeavesNone
            | Self::NamesAdministrator
            | Self::NamesTeam
            | Self::Recovers
            | Self::Teams
            | Self::Waits => "",
        }
    }
}
