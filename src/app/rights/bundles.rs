//! Bundles: made, copied, changed, taken away.

use crate::app::change::check_match;
use crate::app::rights::{Made, Ready, author, no_such, refuse};
use crate::app::{App, Error};
use crate::domain::command::rights::RightsChange;
use crate::domain::ids::{AccountId, BundleId};
use crate::domain::rights::bundles::{Bundle, BundleEdit, BundleSpec, Origin};
use crate::domain::rights::faults::{Fault, Wrong, check_note, check_text};
use crate::policy::Permit;
use crate::store::rights::{What, bundles};

pub(super) async fn create(
    app: &App,
    permit: &Permit,
    change: &RightsChange,
    (spec, origin): (&BundleSpec, Option<Bundle>),
) -> Result<Ready, Error> {
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
        created_by: author(permit),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    check(app, &bundle, &mut faults).await?;
    refuse(faults)?;
    Ok(Ready::change(
        What::Bundles(bundles::Change::Create(Box::new(bundle.clone()))),
        Made::Bundle(bundle),
        now,
    ))
}

pub(super) async fn edit(
    app: &App,
    change: &RightsChange,
    (edit, was): (&BundleEdit, Option<Bundle>),
) -> Result<Ready, Error> {
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
        return Ok(Ready::Unchanged(Made::Bundle(was)));
    }
    let mut faults = vec![];
    check(app, &now, &mut faults).await?;
    refuse(faults)?;
    now.version += 1;
    now.updated_at = app.now();
    let at = now.updated_at;
    Ok(Ready::change(
        What::Bundles(bundles::Change::Edit(Box::new(was), Box::new(now.clone()))),
        Made::Bundle(now),
        at,
    ))
}

pub(super) async fn delete(
    app: &App,
    change: &RightsChange,
    was: Option<Bundle>,
) -> Result<Ready, Error> {
    let was = own(was, change)?;
    if app.store().is_used(was.account, was.id.uuid()).await? {
        return Err(Error::Fields(vec![Wrong::StillUsed.of("id", &was.name)]));
    }
    Ok(Ready::change(
        What::Bundles(bundles::Change::Delete(Box::new(was.clone()))),
        Made::Bundle(was),
        app.now(),
    ))
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
    if app.store().has_name("bundles", (bundle.account, bundle.id.uuid()), &bundle.name).await? {
        faults.push(Wrong::NameTaken.of("name", &bundle.name));
    }
    check_note("description", &bundle.description, faults);
    for key in app.store().unknown_rights(&bundle.rights).await? {
        faults.push(Wrong::UnknownRight.of("rights", key.as_str()));
    }
    Ok(())
}
