//! THE query of who is what among the operator's staff: up from users over groups to what groups give,
//! beside what was seeded and who stands in for a director. As WITH clauses that end in
//! `posts(user_id, gives, name, since, seeded, for_user)`: since when, whether by a seed, and for which
//! director somebody stands in.
//!
//! What makes approvers counts only for who was in the group when it was given: SCIM makes nobody an
//! approver (POLICY.md §1, 6). Who comes later has it when it is given anew.

use sea_orm::QueryResult;

use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::persons::support::{Function, Post};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::store::dialect::Dialect;
use crate::store::script::Sql;
use crate::store::{Result, StoreError};

/// Active users of the account, none of them a recipient.
const ACTIVE: &str = "SELECT u.id FROM users u WHERE u.account_id = ? AND u.deleted_at IS NULL \
                      AND u.active AND u.kind = 'user'";

/// Those of one user.
pub(super) fn of_one(
    dialect: Dialect,
    (account, user): (AccountId, ResourceId),
    now: Timestamp,
) -> Sql {
    // With those whom they stand in for: what these are decides.
    let subjects = Sql::new(
        format!(
            "{ACTIVE} AND u.id IN (SELECT x.id FROM users x WHERE x.account_id = ? AND x.id = ? \
             UNION SELECT g.from_user FROM csd_delegations g WHERE g.account_id = ? \
             AND g.to_user = ? AND g.valid_to = {})",
            OPEN_END.micros()
        ),
        vec![
            account.uuid().into(),
            account.uuid().into(),
            user.uuid().into(),
            account.uuid().into(),
            user.uuid().into(),
        ],
    );
    posts(dialect, account, (subjects, now))
}

/// Those of all active users.
pub(super) fn of_all(dialect: Dialect, account: AccountId, now: Timestamp) -> Sql {
    posts(dialect, account, (Sql::new(ACTIVE, vec![account.uuid().into()]), now))
}

/// The groups, as `up(user_id, group_id, since)`, of a user and of all in the account who may be the same
/// human (DECISIONS.md 6).
pub(super) fn of_selves(dialect: Dialect, (account, user): (AccountId, ResourceId)) -> Sql {
    let of_user = [account.uuid().into(), user.uuid().into()];
    let mut subjects =
        Sql::new("SELECT u.id FROM users u WHERE u.account_id = ? AND u.id = ?", of_user.to_vec());
    for same in [
        " UNION SELECT b.user_id FROM user_persons a JOIN user_persons b \
         ON b.person_id = a.person_id AND b.account_id = a.account_id \
         WHERE a.account_id = ? AND a.user_id = ?",
        " UNION SELECT b.user_id FROM user_emails a JOIN user_emails b \
         ON b.account_id = a.account_id AND b.value_key = a.value_key \
         WHERE a.account_id = ? AND a.user_id = ?",
        " UNION SELECT b.id FROM users a JOIN users b \
         ON b.account_id = a.account_id AND b.external_id = a.external_id \
         AND b.deleted_at IS NULL WHERE a.account_id = ? AND a.id = ?",
    ] {
        subjects.push(same, of_user.clone());
    }
    up(dialect, account, subjects)
}

/// A post out of two columns.
pub(super) fn read(row: &QueryResult, first: usize) -> Result<Post> {
    let (gives, name): (String, String) =
        (row.try_get_by_index(first)?, row.try_get_by_index(first + 1)?);
    Post::parse(&gives, &name).ok_or_else(|| StoreError::Inconsistent {
        table: "support_functions",
        what: format!("{gives}:{name}"),
    })
}

fn posts(dialect: Dialect, account: AccountId, (subjects, now): (Sql, Timestamp)) -> Sql {
    let (id, at) = (account.uuid(), now.micros());
    let mut sql = up(dialect, account, subjects);
    let approvers: Vec<String> = Function::ALL
        .iter()
        .filter(|it| it.makes_approvers())
        .map(|it| format!("'{}'", it.as_str()))
        .collect();
    let given = dialect.look_up_each(
        "up",
        "support_functions",
        &format!(
            "d.account_id = ? AND d.group_id = up.group_id AND d.valid_to = {} AND NOT d.pending \
             AND (d.name NOT IN ({}) OR d.valid_from >= up.since)",
            OPEN_END.micros(),
            approvers.join(", ")
        ),
    );
    let seeded = dialect.look_up_each(
        "subjects s",
        "seed_grants",
        "d.account_id = ? AND d.user_id = s.id AND d.valid_from <= ? AND d.valid_to > ? \
         AND (d.right_key LIKE 'function:%' OR d.right_key LIKE 'team:%')",
    );
    sql.push(
        &format!(
            ", held(user_id, gives, name, since, seeded) AS (SELECT up.user_id, d.gives, d.name, \
             CASE WHEN d.valid_from > up.since THEN d.valid_from ELSE up.since END, 0 FROM {given} \
             UNION SELECT s.id, CASE WHEN d.right_key LIKE 'team:%' THEN 'team' \
             ELSE 'function' END, CASE WHEN d.right_key LIKE 'team:%' \
             THEN substr(d.right_key, 6) ELSE substr(d.right_key, 10) END, d.valid_from, 1 FROM {seeded})"
        ),
        [id.into(), id.into(), at.into(), at.into()],
    );
    let stands_in = dialect.look_up_each(
        "held h",
        "csd_delegations",
        &format!(
            "d.account_id = ? AND d.from_user = h.user_id AND d.valid_to = {} \
             AND d.starts_at <= ? AND d.ends_at > ? AND h.gives = 'function' AND h.name = 'csd' \
             AND d.to_user IN (SELECT s.id FROM subjects s)",
            OPEN_END.micros()
        ),
    );
    sql.push(
        &format!(
            ", posts(user_id, gives, name, since, seeded, for_user) AS (SELECT user_id, gives, name, \
             since, seeded, CAST(NULL AS {uuid}) FROM held \
             UNION SELECT d.to_user, 'function', 'csd_delegate', \
             CASE WHEN d.valid_from > d.starts_at THEN d.valid_from ELSE d.starts_at END, 0, d.from_user \
             FROM {stands_in})",
            uuid = dialect.uuid_type()
        ),
        [id.into(), at.into(), at.into()],
    );
    sql
}

/// The groups that the users of a select are in, however deep, and since when: the latest of the
/// memberships on the way.
fn up(dialect: Dialect, account: AccountId, subjects: Sql) -> Sql {
    let step = |few: &str, member: &str| {
        let condition = format!(
            "d.account_id = ? AND d.member_id = {member} AND d.valid_to = {}",
            OPEN_END.micros()
        );
        dialect.look_up_each(few, "group_members", &condition)
    };
    let put = dialect.put_together_once();
    let mut sql = Sql::new(format!("WITH RECURSIVE subjects AS {put}("), vec![]);
    sql.push(&subjects.text, subjects.values);
    let (first, next) = (step("subjects s", "s.id"), step("up", "up.group_id"));
    sql.push(
        &format!(
            "), up(user_id, group_id, since) AS (SELECT s.id, d.group_id, d.valid_from FROM {first} \
             UNION SELECT up.user_id, d.group_id, CASE WHEN d.valid_from > up.since \
             THEN d.valid_from ELSE up.since END FROM {next})"
        ),
        [account.uuid().into(), account.uuid().into()],
    );
    sql
}
