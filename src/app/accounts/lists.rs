//! Accounts and their parts, looked at: what a person reaches (S1).

use crate::app::accounts::workspaces::no_such;
use crate::app::{App, Error};
use crate::domain::account::{KeptApart, Profile, Workspace};
use crate::domain::actor::Actor;
use crate::domain::ids::{AccountId, WorkspaceId};
use crate::policy::{self, Asker, Scope};

impl App {
    /// An account as it stands; whose child it is, for whoever may see that account (S1).
    ///
    /// # Errors
    /// [`Error::Denied`] if policy refuses.
    pub async fn profile(&self, actor: &Actor, account: AccountId) -> Result<Profile, Error> {
        // Staff see where it stands, whose people are none of theirs (S8).
        if policy::staff_sight(actor, account).is_none() {
            self.belonging(actor, account).await?;
        }
        let found = self.store().profile(account).await?;
        let found = found.ok_or_else(|| Error::NotFound("there is no such account".to_owned()))?;
        self.seen(actor, found).await
    }

    async fn seen(&self, actor: &Actor, mut profile: Profile) -> Result<Profile, Error> {
        if let Some(parent) = &profile.parent {
            match self.administering(actor, parent.id).await {
                Ok(_) => {}
                Err(Error::Denied { .. }) => profile.parent = None,
                Err(other) => return Err(other),
            }
        }
        Ok(profile)
    }

    /// The accounts that the actor reaches: their own, and its children for whoever administers it; all,
    /// from the command line.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn reachable(&self, actor: &Actor) -> Result<Vec<Profile>, Error> {
        let Actor::User(who) = actor else {
            return Ok(self.store().profiles(&policy::scope(actor)).await?);
        };
        let mut all = vec![];
        if let Some(own) = self.store().profile(who.account).await? {
            all.push(self.seen(actor, own).await?);
        }
        if let Ok(scope) = self.administering(actor, who.account).await {
            all.extend(self.store().children(&scope).await?);
        }
        Ok(all)
    }

    /// The pairs of rights that an account keeps apart.
    ///
    /// # Errors
    /// [`Error::Denied`] if policy refuses.
    pub async fn kept_apart(
        &self,
        actor: &Actor,
        account: AccountId,
    ) -> Result<Vec<KeptApart>, Error> {
        let scope = self.administering(actor, account).await?;
        Ok(self.store().kept_apart(&scope).await?)
    }

    /// An account's open workspaces.
    ///
    /// # Errors
    /// [`Error::Denied`] if policy refuses.
    pub async fn workspaces(
        &self,
        actor: &Actor,
        account: AccountId,
    ) -> Result<Vec<Workspace>, Error> {
        let scope = self.belonging(actor, account).await?;
        Ok(self.store().workspaces(&scope).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no open one of that id; [`Error::Denied`] if policy refuses.
    pub async fn workspace(
        &self,
        actor: &Actor,
        account: AccountId,
        id: WorkspaceId,
    ) -> Result<Workspace, Error> {
        self.belonging(actor, account).await?;
        self.store().workspace(account, id).await?.ok_or_else(no_such)
    }

    /// What an actor sees of an account whose users they administer.
    pub(in crate::app) async fn administering(
        &self,
        actor: &Actor,
        account: AccountId,
    ) -> Result<Scope, Error> {
        let asker = self.asker(actor, account).await?;
        let allowed = policy::account_scope(actor, account, (asker.reach, &asker.held));
        allowed.map_err(|denial| Error::Denied { rule: denial.rule, reason: denial.reason })
    }

    /// What any user of an account sees of it, and whoever administers it.
    pub(in crate::app) async fn belonging(
        &self,
        actor: &Actor,
        account: AccountId,
    ) -> Result<Scope, Error> {
        let asker = self.asker(actor, account).await?;
        let allowed = policy::member_scope(actor, account, &asker);
        allowed.map_err(|denial| Error::Denied { rule: denial.rule, reason: denial.reason })
    }

    pub(in crate::app) async fn asker(
        &self,
        actor: &Actor,
        account: AccountId,
    ) -> Result<Asker, Error> {
        let Actor::User(who) = actor else { return Ok(Asker::default()) };
        Ok(Asker {
            reach: self.store().reach(who.account, account).await?,
            held: self.store().held(who.account, who.user, self.now()).await?,
            is_recipient: self.store().is_recipient(who.account, who.user).await?,
        })
    }
}
