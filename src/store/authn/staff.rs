//! What is asked about one of the operator's staff before somebody may do something for them, and the
//! list of all. Within a transaction the same questions are asked of it.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde_json::Map;
use uuid::Uuid;

use crate::domain::ids::{AccountId, PersonId, ResourceId};
use crate::domain::persons::sameness::{Face, Human};
use crate::domain::time::Timestamp;
use crate::domain::users::contact::Contact;
use crate::policy::Scope;
use crate::scim::fold;
use crate::store::authn::factors::reads;
use crate::store::dialect::Dialect;
use crate::store::script::Sql;
use crate::store::{Result, Store, StoreError};

/// One of the operator's staff in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The user.
    pub user: ResourceId,
    /// `userName`.
    pub user_name: String,
    /// What people call them.
    pub display_name: String,
    /// Whether they have a second factor.
    pub has_factor: bool,
    /// Until when a link to enrol one is open, if there is one.
    pub link_until: Option<Timestamp>,
}

/// What their second factor is, in words of SQL about a user `u`: of the person, whoever's user they are.
pub(in crate::store) const HAS_FACTOR: &str = "EXISTS (SELECT 1 FROM user_persons p WHERE p.account_id = u.account_id \
     AND p.user_id = u.id AND (EXISTS (SELECT 1 FROM totp_factors t \
     WHERE t.person_id = p.person_id AND t.confirmed_at IS NOT NULL) \
     OR EXISTS (SELECT 1 FROM passkeys k WHERE k.person_id = p.person_id)))";

impl Store {
    /// Active staff by user name, so many, from behind a user on; none for a scope that does not reach
    /// them.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn list_staff(
        &self,
        scope: &Scope,
        behind: Option<ResourceId>,
        (limit, now): (usize, Timestamp),
    ) -> Result<Vec<Member>> {
        let Scope::Staff(account) = scope else { return Ok(vec![]) };
        let account = account.uuid();
        let behind = behind.map_or(Uuid::nil(), ResourceId::uuid);
        let sql = Sql::new(
            format!(
                "SELECT u.id, u.document, u.display_name, \
                 CASE WHEN {HAS_FACTOR} THEN 1 ELSE 0 END, \
                 (SELECT MAX(l.expires_at) FROM one_time_links l \
                 WHERE l.account_id = u.account_id AND l.user_id = u.id \
                 AND l.purpose = 'enrolment' AND l.used_at IS NULL AND l.expires_at > ?) \
                 FROM users u WHERE u.account_id = ? AND u.deleted_at IS NULL AND u.active \
                 AND u.user_name_key > COALESCE((SELECT b.user_name_key FROM users b \
                 WHERE b.account_id = ? AND b.id = ?), '') \
                 ORDER BY u.user_name_key LIMIT {limit}"
            ),
            vec![now.micros().into(), account.into(), account.into(), behind.into()],
        );
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        rows.iter().map(member).collect()
    }

    /// Whether two users may be one human (DECISIONS.md 6).
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn may_be_one(&self, two: [(AccountId, ResourceId); 2]) -> Result<bool> {
        may_be_one(&self.reads, two).await
    }

    /// Whether an active user has a second factor; none if there is no such user.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn staff_has_factor(
        &self,
        account: AccountId,
        user: ResourceId,
    ) -> Result<Option<bool>> {
        has_factor(&self.reads, account, user).await
    }
}

/// See [`Store::may_be_one`].
pub(super) async fn may_be_one(
    db: &impl ConnectionTrait,
    [one, other]: [(AccountId, ResourceId); 2],
) -> Result<bool> {
    if one == other {
        return Ok(true);
    }
    let one = human(db, one).await?;
    Ok(one.may_be(&human(db, other).await?))
}

/// See [`Store::staff_has_factor`].
pub(super) async fn has_factor(
    db: &impl ConnectionTrait,
    account: AccountId,
    user: ResourceId,
) -> Result<Option<bool>> {
    let sql = Sql::new(
        format!(
            "SELECT CASE WHEN {HAS_FACTOR} THEN 1 ELSE 0 END FROM users u \
             WHERE u.account_id = ? AND u.id = ? AND u.deleted_at IS NULL AND u.active"
        ),
        vec![account.uuid().into(), user.uuid().into()],
    );
    let row = db.query_one_raw(sql.statement(Dialect::of(db))).await?;
    Ok(row.map(|row| row.try_get_by_index::<i32>(0)).transpose()?.map(|has| has == 1))
}

/// A user with whatever other users their persons have or had, in all accounts.
async fn human(
    db: &impl ConnectionTrait,
    (account, user): (AccountId, ResourceId),
) -> Result<Human> {
    let key: [Value; 2] = [account.uuid().into(), user.uuid().into()];
    let own = Sql::new(
        "SELECT u.account_id, u.id, u.external_id, u.document FROM users u \
         WHERE u.account_id = ? AND u.id = ?",
        key.to_vec(),
    );
    let mut faces = faces(db, own).await?;
    let persons = Sql::new(
        "SELECT person_id FROM user_persons WHERE account_id = ? AND user_id = ? \
         UNION SELECT person_id FROM identities WHERE account_id = ? AND user_id = ?",
        [key.clone(), key].concat(),
    );
    let rows = db.query_all_raw(persons.statement(Dialect::of(db))).await?;
    let persons: std::result::Result<BTreeSet<Uuid>, _> =
        rows.iter().map(|row| row.try_get_by_index(0)).collect();
    let persons = persons?;
    for person in &persons {
        let theirs = Sql::new(
            "SELECT u.account_id, u.id, u.external_id, u.document FROM user_persons p \
             JOIN users u ON u.account_id = p.account_id AND u.id = p.user_id \
             WHERE p.person_id = ? \
             UNION ALL SELECT u.account_id, u.id, u.external_id, u.document FROM identities i \
             JOIN users u ON u.account_id = i.account_id AND u.id = i.user_id \
             WHERE i.person_id = ?",
            vec![(*person).into(), (*person).into()],
        );
        faces.extend(self::faces(db, theirs).await?);
    }
    Ok(Human { persons: persons.into_iter().map(PersonId::new).collect(), faces })
}

async fn faces(db: &impl ConnectionTrait, sql: Sql) -> Result<Vec<Face>> {
    let rows = db.query_all_raw(sql.statement(Dialect::of(db))).await?;
    rows.iter().map(face).collect()
}

/// Addresses are read from the document, which deleted users keep; their rows in `user_emails` go.
fn face(row: &QueryResult) -> Result<Face> {
    let document: String = row.try_get_by_index(3)?;
    let document: Map<String, serde_json::Value> = serde_json::from_str(&document)
        .map_err(|error| StoreError::Inconsistent { table: "users", what: error.to_string() })?;
    let external_id: Option<String> = row.try_get_by_index(2)?;
    Ok(Face {
        account: AccountId::new(row.try_get_by_index(0)?),
        user: ResourceId::new(row.try_get_by_index(1)?),
        external_id: external_id.map(|id| fold::text(&id)),
        mails: Contact::of(&document).keys.into_iter().collect(),
    })
}

fn member(row: &QueryResult) -> Result<Member> {
    Ok(Member {
        user: ResourceId::new(row.try_get_by_index(0)?),
        user_name: reads::user_name(&row.try_get_by_index::<String>(1)?),
        display_name: row.try_get_by_index(2)?,
        has_factor: row.try_get_by_index::<i32>(3)? == 1,
        link_until: row.try_get_by_index::<Option<i64>>(4)?.map(Timestamp::from_micros),
    })
}
