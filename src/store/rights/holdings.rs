//! What users hold, for our SCIM extension: read for a page of users, and as rows that filters ask.
//!
//! All of it is [`super::paths`]' query over one user, the users of a page, or those whom something would
//! give what is asked for.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use crate::domain::ids::{AccountId, ResourceId, WorkspaceId};
use crate::domain::records::Record;
use crate::domain::rights::RightKey;
use crate::domain::rights::holdings::{HeldGift, HeldRight, Holdings};
use crate::domain::rights::paths::Stop;
use crate::domain::time::Timestamp;
use crate::policy::Scope;
use crate::scim::path::Path;
use crate::scim::schema::COUNTERSIGN_USER;
use crate::store::dialect::Dialect;
use crate::store::rights::candidates::Candidates;
use crate::store::rights::paths::{Query, Tables, When, awaiting, bit, person_of};
use crate::store::script::Sql;
use crate::store::{Result, Store, StoreError};

/// An attribute of our extension that is made of paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Holding {
    /// `effectiveRights`.
    EffectiveRights,
    /// `pendingRights`.
    PendingRights,
    /// `effectiveRoles`.
    EffectiveRoles,
    /// `effectiveBundles`.
    EffectiveBundles,
}

/// Where and when it is asked for.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Asked {
    /// The database.
    pub(in crate::store) dialect: Dialect,
    /// The users' account.
    pub(in crate::store) account: AccountId,
    /// The moment.
    pub(in crate::store) now: Timestamp,
}

impl Store {
    /// Reads what the users among the records hold: one statement for all.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn fill_holdings(
        &self,
        scope: &Scope,
        records: &mut [Record],
        now: Timestamp,
    ) -> Result<()> {
        let Scope::Connection(account, _) = *scope else { return Ok(()) };
        let users: Vec<ResourceId> = records.iter().map(|record| record.id).collect();
        if users.is_empty() {
            return Ok(());
        }
        let asked = Asked { dialect: self.dialect, account, now };
        let sql = asked.everything(&users);
        let mut all: BTreeMap<ResourceId, Holdings> = BTreeMap::new();
        for row in self.reads.query_all_raw(sql.statement(self.dialect)).await? {
            let user = ResourceId::new(row.try_get_by_index(0)?);
            note(all.entry(user).or_default(), &row)?;
        }
        for record in records {
            let mut held = all.remove(&record.id).unwrap_or_default();
            held.pending.retain(|right| !held.effective.contains(right));
            record.holdings = Some(Box::new(held));
        }
        Ok(())
    }
}

impl Holding {
    /// The one at a path.
    pub(in crate::store) fn at(path: &Path) -> Option<Self> {
        path.extension.filter(|extension| extension.id == COUNTERSIGN_USER)?;
        match path.attribute.name.as_str() {
            "effectiveRights" => Some(Self::EffectiveRights),
            "pendingRights" => Some(Self::PendingRights),
            "effectiveRoles" => Some(Self::EffectiveRoles),
            "effectiveBundles" => Some(Self::EffectiveBundles),
            _ => None,
        }
    }

    /// A select of what the user `r` holds: `user_id, value, display_key, account, workspace`.
    pub(in crate::store) fn of_one(self, asked: Asked) -> Sql {
        let subject = format!(
            "SELECT r.id AS id, {} AS person_id, \
             CASE WHEN r.kind = 'recipient' THEN 1 ELSE 0 END AS is_recipient, \
             CASE WHEN r.active THEN 0 ELSE {} END AS bits",
            person_of("r"),
            bit(Stop::UserInactive)
        );
        self.over(asked, Sql::new(subject, vec![]))
    }

    /// A select of the users who hold what has this value; none if nothing can have it.
    pub(in crate::store) fn holders(self, asked: Asked, value: &str) -> Option<Sql> {
        let candidates = match self {
            Self::EffectiveRights | Self::PendingRights => {
                Candidates::Rights(vec![RightKey::parse(value)?])
            }
            Self::EffectiveRoles => gift("roles", value),
            Self::EffectiveBundles => gift("bundles", value),
        };
        let Asked { dialect, account, now } = asked;
        let found = candidates.select(dialect, (account, None), When::Now(now));
        let mut subjects = Sql::new(
            format!(
                "SELECT d.id, {} AS person_id, \
                 CASE WHEN d.kind = 'recipient' THEN 1 ELSE 0 END AS is_recipient, \
                 CASE WHEN d.active THEN 0 ELSE {} END AS bits FROM users d WHERE d.account_id = ? \
                 AND d.deleted_at IS NULL AND d.id {}",
                person_of("d"),
                bit(Stop::UserInactive),
                dialect.among(&found.text)
            ),
            vec![account.uuid().into()],
        );
        subjects.values.extend(found.values);
        let rows = self.over(asked, subjects);
        let mut sql = Sql::new("SELECT h.user_id FROM (", vec![]);
        sql.push(&rows.text, rows.values);
        sql.push(") h WHERE h.value = ?", [value.into()]);
        Some(sql)
    }

    fn over(self, asked: Asked, subjects: Sql) -> Sql {
        match self {
            Self::EffectiveRights => asked.rights(subjects, "= 0"),
            Self::PendingRights => asked.rights(subjects, "> 0"),
            Self::EffectiveRoles => asked.gifts(subjects, "roles", "role_id"),
            Self::EffectiveBundles => asked.gifts(subjects, "bundles", "bundle_id"),
        }
    }
}

impl Asked {
    fn rights(self, subjects: Sql, standing: &str) -> Sql {
        let value = self.dialect.by_bytes("q.right_key");
        let mut sql = Sql::new(
            format!(
                "SELECT q.user_id, {value} AS value, {value} AS display_key, a.slug AS account, \
                 q.workspace_id AS workspace FROM ("
            ),
            vec![],
        );
        self.push_paths(&mut sql, subjects);
        sql.push(
            &format!(
                ") q CROSS JOIN accounts a WHERE a.id = q.at_account AND q.bits IN (0, {}) \
                 GROUP BY q.user_id, {value}, a.slug, q.workspace_id HAVING min(q.bits) {standing}",
                awaiting(),
            ),
            [],
        );
        sql
    }

    fn gifts(self, subjects: Sql, table: &str, column: &str) -> Sql {
        let mut sql = Sql::new(
            format!(
                "SELECT DISTINCT q.user_id, {} AS value, x.name_key AS display_key, \
                 CAST(NULL AS text) AS account, {} AS workspace FROM (",
                self.key("x"),
                format_args!("CAST(NULL AS {})", self.dialect.uuid_type()),
            ),
            vec![],
        );
        self.push_paths(&mut sql, subjects);
        sql.push(
            &format!(
                ") q CROSS JOIN {table} x WHERE x.account_id IN (?, ?) AND x.id = q.{column} \
                 AND q.bits = 0"
            ),
            self.owners(),
        );
        sql
    }

    /// All of these users' holdings, a row for each path.
    fn everything(self, users: &[ResourceId]) -> Sql {
        let tables = Tables::default();
        let subjects = self.query(&tables).subjects(users);
        let mut sql = Sql::new(
            format!(
                "SELECT q.user_id, q.bits, q.right_key, a.slug, q.workspace_id, {}, x.name, {}, \
                 y.name FROM (",
                self.key("x"),
                self.key("y"),
            ),
            vec![],
        );
        self.push_paths(&mut sql, subjects);
        sql.push(
            ") q LEFT JOIN accounts a ON a.id = q.at_account \
             LEFT JOIN roles x ON x.account_id IN (?, ?) AND x.id = q.role_id ",
            self.owners(),
        );
        sql.push(
            "LEFT JOIN bundles y ON y.account_id IN (?, ?) AND y.id = q.bundle_id ",
            self.owners(),
        );
        sql.push(&format!("WHERE q.bits IN (0, {})", awaiting()), []);
        sql
    }

    fn push_paths(self, sql: &mut Sql, subjects: Sql) {
        let tables = Tables::default();
        let paths = self.query(&tables).over(subjects);
        sql.push(&paths.text, paths.values);
    }

    fn query(self, tables: &Tables) -> Query<'_> {
        let Self { dialect, account, now } = self;
        Query { dialect, account, when: When::Now(now), tables, only: None }
    }

    /// What a role or bundle is named by.
    fn key(self, table: &str) -> String {
        let id = self.dialect.id_text(&format!("{table}.id"));
        self.dialect.by_bytes(&format!("COALESCE({table}.catalogue_key, {id})"))
    }

    /// Whose bundles and roles there may be.
    fn owners(self) -> [Value; 2] {
        [self.account.uuid().into(), AccountId::CATALOGUE.uuid().into()]
    }
}

fn gift(table: &'static str, value: &str) -> Candidates {
    match value.parse::<Uuid>() {
        Ok(id) => Candidates::Gift(id),
        Err(_) => Candidates::Predefined(table, value.to_owned()),
    }
}

/// Takes in what a path gives.
fn note(held: &mut Holdings, row: &QueryResult) -> Result<()> {
    let is_effective = row.try_get_by_index::<i64>(1)? == 0;
    let key: String = row.try_get_by_index(2)?;
    let bad = || StoreError::Inconsistent { table: "catalogue_rights", what: key.clone() };
    let workspace: Option<Uuid> = row.try_get_by_index(4)?;
    let right = HeldRight {
        right: RightKey::parse(&key).ok_or_else(bad)?,
        account: row.try_get_by_index(3)?,
        workspace: workspace.map(WorkspaceId::new),
    };
    if !is_effective {
        held.pending.insert(right);
        return Ok(());
    }
    held.effective.insert(right);
    for (column, gifts) in [(5, &mut held.roles), (7, &mut held.bundles)] {
        let value: Option<String> = row.try_get_by_index(column)?;
        let name: Option<String> = row.try_get_by_index(column + 1)?;
        gifts.extend(value.zip(name).map(|(value, name)| HeldGift { value, name }));
    }
    Ok(())
}
