//! What is known of a person's factors, links and names.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use serde_json::Value;

use crate::domain::factors::{Factor, Factors, Kind};
use crate::domain::ids::{AccountId, FactorId, PersonId, ResourceId, SessionId};
use crate::domain::passwords::links::Purpose;
use crate::domain::time::Timestamp;
use crate::store::dialect::Dialect;
use crate::store::entity::{
    one_time_links, passkey_ceremonies, passkeys, recovery_codes, totp_factors,
};
use crate::store::script::Sql;
use crate::store::{Result, Store};

/// A seed, sealed.
#[derive(Debug)]
pub(crate) struct KeptSeed {
    /// Its id.
    pub(crate) id: FactorId,
    /// Sealed.
    pub(crate) seed: Vec<u8>,
    /// When it was made.
    pub(crate) created_at: Timestamp,
    /// The session that enrolled it, or is about to.
    pub(crate) session: Option<SessionId>,
}

/// A passkey as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct KeptPasskey {
    /// Its credential's id in base64url.
    pub(crate) credential_id: String,
    /// All of it, as JSON.
    pub(crate) credential: String,
    /// Its counter.
    pub(crate) counter: i64,
}

impl Store {
    /// A person's factors.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn factors(&self, person: PersonId) -> Result<Factors> {
        let seeds = self.seed_rows(person, true).await?;
        let mut all: Vec<Factor> = seeds.into_iter().map(of_seed).collect();
        all.extend(self.passkey_rows(person).await?.into_iter().map(of_passkey));
        all.sort_by_key(|factor| (factor.created_at, factor.id));
        let left = recovery_codes::Entity::find()
            .filter(recovery_codes::Column::PersonId.eq(person.uuid()))
            .filter(recovery_codes::Column::UsedAt.is_null())
            .count(&self.reads)
            .await?;
        Ok(Factors { all, codes_left: usize::try_from(left).unwrap_or(usize::MAX) })
    }

    /// A person's seeds, sealed: those confirmed, or the one that is not.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn seeds(&self, person: PersonId, confirmed: bool) -> Result<Vec<KeptSeed>> {
        let rows = self.seed_rows(person, confirmed).await?;
        let kept = |row: totp_factors::Model| KeptSeed {
            id: FactorId::new(row.id),
            seed: row.seed,
            created_at: Timestamp::from_micros(row.created_at),
            session: row.session_id.map(SessionId::new),
        };
        Ok(rows.into_iter().map(kept).collect())
    }

    /// A person's passkeys.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn passkeys(&self, person: PersonId) -> Result<Vec<KeptPasskey>> {
        let rows = self.passkey_rows(person).await?;
        let kept = |row: passkeys::Model| KeptPasskey {
            credential_id: row.credential_id,
            credential: row.credential,
            counter: row.counter,
        };
        Ok(rows.into_iter().map(kept).collect())
    }

    /// The state of a session's ceremony, if one began at that moment or later.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn ceremony(
        &self,
        session: SessionId,
        purpose: &'static str,
        since: Timestamp,
    ) -> Result<Option<String>> {
        let key = (session.uuid(), purpose.to_owned());
        let row = passkey_ceremonies::Entity::find_by_id(key).one(&self.reads).await?;
        Ok(row.filter(|row| row.created_at >= since.micros()).map(|row| row.state))
    }

    /// Whether an enrolment link is that user's, and has neither been used nor ended.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn has_enrolment_link(
        &self,
        hash: &[u8; 32],
        (account, user): (AccountId, ResourceId),
        now: Timestamp,
    ) -> Result<bool> {
        let found = one_time_links::Entity::find_by_id(hash.to_vec())
            .filter(one_time_links::Column::Purpose.eq(Purpose::Enrolment.as_str()))
            .filter(one_time_links::Column::AccountId.eq(account.uuid()))
            .filter(one_time_links::Column::UserId.eq(user.uuid()))
            .filter(one_time_links::Column::UsedAt.is_null())
            .filter(one_time_links::Column::ExpiresAt.gt(now.micros()))
            .one(&self.reads)
            .await?;
        Ok(found.is_some())
    }

    /// Whether a person is one of the operator's staff, in whatever account they are now.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn is_staff(&self, person: PersonId) -> Result<bool> {
        is_staff(&self.reads, self.dialect, person).await
    }

    /// Whether a person must have a factor: staff, and whoever is in an account that demands one.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn must_have_factor(&self, person: PersonId) -> Result<bool> {
        let sql = Sql::new(
            "SELECT 1 FROM user_persons p JOIN accounts a ON a.id = p.account_id \
             LEFT JOIN account_sign_in s ON s.account_id = a.id WHERE p.person_id = ? \
             AND (a.kind = 'operator' OR s.requires_second_factor) LIMIT 1",
            vec![person.uuid().into()],
        );
        Ok(self.reads.query_one_raw(sql.statement(self.dialect)).await?.is_some())
    }

    /// The `userName` of a user; none if there is no such active user.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn user_name(
        &self,
        account: AccountId,
        user: ResourceId,
    ) -> Result<Option<String>> {
        let sql = Sql::new(
            "SELECT u.document FROM users u \
             WHERE u.account_id = ? AND u.id = ? AND u.deleted_at IS NULL AND u.active",
            vec![account.uuid().into(), user.uuid().into()],
        );
        let row = self.reads.query_one_raw(sql.statement(self.dialect)).await?;
        Ok(row.map(|row| row.try_get_by_index::<String>(0)).transpose()?.map(|it| user_name(&it)))
    }

    async fn seed_rows(
        &self,
        person: PersonId,
        confirmed: bool,
    ) -> Result<Vec<totp_factors::Model>> {
        let confirmed_at = totp_factors::Column::ConfirmedAt;
        let state = if confirmed { confirmed_at.is_not_null() } else { confirmed_at.is_null() };
        Ok(totp_factors::Entity::find()
            .filter(totp_factors::Column::PersonId.eq(person.uuid()))
            .filter(state)
            .all(&self.reads)
            .await?)
    }

    async fn passkey_rows(&self, person: PersonId) -> Result<Vec<passkeys::Model>> {
        Ok(passkeys::Entity::find()
            .filter(passkeys::Column::PersonId.eq(person.uuid()))
            .order_by_asc(passkeys::Column::Id)
            .all(&self.reads)
            .await?)
    }
}

/// `userName` in a user's document.
pub(in crate::store::authn) fn user_name(document: &str) -> String {
    let read: Option<Value> = serde_json::from_str(document).ok();
    let name = read.as_ref().and_then(|it| it.get("userName")).and_then(Value::as_str);
    name.unwrap_or_default().to_owned()
}

fn of_seed(row: totp_factors::Model) -> Factor {
    Factor {
        id: FactorId::new(row.id),
        kind: Kind::Totp,
        name: row.name,
        created_at: Timestamp::from_micros(row.confirmed_at.unwrap_or(row.created_at)),
        last_used_at: row.last_used_at.map(Timestamp::from_micros),
    }
}

fn of_passkey(row: passkeys::Model) -> Factor {
    Factor {
        id: FactorId::new(row.id),
        kind: Kind::Passkey,
        name: row.name,
        created_at: Timestamp::from_micros(row.created_at),
        last_used_at: row.last_used_at.map(Timestamp::from_micros),
    }
}

/// Whether a person is one of the operator's staff.
pub(super) async fn is_staff(
    db: &impl ConnectionTrait,
    dialect: Dialect,
    person: PersonId,
) -> Result<bool> {
    let sql = Sql::new(
        "SELECT 1 FROM user_persons p JOIN accounts a ON a.id = p.account_id \
         WHERE p.person_id = ? AND a.kind = 'operator' LIMIT 1",
        vec![person.uuid().into()],
    );
    Ok(db.query_one_raw(sql.statement(dialect)).await?.is_some())
}
