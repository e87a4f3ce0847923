//! Every write as data. What a caller wants done; whether it may be is for `policy` to say.
//!
//! To add a command: add it here, give it a row in `policy` and in `tests/it/policy_matrix.rs`, and
//! a transition in `app`.

pub mod accounts;
pub mod approvals;
pub mod people;
pub mod rights;
pub mod support;

use std::sync::Arc;

use crate::domain::account::{Kind, Slug};
use crate::domain::command::accounts::AccountChange;
use crate::domain::command::approvals::ApprovalChange;
use crate::domain::command::people::{PeopleChange, PersonSpec};
use crate::domain::command::rights::RightsChange;
use crate::domain::command::support::SupportChange;
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, ProductKeyId, ResourceId, SsoId, TokenId};
use crate::domain::keys::Algorithm;
use crate::domain::keys::products::ProductScope;
use crate::domain::passwords::links::Purpose;
use crate::domain::persons::support::NewTeam;
use crate::domain::rights::catalogue::Catalogue;
use crate::domain::sso::{SsoEdit, SsoSpec};
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
    /// Add a provider of single sign-on to an account.
    AddSso(Box<AddSso>),
    /// Change one, its issuer apart.
    ChangeSso(Box<ChangeSso>),
    /// Remove one; sessions that began by it end.
    RemoveSso(RemoveSso),
    /// Let an account be found by a domain of mail addresses.
    AddDomain(Domain),
    /// Let it be so no longer.
    RemoveDomain(Domain),
    /// Have an account demand a second factor of all its users, or no longer.
    DemandFactor(DemandFactor),
    /// Take a user's sign-ins at providers from them; their sessions end, and their next sign-in is a
    /// first one.
    UnlinkUser(UnlinkUser),
    /// Sign access tokens with a new key.
    RotateSigningKey(RotateSigningKey),
    /// Issue a key of the vendor's product.
    IssueProductKey(IssueProductKey),
    /// End a product key at once.
    RevokeProductKey(RevokeProductKey),
    /// Mail a user without SSO a link to choose a password.
    SendLink(SendLink),
    /// Give one of the operator's staff a link to enrol their first second factor.
    IssueEnrolmentLink(IssueEnrolmentLink),
    /// Have another catalogue of rights hold from now on.
    ActivateCatalogue(ActivateCatalogue),
    /// Change an account itself.
    ChangeAccount(Box<AccountChange>),
    /// Change what gives rights in an account.
    ChangeRights(Box<RightsChange>),
    /// Change an account's users and recipients.
    ChangePeople(Box<PeopleChange>),
    /// Ask for a second person, vote, take a request back.
    ChangeApproval(Box<ApprovalChange>),
    /// Change who the operator's support users are.
    ChangeSupport(Box<SupportChange>),
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
    /// What it is; of the operator's there is one.
    pub kind: Kind,
    /// Whose child it is, if it is one.
    pub parent: Option<AccountId>,
    /// Who looks after it (W2); nobody yet where the command line makes it.
    pub team: Option<NewTeam>,
    /// Who is to administer it first, once a second person has signed (S4, W2).
    pub first_administrator: Option<Box<PersonSpec>>,
}

/// See [`Command::AddSso`].
#[derive(Debug, Clone)]
pub struct AddSso {
    /// The account.
    pub account: AccountId,
    /// The provider.
    pub spec: SsoSpec,
}

/// See [`Command::ChangeSso`].
#[derive(Debug, Clone)]
pub struct ChangeSso {
    /// The account.
    pub account: AccountId,
    /// The provider.
    pub sso: SsoId,
    /// What is to be different.
    pub edit: SsoEdit,
    /// The `If-Match` header, if there was one.
    pub if_match: Option<String>,
}

/// See [`Command::RemoveSso`].
#[derive(Debug, Clone)]
pub struct RemoveSso {
    /// The account.
    pub account: AccountId,
    /// The provider.
    pub sso: SsoId,
}

/// See [`Command::AddDomain`] and [`Command::RemoveDomain`].
#[derive(Debug, Clone)]
pub struct Domain {
    /// The account.
    pub account: AccountId,
    /// The domain, as [`mail_domain`](crate::domain::sso::mail_domain) reads it.
    pub domain: String,
}

/// See [`Command::DemandFactor`].
#[derive(Debug, Clone)]
pub struct DemandFactor {
    /// The account.
    pub account: AccountId,
    /// Whether it is demanded from now on.
    pub is_demanded: bool,
}

/// See [`Command::UnlinkUser`].
#[derive(Debug, Clone)]
pub struct UnlinkUser {
    /// The account.
    pub account: AccountId,
    /// The user.
    pub user: ResourceId,
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

/// See [`Command::RotateSigningKey`].
#[derive(Debug, Clone)]
pub struct RotateSigningKey {
    /// What the new key signs with.
    pub algorithm: Algorithm,
    /// Whether what the old one signed is refused at once: for a key that has leaked.
    pub drops_old: bool,
}

/// See [`Command::IssueProductKey`].
#[derive(Debug, Clone)]
pub struct IssueProductKey {
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<ProductScope>,
    /// How many days it lives.
    pub days: u32,
}

/// See [`Command::RevokeProductKey`].
#[derive(Debug, Clone)]
pub struct RevokeProductKey {
    /// The key.
    pub key: ProductKeyId,
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

/// See [`Command::IssueEnrolmentLink`].
#[derive(Debug, Clone)]
pub struct IssueEnrolmentLink {
    /// The operator's account.
    pub account: AccountId,
    /// Whom it is for.
    pub user: ResourceId,
}

/// See [`Command::ActivateCatalogue`].
#[derive(Debug, Clone)]
pub struct ActivateCatalogue {
    /// The catalogue.
    pub catalogue: Arc<Catalogue>,
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
            Self::AddSso(_) => Event::SsoAdded,
            Self::ChangeSso(_) => Event::SsoChanged,
            Self::RemoveSso(_) => Event::SsoRemoved,
            Self::AddDomain(_) => Event::DomainAdded,
            Self::RemoveDomain(_) => Event::DomainRemoved,
            Self::DemandFactor(c) if c.is_demanded => Event::FactorDemanded,
            Self::DemandFactor(_) => Event::FactorNoLongerDemanded,
            Self::UnlinkUser(_) => Event::IdentityUnlinked,
            Self::RotateSigningKey(_) => Event::SigningKeyRotated,
            Self::IssueProductKey(_) => Event::ProductKeyIssued,
            Self::RevokeProductKey(_) => Event::ProductKeyRevoked,
            Self::SendLink(c) => match c.purpose {
                Purpose::Invitation | Purpose::Enrolment => Event::InvitationSent,
                Purpose::Reset => Event::ResetSent,
            },
            Self::IssueEnrolmentLink(_) => Event::EnrolmentLinkIssued,
            Self::ActivateCatalogue(_) => Event::CatalogueActivated,
            Self::ChangeAccount(c) => c.what.event(),
            Self::ChangeRights(c) => c.what.event(),
            Self::ChangePeople(c) => c.what.event(),
            Self::ChangeApproval(c) => c.what.event(),
            Self::ChangeSupport(c) => c.what.event(),
        }
    }

    /// The id of what the command is about, if it exists already.
    pub fn target(&self) -> Option<uuid::Uuid> {
        match self {
            Self::Create(_)
            | Self::CreateAccount(_)
            | Self::IssueToken(_)
            | Self::AddSso(_)
            | Self::AddDomain(_)
            | Self::RemoveDomain(_)
            | Self::DemandFactor(_)
            | Self::RotateSigningKey(_)
            | Self::IssueProductKey(_)
            | Self::SendLink(_)
            | Self::ActivateCatalogue(_) => None,
            Self::ChangeSso(c) => Some(c.sso.uuid()),
            Self::RemoveSso(c) => Some(c.sso.uuid()),
            Self::UnlinkUser(c) => Some(c.user.uuid()),
            Self::IssueEnrolmentLink(c) => Some(c.user.uuid()),
            Self::Replace(c) => Some(c.id.uuid()),
            Self::Patch(c) => Some(c.id.uuid()),
            Self::Delete(c) => Some(c.id.uuid()),
            Self::RevokeToken(c) => Some(c.token.uuid()),
            Self::RevokeProductKey(c) => Some(c.key.uuid()),
            Self::ChangeAccount(c) => c.what.target().or(Some(c.account.uuid())),
            Self::ChangeRights(c) => c.what.target(),
            Self::ChangePeople(c) => c.what.target(),
            Self::ChangeApproval(c) => c.what.target(),
            Self::ChangeSupport(c) => c.what.target(),
        }
    }
}
