//! The single write path: facts, decision, transition, write.
//!
//! A command is decided on facts that were read before, and its write takes effect only if their
//! stamps still match; else all of it starts again. So no lock is held while deciding, and no
//! decision is applied to a state that it was not made for. The write, its activity and its effects
//! are one transaction.

mod answers;
mod checks;
mod deciding;
pub(in crate::app) mod lines;
pub mod origin;

use std::sync::Arc;

use crate::app::factors::staff::EnrolmentLink;
use crate::app::rights::catalogue::{self, Standing};
use crate::app::{
    App, Error, accounts, factors, groups, keys, passwords, rights, sso, tokens, users,
};
use crate::domain::account::{Account, Workspace};
use crate::domain::actor::Actor;
use crate::domain::command::{Command, Delete, IssueEnrolmentLink, Patch, Replace, SendLink};
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::keys::SigningKey;
use crate::domain::records::Record;
use crate::domain::rights::approvals::Request;
use crate::domain::sso::SsoConnection;
use crate::domain::time::Timestamp;
use crate::policy::{self, Enrollee, Permit, Scope};
use crate::scim::error::ScimError;
use crate::scim::fold;
use crate::scim::preset::Preset;
use crate::scim::schema::ResourceKind;
use crate::store::authn::passwords::PasswordUser;
use crate::store::groups::StoredGroup;
use crate::store::users::StoredUser;

pub(super) use self::checks::check_match;

/// How often a command starts again because the facts moved, before the answer is `Busy`.
const ATTEMPTS: usize = 100;

/// What a change gave.
#[derive(Debug)]
pub enum Outcome {
    /// The resource as it now is; a group's members are not loaded.
    Resource(Record),
    /// It is done, and nothing more is known.
    Done,
    /// The account.
    Account(Account),
    /// The token, shown this once.
    Token(tokens::Issued),
    /// The provider of single sign-on.
    Sso(SsoConnection),
    /// The product key, shown this once.
    ProductKey(keys::products::Issued),
    /// The link to enrol a second factor, shown this once.
    EnrolmentLink(EnrolmentLink),
    /// The key that signs access tokens from now on.
    SigningKey(SigningKey),
    /// What gives rights, made or changed.
    Rights(Box<rights::Made>),
    /// A user or recipient, or a property, made or changed.
    Person(Box<users::people::Made>),
    /// A workspace, made or changed.
    Workspace(Workspace),
    /// An approval request as it now is.
    Approval(Box<Request>),
    /// What gives rights, made or changed; some of what it gives waits for these signatures.
    Waiting(Box<rights::Made>, Vec<Request>),
    /// Who a support user is.
    Support(Box<accounts::support::Made>),
}

/// What was read before a decision.
pub(super) enum Loaded {
    /// Nothing: the write finds its target itself, or makes it.
    Nothing,
    /// The user.
    User(Box<StoredUser>),
    /// The group.
    Group(Box<StoredGroup>),
    /// The group, and the PATCH that it was read for.
    PatchedGroup(Box<StoredGroup>, Result<groups::Split, ScimError>),
    /// Nothing: adding or removing these members finds its target itself.
    Members(groups::MemberChange),
    /// The user as far as passwords go.
    PasswordUser(Box<PasswordUser>),
    /// The provider, if there is one of that id.
    Sso(Option<Box<SsoConnection>>),
    /// Who somebody is to whoever acts.
    Enrollee(Enrollee),
    /// What a release of the catalogue follows on.
    Release(Standing),
    /// What a change of rights is about.
    Rights(Box<rights::Loaded>),
    /// The user that a change of people is about.
    Person(Box<users::people::Loaded>),
    /// The account, as it stands among others.
    Account(Box<accounts::Loaded>),
    /// The request, or what one is to be about.
    Approval(Box<rights::approvals::Loaded>),
    /// What a change of support users is about.
    Support(Box<accounts::support::Loaded>),
}

impl From<Outcome> for Step {
    fn from(outcome: Outcome) -> Self {
        Self::Settled(Box::new(outcome))
    }
}

/// One attempt to apply.
pub(super) enum Step {
    /// It is settled.
    Settled(Box<Outcome>),
    /// The facts moved.
    Moved,
}

impl App {
    /// Changes something, if the policy lets the actor. When this returns `Ok`, it is durable.
    ///
    /// # Errors
    /// Every kind of [`Error`]; nothing was changed then.
    pub async fn change(&self, actor: &Actor, command: Command) -> Result<Outcome, Error> {
        let command = Arc::new(command);
        for _ in 0..ATTEMPTS {
            let loaded = self.load(actor, &command).await?;
            let permit = self.decide(actor, &command, &loaded).await?;
            match self.apply(permit, loaded).await? {
                Step::Settled(outcome) => {
                    return rights::approvals::follow(self, actor, &command, *outcome).await;
                }
                Step::Moved => {}
            }
        }
        Err(Error::Busy)
    }

    pub(in crate::app) async fn load(
        &self,
        actor: &Actor,
        command: &Command,
    ) -> Result<Loaded, Error> {
        let (kind, id) = match command {
            Command::Patch(c) if c.kind == ResourceKind::Group => {
                return self.load_patched(actor, c).await;
            }
            Command::Replace(c) => (c.kind, c.id),
            Command::Patch(c) => (c.kind, c.id),
            Command::Delete(c) => (c.kind, c.id),
            Command::SendLink(c) => {
                return self.load_password_user(actor, c).await;
            }
            Command::IssueEnrolmentLink(c) => {
                return self.load_enrollee(actor, c).await;
            }
            Command::ChangeSso(c) => {
                let found = self.store().sso(c.account, c.sso).await?;
                return Ok(Loaded::Sso(found.map(Box::new)));
            }
            Command::ActivateCatalogue(c) => {
                return catalogue::stand(self, c).await.map(Loaded::Release);
            }
            Command::ChangeAccount(c) => {
                return accounts::load(self, c).await.map(|it| Loaded::Account(Box::new(it)));
            }
            Command::ChangeRights(c) => {
                return rights::load(self, c).await.map(|it| Loaded::Rights(Box::new(it)));
            }
            Command::ChangeApproval(c) => {
                let loaded = rights::approvals::load(self, actor, c).await?;
                return Ok(Loaded::Approval(Box::new(loaded)));
            }
            Command::ChangePeople(c) => {
                let loaded = users::people::load(self, c).await?;
                return Ok(Loaded::Person(Box::new(loaded)));
            }
            Command::ChangeSupport(c) => {
                let loaded = accounts::support::load(self, c).await?;
                return Ok(Loaded::Support(Box::new(loaded)));
            }
            Command::Create(_)
            | Command::CreateAccount(_)
            | Command::IssueToken(_)
            | Command::RevokeToken(_)
            | Command::AddSso(_)
            | Command::RemoveSso(_)
            | Command::AddDomain(_)
            | Command::RemoveDomain(_)
            | Command::DemandFactor(_)
            | Command::UnlinkUser(_)
            | Command::RotateSigningKey(_)
            | Command::IssueProductKey(_)
            | Command::RevokeProductKey(_) => return Ok(Loaded::Nothing),
        };
        let scope = policy::scope(actor);
        match kind {
            ResourceKind::User => {
                let found = self.store().stored_user(&scope, id).await?;
                found.map(|user| Loaded::User(Box::new(user)))
            }
            ResourceKind::Group => {
                let found = self.store().stored_group(&scope, id).await?;
                found.map(|group| Loaded::Group(Box::new(group)))
            }
        }
        .ok_or_else(|| not_found(kind, id))
    }

    /// What a PATCH of a group needs.
    async fn load_patched(&self, actor: &Actor, patch: &Patch) -> Result<Loaded, Error> {
        match groups::way(patch, preset_of(actor)) {
            groups::Way::Members(change) => Ok(Loaded::Members(change)),
            groups::Way::Whole(split) => {
                let found = self.store().stored_group(&policy::scope(actor), patch.id).await?;
                let group = found.ok_or_else(|| not_found(patch.kind, patch.id))?;
                Ok(Loaded::PatchedGroup(Box::new(group), split))
            }
        }
    }

    /// Whom a link to choose a password is for.
    async fn load_password_user(&self, actor: &Actor, send: &SendLink) -> Result<Loaded, Error> {
        let (scope, key) = (policy::scope(actor), fold::text(&send.user_name));
        // Who may see no accounts is refused by policy, not by what it finds.
        let Scope::Operation = scope else { return Ok(Loaded::Nothing) };
        let found = self.store().password_user_to_mail(&scope, send.account, &key).await?;
        let user = found.ok_or_else(|| {
            let shown: String = send.user_name.chars().take(100).collect();
            Error::NotFound(format!("there is no user `{shown}` in this account"))
        })?;
        Ok(Loaded::PasswordUser(Box::new(user)))
    }

    /// Whom a link to enrol a second factor is for.
    async fn load_enrollee(
        &self,
        actor: &Actor,
        issue: &IssueEnrolmentLink,
    ) -> Result<Loaded, Error> {
        match actor {
            Actor::User(who) if who.account == issue.account => {
                self.enrollee(who, issue.user).await.map(Loaded::Enrollee)
            }
            // Refused by policy, whoever it is for.
            Actor::User(_) | Actor::ScimClient(_) | Actor::Platform | Actor::System => {
                Ok(Loaded::Nothing)
            }
        }
    }

    async fn apply(&self, permit: Permit, loaded: Loaded) -> Result<Step, Error> {
        match (&*permit.command(), loaded) {
            (Command::ChangeAccount(c), Loaded::Account(loaded)) => {
                accounts::apply(self, permit, c, *loaded).await
            }
            (Command::ChangeRights(c), Loaded::Rights(loaded)) => {
                rights::apply(self, permit, c, *loaded).await
            }
            (Command::ChangeApproval(c), Loaded::Approval(loaded)) => {
                rights::approvals::apply(self, permit, c, *loaded).await
            }
            (Command::ChangePeople(c), Loaded::Person(loaded)) => {
                users::people::apply(self, permit, c, *loaded).await
            }
            (Command::ChangeSupport(c), Loaded::Support(loaded)) => {
                accounts::support::apply(self, permit, c, *loaded).await
            }
            (Command::ActivateCatalogue(c), Loaded::Release(on)) => {
                catalogue::activate(self, permit, c, on).await
            }
            (_, loaded) => self.apply_directory(permit, loaded).await,
        }
    }

    async fn apply_directory(&self, permit: Permit, loaded: Loaded) -> Result<Step, Error> {
        match (&*permit.command(), loaded) {
            (Command::Create(create), _) => match create.kind {
                ResourceKind::User => users::create(self, permit, create).await,
                ResourceKind::Group => groups::create(self, permit, create).await,
            },
            (Command::Replace(c), Loaded::User(user)) => {
                users::replace(self, permit, c, &user).await
            }
            (Command::Patch(c), Loaded::User(user)) => users::patch(self, permit, c, &user).await,
            (Command::Delete(c), Loaded::User(user)) => users::delete(self, permit, c, &user).await,
            (Command::Replace(c), Loaded::Group(group)) => {
                groups::replace(self, permit, c, &group).await
            }
            (Command::Patch(c), Loaded::PatchedGroup(group, split)) => {
                groups::patch(self, permit, c, (&group, split)).await
            }
            (Command::Patch(c), Loaded::Members(change)) => {
                groups::change_members(self, permit, c, change).await
            }
            (Command::Delete(c), Loaded::Group(group)) => {
                groups::delete(self, permit, c, &group).await
            }
            (Command::SendLink(c), Loaded::PasswordUser(user)) => {
                passwords::links::send(self, permit, c, &user).await
            }
            // `load` gives each command what belongs to it.
            (Command::SendLink(_), _) => Err(Error::NotFound("there is no such user".to_owned())),
            (
                Command::Patch(c),
                Loaded::Nothing
                | Loaded::Group(_)
                | Loaded::PasswordUser(_)
                | Loaded::Sso(_)
                | Loaded::Enrollee(_)
                | Loaded::Release(_)
                | Loaded::Rights(_)
                | Loaded::Person(_)
                | Loaded::Account(_)
                | Loaded::Approval(_)
                | Loaded::Support(_),
            ) => Err(not_found(c.kind, c.id)),
            (
                Command::Replace(Replace { kind, id, .. })
                | Command::Delete(Delete { kind, id, .. }),
                Loaded::Nothing
                | Loaded::PatchedGroup(..)
                | Loaded::Members(_)
                | Loaded::PasswordUser(_)
                | Loaded::Sso(_)
                | Loaded::Enrollee(_)
                | Loaded::Release(_)
                | Loaded::Rights(_)
                | Loaded::Person(_)
                | Loaded::Account(_)
                | Loaded::Approval(_)
                | Loaded::Support(_),
            ) => Err(not_found(*kind, *id)),
            (_, loaded) => self.apply_set_up(permit, loaded).await,
        }
    }

    async fn apply_set_up(&self, permit: Permit, loaded: Loaded) -> Result<Step, Error> {
        match (&*permit.command(), loaded) {
            (Command::CreateAccount(c), _) => accounts::create(self, permit, c).await,
            (Command::IssueToken(c), _) => tokens::issue(self, permit, c).await,
            (Command::RevokeToken(c), _) => tokens::revoke(self, permit, c).await,
            (Command::AddSso(c), _) => sso::providers::add(self, permit, c).await,
            (Command::ChangeSso(c), Loaded::Sso(Some(was))) => {
                sso::providers::edit(self, permit, c, &was).await
            }
            (Command::ChangeSso(c), _) => Err(sso::providers::no_such(c.sso)),
            (Command::IssueEnrolmentLink(c), Loaded::Enrollee(who)) => {
                factors::staff::issue(self, permit, c, who).await
            }
            (Command::IssueEnrolmentLink(c), _) => Err(factors::staff::no_such(c.user)),
            (Command::RemoveSso(c), _) => sso::providers::remove(self, permit, c).await,
            (Command::AddDomain(c), _) => sso::add_domain(self, permit, c).await,
            (Command::RemoveDomain(c), _) => sso::remove_domain(self, permit, c).await,
            (Command::DemandFactor(c), _) => accounts::demand_factor(self, permit, c).await,
            (Command::UnlinkUser(c), _) => sso::unlink(self, permit, c).await,
            (Command::RotateSigningKey(c), _) => keys::rotate(self, permit, c).await,
            (Command::IssueProductKey(c), _) => keys::products::issue(self, permit, c).await,
            (Command::RevokeProductKey(c), _) => keys::products::revoke(self, permit, c).await,
            (
                Command::Create(_)
                | Command::Replace(_)
                | Command::Patch(_)
                | Command::Delete(_)
                | Command::SendLink(_)
                | Command::ChangeAccount(_)
                | Command::ChangeRights(_)
                | Command::ChangePeople(_)
                | Command::ChangeApproval(_)
                | Command::ChangeSupport(_)
                | Command::ActivateCatalogue(_),
                _,
            ) => Err(Error::NotFound("there is no such thing in this account".to_owned())),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    pub(super) fn next_id(&self, now: Timestamp) -> uuid::Uuid {
        self.parts.ids.next(now)
    }

    pub(super) fn secret(&self) -> [u8; 32] {
        self.parts.ids.secret()
    }
}

/// How strictly a permitted command is read.
pub(super) fn preset(permit: &Permit) -> Preset {
    preset_of(permit.actor())
}

fn preset_of(actor: &Actor) -> Preset {
    match actor {
        Actor::ScimClient(client) => client.preset,
        Actor::User(_) | Actor::Platform | Actor::System => Preset::Rfc,
    }
}

/// The account and connection that a permitted directory command works in; policy lets none but SCIM
/// clients have one.
pub(super) fn place(
    permit: &Permit,
) -> Result<(AccountId, crate::domain::ids::ConnectionId), Error> {
    match permit.actor() {
        Actor::ScimClient(client) => Ok((client.account, client.connection)),
        Actor::User(_) | Actor::Platform | Actor::System => {
            Err(Error::NotFound("there is no directory without a connection".to_owned()))
        }
    }
}

/// The one text for whatever is not there, another account's included (DECISIONS.md 21).
pub(super) fn not_found(kind: ResourceKind, id: ResourceId) -> Error {
    Error::NotFound(format!("{} `{id}` not found", kind.name()))
}
