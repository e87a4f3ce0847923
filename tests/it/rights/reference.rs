//! Effective rights as the requirements say them, over plain lists: what the database's one query is
//! held against (S1, S3, S6, C1, C6).

use std::collections::{BTreeMap, BTreeSet};

use crate::rights::worlds::{Givee, Given, Place, Row, Source, World};

/// What comes of a right: `(right, account, workspace)` to `effective` or `pending`.
pub(super) type Standings = BTreeMap<(usize, usize, Option<usize>), &'static str>;

/// The rights of a user of account 0 at a moment.
pub(super) fn rights(world: &World, user: usize, at: i64) -> Standings {
    let live = |rows: &[Row<()>]| rows.iter().any(|row| row.covers(at));
    let me = &world.users[user];
    let in_service = |account: usize| live(&world.in_service[account]);
    if !live(&me.exists) || !live(&me.active) || !in_service(0) {
        return Standings::new();
    }
    let groups = groups_of(world, user, at);
    // How many paths there are that nothing stops, but for an approval, and how many need none.
    let mut got: BTreeMap<(usize, usize, Option<usize>), [usize; 2]> = BTreeMap::new();
    let sources = world.mappings.iter().chain(&world.grants).filter(|row| row.covers(at));
    for source in sources.map(|row| &row.what) {
        let is_mine = match &source.givee {
            Givee::Group(group) => groups.contains(group),
            Givee::Pushed(value) => {
                me.pushed.iter().any(|row| row.covers(at) && row.what == *value)
            }
            Givee::User(it) => *it == user,
        };
        let is_time = source.starts_at <= at && at < source.ends_at;
        if !is_mine || source.paused || !is_time {
            continue;
        }
        let rights = given(world, source, at);
        let places = places(world, source, at);
        for (account, workspace) in places.into_iter().filter(|(account, _)| in_service(*account)) {
            for right in rights.iter().copied() {
                let it = &world.rights[right];
                let is_on = |key: usize| live(&world.permissions[account][key]);
                let may = live(&it.exists)
                    && (!me.is_recipient || it.is_recipient_safe)
                    && it.permission.is_none_or(is_on);
                let clear = usize::from(may && !it.is_privileged);
                let counts = got.entry((right, account, workspace)).or_insert([0; 2]);
                *counts = [counts[0] + usize::from(may), counts[1] + clear];
            }
        }
    }
    got.retain(|_, [any, _]| *any > 0);
    let mut got: BTreeMap<_, _> =
        got.into_iter().map(|(key, [_, clear])| (key, clear > 0)).collect();
    for seed in world.seeds.iter().filter(|row| row.covers(at) && row.what.0 == user) {
        let it = &world.rights[seed.what.1];
        let is_known = live(&it.exists);
        let is_safe = !me.is_recipient || (is_known && it.is_recipient_safe);
        let is_on = !is_known || it.permission.is_none_or(|key| live(&world.permissions[0][key]));
        if is_safe && is_on {
            got.insert((seed.what.1, 0, None), true);
        }
    }
    settle_conflicts(world, &mut got, at);
    got.into_iter().map(|(key, is)| (key, if is { "effective" } else { "pending" })).collect()
}

/// The groups that a user is in, directly or not.
fn groups_of(world: &World, user: usize, at: i64) -> BTreeSet<usize> {
    let mut groups: BTreeSet<usize> = BTreeSet::new();
    let above = |member: Result<usize, usize>| {
        let rows = world.members.iter().filter(move |row| row.covers(at) && row.what.1 == member);
        rows.map(|row| row.what.0).collect::<Vec<_>>()
    };
    let mut todo = above(Ok(user));
    while let Some(group) = todo.pop() {
        if groups.insert(group) {
            todo.extend(above(Err(group)));
        }
    }
    groups
}

/// The rights of a source.
fn given(world: &World, source: &Source, at: i64) -> Vec<usize> {
    let bundles: Vec<usize> = match source.gives {
        Given::Bundle(bundle) => vec![bundle],
        Given::Role(role) => world.role_bundles[role]
            .iter()
            .filter(|row| row.covers(at))
            .map(|row| row.what)
            .collect(),
        Given::Right(_) => vec![],
    };
    let mut rights: Vec<usize> = bundles
        .iter()
        .flat_map(|bundle| world.bundle_rights[*bundle].iter())
        .filter(|row| row.covers(at))
        .map(|row| row.what)
        .collect();
    if let Given::Right(right) = source.gives {
        rights.push(right);
    }
    rights
}

/// Where a source gives them.
fn places(world: &World, source: &Source, at: i64) -> Vec<(usize, Option<usize>)> {
    let live = |rows: &[Row<()>]| rows.iter().any(|row| row.covers(at));
    match source.place {
        Place::Account => vec![(0, None)],
        Place::Workspace(workspace) => {
            let is_open = at < world.workspaces[workspace];
            is_open.then_some((0, Some(workspace))).into_iter().collect()
        }
        Place::Children => (1..world.in_service.len())
            .filter(|child| live(&world.children[*child]))
            .map(|it| (it, None))
            .collect(),
    }
}

/// Who effectively holds one right of a pair loses the other, where the two places meet.
fn settle_conflicts(
    world: &World,
    got: &mut BTreeMap<(usize, usize, Option<usize>), bool>,
    at: i64,
) {
    let effective: Vec<_> = got.iter().filter(|(_, is)| **is).map(|(key, _)| *key).collect();
    let loses = |(right, account, workspace): (usize, usize, Option<usize>)| {
        world.conflicts[account].iter().filter(|row| row.covers(at) && row.what.1 == right).any(
            |row| {
                effective.iter().any(|(other, there, part)| {
                    let meet = part.is_none() || workspace.is_none() || *part == workspace;
                    *other == row.what.0 && *there == account && meet
                })
            },
        )
    };
    got.retain(|key, _| !loses(*key));
}
