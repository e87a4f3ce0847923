//! Signing for a support user: what is known of whoever votes, and what comes of a request that was signed
//! (W9, W11, M03 to M06, M24, M25, M30).

use serde_json::json;

use crate::app::accounts::support::grants::{base, told, waits};
use crate::app::rights::approvals::made_by_requester;
use crate::app::{App, Error};
use crate::domain::account::SupportMode;
use crate::domain::actor::{Actor, SignedIn};
use crate::domain::effect::Delivery;
use crate::domain::effect::mails::Letter;
use crate::domain::event::{Activity, Event};
use crate::domain::ids::{AccountId, ResourceId, WorkspaceId};
use crate::domain::persons::support::Day;
use crate::domain::persons::support::grants::Asked;
use crate::domain::rights::approvals::{COOLING_OFF, Request};
use crate::domain::time::Timestamp;
use crate::policy::{Letting, Signing};
use crate::store::accounts::support::grants::Signer;

/// What a decision on a request rests on, whoever votes on it or takes it back.
pub(super) async fn know(
    app: &App,
    who: &SignedIn,
    request: &Request,
) -> Result<(Letting, Signing), Error> {
    let mut letting = base(app, who, request.account).await?;
    let mut signing = Signing { waits: waits(request), ..Signing::default() };
    let Some(asked) = &request.support else { return Ok((letting, signing)) };
    let (now, voter) = (app.now(), (who.account, who.user));
    letting.mode = letting.mode.max(asked.mode);
    letting.by_customer = asked.by_customer;
    let (others, own) = signers(app, voter, (request, asked)).await?;
    // As whom they may at once, if they may as several.
    let fits = |it: &&Signer| (is_newer(it, request) || is_cooling_off(it, now), !it.as_customer);
    let signer = others.iter().min_by_key(fits);
    letting.is_own_delegate = signer.is_none() && own;
    letting.as_customer = signer.is_some_and(|it| it.as_customer);
    signing.is_approver = signer.is_some();
    signing.is_newer = signer.is_some_and(|it| is_newer(it, request));
    signing.is_cooling_off = signer.is_some_and(|it| is_cooling_off(it, now));
    signing.is_requester = is_requester(app, who, (request, asked)).await?;
    let two = [voter, (asked.operator, asked.user)];
    signing.is_beneficiary = asked.person == who.person || app.store().may_be_one(two).await?;
    signing.is_late = request.expires_at <= now;
    signing.has_voted = request.votes.iter().any(|vote| vote.person == who.person);
    signing.is_made_by_requester = made_by_requester(app, voter, request).await?;
    Ok((letting, signing))
}

/// By what they may sign, and whether they stand in for whoever asked, which counts for nothing (M30).
async fn signers(
    app: &App,
    voter: (AccountId, ResourceId),
    (request, asked): (&Request, &Asked),
) -> Result<(Vec<Signer>, bool), Error> {
    let (mut others, mut own) = (vec![], false);
    for it in app.store().support_signer(request.account, voter, app.now()).await? {
        let is_own = match (it.stands_in_for, request.requester.id) {
            (Some(director), Some(requester)) => {
                let asker = (asked.requester_account, ResourceId::new(requester));
                app.store().may_be_one([(voter.0, director), asker]).await?
            }
            (Some(_) | None, _) => false,
        };
        own |= is_own;
        if !is_own {
            others.push(it);
        }
    }
    Ok((others, own))
}

async fn is_requester(
    app: &App,
    who: &SignedIn,
    (request, asked): (&Request, &Asked),
) -> Result<bool, Error> {
    if request.requester.person == Some(who.person) {
        return Ok(true);
    }
    let Some(id) = request.requester.id.map(ResourceId::new) else { return Ok(false) };
    let two = [(who.account, who.user), (asked.requester_account, id)];
    Ok(app.store().may_be_one(two).await?)
}

fn is_newer(signer: &Signer, request: &Request) -> bool {
    signer.since > request.created_at
}

fn is_cooling_off(signer: &Signer, now: Timestamp) -> bool {
    !signer.by_seed && signer.since.micros().saturating_add(COOLING_OFF) > now.micros()
}

/// The record's line of somebody who is let in, and the mails that tell the account's administrators.
pub(in crate::app) async fn begun(
    app: &App,
    (request, asked): (&Request, &Asked),
    executed: &Activity,
) -> Result<(Activity, Vec<Delivery>), Error> {
    let signers: Vec<_> = request.votes.iter().map(|vote| vote.user.uuid()).collect();
    let detail = json!({
        "user": asked.user.uuid(),
        "bundle": asked.bundle.uuid(),
        "workspace": asked.workspace.map(WorkspaceId::uuid),
        "starts_at": asked.period.starts_at.rfc3339(),
        "ends_at": asked.period.ends_at.rfc3339(),
        "request": request.id.uuid(),
        "asked_by": request.requester.id,
        "signed_by": signers,
    });
    let (account, at) = (request.account, executed.at);
    let begun = app.line(account, at, Actor::System, Event::SupportBegun);
    let begun = begun.on(app.next_id(at)).saying(detail);
    let mails = told(app, (request.account, executed.at), Letter::SupportLetIn).await?;
    Ok((begun, mails))
}

/// Why what was signed could not be done.
pub(in crate::app) async fn why_blocked(
    app: &App,
    (request, asked): (&Request, &Asked),
) -> Result<&'static str, Error> {
    let (store, now) = (app.store(), app.now());
    if store.support_mode(request.account).await? == SupportMode::Closed {
        return Ok("support_closed");
    }
    if asked.period.ends_at <= now {
        return Ok("support_period_over");
    }
    let user = store.support_user_of((asked.operator, asked.user), now).await?;
    if !user.is_some_and(|it| it.lacks(&Day::of(now)).is_empty()) {
        return Ok("support_user_not_ready");
    }
    let administers = store.support_bundle_administers(asked.bundle_owner, asked.bundle).await?;
    Ok(if administers == Some(false) { "approver_lost_right" } else { "support_bundle" })
}
