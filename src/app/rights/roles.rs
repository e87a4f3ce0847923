//! Roles: made, copied, changed, taken away.

use crate::app::change::check_match;
use crate::app::rights::{Made, Ready, author, no_such, refuse};
use crate::app::{App, Error};
use crate::domain::command::rights::RightsChange;
use crate::domain::ids::{AccountId, RoleId};
use crate::domain::rights::bundles::{Origin, Role, RoleEdit, RoleSpec};
use crate::domain::rights::faults::{Fault, Wrong, check_note, check_text};
use crate::policy::Permit;
use crate::store::rights::{What, roles};

/// How many bundles a role carries at most.
const BUNDLES: usize = 100;

pub(super) async fn create(
    app: &App,
    permit: &Permit,
    change: &RightsChange,
    (spec, origin): (&RoleSpec, Option<Role>),
) -> Result<Ready, Error> {
    let mut faults = vec![];
    let origin = origin.filter(|origin| origin.account == AccountId::CATALOGUE);
    if let (Some(id), None) = (spec.origin, &origin) {
        faults.push(Wrong::UnknownRole.of("origin", &id.to_string()));
    }
    let copied = origin.as_ref().map(|origin| origin.bundles.clone());
    let (now, release) = (app.now(), app.store().catalogue_release().await?);
    let role = Role {
        account: change.account,
        id: RoleId::new(app.next_id(now)),
        key: None,
        level: spec.level,
        name: spec.name.trim().to_owned(),
        description: spec.description.trim().to_owned(),
        bundles: spec.bundles.clone().or(copied).unwrap_or_default(),
        origin: origin.map(|origin| Origin { id: origin.id, release }),
        created_by: author(permit),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    check(app, &role, &mut faults).await?;
    refuse(faults)?;
    Ok(Ready::change(
        What::Roles(roles::Change::Create(Box::new(role.clone()))),
        Made::Role(role),
        now,
    ))
}

pub(super) async fn edit(
    app: &App,
    change: &RightsChange,
    (edit, was): (&RoleEdit, Option<Role>),
) -> Result<Ready, Error> {
    let was = own(was, change)?;
    let mut now = was.clone();
    if let Some(name) = &edit.name {
        name.trim().clone_into(&mut now.name);
    }
    if let Some(description) = &edit.description {
        description.trim().clone_into(&mut now.description);
    }
    if let Some(bundles) = &edit.bundles {
        now.bundles.clone_from(bundles);
    }
    if now == was {
        return Ok(Ready::Unchanged(Made::Role(was)));
    }
    let mut faults = vec![];
    check(app, &now, &mut faults).await?;
    refuse(faults)?;
    now.version += 1;
    now.updated_at = app.now();
    let at = now.updated_at;
    Ok(Ready::change(
        What::Roles(roles::Change::Edit(Box::new(was), Box::new(now.clone()))),
        Made::Role(now),
        at,
    ))
}

pub(super) async fn delete(
    app: &App,
    change: &RightsChange,
    was: Option<Role>,
) -> Result<Ready, Error> {
    let was = own(was, change)?;
    if app.store().is_used(was.account, was.id.uuid()).await? {
        return Err(Error::Fields(vec![Wrong::StillUsed.of("id", &was.name)]));
    }
    Ok(Ready::change(
        What::Roles(roles::Change::Delete(Box::new(was.clone()))),
        Made::Role(was),
        app.now(),
    ))
}

/// The role, if it is one that the account may change, and the one that was meant.
fn own(was: Option<Role>, change: &RightsChange) -> Result<Role, Error> {
    let was = was.ok_or_else(|| no_such("role"))?;
    if was.account != change.account {
        return Err(Error::Fields(vec![Wrong::Predefined.of("id", &was.name)]));
    }
    check_match(change.if_match.as_ref(), &was.version.to_string())?;
    Ok(was)
}

async fn check(app: &App, role: &Role, faults: &mut Vec<Fault>) -> Result<(), Error> {
    check_text("name", &role.name, faults);
    if app.store().has_name("roles", (role.account, role.id.uuid()), &role.name).await? {
        faults.push(Wrong::NameTaken.of("name", &role.name));
    }
    check_note("description", &role.description, faults);
    if role.bundles.len() > BUNDLES {
        faults.push(Wrong::TooMany.of("bundles", &BUNDLES.to_string()));
        return Ok(());
    }
    for id in &role.bundles {
        if app.store().bundle(role.account, *id).await?.is_none() {
            faults.push(Wrong::UnknownBundle.of("bundles", &id.to_string()));
        }
    }
    Ok(())
}
