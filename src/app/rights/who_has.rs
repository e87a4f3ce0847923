//! Who has a right or a bundle, now or on a past day.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::rights::faults::Wrong;
use crate::domain::rights::paths::{Path, Standing, Where};
use crate::domain::rights::{Right, RightKey};
use crate::domain::sessions::Session;
use crate::domain::time::Timestamp;
use crate::store::rights::candidates::{Candidate, Candidates, Stretch};
use crate::store::rights::paths::{Tables, When};

/// How many users one page may look at, so that a right that something stops for everybody costs no more
/// than one that many have: such a page is short, and says where the next one begins.
const LOOKED_AT: usize = 5_000;
/// How many administrators a user is told of.
const NAMED: usize = 20;

/// What somebody may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A right.
    Right(RightKey),
    /// A bundle or a role, by its id.
    Gift(Uuid),
}

/// Somebody who has it, or would have it had a second person approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The account whose user it is: of a child's right, its parent's perhaps.
    pub account: AccountId,
    /// The user.
    pub user: ResourceId,
    /// What to show.
    pub display_name: String,
    /// Where, and whether it is effective or pending.
    pub places: Vec<(Where, Standing)>,
}

/// Behind whom a page begins.
pub type Behind = Option<(AccountId, ResourceId)>;

/// A page of holders, and behind whom the next one begins.
#[derive(Debug, Clone, Default)]
pub struct Holders {
    /// Who has it.
    pub holders: Vec<Holder>,
    /// The end of the page, if there may be more.
    pub next: Behind,
}

impl App {
    /// Who has something in an account or its workspaces: first the account's own users, then those of
    /// its parent, for whoever may see them (S1). Of the present, or of a past moment.
    ///
    /// # Errors
    /// [`Error::Denied`] if the actor may not see it; [`Error::Fields`] if nobody has it and no catalogue
    /// ever knew it; [`Error::Internal`] if the database fails.
    pub async fn who_has(
        &self,
        actor: &Actor,
        (account, wanted): (AccountId, &Wanted),
        at: Option<Timestamp>,
        (behind, limit): (Behind, usize),
    ) -> Result<Holders, Error> {
        self.account_scope(actor, account).await?;
        let when = at.map_or_else(|| When::Now(self.now()), When::Then);
        let mut homes = vec![account];
        if let Some(parent) = self.store().parent(account, when).await? {
            match self.account_scope(actor, parent).await {
                Ok(_) => homes.push(parent),
                Err(Error::Denied { .. }) => {}
                Err(other) => return Err(other),
            }
        }
        let mut page = Holders::default();
        for home in homes {
            let start = match behind {
                // The first account is done.
                Some((done, _)) if done != home && home == account => continue,
                Some((at, user)) if at == home => Some(user),
                Some(_) | None => None,
            };
            let place = (home, account);
            if self.fill_holders((place, wanted, when), (start, limit), &mut page).await? {
                return Ok(page);
            }
        }
        if let (Wanted::Right(key), true) = (wanted, page.holders.is_empty() && behind.is_none()) {
            self.check_right(key).await?;
        }
        Ok(page)
    }

    /// Refuses a right that there never was: a misspelt one must not look like one that nobody has.
    pub(super) async fn check_right(&self, key: &RightKey) -> Result<(), Error> {
        if self.store().was_ever_a_right(key).await? {
            return Ok(());
        }
        Err(Error::Fields(vec![Wrong::UnknownRight.of("right", key.as_str())]))
    }

    /// The first administrators of the account of whoever is signed in, in the order of their ids: whom
    /// to ask for a right (S5).
    ///
    /// # Errors
    /// [`Error::Internal`] if the database fails.
    pub async fn administrators(&self, session: &Session) -> Result<Vec<Holder>, Error> {
        let own = session.account;
        let wanted = Wanted::Right(Right::UsersAdminister.into());
        let mut page = Holders::default();
        let place = ((own, own), &wanted, When::Now(self.now()));
        self.fill_holders(place, (None, NAMED), &mut page).await?;
        let whole = (Where { account: own, workspace: None }, Standing::Effective);
        page.holders.retain(|holder| holder.places.contains(&whole));
        Ok(page.holders)
    }

    /// Adds those of one home; true if the page is full.
    async fn fill_holders(
        &self,
        ((home, account), wanted, when): ((AccountId, AccountId), &Wanted, When),
        (mut start, limit): (Option<ResourceId>, usize),
        page: &mut Holders,
    ) -> Result<bool, Error> {
        let candidates = match wanted {
            Wanted::Right(key) => Candidates::Rights(vec![key.clone()]),
            Wanted::Gift(id) => Candidates::Gift(*id),
        };
        let mut seen = 0;
        loop {
            let room = limit.saturating_sub(page.holders.len());
            let stretch = Stretch::fitting(start, room);
            let found = self.store().candidates((home, &candidates), when, stretch).await?;
            let Some(last) = found.last().map(|last| last.user) else { return Ok(false) };
            let mut holders = self.judge((home, account), wanted, when, &found).await?;
            holders.truncate(room);
            page.holders.append(&mut holders);
            if page.holders.len() >= limit {
                page.next = page.holders.last().map(|last| (last.account, last.user));
                return Ok(true);
            }
            seen += found.len();
            if seen >= LOOKED_AT {
                page.next = Some((home, last));
                return Ok(true);
            }
            start = Some(last);
        }
    }

    async fn judge(
        &self,
        (home, account): (AccountId, AccountId),
        wanted: &Wanted,
        when: When,
        found: &[Candidate],
    ) -> Result<Vec<Holder>, Error> {
        let ids: Vec<ResourceId> = found.iter().map(|it| it.user).collect();
        let store = self.store();
        let paths = match wanted {
            Wanted::Right(key) => store.paths_to(key, (home, &ids), when).await?,
            Wanted::Gift(_) => store.paths((home, &ids), when, &Tables::default()).await?,
        };
        let mut places: BTreeMap<ResourceId, BTreeMap<Where, Standing>> = BTreeMap::new();
        let hits = paths.iter().filter(|path| path.held_in.account == account);
        for path in hits.filter(|path| is_wanted(path, wanted)) {
            let standing = path.standing();
            if standing != Standing::Stopped {
                let places = places.entry(path.user).or_default();
                let best = places.entry(path.held_in).or_insert(standing);
                *best = (*best).min(standing);
            }
        }
        let holder = |it: &Candidate| {
            let places = places.remove(&it.user)?.into_iter().collect();
            let display_name = it.display_name.clone();
            Some(Holder { account: home, user: it.user, display_name, places })
        };
        Ok(found.iter().filter_map(holder).collect())
    }
}

fn is_wanted(path: &Path, wanted: &Wanted) -> bool {
    match wanted {
        Wanted::Right(key) => path.right == *key,
        Wanted::Gift(id) => {
            path.bundle.is_some_and(|bundle| bundle.uuid() == *id)
                || path.role.is_some_and(|role| role.uuid() == *id)
        }
    }
}
