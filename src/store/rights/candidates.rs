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

/// A stretch of the users in the order of their ids.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    /// Behind whom it begins.
    pub(crate) behind: Option<ResourceId>,
    /// How long it is at most.
    pub(crate) limit: u64,
}

impl Stretch {
    /// How many users are looked at in one statement, where all of them are.
    const WHOLE: u64 = 500;

    /// One of many that are looked at one after another.
    pub(crate) fn behind(behind: Option<ResourceId>) -> Self {
        Self { behind, limit: Self::WHOLE }
    }

    /// Where so many of those who are found are wanted.
    pub(crate) fn fitting(behind: Option<ResourceId>, wanted: usize) -> Self {
        // Not all who are found have it: too few would have to be asked for again and again.
        let limit = u64::try_from(wanted).unwrap_or(u64::MAX).clamp(50, Self::WHOLE);
        Self { behind, limit }
    }
}

/// What is asked of which account's users.
#[derive(Clone, Copy)]
struct Asked {
    dialect: Dialect,
    account: AccountId,
    when: When,
    /// Enough of each group to fill a stretch; all if there is none.
    stretch: Option<Stretch>,
}

impl Store {
    /// The users of an account whom something would give it, in the order of their ids.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn candidates(
        &self,
        (account, candidates): (AccountId, &Candidates),
        when: When,
        stretch: Stretch,
    ) -> Result<Vec<Candidate>> {
        let Stretch { behind, limit } = stretch;
        let found = candidates.select(self.dialect, (account, Some(stretch)), when);
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
    /// A select of their ids: of a stretch, more than enough to fill it.
    pub(super) fn select(
        &self,
        dialect: Dialect,
        (account, stretch): (AccountId, Option<Stretch>),
        when: When,
    ) -> Sql {
        let asked = Asked { dialect, account, when, stretch };
        match self {
            Self::Rights(keys) => by_rights(asked, keys),
            Self::Gift(id) => {
                let one = format!("SELECT CAST(? AS {})", dialect.uuid_type());
                by_gift(asked, Sql::new(one, vec![(*id).into()]))
            }
            Self::Predefined(table, key) => {
                let one = format!(
                    "SELECT x.id FROM {table} x WHERE x.account_id = ? AND x.catalogue_key = ? \
                     AND x.deleted_at IS NULL"
                );
                let values = vec![AccountId::CATALOGUE.uuid().into(), key.clone().into()];
                by_gift(asked, Sql::new(one, values))
            }
            Self::Groups(groups) => by_groups(asked, groups),
            Self::Pushed(connection, value) => {
                let key = vec![connection.uuid().into(), fold::text(value).into()];
                let one = asked.users_of(
                    "(SELECT 1 AS one) o",
                    ("pushed_values", "user_id"),
                    Sql::new("d.connection_id = ? AND d.value_key = ?", key),
                );
                Sql::new(format!("SELECT d.user_id FROM {}", one.text), one.values)
            }
        }
    }
}

impl Asked {
    /// The rows `d` in force that belong to each of a few rows, in as far as the stretch needs them: a
    /// group's first members behind it are all that a group can add, however large it is.
    fn users_of(self, few: &str, (table, user): (&str, &str), and: Sql) -> Sql {
        let Self { dialect, account, when, stretch } = self;
        let mut rows = Sql::new("d.account_id = ? AND ", vec![account.uuid().into()]);
        rows.push(&and.text, and.values);
        rows.push(&format!(" AND {}", when.in_force("d")), []);
        let Some(Stretch { behind, limit }) = stretch else {
            return Sql::new(dialect.look_up_each(few, table, &rows.text), rows.values);
        };
        if let Some(behind) = behind {
            rows.push(&format!(" AND d.{user} > ?"), [behind.uuid().into()]);
        }
        dialect.look_up_first(few, (table, user), rows, limit)
    }
}

/// Bundles that hold one of the rights, roles that carry those, and what gives either.
fn by_rights(asked: Asked, keys: &[RightKey]) -> Sql {
    let Asked { dialect, account, when, .. } = asked;
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
    push_roles(&mut sql, asked);
    sql.push("), ", []);
    push_givees(&mut sql, asked);
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
fn by_gift(asked: Asked, one: Sql) -> Sql {
    let mut sql = Sql::new("WITH RECURSIVE b(id) AS (", vec![]);
    sql.push(&one.text, one.values);
    sql.push("), gift(id) AS (SELECT b.id FROM b", []);
    push_roles(&mut sql, asked);
    sql.push("), ", []);
    push_givees(&mut sql, asked);
    sql
}

fn by_groups(asked: Asked, groups: &[ResourceId]) -> Sql {
    let ids = Ids::new(asked.dialect, groups);
    let mut sql = Sql::new(
        format!("WITH RECURSIVE down(id) AS (SELECT ids.wanted FROM {}", ids.table()),
        vec![ids.value()],
    );
    push_below(&mut sql, asked);
    sql
}

/// Goes on with the roles that carry a bundle of `b`.
fn push_roles(sql: &mut Sql, Asked { dialect, account, when, .. }: Asked) {
    let in_force = when.in_force("d");
    for owner in [account, AccountId::CATALOGUE] {
        let condition = format!("d.account_id = ? AND d.bundle_id = b.id AND {in_force}");
        let found = dialect.look_up_each("b", "role_bundles", &condition);
        sql.push(&format!(" UNION SELECT d.role_id FROM {found}"), [owner.uuid().into()]);
    }
}

/// Goes on with those whom a mapping or a grant gives something of `gift`, or whom one of that id does.
fn push_givees(sql: &mut Sql, asked: Asked) {
    let mapped = asked.dialect.look_up_each(
        "gift",
        "group_mappings",
        &format!("d.account_id = ? AND d.gives_id = gift.id AND {}", asked.when.in_force("d")),
    );
    let plain = |text: &str| Sql::new(text, vec![]);
    let granted = asked.users_of("gift", ("grants", "user_id"), plain("d.gives_id = gift.id"));
    let pushed = asked.users_of(
        "(SELECT m.connection_id, m.pushed_key FROM m WHERE m.pushed_key IS NOT NULL) p",
        ("pushed_values", "user_id"),
        plain("d.connection_id = p.connection_id AND d.value_key = p.pushed_key"),
    );
    sql.push(
        &format!(
            "m(group_id, connection_id, pushed_key) AS (\
             SELECT d.group_id, d.connection_id, d.pushed_key FROM {mapped}), \
             given(id) AS (SELECT d.user_id FROM {}",
            granted.text
        ),
        [asked.account.uuid().into()],
    );
    sql.values.extend(granted.values);
    sql.push(&format!(" UNION SELECT d.user_id FROM {}", pushed.text), pushed.values);
    sql.push("), down(id) AS (SELECT m.group_id FROM m WHERE m.group_id IS NOT NULL", []);
    push_below(sql, asked);
    sql.push(" UNION SELECT given.id FROM given", []);
}

/// Goes on with the groups in those of `down`, and ends with a select of all their users.
fn push_below(sql: &mut Sql, asked: Asked) {
    let condition = |kind: &str| format!("d.group_id = down.id AND d.member_kind = '{kind}'");
    let groups = asked.dialect.look_up_each(
        "down",
        "group_members",
        &format!("d.account_id = ? AND {} AND {}", condition("Group"), asked.when.in_force("d")),
    );
    let users = Sql::new(condition("User"), vec![]);
    let users = asked.users_of("down", ("group_members", "member_id"), users);
    sql.push(
        &format!(" UNION SELECT d.member_id FROM {groups}) SELECT d.member_id FROM {}", users.text),
        [asked.account.uuid().into()],
    );
    sql.values.extend(users.values);
}
