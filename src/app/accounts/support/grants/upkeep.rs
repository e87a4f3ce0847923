//! What the server itself sees to: access ends with what it rests on, and whoever looks after an account by
//! name is in it (W2, W8, DECISIONS.md 3).
//!
//! THE query of rights asks for most of this itself, so nothing waits for it; here the rows follow, with their
//! lines of the record.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, ResourceId, SupportGrantId};
use crate::domain::persons::support::grants::Ending;
use crate::domain::persons::support::{Day, Lack, SupportUser};
use crate::domain::time::Timestamp;
use crate::policy::SystemPermit;
use crate::store::accounts::support::grants::{Live, Standing};
use crate::store::rights::approvals::{Change, What};

/// Sees to it at once after a change by which somebody may come in or out.
pub(in crate::app) async fn follow(app: &App, command: &Command) {
    if !matches!(command, Command::CreateAccount(_) | Command::ChangeSupport(_)) {
        return;
    }
    // The change is made, and is not to be told as if it were not; the worker sees to the rest.
    if let Err(error) = app.keep_support_grants().await {
        tracing::warn!(%error, "support_grants.not_kept");
    }
}

impl App {
    /// Ends support grants that rest on nothing any more, takes back what is asked for those who left, and lets
    /// in whoever looks after an account by name; says how many.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails; the rest is done next time.
    pub async fn keep_support_grants(&self) -> Result<usize, Error> {
        let Some(operator) = self.store().operator().await? else { return Ok(0) };
        let now = self.now();
        let all = self.store().all_support_users(operator, now).await?;
        let users: BTreeMap<ResourceId, SupportUser> =
            all.into_iter().map(|it| (it.user, it)).collect();
        let mut done = 0;
        for live in self.store().live_support_grants().await? {
            let Some(ending) = ending(&live, users.get(&live.user), now) else { continue };
            let what = match ending {
                Ending::UserInactive => What::LetOut(live.user, live.person, ending),
                Ending::Removed
                | Ending::Superseded
                | Ending::Expired
                | Ending::FunctionLost
                | Ending::NotReady => What::End(live.id, ending),
            };
            let detail = json!({ "user": live.user.uuid(), "why": ending.as_str() });
            let target = (live.account, live.id.uuid(), Event::SupportEnded);
            done += usize::from(self.keep(target, what, detail).await?);
        }
        done += self.take_back().await?;
        Ok(done + self.let_stand(operator, (&users, now)).await?)
    }

    /// Requests for those who left.
    async fn take_back(&self) -> Result<usize, Error> {
        let mut done = 0;
        for (account, request, (user, person)) in self.store().requests_for_inactive().await? {
            let detail = json!({ "user": user.uuid(), "why": Ending::UserInactive.as_str() });
            let target = (account, request.uuid(), Event::ApprovalCancelled);
            let what = What::LetOut(user, person, Ending::UserInactive);
            done += usize::from(self.keep(target, what, detail).await?);
        }
        Ok(done)
    }

    /// Whoever looks after an account by name.
    async fn let_stand(
        &self,
        operator: AccountId,
        (users, now): (&BTreeMap<ResourceId, SupportUser>, Timestamp),
    ) -> Result<usize, Error> {
        let unmade = self.store().unmade_standing(operator).await?;
        if unmade.is_empty() {
            return Ok(0);
        }
        let Some(bundle) = self.store().standing_bundle().await? else {
            tracing::info!("support_grants.no_standing_bundle");
            return Ok(0);
        };
        let mut done = 0;
        for it in unmade {
            let user = users.get(&it.user).filter(|user| user.functions.has(it.function));
            let lacks = user.map(|user| user.lacks(&Day::of(now)));
            // In what team is not asked of them: the account names them.
            if !lacks.is_some_and(|all| all.iter().all(|lack| *lack == Lack::Team)) {
                continue;
            }
            let id = SupportGrantId::new(self.next_id(now));
            let (user, person, function) = (it.user, it.person, it.function);
            let new = Standing { id, operator, user, person, function, bundle };
            let detail = json!({ "user": user.uuid(), "standing": function.as_str() });
            let target = (it.account, id.uuid(), Event::SupportBegun);
            done += usize::from(self.keep(target, What::Stand(Box::new(new)), detail).await?);
        }
        Ok(done)
    }

    async fn keep(
        &self,
        (account, target, event): (AccountId, Uuid, Event),
        what: What,
        detail: Value,
    ) -> Result<bool, Error> {
        let activity = self.line(account, self.now(), Actor::System, event);
        let activity = activity.on(target).saying(detail);
        let permit = SystemPermit::for_the("keeping of support grants true to what they rest on");
        let change = Change { what, activity, mails: vec![] };
        Ok(self.store().settle_approval(change, permit).await?)
    }
}

/// Why a grant is to end; none if it is not. A second factor is asked for at each sign-in, and a session that
/// showed one is forgotten in time: so nobody loses access by being away.
fn ending(live: &Live, user: Option<&SupportUser>, now: Timestamp) -> Option<Ending> {
    if live.ends_at <= now {
        return Some(Ending::Expired);
    }
    if !live.is_active {
        return Some(Ending::UserInactive);
    }
    let Some(user) = user.filter(|_| live.is_named) else { return Some(Ending::FunctionLost) };
    let has_post = match live.standing {
        Some(function) => user.functions.has(function),
        None => !user.functions.teams.is_empty(),
    };
    if !has_post {
        return Some(Ending::FunctionLost);
    }
    let is_missed = |lack: &Lack| match lack {
        Lack::Team | Lack::SecondFactor => false,
        Lack::BackgroundCheck | Lack::CurrentCheck | Lack::SsoLink => true,
    };
    user.lacks(&Day::of(now)).iter().any(is_missed).then_some(Ending::NotReady)
}
