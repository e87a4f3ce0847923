//! Signing in by a password, and changing it (S10).
//!
//! Whoever may not have one (staff, users who come by SSO) is answered like a stranger, after the same
//! work: nothing here tells who exists. A try is counted before it is made.

pub mod links;
pub mod mails;

use secrecy::SecretString;
use serde_json::Map;

use crate::app::sign_in::{Proof, Shown, SignedInNow};
use crate::app::{App, Error};
use crate::authn::passwords::{HashError, is_outdated};
use crate::domain::actor::Actor;
use crate::domain::command::people::InitialPassword;
use crate::domain::event::{Activity, Event};
use crate::domain::ids::{AccountId, ResourceId, SessionId};
use crate::domain::opaque;
use crate::domain::passwords::tries::{
    Limit, PASSWORDS_OF_NETWORK, PASSWORDS_OF_USER, PASSWORDS_OF_USER_HERE, Subject,
};
use crate::domain::passwords::{Password, Refusal};
use crate::domain::sessions::{Session, Visitor};
use crate::domain::time::Timestamp;
use crate::domain::users::contact::{Contact, Language};
use crate::policy::{Comes, SystemPermit};
use crate::scim::fold;
use crate::store::StoreError;
use crate::store::authn::passwords::{By, NewPassword, PasswordUser, Rehash};
use crate::store::authn::{Change, passwords, rates};

/// How often counting a try starts again because another one was faster.
const ATTEMPTS: usize = 5;

/// What was typed into the form.
#[derive(Debug)]
pub struct PasswordEntry<'a> {
    /// The account's name in URLs.
    pub account: &'a str,
    /// The `userName`, or the address that the user is known to read.
    pub user_name: &'a str,
    /// The password.
    pub password: &'a SecretString,
    /// Where it comes from.
    pub visitor: Visitor,
    /// The session that the browser has already.
    pub replaces: Option<SessionId>,
}

/// What a try gave.
#[derive(Debug)]
pub enum Tried {
    /// Somebody is signed in; the session may still wait for a second factor.
    SignedIn(Box<SignedInNow>),
    /// It was right, and was handed over by an administrator: another one is to be chosen by the link of
    /// this secret, and nobody is signed in before.
    MustChoose(SecretString),
    /// It was not right, whatever of it.
    Wrong,
    /// It was not looked at: too many tries.
    Wait {
        /// How long until the next one.
        seconds: u64,
    },
}

/// What an attempt to set a password gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// It is set.
    Done {
        /// The account's name in URLs, where to sign in.
        account: String,
    },
    /// That one may not be chosen.
    Refused(Refusal),
    /// The current one was not right.
    Wrong,
    /// The link is used up, too old, or none of ours.
    Gone,
    /// It was not looked at: too many tries.
    Wait {
        /// How long until the next one.
        seconds: u64,
    },
}

impl App {
    /// Signs somebody in by their password: the same work and the same answer for whoever cannot.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many passwords are being checked.
    pub async fn sign_in_with_password(&self, entry: PasswordEntry<'_>) -> Result<Tried, Error> {
        let name_key = fold::text(entry.user_name.trim());
        let found = self.store().password_users_called(entry.account, &name_key).await?;
        let user = only(found, &name_key)?;
        // By id, so that neither another spelling nor the address gives more tries.
        let whose = user.as_ref().map_or(name_key, |user| user.user.to_string());
        let network = Subject::password_network(&entry.visitor);
        let here = Subject::password_here(entry.account, &whose, &entry.visitor);
        let everywhere = Subject::password(entry.account, &whose);
        let counted = vec![
            (network.clone(), PASSWORDS_OF_NETWORK),
            (here.clone(), PASSWORDS_OF_USER_HERE),
            (everywhere.clone(), PASSWORDS_OF_USER),
        ];
        if let Some(seconds) = self.must_wait(counted).await? {
            return Ok(Tried::Wait { seconds });
        }
        let user = user.filter(|user| user.is_active && may_have_one(user));
        let stored = user.as_ref().and_then(|user| user.hash.clone().zip(user.set_at));
        let (hash, set_at) = stored.unzip();
        let typed = Password::typed(entry.password);
        let verified = self.parts.hasher.verify(typed.clone(), hash.clone()).await;
        let is_right = match verified {
            Err(HashError::Busy) => {
                self.count_rate(rates::Change::TakeBack(vec![network, here, everywhere])).await?;
                return Err(Error::Busy);
            }
            verified => verified.map_err(broken)?,
        };
        let right = user.zip(typed).zip(hash).zip(set_at).filter(|_| is_right);
        let Some((((user, typed), hash), set_at)) = right else {
            metrics::counter!("password_sign_ins_refused_total").increment(1);
            tracing::info!("passwords.refused");
            return Ok(Tried::Wrong);
        };
        self.count_rate(rates::Change::Forget(vec![here, everywhere], Some(network))).await?;
        if user.is_initial {
            return Ok(self.hand_link(&user).await?.map_or(Tried::Wrong, Tried::MustChoose));
        }
        self.rehash(&user, typed, hash).await?;
        let shown = Shown::Password(set_at);
        let proof = Proof { account: user.account, user: user.user, shown };
        match self.finish_login(&proof, entry.visitor, entry.replaces).await {
            Ok(now) => Ok(Tried::SignedIn(Box::new(now))),
            // It was right when it was read, and was reset while it was being checked.
            Err(Error::Unauthenticated(_)) => Ok(Tried::Wrong),
            Err(error) => Err(error),
        }
    }

    /// Changes the password of somebody who is signed in and shows the current one. Their other
    /// sessions end, and they are told by mail.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many passwords are being checked.
    pub async fn change_password(
        &self,
        session: &Session,
        current: &SecretString,
        wanted: &SecretString,
    ) -> Result<Chosen, Error> {
        let subject = Subject::current_password(session.account, session.user);
        if let Some(seconds) =
            self.must_wait(vec![(subject.clone(), PASSWORDS_OF_USER_HERE)]).await?
        {
            return Ok(Chosen::Wait { seconds });
        }
        let found = self.store().password_user(session.account, session.user).await?;
        let Some(user) = found.filter(may_have_one) else { return Ok(Chosen::Wrong) };
        let hash = user.hash.clone();
        let typed = Password::typed(current);
        let is_right = self.parts.hasher.verify(typed, hash.clone()).await.map_err(broken)?;
        let (Some(before), true) = (hash, is_right) else { return Ok(Chosen::Wrong) };
        self.count_rate(rates::Change::Forget(vec![subject], None)).await?;
        let by = By::Session(session.id, before);
        let actor = Actor::User(session.signed_in());
        self.set_password(&user, wanted, (by, user.mail_key.clone()), actor).await
    }

    /// Whether a password opens the account for the user at all: else no page offers to change it.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn has_password(&self, session: &Session) -> Result<bool, Error> {
        let found = self.store().password_user(session.account, session.user).await?;
        Ok(found.is_some_and(|user| user.hash.is_some() && may_have_one(&user)))
    }

    /// How many passwords were hashed so far; how many at once at most, and how many may be.
    pub fn password_work(&self) -> (u64, (usize, usize)) {
        (self.parts.hasher.computed(), self.parts.hasher.peak())
    }

    /// Sets a password if it may be chosen, and tells the user at the address that was theirs before,
    /// and at the one by which they chose it.
    async fn set_password(
        &self,
        user: &PasswordUser,
        wanted: &SecretString,
        (by, mail_key): (By, Option<String>),
        actor: Actor,
    ) -> Result<Chosen, Error> {
        let contact = contact(user)?;
        let user_name = user_name(user)?;
        let mut names = vec![user_name.as_str(), &user.slug, &user.account_name, "countersign"];
        names.extend(contact.keys.iter().map(String::as_str));
        names.extend(contact.name.as_deref());
        let password = match Password::chosen(wanted, &names) {
            Ok(password) => password,
            Err(refusal) => return Ok(Chosen::Refused(refusal)),
        };
        let hash = self.parts.hasher.hash(password, self.secret()).await.map_err(broken)?;
        let now = self.now();
        let event = match &by {
            By::Link(_) => Event::PasswordChosen,
            By::Session(..) => Event::PasswordChanged,
        };
        let new = NewPassword {
            notices: self.password_notices(user, (&contact, mail_key.as_deref()), now)?,
            activity: self.password_activity((user.account, user.user), event, actor, now),
            account: user.account,
            user: user.user,
            by,
            hash,
            mail_key,
        };
        let change = Change::Passwords(passwords::Change::Set(Box::new(new)));
        let permit = SystemPermit::for_the("user's own choice of a password");
        match self.store().change_authn(change, permit).await {
            Ok(true) => Ok(Chosen::Done { account: user.slug.clone() }),
            Ok(false) | Err(StoreError::Taken) => Ok(Chosen::Gone),
            Err(error) => Err(error.into()),
        }
    }

    /// The hash of a password that an administrator hands over to somebody of these names: chosen by them,
    /// or made now, and then told (DECISIONS.md 33).
    pub(in crate::app) async fn initial_password(
        &self,
        wanted: &InitialPassword,
        names: &[&str],
    ) -> Result<Result<(String, Option<SecretString>), Refusal>, Error> {
        let made = match wanted {
            InitialPassword::Chosen(_) => None,
            InitialPassword::Generated => Some(opaque::readable(self.secret())),
        };
        let text = match (wanted, &made) {
            (InitialPassword::Chosen(text), _) => Some(text),
            (InitialPassword::Generated, made) => made.as_ref(),
        };
        let Some(text) = text else { return Ok(Err(Refusal::TooShort)) };
        let password = match Password::chosen(text, names) {
            Ok(password) => password,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let hash = self.parts.hasher.hash(password, self.secret()).await.map_err(broken)?;
        Ok(Ok((hash, made)))
    }

    /// Stores the password anew if its hash was made at another cost than today's.
    async fn rehash(
        &self,
        user: &PasswordUser,
        password: Password,
        before: String,
    ) -> Result<(), Error> {
        if !is_outdated(&before) {
            return Ok(());
        }
        let hashed = self.parts.hasher.hash(password, self.secret()).await;
        // There will be another sign-in.
        let Ok(after) = hashed else { return Ok(()) };
        let rehash = Rehash { account: user.account, user: user.user, before, after };
        let change = Change::Passwords(passwords::Change::Rehash(Box::new(rehash)));
        let permit = SystemPermit::for_the("rehashing of a password");
        self.store().change_authn(change, permit).await?;
        Ok(())
    }

    /// Counts a try; if it must not be made, how many seconds to wait.
    pub(in crate::app) async fn must_wait(
        &self,
        counted: Vec<(Subject, Limit)>,
    ) -> Result<Option<u64>, Error> {
        let now = self.now();
        let subjects: Vec<Subject> = counted.iter().map(|(subject, _)| subject.clone()).collect();
        // Who must wait costs a read, not a write.
        let mut until = self.store().locked_until(&subjects).await?;
        if until <= now {
            if self.count_rate(rates::Change::Count(counted, now)).await? {
                return Ok(None);
            }
            until = self.store().locked_until(&subjects).await?;
        }
        Ok(Some(seconds_until(until, now)))
    }

    pub(in crate::app) async fn count_rate(&self, change: rates::Change) -> Result<bool, Error> {
        let mut attempt = 0;
        loop {
            let permit = SystemPermit::for_the("counting of tries");
            let again = match &change {
                rates::Change::Count(counted, at) => rates::Change::Count(counted.clone(), *at),
                rates::Change::TakeBack(subjects) => rates::Change::TakeBack(subjects.clone()),
                rates::Change::Forget(all, one) => rates::Change::Forget(all.clone(), one.clone()),
            };
            match self.store().change_authn(Change::Rates(again), permit).await {
                // Two made the first try for the same subject at once.
                Err(StoreError::Taken) if attempt < ATTEMPTS => attempt += 1,
                settled => return Ok(settled?),
            }
        }
    }

    fn password_activity(
        &self,
        (account, user): (AccountId, ResourceId),
        event: Event,
        actor: Actor,
        now: Timestamp,
    ) -> Activity {
        self.line(account, now, actor, event).on(user.uuid())
    }
}

/// How many seconds somebody waits until then, one at least.
fn seconds_until(until: Timestamp, now: Timestamp) -> u64 {
    let micros = u64::try_from(until.micros().saturating_sub(now.micros())).unwrap_or(0);
    micros.div_ceil(1_000_000).max(1)
}

/// The user of that folded `userName`; else the only one who reads at that address.
fn only(mut found: Vec<PasswordUser>, key: &str) -> Result<Option<PasswordUser>, Error> {
    for at in 0..found.len() {
        if found.get(at).map(user_name).transpose()?.is_some_and(|name| fold::text(&name) == key) {
            return Ok(Some(found.swap_remove(at)));
        }
    }
    let last = found.pop();
    Ok(last.filter(|_| found.is_empty()))
}

/// Users who come by SSO have no password here, and the operator's staff never (S10; SIGNIN.md 4.3.6).
fn may_have_one(user: &PasswordUser) -> bool {
    user.comes == Comes::ByPassword
}

fn document(user: &PasswordUser) -> Result<Map<String, serde_json::Value>, Error> {
    serde_json::from_str(&user.document).map_err(|error| {
        let what = format!("{}: {error}", user.user);
        Error::Internal(StoreError::Inconsistent { table: "users", what })
    })
}

pub(super) fn contact(user: &PasswordUser) -> Result<Contact, Error> {
    let contact = Contact::of(&document(user)?);
    let own = user.own_language.as_deref().and_then(Language::parse);
    Ok(Contact { language: own.or(contact.language), ..contact })
}

fn user_name(user: &PasswordUser) -> Result<String, Error> {
    let document = document(user)?;
    Ok(document.get("userName").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned())
}

fn broken(error: HashError) -> Error {
    match error {
        HashError::Busy => Error::Busy,
        HashError::Broken => {
            let what = error.to_string();
            Error::Internal(StoreError::Inconsistent { table: "passwords", what })
        }
    }
}
