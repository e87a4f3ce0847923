//! Watches who administers each account, and tells of gains and losses (S4), whatever made them.
//!
//! No door has to say so: what happens in an account has the worker look at who administers it, and the
//! difference to what was noted is told. What time alone changes is looked at when it is due.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::app::passwords::contact;
use crate::app::rights::approvals::asking;
use crate::app::{App, Error};
use crate::domain::account::State;
use crate::domain::actor::Actor;
use crate::domain::effect::mails::{About, Contents, Letter};
use crate::domain::effect::{Delivery, Effect};
use crate::domain::event::{Activity, Event, Outcome};
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::time::Timestamp;
use crate::domain::users::contact::Language;
use crate::policy::SystemPermit;
use crate::store::StoreError;
use crate::store::rights::administrators::{Administrators, Change, Noted};
use crate::store::rights::paths::When;

/// How often an account is looked at until it stays as it was noted.
const ROUNDS: usize = 5;
/// How many people a mail names.
const NAMED: usize = 10;

/// What is different.
struct Difference {
    gained: BTreeSet<ResourceId>,
    lost: BTreeSet<ResourceId>,
    recovery: Option<bool>,
}

/// Whom to tell, and of whom.
type Readers = BTreeSet<(AccountId, ResourceId)>;

impl App {
    /// Looks at who administers the accounts in which something happened that is being delivered, and tells
    /// what is different. A catalogue concerns them all.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails; then it is looked at again.
    pub async fn follow_administrators(&self, happened: &[Delivery]) -> Result<(), Error> {
        let mut accounts = BTreeSet::new();
        for delivery in happened {
            match touches(delivery) {
                Touches::Nobody => {}
                Touches::Account => drop(accounts.insert(delivery.account)),
                Touches::All => accounts.extend(self.store().administered_accounts().await?),
            }
        }
        self.watch_administrators(accounts).await
    }

    /// The same of the accounts in which time alone has changed something.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn follow_due_administrators(&self) -> Result<(), Error> {
        let due = self.store().due_administrations(self.now()).await?;
        self.watch_administrators(due).await
    }

    /// The same of all accounts that have, had or may have an administrator: whatever was missed.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn follow_all_administrators(&self) -> Result<(), Error> {
        let all = self.store().administered_accounts().await?;
        self.watch_administrators(all).await
    }

    async fn watch_administrators(
        &self,
        accounts: impl IntoIterator<Item = AccountId>,
    ) -> Result<(), Error> {
        for account in accounts {
            match self.watch(account).await {
                Ok(()) => {}
                // One account that does not read holds up no other.
                Err(Error::Internal(StoreError::Inconsistent { table, what })) => {
                    tracing::error!(%account, table, what, "worker.administrators_unknown");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Notes who administers an account, and has it told, until it stays so: another process may have noted
    /// what was true before.
    async fn watch(&self, account: AccountId) -> Result<(), Error> {
        for _ in 0..ROUNDS {
            let at = self.now();
            let noted = self.store().noted_administrators(account).await?;
            let are = self.store().account_administrators(account, at).await?;
            let difference = self.difference(account, (&noted, &are)).await?;
            if difference.is_none() && noted.due_at == are.turns_at {
                return Ok(());
            }
            let change = self.told(account, at, (difference, are)).await?;
            let permit = SystemPermit::for_the("noting and telling of who administers an account");
            match self.store().note_administrators(change, permit).await {
                Ok(()) | Err(StoreError::Taken | StoreError::Moved) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn difference(
        &self,
        account: AccountId,
        (noted, are): (&Noted, &Administrators),
    ) -> Result<Option<Difference>, Error> {
        let gained: BTreeSet<_> = are.users.difference(&noted.users).copied().collect();
        let lost: BTreeSet<_> = noted.users.difference(&are.users).copied().collect();
        let recovery = match (noted.in_recovery, are.users.is_empty()) {
            (true, false) => Some(false),
            // Where nobody may sign in, nobody is missed.
            (false, true) if self.is_in_service(account).await? => {
                let had = !lost.is_empty() || self.store().had_administrators(account).await?;
                had.then_some(true)
            }
            (true, true) | (false, true | false) => None,
        };
        let is_none = gained.is_empty() && lost.is_empty() && recovery.is_none();
        Ok((!is_none).then_some(Difference { gained, lost, recovery }))
    }

    async fn is_in_service(&self, account: AccountId) -> Result<bool, Error> {
        let profile = self.store().profile(account).await?;
        Ok(profile.is_some_and(|it| it.state == State::Active))
    }

    /// The change to be noted, with all that tells of it.
    async fn told(
        &self,
        account: AccountId,
        at: Timestamp,
        (difference, are): (Option<Difference>, Administrators),
    ) -> Result<Change, Error> {
        let none = Difference { gained: BTreeSet::new(), lost: BTreeSet::new(), recovery: None };
        let Difference { gained, lost, recovery } = difference.unwrap_or(none);
        let mut activities = vec![];
        for (event, users) in
            [(Event::AdministratorGained, &gained), (Event::AdministratorLost, &lost)]
        {
            activities
                .extend(users.iter().map(|user| self.watched((account, at), event, user.uuid())));
        }
        activities.extend(recovery.map(|begins| {
            let event = if begins { Event::RecoveryBegun } else { Event::RecoveryEnded };
            self.watched((account, at), event, account.uuid())
        }));
        let mut readers: Readers = are.users.iter().map(|user| (account, *user)).collect();
        readers.extend(self.customer_success(account).await?);
        let mut mails = vec![];
        for (letter, about) in
            [(Letter::AdministratorGained, &gained), (Letter::AdministratorLost, &lost)]
        {
            mails.extend(self.administrator_mails((account, at), (letter, about), &readers).await?);
        }
        if recovery == Some(true) {
            let readers = self.recoverers(account).await?;
            let letter = (Letter::RecoveryBegun, &BTreeSet::new());
            mails.extend(self.administrator_mails((account, at), letter, &readers).await?);
        }
        let due_at = are.turns_at;
        Ok(Change { account, at, gained, lost, recovery, due_at, activities, mails })
    }

    async fn customer_success(
        &self,
        account: AccountId,
    ) -> Result<Option<(AccountId, ResourceId)>, Error> {
        let Some(csm) = self.store().csm(account).await? else { return Ok(None) };
        Ok(self.store().operator().await?.map(|operator| (operator, csm)))
    }

    /// Who can have an account get an administrator again, or sees to it.
    async fn recoverers(&self, account: AccountId) -> Result<Readers, Error> {
        let now = self.now();
        let mut readers: Readers = self.customer_success(account).await?.into_iter().collect();
        readers.extend(self.store().staff_approvers(now).await?);
        if self.store().parent(account, When::Now(now)).await?.is_some() {
            readers.extend(asking::administrators(self, account).await?);
        }
        Ok(readers)
    }

    /// A mail to each reader, in which they are not told of themselves.
    async fn administrator_mails(
        &self,
        (account, at): (AccountId, Timestamp),
        (letter, of): (Letter, &BTreeSet<ResourceId>),
        readers: &Readers,
    ) -> Result<Vec<Delivery>, Error> {
        if of.is_empty() && letter != Letter::RecoveryBegun {
            return Ok(vec![]);
        }
        let users: Vec<ResourceId> = of.iter().copied().collect();
        let named = self.store().named(account, &users).await?;
        let connection = self.store().account_name(account).await?.unwrap_or_default();
        let mut mails = vec![];
        for (home, user) in readers {
            let others = named.iter().filter(|it| (*home, *user) != (account, it.user));
            let names: Vec<&str> = others.map(|it| it.display_name.as_str()).collect();
            if names.is_empty() && !named.is_empty() {
                continue;
            }
            let reader = self.store().password_user(*home, *user).await?;
            let Some(reader) = reader.filter(|it| it.is_active) else { continue };
            let Some(to) = contact(&reader)?.address else { continue };
            let (at_micros, who) = (at.micros(), list(&names));
            let connection = connection.clone();
            let about = About { connection, at: at_micros, who, ..About::default() };
            let contents = Contents { to, link: None, about: Some(about) };
            match self.seal_mail((*home, *user), (letter, Language::default()), &contents, at) {
                Ok(mail) => mails.push(mail),
                Err(error @ Error::Internal(_)) => return Err(error),
                // No key to seal with: it is on record all the same.
                Err(error) => tracing::warn!(%error, "worker.administrators_not_told"),
            }
        }
        Ok(mails)
    }

    fn watched(
        &self,
        (account, at): (AccountId, Timestamp),
        event: Event,
        target: uuid::Uuid,
    ) -> Activity {
        self.line(account, at, Actor::System, event).on(target)
    }
}

/// Names for a sentence, not too many of them.
fn list(names: &[&str]) -> String {
    let mut text = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    if names.len() > NAMED {
        text.push_str(", …");
    }
    text
}

/// Whose administrators something that happened may concern.
enum Touches {
    /// Nobody's.
    Nobody,
    /// The account's.
    Account,
    /// Those of all accounts.
    All,
}

/// What cannot make or unmake an administrator is passed over: it comes by the thousand.
fn touches(delivery: &Delivery) -> Touches {
    let Effect::Announce(activity) = &delivery.effect else { return Touches::Nobody };
    let text = |key: &str| activity.get(key).and_then(Value::as_str).unwrap_or_default();
    let action = text("action");
    let is = |event: Event| action == event.name();
    if is(Event::CatalogueActivated) {
        Touches::All
    } else if text("outcome") == Outcome::Denied.as_str()
        // Nobody is an administrator before somebody else has signed it for them.
        || is(Event::UserCreated)
        || is(Event::AdministratorGained)
        || is(Event::AdministratorLost)
        || is(Event::RecoveryBegun)
        || is(Event::RecoveryEnded)
        || action.starts_with("session.")
    {
        Touches::Nobody
    } else {
        Touches::Account
    }
}
