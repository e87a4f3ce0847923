//! What `countersign demo` gives its people from the beginning, since nobody is there yet who could:
//! rights, and links to enrol a first factor. Nothing else calls this (`tests/it/tidy/fences.rs`).

use secrecy::SecretString;
use serde_json::json;

use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::event::Event;
use crate::domain::ids::AccountId;
use crate::domain::opaque::{self, Sort};
use crate::domain::passwords::links::OneTimeLink;
use crate::policy::SystemPermit;
use crate::scim::fold;
use crate::store::authn::Change;
use crate::store::authn::bootstrap::{Change as BootstrapChange, Seed};

/// What somebody of the demo is given.
#[derive(Debug, Clone, Copy)]
pub enum DemoSeed {
    /// These rights, as seed grants.
    Rights(&'static [&'static str]),
    /// A link to enrol a first factor.
    Link,
}

impl App {
    /// Gives an active user what the demo has them have; a link is shown this once.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such active user.
    pub async fn seed_for_demo(
        &self,
        account: AccountId,
        user_name: &str,
        given: DemoSeed,
    ) -> Result<Option<SecretString>, Error> {
        let found = self.store().staff_by_name(account, &fold::text(user_name)).await?;
        let none = || Error::NotFound(format!("the demo has no active user `{user_name}`"));
        let (user, at) = (found.ok_or_else(none)?.user, self.now());
        let (rights, link) = match given {
            DemoSeed::Rights(rights) => (rights, None),
            DemoSeed::Link => {
                let link = opaque::compose(Sort::Link, self.next_id(at), self.secret());
                ([].as_slice(), Some(link))
            }
        };
        let (text, hash) = link.unzip();
        let detail = json!({ "rights": rights, "link": text.is_some() });
        let activity = self.line(account, at, Actor::Platform, Event::DemoSeeded);
        let activity = activity.on(user.uuid()).saying(detail);
        let link = hash.map(|hash| OneTimeLink::enrolment((account, user), hash, at));
        let seed = Seed { account, user, rights, link, activity };
        let permit = SystemPermit::for_the("seeds of the demo");
        let change = Change::Bootstrap(BootstrapChange::Seed(Box::new(seed)));
        self.store().change_authn(change, permit).await?;
        Ok(text)
    }
}
