//! Who it is that came: from a provider's subject to a user (PRODUCT.md C3, DECISIONS.md 6, 7, 32).
//!
//! The first time by the connection's link claim, which must be the `externalId` of exactly one live
//! user of the paired provisioning connection; from then on by (issuer, subject), whatever SCIM changes.
//! Never by an e-mail address. A user that was deleted is let go: their subject may link to the one
//! that was made in their place, and stays the same person.
//!
//! Who signed in by a password before is somebody else so far as we know, until a provider tells. If that
//! person has nothing to be kept, no other link and no second factor, the user becomes the subject's
//! person; else an administrator has to unlink the user first, who gives up what the person had.

use serde_json::json;

use crate::app::sso::login::{refuse, unproven};
use crate::app::{App, Error};
use crate::authn::oidc::exchange::{self, Verified};
use crate::authn::oidc::provider::{Provider, Us};
use crate::domain::actor::Actor;
use crate::domain::event::Event;
use crate::domain::ids::{PersonId, ResourceId};
use crate::domain::persons::{Identity, Subject};
use crate::domain::sso::{Refusal, SsoConnection};
use crate::policy::SystemPermit;
use crate::store::StoreError;
use crate::store::authn::Change;
use crate::store::authn::logins::{self, Candidate, NewLink};

/// How often linking starts again because another sign-in was faster.
const ATTEMPTS: usize = 3;

impl App {
    /// The user whom the provider vouches for; linked now if they come for the first time.
    pub(super) async fn user_of(
        &self,
        provider: &Provider,
        us: &Us<'_>,
        verified: &Verified,
    ) -> Result<ResourceId, Error> {
        let subject = Subject { issuer: us.sso.issuer.clone(), subject: verified.subject.clone() };
        for _ in 0..ATTEMPTS {
            match self.store().linked_user(us.sso.account, &subject).await? {
                Some(linked) if linked.exists && linked.is_active => return Ok(linked.user),
                Some(linked) if linked.exists => return Err(refuse(Refusal::Inactive, us.sso)),
                Some(_) | None => {}
            }
            let claim = self.link_claim(provider, us, verified).await?;
            let claim = claim.ok_or_else(|| refuse(Refusal::NotProvisioned, us.sso))?;
            let candidate = self.candidate(us.sso, &claim).await?;
            if self.link(us.sso, &subject, candidate).await? {
                return Ok(candidate.user);
            }
        }
        Err(Error::Busy)
    }

    async fn link_claim(
        &self,
        provider: &Provider,
        us: &Us<'_>,
        verified: &Verified,
    ) -> Result<Option<String>, Error> {
        if verified.link.is_some() {
            return Ok(verified.link.clone());
        }
        let outbound = self.providers().outbound();
        let told = exchange::link_from_userinfo(outbound, provider, us, verified).await;
        told.map_err(|error| unproven(&error, us.sso))
    }

    /// The one user who can be meant.
    async fn candidate(&self, sso: &SsoConnection, claim: &str) -> Result<Candidate, Error> {
        let place = (sso.account, sso.connection);
        let found = self.store().link_candidates(place, &sso.issuer, claim).await?;
        let refusal = match found.as_slice() {
            [] => Refusal::NotProvisioned,
            [one] if one.is_linked || one.is_active => return Ok(*one),
            [_] => Refusal::Inactive,
            _ => Refusal::Ambiguous,
        };
        Err(refuse(refusal, sso))
    }

    /// Makes the link; false if another sign-in was faster.
    async fn link(
        &self,
        sso: &SsoConnection,
        subject: &Subject,
        candidate: Candidate,
    ) -> Result<bool, Error> {
        if candidate.is_linked {
            return self.overtaken(sso, subject).await;
        }
        let now = self.now();
        let elsewhere = self.store().person_of(subject).await?;
        let person = match (candidate.person, elsewhere) {
            (Some(user), Some(other)) if user != other && self.store().has_proofs(user).await? => {
                return self.overtaken(sso, subject).await;
            }
            (_, Some(person)) | (Some(person), None) => Some(person),
            (None, None) => None,
        };
        let identity = Identity {
            account: sso.account,
            subject: subject.clone(),
            user: candidate.user,
            person: person.unwrap_or_else(|| PersonId::new(self.next_id(now))),
            sso: sso.id,
            linked_at: now,
        };
        let activity = self.line(sso.account, now, Actor::System, Event::IdentityLinked);
        let activity = activity.on(candidate.user.uuid()).saying(json!({
            "sso": sso.id.uuid(),
            "claim": sso.link_claim,
            "personBefore": candidate.person.map(PersonId::uuid),
        }));
        let new = NewLink {
            identity,
            is_new_person: person.is_none(),
            person_before: candidate.person,
            activity,
        };
        let change = Change::Logins(logins::Change::Link(Box::new(new)));
        let permit = SystemPermit::for_the("link of a subject to a user");
        match self.store().change_authn(change, permit).await {
            Ok(done) => Ok(done),
            Err(StoreError::Taken) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The user is linked: by this very subject a moment ago, which is false, or else to another, which is
    /// refused.
    async fn overtaken(&self, sso: &SsoConnection, subject: &Subject) -> Result<bool, Error> {
        match self.store().linked_user(sso.account, subject).await? {
            Some(linked) if linked.exists => Ok(false),
            Some(_) | None => Err(refuse(Refusal::LinkedToAnother, sso)),
        }
    }
}
