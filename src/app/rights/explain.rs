//! Why somebody has a right, or what stops it (PRODUCT.md C2).

use std::collections::{BTreeMap, VecDeque};

use crate::app::{App, Error};
use crate::domain::actor::Actor;
use crate::domain::ids::{AccountId, GrantId, MappingId, ResourceId};
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
    /// As [`App::rights_of`].
    pub async fn explain(
        &self,
        actor: &Actor,
        (account, user): (AccountId, ResourceId),
        right: &RightKey,
        at: Option<Timestamp>,
    ) -> Result<Explanation, Error> {
        self.check_sight(actor, (account, user)).await?;
        let when = at.map_or_else(|| When::Now(self.now()), When::Then);
        let mut paths = self.store().paths((account, &[user]), when, &Tables::default()).await?;
        paths.retain(|path| path.right == *right);
        paths.sort_by_key(|path| (path.standing(), path.stops.len()));
        let edges = self.store().edges_above((account, user), when).await?;
        let held = standings(&paths).into_iter();
        let held = held.map(|((_, _, place), standing)| (place, standing)).collect();
        let mut ways = vec![];
        for path in paths {
            ways.push(self.way((account, user), path, &edges).await?);
        }
        Ok(Explanation { right: right.clone(), held, ways })
    }

    async fn way(
        &self,
        (account, user): (AccountId, ResourceId),
        path: Path,
        edges: &[Edge],
    ) -> Result<Way, Error> {
        let store = self.store();
        let (mapping, grant, groups) = match path.source {
            Source::Mapping { id, group } => {
                let mapping = store.mapping(account, MappingId::new(id)).await?;
                (mapping, None, group.map(|group| chain(edges, user, group)).unwrap_or_default())
            }
            Source::Grant { id } => (None, store.grant(account, GrantId::new(id)).await?, vec![]),
            Source::Seed => (None, None, vec![]),
        };
        let role = match path.role {
            Some(id) => store.role(account, id).await?,
            None => None,
        };
        let bundle = match path.bundle {
            Some(id) => store.bundle(account, id).await?,
            None => None,
        };
        Ok(Way { path, groups, mapping, grant, role, bundle })
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
