//! What becomes of requests: taken back, executed, out of time; and who is told that one waits.

use crate::app::accounts::support::grants;
use crate::app::change::{Outcome, Step};
use crate::app::passwords::contact;
use crate::app::rights::approvals::{asking, found};
use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::effect::Delivery;
use crate::domain::effect::mails::{About, Contents, Letter};
use crate::domain::event::{Activity, Event};
use crate::domain::ids::{AccountId, ApprovalId, ResourceId};
use crate::domain::rights::approvals::{NewRequest, Request, State};
use crate::domain::time::Timestamp;
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
    if execute(app, &request).await? {
        return Ok(());
    }
    let why = match &request.support {
        Some(asked) => grants::why_blocked(app, (&request, asked)).await?,
        None => "approver_lost_right",
    };
    let blocked = What::Settle(request.id, State::Blocked, why);
    // Another process may have executed it meanwhile; then nothing is blocked.
    settle(app, &request, (blocked, Event::ApprovalBlocked)).await.map(|_| ())
}

async fn execute(app: &App, request: &Request) -> Result<bool, Error> {
    let Some(asked) = &request.support else {
        let what = (What::Execute(request.id), Event::ApprovalExecuted);
        return settle(app, request, what).await;
    };
    let executed = activity(app, request, Event::ApprovalExecuted);
    let (begun, mails) = grants::begun(app, (request, asked), &executed).await?;
    let what = What::LetIn(request.id, Box::new(begun));
    write(app, Change { what, activity: executed, mails }).await
}

async fn settle(app: &App, request: &Request, (what, event): (What, Event)) -> Result<bool, Error> {
    write(app, Change { what, activity: activity(app, request, event), mails: vec![] }).await
}

async fn write(app: &App, change: Change) -> Result<bool, Error> {
    let permit = SystemPermit::for_the("settling of what was signed, or was not in time");
    Ok(app.store().settle_approval(change, permit).await?)
}

fn activity(app: &App, request: &Request, event: Event) -> Activity {
    let at = app.now();
    let signers: Vec<_> = request.votes.iter().map(|vote| vote.user.uuid()).collect();
    let detail = serde_json::json!({ "source": request.source, "signed_by": signers });
    let activity = app.line(request.account, at, Actor::System, event);
    activity.on(request.id.uuid()).saying(detail)
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
    able.retain(|(_, user)| new.requester.id != Some(user.uuid()));
    letters_to(app, (new.account, able), (Letter::SignatureWanted, new.expires_at, new.at)).await
}

/// Mails to these users about an account and a moment, written at another.
pub(in crate::app) async fn letters_to(
    app: &App,
    (account, to): (AccountId, Vec<(AccountId, ResourceId)>),
    what: (Letter, Timestamp, Timestamp),
) -> Result<Vec<Delivery>, Error> {
    let name = app.store().account_name(account).await?.unwrap_or_default();
    letters_about(app, (name, to), what).await
}

/// The same, of an account of that name.
pub(in crate::app) async fn letters_about(
    app: &App,
    (connection, to): (String, Vec<(AccountId, ResourceId)>),
    (letter, about, at): (Letter, Timestamp, Timestamp),
) -> Result<Vec<Delivery>, Error> {
    let mut mails = vec![];
    for (home, user) in to {
        let Some(reader) = app.store().password_user(home, user).await? else { continue };
        let Some(to) = contact(&reader)?.address else { continue };
        let connection = connection.clone();
        let about = About { connection, at: about.micros(), ..About::default() };
        let contents = Contents { to, link: None, about: Some(about) };
        let letter = (letter, Language::default());
        mails.push(app.seal_mail((home, user), letter, &contents, at)?);
    }
    Ok(mails)
}
