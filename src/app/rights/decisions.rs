//! Access decisions, and what one user's rights are at this moment: for the vendor's product and others who
//! ask often.
//!
//! What was computed of a user stays in memory under the user's stamp, which is read anew each time, for all
//! whom one call is about in one statement (DECISIONS.md 11, 29). So nothing is ever answered that
//! was acknowledged to be otherwise, by whatever process.
//! INVARIANT: a stamp is read before the rights that are kept under it, so they may be newer, never older.

mod memory;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::{App, Error};
use crate::domain::account::Slug;
use crate::domain::actor::Actor;
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::rights::RightKey;
use crate::domain::rights::decisions::{AccountName, Decision, Known, Question, Reason, Stamp};
use crate::domain::rights::paths::{Path, Standing, Stop, Where};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::store::rights::paths::{Tables, When};
use crate::store::rights::stamps::{Stamps, Wanted};

pub(in crate::app) use self::memory::Memory;

/// A user of an account.
type User = (AccountId, ResourceId);

/// Who looks at somebody's rights.
#[derive(Debug, Clone, Copy)]
pub enum Onlooker<'a> {
    /// Somebody whom policy knows.
    Actor(&'a Actor),
    /// The vendor's product, by a key of the scope for it.
    Product,
}

/// A user's rights at this moment.
#[derive(Debug, Clone)]
pub struct Seen {
    /// What a copy of them is good for.
    pub version: Version,
    /// The rights; none if the onlooker has a good copy.
    pub known: Option<Arc<Known>>,
}

/// What a copy of a user's rights is good for: as long as the stamp is this, and until a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    stamp: Stamp,
    until: Timestamp,
}

/// The accounts that one call names, so far as there are any.
type Named = BTreeMap<Slug, AccountId>;

impl App {
    /// Whether users may do what is asked, in the order of asking. One statement, if the rights of all of
    /// them were asked about before and have not changed.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn decide_access(&self, questions: &[Question]) -> Result<Vec<Decision>, Error> {
        let names = questions.iter().flat_map(|question| [&question.of, &question.account]);
        let named = self.accounts_named(names).await?;
        let mut wanted = Wanted::default();
        for question in questions {
            wanted.users.extend(whom(question, &named));
            let Some(account) = id_of(&question.account, &named) else { continue };
            match question.workspace {
                Some(id) => wanted.workspaces.insert((account, id)),
                None => wanted.accounts.insert(account),
            };
        }
        let stamps = self.store().stamps(&wanted).await?;
        let known = self.known(&stamps.users).await?;
        let mut decisions: Vec<Decision> =
            questions.iter().map(|question| decide(question, &named, (&stamps, &known))).collect();
        let not_given = Decision::Deny(vec![Reason::NotGiven]);
        let puzzling = questions.iter().zip(&decisions).filter(|(_, it)| **it == not_given);
        let unnamed = self.unnamed(puzzling.map(|(question, _)| &question.right).collect()).await?;
        for (question, decision) in questions.iter().zip(&mut decisions) {
            if *decision == not_given && unnamed.contains(&question.right) {
                *decision = Decision::Deny(vec![Reason::UnknownAction]);
            }
        }
        Ok(decisions)
    }

    /// The rights of a user at this moment, with their version; the version alone if the
    /// tags that the onlooker sent have it.
    ///
    /// # Errors
    /// As [`App::rights_of`].
    pub async fn current_rights(
        &self,
        onlooker: Onlooker<'_>,
        (account, user): User,
        tags: &[&str],
    ) -> Result<Seen, Error> {
        if let Onlooker::Actor(actor) = onlooker {
            self.check_sight(actor, (account, user)).await?;
        }
        let wanted = Wanted { users: [(account, user)].into(), ..Wanted::default() };
        let stamps = self.store().stamps(&wanted).await?;
        let Some(stamp) = stamps.users.get(&(account, user)) else {
            return Err(Error::NotFound(format!("there is no user `{user}` in this account")));
        };
        let now = self.now();
        let of_stamp = tags.iter().filter_map(|tag| Version::of_tag(tag, *stamp));
        if let Some(version) = of_stamp.into_iter().find(|version| now < version.until) {
            return Ok(Seen { version, known: None });
        }
        let known = self.known(&stamps.users).await?.remove(&(account, user));
        let known = known.unwrap_or_else(|| Arc::new(Known::of([])));
        let version = Version { stamp: *stamp, until: known.until() };
        Ok(Seen { version, known: Some(known) })
    }

    /// The rights that a user holds in the whole of their account.
    pub(in crate::app) async fn rights_in_whole(
        &self,
        whose: User,
    ) -> Result<Vec<RightKey>, Error> {
        let wanted = Wanted { users: [whose].into(), ..Wanted::default() };
        let stamps = self.store().stamps(&wanted).await?;
        let mut known = self.known(&stamps.users).await?;
        let Some(known) = known.remove(&whose) else { return Ok(vec![]) };
        let here = Where { account: whose.0, workspace: None };
        let held = known
            .standings()
            .filter(|(_, place, standing)| *place == here && *standing == Standing::Effective);
        Ok(held.map(|(right, ..)| right.clone()).collect())
    }

    /// Whether that moment has come: only then is there something to tell of it.
    pub fn is_past(&self, at: Timestamp) -> bool {
        at <= self.now()
    }

    /// The account of that name, if there is one.
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn account_named(&self, name: &AccountName) -> Result<Option<AccountId>, Error> {
        let named = self.accounts_named([name].into_iter()).await?;
        Ok(id_of(name, &named))
    }

    /// What short names stand for. An account's never changes, so it is asked for once.
    async fn accounts_named<'a>(
        &self,
        names: impl Iterator<Item = &'a AccountName>,
    ) -> Result<Named, Error> {
        let memory = &self.parts.rights;
        let (mut named, mut new) = (Named::new(), vec![]);
        for name in names {
            let AccountName::Slug(slug) = name else { continue };
            if named.contains_key(slug) || new.contains(&slug) {
                continue;
            }
            match memory.account(slug) {
                Some(id) => drop(named.insert(slug.clone(), id)),
                None => new.push(slug),
            }
        }
        if new.is_empty() {
            return Ok(named);
        }
        let texts: Vec<&str> = new.iter().map(|slug| slug.as_str()).collect();
        for (text, id) in self.store().accounts_named(&texts).await? {
            if let Ok(slug) = Slug::parse(&text) {
                memory.keep_account(slug.clone(), id);
                named.insert(slug, id);
            }
        }
        Ok(named)
    }

    /// What there is to know of these users' rights: from memory, or computed now, for each account in one
    /// statement.
    async fn known(
        &self,
        users: &BTreeMap<User, Stamp>,
    ) -> Result<BTreeMap<User, Arc<Known>>, Error> {
        let (memory, now) = (&self.parts.rights, self.now());
        let mut known = BTreeMap::new();
        let mut missing: BTreeMap<AccountId, Vec<ResourceId>> = BTreeMap::new();
        for (whose, stamp) in users {
            match memory.get(*whose, *stamp, now) {
                Some(found) => drop(known.insert(*whose, found)),
                None => missing.entry(whose.0).or_default().push(whose.1),
            }
        }
        for (account, ids) in missing {
            let paths =
                self.store().paths((account, &ids), When::Now(now), &Tables::default()).await?;
            let mut by_user: BTreeMap<User, Vec<&Path>> = BTreeMap::new();
            for path in &paths {
                by_user.entry((account, path.user)).or_default().push(path);
            }
            let whose = ids.into_iter().map(|user| (account, user));
            for (whose, stamp) in whose.filter_map(|it| Some((it, users.get(&it)?))) {
                let found = Arc::new(Known::of(by_user.remove(&whose).unwrap_or_default()));
                memory.keep(whose, *stamp, Arc::clone(&found));
                known.insert(whose, found);
            }
        }
        Ok(known)
    }
}

impl Version {
    /// When time alone next changes these rights; none if never.
    pub fn until(&self) -> Option<Timestamp> {
        Some(self.until).filter(|until| *until != OPEN_END)
    }

    /// As an entity tag says it.
    pub fn tag(&self) -> String {
        match self.until() {
            None => self.stamp.to_string(),
            Some(until) => format!("{}.{}", self.stamp, until.micros()),
        }
    }

    /// Reads what an entity tag says, if it is of that stamp.
    fn of_tag(tag: &str, stamp: Stamp) -> Option<Self> {
        let until = match tag.strip_prefix(&stamp.to_string())? {
            "" => OPEN_END,
            rest => Timestamp::from_micros(rest.strip_prefix('.')?.parse().ok()?),
        };
        Some(Self { stamp, until })
    }
}

fn id_of(name: &AccountName, named: &Named) -> Option<AccountId> {
    match name {
        AccountName::Id(id) => Some(*id),
        AccountName::Slug(slug) => named.get(slug).copied(),
    }
}

fn whom(question: &Question, named: &Named) -> Option<User> {
    Some((id_of(&question.of, named)?, question.user))
}

fn decide(
    question: &Question,
    named: &Named,
    (stamps, known): (&Stamps, &BTreeMap<User, Arc<Known>>),
) -> Decision {
    let deny = |reason| Decision::Deny(vec![reason]);
    let user = whom(question, named).and_then(|whose| known.get(&whose));
    let Some(user) = user else { return deny(Reason::UnknownSubject) };
    let Some(account) = id_of(&question.account, named) else {
        return deny(Reason::UnknownResource);
    };
    match question.workspace {
        None if stamps.accounts.contains_key(&account) => {}
        None => return deny(Reason::UnknownResource),
        Some(id) => match stamps.workspaces.get(&(account, id)) {
            None => return deny(Reason::UnknownResource),
            Some(false) => return deny(Reason::Stopped(Stop::WorkspaceClosed)),
            Some(true) => {}
        },
    }
    user.decide(&question.right, Where { account, workspace: question.workspace })
}
