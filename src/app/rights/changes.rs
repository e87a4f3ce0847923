//! The feed of changed rights, by which the vendor's product knows what of its copies to ask for again.
//!
//! It tells too much rather than too little: whose rights may have changed. What begins or ends by the
//! clock is no change; each answer about rights says until when it is good.

use std::collections::BTreeSet;

use crate::app::{App, Error};
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::rights::changes::{Changes, Cursor};
use crate::store::rights::changes::Touched;
use crate::store::rights::stamps::Wanted;

/// Above so many users on a page, all are told to be forgotten.
const USERS: usize = 1_000;

impl App {
    /// What may have changed in an account since a cursor, from so many activities at most; whoever has
    /// none is told that all may have.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such account; [`Error::Internal`] if the database fails.
    pub async fn rights_changes(
        &self,
        account: AccountId,
        since: Option<Cursor>,
        limit: u32,
    ) -> Result<Changes, Error> {
        let now = self.now();
        // Before the activities: what changes afterwards is found by the next call.
        let wanted = Wanted { accounts: [account].into(), ..Wanted::default() };
        let stamps = self.store().stamps(&wanted).await?;
        let shape = stamps.accounts.get(&account).copied();
        let shape = shape.ok_or_else(|| Error::NotFound("there is no such account".to_owned()))?;
        let Some(since) = since else {
            let next = Cursor::behind(now, shape);
            return Ok(Changes { of_all: true, users: vec![], next, has_more: false });
        };
        let began = since.began.unwrap_or(now);
        let limit = u64::from(limit.max(1));
        let mut touched = self.store().touched(account, since.after, limit + 1).await?;
        let is_full = u64::try_from(touched.len()).is_ok_and(|found| found > limit);
        if is_full {
            touched.pop();
        }
        let users = self.users_touched(account, &touched).await?;
        // What came after this way through began is for the next one: it has an end, however much comes.
        let further = touched.last().filter(|last| is_full && last.at < began);
        let next = match further {
            Some(last) => Cursor { after: last.activity, began: Some(began), shape },
            None => Cursor::behind(began, shape),
        };
        let has_more = further.is_some();
        let of_all = shape != since.shape || users.len() > USERS;
        let users = if of_all { vec![] } else { users.into_iter().collect() };
        Ok(Changes { of_all, users, next, has_more })
    }

    /// The users among what was touched, and those who came into a group or left it.
    async fn users_touched(
        &self,
        account: AccountId,
        touched: &[Touched],
    ) -> Result<BTreeSet<ResourceId>, Error> {
        let (groups, users): (Vec<&Touched>, Vec<&Touched>) =
            touched.iter().partition(|it| it.is_group);
        let mut users: BTreeSet<ResourceId> = users.into_iter().map(|it| it.target).collect();
        let moments = groups.iter().map(|it| it.at);
        if let (Some(from), Some(to)) = (moments.clone().min(), moments.max()) {
            let ids: BTreeSet<ResourceId> = groups.iter().map(|it| it.target).collect();
            let ids: Vec<ResourceId> = ids.into_iter().collect();
            let limit = u64::try_from(USERS + 1).unwrap_or(u64::MAX);
            let found = self.store().came_or_left((account, &ids), (from, to), limit).await?;
            users.extend(found);
        }
        Ok(users)
    }
}
