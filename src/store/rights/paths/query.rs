//! THE query of effective rights: from users over groups, mappings, grants, roles and bundles to rights
//! and places, with all that stops each path (PRODUCT.md C1, C2).
//!
//! It is set-based: one statement for one user or for many, now or on a past day. The tables that it
//! reads are named by [`Tables`], so that a preview is the same query over changed ones
//! (DECISIONS.md 28). What stops a path is a number, a bit for each [`Stop`].

mod let_in;

use std::fmt::Write as _;

use sea_orm::Value;

use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::rights::RightKey;
use crate::domain::rights::paths::Stop;
use crate::domain::time::OPEN_END;
use crate::store::dialect::Dialect;
use crate::store::members::Ids;
use crate::store::rights::paths::{Tables, When};
use crate::store::script::Sql;

/// One query being written.
pub(in crate::store::rights) struct Query<'a> {
    pub(in crate::store::rights) dialect: Dialect,
    pub(in crate::store::rights) account: AccountId,
    pub(in crate::store::rights) when: When,
    pub(in crate::store::rights) tables: &'a Tables,
    /// The one right that is asked about; all if there is none.
    pub(in crate::store::rights) only: Option<&'a RightKey>,
}

/// The columns of a source, as they go through all steps.
/// `basis`: since when all links so far have stood; whoever signed an older one did not sign this.
/// `own`: whether the user made one of them themselves.
const SOURCE: &str = "user_id, person_id, kind, source_id, group_id, place, workspace_id, bits, \
                      turns_at, basis, own";

impl Query<'_> {
    /// The query over the subjects that a select gives: `id, person_id, is_recipient, bits`.
    pub(in crate::store::rights) fn over(&self, subjects: Sql) -> Sql {
        let put = self.dialect.put_together_once();
        let mut sql = Sql::new(format!("WITH RECURSIVE subjects AS {put}("), vec![]);
        let steps = [
            subjects,
            self.up(),
            self.sources(),
            self.carried(),
            self.given(),
            self.placed(),
            self.judged(),
            self.barred(),
        ];
        let names = ["up", "sources", "carried", "given", "placed", "judged", "barred"];
        for (n, step) in steps.into_iter().enumerate() {
            if let Some(name) = n.checked_sub(1).and_then(|n| names.get(n)) {
                let _ = write!(sql.text, "), {name} AS {put}(");
            }
            sql.push(&step.text, step.values);
        }
        let last = Self::unconflicted();
        sql.push(") ", []);
        sql.push(&last.text, last.values);
        sql
    }

    /// A select of these users as subjects.
    pub(in crate::store::rights) fn subjects(&self, users: &[ResourceId]) -> Sql {
        let select = format!(
            "SELECT d.id, {} AS person_id, \
             CASE WHEN d.kind = 'recipient' THEN 1 ELSE 0 END AS is_recipient, {} AS bits",
            person_of("d"),
            self.user_bits()
        );
        let alive = match self.when {
            When::Now(_) => "d.deleted_at IS NULL".to_owned(),
            When::Then(at) => format!(
                "d.created_at <= {0} AND COALESCE(d.deleted_at, {1}) > {0}",
                at.micros(),
                OPEN_END.micros()
            ),
        };
        let ids = Ids::new(self.dialect, users);
        let of_these = format!("d.account_id = ? AND d.id = ids.wanted AND {alive}");
        let users = self.dialect.look_up_each(&ids.table(), "users", &of_these);
        Sql::new(format!("{select} FROM {users}"), vec![ids.value(), self.account.uuid().into()])
    }

    fn user_bits(&self) -> String {
        let bit = bit(Stop::UserInactive);
        match self.when {
            When::Now(_) => format!("CASE WHEN d.active THEN 0 ELSE {bit} END"),
            When::Then(at) => format!(
                "CASE WHEN d.active_since <= {at} AND d.active THEN 0 WHEN EXISTS (SELECT 1 \
                 FROM user_states t WHERE t.account_id = d.account_id AND t.user_id = d.id \
                 AND t.valid_from <= {at} AND t.valid_to > {at} AND t.active) THEN 0 \
                 ELSE {bit} END",
                at = at.micros()
            ),
        }
    }

    /// The groups that they are in: `user_id, person_id, group_id, basis`.
    fn up(&self) -> Sql {
        let in_force = self.when.in_force("d");
        let step = |few: &str, member: &str| {
            let condition = format!("d.account_id = ? AND d.member_id = {member} AND {in_force}");
            self.dialect.look_up_each(few, &self.tables.members.text, &condition)
        };
        let mut sql = Sql::default();
        let above = self.later("up.basis", "d.valid_from");
        for (select, few, member) in [
            (
                "SELECT s.id AS user_id, s.person_id, d.group_id, d.valid_from AS basis FROM "
                    .to_owned(),
                "subjects s",
                "s.id",
            ),
            (
                format!(" UNION SELECT up.user_id, up.person_id, d.group_id, {above} FROM "),
                "up",
                "up.group_id",
            ),
        ] {
            sql.push(&select, []);
            sql.push(&step(few, member), self.tables.members.values.clone());
            sql.push("", [self.account.uuid().into()]);
        }
        sql
    }

    /// What gives: a source's columns and `gives, gives_owner, gives_id, right_key`.
    fn sources(&self) -> Sql {
        let account: Value = self.account.uuid().into();
        let now: Value = self.when.at().micros().into();
        let in_force = self.when.in_force("d");
        let gift = "d.gives, d.gives_owner, d.gives_id";
        let (period, turns) = (period(), turns());
        let mapped = format!("CASE WHEN d.paused THEN {} ELSE 0 END + {period}", bit(Stop::Paused));
        let mut sql = Sql::default();
        let mut source = |head: String, few: Sql, table: &Sql, condition: &str| {
            sql.push(&head, []);
            sql.values.extend(head.matches('?').map(|_| now.clone()));
            let text = self.dialect.look_up_each(&few.text, &table.text, condition);
            sql.push(&text, few.values);
            sql.values.extend(table.values.clone());
            sql.values.push(account.clone());
        };
        let (no_right, no_basis) = ("CAST(NULL AS text) AS right_key", "CAST(0 AS bigint)");
        source(
            format!(
                "SELECT up.user_id, up.person_id, 1 AS kind, d.id AS source_id, up.group_id, d.place, \
                 d.workspace_id, {mapped} AS bits, {turns} AS turns_at, up.basis, {own} AS own, {gift}, \
                 {no_right} FROM ",
                own = made_by("up")
            ),
            Sql::new("up", vec![]),
            &self.tables.mappings,
            &format!("d.account_id = ? AND d.group_id = up.group_id AND {in_force}"),
        );
        source(
            format!(
                " UNION ALL SELECT v.user_id, v.person_id, 1, d.id, {no_id}, d.place, d.workspace_id, {mapped}, \
                 {turns}, v.valid_from, {own}, {gift}, CAST(NULL AS text) FROM ",
                no_id = self.no_id(),
                own = made_by("v")
            ),
            self.pushed(),
            &self.tables.mappings,
            &format!(
                "d.account_id = ? AND d.connection_id = v.connection_id \
                 AND d.pushed_key = v.value_key AND {in_force}"
            ),
        );
        source(
            format!(
                " UNION ALL SELECT s.id, s.person_id, 2, d.id, {no_id}, d.place, d.workspace_id, {period}, \
                 {turns}, {no_basis}, 0, {gift}, d.right_key FROM ",
                no_id = self.no_id()
            ),
            Sql::new("subjects s", vec![]),
            &self.tables.grants,
            &format!("d.account_id = ? AND d.user_id = s.id AND {in_force}"),
        );
        for more in [self.let_in(), self.seeded()] {
            sql.push(&more.text, more.values);
        }
        sql
    }

    /// What bootstrap and the demo gave. Functions of staff are seeded beside rights, and are none.
    fn seeded(&self) -> Sql {
        let now: Value = self.when.at().micros().into();
        // Now, what has begun by the clock of whoever wrote it has begun.
        let begun = match self.when {
            When::Now(_) => OPEN_END.micros().into(),
            When::Then(_) => now.clone(),
        };
        let of_user = "d.account_id = ? AND d.user_id = s.id AND d.valid_from <= CAST(? AS bigint) \
                       AND d.valid_to > CAST(? AS bigint) AND d.right_key NOT LIKE 'function:%' \
                       AND d.right_key NOT LIKE 'team:%'";
        let seeds = self.dialect.look_up_each("subjects s", "seed_grants", of_user);
        Sql::new(
            format!(
                " UNION ALL SELECT s.id, s.person_id, 3, {no_id}, {no_id}, 'account', {no_id}, 0, \
                 d.valid_to, CAST(0 AS bigint), 0, 'right', {no_id}, {no_id}, d.right_key FROM {seeds}",
                no_id = self.no_id()
            ),
            vec![self.account.uuid().into(), begun, now],
        )
    }

    /// The roles that their connections pushed: a table `v(user_id, person_id, connection_id,
    /// value_key, valid_from)`.
    fn pushed(&self) -> Sql {
        let few = self.dialect.look_up_each(
            "subjects s",
            "pushed_values",
            &format!("d.account_id = ? AND d.user_id = s.id AND {}", self.when.in_force("d")),
        );
        Sql::new(
            format!(
                "(SELECT d.user_id, s.person_id, d.connection_id, d.value_key, d.valid_from \
                 FROM {few}) v"
            ),
            vec![self.account.uuid().into()],
        )
    }

    /// The bundles: a source's columns and `role_id, bundle_owner, bundle_id`.
    fn carried(&self) -> Sql {
        let few = "(SELECT * FROM sources WHERE gives = 'role') s";
        let condition = format!(
            "d.account_id = s.gives_owner AND d.role_id = s.gives_id AND {}",
            self.when.in_force("d")
        );
        let roles = self.dialect.look_up_each(few, &self.tables.role_bundles.text, &condition);
        let (source, by_role) = (qualified("s"), self.linked("s"));
        Sql::new(
            format!(
                "SELECT {source}, {no_id} AS role_id, s.gives_owner AS bundle_owner, \
                 s.gives_id AS bundle_id FROM sources s WHERE s.gives = 'bundle' \
                 UNION ALL SELECT {by_role}, s.gives_id, d.bundle_owner, d.bundle_id FROM {roles}",
                no_id = self.no_id()
            ),
            self.tables.role_bundles.values.clone(),
        )
    }

    /// The rights: a source's columns and `role_id, bundle_id, right_key`.
    fn given(&self) -> Sql {
        let (of_bundle, direct) = (self.asked("d.right_key"), self.asked("s.right_key"));
        let condition = format!(
            "d.account_id = c.bundle_owner AND d.bundle_id = c.bundle_id AND {}{}",
            self.when.in_force("d"),
            of_bundle.text
        );
        let bundles =
            self.dialect.look_up_each("carried c", &self.tables.bundle_rights.text, &condition);
        let mut sql = Sql::new(
            format!(
                "SELECT {}, c.role_id, c.bundle_id, d.right_key FROM {bundles} ",
                self.linked("c")
            ),
            self.tables.bundle_rights.values.clone(),
        );
        sql.values.extend(of_bundle.values);
        sql.push(
            &format!(
                "UNION ALL SELECT {}, {no_id}, {no_id}, s.right_key FROM sources s \
                 WHERE s.gives = 'right'{}",
                qualified("s"),
                direct.text,
                no_id = self.no_id()
            ),
            direct.values,
        );
        sql
    }

    /// Whether a right is asked about, or is one that an account keeps apart from what is.
    fn asked(&self, column: &str) -> Sql {
        let Some(only) = self.only else { return Sql::default() };
        let [account, right]: [Value; 2] = [self.account.uuid().into(), only.as_str().into()];
        Sql::new(
            format!(
                " AND ({column} = ? OR {column} IN (SELECT k.held_key FROM account_conflicts k \
                 WHERE k.lost_key = ? AND {} AND (k.account_id = ? OR k.account_id IN (\
                 SELECT h.account_id FROM account_periods h WHERE h.parent_id = ? AND {}) \
                 OR k.account_id IN (SELECT g.account_id FROM support_grants g WHERE g.user_account = ? \
                 AND {}))))",
                self.when.in_force("k"),
                self.when.in_force("h"),
                self.when.in_force("g")
            ),
            vec![right.clone(), right, account.clone(), account.clone(), account],
        )
    }

    /// The accounts in which they are given: the same and `at_account`.
    fn placed(&self) -> Sql {
        let few = "(SELECT * FROM given WHERE place = 'children') g";
        let condition = format!("d.parent_id = ? AND {}", self.when.in_force("d"));
        let children = self.dialect.look_up_each(few, "account_periods", &condition);
        let rest = "g.role_id, g.bundle_id, g.right_key";
        let columns = format!("{}, {rest}", qualified("g"));
        let later = self.later("g.basis", "d.valid_from");
        let in_child = columns.replace("g.basis", &later);
        let account: Value = self.account.uuid().into();
        let mut sql = Sql::new(
            format!(
                "SELECT {columns}, CAST(? AS {uuid}) AS at_account FROM given g \
                 WHERE g.place NOT IN ('children', 'support') \
                 UNION ALL SELECT {in_child}, d.account_id FROM {children}",
                uuid = self.dialect.uuid_type()
            ),
            vec![account.clone(), account],
        );
        let elsewhere = self.let_in_at(&columns);
        sql.push(&elsewhere.text, elsewhere.values);
        sql
    }

    /// What stops them, conflicts apart.
    fn judged(&self) -> Sql {
        let in_service = |account: &str, alias: &str| {
            format!(
                "LEFT JOIN account_periods {alias} ON {alias}.account_id = {account} AND {}",
                self.when.in_force(alias)
            )
        };
        let flag =
            |when: &str, stop: Stop| format!("CASE WHEN {when} THEN {} ELSE 0 END", bit(stop));
        let closed = match self.when {
            When::Now(_) => "p.workspace_id IS NOT NULL AND w.closed_at IS NOT NULL".to_owned(),
            When::Then(at) => {
                format!("p.workspace_id IS NOT NULL AND w.closed_at <= {}", at.micros())
            }
        };
        let bits = [
            "p.bits".to_owned(),
            "s.bits".to_owned(),
            flag("COALESCE(own.state, '') <> 'active'", Stop::AccountSuspended),
            flag("COALESCE(there.state, '') <> 'active'", Stop::PlaceSuspended),
            flag(&closed, Stop::WorkspaceClosed),
            // A seed's rights are the server's own, whatever the catalogue says.
            flag("c.right_key IS NULL AND p.kind <> 3", Stop::NotInCatalogue),
            flag(
                "s.is_recipient = 1 AND NOT COALESCE(c.recipient_safe, FALSE)",
                Stop::RecipientCeiling,
            ),
            flag("c.permission IS NOT NULL AND e.permission IS NULL", Stop::PermissionOff),
            flag(
                "COALESCE(c.privileged, FALSE) AND p.kind <> 3 AND a.request_id IS NULL",
                Stop::Pending,
            ),
            flag("p.own = 1 AND a.request_id IS NULL", Stop::OwnDoing),
            flag(&let_in::never_support(), Stop::SupportCeiling),
        ]
        .join(" + ");
        let mut sql = Sql::new(
            format!(
                "SELECT p.user_id, p.kind, p.source_id, p.group_id, p.role_id, p.bundle_id, \
                 p.right_key, p.at_account, p.workspace_id, p.turns_at, p.basis, {bits} AS bits \
                 FROM placed p JOIN subjects s ON s.id = p.user_id LEFT JOIN {} c ON c.right_key = p.right_key \
                 AND {} LEFT JOIN ",
                self.tables.catalogue.text,
                self.when.in_force("c")
            ),
            self.tables.catalogue.values.clone(),
        );
        sql.push(&self.tables.permissions.text, self.tables.permissions.values.clone());
        sql.push(
            &format!(
                " e ON e.account_id = p.at_account AND e.permission = c.permission AND {} {} {} \
                 LEFT JOIN workspaces w ON w.account_id = p.at_account AND w.id = p.workspace_id",
                self.when.in_force("e"),
                in_service("?", "own"),
                in_service("p.at_account", "there"),
            ),
            [self.account.uuid().into()],
        );
        let signed = &self.tables.approved;
        sql.push(&format!(" LEFT JOIN {} a ON", signed.text), signed.values.clone());
        sql.push(
            &format!(
                " a.account_id = ? AND a.user_id = p.user_id AND a.source_id = p.source_id \
                 AND a.right_key = p.right_key AND a.basis >= p.basis AND {}",
                self.when.in_force("a")
            ),
            [self.account.uuid().into()],
        );
        sql
    }

    /// What they may not have, since they hold the other right of a pair: `user_id, at_account,
    /// workspace_id, lost_key`. `CROSS JOIN`: first the few rules, and often there is none.
    fn barred(&self) -> Sql {
        Sql::new(
            format!(
                "SELECT o.user_id, o.at_account, o.workspace_id, k.lost_key \
                 FROM account_conflicts k CROSS JOIN judged o WHERE o.bits = 0 \
                 AND k.account_id = o.at_account AND k.held_key = o.right_key AND {}",
                self.when.in_force("k")
            ),
            vec![],
        )
    }

    /// The last step: the paths, those to what is barred stopped.
    fn unconflicted() -> Sql {
        Sql::new(
            format!(
                "SELECT j.user_id, j.kind, j.source_id, j.group_id, j.role_id, j.bundle_id, \
                 j.right_key, j.at_account, j.workspace_id, CAST(j.bits + CASE WHEN EXISTS (SELECT 1 \
                 FROM barred k WHERE k.user_id = j.user_id AND k.lost_key = j.right_key \
                 AND k.at_account = j.at_account AND (k.workspace_id IS NULL \
                 OR j.workspace_id IS NULL OR k.workspace_id = j.workspace_id)) \
                 THEN {} ELSE 0 END AS bigint) AS bits, j.turns_at, j.basis FROM judged j",
                bit(Stop::Conflict)
            ),
            vec![],
        )
    }

    /// The columns of a source, one more link behind it: the row of `d`, which somebody added.
    fn linked(&self, table: &str) -> String {
        let (basis, own) = (format!("{table}.basis"), format!("{table}.own"));
        let added =
            format!("CASE WHEN d.added_person = {table}.person_id THEN 1 ELSE {own} END AS own");
        let later = format!("{} AS basis", self.later(&basis, "d.valid_from"));
        qualified(table).replace(&basis, &later).replace(&own, &added)
    }

    fn later(&self, one: &str, other: &str) -> String {
        format!("{}({one}, {other})", self.dialect.greatest())
    }

    fn no_id(&self) -> String {
        format!("CAST(NULL AS {})", self.dialect.uuid_type())
    }
}

/// The person that a user is, if they have come near a sign-in.
pub(in crate::store::rights) fn person_of(user: &str) -> String {
    format!(
        "(SELECT o.person_id FROM user_persons o WHERE o.account_id = {user}.account_id \
         AND o.user_id = {user}.id)"
    )
}

/// The sums of bits by which nothing but a second person is missing.
pub(in crate::store::rights) fn awaiting() -> String {
    let (pending, own) = (bit(Stop::Pending), bit(Stop::OwnDoing));
    format!("{pending}, {own}, {}", pending + own)
}

/// Whether whoever gains made or changed the mapping `d`.
fn made_by(gaining: &str) -> String {
    format!(
        "CASE WHEN d.created_person = {gaining}.person_id OR d.changed_person = {gaining}.person_id \
         THEN 1 ELSE 0 END"
    )
}

/// What of a source's period stops it; takes the moment twice.
fn period() -> String {
    format!(
        "CASE WHEN d.starts_at > ? THEN {} ELSE 0 END + CASE WHEN d.ends_at <= ? THEN {} ELSE 0 END",
        bit(Stop::NotStarted),
        bit(Stop::Ended)
    )
}

/// When that next changes; takes the moment twice.
fn turns() -> String {
    format!(
        "CASE WHEN d.starts_at > ? THEN d.starts_at WHEN d.ends_at > ? THEN d.ends_at ELSE {} END",
        OPEN_END.micros()
    )
}

/// The columns of a source, of that table.
fn qualified(table: &str) -> String {
    SOURCE.split(", ").map(|column| format!("{table}.{column}")).collect::<Vec<_>>().join(", ")
}

/// The bit of a stop.
pub(in crate::store::rights) fn bit(stop: Stop) -> i64 {
    (0..).zip(Stop::ALL).find(|(_, it)| *it == stop).map_or(0, |(n, _)| 1 << n)
}
