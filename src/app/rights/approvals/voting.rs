//! Voting: what is known of whoever votes, and the vote itself. With enough votes it is executed at once.

use std::collections::BTreeSet;

use crate::app::change::{Outcome, Step};
use crate::app::rights::approvals::{asking, found, settling};
use crate::app::rights::refuse;
use crate::app::{App, Error};
use crate::domain::actor::{Actor, SignedIn};
use crate::domain::command::approvals::Ballot;
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::rights::approvals::{
    COOLING_OFF, Item, NewRequest, Request, State, Verdict, Vote,
};
use crate::domain::rights::faults::{Wrong, check_note};
use crate::domain::time::Timestamp;
use crate::policy::{Permit, Signing};
use crate::store::StoreError;
use crate::store::rights::approvals::{Change, What};

/// For how long a user made by whoever asks cannot sign for them, in microseconds.
const SOCK_PUPPET: i64 = 30 * 24 * 3600 * 1_000_000;

/// What a decision on a vote rests on.
pub(super) async fn signing(
    app: &App,
    who: &SignedIn,
    request: &Request,
    ballot: &Ballot,
) -> Result<Signing, Error> {
    let (now, store) = (app.now(), app.store());
    let voter = (who.account, who.user);
    let mut approver = store.approver(request.account, voter, now).await?;
    if approver.is_some_and(|it| it.as_staff) && has_others(app, request, voter).await? {
        approver = None;
    }
    let mut signing = Signing {
        is_approver: approver.is_some(),
        is_requester: is_requester(app, who, request).await?,
        is_beneficiary: store.gains_by(request, who.person).await?,
        is_newer: approver.is_some_and(|it| it.since > request.created_at),
        is_cooling_off: approver.is_some_and(|it| {
            !it.by_seed && it.since.micros().saturating_add(COOLING_OFF) > now.micros()
        }),
        waits: request.state == State::Pending,
        is_late: request.expires_at <= now,
        is_seen: ballot.digest == request.digest,
        has_voted: request.votes.iter().any(|vote| vote.person == who.person),
        ..Signing::default()
    };
    signing.is_made_by_requester = made_by_requester(app, voter, request).await?;
    Ok(signing)
}

/// Whether whoever asked made the voter's user lately.
pub(in crate::app) async fn made_by_requester(
    app: &App,
    voter: (AccountId, ResourceId),
    request: &Request,
) -> Result<bool, Error> {
    let Some(requester) = request.requester.id else { return Ok(false) };
    let since = Timestamp::from_micros(app.now().micros().saturating_sub(SOCK_PUPPET));
    Ok(app.store().made_by(voter, requester, since).await?)
}

/// Whether they are whoever asked, by whatever user, or may be (DECISIONS.md 6).
async fn is_requester(app: &App, who: &SignedIn, request: &Request) -> Result<bool, Error> {
    if request.requester.person == Some(who.person) {
        return Ok(true);
    }
    let Some(id) = request.requester.id.map(ResourceId::new) else { return Ok(false) };
    let voter = (who.account, who.user);
    let parent = app
        .store()
        .parent(request.account, crate::store::rights::paths::When::Now(app.now()))
        .await?;
    let operator = app.store().operator().await?;
    for home in [Some(request.account), parent, operator].into_iter().flatten() {
        if app.store().knows_user(home, id).await? {
            return Ok(app.store().may_be_one([voter, (home, id)]).await?);
        }
    }
    Ok(false)
}

/// Whether the account has an administrator who could sign, so that the operator's staff may not.
async fn has_others(
    app: &App,
    request: &Request,
    staff: (AccountId, ResourceId),
) -> Result<bool, Error> {
    let items = app.store().approval_items(request).await?;
    for (home, user) in asking::administrators(app, request.account).await? {
        let gains = home == request.account && items.iter().any(|it| it.user == user);
        let asked = request.requester.id == Some(user.uuid());
        if !gains && !asked && (home, user) != staff {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(super) async fn vote(
    app: &App,
    permit: Permit,
    request: &Request,
    ballot: &Ballot,
) -> Result<Step, Error> {
    let mut faults = vec![];
    check_note("comment", &ballot.comment, &mut faults);
    refuse(faults)?;
    let narrowed = narrowed(app, request, ballot).await?;
    let Actor::User(who) = permit.actor() else { return Err(super::no_such()) };
    let at = app.now();
    // Policy lets nobody through who has shown none just now.
    let Some(second_factor_at) = who.second_factor_at else { return Err(super::no_such()) };
    let vote = Vote {
        account: who.account,
        user: who.user,
        person: who.person,
        verdict: ballot.verdict,
        comment: ballot.comment.clone(),
        second_factor_at,
        session: who.session,
        at,
    };
    let mut activity = app.activity(&permit, request.account, at);
    activity.detail = Some(serde_json::json!({
        "source": request.source, "digest": ballot.digest.to_string(),
    }));
    let what = What::Vote {
        id: request.id,
        version: request.version,
        digest: ballot.digest.clone(),
        vote: Box::new(vote),
        narrowed: narrowed.map(Box::new),
    };
    let change = Change { what, activity, mails: vec![] };
    match app.store().change_approval(change, permit).await {
        // Two windows at once: the other one was first.
        Ok(false) | Err(StoreError::Taken) => return Ok(Step::Moved),
        Ok(true) => {}
        Err(error) => return Err(error.into()),
    }
    settling::go_on(app, (request.account, request.id)).await?;
    let now = found(app, request.account, request.id).await?;
    Ok(Outcome::Approval(Box::new(now)).into())
}

/// The request without those whom an approval leaves out; none if it leaves out nobody. A vote narrows what was
/// asked, and never widens it (M20).
async fn narrowed(
    app: &App,
    request: &Request,
    ballot: &Ballot,
) -> Result<Option<NewRequest>, Error> {
    if ballot.strike.is_empty() || ballot.verdict == Verdict::Deny {
        return Ok(None);
    }
    let mut items: BTreeSet<Item> =
        app.store().approval_items(request).await?.into_iter().collect();
    let strangers = ballot.strike.iter().filter(|user| !items.iter().any(|it| it.user == **user));
    refuse(strangers.map(|user| Wrong::UnknownUser.of("strike", &user.to_string())).collect())?;
    items.retain(|it| !ballot.strike.contains(&it.user));
    if items.is_empty() {
        return Err(Error::Conflict("nobody would be left; refuse the request instead".to_owned()));
    }
    Ok(Some(NewRequest {
        account: request.account,
        id: request.id,
        source: request.source,
        items,
        reason: request.reason.clone(),
        requester: request.requester.clone(),
        required: request.required,
        policy_version: request.policy_version.clone(),
        at: app.now(),
        expires_at: request.expires_at,
        support: None,
    }))
}
