//! Random worlds: accounts, nested groups, mappings at all levels, bundles, permissions, recipients,
//! expiries, conflicts, each with a history; written behind the application's back, asked through it.
//!
//! A failure names the seed of its world; `FIRST_SEED` repeats it.

mod writing;

use countersign::domain::actor::Actor;
use countersign::domain::rights::RightKey;
use countersign::domain::rights::paths::Standing;
use countersign::domain::time::Timestamp;

use crate::rights::reference::{Standings, rights};
use crate::world::TestApp;
use crate::world::random::Random;

pub(super) use self::writing::Ids;

const FIRST_SEED: u64 = 4_000;
const WORLDS: u64 = 40;
/// Moments that histories are made of; all of them are past.
const MOMENTS: i64 = 8;
pub(super) const OPEN: i64 = i64::MAX;
/// A moment after all of them, to which rows that are in force still are.
const PRESENT: i64 = 1_000;

/// A row and when it is in force.
pub(super) struct Row<T> {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) what: T,
}

impl<T> Row<T> {
    pub(super) fn covers(&self, at: i64) -> bool {
        self.from <= at && at < self.to
    }
}

pub(super) enum Givee {
    Group(usize),
    Pushed(usize),
    User(usize),
}

#[derive(Clone, Copy)]
pub(super) enum Given {
    Bundle(usize),
    Role(usize),
    Right(usize),
}

#[derive(Clone, Copy)]
pub(super) enum Place {
    Account,
    Workspace(usize),
    Children,
}

pub(super) struct Source {
    pub(super) givee: Givee,
    pub(super) gives: Given,
    pub(super) place: Place,
    pub(super) paused: bool,
    pub(super) starts_at: i64,
    pub(super) ends_at: i64,
}

pub(super) struct User {
    pub(super) exists: Vec<Row<()>>,
    pub(super) active: Vec<Row<()>>,
    pub(super) is_recipient: bool,
    pub(super) pushed: Vec<Row<usize>>,
}

pub(super) struct Right {
    pub(super) exists: Vec<Row<()>>,
    pub(super) is_recipient_safe: bool,
    pub(super) is_privileged: bool,
    pub(super) permission: Option<usize>,
}

/// Account 0 is a parent, the others may be its children; users and groups are account 0's.
pub(super) struct World {
    pub(super) in_service: Vec<Vec<Row<()>>>,
    pub(super) children: Vec<Vec<Row<()>>>,
    pub(super) users: Vec<User>,
    /// A group's members: a user, or another group.
    pub(super) members: Vec<Row<(usize, Result<usize, usize>)>>,
    pub(super) rights: Vec<Right>,
    pub(super) bundle_rights: Vec<Vec<Row<usize>>>,
    pub(super) role_bundles: Vec<Vec<Row<usize>>>,
    pub(super) mappings: Vec<Row<Source>>,
    pub(super) grants: Vec<Row<Source>>,
    pub(super) seeds: Vec<Row<(usize, usize)>>,
    /// By account and permission.
    pub(super) permissions: Vec<Vec<Vec<Row<()>>>>,
    /// By account: whoever holds the first loses the second.
    pub(super) conflicts: Vec<Vec<Row<(usize, usize)>>>,
    /// When each is closed.
    pub(super) workspaces: Vec<i64>,
}

pub(super) const USERS: usize = 5;
pub(super) const GROUPS: usize = 5;
const RIGHTS: usize = 8;
pub(super) const BUNDLES: usize = 4;
pub(super) const ROLES: usize = 3;
const ACCOUNTS: usize = 3;
const PERMISSIONS: usize = 2;
pub(super) const WORKSPACES: usize = 2;
const VALUES: usize = 2;

/// S1, S3, S6, C1, C2, DECISIONS.md 27: what the one query says is what the requirements say, now and at
/// each past moment; and each right, and each refusal of one, has its explanation.
#[tokio::test]
async fn c1_c2_effective_rights_and_their_explanations_agree_with_a_plain_reference() {
    let test = TestApp::new().await;
    let mut counted = 0;
    for seed in FIRST_SEED..FIRST_SEED + WORLDS {
        let world = World::random(seed);
        let ids = Ids { seed, is_sqlite: test.database.is_sqlite() };
        test.database.run("DELETE FROM catalogue_rights").await;
        test.database.run(&ids.write(&world)).await;
        let moments = (0..=MOMENTS).map(|at| (at < MOMENTS).then_some(at));
        for (user, at) in (0..USERS).flat_map(|user| moments.clone().map(move |at| (user, at))) {
            counted += agree(&test, &world, &ids, (user, at)).await;
        }
    }
    assert!(counted > 1_000, "only {counted} rights were compared");
}

async fn agree(
    test: &TestApp,
    world: &World,
    ids: &Ids,
    (user, at): (usize, Option<i64>),
) -> usize {
    let place = (ids.account(0), ids.user(user));
    let moment = at.map(|at| Timestamp::from_micros(Ids::micros(at)));
    let found = test.app.rights_of(&Actor::Platform, place, moment).await;
    let Ok(found) = found else {
        let shown = format!("{found:?}");
        panic!("seed {}: user {user} at {at:?}: {shown}", ids.seed)
    };
    let expected = rights(world, user, at.unwrap_or(PRESENT));
    let mut got = Standings::new();
    for ((right, place), standing) in &found.held {
        let standing = match standing {
            Standing::Effective => "effective",
            Standing::Pending => "pending",
            Standing::Stopped => continue,
        };
        let account =
            (0..ACCOUNTS).find(|it| ids.account(*it) == place.account).expect("an account");
        let workspace = place
            .workspace
            .map(|id| (0..WORKSPACES).find(|it| ids.id(6, *it) == id.uuid()).expect("a workspace"));
        let right = (0..RIGHTS).find(|it| right_key(*it) == right.as_str()).expect("a right");
        got.insert((right, account, workspace), standing);
    }
    assert_eq!(got, expected, "seed {}, user {user}, at {at:?}", ids.seed);
    // Explanations of the past are asked for at one of its moments.
    let asked = if at.is_none_or(|at| at == MOMENTS / 2) { 0..RIGHTS } else { 0..0 };
    for right in asked {
        let key = RightKey::parse(&right_key(right)).expect("a key");
        let told =
            test.app.explain(&Actor::Platform, place, &key, moment).await.expect("an answer");
        let has = expected.keys().any(|(it, ..)| *it == right);
        let is_given = told.ways.iter().any(|way| way.path.standing() != Standing::Stopped);
        assert_eq!(is_given, has, "seed {}, user {user}, right {right}: {told:#?}", ids.seed);
        let all_stopped = told.ways.iter().all(|way| !way.path.stops.is_empty());
        assert!(has || all_stopped, "a refusal without a reason: {told:#?}");
    }
    expected.len()
}

fn right_key(right: usize) -> String {
    format!("right.{right}")
}

impl World {
    pub(super) fn random(seed: u64) -> Self {
        let mut r = Random::new(seed);
        let r = &mut r;
        Self {
            in_service: (0..ACCOUNTS).map(|_| spells(r, 85)).collect(),
            children: (0..ACCOUNTS).map(|n| if n == 0 { vec![] } else { spells(r, 70) }).collect(),
            users: (0..USERS)
                .map(|_| User {
                    exists: vec![row(r, 15, ())],
                    active: spells(r, 85),
                    is_recipient: r.chance(30),
                    pushed: (0..VALUES)
                        .filter(|_| r.chance(40))
                        .collect::<Vec<_>>()
                        .into_iter()
                        .map(|value| row(r, 40, value))
                        .collect(),
                })
                .collect(),
            members: members(r),
            rights: (0..RIGHTS)
                .map(|_| Right {
                    exists: vec![row(r, 10, ())],
                    is_recipient_safe: r.chance(50),
                    is_privileged: r.chance(25),
                    permission: r.chance(35).then(|| r.below(PERMISSIONS)),
                })
                .collect(),
            bundle_rights: (0..BUNDLES).map(|_| several(r, RIGHTS, 35)).collect(),
            role_bundles: (0..ROLES).map(|_| several(r, BUNDLES, 50)).collect(),
            mappings: (0..6)
                .map(|_| {
                    let givee = if r.chance(75) {
                        Givee::Group(r.below(GROUPS))
                    } else {
                        Givee::Pushed(r.below(VALUES))
                    };
                    let source = source(r, givee, false);
                    row(r, 30, source)
                })
                .collect(),
            grants: (0..3)
                .map(|_| {
                    let source = source_of_grant(r);
                    row(r, 30, source)
                })
                .collect(),
            seeds: (0..2)
                .map(|n| {
                    let what = (n, r.below(RIGHTS));
                    row(r, 30, what)
                })
                .collect(),
            permissions: (0..ACCOUNTS)
                .map(|_| (0..PERMISSIONS).map(|_| spells(r, 60)).collect())
                .collect(),
            conflicts: (0..ACCOUNTS)
                .map(|_| {
                    if r.chance(40) {
                        let held = r.below(RIGHTS);
                        let what = (held, (held + 1 + r.below(RIGHTS - 1)) % RIGHTS);
                        vec![row(r, 20, what)]
                    } else {
                        vec![]
                    }
                })
                .collect(),
            workspaces: (0..WORKSPACES)
                .map(|_| if r.chance(25) { moment(r) } else { OPEN })
                .collect(),
        }
    }
}

/// Periods one after the other, open at the end in so many of a hundred cases.
fn spells(r: &mut Random, percent: usize) -> Vec<Row<()>> {
    let mut rows = vec![];
    if r.chance(30) {
        rows.push(Row { from: 0, to: 3, what: () });
    }
    if r.chance(percent) {
        let from = if rows.is_empty() { 0 } else { 3 + moment(r) / 2 };
        rows.push(Row { from, to: OPEN, what: () });
    }
    rows
}

fn moment(r: &mut Random) -> i64 {
    i64::try_from(r.below(usize::try_from(MOMENTS).expect("few"))).expect("few")
}

/// A row that ended in so many of a hundred cases.
fn row<T>(r: &mut Random, ended: usize, what: T) -> Row<T> {
    let from = moment(r) / 2;
    let to = if r.chance(ended) { from + 1 + moment(r) } else { OPEN };
    Row { from, to, what }
}

fn several(r: &mut Random, of: usize, percent: usize) -> Vec<Row<usize>> {
    let chosen: Vec<usize> = (0..of).filter(|_| r.chance(percent)).collect();
    chosen.into_iter().map(|it| row(r, 25, it)).collect()
}

fn members(r: &mut Random) -> Vec<Row<(usize, Result<usize, usize>)>> {
    let mut all = vec![];
    for group in 0..GROUPS {
        for user in 0..USERS {
            if r.chance(30) {
                all.push(row(r, 30, (group, Ok(user))));
            }
        }
        for other in (0..GROUPS).filter(|other| *other != group) {
            // Circles included.
            if r.chance(20) {
                all.push(row(r, 30, (group, Err(other))));
            }
        }
    }
    all
}

fn source(r: &mut Random, givee: Givee, may_give_right: bool) -> Source {
    let gives = match r.below(if may_give_right { 3 } else { 2 }) {
        0 => Given::Bundle(r.below(BUNDLES)),
        1 => Given::Role(r.below(ROLES)),
        _ => Given::Right(r.below(RIGHTS)),
    };
    let place = match r.below(4) {
        0 => Place::Workspace(r.below(WORKSPACES)),
        1 => Place::Children,
        _ => Place::Account,
    };
    let starts_at = if r.chance(20) { moment(r) } else { 0 };
    let ends_at = match r.below(10) {
        0 | 1 => moment(r),
        2 => OPEN - 1,
        _ => OPEN,
    };
    Source { givee, gives, place, paused: r.chance(15), starts_at, ends_at }
}

fn source_of_grant(r: &mut Random) -> Source {
    let user = r.below(USERS);
    Source { paused: false, ..source(r, Givee::User(user), true) }
}
