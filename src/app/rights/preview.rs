//! What a change would do before it is made: who gains and who loses what. The same query, over changed
//! tables (DECISIONS.md 28); nothing is written, and policy is asked as for the change itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::app::change::Loaded;
use crate::app::rights::{Ready, no_such, prepare};
use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::command::accounts::AccountEdit;
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::rights::RightKey;
use crate::domain::rights::paths::{Path, Standing, Where, standings};
use crate::domain::rights::sources::{Givee, Mapping};
use crate::policy::Permit;
use crate::store::rights::candidates::{Candidate, Candidates, Stretch};
use crate::store::rights::overlay::Overlay;
use crate::store::rights::paths::{Tables, When};
use crate::store::rights::{What, bundles, grants, mappings, roles};

/// Whose rights would change, and what they would be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    /// How many users would gain something.
    pub gaining: usize,
    /// How many would lose something.
    pub losing: usize,
    /// How often each right would be gained, lost, or come to wait for an approval.
    pub by_right: BTreeMap<(RightKey, Shift), usize>,
    /// The first of them.
    pub first: Vec<Shifted>,
}

/// One right of one user that would change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shifted {
    /// Whose user it is.
    pub account: AccountId,
    /// The user.
    pub user: ResourceId,
    /// What to show.
    pub display_name: String,
    /// The right.
    pub right: RightKey,
    /// Where.
    pub place: Where,
    /// What would come of it.
    pub shift: Shift,
}

/// What would come of a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shift {
    /// It would become effective.
    Gained,
    /// It would no longer be effective.
    Lost,
    /// It is privileged, and would wait for a second person.
    Pending,
    /// It would wait no longer, since nothing would ask for it.
    Withdrawn,
}

/// A change to be looked at, and whom it may concern.
pub(super) struct Plan {
    /// Whose users.
    pub(super) home: AccountId,
    /// What would be different.
    pub(super) overlay: Overlay,
    concerns: Concerns,
}

/// Whom a change may concern.
enum Concerns {
    /// These users.
    Users(BTreeSet<ResourceId>),
    /// Whoever has that in common.
    All(Candidates),
    /// Both.
    Both(BTreeSet<ResourceId>, Candidates),
}

impl App {
    /// What a change would do. What changes nobody's rights has an empty preview.
    ///
    /// # Errors
    /// As [`App::change`]; nothing is changed in any case.
    pub async fn preview(
        &self,
        actor: &Actor,
        command: Command,
        keep: usize,
    ) -> Result<Preview, Error> {
        let command = Arc::new(command);
        let loaded = self.load(actor, &command).await?;
        let permit = self.decide(actor, &command, &loaded).await?;
        let mut preview = Preview::default();
        for plan in self.plans(&permit, loaded).await? {
            self.compare(&plan, keep, &mut preview).await?;
        }
        Ok(preview)
    }

    /// What adding and removing members of a group would do. Who could not be a member of it is passed
    /// over, as when the group's connection says so (DECISIONS.md 21).
    ///
    /// # Errors
    /// [`Error::Denied`] if the actor may not see it; [`Error::NotFound`] if there is no such group;
    /// [`Error::Internal`] if the database fails.
    pub async fn preview_members(
        &self,
        actor: &Actor,
        (account, group): (AccountId, ResourceId),
        (add, remove): (&[ResourceId], &[ResourceId]),
        keep: usize,
    ) -> Result<Preview, Error> {
        self.account_scope(actor, account).await?;
        let named: BTreeSet<ResourceId> = add.iter().chain(remove).copied().collect();
        let named: Vec<ResourceId> = named.into_iter().collect();
        let possible = self.store().possible_members((account, group), &named).await?;
        let possible = possible.ok_or_else(|| no_such("group"))?;
        let (mut users, mut groups, mut added) = (BTreeSet::new(), BTreeSet::new(), vec![]);
        for (id, is_group) in possible {
            if is_group {
                groups.insert(id);
            } else {
                users.insert(id);
            }
            if add.contains(&id) {
                added.push((id, is_group));
            }
        }
        // Who is a member already would be one twice.
        let gone: Vec<ResourceId> = users.iter().chain(&groups).copied().collect();
        let overlay = Overlay::Members(account, group, added, gone);
        let mut preview = Preview::default();
        // Users of the groups may be among the users.
        let concerns = Concerns::Both(users, Candidates::Groups(groups.into_iter().collect()));
        self.compare(&Plan { home: account, overlay, concerns }, keep, &mut preview).await?;
        Ok(preview)
    }

    /// The change as data; none if it changes nobody's rights.
    pub(super) async fn plans(&self, permit: &Permit, loaded: Loaded) -> Result<Vec<Plan>, Error> {
        let command = permit.command();
        if let Command::ChangeAccount(change) = &*command {
            return self.plan_account(change.account, &change.what).await;
        }
        let (Command::ChangeRights(change), Loaded::Rights(loaded)) = (&*command, loaded) else {
            return Ok(vec![]);
        };
        let what = match prepare(self, permit, change, *loaded).await? {
            Ready::Change(what, ..) => *what,
            Ready::Unchanged(_) => return Ok(vec![]),
        };
        let planned = match what {
            What::Bundles(bundles::Change::Edit(_, now)) => {
                let concerns = Concerns::All(Candidates::Gift(now.id.uuid()));
                Some((Overlay::Bundle(*now, permit.actor().person()), concerns))
            }
            What::Roles(roles::Change::Edit(_, now)) => {
                let concerns = Concerns::All(Candidates::Gift(now.id.uuid()));
                let mut bundles = vec![];
                for id in &now.bundles {
                    let found = self.store().bundle(now.account, *id).await?;
                    bundles.extend(found.map(|bundle| (bundle.account, bundle.id.uuid())));
                }
                Some((Overlay::Role(*now, bundles, permit.actor().person()), concerns))
            }
            What::Mappings(mappings::Change::Edit(was, now))
                if was.period.is_exceeded_by(now.period) =>
            {
                let concerns = Concerns::All(of_mapping(&now));
                Some((Overlay::WiderMapping(now), concerns))
            }
            What::Mappings(mappings::Change::Create(now) | mappings::Change::Edit(_, now)) => {
                let concerns = Concerns::All(of_mapping(&now));
                Some((Overlay::Mapping(now.id.uuid(), Some(now)), concerns))
            }
            What::Mappings(mappings::Change::End(was)) => {
                let concerns = Concerns::All(of_mapping(&was));
                Some((Overlay::Mapping(was.id.uuid(), None), concerns))
            }
            What::Grants(grants::Change::Give(now)) => {
                let concerns = Concerns::Users([now.user].into());
                Some((Overlay::Grant(now.id.uuid(), Some(now)), concerns))
            }
            What::Grants(grants::Change::End(was)) => {
                let concerns = Concerns::Users([was.user].into());
                Some((Overlay::Grant(was.id.uuid(), None), concerns))
            }
            What::Bundles(bundles::Change::Create(_) | bundles::Change::Delete(_))
            | What::Roles(roles::Change::Create(_) | roles::Change::Delete(_)) => None,
        };
        let plan = |(overlay, concerns)| Plan { home: change.account, overlay, concerns };
        Ok(planned.map(plan).into_iter().collect())
    }

    /// A permission that is switched touches who holds a right that needs it: of the account, and of
    /// its parent.
    async fn plan_account(
        &self,
        account: AccountId,
        edit: &AccountEdit,
    ) -> Result<Vec<Plan>, Error> {
        let AccountEdit::SetPermission { permission, is_on } = edit else { return Ok(vec![]) };
        let needing = self.store().rights_needing(permission).await?;
        let now = When::Now(self.now());
        let mut plans = vec![];
        for home in [Some(account), self.store().parent(account, now).await?].into_iter().flatten()
        {
            let overlay = Overlay::Permission(account, permission.clone(), *is_on);
            let concerns = Concerns::All(Candidates::Rights(needing.clone()));
            plans.push(Plan { home, overlay, concerns });
        }
        Ok(plans)
    }

    /// Adds to a preview what a plan would do.
    async fn compare(&self, plan: &Plan, keep: usize, into: &mut Preview) -> Result<(), Error> {
        let (when, after) = (When::Now(self.now()), self.store().overlaid(&plan.overlay));
        let mut behind = None;
        let listed = match &plan.concerns {
            Concerns::Users(users) | Concerns::Both(users, _) => users.iter().copied().collect(),
            Concerns::All(_) => vec![],
        };
        if !listed.is_empty() {
            let found = self.store().named(plan.home, &listed).await?;
            self.compare_chunk((plan.home, &found), (when, &after), keep, into).await?;
        }
        let (Concerns::All(candidates) | Concerns::Both(_, candidates)) = &plan.concerns else {
            return Ok(());
        };
        loop {
            let stretch = Stretch::behind(behind);
            let mut found = self.store().candidates((plan.home, candidates), when, stretch).await?;
            behind = found.last().map(|last| last.user);
            if behind.is_none() {
                return Ok(());
            }
            found.retain(|it| !listed.contains(&it.user));
            self.compare_chunk((plan.home, &found), (when, &after), keep, into).await?;
        }
    }

    async fn compare_chunk(
        &self,
        (home, found): (AccountId, &[Candidate]),
        (when, after): (When, &Tables),
        keep: usize,
        into: &mut Preview,
    ) -> Result<(), Error> {
        let ids: Vec<ResourceId> = found.iter().map(|it| it.user).collect();
        let is_now = self.store().paths((home, &ids), when, &Tables::default()).await?;
        let would_be = self.store().paths((home, &ids), when, after).await?;
        let shifts = shifts(&is_now, &would_be);
        for it in found {
            into.count((home, it), &shifts, keep);
        }
        Ok(())
    }
}

impl Preview {
    /// Counts what would change for one user, and keeps it if there is room.
    fn count(&mut self, (home, who): (AccountId, &Candidate), shifts: &Shifts, keep: usize) {
        let (mut gains, mut loses) = (false, false);
        for (right, place, shift) in shifts.get(&who.user).into_iter().flatten() {
            gains |= *shift == Shift::Gained;
            loses |= *shift == Shift::Lost;
            *self.by_right.entry((right.clone(), *shift)).or_default() += 1;
            if self.first.len() >= keep {
                continue;
            }
            self.first.push(Shifted {
                account: home,
                user: who.user,
                display_name: who.display_name.clone(),
                right: right.clone(),
                place: *place,
                shift: *shift,
            });
        }
        self.gaining += usize::from(gains);
        self.losing += usize::from(loses);
    }
}

/// Whom a mapping gives.
pub(super) fn of_mapping(mapping: &Mapping) -> Candidates {
    match &mapping.givee {
        Givee::Group(group) => Candidates::Groups(vec![*group]),
        Givee::Pushed { connection, value } => Candidates::Pushed(*connection, value.clone()),
    }
}

/// What would change for each user.
type Shifts = BTreeMap<ResourceId, Vec<(RightKey, Where, Shift)>>;

/// What is different between two answers of the query.
fn shifts(before: &[Path], after: &[Path]) -> Shifts {
    let (before, after) = (standings(before), standings(after));
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let of = |all: &BTreeMap<_, Standing>, key| all.get(key).copied().unwrap_or(Standing::Stopped);
    let shift = |key| match (of(&before, key), of(&after, key)) {
        (Standing::Effective, Standing::Effective)
        | (Standing::Pending, Standing::Pending)
        | (Standing::Stopped, Standing::Stopped) => None,
        (_, Standing::Effective) => Some(Shift::Gained),
        (Standing::Effective, _) => Some(Shift::Lost),
        (Standing::Stopped, Standing::Pending) => Some(Shift::Pending),
        (Standing::Pending, Standing::Stopped) => Some(Shift::Withdrawn),
    };
    let mut found = Shifts::new();
    for key in keys {
        if let Some(shift) = shift(key) {
            let (user, right, place) = key.clone();
            found.entry(user).or_default().push((right, place, shift));
        }
    }
    found
}
