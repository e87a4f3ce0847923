//! The catalogue's releases: the first is activated by the server itself, each later one by a command, and
//! the active one is at hand for what people read.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;

use crate::app::change::{Outcome, Step};
use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::command::ActivateCatalogue;
use crate::domain::event::{Activity, Event};
use crate::domain::ids::AccountId;
use crate::domain::rights::RightKey;
use crate::domain::rights::catalogue::{Catalogue, CatalogueChange, Release, raising_privileged};
use crate::domain::time::Timestamp;
use crate::policy::{Permit, Raise, SystemPermit};
use crate::store::StoreError;
use crate::store::rights::catalogue::Activation;

/// How often the active release is looked for again because another process was faster.
const ATTEMPTS: usize = 3;

/// The active release as it was last seen.
#[derive(Debug, Default)]
pub(in crate::app) struct Seen(Mutex<Option<Arc<Release>>>);

/// What a wanted release follows on.
#[derive(Debug, Clone, Copy)]
pub(in crate::app) struct Standing {
    after: i64,
    /// What policy wants to know of it.
    pub(in crate::app) raise: Raise,
}

/// How a catalogue differs from the active one.
#[derive(Debug)]
pub struct Difference {
    /// The active release, if there is one.
    pub active: Option<Release>,
    /// What is different.
    pub changes: Vec<CatalogueChange>,
    /// Those changes that raise something privileged, for which the command line is not enough.
    pub raising: Vec<CatalogueChange>,
}

impl App {
    /// Sees to it that a catalogue is active: the configured one if none is. If it is another, it stays, and
    /// the log says how to change that.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn open_catalogue(&self) -> Result<(), Error> {
        let active = self.catalogue().await?;
        let configured = &self.settings().catalogue;
        if active.catalogue.hash() != configured.hash() {
            tracing::warn!(
                active = active.catalogue.hash(),
                configured = configured.hash(),
                remedy = "`countersign catalogue diff` shows the difference, `countersign catalogue \
                          activate` activates what is configured",
                "catalogue.another_is_active"
            );
        }
        Ok(())
    }

    /// The active release: one small statement, unless there is a newer one than was seen last.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn catalogue(&self) -> Result<Arc<Release>, Error> {
        let number = self.store().release_number().await?;
        let seen = &self.parts.catalogue.0;
        let last = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(release) = last.filter(|release| release.number == number) {
            return Ok(release);
        }
        let release = Arc::new(self.active_or_first().await?);
        *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&release));
        Ok(release)
    }

    /// The active release, for whoever belongs to an account or administers it (S5).
    ///
    /// # Errors
    /// [`Error::Denied`] if the actor is neither; [`Error::Internal`] if the database fails.
    pub async fn catalogue_for(
        &self,
        actor: &Actor,
        account: AccountId,
    ) -> Result<Arc<Release>, Error> {
        self.belonging(actor, account).await?;
        self.catalogue().await
    }

    /// Those of the rights that the active catalogue does not have: one statement however many, and none
    /// if the one seen last had them all.
    pub(in crate::app) async fn unnamed<'a>(
        &self,
        mut rights: BTreeSet<&'a RightKey>,
    ) -> Result<BTreeSet<&'a RightKey>, Error> {
        let last = self.parts.catalogue.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(release) = last {
            rights.retain(|right| !release.catalogue.rights.contains_key(*right));
        }
        if !rights.is_empty() {
            let active = self.catalogue().await?;
            rights.retain(|right| !active.catalogue.rights.contains_key(*right));
        }
        Ok(rights)
    }

    /// How a catalogue differs from the active one, and what of that takes two people.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn catalogue_difference(&self, new: &Catalogue) -> Result<Difference, Error> {
        let mut past = self.store().releases().await?;
        let raising = raising(&past, new);
        let active = past.pop();
        let changes = active.as_ref().map(|active| active.catalogue.diff(new)).unwrap_or_default();
        Ok(Difference { active, changes, raising })
    }

    async fn active_or_first(&self) -> Result<Release, Error> {
        for _ in 0..ATTEMPTS {
            if let Some(release) = self.store().active_release().await? {
                return Ok(release);
            }
            let at = self.now();
            let catalogue = Arc::clone(&self.settings().catalogue);
            let activity = self.first_activity(&catalogue, at).await?;
            let first = Activation { catalogue, after: 0, at, activity };
            let permit = SystemPermit::for_the("activation of the first catalogue");
            match self.store().activate_first(first, permit).await {
                Ok(_) | Err(StoreError::Taken) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Busy)
    }

    /// On record in the operator's account, if there is one already.
    async fn first_activity(
        &self,
        catalogue: &Catalogue,
        at: Timestamp,
    ) -> Result<Option<Activity>, Error> {
        let operator = self.store().operator().await?;
        Ok(operator.map(|account| {
            self.line(account, at, Actor::System, Event::CatalogueActivated)
                .saying(json!({ "number": 1, "hash": catalogue.hash() }))
        }))
    }
}

/// What a decision about a release rests on.
pub(in crate::app) async fn stand(
    app: &App,
    wanted: &ActivateCatalogue,
) -> Result<Standing, Error> {
    let past = app.store().releases().await?;
    let raise = if raising(&past, &wanted.catalogue).is_empty() {
        Raise::NothingPrivileged
    } else {
        Raise::Privileged
    };
    Ok(Standing { after: past.last().map_or(0, |release| release.number), raise })
}

pub(in crate::app) async fn activate(
    app: &App,
    permit: Permit,
    wanted: &ActivateCatalogue,
    on: Standing,
) -> Result<Step, Error> {
    let after = on.after;
    let catalogue = Arc::clone(&wanted.catalogue);
    let (hash, at) = (catalogue.hash(), app.now());
    let active = app.store().active_release().await?;
    if active.is_some_and(|active| active.catalogue.hash() == hash) {
        return Err(Error::Conflict("this catalogue is the active one already".to_owned()));
    }
    let operator = app.store().operator().await?.ok_or_else(|| {
        Error::NotFound(
            "there is no operator account, which keeps the record of it; make it with `countersign \
             account create NAME --operator`"
                .to_owned(),
        )
    })?;
    let mut activity = app.activity(&permit, operator, at);
    activity.detail = Some(json!({ "number": after + 1, "hash": hash }));
    let release = Activation { catalogue, after, at, activity: Some(activity) };
    match app.store().activate(release, permit).await {
        Ok(true) => Ok(Outcome::Done.into()),
        // Another release came in between.
        Ok(false) | Err(StoreError::Taken) => Ok(Step::Moved),
        Err(error) => Err(error.into()),
    }
}

fn raising(past: &[Release], new: &Catalogue) -> Vec<CatalogueChange> {
    // What is first gives nobody anything yet.
    if past.is_empty() {
        return vec![];
    }
    let past: Vec<Catalogue> = past.iter().map(|release| release.catalogue.clone()).collect();
    raising_privileged(&past, new)
}
