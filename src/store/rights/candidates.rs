//! Whom something would give a right: found backwards, from the right to the users, so that asking who
//! has it does not cost a look at everybody. More may be found than have it; [`super::paths`] says.

use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use crate::domain::ids::{AccountId, ConnectionId, ResourceId};
use crate::domain::rights::RightKey;
use crate::scim::fold;
use crate::store::dialect::Dialect;
use crate::store::members::Ids;
use crate::store::rights::paths::When;
use crate::store::script::Sql;
use crate::store::{Result, Store};

/// What the users have in common.
#[derive(Debug, Clone)]
pub(crate) enum Candidates {
    /// Something gives them one of these rights.
    Rights(Vec<RightKey>),
    /// Something gives them this bundle or role.
    Gift(Uuid),
    /// Something gives them the predefined bundle or role of that key: of which table.
    Predefined(&'static str, String),
    /// They are in one of these groups, directly or not.
    Groups(Vec<ResourceId>),
    /// That connection pushed them a role of that value.
    Pushed(ConnectionId, String),
}

/// A user who may have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// The user.
    pub(crate) user: ResourceId,
    /// What to show.
    pub(crate) display_name: String,
}

impl Store {
    /// The users of an account whom something would give it, in the order of their ids, behind one, so
    /// many at most.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn candidates(
        &self,
        (account, candidates): (AccountId, &Candidates),
        when: When,
        (behind, limit): (Option<ResourceId>, u64),
    ) -> Result<Vec<Candidate>> {
        let found = candidates.select(self.dialect, account, when);
        let mut sql = Sql::new(
            "SELECT u.id, u.display_name FROM users u WHERE u.account_id = ? AND u.id IN (",
            vec![account.uuid().into()],
        );
        sql.push(&found.text, found.values);
        sql.push(")", []);
        if let Some(behind) = behind {
            sql.push(" AND u.id > ?", [behind.uuid().into()]);
        }
        sql.push(&format!(" ORDER BY u.id LIMIT {limit}"), []);
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        rows.iter().map(candidate).collect()
    }
}

impl Store {
    /// Those users of an account, with what to show.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn named(
        &self,
        account: AccountId,
        users: &[ResourceId],
    ) -> Result<Vec<Candidate>> {
        let ids = Ids::new(self.dialect, users);
        let rows = self.dialect.look_up_each(
            &ids.table(),
            "users",
            "d.account_id = ? AND d.id = ids.wanted",
        );
        let sql = Sql::new(
            format!("SELECT d.id, d.display_name FROM {rows} ORDER BY d.id"),
            vec![ids.value(), account.uuid().into()],
        );
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        rows.iter().map(candidate).collect()
    }
}

fn candidate(row: &QueryResult) -> Result<Candidate> {
    let user = ResourceId::new(row.try_get_by_index(0)?);
    Ok(Candidate { user, display_name: row.try_get_by_index(1)? })
}

impl Candidates {
    /// A select of their ids.
    pub(super) fn select(&self, dialect: Dialect, account: AccountId, when: When) -> Sql {
        match self {
            Self::Rights(keys) => by_rights(dialect, (account, keys), when),
            Self::Gift(id) => {
                let one = format!("SELECT CAST(? AS {})", dialect.uuid_type());
                by_gift(dialect, (account, Sql::new(one, vec![(*id).into()])), when)
            }
            Self::Predefined(table, key) => {
                let one = format!(
                    "SELECT x.id FROM {table} x WHERE x.account_id = ? AND x.catalogue_key = ? \
                     AND x.deleted_at IS NULL"
                );
                let values = vec![AccountId::CATALOGUE.uuid().into(), key.clone().into()];
                by_gift(dialect, (account, Sql::new(one, values)), when)
            }
            Self::Groups(groups) => by_groups(dialect, (account, groups), when),
            Self::Pushed(connection, value) => Sql::new(
                format!(
                    "SELECT d.user_id FROM pushed_values d WHERE d.account_id = ? \
                     AND d.connection_id = ? AND d.value_key = ? AND {}",
                    when.in_force("d")
                ),
                vec![account.uuid().into(), connection.uuid().into(), fold::text(value).into()],
            ),
        }
    }
}

/// Bundles that hold one of the rights, roles that carry those, and what gives either.
fn by_rights(dialect: Dialect, (account, keys): (AccountId, &[RightKey]), when: When) -> Sql {
    let in_force = when.in_force("d");
    let keys: Value =
        serde_json::json!(keys.iter().map(RightKey::as_str).collect::<Vec<_>>()).to_string().into();
    let of_these = format!("d.right_key IN (SELECT el.value FROM {})", dialect.each_text());
    let mut sql = Sql::new("WITH RECURSIVE b(id) AS (", vec![]);
    for (n, owner) in [account, AccountId::CATALOGUE].into_iter().enumerate() {
        sql.push(if n == 0 { "" } else { " UNION ALL " }, []);
        sql.push(
            &format!(
                "SELECT d.bundle_id FROM bundle_rights d WHERE d.account_id = ? \
                 AND {of_these} AND {in_force}"
            ),
            [owner.uuid().into(), keys.clone()],
        );
    }
    sql.push("), gift(id) AS (SELECT b.id FROM b", []);
    push_roles(&mut sql, dialect, account, &in_force);
    sql.push("), ", []);
    push_givees(&mut sql, dialect, account, when);
    sql.push(
        &format!(
            " UNION SELECT d.user_id FROM grants d WHERE d.account_id = ? AND {of_these} \
             AND {in_force} \
             UNION SELECT d.user_id FROM seed_grants d WHERE d.account_id = ? AND {of_these}"
        ),
        [account.uuid().into(), keys.clone(), account.uuid().into(), keys],
    );
    sql
}

/// The bundle or role itself, roles that carry it, and what gives either.
fn by_gift(dialect: Dialect, (account, one): (AccountId, Sql), when: When) -> Sql {
    let in_force = when.in_force("d");
    let mut sql = Sql::new("WITH RECURSIVE b(id) AS (", vec![]);
    sql.push(&one.text, one.values);
    sql.push("), gift(id) AS (SELECT b.id FROM b", []);
    push_roles(&mut sql, dialect, account, &in_force);
    sql.push("), ", []);
    push_givees(&mut sql, dialect, account, when);
    sql
}

fn by_groups(dialect: Dialect, (account, groups): (AccountId, &[ResourceId]), when: When) -> Sql {
    let ids = Ids::new(dialect, groups);
    let mut sql = Sql::new(
        format!("WITH RECURSIVE down(id) AS (SELECT ids.wanted FROM {}", ids.table()),
        vec![ids.value()],
    );
    push_below(&mut sql, dialect, account, when);
    sql
}

/// Goes on with the roles that carry a bundle of `b`.
fn push_roles(sql: &mut Sql, dialect: Dialect, account: AccountId, in_force: &str) {
    for owner in [account, AccountId::CATALOGUE] {
        let condition = format!("d.account_id = ? AND d.bundle_id = b.id AND {in_force}");
        let found = dialect.look_up_each("b", "role_bundles", &condition);
        sql.push(&format!(" UNION SELECT d.role_id FROM {found}"), [owner.uuid().into()]);
    }
}

/// Goes on with those whom a mapping or a grant gives something of `gift`, or whom one of that id does.
fn push_givees(sql: &mut Sql, dialect: Dialect, account: AccountId, when: When) {
    let in_force = when.in_force("d");
    let mapped = dialect.look_up_each(
        "gift",
        "group_mappings",
        &format!("d.account_id = ? AND d.gives_id = gift.id AND {in_force}"),
    );
    let granted = dialect.look_up_each(
        "gift",
        "grants",
        &format!("d.account_id = ? AND d.gives_id = gift.id AND {in_force}"),
    );
    let pushed = dialect.look_up_each(
        "(SELECT m.connection_id, m.pushed_key FROM m WHERE m.pushed_key IS NOT NULL) p",
        "pushed_values",
        &format!(
            "d.account_id = ? AND d.connection_id = p.connection_id \
             AND d.value_key = p.pushed_key AND {in_force}"
        ),
    );
    let account = account.uuid();
    sql.push(
        &format!(
            "m(group_id, connection_id, pushed_key) AS (\
             SELECT d.group_id, d.connection_id, d.pushed_key FROM {mapped}), \
             given(id) AS (SELECT d.user_id FROM {granted} UNION SELECT d.user_id FROM {pushed}), \
             down(id) AS (SELECT m.group_id FROM m WHERE m.group_id IS NOT NULL"
        ),
        [account.into(), account.into(), account.into()],
    );
    push_below(sql, dialect, AccountId::new(account), when);
    sql.push(" UNION SELECT given.id FROM given", []);
}

/// Goes on with the groups in those of `down`, and ends with a select of all their users.
fn push_below(sql: &mut Sql, dialect: Dialect, account: AccountId, when: When) {
    let members = |kind: &str| {
        let condition = format!(
            "d.account_id = ? AND d.group_id = down.id AND d.member_kind = '{kind}' AND {}",
            when.in_force("d")
        );
        dialect.look_up_each("down", "group_members", &condition)
    };
    sql.push(
        &format!(
            " UNION SELECT d.member_id FROM {}) SELECT d.member_id FROM {}",
            members("Group"),
            members("User")
        ),
        [account.uuid().into(), account.uuid().into()],
    );
}
