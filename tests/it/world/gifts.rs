//! What gives rights, put into the tables as they are: a world to read, without the people who made it.

use uuid::Uuid;

use crate::world::database::TestDatabase;

/// Gives things in one account.
pub(crate) struct Gifts<'a> {
    database: &'a TestDatabase,
    account: String,
}

/// Whom a mapping gives something.
pub(crate) enum To<'a> {
    /// Those in the group of that id.
    Group(&'a str),
    /// Those to whom the account's connection pushes that role, folded.
    Pushed(&'a str),
}

const OPEN: i64 = i64::MAX;

/// Takes away what the catalogue brought, so that nothing is there but what the test gives.
pub(crate) async fn clear(database: &TestDatabase) {
    for table in ["catalogue_rights", "role_bundles", "bundle_rights", "roles", "bundles"] {
        database.run(&format!("DELETE FROM {table}")).await;
    }
}

impl<'a> Gifts<'a> {
    /// In the account of that short name.
    pub(crate) fn of(database: &'a TestDatabase, slug: &str) -> Self {
        Self { database, account: format!("(SELECT id FROM accounts WHERE slug = '{slug}')") }
    }

    /// In every account, as the catalogue's.
    pub(crate) fn predefined(database: &'a TestDatabase) -> Self {
        Self { database, account: id(database, Uuid::nil()) }
    }

    /// Has the catalogue know a right.
    pub(crate) async fn right(&self, key: &str, privileged: bool) {
        let sql = format!(
            "INSERT INTO catalogue_rights (right_key, valid_to, valid_from, recipient_safe, \
             permission, privileged) VALUES ('{key}', {OPEN}, 0, FALSE, NULL, {privileged})"
        );
        self.database.run(&sql).await;
    }

    /// Makes a bundle that holds the rights; its id. A key makes it predefined.
    pub(crate) async fn bundle(&self, name: &str, key: Option<&str>, rights: &[&str]) -> Uuid {
        let made = self.named("bundles", ("", ""), (name, key)).await;
        for right in rights {
            let sql = format!(
                "INSERT INTO bundle_rights (account_id, bundle_id, valid_to, right_key, valid_from) \
                 VALUES ({}, {}, {OPEN}, '{right}', 0)",
                self.account,
                id(self.database, made)
            );
            self.database.run(&sql).await;
        }
        made
    }

    /// Makes a role that carries a bundle of the same owner; its id.
    pub(crate) async fn role(&self, name: &str, key: Option<&str>, bundle: Uuid) -> Uuid {
        let made = self.named("roles", ("level, ", "'account', "), (name, key)).await;
        let sql = format!(
            "INSERT INTO role_bundles (account_id, role_id, valid_to, bundle_owner, bundle_id, \
             valid_from) VALUES ({0}, {1}, {OPEN}, {0}, {2}, 0)",
            self.account,
            id(self.database, made),
            id(self.database, bundle)
        );
        self.database.run(&sql).await;
        made
    }

    /// Maps to a `bundle` or `role`, the account's own or a predefined one; in a workspace, if one is
    /// named.
    pub(crate) async fn map(
        &self,
        to: To<'_>,
        (gives, gift): (&str, Uuid),
        workspace: Option<Uuid>,
    ) {
        let (group, pushed) = match to {
            To::Group(group) => (id(self.database, group.parse().expect("an id")), None),
            To::Pushed(value) => ("NULL".to_owned(), Some(value)),
        };
        let connection = match pushed {
            Some(_) => format!("(SELECT id FROM connections WHERE account_id = {})", self.account),
            None => "NULL".to_owned(),
        };
        let pushed = pushed.map_or("NULL".to_owned(), |value| format!("'{value}'"));
        let owner =
            format!("(SELECT account_id FROM {gives}s WHERE id = {})", id(self.database, gift));
        let place = if workspace.is_some() { "workspace" } else { "account" };
        let workspace = workspace.map_or("NULL".to_owned(), |it| id(self.database, it));
        let sql = format!(
            "INSERT INTO group_mappings (account_id, id, valid_to, valid_from, group_id, \
             connection_id, pushed_value, pushed_key, gives, gives_owner, gives_id, place, \
             workspace_id, paused, starts_at, ends_at, reason, version, created_at, \
             created_by_kind, changed_by_kind) VALUES ({}, {}, {OPEN}, 0, {group}, {connection}, \
             {pushed}, {pushed}, '{gives}', {owner}, {}, '{place}', {workspace}, FALSE, 0, {OPEN}, \
             'test', 1, 0, 'platform', 'platform')",
            self.account,
            id(self.database, new()),
            id(self.database, gift),
        );
        self.database.run(&sql).await;
    }

    /// The id of the one bundle or role there is.
    pub(crate) async fn id_of(&self, table: &str) -> Uuid {
        let (open, close) =
            if self.database.is_sqlite() { ("hex(", ")") } else { ("CAST(", " AS text)") };
        let sql =
            format!("SELECT {open}id{close} FROM {table} WHERE account_id = {}", self.account);
        let ids = self.database.texts(&sql).await;
        ids.first().expect("one").parse().expect("an id")
    }

    /// Makes a workspace; its id.
    pub(crate) async fn workspace(&self, name: &str) -> Uuid {
        let made = new();
        let sql = format!(
            "INSERT INTO workspaces (account_id, id, name, name_key, version, created_at, \
             updated_at) VALUES ({}, {}, '{name}', '{name}', 1, 0, 0)",
            self.account,
            id(self.database, made)
        );
        self.database.run(&sql).await;
        made
    }

    async fn named(
        &self,
        table: &str,
        (columns, values): (&str, &str),
        (name, key): (&str, Option<&str>),
    ) -> Uuid {
        let made = new();
        let key = key.map_or("NULL".to_owned(), |key| format!("'{key}'"));
        let sql = format!(
            "INSERT INTO {table} (account_id, id, {columns}catalogue_key, name, name_key, \
             description, version, created_at, updated_at) \
             VALUES ({}, {}, {values}{key}, '{name}', '{}', '', 1, 0, 0)",
            self.account,
            id(self.database, made),
            name.to_lowercase()
        );
        self.database.run(&sql).await;
        made
    }
}

fn new() -> Uuid {
    Uuid::from_u128(rand::random())
}

/// An id as the database writes it.
fn id(database: &TestDatabase, id: Uuid) -> String {
    if database.is_sqlite() { format!("X'{}'", id.simple()) } else { format!("'{id}'") }
}
