//! Bundles: made, copied, changed, taken away.

use serde_json::json;

use crate::app::change::{Outcome, Step, check_match};
use crate::app::rights::{Made, author, no_such, refuse};
use crate::app::{App, Error};
use crate::domain::command::rights::RightsChange;
use crate::domain::ids::{AccountId, BundleId};
use crate::domain::rights::bundles::{Bundle, BundleEdit, BundleSpec, Origin};
use crate::domain::rights::faults::{Fault, Wrong, check_note, check_text};
use crate::policy::Permit;
use crate::store::StoreError;
use crate::store::rights::{self, What, bundles};

pub(super) async fn create(
    app: &App,
    permit: Permit,
    change: &RightsChange,
    (spec, origin): (&BundleSpec, Option<Bundle>),
) -> Result<Step, Error> {
    let mut faults = vec![];
    let origin = origin.filter(|origin| origin.account == AccountId::CATALOGUE);
    if let (Some(id), None) = (spec.origin, &origin) {
        faults.push(Wrong::UnknownBundle.of("origin", &id.to_string()));
    }
    let copied = origin.as_ref().map(|origin| origin.rights.clone());
    let (now, release) = (app.now(), app.store().catalogue_release().await?);
    let bundle = Bundle {
        account: change.account,
        id: BundleId::new(app.next_id(now)),
        key: None,
        name: spec.name.trim().to_owned(),
        description: spec.description.trim().to_owned(),
        rights: spec.rights.clone().or(copied).unwrap_or_default(),
        origin: origin.map(|origin| Origin { id: origin.id, release }),
        created_by: author(&permit),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    check(app, &bundle, &mut faults).await?;
    refuse(faults)?;
    settle(app, permit, bundles::Change::Create(Box::new(bundle.clone())), bundle).await
}

pub(super) async fn edit(
    app: &App,
    permit: Permit,
    change: &RightsChange,
    (edit, was): (&BundleEdit, Option<Bundle>),
) -> Result<Step, Error> {
    let was = own(was, change)?;
    let mut now = was.clone();
    if let Some(name) = &edit.name {
        name.trim().clone_into(&mut now.name);
    }
    if let Some(description) = &edit.description {
        description.trim().clone_into(&mut now.description);
    }
    if let Some(rights) = &edit.rights {
        now.rights.clone_from(rights);
    }
    if now == was {
        return Ok(Outcome::Rights(Box::new(Made::Bundle(was))).into());
    }
    let mut faults = vec![];
    check(app, &now, &mut faults).await?;
    refuse(faults)?;
    now.version += 1;
    now.updated_at = app.now();
    settle(app, permit, bundles::Change::Edit(Box::new(was), Box::new(now.clone())), now).await
}

pub(super) async fn delete(
    app: &App,
    permit: Permit,
    change: &RightsChange,
    was: Option<Bundle>,
) -> Result<Step, Error> {
    let was = own(was, change)?;
    if app.store().is_used(was.account, was.id.uuid()).await? {
        return Err(Error::Fields(vec![Wrong::StillUsed.of("id", &was.name)]));
    }
    settle(app, permit, bundles::Change::Delete(Box::new(was.clone())), was).await
}

/// The bundle, if it is one that the account may change, and the one that was meant.
fn own(was: Option<Bundle>, change: &RightsChange) -> Result<Bundle, Error> {
    let was = was.ok_or_else(|| no_such("bundle"))?;
    if was.account != change.account {
        return Err(Error::Fields(vec![Wrong::Predefined.of("id", &was.name)]));
    }
    check_match(change.if_match.as_ref(), &was.version.to_string())?;
    Ok(was)
}

async fn check(app: &App, bundle: &Bundle, faults: &mut Vec<Fault>) -> Result<(), Error> {
    check_text("name", &bundle.name, faults);
    check_note("description", &bundle.description, faults);
    for key in app.store().unknown_rights(&bundle.rights).await? {
        faults.push(Wrong::UnknownRight.of("rights", key.as_str()));
    }
    Ok(())
}

async fn settle(
    app: &App,
    permit: Permit,
    what: bundles::Change,
    made: Bundle,
) -> Result<Step, Error> {
    let mut activity = app.activity(&permit, made.account, made.updated_at.max(app.now()));
    activity.target = Some(made.id.uuid());
    activity.detail =
        Some(json!({ "rights": made.rights.iter().map(ToString::to_string).collect::<Vec<_>>() }));
    let change = rights::Change { what: What::Bundles(what), activity };
    match app.store().change_rights(change, permit).await {
        Ok(true) => Ok(Outcome::Rights(Box::new(Made::Bundle(made))).into()),
        Ok(false) => Ok(Step::Moved),
        Err(StoreError::Taken) => Err(Error::Fields(vec![Wrong::NameTaken.of("name", &made.name)])),
        Err(error) => Err(error.into()),
    }
}
