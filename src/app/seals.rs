//! The keys that seal secrets at rest: which are in use, and sealing all anew under the first.
//!
//! Step by step, each a transaction of its own, while servers run: what is killed goes on where it
//! was, since what is sealed by the first key is passed over.

use std::collections::BTreeMap;

use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::app::{App, Error};
use crate::authn::envelope::{EnvelopeError, Keyring};
use crate::domain::actor::Actor;
use crate::domain::event::Event;
use crate::domain::keys::seals::{Kind, Place};
use crate::policy::SystemPermit;
use crate::store::authn::seals::{Change, Kept, Resealed};

/// How many secrets of a kind a key seals.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// The kind.
    pub kind: Kind,
    /// The key's id; what is too damaged to name one shows none.
    pub key: Option<String>,
    /// Whether they open by the keys that are configured.
    pub opens: bool,
    /// How many.
    pub count: u64,
}

/// How many, by kind, key, and whether they open.
type Counts = BTreeMap<(Kind, Option<String>, bool), u64>;

/// A sealing anew under way.
#[derive(Debug)]
pub struct Resealing<'a> {
    app: &'a App,
    kinds: std::slice::Iter<'static, Kind>,
    at: Option<(Kind, Option<Place>)>,
    counts: BTreeMap<Kind, u64>,
}

impl App {
    /// Which keys seal how much, and whether it opens. Reads every sealed secret.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn seals(&self) -> Result<Vec<Use>, Error> {
        let mut found = Counts::new();
        for kind in Kind::ALL {
            self.count(kind, &mut found).await?;
        }
        let each = |((kind, key, opens), count)| Use { kind, key, opens, count };
        Ok(found.into_iter().map(each).collect())
    }

    /// Begins to seal anew whatever the first key does not seal yet.
    ///
    /// # Errors
    /// [`EnvelopeError::NoKey`] if the configuration names no key.
    pub fn resealing(&self) -> Result<Resealing<'_>, EnvelopeError> {
        self.settings().keyring.first().ok_or(EnvelopeError::NoKey)?;
        let mut kinds = const { &Kind::ALL }.iter();
        let at = kinds.next().map(|kind| (*kind, None));
        Ok(Resealing { app: self, kinds, at, counts: BTreeMap::new() })
    }

    async fn count(&self, kind: Kind, found: &mut Counts) -> Result<(), Error> {
        let mut page = self.store().sealed(kind, None).await?;
        while let Some(last) = page.last().map(|kept| kept.place.clone()) {
            for kept in &page {
                let key = Keyring::key_id(&kept.sealed).map(str::to_owned);
                *found.entry((kind, key, self.opens(kept))).or_default() += 1;
            }
            page = self.store().sealed(kind, Some(&last)).await?;
        }
        Ok(())
    }

    fn opens(&self, kept: &Kept) -> bool {
        self.settings().keyring.open(&kept.place.text(), &kept.sealed).is_ok()
    }
}

impl Resealing<'_> {
    /// Goes on by a few secrets; false if there are no more. What does not open is left as it is.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails; what was done stays.
    pub async fn step(&mut self) -> Result<bool, Error> {
        let Some((kind, after)) = self.at.take() else { return Ok(false) };
        let page = self.app.store().sealed(kind, after.as_ref()).await?;
        self.at = match page.last() {
            Some(last) => Some((kind, Some(last.place.clone()))),
            None => self.kinds.next().map(|kind| (*kind, None)),
        };
        let changed: Vec<Resealed> =
            page.into_iter().filter_map(|kept| self.seal_anew(kept)).collect();
        if !changed.is_empty() {
            *self.counts.entry(kind).or_default() += changed.len() as u64;
            let permit = SystemPermit::for_the("sealing of secrets under the first key");
            self.app.store().change_authn(Change::Reseal(changed).into(), permit).await?;
        }
        Ok(true)
    }

    /// Puts what was done on record, in the operator's account if there is one; how much of each kind.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn finish(self) -> Result<BTreeMap<Kind, u64>, Error> {
        let (app, at) = (self.app, self.app.now());
        let key = app.settings().keyring.first().unwrap_or_default();
        let all: u64 = self.counts.values().sum();
        tracing::info!(key, all, "secrets.resealed");
        if let (Some(account), true) = (app.store().operator().await?, all > 0) {
            let counts = self.counts.iter().map(|(kind, count)| json!([kind.name(), count]));
            let detail = json!({ "key": key, "counts": counts.collect::<Vec<_>>() });
            let activity = app.line(account, at, Actor::Platform, Event::SecretsResealed);
            let activity = activity.on(account.uuid()).saying(detail);
            let permit = SystemPermit::for_the("record of secrets sealed anew");
            app.store().change_authn(Change::Record(Box::new(activity)).into(), permit).await?;
        }
        Ok(self.counts)
    }

    fn seal_anew(&self, was: Kept) -> Option<Resealed> {
        let keyring = &self.app.settings().keyring;
        if keyring.is_current(&was.sealed) {
            return None;
        }
        let place = was.place.text();
        let plain = keyring.open(&place, &was.sealed).ok()?;
        let now = keyring.seal(&place, plain.expose_secret()).ok()?;
        Some(Resealed { was, now })
    }
}
