//! Random worlds: accounts, nested groups, mappings at all levels, bundles, permissions, recipients,
//! expiries, conflicts, each with a history; written behind the application's back, asked through it.
//!
//! A failure names the seed of its world; `FIRST_SEED` repeats it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use countersign::domain::actor::Actor;
use countersign::domain::ids::{AccountId, ResourceId};
use countersign::domain::rights::RightKey;
use countersign::domain::rights::paths::Standing;
use countersign::domain::time::Timestamp;
use uuid::Uuid;

use crate::rights::reference::{Standings, rights};
use crate::world::TestApp;
use crate::world::random::Random;

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
        for user in 0..USERS {
            for at in (0..=MOMENTS).map(|at| (at < MOMENTS).then_some(at)) {
                counted += agree(&test, &world, &ids, (user, at)).await;
            }
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

/// What each thing is called in the database; worlds do not share ids.
pub(super) struct Ids {
    pub(super) seed: u64,
    pub(super) is_sqlite: bool,
}

impl Ids {
    pub(super) fn account(&self, n: usize) -> AccountId {
        AccountId::new(self.id(1, n))
    }

    pub(super) fn user(&self, n: usize) -> ResourceId {
        ResourceId::new(self.id(2, n))
    }

    pub(super) fn id(&self, kind: u128, n: usize) -> Uuid {
        Uuid::from_u128(
            (u128::from(self.seed) << 64) | (kind << 32) | u128::try_from(n + 1).expect("few"),
        )
    }

    /// The moment as the database has it.
    fn micros(at: i64) -> i64 {
        if at >= OPEN - 1 { at } else { 1_000_000 + at * 1_000 }
    }

    pub(super) fn literal(&self, kind: u128, n: usize) -> String {
        let id = self.id(kind, n);
        if self.is_sqlite { format!("X'{}'", id.simple()) } else { format!("CAST('{id}' AS uuid)") }
    }

    /// Statements that write a world.
    pub(super) fn write(&self, world: &World) -> String {
        let mut sql = String::new();
        let a = |n: usize| self.literal(1, n);
        let period = |from: i64, to: i64| format!("{}, {}", Self::micros(to), Self::micros(from));
        let put = |sql: &mut String, table: &str, columns: &str, values: String| {
            writeln!(sql, "INSERT INTO {table} ({columns}) VALUES ({values});").expect("a line");
        };
        for account in 0..ACCOUNTS {
            let slug = format!("'w{}-{account}'", self.seed);
            put(
                &mut sql,
                "accounts",
                "id, slug, name, kind, created_at",
                format!("{}, {slug}, {slug}, 'standard', 0", a(account)),
            );
            // The state and the parent are one row's: cut at all their moments.
            let mut cuts: BTreeSet<i64> = [0, OPEN].into();
            for row in world.in_service[account].iter().chain(&world.children[account]) {
                cuts.extend([row.from, row.to]);
            }
            let cuts: Vec<i64> = cuts.into_iter().collect();
            for pair in cuts.windows(2) {
                let covers = |rows: &[Row<()>]| rows.iter().any(|row| row.covers(pair[0]));
                let state = if covers(&world.in_service[account]) { "active" } else { "suspended" };
                let parent =
                    if covers(&world.children[account]) { a(0) } else { "NULL".to_owned() };
                put(
                    &mut sql,
                    "account_periods",
                    "account_id, valid_to, valid_from, state, parent_id",
                    format!("{}, {}, '{state}', {parent}", a(account), period(pair[0], pair[1])),
                );
            }
            for (key, rows) in world.permissions[account].iter().enumerate() {
                for row in rows {
                    put(
                        &mut sql,
                        "account_permissions",
                        "account_id, permission, valid_to, valid_from, set_by_kind",
                        format!(
                            "{}, 'p{key}', {}, 'platform'",
                            a(account),
                            period(row.from, row.to)
                        ),
                    );
                }
            }
            for row in &world.conflicts[account] {
                put(
                    &mut sql,
                    "account_conflicts",
                    "account_id, held_key, lost_key, valid_to, valid_from",
                    format!(
                        "{}, '{}', '{}', {}",
                        a(account),
                        right_key(row.what.0),
                        right_key(row.what.1),
                        period(row.from, row.to)
                    ),
                );
            }
        }
        writeln!(sql, "UPDATE accounts SET kind = 'parent' WHERE id = {};", a(0)).expect("a line");
        self.write_directory(world, &mut sql);
        self.write_shape(world, &mut sql);
        sql
    }

    fn write_directory(&self, world: &World, sql: &mut String) {
        let (own, period) = (self.literal(1, 0), |from: i64, to: i64| {
            format!("{}, {}", Self::micros(to), Self::micros(from))
        });
        for (n, user) in world.users.iter().enumerate() {
            let id = self.literal(2, n);
            let exists = &user.exists[0];
            let current = user.active.iter().find(|row| row.to == OPEN);
            let since = current.map_or(0, |row| row.from);
            let deleted = if exists.to == OPEN {
                "NULL".to_owned()
            } else {
                Self::micros(exists.to).to_string()
            };
            let kind = if user.is_recipient { "recipient" } else { "user" };
            writeln!(sql, "INSERT INTO users (account_id, id, connection_id, user_name_key, display_name, active, active_since, document, folded, version, rights_version, created_at, updated_at, deleted_at, kind) VALUES ({own}, {id}, {own}, 'u{n}', 'u{n}', {}, {}, '{{}}', '{{}}', 1, 1, {}, 0, {deleted}, '{kind}');", if current.is_some() { "TRUE" } else { "FALSE" }, Self::micros(since), Self::micros(exists.from)).expect("a line");
            for row in user.active.iter().filter(|row| row.to != OPEN) {
                writeln!(sql, "INSERT INTO user_states (account_id, user_id, valid_to, valid_from, active) VALUES ({own}, {id}, {}, TRUE);", period(row.from, row.to)).expect("a line");
            }
            for row in &user.pushed {
                writeln!(sql, "INSERT INTO pushed_values (account_id, user_id, valid_to, valid_from, value_key, connection_id) VALUES ({own}, {id}, {}, 'v{}', {own});", period(row.from, row.to), row.what).expect("a line");
            }
        }
        for row in &world.members {
            let (group, member) = &row.what;
            let (kind, member) = match member {
                Ok(user) => ("User", self.literal(2, *user)),
                Err(group) => ("Group", self.literal(3, *group)),
            };
            writeln!(sql, "INSERT INTO group_members (account_id, group_id, member_id, member_kind, valid_to, valid_from) VALUES ({own}, {}, {member}, '{kind}', {});", self.literal(3, *group), period(row.from, row.to)).expect("a line");
        }
        for (n, closed) in world.workspaces.iter().enumerate() {
            let closed =
                if *closed == OPEN { "NULL".to_owned() } else { Self::micros(*closed).to_string() };
            writeln!(sql, "INSERT INTO workspaces (account_id, id, name, name_key, version, created_at, updated_at, closed_at) VALUES ({own}, {}, 'w{n}', 'w{n}', 1, 0, 0, {closed});", self.literal(6, n)).expect("a line");
        }
    }

    fn write_shape(&self, world: &World, sql: &mut String) {
        let own = self.literal(1, 0);
        let period = |from: i64, to: i64| format!("{}, {}", Self::micros(to), Self::micros(from));
        for (n, right) in world.rights.iter().enumerate() {
            let exists = &right.exists[0];
            let permission = right.permission.map_or("NULL".to_owned(), |key| format!("'p{key}'"));
            writeln!(sql, "INSERT INTO catalogue_rights (right_key, valid_to, valid_from, recipient_safe, permission, privileged) VALUES ('{}', {}, {}, {permission}, {});", right_key(n), period(exists.from, exists.to), right.is_recipient_safe, right.is_privileged).expect("a line");
        }
        for n in 0..BUNDLES {
            writeln!(sql, "INSERT INTO bundles (account_id, id, name, name_key, description, version, created_at, updated_at) VALUES ({own}, {}, 'b{n}', 'b{n}', '', 1, 0, 0);", self.literal(4, n)).expect("a line");
        }
        for n in 0..ROLES {
            let level = if n == 0 { "workspace" } else { "account" };
            writeln!(sql, "INSERT INTO roles (account_id, id, level, name, name_key, description, version, created_at, updated_at) VALUES ({own}, {}, '{level}', 'r{n}', 'r{n}', '', 1, 0, 0);", self.literal(5, n)).expect("a line");
        }
        for n in 0..GROUPS {
            writeln!(sql, "INSERT INTO groups (account_id, id, connection_id, display_name, display_name_key, document, folded, version, created_at, updated_at) VALUES ({own}, {}, {own}, 'g{n}', 'g{n}', '{{}}', '{{}}', 1, 0, 0);", self.literal(3, n)).expect("a line");
        }
        for (n, rows) in world.bundle_rights.iter().enumerate() {
            for row in rows {
                writeln!(sql, "INSERT INTO bundle_rights (account_id, bundle_id, right_key, valid_to, valid_from) VALUES ({own}, {}, '{}', {});", self.literal(4, n), right_key(row.what), period(row.from, row.to)).expect("a line");
            }
        }
        for (n, rows) in world.role_bundles.iter().enumerate() {
            for row in rows {
                writeln!(sql, "INSERT INTO role_bundles (account_id, role_id, bundle_owner, bundle_id, valid_to, valid_from) VALUES ({own}, {}, {own}, {}, {});", self.literal(5, n), self.literal(4, row.what), period(row.from, row.to)).expect("a line");
            }
        }
        for (n, row) in world.mappings.iter().enumerate() {
            let (group, connection, value) = match row.what.givee {
                Givee::Group(group) => {
                    (self.literal(3, group), "NULL".to_owned(), "NULL".to_owned())
                }
                Givee::Pushed(value) => ("NULL".to_owned(), own.clone(), format!("'v{value}'")),
                Givee::User(_) => continue,
            };
            let (gives, id, _) = self.gift(&row.what);
            writeln!(sql, "INSERT INTO group_mappings (account_id, id, valid_to, valid_from, group_id, connection_id, pushed_value, pushed_key, gives, gives_owner, gives_id, place, workspace_id, paused, starts_at, ends_at, reason, version, created_at, created_by_kind, changed_by_kind) VALUES ({own}, {}, {}, {group}, {connection}, {value}, {value}, '{gives}', {own}, {id}, {}, {}, {}, {}, '', 1, 0, 'user', 'user');", self.literal(7, n), period(row.from, row.to), self.place(&row.what), row.what.paused, Self::micros(row.what.starts_at), Self::micros(row.what.ends_at)).expect("a line");
        }
        for (n, row) in world.grants.iter().enumerate() {
            let Givee::User(user) = row.what.givee else { continue };
            let (gives, id, key) = self.gift(&row.what);
            let owner = if key == "NULL" { own.clone() } else { "NULL".to_owned() };
            writeln!(sql, "INSERT INTO grants (account_id, id, valid_to, valid_from, user_id, gives, gives_owner, gives_id, right_key, place, workspace_id, starts_at, ends_at, reason, version, created_at, given_by_kind) VALUES ({own}, {}, {}, {}, '{gives}', {owner}, {id}, {key}, {}, {}, {}, '', 1, 0, 'user');", self.literal(8, n), period(row.from, row.to), self.literal(2, user), self.place(&row.what), Self::micros(row.what.starts_at), Self::micros(row.what.ends_at)).expect("a line");
        }
        for row in &world.seeds {
            writeln!(sql, "INSERT INTO seed_grants (account_id, user_id, right_key, valid_to, valid_from, why) VALUES ({own}, {}, '{}', {}, 'test');", self.literal(2, row.what.0), right_key(row.what.1), period(row.from, row.to)).expect("a line");
        }
    }

    /// What a source gives: the word, the id and the right.
    fn gift(&self, source: &Source) -> (&'static str, String, String) {
        let null = || "NULL".to_owned();
        match source.gives {
            Given::Bundle(bundle) => ("bundle", self.literal(4, bundle), null()),
            Given::Role(role) => ("role", self.literal(5, role), null()),
            Given::Right(right) => ("right", null(), format!("'{}'", right_key(right))),
        }
    }

    /// Where: the word and the workspace.
    fn place(&self, source: &Source) -> String {
        match source.place {
            Place::Account => "'account', NULL".to_owned(),
            Place::Workspace(workspace) => format!("'workspace', {}", self.literal(6, workspace)),
            Place::Children => "'children', NULL".to_owned(),
        }
    }
}
