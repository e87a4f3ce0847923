//! Accounts: a customer organisation's space, and the tenant of everything else.

use uuid::Uuid;

use crate::domain::ids::{AccountId, SsoId, WorkspaceId};
use crate::domain::rights::RightKey;
use crate::domain::time::Timestamp;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name in URLs; never changes, since identity providers are configured with it.
    pub slug: Slug,
    /// Its name for people.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// When it was created.
    pub created_at: Timestamp,
}

/// What an account is (PRODUCT.md S1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The operator's own, of which there is one.
    Operator,
    /// A customer's that has no relation to any other.
    Standard,
    /// One that governs children.
    Parent,
    /// One that is attached to a parent.
    Child,
}

/// An account as it stands now, and among others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The account.
    pub account: Account,
    /// Whether it is in service.
    pub state: State,
    /// Whose child it is.
    pub parent: Option<Parent>,
    /// Grows with each change of it.
    pub version: i64,
}

/// The parent of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// Its id.
    pub id: AccountId,
    /// Its name in URLs.
    pub slug: Slug,
}

/// An account permission that is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// Its key in the catalogue.
    pub key: String,
    /// Since when.
    pub since: Timestamp,
    /// By what kind of actor.
    pub set_by_kind: String,
    /// Which one, if it has an id.
    pub set_by_id: Option<Uuid>,
}

/// A pair of rights that nobody may hold together in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptApart {
    /// Whoever holds this one,
    pub held: RightKey,
    /// loses this one.
    pub lost: RightKey,
    /// Since when.
    pub since: Timestamp,
}

/// Whom an account lets in to support it (PRODUCT.md W11), from the loosest to the tightest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum SupportMode {
    /// Whom two people let in, of the operator's staff or of the account.
    #[default]
    TwoPerson,
    /// The same, and one of the two is an administrator of the account.
    CustomerApproval,
    /// Nobody.
    Closed,
}

/// A part of an account in which roles can be held (PRODUCT.md W10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// The account.
    pub account: AccountId,
    /// Its id.
    pub id: WorkspaceId,
    /// Its name, unique among the account's open ones.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was closed, if it is.
    pub closed_at: Option<Timestamp>,
    /// Grows with each change.
    pub version: i64,
}

/// Whether an account is in service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is.
    Active,
    /// Not for now: nobody holds a right in it.
    Suspended,
    /// Not any more.
    Closed,
}

impl Account {
    /// Whether it is the operator's own.
    pub fn is_operator(&self) -> bool {
        self.kind == Kind::Operator
    }
}

impl Profile {
    /// Whether it may have children: a parent that is not closed.
    pub fn may_govern(&self) -> bool {
        self.account.kind == Kind::Parent && self.state != State::Closed
    }
}

impl Kind {
    /// The word stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Standard => "standard",
            Self::Parent => "parent",
            Self::Child => "child",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "operator" => Some(Self::Operator),
            "standard" => Some(Self::Standard),
            "parent" => Some(Self::Parent),
            "child" => Some(Self::Child),
            _ => None,
        }
    }
}

impl SupportMode {
    /// All of them, from the loosest on.
    pub const ALL: [Self; 3] = [Self::TwoPerson, Self::CustomerApproval, Self::Closed];

    /// The word stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TwoPerson => "two_person",
            Self::CustomerApproval => "customer_approval",
            Self::Closed => "closed",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

impl State {
    /// The word stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "active" => Some(Self::Active),
            "suspended" => Some(Self::Suspended),
            "closed" => Some(Self::Closed),
            _ => None,
        }
    }
}

/// The ways into an account, as strangers are shown them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaysIn {
    /// Its SSO connections, by name.
    pub sso: Vec<(SsoId, String)>,
    /// Whether to ask for a password: where one of its users has one, and where there is no other way.
    pub by_password: bool,
}

/// An account's name in URLs: 1 to 63 of `a`–`z`, `0`–`9` and `-`, neither first nor last a hyphen.
///
/// No underscore: Okta refuses base URLs with one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slug(String);

impl Slug {
    /// Checks and takes a slug; the error says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fits = (1..=63).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-');
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "`{text}` cannot name an account in a URL; use 1 to 63 of a-z, 0-9 and hyphens, \
                 without a hyphen at either end, for example `acme`"
            ))
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The slug that stands in for the account of a domain that nobody has: an answer of the same form as for
/// one that is known. None if the text is no domain.
pub fn stand_in(domain: &str) -> Option<Slug> {
    let is_letter = |c: char| c.is_alphanumeric() || c == '-';
    let labels =
        domain.split('.').filter(|label| !label.is_empty() && label.chars().all(is_letter));
    if domain.len() > 253 || labels.count() < 2 || domain.split('.').any(str::is_empty) {
        return None;
    }
    let text: String = domain
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .take(63)
        .collect();
    Slug::parse(text.trim_matches('-')).ok()
}
