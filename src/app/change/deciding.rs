//! The decision: what it rests on, read, and asked of `policy`.

use std::sync::Arc;

use crate::app::change::Loaded;
use crate::app::{App, Error, accounts, rights};
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::factors::{FRESH, is_fresh};
use crate::policy::{self, Ask, Decision, Facts, Permit};

impl App {
    pub(in crate::app) async fn decide(
        &self,
        actor: &Actor,
        command: &Arc<Command>,
        loaded: &Loaded,
    ) -> Result<Permit, Error> {
        let facts = self.facts(actor, command, loaded).await?;
        // What it would leave is known of a permitted command alone: then it is decided once more.
        let again = rights::administrators::may_take(self, actor, command).await?;
        let again = again.then(|| facts.clone());
        let ask = |facts| Ask { actor: *actor, command: Arc::clone(command), facts };
        let mut decision = policy::decide(ask(facts));
        if let (Decision::Allow(permit), Some(mut facts)) = (&decision, again) {
            facts.administration.leaves_none =
                rights::administrators::leaves_none(self, permit).await?;
            decision = policy::decide(ask(facts));
        }
        match decision {
            Decision::Allow(permit) => Ok(permit),
            Decision::Deny(denial) => {
                self.record_denial(actor, command, &denial).await;
                Err(Error::Denied { rule: denial.rule, reason: denial.reason })
            }
        }
    }

    async fn facts(
        &self,
        actor: &Actor,
        command: &Command,
        loaded: &Loaded,
    ) -> Result<Facts, Error> {
        let mut facts = Facts::default();
        match loaded {
            Loaded::User(user) => facts.target_owner = Some(user.connection),
            Loaded::Group(group) | Loaded::PatchedGroup(group, _) => {
                facts.target_owner = Some(group.connection);
            }
            Loaded::PasswordUser(user) => facts.target_comes = user.comes,
            Loaded::Enrollee(enrollee) => facts.enrollee = *enrollee,
            Loaded::Release(standing) => facts.raise = standing.raise,
            Loaded::Rights(loaded) => facts.added = loaded.added(command),
            Loaded::Person(loaded) => {
                facts.is_recipient = loaded.is_recipient();
                facts.target_comes = loaded.comes();
            }
            Loaded::Account(loaded) => facts.has_users = loaded.has_users(),
            Loaded::Approval(loaded) => {
                facts.signing = loaded.signing();
                facts.letting = loaded.letting();
            }
            Loaded::Nothing | Loaded::Members(_) | Loaded::Sso(_) | Loaded::Support(_) => {}
        }
        if let (Actor::User(who), true) = (actor, policy::asks_for_rights(command)) {
            let now = self.now();
            facts.held = self.store().held(who.account, who.user, now).await?;
            facts.is_fresh = is_fresh(who.second_factor_at, FRESH, now);
            if let Some(account) = policy::account_governed(command) {
                facts.reach = self.store().reach(who.account, account).await?;
                facts.beneficiary = rights::beneficiary(self, who, command).await?;
            }
        }
        accounts::support::know(self, actor, command, &mut facts).await?;
        rights::administrators::know(self, actor, command, &mut facts).await?;
        Ok(facts)
    }
}
