//! Group mappings: made, paused, resumed, taken away. A group is named by its id, never by its name.

use crate::app::change::check_match;
use crate::app::rights::{Given, Made, Ready, by, no_such, refuse};
use crate::app::{App, Error};
use crate::domain::account::Kind;
use crate::domain::command::rights::RightsChange;
use crate::domain::ids::{AccountId, MappingId};
use crate::domain::rights::bundles::Level;
use crate::domain::rights::faults::{Fault, Wrong, check_note, check_text};
use crate::domain::rights::sources::{
    Gift, Givee, Mapping, MappingEdit, MappingSpec, Period, Place,
};
use crate::domain::time::Timestamp;
use crate::policy::Permit;
use crate::store::rights::{What, mappings};

pub(super) async fn create(
    app: &App,
    permit: &Permit,
    change: &RightsChange,
    (spec, given): (&MappingSpec, Option<Given>),
) -> Result<Ready, Error> {
    let (now, mut faults) = (app.now(), vec![]);
    let account = change.account;
    check_givee(app, account, &spec.givee, &mut faults).await?;
    let owner = check_gift((&spec.gift, given), spec.place, &mut faults);
    if matches!(spec.gift, Gift::Right(_)) {
        faults.push(Wrong::NothingGiven.of(spec.gift.kind(), ""));
    }
    check_place(app, account, spec.place, &mut faults).await?;
    check_period(spec.period, now, &mut faults);
    check_note("reason", &spec.reason, &mut faults);
    refuse(faults)?;
    let mapping = Mapping {
        account,
        id: MappingId::new(app.next_id(now)),
        givee: spec.givee.clone(),
        gift: spec.gift.clone(),
        gift_owner: owner.unwrap_or(account),
        place: spec.place,
        period: spec.period,
        paused: false,
        reason: spec.reason.clone(),
        created_by: by(permit),
        created_at: now,
        changed_by: by(permit),
        changed_at: now,
        version: 1,
    };
    if let Some(same) = app.store().same_mapping(&mapping).await? {
        refuse(vec![Wrong::TwiceMapped.of(mapping.gift.kind(), &same.id.to_string())])?;
    }
    Ok(Ready::change(
        What::Mappings(mappings::Change::Create(Box::new(mapping.clone()))),
        Made::Mapping(mapping),
        now,
    ))
}

pub(super) fn edit(
    app: &App,
    permit: &Permit,
    change: &RightsChange,
    (edit, was): (&MappingEdit, Option<Mapping>),
) -> Result<Ready, Error> {
    let was = was.ok_or_else(|| no_such("group mapping"))?;
    check_match(change.if_match.as_ref(), &was.version.to_string())?;
    let at = app.now();
    let now = Mapping {
        period: Period {
            starts_at: edit.starts_at.unwrap_or(was.period.starts_at),
            ends_at: edit.ends_at.unwrap_or(was.period.ends_at),
        },
        paused: edit.paused.unwrap_or(was.paused),
        reason: edit.reason.clone().unwrap_or_else(|| was.reason.clone()),
        ..was.clone()
    };
    if now == was {
        return Ok(Ready::Unchanged(Made::Mapping(was)));
    }
    let mut faults = vec![];
    if now.period != was.period {
        check_period(now.period, at, &mut faults);
    }
    check_note("reason", &now.reason, &mut faults);
    refuse(faults)?;
    let now = Mapping { changed_by: by(permit), changed_at: at, version: was.version + 1, ..now };
    let what = mappings::Change::Edit(Box::new(was), Box::new(now.clone()));
    Ok(Ready::change(What::Mappings(what), Made::Mapping(now), at))
}

pub(super) fn end(app: &App, change: &RightsChange, was: Option<Mapping>) -> Result<Ready, Error> {
    let was = was.ok_or_else(|| no_such("group mapping"))?;
    check_match(change.if_match.as_ref(), &was.version.to_string())?;
    let what = mappings::Change::End(Box::new(was.clone()));
    Ok(Ready::change(What::Mappings(what), Made::Mapping(was), app.now()))
}

async fn check_givee(
    app: &App,
    account: AccountId,
    givee: &Givee,
    faults: &mut Vec<Fault>,
) -> Result<(), Error> {
    match givee {
        Givee::Group(group) => {
            if !app.store().has_resource("groups", account, *group).await? {
                faults.push(Wrong::UnknownGroup.of("group", &group.to_string()));
            }
        }
        Givee::Pushed { connection, value } => {
            if !app.store().has_connection(account, *connection).await? {
                faults.push(
                    Wrong::UnknownConnection.of("pushed_role.connection", &connection.to_string()),
                );
            }
            check_text("pushed_role.value", value, faults);
        }
    }
    Ok(())
}

/// Whose the gift is; a workspace's role needs a workspace, an account's role none.
pub(super) fn check_gift(
    (gift, given): (&Gift, Option<Given>),
    place: Place,
    faults: &mut Vec<Fault>,
) -> Option<AccountId> {
    let Some(given) = given else {
        let (wrong, value) = match gift {
            Gift::Bundle(id) => (Wrong::UnknownBundle, id.to_string()),
            Gift::Role(id) => (Wrong::UnknownRole, id.to_string()),
            Gift::Right(key) => (Wrong::UnknownRight, key.to_string()),
        };
        faults.push(wrong.of(gift.kind(), &value));
        return None;
    };
    match (given.level, place) {
        (Some(Level::Workspace), Place::Account | Place::Children) => {
            faults.push(Wrong::WorkspaceRoleElsewhere.of("place", place.kind()));
        }
        (Some(Level::Account), Place::Workspace(_)) => {
            faults.push(Wrong::AccountRoleInWorkspace.of("place", place.kind()));
        }
        (Some(Level::Workspace), Place::Workspace(_))
        | (Some(Level::Account), Place::Account | Place::Children)
        | (None, _) => {}
    }
    given.owner
}

pub(super) async fn check_place(
    app: &App,
    account: AccountId,
    place: Place,
    faults: &mut Vec<Fault>,
) -> Result<(), Error> {
    match place {
        Place::Account => {}
        Place::Workspace(id) => {
            if !app.store().has_workspace(account, id).await? {
                faults.push(Wrong::UnknownWorkspace.of("workspace", &id.to_string()));
            }
        }
        Place::Children => {
            if app.store().account_kind(account).await? != Some(Kind::Parent) {
                faults.push(Wrong::NotAParent.of("place", place.kind()));
            }
        }
    }
    Ok(())
}

pub(super) fn check_period(period: Period, now: Timestamp, faults: &mut Vec<Fault>) {
    if period.ends_at <= period.starts_at {
        faults.push(Wrong::EndsBeforeStart.of("ends_at", ""));
    } else if period.ends_at <= now {
        faults.push(Wrong::EndsInThePast.of("ends_at", &period.ends_at.rfc3339()));
    }
}
