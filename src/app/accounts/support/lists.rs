//! Support users and their functions, looked at; whom an account lets in, and who looks after it.

use crate::app::accounts::support::no_such;
use crate::app::{App, Error};
use crate::domain::account::{Permission, SupportMode};
use crate::domain::actor::{Actor, SignedIn};
use crate::domain::ids::{AccountId, DelegationId, ResourceId, SupportFunctionId};
use crate::domain::persons::support::{
    Day, Delegation, Filter, Functions, GivenFunction, Lack, SupportUser, Teammate,
};
use crate::domain::records::pages::{Part, Wanted};
use crate::policy::{self, Denial, Scope};

/// Somebody of the directory, and what they lack today before they may be let in (W8).
#[derive(Debug)]
pub struct Listed {
    /// Who.
    pub user: SupportUser,
    /// What they lack; nothing if they are ready.
    pub lacks: Vec<Lack>,
}

impl App {
    /// A part of the directory of support users, by name (W4).
    ///
    /// # Errors
    /// [`Error::Denied`] if the actor may not see it in that account.
    pub async fn support_users(
        &self,
        actor: &Actor,
        account: AccountId,
        (filter, wanted): (&Filter, &Wanted),
    ) -> Result<Part<Listed>, Error> {
        let scope = self.directory(actor, account).await?;
        let now = self.now();
        let part = self.store().support_users(&scope, filter, (wanted, now)).await?;
        let today = Day::of(now);
        let listed = |user: SupportUser| Listed { lacks: user.lacks(&today), user };
        Ok(Part { items: part.items.into_iter().map(listed).collect(), next: part.next })
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`App::support_users`], and [`Error::NotFound`].
    pub async fn support_user(
        &self,
        actor: &Actor,
        (account, user): (AccountId, ResourceId),
    ) -> Result<Listed, Error> {
        let scope = self.directory(actor, account).await?;
        let now = self.now();
        let found = self.store().support_user(&scope, user, now).await?;
        let user =
            found.ok_or_else(|| Error::NotFound(format!("there is no support user `{user}`")))?;
        Ok(Listed { lacks: user.lacks(&Day::of(now)), user })
    }

    /// A part of what groups make of the operator's staff.
    ///
    /// # Errors
    /// [`Error::Denied`] if the actor is none of them.
    pub async fn given_functions(
        &self,
        actor: &Actor,
        wanted: &Wanted,
    ) -> Result<Part<GivenFunction>, Error> {
        let scope = policy::functions_scope(actor).map_err(denied)?;
        Ok(self.store().given_functions(&scope, wanted).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`App::given_functions`], and [`Error::NotFound`].
    pub async fn given_function(
        &self,
        actor: &Actor,
        id: SupportFunctionId,
    ) -> Result<GivenFunction, Error> {
        let Scope::Staff(account) = policy::functions_scope(actor).map_err(denied)? else {
            return Err(no_such());
        };
        self.store().given_function(account, id).await?.ok_or_else(no_such)
    }

    /// A part of who stands in for whom.
    ///
    /// # Errors
    /// As [`App::given_functions`].
    pub async fn delegations(
        &self,
        actor: &Actor,
        wanted: &Wanted,
    ) -> Result<Part<Delegation>, Error> {
        let scope = policy::functions_scope(actor).map_err(denied)?;
        Ok(self.store().delegations(&scope, wanted).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`App::given_function`].
    pub async fn delegation(&self, actor: &Actor, id: DelegationId) -> Result<Delegation, Error> {
        let Scope::Staff(account) = policy::functions_scope(actor).map_err(denied)? else {
            return Err(no_such());
        };
        self.store().delegation(account, id).await?.ok_or_else(no_such)
    }

    /// Whom an account lets in to support it (W11): for its members, administrators of its parent, and
    /// staff.
    ///
    /// # Errors
    /// [`Error::Denied`] if policy refuses.
    pub async fn support_mode(
        &self,
        actor: &Actor,
        account: AccountId,
    ) -> Result<SupportMode, Error> {
        self.seen_by_staff(actor, account).await?;
        Ok(self.store().support_mode(account).await?)
    }

    /// Who looks after an account: for the same.
    ///
    /// # Errors
    /// As [`App::support_mode`].
    pub async fn account_team(
        &self,
        actor: &Actor,
        account: AccountId,
    ) -> Result<Vec<Teammate>, Error> {
        let scope = self.seen_by_staff(actor, account).await?;
        Ok(self.store().account_team(&scope).await?)
    }

    /// What is switched on for an account: for its administrators, and for staff who switch it (S6).
    ///
    /// # Errors
    /// [`Error::Denied`] if policy refuses.
    pub async fn permissions(
        &self,
        actor: &Actor,
        account: AccountId,
    ) -> Result<Vec<Permission>, Error> {
        let functions = match actor {
            Actor::User(who) => self.functions(who).await?,
            Actor::Platform | Actor::ScimClient(_) | Actor::System => Functions::default(),
        };
        let scope = match policy::permissions_sight(actor, account, &functions) {
            Some(scope) => scope,
            None => self.administering(actor, account).await?,
        };
        Ok(self.store().permissions(&scope).await?)
    }

    /// What somebody is among the operator's staff, and where they work there; a customer is nothing.
    pub(in crate::app) async fn functions(&self, who: &SignedIn) -> Result<Functions, Error> {
        if !who.is_staff {
            return Ok(Functions::default());
        }
        Ok(self.store().staff_functions(who.account, who.user, self.now()).await?)
    }

    async fn directory(&self, actor: &Actor, account: AccountId) -> Result<Scope, Error> {
        let asker = self.asker(actor, account).await?;
        let operator = self.store().operator().await?;
        // Without an operator there is nobody to list.
        let operator = operator.unwrap_or(AccountId::CATALOGUE);
        policy::directory_scope(actor, (account, operator), &asker).map_err(denied)
    }

    async fn seen_by_staff(&self, actor: &Actor, account: AccountId) -> Result<Scope, Error> {
        match policy::staff_sight(actor, account) {
            Some(scope) => Ok(scope),
            None => self.belonging(actor, account).await,
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` passes")]
fn denied(denial: Denial) -> Error {
    Error::Denied { rule: denial.rule, reason: denial.reason }
}
