//! The first approvers (DECISIONS.md 1): the command line names two of the operator's staff, both sign
//! in by SSO and enrol a factor by a one-time link, each confirms the other, and both are CSD.
//!
//! Refused for ever after, and whenever the two may be one human. Until it is complete, the same two
//! may be given new links: the old ones end after a day, and somebody must come in.

pub mod demo;

use std::str::FromStr as _;

use secrecy::SecretString;
use serde_json::json;

use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::event::Event;
use crate::domain::factors::FRESH;
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::opaque::{self, Sort};
use crate::domain::persons::approvers::{Approver, Bootstrap};
use crate::domain::sessions::Session;
use crate::policy::SystemPermit;
use crate::scim::fold;
use crate::store::StoreError;
use crate::store::authn::Change;
use crate::store::authn::bootstrap::{Change as BootstrapChange, Confirmation, Naming};

/// What one of the two is given.
#[derive(Debug)]
pub struct Named {
    /// `userName`.
    pub user_name: String,
    /// The secret of their enrolment link, shown this once; none if they have a factor already.
    pub link: Option<SecretString>,
}

/// The two as one of them sees them.
#[derive(Debug)]
pub struct Confirming {
    /// Whoever looks.
    pub own: Approver,
    /// The one they are to confirm.
    pub other: Approver,
    /// Whether both are approvers now.
    pub is_complete: bool,
}

impl App {
    /// Names the first two approvers by their userNames in the operator's account. Again with the same
    /// two before it is complete, it makes new links.
    ///
    /// # Errors
    /// [`Error::Denied`] if there are approvers, two others were named, or the two may be one human;
    /// [`Error::NotFound`] if there is no operator account, or no such active user in it.
    pub async fn bootstrap(&self, names: [&str; 2]) -> Result<[Named; 2], Error> {
        let known = self.store().bootstrap().await?;
        let Some(account) = self.store().operator().await? else {
            return Err(Error::NotFound(NO_OPERATOR.to_owned()));
        };
        let is_complete = known.as_ref().is_some_and(|known| known.completed_at.is_some());
        if is_complete || self.store().has_approvers(account).await? {
            return Err(DONE);
        }
        let [first, second] = names;
        let two = [self.staff(account, first).await?, self.staff(account, second).await?];
        let users = [two[0].user, two[1].user];
        self.refuse_one_human(account, users).await?;
        let event = match &known {
            None => Event::BootstrapStarted,
            Some(known) if known.users == users => Event::BootstrapLinksRenewed,
            Some(_) => return Err(OTHERS),
        };
        self.name_approvers(event, account, two).await
    }

    /// The two as the session's user sees them; none if they are neither.
    ///
    /// # Errors
    /// [`Error::NotFound`] if one of them is no longer an active user.
    pub async fn bootstrap_of(&self, session: &Session) -> Result<Option<Confirming>, Error> {
        let Some(known) = self.store().bootstrap().await? else { return Ok(None) };
        let sides = known.sides(session.user).filter(|_| known.account == session.account);
        let Some((own, other)) = sides else { return Ok(None) };
        Ok(Some(Confirming {
            own: self.approver(&known, own).await?,
            other: self.approver(&known, other).await?,
            is_complete: known.completed_at.is_some(),
        }))
    }

    /// The session's user confirms that the other is who they are. The second confirmation makes both
    /// approvers. `other` is whom they saw when they said so.
    ///
    /// # Errors
    /// [`Error::Denied`] if the second factor is not fresh, if either has none here, or if the two turn
    /// out to be one human; [`Error::NotFound`] if there is nothing to confirm; [`Error::Conflict`] if
    /// it was confirmed before.
    pub async fn confirm_bootstrap(&self, session: &Session, other: &str) -> Result<(), Error> {
        let seen = ResourceId::from_str(other).ok();
        let found = self.bootstrap_of(session).await?;
        let Some(two) = found.filter(|two| Some(two.other.user) == seen) else {
            return Err(Error::NotFound("there is nobody for you to confirm".to_owned()));
        };
        if !self.is_fresh(session, FRESH) {
            return Err(crate::app::factors::NOT_FRESH);
        }
        if two.own.factors.all.is_empty() || two.other.factors.all.is_empty() {
            return Err(NOT_YET);
        }
        self.refuse_one_human(session.account, [two.own.user, two.other.user]).await?;
        let (event, account) = (Event::BootstrapConfirmed, session.account.uuid());
        let detail = json!({ "confirmed": two.other.user.to_string() });
        let activity = self.by(session, event, account, detail);
        let confirmation = Confirmation { by: session.user, activity };
        let change = BootstrapChange::Confirm(Box::new(confirmation));
        if self.change_bootstrap(change).await? {
            return Ok(());
        }
        Err(Error::Conflict("you have confirmed this already".to_owned()))
    }

    async fn name_approvers(
        &self,
        event: Event,
        account: AccountId,
        two: [Approver; 2],
    ) -> Result<[Named; 2], Error> {
        let at = self.now();
        let users = [two[0].user, two[1].user];
        let mut links = Vec::new();
        let named = two.map(|one| {
            let link = one.factors.all.is_empty().then(|| {
                let (text, hash) = opaque::compose(Sort::Link, self.next_id(at), self.secret());
                links.push((one.user, hash));
                text
            });
            Named { user_name: one.user_name, link }
        });
        let detail = json!({ "users": users.map(|user| user.to_string()) });
        let activity = self.line(account, at, Actor::Platform, event);
        let activity = activity.on(account.uuid()).saying(detail);
        let confirmed_at = [None; 2];
        let bootstrap = Bootstrap { account, users, confirmed_at, completed_at: None };
        let naming = Box::new(Naming { bootstrap, links, activity });
        let change = if event == Event::BootstrapStarted {
            BootstrapChange::Start(naming)
        } else {
            BootstrapChange::Renew(naming)
        };
        match self.change_bootstrap(change).await {
            Ok(true) => Ok(named),
            Ok(false) | Err(StoreError::Taken) => Err(DONE),
            Err(error) => Err(error.into()),
        }
    }

    async fn staff(&self, account: AccountId, name: &str) -> Result<Approver, Error> {
        let found = self.store().staff_by_name(account, &fold::text(name)).await?;
        found.ok_or_else(|| {
            let name: String = name.chars().take(100).collect();
            Error::NotFound(format!(
                "the operator's account has no active user `{name}`; name two of its users by \
                 userName, as its identity provider provisioned them"
            ))
        })
    }

    async fn approver(&self, known: &Bootstrap, side: usize) -> Result<Approver, Error> {
        let gone = || Error::NotFound("one of the two is no longer an active user".to_owned());
        let user = known.users.get(side).ok_or_else(gone)?;
        let found = self.store().staff_by_id(known.account, *user).await?;
        let mut approver = found.ok_or_else(gone)?;
        approver.confirmed_at = known.confirmed_at.get(side).copied().flatten();
        Ok(approver)
    }

    async fn refuse_one_human(
        &self,
        account: AccountId,
        two: [ResourceId; 2],
    ) -> Result<(), Error> {
        if self.store().may_be_one(two.map(|it| (account, it))).await? {
            Err(ONE_HUMAN)
        } else {
            Ok(())
        }
    }

    async fn change_bootstrap(&self, change: BootstrapChange) -> Result<bool, StoreError> {
        let permit = SystemPermit::for_the("naming of the first approvers");
        self.store().change_authn(Change::Bootstrap(change), permit).await
    }
}

const NO_OPERATOR: &str = "there is no operator account yet; make it, connect its identity \
                           provider, and have your staff provisioned first";
const DONE: Error = Error::Denied {
    rule: "bootstrap-once",
    reason: "there are approvers, or there were: bootstrap works once; they let others in",
};
const OTHERS: Error = Error::Denied {
    rule: "bootstrap-named",
    reason: "two others were named before; only these two can finish, in the same order",
};
const ONE_HUMAN: Error = Error::Denied {
    rule: "bootstrap-two-people",
    reason: "these two may be one person (the same user, sign-in, externalId or e-mail address); \
             name two different people",
};
const NOT_YET: Error = Error::Denied {
    rule: "bootstrap-enrolled",
    reason: "both must have signed in and enrolled a second factor by their links first",
};
