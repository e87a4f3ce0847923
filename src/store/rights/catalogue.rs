//! Releases of the catalogue, and the rows that effective rights are computed from.
//!
//! What a release does not change stays as it is, so that periods say since when something holds. What is
//! predefined belongs to the account with the nil id.

mod heads;
pub(crate) mod losses;
mod periods;

use std::collections::BTreeSet;
use std::sync::Arc;

use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult, Value};
use uuid::Uuid;

use crate::domain::event::Activity;
use crate::domain::rights::RightKey;
use crate::domain::rights::catalogue::{
    Catalogue, CatalogueBundle, CatalogueRight, CatalogueRole, Release, bundle_id, role_id,
};
use crate::domain::time::Timestamp;
use crate::policy::{Permit, SystemPermit};
use crate::store::dialect::Dialect;
use crate::store::rights::catalogue::heads::{Head, Heads};
use crate::store::rights::catalogue::periods::{BUNDLE_RIGHTS, RIGHTS, ROLE_BUNDLES, RightRow};
use crate::store::script::Sql;
use crate::store::writer::{Rows, Warrant, Write};
use crate::store::{Result, Store, activities};

/// A release to be activated.
#[derive(Debug)]
pub(crate) struct Activation {
    /// What it says.
    pub(crate) catalogue: Arc<Catalogue>,
    /// The number of the release that is active, 0 if there is none; not done if another is.
    pub(crate) after: i64,
    /// When.
    pub(crate) at: Timestamp,
    /// The activity, where there is an account to keep it.
    pub(crate) activity: Option<Activity>,
}

impl Store {
    /// Activates a release that was decided on; false if another was activated meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Taken`](crate::store::StoreError::Taken) likewise, and if the database fails.
    pub(crate) async fn activate(&self, release: Activation, permit: Permit) -> Result<bool> {
        Ok(self.writer.apply(write(release), Warrant::Decided(permit)).await?.done)
    }

    /// Activates the first release, likewise.
    ///
    /// # Errors
    /// Likewise.
    pub(crate) async fn activate_first(
        &self,
        release: Activation,
        permit: SystemPermit,
    ) -> Result<bool> {
        Ok(self.writer.apply(write(release), Warrant::System(permit)).await?.done)
    }

    /// The number of the active release; 0 if there is none.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn release_number(&self) -> Result<i64> {
        let select = "SELECT coalesce(max(number), 0) FROM catalogue_releases";
        let row =
            self.reads.query_one_raw(Sql::new(select, vec![]).statement(self.dialect)).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0))
    }

    /// The active release.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn active_release(&self) -> Result<Option<Release>> {
        let mut found = self.releases_by("number DESC LIMIT 1").await?;
        Ok(found.pop())
    }

    /// All releases, the active one last.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn releases(&self) -> Result<Vec<Release>> {
        self.releases_by("number").await
    }

    async fn releases_by(&self, order: &str) -> Result<Vec<Release>> {
        let select =
            format!("SELECT number, activated_at, text FROM catalogue_releases ORDER BY {order}");
        let rows =
            self.reads.query_all_raw(Sql::new(select, vec![]).statement(self.dialect)).await?;
        rows.iter().map(release).collect()
    }
}

fn write(release: Activation) -> Write {
    Rows::Catalogue(Box::new(release)).into()
}

pub(in crate::store) async fn apply(
    tx: &DatabaseTransaction,
    release: &Activation,
) -> Result<bool> {
    let Activation { catalogue, after, at, activity } = release;
    let (dialect, at) = (Dialect::of(tx), at.micros());
    let (number, hash): (Value, Value) = ((after + 1).into(), catalogue.hash().into());
    let insert = Sql::new(
        "INSERT INTO catalogue_releases (number, hash, text, activated_at) SELECT ?, ?, ?, ? \
         WHERE (SELECT coalesce(max(number), 0) FROM catalogue_releases) = ?",
        vec![number, hash, catalogue.text().into(), at.into(), (*after).into()],
    );
    if tx.execute_raw(insert.statement(dialect)).await?.rows_affected() == 0 {
        return Ok(false);
    }
    periods::settle(tx, at, &RIGHTS, rights(catalogue)).await?;
    let bundles = periods::settle(tx, at, &BUNDLE_RIGHTS, bundle_rights(catalogue)).await?;
    let roles = periods::settle(tx, at, &ROLE_BUNDLES, role_bundles(catalogue)).await?;
    heads::settle(tx, at, &Heads { table: "bundles", wanted: bundle_heads(catalogue) }, &bundles)
        .await?;
    heads::settle(tx, at, &Heads { table: "roles", wanted: role_heads(catalogue) }, &roles).await?;
    // Whatever was computed by the old one is stale, in each account (DECISIONS.md 11).
    let stale = Sql::new("UPDATE accounts SET shape_version = shape_version + 1", vec![]);
    tx.execute_raw(stale.statement(dialect)).await?;
    if let Some(activity) = activity {
        activities::insert(tx, activity).await?;
    }
    Ok(true)
}

fn rights(catalogue: &Catalogue) -> BTreeSet<RightRow> {
    let row = |(key, right): (&RightKey, &CatalogueRight)| {
        let key = key.as_str().to_owned();
        (key, right.recipient_safe, right.permission.clone(), right.privileged)
    };
    catalogue.rights.iter().map(row).collect()
}

fn bundle_rights(catalogue: &Catalogue) -> BTreeSet<(Uuid, String)> {
    let each = catalogue.bundles.iter().flat_map(|(key, bundle)| {
        let id = bundle_id(key).uuid();
        bundle.rights.iter().map(move |right| (id, right.as_str().to_owned()))
    });
    each.collect()
}

fn role_bundles(catalogue: &Catalogue) -> BTreeSet<(Uuid, Uuid)> {
    let each = catalogue.roles.iter().flat_map(|(key, role)| {
        let id = role_id(key).uuid();
        role.bundles.iter().map(move |bundle| (id, bundle_id(bundle).uuid()))
    });
    each.collect()
}

fn bundle_heads(catalogue: &Catalogue) -> Vec<Head> {
    let head = |(key, bundle): (&String, &CatalogueBundle)| {
        Head::new(bundle_id(key).uuid(), key, None, &bundle.texts)
    };
    catalogue.bundles.iter().map(head).collect()
}

fn role_heads(catalogue: &Catalogue) -> Vec<Head> {
    let head = |(key, role): (&String, &CatalogueRole)| {
        Head::new(role_id(key).uuid(), key, Some(role.level), &role.texts)
    };
    catalogue.roles.iter().map(head).collect()
}

fn release(row: &QueryResult) -> Result<Release> {
    let text: String = row.try_get_by_index(2)?;
    Ok(Release {
        number: row.try_get_by_index(0)?,
        activated_at: Timestamp::from_micros(row.try_get_by_index(1)?),
        catalogue: Catalogue::of_release(&text),
    })
}
