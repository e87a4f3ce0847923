//! The second person: asking for one, signing, taking back; and what the server does with what was signed.
//!
//! What is privileged, and what somebody gains by their own doing, waits at its mapping or grant until a
//! request for it is signed (C5, C6). A change that leaves something waiting asks for it at once, so that
//! whoever made it is told whom it waits for.

pub(in crate::app) mod asking;
pub(in crate::app) mod settling;
mod voting;

use std::collections::BTreeSet;

use crate::app::accounts::support::grants;
use crate::app::change::{Outcome, Step};
use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::command::approvals::{ApprovalChange, ApprovalEdit};
use crate::domain::command::rights::{RightsChange, RightsEdit};
use crate::domain::ids::{AccountId, ApprovalId};
use crate::domain::records::pages::{Part, Wanted};
use crate::domain::rights::Right;
use crate::domain::rights::approvals::{About, Item, Request, State};
pub use crate::policy::CONFLICTS;
use crate::policy::{Letting, Permit, Scope, Signing};

pub(in crate::app) use self::asking::administrators;
pub(in crate::app) use self::settling::letters_to;
pub(in crate::app) use self::voting::made_by_requester;

/// How many requests one change opens at most; the rest waits until somebody asks.
const OPENED: u8 = 20;

/// What was read before a decision.
#[derive(Debug)]
pub(in crate::app) enum Loaded {
    /// What waits at the source that is asked for, and whether somebody could sign it.
    Waiting(BTreeSet<Item>, bool),
    /// The request, and who votes on it or takes it back.
    Request(Box<Request>, Box<Signing>),
    /// What letting a support user in or out is about.
    Letting(Box<grants::Loaded>),
    /// There is no such thing; and what is known of the asker all the same, so that policy speaks first.
    Nothing(Box<Signing>),
}

impl Loaded {
    /// What the decision rests on.
    pub(in crate::app) fn signing(&self) -> Signing {
        match self {
            Self::Waiting(_, has_approver) => {
                Signing { has_approver: *has_approver, ..Signing::default() }
            }
            Self::Letting(loaded) => loaded.signing,
            Self::Request(_, signing) | Self::Nothing(signing) => **signing,
        }
    }

    /// The same of letting a support user in or out, where it is about that.
    pub(in crate::app) fn letting(&self) -> Option<Letting> {
        match self {
            Self::Letting(loaded) => Some(loaded.letting.clone()),
            Self::Waiting(..) | Self::Request(..) | Self::Nothing(_) => None,
        }
    }
}

/// Reads what a change is about.
pub(in crate::app) async fn load(
    app: &App,
    actor: &Actor,
    change: &ApprovalChange,
) -> Result<Loaded, Error> {
    let Actor::User(who) = actor else {
        // Refused by policy, whatever it is about.
        return Ok(Loaded::Waiting(BTreeSet::new(), false));
    };
    if let Some(loaded) = grants::load(app, who, change).await? {
        return Ok(Loaded::Letting(Box::new(loaded)));
    }
    match &change.what {
        ApprovalEdit::AskSupport(_) | ApprovalEdit::EndSupport(_) => {
            Ok(Loaded::Nothing(Box::default()))
        }
        ApprovalEdit::Ask { source, users, .. } => {
            let found = asking::waiting_at(app, (change.account, *source), users).await?;
            let Some(mut items) = found else {
                let nothing = Signing { has_approver: true, ..Signing::default() };
                return Ok(Loaded::Nothing(Box::new(nothing)));
            };
            // The operator's staff ask for an administrator, and for nothing else of a customer's.
            if who.is_staff && who.account != change.account {
                items.retain(|it| it.right == Right::UsersAdminister.into());
            }
            let has_approver =
                items.is_empty() || asking::has_approver(app, change.account, who, &items).await?;
            Ok(Loaded::Waiting(items, has_approver))
        }
        ApprovalEdit::Vote(id, ballot) => {
            let Some(request) = app.store().approval(change.account, *id).await? else {
                let voter = (who.account, who.user);
                let approver = app.store().approver(change.account, voter, app.now()).await?;
                let is_approver = approver.is_some();
                let nothing =
                    Signing { is_approver, waits: true, is_seen: true, ..Signing::default() };
                return Ok(Loaded::Nothing(Box::new(nothing)));
            };
            let signing = voting::signing(app, who, &request, ballot).await?;
            Ok(Loaded::Request(Box::new(request), Box::new(signing)))
        }
        ApprovalEdit::Cancel(id) => {
            let found = app.store().approval(change.account, *id).await?;
            let waits = found.as_ref().is_none_or(|it| it.state == State::Pending);
            let signing = Box::new(Signing { waits, ..Signing::default() });
            Ok(match found {
                Some(request) => Loaded::Request(Box::new(request), signing),
                None => Loaded::Nothing(signing),
            })
        }
    }
}

/// Applies a permitted change.
pub(in crate::app) async fn apply(
    app: &App,
    permit: Permit,
    change: &ApprovalChange,
    loaded: Loaded,
) -> Result<Step, Error> {
    match (&change.what, loaded) {
        (ApprovalEdit::Vote(_, ballot), Loaded::Letting(loaded)) => match loaded.request() {
            Some(request) => voting::vote(app, permit, request, ballot).await,
            None => Err(no_such()),
        },
        (ApprovalEdit::Cancel(_), Loaded::Letting(loaded)) => match loaded.request() {
            Some(request) => settling::cancel(app, permit, request).await,
            None => Err(no_such()),
        },
        (_, Loaded::Letting(loaded)) => grants::apply(app, permit, change, *loaded).await,
        (ApprovalEdit::Ask { source, reason, .. }, Loaded::Waiting(items, _)) => {
            asking::ask(app, permit, change.account, (*source, reason, items)).await
        }
        (ApprovalEdit::Vote(_, ballot), Loaded::Request(request, _)) => {
            voting::vote(app, permit, &request, ballot).await
        }
        (ApprovalEdit::Cancel(_), Loaded::Request(request, _)) => {
            settling::cancel(app, permit, &request).await
        }
        (
            ApprovalEdit::Ask { .. }
            | ApprovalEdit::Vote(..)
            | ApprovalEdit::Cancel(_)
            | ApprovalEdit::AskSupport(_)
            | ApprovalEdit::EndSupport(_),
            _,
        ) => Err(no_such()),
    }
}

/// Asks for what a change of rights has left waiting; where nobody could sign, or it was asked for before,
/// it waits unasked.
pub(in crate::app) async fn follow(
    app: &App,
    actor: &Actor,
    command: &Command,
    outcome: Outcome,
) -> Result<Outcome, Error> {
    grants::follow(app, command).await;
    let Command::ChangeRights(change) = command else { return Ok(outcome) };
    let Outcome::Rights(made) = outcome else { return Ok(outcome) };
    let mut requests = vec![];
    for (source, users) in asking::sources(app, actor, change, &made).await? {
        let what = ApprovalEdit::Ask { source, users, reason: reason(change) };
        let ask = ApprovalChange { account: change.account, what };
        let asked = Box::pin(app.change(actor, Command::ChangeApproval(Box::new(ask)))).await;
        match asked {
            Ok(Outcome::Approval(request)) => requests.push(*request),
            Ok(_) | Err(Error::Denied { .. } | Error::Conflict(_) | Error::NotFound(_)) => {}
            // The change is made, and is not to be told as if it were not.
            Err(error) => tracing::warn!(%error, "approvals.not_asked"),
        }
    }
    Ok(if requests.is_empty() { Outcome::Rights(made) } else { Outcome::Waiting(made, requests) })
}

fn reason(change: &RightsChange) -> String {
    match &change.what {
        RightsEdit::Map(spec) => spec.reason.clone(),
        RightsEdit::Grant(spec) => spec.reason.clone(),
        RightsEdit::EditMapping(_, edit) => edit.reason.clone().unwrap_or_default(),
        RightsEdit::CreateBundle(_)
        | RightsEdit::EditBundle(..)
        | RightsEdit::DeleteBundle(_)
        | RightsEdit::CreateRole(_)
        | RightsEdit::EditRole(..)
        | RightsEdit::DeleteRole(_)
        | RightsEdit::Unmap(_)
        | RightsEdit::EndGrant(_) => String::new(),
    }
}

impl App {
    /// A part of an account's approval requests in the order of their making; of one state or kind, if one is
    /// named.
    ///
    /// # Errors
    /// [`Error::Denied`] if the actor may not see them; [`Error::Internal`] if the database fails.
    pub async fn approvals(
        &self,
        actor: &Actor,
        account: AccountId,
        (state, about): (Option<State>, Option<About>),
        wanted: &Wanted,
    ) -> Result<Part<Request>, Error> {
        let (scope, only) = self.approval_scope(actor, account).await?;
        if only.is_some() && about.is_some() && only != about {
            return Ok(Part { items: vec![], next: None });
        }
        Ok(self.store().approvals(&scope, (state, only.or(about)), wanted).await?)
    }

    /// One of them, with what it is about.
    ///
    /// # Errors
    /// As [`App::approvals`], and [`Error::NotFound`].
    pub async fn approval(
        &self,
        actor: &Actor,
        (account, id): (AccountId, ApprovalId),
    ) -> Result<(Request, Vec<Item>), Error> {
        let (_, only) = self.approval_scope(actor, account).await?;
        let request = found(self, account, id).await?;
        if only.is_some_and(|only| only != request.about()) {
            return Err(no_such());
        }
        let items = self.store().approval_items(&request).await?;
        Ok((request, items))
    }

    /// What an actor may see of an account's requests: who administers it, and who may sign there. Who asks or
    /// signs for support users alone, sees those requests alone.
    async fn approval_scope(
        &self,
        actor: &Actor,
        account: AccountId,
    ) -> Result<(Scope, Option<About>), Error> {
        if let Actor::User(who) = actor
            && who.is_staff
        {
            let voter = (who.account, who.user);
            let approver = self.store().approver(account, voter, self.now()).await?;
            if let Some(scope) = crate::policy::approval_scope(who, account, approver.is_some()) {
                return Ok((scope, None));
            }
            if self.sees_support_requests(who, account).await? {
                return Ok((Scope::Account(account), Some(About::Support)));
            }
        }
        Ok((self.account_scope(actor, account).await?, None))
    }
}

/// One of an account's requests.
pub(in crate::app) async fn found(
    app: &App,
    account: AccountId,
    id: ApprovalId,
) -> Result<Request, Error> {
    app.store().approval(account, id).await?.ok_or_else(no_such)
}

fn no_such() -> Error {
    crate::app::rights::no_such("approval request")
}
