//! Grants: given to one user and taken away. They stand beside what groups give, and SCIM never
//! touches them.

use crate::app::change::check_match;
use crate::app::rights::mappings::{check_gift, check_period, check_place};
use crate::app::rights::{Given, Made, Ready, by, no_such, refuse};
use crate::app::{App, Error};
use crate::domain::command::rights::RightsChange;
use crate::domain::ids::GrantId;
use crate::domain::rights::faults::{Wrong, check_text};
use crate::domain::rights::sources::{By, Grant, GrantSpec};
use crate::policy::Permit;
use crate::store::rights::{What, grants};

pub(super) async fn give(
    app: &App,
    permit: &Permit,
    change: &RightsChange,
    (spec, given): (&GrantSpec, Option<Given>),
) -> Result<Ready, Error> {
    let (now, mut faults) = (app.now(), vec![]);
    let account = change.account;
    if !app.store().has_resource("users", account, spec.user).await? {
        faults.push(Wrong::UnknownUser.of("user", &spec.user.to_string()));
    }
    let owner = check_gift((&spec.gift, given), spec.place, &mut faults);
    check_place(app, account, spec.place, &mut faults).await?;
    check_period(spec.period, now, &mut faults);
    // Who, when and why: each grant has all three.
    check_text("reason", &spec.reason, &mut faults);
    refuse(faults)?;
    let grant = Grant {
        account,
        id: GrantId::new(app.next_id(now)),
        user: spec.user,
        gift: spec.gift.clone(),
        gift_owner: owner,
        place: spec.place,
        period: spec.period,
        reason: spec.reason.clone(),
        given_by: By { person: None, ..by(permit) },
        given_at: now,
        version: 1,
    };
    if let Some(same) = app.store().same_grant(&grant).await? {
        refuse(vec![Wrong::TwiceGiven.of("user", &same.id.to_string())])?;
    }
    let what = grants::Change::Give(Box::new(grant.clone()));
    Ok(Ready::change(What::Grants(what), Made::Grant(grant), now))
}

pub(super) fn end(app: &App, change: &RightsChange, was: Option<Grant>) -> Result<Ready, Error> {
    let was = was.ok_or_else(|| no_such("grant"))?;
    check_match(change.if_match.as_ref(), &was.version.to_string())?;
    let what = grants::Change::End(Box::new(was.clone()));
    Ok(Ready::change(What::Grants(what), Made::Grant(was), app.now()))
}
