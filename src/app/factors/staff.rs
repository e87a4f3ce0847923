//! Links by which the operator's staff enrol their first second factor, given out by approvers. The first
//! two have theirs from `countersign bootstrap`.

use secrecy::SecretString;

use crate::app::change::{Outcome, Step};
use crate::app::{App, Error};
use crate::domain::actor::SignedIn;
use crate::domain::command::IssueEnrolmentLink;
use crate::domain::factors::FRESH;
use crate::domain::ids::ResourceId;
use crate::domain::opaque::{self, Sort, reveal};
use crate::domain::passwords::links::OneTimeLink;
use crate::domain::sessions::Session;
use crate::domain::time::Timestamp;
use crate::policy::{self, Enrollee, Permit};
use crate::store::authn::links::Enrolment;

pub use crate::store::authn::staff::Member;

/// How many staff a page lists.
pub const PAGE: usize = 50;

/// A link just made.
#[derive(Debug)]
pub struct EnrolmentLink {
    /// What people call whom it is for.
    pub display_name: String,
    /// Its secret, shown this once.
    pub secret: SecretString,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// A page of the operator's staff.
#[derive(Debug)]
pub struct StaffPage {
    /// Those on it, by user name.
    pub members: Vec<Member>,
    /// Behind whom the next page begins, if there is one.
    pub next: Option<ResourceId>,
}

/// Makes the link that a command asks for.
pub(in crate::app) async fn issue(
    app: &App,
    permit: Permit,
    issue: &IssueEnrolmentLink,
    enrollee: Enrollee,
) -> Result<Step, Error> {
    let asker = permit.actor().id().map(ResourceId::new);
    let (Enrollee::Unenrolled, Some(asker)) = (enrollee, asker) else {
        return Err(no_such(issue.user));
    };
    let Some(found) = app.store().staff_by_id(issue.account, issue.user).await? else {
        return Err(no_such(issue.user));
    };
    let at = app.now();
    let (secret, hash) = opaque::compose(Sort::Link, app.next_id(at), app.secret());
    let link = OneTimeLink::enrolment((issue.account, issue.user), hash, at);
    let expires_at = link.expires_at;
    let activity = app.activity(&permit, issue.account, at);
    if !app.store().issue_enrolment(Enrolment { link, asker, activity }, permit).await? {
        return Ok(Step::Moved);
    }
    let made = EnrolmentLink { display_name: found.display_name, secret, expires_at };
    Ok(Outcome::EnrolmentLink(made).into())
}

/// The one text for whoever is not there, another account's users included.
pub(in crate::app) fn no_such(user: ResourceId) -> Error {
    Error::NotFound(format!("there is no active user `{user}` in this account"))
}

impl App {
    /// A page of the operator's active staff, from behind somebody on.
    ///
    /// # Errors
    /// [`Error::Denied`] if the session's user may not see them, or not without showing a second factor
    /// again.
    pub async fn list_staff(
        &self,
        session: &Session,
        behind: Option<ResourceId>,
    ) -> Result<StaffPage, Error> {
        let (signed_in, now) = (session.signed_in(), self.now());
        let held = self.store().held(session.account, session.user, now).await?;
        let scope = policy::staff_scope(&signed_in, &held, self.is_fresh(session, FRESH))
            .map_err(|denial| Error::Denied { rule: denial.rule, reason: denial.reason })?;
        let mut members = self.store().list_staff(&scope, behind, (PAGE + 1, now)).await?;
        let has_more = members.len() > PAGE;
        members.truncate(PAGE);
        let next = members.last().map(|last| last.user).filter(|_| has_more);
        Ok(StaffPage { members, next })
    }

    /// Whether the session's user may see the operator's staff, once they have shown a second factor.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn may_see_staff(&self, session: &Session) -> Result<bool, Error> {
        if !session.is_staff {
            return Ok(false);
        }
        let held = self.store().held(session.account, session.user, self.now()).await?;
        Ok(policy::may_see_staff(&session.signed_in(), &held))
    }

    /// The address that opens an enrolment link.
    pub fn enrolment_url(&self, secret: &SecretString) -> String {
        format!("{}/enrol/{}", self.settings().public_url, reveal(secret))
    }

    /// Who a user is to somebody signed in to the same account who asks for a link for them.
    pub(in crate::app) async fn enrollee(
        &self,
        asker: &SignedIn,
        user: ResourceId,
    ) -> Result<Enrollee, Error> {
        let Some(has_factor) = self.store().staff_has_factor(asker.account, user).await? else {
            return Ok(Enrollee::Nobody);
        };
        if asker.user == user {
            return Ok(Enrollee::Asker);
        }
        if self.store().may_be_one([asker.user, user].map(|it| (asker.account, it))).await? {
            return Ok(Enrollee::Suspect);
        }
        Ok(if has_factor { Enrollee::Enrolled } else { Enrollee::Unenrolled })
    }
}
