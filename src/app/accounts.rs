//! Accounts: made, changed ([`changes`]), looked at ([`lists`]), and what is on record of
//! them ([`activities`]); the operator's staff who support them ([`support`]).

mod activities;
mod changes;
mod first;
pub mod lists;
pub mod support;
mod workspaces;

use serde_json::json;

use crate::app::change::{Outcome, Step};
use crate::app::{App, Error};
use crate::domain::account::{Account, Kind, Slug};
use crate::domain::actor::{Actor, SignedIn};
use crate::domain::command::{CreateAccount, DemandFactor};
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::rights::faults::Wrong;
use crate::policy::{self, Permit};
use crate::store::StoreError;
use crate::store::accounts::NewAccount;

pub(super) use self::changes::{Loaded, apply, load};

pub(super) async fn create(
    app: &App,
    permit: Permit,
    create: &CreateAccount,
) -> Result<Step, Error> {
    let parent = check_kin(app, create).await?;
    let team = support::check_team(app, &permit, create).await?;
    let now = app.now();
    let account = Account {
        id: AccountId::new(app.next_id(now)),
        slug: create.slug.clone(),
        name: create.name.clone(),
        kind: create.kind,
        created_at: now,
    };
    let mut activity = app.activity(&permit, account.id, now);
    activity.target = Some(account.id.uuid());
    activity.detail = team.map(|team| {
        let pm = team.onboarding_pm.map(ResourceId::uuid);
        json!({ "csm": team.csm.uuid(), "onboarding_pm": pm })
    });
    let first = first::prepare(app, &permit, (&account, parent, create)).await?;
    let new = NewAccount { account: account.clone(), parent, team, activity, first };
    match app.store().create_account(new, permit).await {
        Ok(true) => Ok(Outcome::Account(account).into()),
        // The parent was closed meanwhile.
        Ok(false) | Err(StoreError::Moved) => Ok(Step::Moved),
        Err(StoreError::Taken) if create.kind == Kind::Operator => Err(Error::Conflict(format!(
            "there is an operator's account already, or another account `{}`; see `countersign \
             account list`",
            create.slug.as_str()
        ))),
        Err(StoreError::Taken) => Err(Error::Conflict(format!(
            "there is an account `{}` already; choose another name for URLs",
            create.slug.as_str()
        ))),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn demand_factor(
    app: &App,
    permit: Permit,
    demand: &DemandFactor,
) -> Result<Step, Error> {
    let mut activity = app.activity(&permit, demand.account, app.now());
    activity.target = Some(demand.account.uuid());
    app.store().demand_factor(demand.is_demanded, activity, permit).await?;
    Ok(Outcome::Done.into())
}

/// A child has a parent, and nobody else has one.
async fn check_kin(app: &App, create: &CreateAccount) -> Result<Option<AccountId>, Error> {
    match (create.kind, create.parent) {
        (Kind::Child, Some(id)) => match app.store().profile(id).await? {
            Some(parent) => changes::check_parent(&parent).map(|parent| Some(parent.id)),
            None => Err(Error::Fields(vec![Wrong::UnknownParent.of("parent", &id.to_string())])),
        },
        (Kind::Child, None) => Err(Error::Fields(vec![Wrong::Missing.of("parent", "")])),
        (Kind::Operator | Kind::Standard | Kind::Parent, None) => Ok(None),
        (Kind::Operator | Kind::Standard | Kind::Parent, Some(_)) => {
            Err(Error::Conflict("only a child account has a parent".to_owned()))
        }
    }
}

impl App {
    /// The account of that slug, for a person who reaches it or is told whom to ask.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none, or the person is to know of none.
    pub async fn account_reached(
        &self,
        signed_in: &SignedIn,
        slug: &Slug,
    ) -> Result<Account, Error> {
        let found = self.store().account_reached(signed_in.account, slug).await?;
        let found = found.filter(|(_, reach)| policy::may_name_account(signed_in, *reach));
        found
            .map(|(account, _)| account)
            .ok_or_else(|| Error::NotFound(format!("there is no account `{}`", slug.as_str())))
    }

    /// The account of that slug.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none that the actor may see.
    pub async fn account(&self, actor: &Actor, slug: &Slug) -> Result<Account, Error> {
        let found = self.store().find_account(&policy::scope(actor), slug).await?;
        found.ok_or_else(|| {
            Error::NotFound(format!(
                "there is no account `{0}`; make it with `countersign account create {0}`",
                slug.as_str()
            ))
        })
    }
}
