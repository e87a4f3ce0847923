//! Why somebody has a right, or what stops it (PRODUCT.md C2).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use uuid::Uuid;

use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::ids::{AccountId, BundleId, GrantId, MappingId, ResourceId, RoleId};
use crate::domain::rights::RightKey;
use crate::domain::rights::bundles::{Bundle, Role};
use crate::domain::rights::paths::{Path, Source, Standing, Where, standings};
use crate::domain::rights::sources::{Grant, Mapping};
use crate::domain::time::Timestamp;
use crate::store::rights::edges::Edge;
use crate::store::rights::paths::{Tables, When};

/// The rights of a user, and where.
#[derive(Debug, Clone, Default)]
pub struct Rights {
    /// Each right with its place and whether it is effective, pending or stopped.
    pub held: BTreeMap<(RightKey, Where), Standing>,
}

/// Why somebody has a right, or what stops it.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The right.
    pub right: RightKey,
    /// What comes of it, by place; nothing if nothing gives it.
    pub held: BTreeMap<Where, Standing>,
    /// All ways by which it comes, effective ones first.
    pub ways: Vec<Way>,
}

/// One way by which a right comes to a user.
#[derive(Debug, Clone)]
pub struct Way {
    /// The path.
    pub path: Path,
    /// The groups, from the one that the user is in to the one that is mapped, with the moment since
    /// when each is so.
    pub groups: Vec<(ResourceId, String, Timestamp)>,
    /// The mapping.
    pub mapping: Option<Mapping>,
    /// The grant.
    pub grant: Option<Grant>,
    /// The role.
    pub role: Option<Role>,
    /// The bundle.
    pub bundle: Option<Bundle>,
}

impl App {
    /// The rights of a user at that moment, or now: for administrators, and for the user.
    ///
    /// # Errors
    /// [`Error::Denied`] if the actor may not see them; [`Error::NotFound`] if there is no such user;
    /// [`Error::Internal`] if the database fails.
    pub async fn rights_of(
        &self,
        actor: &Actor,
        (account, user): (AccountId, ResourceId),
        at: Option<Timestamp>,
    ) -> Result<Rights, Error> {
        self.check_sight(actor, (account, user)).await?;
        let when = at.map_or_else(|| When::Now(self.now()), When::Then);
        let paths = self.store().paths((account, &[user]), when, &Tables::default()).await?;
        let held = standings(&paths).into_iter();
        let held = held.map(|((_, right, place), standing)| ((right, place), standing)).collect();
        Ok(Rights { held })
    }

    /// Why a user has a right, or what stops it, now or at a past moment.
    ///
    /// # Errors
    /// As [`App::rights_of`]; [`Error::Fields`] if nothing gives it and no catalogue ever knew it.
    pub async fn explain(
        &self,
        actor: &Actor,
        (account, user): (AccountId, ResourceId),
        right: &RightKey,
        at: Option<Timestamp>,
    ) -> Result<Explanation, Error> {
        self.check_sight(actor, (account, user)).await?;
        let when = at.map_or_else(|| When::Now(self.now()), When::Then);
        let mut paths = self.store().paths_to(right, (account, &[user]), when).await?;
        if paths.is_empty() {
            self.check_right(right).await?;
        }
        paths.sort_by_key(|path| (path.standing(), path.stops.len()));
        let edges = self.store().edges_above((account, user), when).await?;
        let held = standings(&paths).into_iter();
        let held = held.map(|((_, _, place), standing)| (place, standing)).collect();
        let steps = self.steps(account, &paths, when).await?;
        let ways = paths.into_iter().map(|path| steps.way(path, user, &edges)).collect();
        Ok(Explanation { right: right.clone(), held, ways })
    }

    /// What the paths lead over, each thing read once however many lead over it.
    async fn steps(&self, account: AccountId, paths: &[Path], when: When) -> Result<Steps, Error> {
        let (store, mut steps) = (self.store(), Steps::default());
        for path in paths {
            match path.source {
                Source::Mapping { id, .. } if !steps.mappings.contains_key(&id) => {
                    let found = store.mapping_in((account, MappingId::new(id)), when).await?;
                    steps.mappings.insert(id, found);
                }
                Source::Grant { id } if !steps.grants.contains_key(&id) => {
                    let found = store.grant_in((account, GrantId::new(id)), when).await?;
                    steps.grants.insert(id, found);
                }
                Source::Mapping { .. }
                | Source::Grant { .. }
                | Source::Support { .. }
                | Source::Seed => {}
            }
        }
        let bundles: BTreeSet<BundleId> = paths.iter().filter_map(|path| path.bundle).collect();
        let bundles: Vec<BundleId> = bundles.into_iter().collect();
        let roles: BTreeSet<RoleId> = paths.iter().filter_map(|path| path.role).collect();
        let roles: Vec<RoleId> = roles.into_iter().collect();
        let found = store.bundles_in((account, &bundles), when).await?;
        steps.bundles = found.into_iter().map(|it| (it.id, it)).collect();
        let found = store.roles_in((account, &roles), when).await?;
        steps.roles = found.into_iter().map(|it| (it.id, it)).collect();
        Ok(steps)
    }

    /// Administrators see everybody's rights, everybody their own.
    pub(in crate::app) async fn check_sight(
        &self,
        actor: &Actor,
        (account, user): (AccountId, ResourceId),
    ) -> Result<(), Error> {
        let is_own =
            matches!(actor, Actor::User(who) if (who.account, who.user) == (account, user));
        if !is_own {
            self.account_scope(actor, account).await?;
        }
        if self.store().knows_user(account, user).await? {
            return Ok(());
        }
        Err(Error::NotFound(format!("there is no user `{user}` in this account")))
    }
}

/// What paths lead over.
#[derive(Default)]
struct Steps {
    mappings: BTreeMap<Uuid, Option<Mapping>>,
    grants: BTreeMap<Uuid, Option<Grant>>,
    roles: BTreeMap<RoleId, Role>,
    bundles: BTreeMap<BundleId, Bundle>,
}

impl Steps {
    fn way(&self, path: Path, user: ResourceId, edges: &[Edge]) -> Way {
        let (mapping, grant, groups) = match path.source {
            Source::Mapping { id, group } => {
                let groups = group.map(|group| chain(edges, user, group));
                (self.mappings.get(&id).cloned().flatten(), None, groups.unwrap_or_default())
            }
            Source::Grant { id } => (None, self.grants.get(&id).cloned().flatten(), vec![]),
            Source::Support { .. } | Source::Seed => (None, None, vec![]),
        };
        let role = path.role.and_then(|id| self.roles.get(&id).cloned());
        let bundle = path.bundle.and_then(|id| self.bundles.get(&id).cloned());
        Way { path, groups, mapping, grant, role, bundle }
    }
}

/// The shortest way up from a user to a group.
fn chain(
    edges: &[Edge],
    user: ResourceId,
    group: ResourceId,
) -> Vec<(ResourceId, String, Timestamp)> {
    let mut came_by: BTreeMap<ResourceId, &Edge> = BTreeMap::new();
    let mut todo = VecDeque::from([user]);
    while let Some(member) = todo.pop_front() {
        for edge in edges.iter().filter(|edge| edge.member == member) {
            came_by.entry(edge.group).or_insert_with(|| {
                todo.push_back(edge.group);
                edge
            });
        }
    }
    let mut steps = vec![];
    let mut at = group;
    while let Some(edge) = came_by.remove(&at) {
        steps.push((edge.group, edge.display_name.clone(), edge.since));
        at = edge.member;
    }
    steps.reverse();
    steps
}
