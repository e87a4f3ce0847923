//! Who administers an account (S4): that nobody takes the last one by a command, that an account without one
//! gets another; and [`watching`], by which gains and losses are told, whatever made them.

pub mod watching;

use std::collections::BTreeSet;

use crate::app::rights::approvals::asking;
use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::command::accounts::AccountEdit;
use crate::domain::command::people::PeopleEdit;
use crate::domain::command::rights::RightsEdit;
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::rights::Right;
use crate::policy::{self, Facts, Permit, Scope};
use crate::store::rights::paths::When;

/// Who administers an account, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Administered {
    /// Somebody does.
    Named,
    /// Nobody does, and nobody did.
    None,
    /// Nobody does any more: the account waits for another administrator.
    InRecovery,
}

impl Administered {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Named, Self::None, Self::InRecovery];

    /// The word sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::None => "none",
            Self::InRecovery => "in_recovery",
        }
    }
}

impl App {
    /// Whether an account has an administrator of its own, for whoever may see the account.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn administered(&self, account: AccountId) -> Result<Administered, Error> {
        if !self.store().account_administrators(account, self.now()).await?.users.is_empty() {
            return Ok(Administered::Named);
        }
        let had = self.store().had_administrators(account).await?;
        Ok(if had { Administered::InRecovery } else { Administered::None })
    }
}

/// Whether a person's command may take an administrator from an account.
pub(in crate::app) async fn may_take(
    app: &App,
    actor: &Actor,
    command: &Command,
) -> Result<bool, Error> {
    if !matches!(actor, Actor::User(_)) {
        return Ok(false);
    }
    if policy::may_take_administrators(command, false) {
        return Ok(true);
    }
    let Some(account) = policy::account_governed(command) else { return Ok(false) };
    if !policy::may_take_administrators(command, true) {
        return Ok(false);
    }
    let apart = app.store().kept_apart(&Scope::Account(account)).await?;
    Ok(apart.iter().any(|pair| pair.lost == Right::UsersAdminister.into()))
}

/// Whether a permitted command would leave an account without an administrator that has one: none of its own
/// users, and none of its parent's.
pub(in crate::app) async fn leaves_none(app: &App, permit: &Permit) -> Result<bool, Error> {
    let command = permit.command();
    let Some(account) = policy::account_governed(&command) else { return Ok(false) };
    let (store, now) = (app.store(), app.now());
    let are = store.account_administrators(account, now).await?.users;
    if are.is_empty() || !remaining(app, permit, (account, are)).await?.is_empty() {
        return Ok(false);
    }
    let Some(parent) = store.parent(account, When::Now(now)).await? else { return Ok(true) };
    Ok(store.account_administrators(parent, now).await?.users.is_empty())
}

/// Those of an account's administrators who would be left.
async fn remaining(
    app: &App,
    permit: &Permit,
    (account, mut are): (AccountId, BTreeSet<ResourceId>),
) -> Result<BTreeSet<ResourceId>, Error> {
    let command = permit.command();
    if let Command::ChangePeople(change) = &*command {
        if let PeopleEdit::Delete(user) | PeopleEdit::Edit(user, _) = &change.what {
            are.remove(user);
        }
        return Ok(are);
    }
    if let Command::ChangeAccount(change) = &*command
        && let AccountEdit::SetConflict { held, .. } = &change.what
    {
        let mut left = BTreeSet::new();
        for user in are {
            if !app.store().held(account, user, app.now()).await?.lacks([held]).is_empty() {
                left.insert(user);
            }
        }
        return Ok(left);
    }
    let loaded = app.load(permit.actor(), &command).await?;
    for plan in app.plans(permit, loaded).await? {
        if plan.home == account {
            let tables = app.store().overlaid(&plan.overlay);
            let after = app.store().account_administrators_after(account, app.now(), &tables);
            let after = after.await?;
            are.retain(|user| after.contains(user));
        }
    }
    Ok(are)
}

/// Adds to the facts of a decision who could give an account an administrator again, where one of the
/// operator's staff asks.
pub(in crate::app) async fn know(
    app: &App,
    actor: &Actor,
    command: &Command,
    facts: &mut Facts,
) -> Result<(), Error> {
    let Actor::User(who) = actor else { return Ok(()) };
    let Some(account) = policy::account_governed(command) else { return Ok(()) };
    if !who.is_staff || who.account == account || !policy::may_recover(command) {
        return Ok(());
    }
    facts.administration.is_lost = asking::administrators(app, account).await?.is_empty();
    if facts.administration.is_lost {
        facts.functions = app.store().staff_functions(who.account, who.user, app.now()).await?;
        facts.administration.is_csm = app.store().csm(account).await? == Some(who.user);
        if let Command::ChangeRights(change) = command
            && let RightsEdit::Grant(spec) = &change.what
        {
            let two = [(who.account, who.user), (account, spec.user)];
            if app.store().may_be_one(two).await? {
                facts.beneficiary = policy::Beneficiary::Asker;
            }
        }
    }
    Ok(())
}
