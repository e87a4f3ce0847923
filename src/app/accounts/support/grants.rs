//! Support users let into customers' accounts: asked for ([`asking`]), signed ([`voting`]), let out, looked at,
//! and kept true to what they rest on ([`upkeep`]).
//!
//! A request for it is an approval request like others: the same votes, the same digest, the same two
//! transactions. What differs is who asks and signs, and that all of it is decided once more when it is
//! executed.

mod asking;
mod upkeep;
mod voting;

use serde_json::json;

use crate::app::change::{Outcome, Step};
use crate::app::rights::approvals::{administrators, letters_to};
use crate::app::rights::no_such;
use crate::app::{App, Error};
use crate::domain::actor::{Actor, SignedIn};
use crate::domain::command::approvals::{ApprovalChange, ApprovalEdit};
use crate::domain::effect::Delivery;
use crate::domain::effect::mails::Letter;
use crate::domain::ids::{AccountId, PersonId, SupportGrantId};
use crate::domain::persons::support::Function;
use crate::domain::persons::support::grants::{Ending, GrantFilter, SupportGrant};
use crate::domain::records::pages::{Part, Wanted};
use crate::domain::rights::approvals::{About, Request, State};
use crate::domain::time::Timestamp;
use crate::policy::{self, Letting, Permit, Scope, Signing};
use crate::store::rights::approvals::{Change, What};

pub(in crate::app) use self::upkeep::follow;
pub(in crate::app) use self::voting::{begun, why_blocked};

/// What was read before a decision about support access.
#[derive(Debug)]
pub(in crate::app) struct Loaded {
    /// What is known of letting somebody in.
    pub(in crate::app) letting: Letting,
    /// What is known of the request and of whoever votes on it.
    pub(in crate::app) signing: Signing,
    subject: Subject,
}

/// What a change is about.
#[derive(Debug)]
enum Subject {
    /// What was found of what is asked for.
    Wish(Box<asking::Wish>),
    /// A request.
    Request(Box<Request>),
    /// A grant, and who was let in by it; none if there is no such grant.
    Grant(Option<Box<(SupportGrant, PersonId)>>),
}

impl Loaded {
    /// The request that it is about, if it is one.
    pub(in crate::app) fn request(&self) -> Option<&Request> {
        match &self.subject {
            Subject::Request(request) => Some(request),
            Subject::Wish(_) | Subject::Grant(_) => None,
        }
    }
}

/// Reads what a change is about; none if it is about something else than support access.
pub(in crate::app) async fn load(
    app: &App,
    who: &SignedIn,
    change: &ApprovalChange,
) -> Result<Option<Loaded>, Error> {
    let account = change.account;
    let id = match &change.what {
        ApprovalEdit::AskSupport(spec) => {
            return asking::load(app, who, (account, spec)).await.map(Some);
        }
        ApprovalEdit::EndSupport(id) => {
            return load_grant(app, who, (account, *id)).await.map(Some);
        }
        ApprovalEdit::Vote(id, _) | ApprovalEdit::Cancel(id) => *id,
        ApprovalEdit::Ask { .. } => return Ok(None),
    };
    let Some(request) = app.store().approval(account, id).await? else { return Ok(None) };
    if request.about() != About::Support {
        return Ok(None);
    }
    let (letting, mut signing) = voting::know(app, who, &request).await?;
    if let ApprovalEdit::Vote(_, ballot) = &change.what {
        signing.is_seen = ballot.digest == request.digest;
    }
    let subject = Subject::Request(Box::new(request));
    Ok(Some(Loaded { letting, signing, subject }))
}

/// What is known of an account, whatever it is about: whether it is a customer's, whom it lets in, and whether
/// the asker looks after it.
async fn base(app: &App, who: &SignedIn, account: AccountId) -> Result<Letting, Error> {
    let (store, now) = (app.store(), app.now());
    let operator = store.operator().await?;
    let is_own_csm = who.is_staff
        && store.is_csm_of(account, who.user).await?
        && store.staff_functions(who.account, who.user, now).await?.has(Function::Csm);
    Ok(Letting {
        is_customers: operator != Some(account),
        mode: store.support_mode(account).await?,
        is_own_csm,
        ..Letting::default()
    })
}

async fn load_grant(
    app: &App,
    who: &SignedIn,
    (account, id): (AccountId, SupportGrantId),
) -> Result<Loaded, Error> {
    let store = app.store();
    let mut letting = Letting { is_target: false, ..base(app, who, account).await? };
    let grant = store.support_grant(account, id, app.now()).await?;
    let person = store.support_grant_person(account, id).await?;
    let found = grant.zip(person);
    if let (Some((grant, person)), true) = (&found, who.is_staff) {
        let two = [(who.account, who.user), (who.account, grant.user)];
        letting.is_target = who.person == *person || store.may_be_one(two).await?;
    }
    let subject = Subject::Grant(found.map(Box::new));
    Ok(Loaded { letting, signing: Signing::default(), subject })
}

/// Applies a permitted change.
pub(in crate::app) async fn apply(
    app: &App,
    permit: Permit,
    change: &ApprovalChange,
    loaded: Loaded,
) -> Result<Step, Error> {
    match (&change.what, loaded.subject) {
        (ApprovalEdit::AskSupport(spec), Subject::Wish(wish)) => {
            asking::ask(app, permit, (change.account, spec), *wish).await
        }
        (ApprovalEdit::EndSupport(_), Subject::Grant(Some(found))) => {
            let (grant, person) = *found;
            let_out(app, permit, (grant, person)).await
        }
        (
            ApprovalEdit::AskSupport(_)
            | ApprovalEdit::EndSupport(_)
            | ApprovalEdit::Ask { .. }
            | ApprovalEdit::Vote(..)
            | ApprovalEdit::Cancel(_),
            _,
        ) => Err(no_such_grant()),
    }
}

/// W3: at once, by whatever user they were let in; what is asked for them is taken back with it (M60).
async fn let_out(
    app: &App,
    permit: Permit,
    (grant, person): (SupportGrant, PersonId),
) -> Result<Step, Error> {
    let ended = grant.ended.as_ref().map(|(_, ending, _)| *ending);
    let over = || Err(Error::Conflict("this access has ended already".to_owned()));
    // Removal wins: also over what took its place meanwhile (M28).
    if ended.is_some_and(|it| it != Ending::Superseded) {
        return over();
    }
    let mut activity = app.activity(&permit, grant.account, app.now());
    activity.target = Some(grant.id.uuid());
    activity.detail = Some(json!({ "user": grant.user.uuid(), "bundle": grant.bundle.uuid() }));
    let mails = told(app, (grant.account, activity.at), Letter::SupportLetOut).await?;
    let what = What::LetOut(grant.user, person, Ending::Removed);
    if app.store().change_approval(Change { what, activity, mails }, permit).await? {
        return Ok(Outcome::Done.into());
    }
    if ended.is_some() { over() } else { Ok(Step::Moved) }
}

/// Mails to the account's administrators that somebody was let in, or out.
async fn told(
    app: &App,
    (account, at): (AccountId, Timestamp),
    letter: Letter,
) -> Result<Vec<Delivery>, Error> {
    let to = administrators(app, account).await?;
    letters_to(app, (account, to), (letter, at, at)).await
}

impl App {
    /// A part of an account's support grants in the order of their beginning: for its administrators, and for
    /// support users.
    ///
    /// # Errors
    /// [`Error::Denied`] if policy refuses.
    pub async fn support_grants(
        &self,
        actor: &Actor,
        (account, filter): (AccountId, GrantFilter),
        wanted: &Wanted,
    ) -> Result<Part<SupportGrant>, Error> {
        let scope = self.grants_seen(actor, account).await?;
        Ok(self.store().support_grants(&scope, filter, (wanted, self.now())).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`App::support_grants`], and [`Error::NotFound`].
    pub async fn support_grant(
        &self,
        actor: &Actor,
        (account, id): (AccountId, SupportGrantId),
    ) -> Result<SupportGrant, Error> {
        self.grants_seen(actor, account).await?;
        let found = self.store().support_grant(account, id, self.now()).await?;
        found.ok_or_else(no_such_grant)
    }

    /// Whether one of staff sees the requests for support users of an account, by asking or signing there.
    pub(in crate::app) async fn sees_support_requests(
        &self,
        who: &SignedIn,
        account: AccountId,
    ) -> Result<bool, Error> {
        let functions = self.functions(who).await?;
        let is_csm =
            functions.has(Function::Csm) && self.store().is_csm_of(account, who.user).await?;
        Ok(policy::sees_requests(who, account, (&functions, is_csm)))
    }

    async fn grants_seen(&self, actor: &Actor, account: AccountId) -> Result<Scope, Error> {
        if let Actor::User(who) = actor
            && who.is_staff
        {
            let functions = self.functions(who).await?;
            if let Some(seen) = policy::grants_scope(actor, account, &functions) {
                return seen.map_err(|it| Error::Denied { rule: it.rule, reason: it.reason });
            }
        }
        self.account_scope(actor, account).await
    }
}

/// Whether a request still waits.
fn waits(request: &Request) -> bool {
    request.state == State::Pending
}

fn no_such_grant() -> Error {
    no_such("support grant")
}
