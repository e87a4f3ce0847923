//! What support users may do in accounts that they were let into: a source beside mappings and grants, held
//! elsewhere than in the user's own account (PRODUCT.md W3, POLICY.md M44, M51, M52, M63).

use sea_orm::Value;

use crate::domain::persons::support::grants::NEVER_SUPPORT;
use crate::domain::rights::paths::Stop;
use crate::store::rights::paths::When;
use crate::store::rights::paths::query::{Query, bit, period, turns};
use crate::store::script::Sql;

impl Query<'_> {
    /// As long as they are what they were let in as, and were active all the time.
    pub(super) fn let_in(&self) -> Sql {
        let (account, now): (Value, Value) =
            (self.account.uuid().into(), self.when.at().micros().into());
        let of_user =
            format!("d.user_account = ? AND d.user_id = s.id AND {}", self.when.in_force("d"));
        let table = &self.tables.support;
        let grants = self.dialect.look_up_each("subjects s", &table.text, &of_user);
        let mut sql = Sql::new(
            format!(
                " UNION ALL SELECT s.id, s.person_id, 4, d.id, {no_id}, 'support', d.workspace_id, \
                 {} + CASE WHEN {} OR NOT ({}) THEN {} ELSE 0 END, {}, CAST(0 AS bigint), 0, \
                 'bundle', d.bundle_owner, d.bundle_id, CAST(NULL AS text) FROM ",
                period(),
                self.was_away(),
                self.has_post(),
                bit(Stop::PostLost),
                turns(),
                no_id = self.no_id()
            ),
            vec![],
        );
        sql.values = vec![now; sql.text.matches('?').count()];
        sql.push(&grants, table.values.clone());
        sql.values.push(account);
        sql
    }

    /// M44: whoever comes back was not let in again.
    fn was_away(&self) -> String {
        let until = match self.when {
            When::Now(_) => String::new(),
            When::Then(at) => format!(" AND a.active_since <= {}", at.micros()),
        };
        format!(
            "EXISTS (SELECT 1 FROM users a WHERE a.account_id = d.user_account \
             AND a.id = d.user_id AND a.active_since > d.valid_from{until})"
        )
    }

    /// A place in a team; of whoever looks after the account, that function. Takes the moment once.
    fn has_post(&self) -> String {
        format!(
            "EXISTS (SELECT 1 FROM up CROSS JOIN support_functions f WHERE up.user_id = s.id \
             AND f.account_id = d.user_account AND f.group_id = up.group_id AND {} AND NOT f.pending \
             AND ((d.standing AND f.gives = 'function' AND f.name = d.function) \
             OR (NOT d.standing AND f.gives = 'team'))) OR EXISTS (SELECT 1 FROM seed_grants e \
             WHERE e.account_id = d.user_account AND e.user_id = s.id \
             AND e.valid_to > CAST(? AS bigint) \
             AND ((d.standing AND e.right_key = 'function:' || d.function) \
             OR (NOT d.standing AND e.right_key LIKE 'team:%')))",
            self.when.in_force("f")
        )
    }

    /// Where that is: the account that let them in, `at_account` of the next step.
    pub(super) fn let_in_at(&self, columns: &str) -> Sql {
        let few = "(SELECT * FROM given WHERE place = 'support') g";
        let table = &self.tables.support;
        let of_source = "d.user_account = ? AND d.user_id = g.user_id AND d.id = g.source_id";
        let grants = self.dialect.look_up_each(few, &table.text, of_source);
        let mut sql = Sql::new(
            format!(" UNION ALL SELECT {columns}, d.account_id FROM {grants}"),
            table.values.clone(),
        );
        sql.values.push(self.account.uuid().into());
        sql
    }
}

/// Whether a support user would hold what none of them may.
pub(super) fn never_support() -> String {
    let never: Vec<String> =
        NEVER_SUPPORT.iter().map(|right| format!("'{}'", right.as_str())).collect();
    format!(
        "p.kind = 4 AND (COALESCE(c.privileged, FALSE) OR p.right_key IN ({}))",
        never.join(", ")
    )
}
