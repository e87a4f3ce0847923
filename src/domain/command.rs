//! Every write as data. What a caller wants done; whether it may be is for `policy` to say.
//!
//! To add a command: add it here, give it a row in `policy` and in `tests/it/policy_matrix.rs`, and
//! a transition in `app`.

use crate::domain::account::Slug;
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, ResourceId, TokenId};
use crate::domain::one_time_links::Purpose;
use crate::domain::tokens::Access;
use crate::scim::patch::Operation;
use crate::scim::preset::Preset;
use crate::scim::resource::Incoming;
use crate::scim::schema::ResourceKind;

/// A wanted change.
#[derive(Debug, Clone)]
pub enum Command {
    /// Make a user or a group.
    Create(Create),
    /// Put a whole new state in place of the old (RFC 7644 §3.5.1).
    Replace(Replace),
    /// Change parts (RFC 7644 §3.5.2).
    Patch(Patch),
    /// Delete a user or a group.
    Delete(Delete),
    /// Make an account.
    CreateAccount(CreateAccount),
    /// Issue a token, and make its connection if there is none of that name.
    IssueToken(IssueToken),
    /// End a token at once.
    RevokeToken(RevokeToken),
    /// Mail a user without SSO a link to choose a password.
    SendLink(SendLink),
}

/// See [`Command::Create`].
#[derive(Debug, Clone)]
pub struct Create {
    /// User or group.
    pub kind: ResourceKind,
    /// What was sent, in canonical form.
    pub incoming: Incoming,
}

/// See [`Command::Replace`].
#[derive(Debug, Clone)]
pub struct Replace {
    /// User or group.
    pub kind: ResourceKind,
    /// Which one.
    pub id: ResourceId,
    /// What was sent, in canonical form.
    pub incoming: Incoming,
    /// The `If-Match` header, if there was one.
    pub if_match: Option<String>,
}

/// See [`Command::Patch`].
#[derive(Debug, Clone)]
pub struct Patch {
    /// User or group.
    pub kind: ResourceKind,
    /// Which one.
    pub id: ResourceId,
    /// The operations, in order.
    pub operations: Vec<Operation>,
    /// The `If-Match` header, if there was one.
    pub if_match: Option<String>,
}

/// See [`Command::Delete`].
#[derive(Debug, Clone)]
pub struct Delete {
    /// User or group.
    pub kind: ResourceKind,
    /// Which one.
    pub id: ResourceId,
    /// The `If-Match` header, if there was one.
    pub if_match: Option<String>,
}

/// See [`Command::CreateAccount`].
#[derive(Debug, Clone)]
pub struct CreateAccount {
    /// Its name in URLs.
    pub slug: Slug,
    /// Its name for people.
    pub name: String,
}

/// See [`Command::IssueToken`].
#[derive(Debug, Clone)]
pub struct IssueToken {
    /// The account.
    pub account: AccountId,
    /// The connection's name.
    pub connection: String,
    /// The preset of the connection, if it is made now.
    pub preset: Preset,
    /// What the token may do.
    pub access: Access,
    /// How many days it lives.
    pub days: u32,
}

/// See [`Command::RevokeToken`].
#[derive(Debug, Clone)]
pub struct RevokeToken {
    /// The account.
    pub account: AccountId,
    /// The token.
    pub token: TokenId,
}

/// See [`Command::SendLink`].
#[derive(Debug, Clone)]
pub struct SendLink {
    /// The account.
    pub account: AccountId,
    /// The user's `userName`.
    pub user_name: String,
    /// [`Purpose::Invitation`] or [`Purpose::Reset`].
    pub purpose: Purpose,
}

impl Command {
    /// The event that this command causes when it is done, or would have caused.
    pub fn event(&self) -> Event {
        use ResourceKind::{Group, User};
        match self {
            Self::Create(c) => match c.kind {
                User => Event::UserCreated,
                Group => Event::GroupCreated,
            },
            Self::Replace(c) => match c.kind {
                User => Event::UserReplaced,
                Group => Event::GroupReplaced,
            },
            Self::Patch(c) => match c.kind {
                User => Event::UserPatched,
                Group => Event::GroupPatched,
            },
            Self::Delete(c) => match c.kind {
                User => Event::UserDeleted,
                Group => Event::GroupDeleted,
            },
            Self::CreateAccount(_) => Event::AccountCreated,
            Self::IssueToken(_) => Event::TokenIssued,
            Self::RevokeToken(_) => Event::TokenRevoked,
            Self::SendLink(c) => match c.purpose {
                Purpose::Invitation | Purpose::Enrolment => Event::InvitationSent,
                Purpose::Reset => Event::ResetSent,
            },
        }
    }

    /// The id of what the command is about, if it exists already.
    pub fn target(&self) -> Option<uuid::Uuid> {
        match self {
            Self::Create(_) | Self::CreateAccount(_) | Self::IssueToken(_) | Self::SendLink(_) => {
                None
            }
            Self::Replace(c) => Some(c.id.uuid()),
            Self::Patch(c) => Some(c.id.uuid()),
            Self::Delete(c) => Some(c.id.uuid()),
            Self::RevokeToken(c) => Some(c.token.uuid()),
        }
    }
}
