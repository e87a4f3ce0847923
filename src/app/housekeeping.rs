//! What the worker has the application do from time to time.

use crate::app::{App, Error};
use crate::domain::effect::Delivery;
use crate::domain::time::Timestamp;
use crate::policy::SystemPermit;
use crate::store::authn::Change;
use crate::store::authn::sweep::Sweep;
use crate::store::schema::SchemaState;

const TEN_MINUTES: i64 = 600 * 1_000_000;
const DAY: i64 = 24 * 3600 * 1_000_000;
/// Deliveries taken at a time; of fewer there are no more just now.
pub const BATCH: usize = 500;

impl App {
    /// What waits to be delivered, oldest of each account first.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn waiting_deliveries(&self) -> Result<Vec<Delivery>, Error> {
        Ok(self.store().waiting_deliveries(BATCH as u64).await?)
    }

    /// Notes when tokens were last used, and how their clients fare.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn note_token_uses(&self) -> Result<(), Error> {
        let uses = self.recent_token_uses();
        if uses.seen.is_empty() && uses.courses.is_empty() {
            return Ok(());
        }
        let permit = SystemPermit::for_the("noting of last uses");
        Ok(self.store().note_token_uses(uses, permit).await?)
    }

    /// Takes out what is of no use any more: sign-ins, ceremonies and seeds that took longer than ten
    /// minutes; a day after their end sessions, one-time links, counts of tries and kept answers; keys and tokens
    /// that verify nothing any more.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails; the rest is taken out next time.
    pub async fn clean_up(&self) -> Result<(), Error> {
        let now = self.now();
        let before = |micros: i64| Timestamp::from_micros(now.micros().saturating_sub(micros));
        let sweep = Sweep { begun: before(TEN_MINUTES), now, ended: before(DAY) };
        let permit = SystemPermit::for_the("clean-up of what is of no use any more");
        self.store().change_authn(Change::Sweep(sweep), permit).await?;
        self.remove_ended_keys().await
    }

    /// Has the database count tables that have grown and were never counted; false if none is left.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails, or this role may not.
    pub async fn count_new_tables(&self) -> Result<bool, Error> {
        Ok(self.store().count_new_tables().await?)
    }

    /// A number that grows with each revocation of a token, by whatever process.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn revocation_seq(&self) -> Result<i64, Error> {
        Ok(self.store().revocation_seq().await?)
    }

    /// Whether requests can be served.
    pub async fn readiness(&self) -> Readiness {
        match self.store().schema_state().await {
            Ok(SchemaState::Current) => Readiness::Ready,
            Ok(SchemaState::Behind(steps)) => Readiness::MigrationsMissing(steps),
            Err(error) => {
                tracing::warn!(%error, "housekeeping.not_ready");
                Readiness::NoDatabase
            }
        }
    }
}

/// Whether requests can be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// They can.
    Ready,
    /// The schema is older than this binary by so many steps.
    MigrationsMissing(usize),
    /// The database does not answer.
    NoDatabase,
}
