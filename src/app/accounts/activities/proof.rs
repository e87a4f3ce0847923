//! Proving the record in the database: what `audit verify --database` says.

use serde_json::Value;

use crate::app::{App, Error};
use crate::authn::checkpoints::is_signed;
use crate::domain::actor::Actor;
use crate::domain::event::checkpoints::Checkpoint;
use crate::domain::event::listed::{Filter, Listed};
use crate::domain::event::proof::{Fault, Proof, Report, What};
use crate::domain::ids::AccountId;
use crate::domain::records::pages::{Order, Wanted};

/// How many activities are read at a time.
const BATCH: u32 = 500;

impl App {
    /// Proves an account's record, the newest first, against the checkpoints in the database and those
    /// that were kept outside. Those in the database must be signed by keys that were kept outside, or if
    /// none were, by one that is there too.
    ///
    /// # Errors
    /// [`Error::Denied`] if policy refuses; [`Error::Internal`] if the database fails, or a row does not
    /// read.
    pub async fn prove_record(
        &self,
        actor: &Actor,
        account: AccountId,
        (outside, keys): (&[Checkpoint], &[Value]),
    ) -> Result<Report, Error> {
        let mut proof = Proof::default();
        self.each_recorded(actor, account, |it| {
            proof.add_body(&it.body());
            Ok::<_, Error>(())
        })
        .await?;
        let stored = self.store().checkpoints(account).await?;
        let known = self.checkpoint_keys().await?;
        let known: Vec<Value> =
            known.iter().map(|key| serde_json::from_str(key).unwrap_or_default()).collect();
        let keys = if keys.is_empty() { &known } else { keys };
        let (mut checkpoints, unsigned): (Vec<_>, Vec<_>) =
            stored.into_iter().partition(|it| is_signed(it, keys));
        checkpoints.extend(outside.iter().filter(|it| it.account == account).cloned());
        let mut report = proof.finish(&checkpoints);
        report.faults.extend(unsigned.iter().map(unsigned_fault));
        Ok(report)
    }

    /// Reads all that is on record of an account, the newest first.
    ///
    /// # Errors
    /// As [`App::activities`], and what is said of a line.
    pub async fn each_recorded<E: From<Error>>(
        &self,
        actor: &Actor,
        account: AccountId,
        mut say: impl FnMut(&Listed) -> Result<(), E>,
    ) -> Result<(), E> {
        let (filter, order) = (Filter::default(), Order { field: "at", is_descending: true });
        let mut next = Some(Wanted { order, after: None, limit: BATCH });
        while let Some(wanted) = next.take() {
            let part = self.activities(actor, account, (&filter, &wanted)).await?;
            part.items.iter().try_for_each(&mut say)?;
            next = part.next.map(|place| Wanted { after: Some(place), ..wanted });
        }
        Ok(())
    }

    /// Which of the database's own walls around the record are not in force.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn missing_walls(&self) -> Result<Vec<Fault>, Error> {
        let missing = self.store().missing_walls().await?;
        let fault = |name| Fault {
            what: What::Unguarded,
            spot: None,
            text: format!("the trigger `{name}`, which keeps the record as it is, is not in force"),
        };
        Ok(missing.into_iter().map(fault).collect())
    }
}

/// A checkpoint in the database that proves nothing.
fn unsigned_fault(it: &Checkpoint) -> Fault {
    let text = format!(
        "the database's checkpoint of {} (number {}) is not signed by the keys that are known",
        it.at, it.seq
    );
    Fault { what: What::Unsigned, spot: None, text }
}
