//! Which groups a user belongs to and which members a group has, as SQL over `group_members`.
//!
//! Both are written for a query over a table aliased `r`. Nesting may be circular: the recursion
//! keeps a set, so it ends. `CROSS JOIN` tells SQLite in which order to go: from the few to the many.

pub(super) mod memberships;

use crate::domain::time::OPEN_END;
use crate::store::dialect::Dialect;

/// A select of a user's groups: `id, display_name, display_name_key, direct` (1 or 0).
pub(super) fn groups_of_user(dialect: Dialect) -> String {
    let open = OPEN_END.micros();
    // Not a join: PostgreSQL cannot tell that few groups come up, and would read all there are.
    let group = |column: &str| {
        format!(
            "SELECT g.{column} FROM groups g WHERE g.account_id = r.account_id AND g.id = up.id"
        )
    };
    format!(
        "WITH RECURSIVE up(id, direct) AS (\
         SELECT d.group_id, 1 FROM group_members d \
         WHERE d.account_id = r.account_id AND d.member_id = r.id AND d.valid_to = {open} \
         UNION \
         SELECT d.group_id, 0 FROM {above}) \
         SELECT up.id, ({name}) AS display_name, ({key}) AS display_name_key, \
         max(up.direct) AS direct FROM up GROUP BY up.id",
        above = dialect.look_up_each(
            "up",
            "group_members",
            &format!("account_id = r.account_id AND member_id = up.id AND valid_to = {open}"),
        ),
        name = group("display_name"),
        key = group("display_name_key"),
    )
}

/// The same as one column: a JSON array of `[user, group, display_name, direct]`.
pub(super) fn all_groups_column(dialect: Dialect) -> String {
    let (user, group) = (dialect.id_in_array("r.id"), dialect.id_in_array("x.id"));
    let array = dialect.array_of_arrays(&[&user, &group, "x.display_name", "x.direct"], "x.id");
    format!("(SELECT {array} FROM ({}) x)", groups_of_user(dialect))
}

/// The groups a user is a member of itself, as one column: a JSON array of
/// `[user, group, display_name, nested]`, empty or null for a user of none. Where a group is itself
/// in another (`nested` is 1), [`all_groups_column`] tells the rest. Few have such groups, and even a
/// recursion that does not run costs PostgreSQL more than all else.
pub(super) fn own_groups_column(dialect: Dialect) -> String {
    let (user, group) = (dialect.id_in_array("x.member_id"), dialect.id_in_array("x.group_id"));
    let parts = [user.as_str(), &group, "x.display_name", "x.nested"];
    format!(
        "(SELECT {array} FROM (SELECT d.member_id, d.group_id, {name} AS display_name, \
         {nested} AS nested FROM group_members d WHERE d.account_id = r.account_id \
         AND d.member_id = r.id AND d.valid_to = {open}) x)",
        array = dialect.array_of_arrays(&parts, "x.group_id"),
        name = name_of("d"),
        nested = is_nested("d"),
        open = OPEN_END.micros(),
    )
}

/// The groups that a page's users are members of themselves, for users whose ids lie between two
/// (a page in order of id): takes the account, then the two.
///
/// Two columns: a JSON array of `[user, group]`, and one of `[group, display_name, nested]`, for a
/// page's users share their groups.
pub(super) fn own_groups_of_range(dialect: Dialect) -> String {
    let rows = format!(
        "group_members d WHERE d.account_id = ? AND d.member_id >= ? AND d.member_id <= ? \
         AND d.valid_to = {}",
        OPEN_END.micros()
    );
    own_groups_of(dialect, &rows)
}

/// The same for all users of any page: `users` is a table `ids(wanted)`; takes its value, then the
/// account.
pub(super) fn own_groups_of_page(dialect: Dialect, users: &str) -> String {
    let rows = dialect.look_up_each(
        users,
        "group_members",
        &format!("account_id = ? AND member_id = ids.wanted AND valid_to = {}", OPEN_END.micros()),
    );
    own_groups_of(dialect, &rows)
}

fn own_groups_of(dialect: Dialect, rows: &str) -> String {
    let (user, group) = (dialect.id_in_array("m.member_id"), dialect.id_in_array("m.group_id"));
    let id = dialect.id_in_array("x.group_id");
    format!(
        "WITH m AS MATERIALIZED (SELECT d.account_id, d.member_id, d.group_id FROM {rows}) \
         SELECT (SELECT {memberships} FROM m), \
         (SELECT {groups} FROM (SELECT s.group_id, {name} AS display_name, {nested} AS nested \
         FROM (SELECT DISTINCT account_id, group_id FROM m) s) x)",
        memberships = dialect.array_of_arrays(&[&user, &group], "m.group_id"),
        groups = dialect.array_of_arrays(&[&id, "x.display_name", "x.nested"], "x.group_id"),
        name = name_of("s"),
        nested = is_nested("s"),
    )
}

/// The display name of the group in `group_id` of a table.
fn name_of(table: &str) -> String {
    format!(
        "(SELECT g.display_name FROM groups g \
         WHERE g.account_id = {table}.account_id AND g.id = {table}.group_id)"
    )
}

/// Whether that group is itself in another (1 or 0).
fn is_nested(table: &str) -> String {
    format!(
        "COALESCE((SELECT 1 FROM group_members n WHERE n.account_id = {table}.account_id \
         AND n.member_id = {table}.group_id AND n.valid_to = {open} LIMIT 1), 0)",
        open = OPEN_END.micros(),
    )
}

/// A condition: the user is a member, directly or not, of the group whose id is the value. Takes
/// that value, then the account twice.
pub(super) fn user_is_in_group(dialect: Dialect) -> String {
    let open = OPEN_END.micros();
    let groups = format!(
        "WITH RECURSIVE down(id) AS (SELECT CAST(? AS {uuid}) UNION \
         SELECT d.member_id FROM {below}) SELECT id FROM down",
        uuid = dialect.uuid_type(),
        below = dialect.look_up_each(
            "down",
            "group_members",
            &format!(
                "group_id = down.id AND account_id = ? AND valid_to = {open} \
                 AND member_kind = 'Group'"
            ),
        ),
    );
    let members = format!(
        "SELECT d.member_id FROM group_members d WHERE d.group_id {of_these} \
         AND d.account_id = ? AND d.valid_to = {open}",
        of_these = dialect.among(&groups),
    );
    format!("r.id {}", dialect.among(&members))
}

/// A select of a group's members: `id, kind, display_name, display_name_key`.
pub(super) fn members_of_group() -> String {
    format!(
        "SELECT m.member_id AS id, m.member_kind AS kind, \
         COALESCE(u.display_name, c.display_name) AS display_name, \
         COALESCE(u.display_name_key, u.user_name_key, c.display_name_key) AS display_name_key \
         FROM group_members m \
         LEFT JOIN users u ON u.account_id = m.account_id AND u.id = m.member_id \
         LEFT JOIN groups c ON c.account_id = m.account_id AND c.id = m.member_id \
         WHERE m.account_id = r.account_id AND m.group_id = r.id AND m.valid_to = {open}",
        open = OPEN_END.micros(),
    )
}

/// A condition: the group has the member whose id is the value. Takes the account, then that value.
pub(super) fn group_has_member() -> String {
    format!(
        "r.id IN (SELECT d.group_id FROM group_members d \
         WHERE d.account_id = ? AND d.member_id = ? AND d.valid_to = {open})",
        open = OPEN_END.micros(),
    )
}
