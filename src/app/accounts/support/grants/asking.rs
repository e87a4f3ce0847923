//! Asking that a support user be let in: who, with what, where, for how long (W6, M02, M52, M60, M62, M69).

use serde_json::json;

use crate::app::accounts::support::grants::{Loaded, Subject, base};
use crate::app::change::{Outcome, Step};
use crate::app::rights::approvals::{administrators, found, letters_to};
use crate::app::{App, Error};
use crate::domain::account::SupportMode;
use crate::domain::actor::{Actor, SignedIn};
use crate::domain::effect::mails::Letter;
use crate::domain::ids::{AccountId, ApprovalId, PersonId, ResourceId};
use crate::domain::persons::support::faults::SupportWrong;
use crate::domain::persons::support::grants::{
    Asked, DEFAULT_DAYS, MAX_DAYS, MAX_REASON, Removal, SKEW, SupportSpec,
};
use crate::domain::persons::support::{Day, SupportUser};
use crate::domain::rights::approvals::{NewRequest, WAITS_DAYS};
use crate::domain::rights::bundles::Bundle;
use crate::domain::rights::faults::{Fault, Wrong};
use crate::domain::rights::sources::{By, Period};
use crate::domain::time::Timestamp;
use crate::policy::{Permit, Signing, may_sign};
use crate::store::StoreError;
use crate::store::accounts::support::grants::Signer;
use crate::store::rights::approvals::{Change, What};

/// What was found of what is asked for.
#[derive(Debug)]
pub(super) struct Wish {
    operator: Option<AccountId>,
    user: Option<SupportUser>,
    person: Option<PersonId>,
    bundle: Option<Bundle>,
    has_workspace: bool,
    stands: bool,
    after: Option<Removal>,
    mode: SupportMode,
}

/// Reads who is to be let in, and what with.
pub(super) async fn load(
    app: &App,
    who: &SignedIn,
    (account, spec): (AccountId, &SupportSpec),
) -> Result<Loaded, Error> {
    let (store, now) = (app.store(), app.now());
    let mut letting = base(app, who, account).await?;
    let operator = store.operator().await?;
    let (mut user, mut person, mut after, mut stands) = (None, None, None, false);
    letting.is_target = false;
    if let Some(operator) = operator {
        user = store.support_user_of((operator, spec.user), now).await?;
        person = store.person_behind(operator, spec.user).await?;
        let two = [(who.account, who.user), (operator, spec.user)];
        letting.is_target = person == Some(who.person) || store.may_be_one(two).await?;
        stands = store.stands_in_account(account, spec.user).await?;
    }
    if let Some(person) = person {
        after = store.last_support_removal(account, (spec.user, person)).await?;
    }
    letting.lacks = user.as_ref().map(|it| it.lacks(&Day::of(now))).unwrap_or_default();
    let bundle = store.bundle(account, spec.bundle).await?;
    letting.administers = match &bundle {
        Some(it) => store.support_bundle_administers(it.account, it.id).await? == Some(true),
        None => false,
    };
    let has_workspace = match spec.workspace {
        Some(id) => store.has_workspace(account, id).await?,
        None => true,
    };
    let about = (account, operator, spec.user);
    let has_approver = has_signer(app, who, about, letting.mode).await?;
    let mode = letting.mode;
    let wish = Wish { operator, user, person, bundle, has_workspace, stands, after, mode };
    let signing = Signing { has_approver, ..Signing::default() };
    Ok(Loaded { letting, signing, subject: Subject::Wish(Box::new(wish)) })
}

/// Whether somebody could sign: who neither asks nor is let in, nor may be one who does (M32).
async fn has_signer(
    app: &App,
    who: &SignedIn,
    (account, operator, user): (AccountId, Option<AccountId>, ResourceId),
    mode: SupportMode,
) -> Result<bool, Error> {
    let Some(operator) = operator else { return Ok(false) };
    let mut able = administrators(app, account).await?;
    if may_sign(mode, !who.is_staff, false) {
        let staff = app.store().support_signers(operator, app.now()).await?;
        let others = staff.into_iter().filter(|it| it.stands_in_for != Some(who.user));
        able.extend(others.map(|it: Signer| (operator, it.user)));
    }
    for voter in able {
        let asks = app.store().may_be_one([voter, (who.account, who.user)]).await?;
        if !asks && !app.store().may_be_one([voter, (operator, user)]).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Asks; tells those who could sign.
pub(super) async fn ask(
    app: &App,
    permit: Permit,
    (account, spec): (AccountId, &SupportSpec),
    wish: Wish,
) -> Result<Step, Error> {
    let (at, mut faults) = (app.now(), vec![]);
    check_reason(&spec.reason, &mut faults);
    let period = period(spec, at, &mut faults);
    if !wish.has_workspace {
        let id = spec.workspace.map(|it| it.to_string()).unwrap_or_default();
        faults.push(Wrong::UnknownWorkspace.of("workspace", &id));
    }
    if wish.stands {
        faults.push(SupportWrong::StandsAlready.of("user", &spec.user.to_string()));
    }
    let Some(asked) = asked(&permit, (spec, period), wish, &mut faults) else {
        return Err(Error::Fields(faults));
    };
    if !faults.is_empty() {
        return Err(Error::Fields(faults));
    }
    let actor = permit.actor();
    let new = NewRequest {
        account,
        id: ApprovalId::new(app.next_id(at)),
        source: asked.user.uuid(),
        items: [].into(),
        reason: spec.reason.clone(),
        requester: By { kind: actor.kind().to_owned(), id: actor.id(), person: actor.person() },
        required: 1,
        policy_version: crate::policy::version().to_owned(),
        at,
        expires_at: at.plus_days(WAITS_DAYS),
        support: Some(asked),
    };
    send(app, permit, new).await
}

async fn send(app: &App, permit: Permit, new: NewRequest) -> Result<Step, Error> {
    let (account, id) = (new.account, new.id);
    let mut activity = app.activity(&permit, account, new.at);
    activity.target = Some(id.uuid());
    activity.detail = Some(json!({
        "user": new.source,
        "bundle": new.support.as_ref().map(|it| it.bundle.uuid()),
        "ends_at": new.support.as_ref().map(|it| it.period.ends_at.rfc3339()),
        "digest": new.digest().to_string(),
    }));
    let mails = mails(app, &new).await?;
    let change = Change { what: What::Open(Box::new(new)), activity, mails };
    match app.store().change_approval(change, permit).await {
        Ok(true) => {
            let request = found(app, account, id).await?;
            Ok(Outcome::Approval(Box::new(request)).into())
        }
        Ok(false) => Ok(Step::Moved),
        Err(StoreError::Taken) => Err(Error::Conflict(
            "there is an open request for this support user already; see `/approval-requests`"
                .to_owned(),
        )),
        Err(error) => Err(error.into()),
    }
}

/// Mails to the administrators who did not ask, and where the account's mode lets staff sign, to them.
async fn mails(app: &App, new: &NewRequest) -> Result<Vec<crate::domain::effect::Delivery>, Error> {
    let Some(asked) = &new.support else { return Ok(vec![]) };
    let mut to = administrators(app, new.account).await?;
    if may_sign(asked.mode, asked.by_customer, false) {
        let staff = app.store().support_signers(asked.operator, new.at).await?;
        to.extend(staff.into_iter().map(|it| (asked.operator, it.user)));
    }
    to.sort_unstable();
    to.dedup();
    to.retain(|(_, user)| new.requester.id != Some(user.uuid()) && *user != asked.user);
    letters_to(app, (new.account, to), (Letter::SignatureWanted, new.expires_at, new.at)).await
}

/// What exactly is asked, if all of it was found.
fn asked(
    permit: &Permit,
    (spec, period): (&SupportSpec, Period),
    wish: Wish,
    faults: &mut Vec<Fault>,
) -> Option<Asked> {
    let Actor::User(who) = permit.actor() else { return None };
    if wish.user.is_none() || wish.person.is_none() {
        faults.push(SupportWrong::NoSupportUser.of("user", &spec.user.to_string()));
    }
    if wish.bundle.is_none() {
        faults.push(Wrong::UnknownBundle.of("bundle", &spec.bundle.to_string()));
    }
    Some(Asked {
        operator: wish.operator?,
        user: wish.user?.user,
        person: wish.person?,
        bundle_owner: wish.bundle?.account,
        bundle: spec.bundle,
        workspace: spec.workspace,
        period,
        requester_account: who.account,
        by_customer: !who.is_staff,
        mode: wish.mode,
        after: wish.after,
    })
}

/// M62: from now or a moment not far away, for at most [`MAX_DAYS`].
fn period(spec: &SupportSpec, now: Timestamp, faults: &mut Vec<Fault>) -> Period {
    let starts_at = spec.starts_at.unwrap_or(now);
    if starts_at.micros() < now.micros().saturating_sub(SKEW) {
        faults.push(SupportWrong::StartsInThePast.of("starts_at", &starts_at.rfc3339()));
    }
    let starts_at = starts_at.max(now);
    let too_long = |field| SupportWrong::LastsTooLong.of(field, &MAX_DAYS.to_string());
    if starts_at > now.plus_days(MAX_DAYS) {
        faults.push(too_long("starts_at"));
    }
    let ends_at = spec.ends_at.unwrap_or(starts_at.plus_days(DEFAULT_DAYS));
    if ends_at <= now {
        faults.push(Wrong::EndsInThePast.of("ends_at", &ends_at.rfc3339()));
    } else if ends_at <= starts_at {
        faults.push(Wrong::EndsBeforeStart.of("ends_at", ""));
    } else if ends_at > starts_at.plus_days(MAX_DAYS) {
        faults.push(too_long("ends_at"));
    }
    Period { starts_at, ends_at }
}

/// M23: why, in plain text.
fn check_reason(reason: &str, faults: &mut Vec<Fault>) {
    if reason.trim().is_empty() {
        faults.push(Wrong::Missing.of("reason", ""));
    }
    if reason.len() > MAX_REASON {
        faults.push(SupportWrong::ReasonTooLong.of("reason", &MAX_REASON.to_string()));
    }
    if reason.chars().any(char::is_control) {
        faults.push(Wrong::NotText.of("reason", ""));
    }
}
