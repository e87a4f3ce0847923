//! The operator's support users: functions that groups give, stand-ins, background checks; who looks after
//! an account and whom it lets in; and what decisions on all of it rest on.

pub mod grants;
pub mod lists;

use serde_json::{Value, json};

use crate::app::accounts::first;
use crate::app::change::{Outcome, Step};
use crate::app::{App, Error, rights};
use crate::domain::account::Kind;
use crate::domain::actor::{Actor, SignedIn};
use crate::domain::command::accounts::AccountEdit;
use crate::domain::command::support::{SupportChange, SupportEdit};
use crate::domain::command::{Command, CreateAccount};
use crate::domain::event;
use crate::domain::factors::{FRESH, is_fresh};
use crate::domain::ids::{AccountId, DelegationId, ResourceId, SupportFunctionId};
use crate::domain::persons::support::faults::SupportWrong;
use crate::domain::persons::support::{
    Check, DELEGATION_DAYS, Day, Delegation, DelegationSpec, Function, FunctionSpec, GivenFunction,
    NewTeam,
};
use crate::domain::rights::faults::{Fault, Wrong};
use crate::domain::rights::sources::Period;
use crate::domain::time::Timestamp;
use crate::policy::{self, Beneficiary, Directors, Facts, Permit};
use crate::store::StoreError;
use crate::store::accounts::support::{Change, What};

/// What a change of support users gave.
#[derive(Debug)]
pub enum Made {
    /// What a group gives.
    Function(GivenFunction),
    /// Who stands in for whom.
    Delegation(Delegation),
    /// A background check.
    Check(ResourceId, Check),
}

/// What was read of the operator's account before a change is decided.
#[derive(Debug)]
pub(in crate::app) enum Loaded {
    /// Nothing.
    Nothing,
    /// What a group gives.
    Function(Option<GivenFunction>),
    /// Who stands in for whom.
    Delegation(Option<Delegation>),
}

/// Reads what a change is about.
pub(in crate::app) async fn load(app: &App, change: &SupportChange) -> Result<Loaded, Error> {
    Ok(match &change.what {
        SupportEdit::EndFunction(id) => {
            Loaded::Function(app.store().given_function(change.account, *id).await?)
        }
        SupportEdit::EndDelegation(id) => {
            Loaded::Delegation(app.store().delegation(change.account, *id).await?)
        }
        SupportEdit::GiveFunction(_) | SupportEdit::Delegate(_) | SupportEdit::NoteCheck(..) => {
            Loaded::Nothing
        }
    })
}

/// Adds to the facts of a decision what it rests on among the operator's staff.
pub(in crate::app) async fn know(
    app: &App,
    actor: &Actor,
    command: &Command,
    facts: &mut Facts,
) -> Result<(), Error> {
    if let Command::ChangeAccount(change) = command
        && let AccountEdit::SetSupportMode(mode) = change.what
    {
        let was = app.store().support_mode(change.account).await?;
        facts.loosening = if mode < was { policy::Loosening::Yes } else { policy::Loosening::No };
    }
    match actor {
        Actor::User(who) if who.is_staff && policy::asks_for_functions(command) => {
            let now = app.now();
            facts.functions = app.functions(who).await?;
            facts.is_fresh = is_fresh(who.second_factor_at, FRESH, now);
            if let Some(beneficiary) = beneficiary(app, who, command).await? {
                facts.beneficiary = beneficiary;
            }
            if let Command::CreateAccount(create) = command
                && create.first_administrator.is_some()
            {
                let able = first::approvers(app, create.parent).await?;
                facts.signing.has_approver =
                    rights::approvals::asking::is_any_but(app, (who.account, who.user), able)
                        .await?;
            }
        }
        Actor::Platform if matches!(command, Command::CreateAccount(_)) => {
            facts.directors = directors(app).await?;
        }
        Actor::User(_) | Actor::Platform | Actor::ScimClient(_) | Actor::System => {}
    }
    Ok(())
}

async fn directors(app: &App) -> Result<Directors, Error> {
    let Some(operator) = app.store().operator().await? else { return Ok(Directors::None) };
    let is_there = app.store().has_director(operator, app.now()).await?;
    Ok(if is_there { Directors::Active } else { Directors::None })
}

/// Who gains by a command among staff, seen by whoever asks; none if the command is another.
async fn beneficiary(
    app: &App,
    asker: &SignedIn,
    command: &Command,
) -> Result<Option<Beneficiary>, Error> {
    let account = asker.account;
    let gains = if let Command::CreateAccount(create) = command {
        let pm = create.team.and_then(|team| team.onboarding_pm);
        let mut gains = false;
        for user in create.team.map(|team| team.csm).into_iter().chain(pm) {
            gains |= may_be(app, asker, user).await?;
        }
        if let Some(first) = &create.first_administrator {
            gains |= app.store().reads_mail_at((account, asker.user), &first.email).await?;
        }
        gains
    } else if let Command::ChangeSupport(change) = command {
        match &change.what {
            SupportEdit::GiveFunction(spec) => {
                app.store().may_be_in((account, asker.user), spec.group).await?
            }
            SupportEdit::Delegate(spec) => may_be(app, asker, spec.to).await?,
            SupportEdit::NoteCheck(user, _) => may_be(app, asker, *user).await?,
            SupportEdit::EndDelegation(id) => {
                let found = app.store().delegation(account, *id).await?;
                found.is_some_and(|it| it.to == asker.user)
            }
            SupportEdit::EndFunction(_) => false,
        }
    } else {
        return Ok(None);
    };
    Ok(Some(if gains { Beneficiary::Asker } else { Beneficiary::Other }))
}

/// Whether a user may be the same human as whoever asks (DECISIONS.md 6).
async fn may_be(app: &App, asker: &SignedIn, user: ResourceId) -> Result<bool, Error> {
    Ok(app.store().may_be_one([asker.user, user].map(|it| (asker.account, it))).await?)
}

/// Applies a permitted change to what was read.
pub(in crate::app) async fn apply(
    app: &App,
    permit: Permit,
    change: &SupportChange,
    loaded: Loaded,
) -> Result<Step, Error> {
    let Some(by) = permit.actor().id().map(ResourceId::new) else { return Err(no_such()) };
    let (account, now) = (change.account, app.now());
    match (&change.what, loaded) {
        (SupportEdit::GiveFunction(spec), _) => give(app, permit, (account, by, spec), now).await,
        (SupportEdit::EndFunction(_), Loaded::Function(Some(was))) => {
            let what = What::End(was.id);
            settle(app, permit, (account, now, what), (Made::Function(was), Value::Null)).await
        }
        (SupportEdit::Delegate(spec), _) => delegate(app, permit, (account, by, spec), now).await,
        (SupportEdit::EndDelegation(_), Loaded::Delegation(Some(was))) => {
            let what = What::EndDelegation(was.id);
            settle(app, permit, (account, now, what), (Made::Delegation(was), Value::Null)).await
        }
        (SupportEdit::NoteCheck(user, check), _) => {
            note(app, permit, (account, by, *user), (check, now)).await
        }
        // `load` gives each change what belongs to it.
        (SupportEdit::EndFunction(_) | SupportEdit::EndDelegation(_), _) => Err(no_such()),
    }
}

async fn give(
    app: &App,
    permit: Permit,
    (account, by, spec): (AccountId, ResourceId, &FunctionSpec),
    now: Timestamp,
) -> Result<Step, Error> {
    if !app.store().has_resource("groups", account, spec.group).await? {
        let fault = Wrong::UnknownGroup.of("group", &spec.group.to_string());
        return Err(Error::Fields(vec![fault]));
    }
    let given = GivenFunction {
        account,
        id: SupportFunctionId::new(app.next_id(now)),
        group: spec.group,
        group_name: None,
        post: spec.post,
        // Who signs for others is made by two.
        is_pending: spec.post.makes_approvers(),
        created_at: now,
        created_by: by,
    };
    let what = What::Give(given.clone());
    settle(app, permit, (account, now, what), (Made::Function(given), Value::Null)).await
}

async fn delegate(
    app: &App,
    permit: Permit,
    (account, by, spec): (AccountId, ResourceId, &DelegationSpec),
    now: Timestamp,
) -> Result<Step, Error> {
    let starts_at = spec.period.starts_at.max(now);
    let period = Period { starts_at, ends_at: spec.period.ends_at };
    let mut faults = vec![];
    if app.store().staff_by_id(account, spec.to).await?.is_none() {
        faults.push(Wrong::UnknownUser.of("to", &spec.to.to_string()));
    }
    if period.ends_at <= now {
        faults.push(Wrong::EndsInThePast.of("ends_at", &period.ends_at.rfc3339()));
    } else if period.ends_at <= starts_at {
        faults.push(Wrong::EndsBeforeStart.of("ends_at", ""));
    } else if period.ends_at > starts_at.plus_days(DELEGATION_DAYS) {
        faults.push(SupportWrong::LastsTooLong.of("ends_at", &DELEGATION_DAYS.to_string()));
    }
    refuse(faults)?;
    let id = DelegationId::new(app.next_id(now));
    let made = Delegation { account, id, from: by, to: spec.to, period, created_at: now };
    let what = What::Delegate(made.clone());
    settle(app, permit, (account, now, what), (Made::Delegation(made), Value::Null)).await
}

async fn note(
    app: &App,
    permit: Permit,
    (account, by, user): (AccountId, ResourceId, ResourceId),
    (check, now): (&Check, Timestamp),
) -> Result<Step, Error> {
    if app.store().staff_by_id(account, user).await?.is_none() {
        return Err(Error::NotFound(format!("there is no active user `{user}` in this account")));
    }
    let mut faults = vec![];
    if check.checked_on > Day::of(now) {
        faults.push(SupportWrong::NotYet.of("checked_on", check.checked_on.as_str()));
    }
    if check.valid_until < check.checked_on {
        faults.push(Wrong::EndsBeforeStart.of("valid_until", check.valid_until.as_str()));
    }
    refuse(faults)?;
    let known = app.store().background_check(account, user).await?;
    let was = known.map(|known| Made::Check(user, known).detail()).unwrap_or_default();
    let what = What::Check(user, by, check.clone());
    settle(app, permit, (account, now, what), (Made::Check(user, check.clone()), was)).await
}

async fn settle(
    app: &App,
    permit: Permit,
    (account, now, what): (AccountId, Timestamp, What),
    (made, was): (Made, Value),
) -> Result<Step, Error> {
    let mut activity = app.activity(&permit, account, now);
    activity.target = Some(made.target());
    let detail = made.detail();
    activity.change = match &what {
        What::End(_) | What::EndDelegation(_) => event::Change::between(&detail, &Value::Null),
        What::Give(_) | What::Delegate(_) | What::Check(..) => {
            event::Change::between(&was, &detail)
        }
    };
    activity.detail = Some(detail);
    let is_function = matches!(what, What::Give(_));
    match app.store().change_support(Change { what, activity }, permit).await {
        Ok(true) => Ok(Outcome::Support(Box::new(made)).into()),
        Err(StoreError::Taken) if is_function => {
            Err(Error::Fields(vec![SupportWrong::TwicePosted.of("group", "")]))
        }
        // Taken: two noted a check of the same person at once.
        Ok(false) | Err(StoreError::Taken) => Ok(Step::Moved),
        Err(error) => Err(error.into()),
    }
}

/// W2: who looks after a new account is that, and is active.
pub(super) async fn check_team(
    app: &App,
    permit: &Permit,
    create: &CreateAccount,
) -> Result<Option<NewTeam>, Error> {
    let Actor::User(who) = permit.actor() else { return Ok(None) };
    if create.kind == Kind::Operator {
        return Ok(None);
    }
    let Some(team) = create.team else {
        return Err(Error::Fields(vec![Wrong::Missing.of("csm", "")]));
    };
    let mut faults = vec![];
    let named = [
        ("csm", Function::Csm, Some(team.csm)),
        ("onboarding_pm", Function::OnboardingPm, team.onboarding_pm),
    ];
    for (field, function, user) in named {
        let Some(user) = user else { continue };
        if !app.store().staff_functions(who.account, user, app.now()).await?.has(function) {
            faults.push(SupportWrong::NotOfThatFunction.of(field, &user.to_string()));
        }
    }
    refuse(faults)?;
    Ok(Some(team))
}

fn refuse(faults: Vec<Fault>) -> Result<(), Error> {
    if faults.is_empty() { Ok(()) } else { Err(Error::Fields(faults)) }
}

/// The one text for whatever is not there.
fn no_such() -> Error {
    Error::NotFound("there is no such thing in the operator's account".to_owned())
}

impl Made {
    fn target(&self) -> uuid::Uuid {
        match self {
            Self::Function(it) => it.id.uuid(),
            Self::Delegation(it) => it.id.uuid(),
            Self::Check(user, _) => user.uuid(),
        }
    }

    /// What the record keeps of it: ids, words and days.
    fn detail(&self) -> Value {
        match self {
            Self::Function(it) => json!({
                "group": it.group.uuid(),
                "gives": it.post.kind(),
                "name": it.post.name(),
                "pending": it.is_pending,
            }),
            Self::Delegation(it) => json!({
                "from": it.from.uuid(),
                "to": it.to.uuid(),
                "starts_at": it.period.starts_at.rfc3339(),
                "ends_at": it.period.ends_at.rfc3339(),
            }),
            Self::Check(_, check) => json!({
                "checked_on": check.checked_on.as_str(),
                "valid_until": check.valid_until.as_str(),
            }),
        }
    }
}
