//! Accounts: a customer organisation's space, and the tenant of everything else.

use crate::domain::ids::AccountId;
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
    /// Whether it is the operator's own.
    pub is_operator: bool,
    /// When it was created.
    pub created_at: Timestamp,
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
