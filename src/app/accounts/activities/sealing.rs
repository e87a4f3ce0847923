//! Sealing the record, by the worker: what is delivered from the outbox becomes the next links of its
//! account's chain.

use crate::app::{App, Error};
use crate::domain::effect::Delivery;
use crate::domain::event::checkpoints::EVERY;
use crate::domain::ids::AccountId;
use crate::policy::SystemPermit;
use crate::store::activities::chain::{Seal, Sealing};
use crate::store::outbox::Taken;

/// How often it begins again because another process sealed meanwhile.
const ATTEMPTS: usize = 100;

impl App {
    /// Takes out what was delivered, and seals what it announced, at once.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails, [`Error::Busy`] if others are always faster; then it is
    /// delivered again.
    pub async fn finish_deliveries(&self, delivered: Vec<Delivery>) -> Result<(), Error> {
        for _ in 0..ATTEMPTS {
            let (sealing, full) = self.sealing(&delivered).await?;
            let permit =
                SystemPermit::for_the("seals of the record, and taking of delivered effects");
            if self.store().seal(sealing, permit).await? {
                self.try_to_sign(&full).await;
                return Ok(());
            }
        }
        Err(Error::Busy)
    }

    /// What is to be written, and which accounts have come so far that a checkpoint is due.
    async fn sealing(&self, delivered: &[Delivery]) -> Result<(Sealing, Vec<AccountId>), Error> {
        let (mut heads, mut seals, mut full) = (vec![], vec![], vec![]);
        for (account, (read, lines)) in self.store().unsealed(delivered).await? {
            let mut head = read;
            for line in lines {
                seals.push(Seal { account, activity: line.id, link: head.take(&line) });
            }
            if head.seq.div_euclid(EVERY) > read.seq.div_euclid(EVERY) {
                full.push(account);
            }
            if head != read {
                heads.push((account, read));
            }
        }
        Ok((Sealing { heads, seals, taken: Taken(delivered.to_vec()) }, full))
    }
}
