//! Links to choose a password: sent to whoever is invited or forgot theirs, shown by GET, used by POST.

use secrecy::SecretString;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::app::change::origin;
use crate::app::change::{Outcome, Step};
use crate::app::passwords::{Chosen, contact, may_have_one};
use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::command::SendLink;
use crate::domain::effect::mails::{Contents, Letter};
use crate::domain::event::{Activity, Event};
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::opaque::{self, Sort, reveal};
use crate::domain::passwords::links::{OneTimeLink, Purpose};
use crate::domain::passwords::tries::{MAILS_OF_NETWORK, MAILS_TO_ADDRESS, Subject};
use crate::domain::rights::faults::Wrong;
use crate::domain::sessions::Visitor;
use crate::domain::time::Timestamp;
use crate::domain::users::contact::Language;
use crate::policy::{Permit, SystemPermit};
use crate::scim::fold;
use crate::store::authn::links::Issue;
use crate::store::authn::passwords::{By, PasswordUser};
use crate::store::authn::{Change, links};

/// What a link opens, for the page that shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// What it is for.
    pub purpose: Purpose,
    /// The account's name for people.
    pub account_name: String,
    /// The user's own language.
    pub language: Option<Language>,
}

/// What came of asking for a mail.
#[derive(Debug)]
pub enum Asked {
    /// Whoever has that address will have a mail; the work goes on.
    Taken(JoinHandle<()>),
    /// Too many were asked for.
    Wait {
        /// How long until the next one.
        seconds: u64,
    },
}

/// Sends the link that a command asks for.
pub(in crate::app) async fn send(
    app: &App,
    permit: Permit,
    send: &SendLink,
    user: &PasswordUser,
) -> Result<Step, Error> {
    let name = &send.user_name;
    match (send.purpose, user.hash.is_some()) {
        (Purpose::Invitation, true) => {
            return Err(Error::Conflict(format!(
                "user `{name}` has a password already; use `countersign user reset-password`"
            )));
        }
        (Purpose::Reset, false) => {
            return Err(Error::Conflict(format!(
                "user `{name}` has no password yet; use `countersign user invite`"
            )));
        }
        (Purpose::Invitation, false) | (Purpose::Reset, true) => {}
        (Purpose::Enrolment, _) => {
            let what = "links to enrol a second factor are not sent by this command".to_owned();
            return Err(Error::Conflict(what));
        }
    }
    if !user.is_active {
        return Err(Error::Conflict(format!(
            "user `{name}` is not active; make them active first"
        )));
    }
    // An address that SCIM has put in the place of the known one counts here: whoever runs the command was
    // asked in person, and the old address is told (CVE-2022-1680 was about asking for it oneself).
    let Some(address) = contact(user)?.address else {
        return Err(Error::Conflict(format!(
            "user `{name}` has no e-mail address; have the identity provider send one"
        )));
    };
    let mut activity = app.activity(&permit, send.account, app.now());
    activity.target = Some(user.user.uuid());
    let whose = (user.account, user.user);
    let issue = app.link_to(whose, (send.purpose, address), Language::default(), activity)?;
    app.store().issue_link(issue, permit).await?;
    Ok(Outcome::Done.into())
}

/// Sends the link that an administrator asks for: an invitation while there is no password, then a reset
/// (S10, S11). Who asks never sees it.
///
/// A reset goes only to the address that the user is known to read: administrators change addresses, and
/// nobody comes in as another administrator by that (C5).
pub(in crate::app) async fn send_for_administrator(
    app: &App,
    permit: Permit,
    account: AccountId,
    user: &PasswordUser,
) -> Result<Step, Error> {
    let contact = contact(user)?;
    let has_own = user.hash.is_some() && !user.is_initial;
    let purpose = if has_own { Purpose::Reset } else { Purpose::Invitation };
    let known = user.mail_key.as_ref().filter(|key| contact.keys.contains(key));
    let address = match purpose {
        Purpose::Reset => known.map(|key| contact.spelling(key)).ok_or(Wrong::OtherAddress),
        Purpose::Invitation | Purpose::Enrolment => contact.address.ok_or(Wrong::NoAddress),
    };
    let address = match address {
        Ok(address) if user.is_active => address,
        Ok(_) => return Err(Error::Fields(vec![Wrong::NotActive.of("active", "")])),
        Err(wrong) => return Err(Error::Fields(vec![wrong.of("email", "")])),
    };
    let counted = vec![(Subject::mail(&fold::text(&address)), MAILS_TO_ADDRESS)];
    if let Some(seconds) = app.must_wait(counted).await? {
        return Err(Error::Wait { seconds });
    }
    let mut activity = app.activity(&permit, account, app.now());
    activity.detail = Some(json!({ "purpose": purpose.as_str() }));
    let whose = (user.account, user.user);
    let issue = app.link_to(whose, (purpose, address), Language::default(), activity)?;
    app.store().issue_link(issue, permit).await?;
    Ok(Outcome::Done.into())
}

impl App {
    /// Takes a wish for another password. The answer is given before anything is looked up, so that it
    /// tells nothing, nor does the time it takes; what comes of it is a mail or none.
    ///
    /// A link goes only to an address that the user is known to read, since a link sent there was
    /// used: an address that SCIM put in its place since gets none (CVE-2022-1680).
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn ask_for_reset(
        &self,
        address: &str,
        visitor: &Visitor,
        language: Language,
    ) -> Result<Asked, Error> {
        let key = fold::text(address.trim());
        let counted = vec![
            (Subject::mail_network(visitor), MAILS_OF_NETWORK),
            (Subject::mail(&key), MAILS_TO_ADDRESS),
        ];
        if let Some(seconds) = self.must_wait(counted).await? {
            return Ok(Asked::Wait { seconds });
        }
        let app = self.clone();
        Ok(Asked::Taken(tokio::spawn(origin::kept(async move {
            if let Err(error) = app.send_resets(&key, language).await {
                tracing::error!(%error, "passwords.reset_not_sent");
            }
        }))))
    }

    /// What a link opens. It is not used by this: programs that look at mails open links too.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn open_link(&self, secret: &str) -> Result<Option<Opened>, Error> {
        let Some((link, user)) = self.live_link(secret).await? else { return Ok(None) };
        Ok(Some(Opened {
            purpose: link.purpose,
            language: contact(&user)?.language,
            account_name: user.account_name,
        }))
    }

    /// Sets the password of the user whom the link was sent to, and uses the link up. All their
    /// sessions end; it does not sign in, so a second factor stays due.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many passwords are being checked.
    pub async fn choose_password(
        &self,
        secret: &str,
        wanted: &SecretString,
    ) -> Result<Chosen, Error> {
        let Some((link, user)) = self.live_link(secret).await? else { return Ok(Chosen::Gone) };
        let by = (By::Link(link.secret_hash), link.mail_key);
        self.set_password(&user, wanted, by, Actor::System).await
    }

    /// The link of that secret, with its user, if it opens anything now.
    pub(super) async fn live_link(
        &self,
        secret: &str,
    ) -> Result<Option<(OneTimeLink, PasswordUser)>, Error> {
        let Some(presented) = opaque::read(Sort::Link, secret) else { return Ok(None) };
        let found = self.store().link(presented.hash()).await?;
        let now = self.now();
        let is_ours = |link: &OneTimeLink| {
            let is_for_password = matches!(link.purpose, Purpose::Invitation | Purpose::Reset);
            is_for_password && link.is_live(now)
        };
        let Some(link) = found.filter(is_ours) else { return Ok(None) };
        let Some(user) = self.store().password_user(link.account, link.user).await? else {
            return Ok(None);
        };
        let has_address = match &link.mail_key {
            Some(key) => contact(&user)?.keys.contains(key),
            None => false,
        };
        let is_same = user.is_active && user.active_since <= link.created_at && has_address;
        Ok((is_same && may_have_one(&user)).then_some((link, user)))
    }

    async fn send_resets(&self, key: &str, language: Language) -> Result<(), Error> {
        for user in self.store().password_users_at(key).await? {
            let contact = contact(&user)?;
            let has_address = contact.keys.iter().any(|known| known == key);
            if !(has_address && user.is_active && may_have_one(&user)) {
                continue;
            }
            let address = contact.spelling(key);
            let now = self.now();
            let whose = (user.account, user.user);
            let activity = self.password_activity(whose, Event::ResetSent, Actor::System, now);
            let issue = self.link_to(whose, (Purpose::Reset, address), language, activity)?;
            let permit = SystemPermit::for_the("sending of a link that its user asked for");
            let change = Change::Links(links::Change::Issue(Box::new(issue)));
            self.store().change_authn(change, permit).await?;
        }
        Ok(())
    }

    /// A link for somebody, in a mail to their address.
    pub(in crate::app) fn link_to(
        &self,
        (account, user): (AccountId, ResourceId),
        (purpose, address): (Purpose, String),
        language: Language,
        activity: Activity,
    ) -> Result<Issue, Error> {
        let now = activity.at;
        let (link, secret) = self.new_link((account, user), (purpose, &address), now);
        let letter = match purpose {
            Purpose::Invitation | Purpose::Enrolment => Letter::Invitation,
            Purpose::Reset => Letter::Reset,
        };
        let contents =
            Contents { to: address, link: Some(reveal(&secret).to_owned()), about: None };
        let mail = self.seal_mail((account, user), (letter, language), &contents, now)?;
        Ok(Issue { link, mail: Some(mail), activity })
    }

    /// A link to choose a password in the place of the one that an administrator handed over, for whoever
    /// has shown that (DECISIONS.md 33). It is mailed to nobody; none if the user has no address.
    pub(super) async fn hand_link(
        &self,
        user: &PasswordUser,
    ) -> Result<Option<SecretString>, Error> {
        let Some(address) = contact(user)?.address else { return Ok(None) };
        let now = self.now();
        let whose = (user.account, user.user);
        let (link, secret) = self.new_link(whose, (Purpose::Invitation, &address), now);
        let event = Event::InitialPasswordUsed;
        let activity = self.password_activity(whose, event, Actor::System, now);
        let permit = SystemPermit::for_the("handing of a link for an initial password");
        let change =
            Change::Links(links::Change::Issue(Box::new(Issue { link, mail: None, activity })));
        self.store().change_authn(change, permit).await?;
        Ok(Some(secret))
    }

    fn new_link(
        &self,
        (account, user): (AccountId, ResourceId),
        (purpose, address): (Purpose, &str),
        now: Timestamp,
    ) -> (OneTimeLink, SecretString) {
        let id = self.next_id(now);
        let (secret, secret_hash) = opaque::compose(Sort::Link, id, self.secret());
        let link = OneTimeLink {
            secret_hash,
            purpose,
            account,
            user,
            mail_key: Some(fold::text(address)),
            created_at: now,
            expires_at: purpose.end(now),
            used_at: None,
        };
        (link, secret)
    }
}
