//! Groups: creating, replacing, patching, deleting. Members are rows, so a group is never loaded with
//! them to change them.

use serde_json::{Map, Value};

use crate::app::change::lines::{changed_attributes, changed_values};
use crate::app::change::{Outcome, Step, check_match, not_found, place, preset};
use crate::app::{App, Error};
use crate::domain::command::{Create, Delete, Patch, Replace};
use crate::domain::event::{Activity, Change};
use crate::domain::groups::{Group, known_form};
use crate::domain::ids::ResourceId;
use crate::domain::records::{Record, Want};
use crate::policy::{self, Permit};
use crate::scim::error::ScimError;
use crate::scim::fold;
use crate::scim::members::{self, Delta, MemberPlan};
use crate::scim::patch::{self, Operation};
use crate::scim::preset::Preset;
use crate::scim::schema::ResourceKind;
use crate::scim::value::Notes;
use crate::store::StoreError;
use crate::store::groups::{GroupChange, Members, StoredGroup};
use crate::store::members::OneWay;

/// How many members a line of the record names at most.
const NAMED: usize = 100;

/// How a PATCH of a group is applied: found once, and then carried.
pub(super) enum Way {
    /// It only adds members, or only removes some: one statement does it all and finds its target.
    Members(MemberChange),
    /// It needs the group. What does not split is refused, but only once the group is found and its
    /// version looked at.
    Whole(Result<Split, ScimError>),
}

/// Members to add or to remove, folded.
pub(super) struct MemberChange {
    ids: Vec<String>,
    adds: bool,
}

/// A PATCH in two: what it does to members, and the other operations.
pub(super) struct Split {
    rest: Vec<Operation>,
    plan: MemberPlan,
    delta: Option<Delta>,
}

/// The way of a PATCH of a group.
pub(super) fn way(patch: &Patch, preset: Preset) -> Way {
    let (rest, plan) = match members::split(patch.operations.clone(), preset) {
        Ok(split) => split,
        Err(error) => return Way::Whole(Err(error)),
    };
    let delta = plan.delta();
    match delta {
        Some(Delta { clear: false, add, remove })
            if rest.is_empty()
                && patch.if_match.is_none()
                && add.is_empty() != remove.is_empty() =>
        {
            let adds = !add.is_empty();
            Way::Members(MemberChange { ids: if adds { add } else { remove }, adds })
        }
        delta => Way::Whole(Ok(Split { rest, plan, delta })),
    }
}

pub(super) async fn create(app: &App, permit: Permit, create: &Create) -> Result<Step, Error> {
    let (account, connection) = place(&permit)?;
    let now = app.now();
    let id = ResourceId::new(app.next_id(now));
    let group = Group::new(id, create.incoming.document.clone())?;
    let wanted = create.incoming.members.clone().unwrap_or_default();
    let members = known_form(&wanted);
    check_known(app, &permit, wanted.len(), &members).await?;
    let mut activity = app.activity(&permit, account, now);
    activity.target = Some(id.uuid());
    activity.change = changed_values(&Map::new(), &group.document);
    note_members(&mut activity, (members.len(), 0));
    name_members(&mut activity, &members, &[]);
    let made = app.store().create_group((connection, id), (&group, &members), &activity, permit);
    if !made.await?.done {
        return Err(taken(&group));
    }
    let record = Record {
        kind: ResourceKind::Group,
        id,
        document: group.text,
        version: "1".to_owned(),
        created_at: now,
        updated_at: now,
        groups: vec![],
        members: None,
        holdings: None,
    };
    Ok(Outcome::Resource(record).into())
}

pub(super) async fn replace(
    app: &App,
    permit: Permit,
    replace: &Replace,
    stored: &StoredGroup,
) -> Result<Step, Error> {
    check_match(replace.if_match.as_ref(), &stored.record.version)?;
    let before = read(stored)?;
    let after = Group::new(replace.id, replace.incoming.document.clone())?;
    let wanted = replace.incoming.members.clone().unwrap_or_default();
    let delta = Delta { clear: true, add: wanted, remove: vec![] };
    update(app, permit, stored, (before, after), &delta).await
}

pub(super) async fn patch(
    app: &App,
    permit: Permit,
    patch: &Patch,
    (stored, split): (&StoredGroup, Result<Split, ScimError>),
) -> Result<Step, Error> {
    check_match(patch.if_match.as_ref(), &stored.record.version)?;
    let Split { rest, plan, delta } = split?;
    let before = read(stored)?;
    let mut document = before.document.clone();
    let mut notes = Notes::default();
    patch::apply(ResourceKind::Group, &mut document, &rest, preset(&permit), &mut notes)?;
    let after = Group::new(patch.id, document)?;
    let delta = match delta {
        Some(delta) => delta,
        None => delta_over_current(app, &permit, stored, &plan).await?,
    };
    update(app, permit, stored, (before, after), &delta).await
}

/// A PATCH that only adds or only removes members.
pub(super) async fn change_members(
    app: &App,
    permit: Permit,
    patch: &Patch,
    MemberChange { ids, adds }: MemberChange,
) -> Result<Step, Error> {
    let (account, connection) = place(&permit)?;
    let members = known_form(&ids);
    if adds {
        check_known(app, &permit, ids.len(), &members).await?;
    }
    let mut activity = app.activity(&permit, account, app.now());
    let (added, removed) = if adds { (&*members, &[][..]) } else { (&[][..], &*members) };
    note_members(&mut activity, (added.len(), removed.len()));
    name_members(&mut activity, added, removed);
    let change = if adds { OneWay::Add(&members) } else { OneWay::Remove(&members) };
    let place = (connection, patch.id);
    let applied = app.store().change_members(place, change, &activity, permit).await?;
    if applied.version.is_none() {
        return Err(not_found(patch.kind, patch.id));
    }
    let known = applied.known.and_then(|known| usize::try_from(known).ok()).unwrap_or(0);
    note_unknown(patch.id, ids.len().saturating_sub(known));
    Ok(Outcome::Done.into())
}

pub(super) async fn delete(
    app: &App,
    permit: Permit,
    delete: &Delete,
    stored: &StoredGroup,
) -> Result<Step, Error> {
    check_match(delete.if_match.as_ref(), &stored.record.version)?;
    let (account, _) = place(&permit)?;
    let mut activity = app.activity(&permit, account, app.now());
    activity.change = changed_values(&read(stored)?.document, &Map::new());
    let applied = app.store().delete_group(delete.id, stored, &activity, permit).await?;
    Ok(if applied.done { Outcome::Done.into() } else { Step::Moved })
}

async fn update(
    app: &App,
    permit: Permit,
    stored: &StoredGroup,
    (before, after): (Group, Group),
    delta: &Delta,
) -> Result<Step, Error> {
    let (account, _) = place(&permit)?;
    let (add, remove) = (known_form(&delta.add), known_form(&delta.remove));
    check_known(app, &permit, delta.add.len(), &add).await?;
    let changes_members = if delta.clear {
        let scope = policy::scope(permit.actor());
        app.store().member_difference(&scope, stored.record.id, &add).await? != (0, 0)
    } else {
        !add.is_empty() || !remove.is_empty()
    };
    if after.document == before.document && !changes_members {
        return Ok(Outcome::Resource(stored.record.clone()).into());
    }
    let mut activity = app.activity(&permit, account, app.now());
    activity.detail = Some(changed_attributes(&before.document, &after.document));
    activity.change = changed_values(&before.document, &after.document);
    note_members(&mut activity, (add.len(), remove.len()));
    if !delta.clear {
        name_members(&mut activity, &add, &remove);
    }
    let members = if delta.clear {
        Members::Exactly(&add)
    } else {
        Members::Delta { add: &add, remove: &remove }
    };
    let change =
        GroupChange { id: stored.record.id, after: &after, stored, members, activity: &activity };
    match app.store().update_group(change, permit).await {
        Ok(applied) if applied.done => {
            let record = Record {
                document: after.text,
                version: (stored.version + 1).to_string(),
                updated_at: activity.at,
                ..stored.record.clone()
            };
            Ok(Outcome::Resource(record).into())
        }
        Ok(_) => Ok(Step::Moved),
        Err(StoreError::Taken) => Err(taken(&after)),
        Err(error) => Err(error.into()),
    }
}

/// Removal by a condition on members needs to see them.
async fn delta_over_current(
    app: &App,
    permit: &Permit,
    stored: &StoredGroup,
    plan: &MemberPlan,
) -> Result<Delta, Error> {
    let scope = policy::scope(permit.actor());
    let want = Want { members: true, ..Want::default() };
    let target = (ResourceKind::Group, stored.record.id);
    let found = app.store().find(&scope, target, want).await?;
    let members: Vec<Value> = found
        .and_then(|record| record.members)
        .unwrap_or_default()
        .iter()
        .map(|link| {
            serde_json::json!({
                "value": link.id.to_string(), "type": link.kind.name(), "display": link.display,
            })
        })
        .collect();
    let folded = fold::document(ResourceKind::Group, &serde_json::json!({ "members": members }));
    let folded = folded.get("members").and_then(Value::as_array).cloned().unwrap_or_default();
    Ok(plan.delta_over(&folded))
}

/// The RFC's letter refuses unknown members; identity providers need them passed over (DECISIONS.md 21).
async fn check_known(
    app: &App,
    permit: &Permit,
    wanted: usize,
    ids: &[ResourceId],
) -> Result<(), Error> {
    if !preset(permit).is_strict() || wanted == 0 {
        return Ok(());
    }
    let scope = policy::scope(permit.actor());
    let known = app.store().count_known(&scope, ids).await?;
    if usize::try_from(known).ok() == Some(wanted) {
        return Ok(());
    }
    let detail = "a value in `members` names no user or group of this connection";
    Err(Error::Invalid(ScimError::value(detail)))
}

/// Says who came and who went, if they are not too many to be said.
fn name_members(activity: &mut Activity, added: &[ResourceId], removed: &[ResourceId]) {
    let Change { before, after } = &mut activity.change;
    for (side, ids) in [(after, added), (before, removed)] {
        if !(1..=NAMED).contains(&ids.len()) {
            continue;
        }
        let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
        if let Value::Object(side) = side.get_or_insert_with(|| Value::Object(Map::new())) {
            side.insert("members".to_owned(), texts.into());
        }
    }
}

fn note_members(activity: &mut Activity, (added, removed): (usize, usize)) {
    if added + removed == 0 {
        return;
    }
    let detail = activity.detail.get_or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(detail) = detail {
        detail.insert("membersAdded".to_owned(), added.into());
        detail.insert("membersRemoved".to_owned(), removed.into());
    }
}

fn note_unknown(group: ResourceId, unknown: usize) {
    if unknown > 0 {
        tracing::info!(%group, unknown, "groups.unknown_members_passed_over");
    }
}

fn read(stored: &StoredGroup) -> Result<Group, Error> {
    let document: Map<String, Value> =
        serde_json::from_str(&stored.record.document).map_err(|error| {
            let what = format!("{}: {error}", stored.record.id);
            Error::Internal(StoreError::Inconsistent { table: "groups", what })
        })?;
    Ok(Group::new(stored.record.id, document)?)
}

fn taken(group: &Group) -> Error {
    Error::Conflict(format!(
        "displayName `{}` is taken by another group of this connection (upper and lower case \
         count as one); find it with a filter on displayName, or choose another",
        group.display_name
    ))
}
