//! Properties defined, changed, taken away.

use serde_json::json;

use crate::app::change::{Outcome, Step, check_match};
use crate::app::users::people::{Made, no_such, refuse};
use crate::app::{App, Error};
use crate::domain::command::people::{PeopleChange, PropertyEdit, PropertySpec};
use crate::domain::ids::{AccountId, PropertyId};
use crate::domain::rights::faults::Wrong;
use crate::domain::users::properties::{MAX_PROPERTIES, Property};
use crate::policy::Permit;
use crate::store::StoreError;
use crate::store::users::properties::{Change, What};

pub(super) async fn define(
    app: &App,
    permit: Permit,
    account: AccountId,
    (spec, defined): (&PropertySpec, &[Property]),
) -> Result<Step, Error> {
    let (value_type, choices) = spec.checked().map_err(Error::Fields)?;
    if defined.len() as u64 >= MAX_PROPERTIES {
        refuse(vec![Wrong::TooMany.of("key", &MAX_PROPERTIES.to_string())])?;
    }
    let now = app.now();
    let property = Property {
        account,
        id: PropertyId::new(app.next_id(now)),
        key: spec.key.clone(),
        label: spec.label.trim().to_owned(),
        value_type,
        choices,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    settle(app, permit, What::Define(property.clone()), property).await
}

pub(super) async fn edit(
    app: &App,
    permit: Permit,
    change: &PeopleChange,
    (edit, was): (&PropertyEdit, Option<Property>),
) -> Result<Step, Error> {
    let was = was.ok_or_else(|| no_such("property"))?;
    check_match(change.if_match.as_ref(), &was.version.to_string())?;
    let (now, faults) = was.edited(edit);
    refuse(faults)?;
    if now == was {
        return Ok(Outcome::Person(Box::new(Made::Property(was))).into());
    }
    if app.store().has_value_beyond(&now).await? {
        refuse(vec![Wrong::StillHad.of("choices", "")])?;
    }
    let now = Property { updated_at: app.now(), version: was.version + 1, ..now };
    settle(app, permit, What::Edit(now.clone()), now).await
}

pub(super) async fn remove(
    app: &App,
    permit: Permit,
    change: &PeopleChange,
    was: Option<Property>,
) -> Result<Step, Error> {
    let was = was.ok_or_else(|| no_such("property"))?;
    check_match(change.if_match.as_ref(), &was.version.to_string())?;
    let was = Property { updated_at: app.now(), ..was };
    settle(app, permit, What::Remove(was.id), was).await
}

async fn settle(app: &App, permit: Permit, what: What, made: Property) -> Result<Step, Error> {
    let mut activity = app.activity(&permit, made.account, made.updated_at);
    activity.target = Some(made.id.uuid());
    activity.detail = Some(json!({ "key": made.key, "type": made.value_type.as_str() }));
    match app.store().change_properties(Change { what, activity }, permit).await {
        Ok(true) => Ok(Outcome::Person(Box::new(Made::Property(made))).into()),
        Ok(false) => Ok(Step::Moved),
        Err(StoreError::Taken) => Err(Error::Fields(vec![Wrong::NameTaken.of("key", &made.key)])),
        Err(error) => Err(error.into()),
    }
}
