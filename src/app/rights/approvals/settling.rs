//! What becomes of requests: taken back, executed, out of time; and who is told that one waits.

use crate::app::change::{Outcome, Step};
use crate::app::passwords::contact;
use crate::app::rights::approvals::{asking, found};
use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::effect::Delivery;
use crate::domain::effect::mails::{About, Contents, Letter};
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, ApprovalId, ResourceId};
use crate::domain::rights::approvals::{NewRequest, Request, State};
use crate::domain::users::contact::Language;
use crate::policy::{Permit, SystemPermit};
use crate::store::rights::approvals::{Change, What};

pub(super) async fn cancel(app: &App, permit: Permit, request: &Request) -> Result<Step, Error> {
    let mut activity = app.activity(&permit, request.account, app.now());
    activity.detail = Some(serde_json::json!({ "source": request.source }));
    let what = What::Settle(request.id, State::Cancelled, "taken_back");
    let change = Change { what, activity, mails: vec![] };
    if !app.store().change_approval(change, permit).await? {
        return Ok(Step::Moved);
    }
    let now = found(app, request.account, request.id).await?;
    Ok(Outcome::Approval(Box::new(now)).into())
}

/// Executes what was approved; what was not is left as it is. If whoever signed may no longer, it is
/// blocked (M25).
pub(super) async fn go_on(app: &App, key: (AccountId, ApprovalId)) -> Result<(), Error> {
    let request = found(app, key.0, key.1).await?;
    if request.state != State::Approved {
        return Ok(());
    }
    if settle(app, &request, (What::Execute(request.id), Event::ApprovalExecuted)).await? {
        return Ok(());
    }
    let blocked = What::Settle(request.id, State::Blocked, "approver_lost_right");
    // Another process may have executed it meanwhile; then nothing is blocked.
    settle(app, &request, (blocked, Event::ApprovalBlocked)).await.map(|_| ())
}

async fn settle(app: &App, request: &Request, (what, event): (What, Event)) -> Result<bool, Error> {
    let at = app.now();
    let signers: Vec<_> = request.votes.iter().map(|vote| vote.user.uuid()).collect();
    let detail = serde_json::json!({ "source": request.source, "signed_by": signers });
    let activity = app.line(request.account, at, Actor::System, event);
    let activity = activity.on(request.id.uuid()).saying(detail);
    let permit = SystemPermit::for_the("settling of what was signed, or was not in time");
    let change = Change { what, activity, mails: vec![] };
    Ok(app.store().settle_approval(change, permit).await?)
}

impl App {
    /// Executes what was signed and not executed yet, and ends what nobody signed in time; says how many.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails; what is left is settled next time.
    pub async fn settle_approvals(&self) -> Result<usize, Error> {
        let due = self.store().due_approvals(self.now()).await?;
        for (account, id, state) in &due {
            if *state == State::Approved {
                go_on(self, (*account, *id)).await?;
                continue;
            }
            let request = found(self, *account, *id).await?;
            let what = What::Settle(request.id, State::Expired, "nobody_signed");
            settle(self, &request, (what, Event::ApprovalExpired)).await?;
        }
        Ok(due.len())
    }
}

/// Mails to those who could sign: the account's administrators and its parent's, else the operator's CSDs.
pub(super) async fn letters(app: &App, new: &NewRequest) -> Result<Vec<Delivery>, Error> {
    let gains = |user: ResourceId| new.items.iter().any(|it| it.user == user);
    let mut able = asking::administrators(app, new.account).await?;
    able.retain(|(home, user)| {
        new.requester.id != Some(user.uuid()) && (*home != new.account || !gains(*user))
    });
    if able.is_empty() {
        able = app.store().staff_approvers(app.now()).await?;
    }
    let connection = app.store().account_name(new.account).await?.unwrap_or_default();
    let mut mails = vec![];
    for (home, user) in able {
        let Some(reader) = app.store().password_user(home, user).await? else { continue };
        let Some(to) = contact(&reader)?.address else { continue };
        let about =
            About { connection: connection.clone(), at: new.expires_at.micros(), status: None };
        let contents = Contents { to, link: None, about: Some(about) };
        let letter = (Letter::SignatureWanted, Language::default());
        mails.push(app.seal_mail((home, user), letter, &contents, new.at)?);
    }
    Ok(mails)
}
