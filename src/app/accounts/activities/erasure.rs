//! Erasing what is personal of the activities about a user. The activities stay, and their chain holds.

use serde_json::json;

use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, ResourceId};
use crate::policy::SystemPermit;
use crate::store::activities::personal::Erasure;

impl App {
    /// Erases addresses and values before and after of what a user did, of what was done to them, and of
    /// what speaks of them; says of how many activities. It is on record that it was done.
    ///
    /// # Errors
    /// [`Error::Denied`] for whoever is not at the operator's command line; [`Error::NotFound`] if there
    /// is nothing of such a user.
    pub async fn erase_personal(
        &self,
        actor: &Actor,
        (account, user): (AccountId, ResourceId),
    ) -> Result<usize, Error> {
        match actor {
            Actor::Platform => {}
            Actor::ScimClient(_) | Actor::User(_) | Actor::System => {
                return Err(Error::Denied {
                    rule: "platform-erases",
                    reason: "personal data in the record is erased at the operator's command line",
                });
            }
        }
        let activities = self.store().activities_about(account, user).await?;
        let count = activities.len();
        if count == 0 {
            return Err(Error::NotFound(
                "the record holds nothing personal about such a user".to_owned(),
            ));
        }
        let line = self.line(account, self.now(), *actor, Event::PersonalDataErased);
        let activity = line.on(user.uuid()).saying(json!({ "activities": count }));
        let erasure = Erasure { account, activities, activity };
        let permit = SystemPermit::for_the("erasure of personal data in the record");
        self.store().erase(erasure, permit).await?;
        Ok(count)
    }
}
