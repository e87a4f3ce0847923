//! The record, read: the newest first, with the names that who and what it speaks of have now.
//!
//! Ids are in the order of their making, and they are the table's key: so a page is a range of it,
//! and no index beside it has to be written with each change.

use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use crate::domain::event::Outcome;
use crate::domain::event::chain::Link;
use crate::domain::event::listed::{Filter, Listed, Named};
use crate::domain::event::personal::Personal;
use crate::domain::ids::{AccountId, ActivityId};
use crate::domain::records::pages::{Part, Place, Wanted};
use crate::domain::time::Timestamp;
use crate::policy::Scope;
use crate::store::script::Sql;
use crate::store::{Result, Store, StoreError};

/// What the line itself holds.
const LINE: &str = "SELECT a.account_id, a.id, a.at, a.action, a.outcome, a.actor_kind, a.actor_id, \
                    a.target_kind, a.target_id, a.detail, a.door, a.request_id, a.policy_version, \
                    a.commitment FROM activities a WHERE a.account_id = ?";

/// Who acted: a user of the account, or the connection of a token. Nobody of another account is named.
const ACTOR: &str = "CASE a.actor_kind \
     WHEN 'user' THEN (SELECT u.display_name FROM users u \
         WHERE u.account_id = a.account_id AND u.id = a.actor_id) \
     WHEN 'scim_client' THEN (SELECT c.name FROM tokens t JOIN connections c \
         ON c.account_id = t.account_id AND c.id = t.connection_id \
         WHERE t.account_id = a.account_id AND t.id = a.actor_id) END";

/// On what, by kind; what has no name of its own has none here.
const TARGET: &str = "CASE a.target_kind \
     WHEN 'user' THEN (SELECT u.display_name FROM users u \
         WHERE u.account_id = a.account_id AND u.id = a.target_id) \
     WHEN 'group' THEN (SELECT g.display_name FROM groups g \
         WHERE g.account_id = a.account_id AND g.id = a.target_id) \
     WHEN 'token' THEN (SELECT c.name FROM tokens t JOIN connections c \
         ON c.account_id = t.account_id AND c.id = t.connection_id \
         WHERE t.account_id = a.account_id AND t.id = a.target_id) \
     WHEN 'account' THEN (SELECT o.name FROM accounts o \
         WHERE o.id = a.account_id AND o.id = a.target_id) \
     WHEN 'sso' THEN (SELECT s.name FROM sso_connections s \
         WHERE s.account_id = a.account_id AND s.id = a.target_id) \
     WHEN 'bundle' THEN (SELECT b.name FROM bundles b \
         WHERE b.account_id = a.account_id AND b.id = a.target_id) \
     WHEN 'role' THEN (SELECT r.name FROM roles r \
         WHERE r.account_id = a.account_id AND r.id = a.target_id) \
     WHEN 'workspace' THEN (SELECT w.name FROM workspaces w \
         WHERE w.account_id = a.account_id AND w.id = a.target_id) \
     WHEN 'property' THEN (SELECT p.label FROM properties p \
         WHERE p.account_id = a.account_id AND p.id = a.target_id) \
     WHEN 'product_key' THEN (SELECT k.name FROM product_keys k \
         WHERE k.account_id = a.account_id AND k.id = a.target_id) END";

impl Store {
    /// A part of an account's record.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn activities(
        &self,
        scope: &Scope,
        filter: &Filter,
        wanted: &Wanted,
    ) -> Result<Part<Listed>> {
        let Scope::Record(account) = scope else {
            return Ok(Part { items: vec![], next: None });
        };
        let (than, order) = if wanted.order.is_descending { ("<", "DESC") } else { (">", "ASC") };
        let mut lines = one_of(*account);
        narrow(&mut lines, filter);
        if let Some(after) = &wanted.after {
            lines.push(&format!(" AND a.id {than} ?"), [after.id.into()]);
        }
        lines.push(&format!(" ORDER BY a.id {order} LIMIT {}", wanted.read()), []);
        let sql = named(lines, order).statement(self.dialect);
        let rows = self.reads.query_all_raw(sql).await?;
        let found: Vec<Listed> = rows.iter().map(read).collect::<Result<_>>()?;
        Ok(wanted.cut(found, |it| Place::number(it.at.micros(), it.id.uuid())))
    }

    /// One line of it.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn recorded(&self, scope: &Scope, id: ActivityId) -> Result<Option<Listed>> {
        let Scope::Record(account) = scope else { return Ok(None) };
        let mut line = one_of(*account);
        line.push(" AND a.id = ?", [id.uuid().into()]);
        let sql = named(line, "ASC").statement(self.dialect);
        self.reads.query_one_raw(sql).await?.map(|row| read(&row)).transpose()
    }
}

fn one_of(account: AccountId) -> Sql {
    Sql::new(LINE, vec![account.uuid().into()])
}

fn narrow(lines: &mut Sql, filter: &Filter) {
    let texts = [
        (" AND a.action = ?", filter.action),
        (" AND a.target_kind = ?", filter.target_kind),
        (" AND a.outcome = ?", filter.outcome.map(Outcome::as_str)),
    ];
    for (text, value) in texts {
        if let Some(value) = value {
            lines.push(text, [value.into()]);
        }
    }
    let ids = [(" AND a.actor_id = ?", filter.actor), (" AND a.target_id = ?", filter.target)];
    for (text, id) in ids {
        if let Some(id) = id {
            lines.push(text, [id.into()]);
        }
    }
    let moments = [(" AND a.at >= ?", filter.from), (" AND a.at < ?", filter.to)];
    for (text, at) in moments {
        if let Some(at) = at {
            lines.push(text, [at.micros().into()]);
        }
    }
}

/// The lines with their names, which are looked up for no line beyond the page.
fn named(lines: Sql, order: &str) -> Sql {
    let head = format!(
        "SELECT a.account_id, a.id, a.at, a.action, a.outcome, a.actor_kind, a.actor_id, \
         {ACTOR} AS actor_name, a.target_kind, a.target_id, {TARGET} AS target_name, a.detail, \
         a.door, a.request_id, a.policy_version, a.commitment, p.salt, p.payload, \
         s.seq, s.prev_hash, s.hash FROM ("
    );
    let mut sql = Sql::new(head, vec![]);
    sql.push(&lines.text, lines.values);
    sql.push(
        &format!(
            ") a LEFT JOIN activity_personal p ON p.account_id = a.account_id AND p.activity_id = a.id \
             LEFT JOIN activity_seals s ON s.account_id = a.account_id AND s.activity_id = a.id \
             ORDER BY a.id {order}"
        ),
        [],
    );
    sql
}

fn read(row: &QueryResult) -> Result<Listed> {
    let salt: Option<Vec<u8>> = row.try_get_by_index(16)?;
    let payload: Option<String> = row.try_get_by_index(17)?;
    let seq: Option<i64> = row.try_get_by_index(18)?;
    let prev_hash: Option<Vec<u8>> = row.try_get_by_index(19)?;
    let hash: Option<Vec<u8>> = row.try_get_by_index(20)?;
    let personal = salt.zip(payload).map(|(salt, payload)| Personal { salt, payload });
    let link = seq.zip(prev_hash).zip(hash);
    let link = link.map(|((seq, prev_hash), hash)| Link { seq, prev_hash, hash });
    Ok(Listed { personal, link, ..recorded(row)? })
}

/// What the record itself holds: the first columns of a row.
pub(super) fn recorded(row: &QueryResult) -> Result<Listed> {
    let text = |column: usize| row.try_get_by_index::<Option<String>>(column);
    let spoken_of = |first: usize| {
        Ok::<_, sea_orm::DbErr>(Named {
            kind: text(first)?.unwrap_or_default(),
            id: row.try_get_by_index::<Option<Uuid>>(first + 1)?,
            name: text(first + 2)?,
        })
    };
    let id: Uuid = row.try_get_by_index(1)?;
    let detail = text(11)?.map(|text| serde_json::from_str(&text)).transpose();
    Ok(Listed {
        account: AccountId::new(row.try_get_by_index(0)?),
        id: ActivityId::new(id),
        at: Timestamp::from_micros(row.try_get_by_index(2)?),
        action: text(3)?.unwrap_or_default(),
        outcome: text(4)?.unwrap_or_default(),
        actor: spoken_of(5)?,
        target: spoken_of(8)?,
        detail: detail.map_err(|error| StoreError::Inconsistent {
            table: "activities",
            what: format!("{id}: {error}"),
        })?,
        door: text(12)?,
        request_id: text(13)?,
        policy_version: text(14)?,
        commitment: row.try_get_by_index(15)?,
        personal: None,
        link: None,
    })
}
