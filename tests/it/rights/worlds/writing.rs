//! Random worlds written into the database.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use countersign::domain::ids::{AccountId, ResourceId};
use uuid::Uuid;

use super::{
    ACCOUNTS, BUNDLES, GROUPS, Givee, Given, OPEN, Place, ROLES, Row, Source, World, right_key,
};

/// What each thing is called in the database; worlds do not share ids.
pub(in crate::rights) struct Ids {
    pub(in crate::rights) seed: u64,
    pub(in crate::rights) is_sqlite: bool,
}

impl Ids {
    pub(in crate::rights) fn account(&self, n: usize) -> AccountId {
        AccountId::new(self.id(1, n))
    }

    pub(in crate::rights) fn user(&self, n: usize) -> ResourceId {
        ResourceId::new(self.id(2, n))
    }

    pub(in crate::rights) fn id(&self, kind: u128, n: usize) -> Uuid {
        Uuid::from_u128(
            (u128::from(self.seed) << 64) | (kind << 32) | u128::try_from(n + 1).expect("few"),
        )
    }

    /// The moment as the database has it.
    pub(super) fn micros(at: i64) -> i64 {
        if at >= OPEN - 1 { at } else { 1_000_000 + at * 1_000 }
    }

    pub(in crate::rights) fn literal(&self, kind: u128, n: usize) -> String {
        let id = self.id(kind, n);
        if self.is_sqlite { format!("X'{}'", id.simple()) } else { format!("CAST('{id}' AS uuid)") }
    }

    /// Statements that write a world.
    pub(in crate::rights) fn write(&self, world: &World) -> String {
        let mut sql = String::new();
        for account in 0..ACCOUNTS {
            self.write_account(world, account, &mut sql);
        }
        writeln!(sql, "UPDATE accounts SET kind = 'parent' WHERE id = {};", self.literal(1, 0))
            .expect("a line");
        self.write_directory(world, &mut sql);
        self.write_shape(world, &mut sql);
        sql
    }

    fn write_account(&self, world: &World, account: usize, sql: &mut String) {
        let (own, parent) = (self.literal(1, account), self.literal(1, 0));
        let period = |from: i64, to: i64| format!("{}, {}", Self::micros(to), Self::micros(from));
        let mut put = |table: &str, columns: &str, values: String| {
            writeln!(sql, "INSERT INTO {table} ({columns}) VALUES ({own}, {values});")
                .expect("a line");
        };
        let slug = format!("'w{}-{account}'", self.seed);
        put(
            "accounts",
            "id, slug, name, kind, created_at",
            format!("{slug}, {slug}, 'standard', 0"),
        );
        let covers = |rows: &[Row<()>], at| rows.iter().any(|row| row.covers(at));
        for (from, to) in spells(world, account) {
            let is_active = covers(&world.in_service[account], from);
            let state = ["suspended", "active"][usize::from(is_active)];
            let is_child = covers(&world.children[account], from);
            let parent = ["NULL", &parent][usize::from(is_child)];
            let columns = "account_id, valid_to, valid_from, state, parent_id";
            put("account_periods", columns, format!("{}, '{state}', {parent}", period(from, to)));
        }
        for (key, rows) in world.permissions[account].iter().enumerate() {
            let columns = "account_id, permission, valid_to, valid_from, set_by_kind";
            for row in rows {
                let period = period(row.from, row.to);
                put("account_permissions", columns, format!("'p{key}', {period}, 'platform'"));
            }
        }
        for row in &world.conflicts[account] {
            let (held, lost) = (right_key(row.what.0), right_key(row.what.1));
            let columns = "account_id, held_key, lost_key, valid_to, valid_from";
            let period = period(row.from, row.to);
            put("account_conflicts", columns, format!("'{held}', '{lost}', {period}"));
        }
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
            let ended = (exists.to < OPEN).then(|| Self::micros(exists.to).to_string());
            let deleted = ended.unwrap_or_else(|| "NULL".to_owned());
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

/// An account's state and parent are one row's: cut at all the moments of either.
fn spells(world: &World, account: usize) -> Vec<(i64, i64)> {
    let mut cuts: BTreeSet<i64> = [0, OPEN].into();
    for row in world.in_service[account].iter().chain(&world.children[account]) {
        cuts.extend([row.from, row.to]);
    }
    let cuts: Vec<i64> = cuts.into_iter().collect();
    cuts.windows(2).map(|pair| (pair[0], pair[1])).collect()
}
