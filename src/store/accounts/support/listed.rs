//! What groups give, and who stands in for whom, listed.

use sea_orm::{ConnectionTrait, QueryResult};

use crate::domain::ids::{AccountId, DelegationId, ResourceId, SupportFunctionId};
use crate::domain::persons::support::{Check, Day, Delegation, GivenFunction};
use crate::domain::records::pages::{Part, Place, Wanted};
use crate::domain::rights::sources::Period;
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::Scope;
use crate::store::accounts::support::posts;
use crate::store::lists::keyset;
use crate::store::script::Sql;
use crate::store::{Result, Store, StoreError};

impl Store {
    /// A part of what groups give, in the order of its making.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn given_functions(
        &self,
        scope: &Scope,
        wanted: &Wanted,
    ) -> Result<Part<GivenFunction>> {
        let Scope::Staff(account) = scope else { return Ok(Part { items: vec![], next: None }) };
        let mut sql = functions(*account);
        keyset::end(&mut sql, wanted, ("f.created_at", "f.id"));
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        let found = rows.iter().map(function).collect::<Result<Vec<_>>>()?;
        Ok(wanted.cut(found, |it| Place::number(it.created_at.micros(), it.id.uuid())))
    }

    /// One of them.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn given_function(
        &self,
        account: AccountId,
        id: SupportFunctionId,
    ) -> Result<Option<GivenFunction>> {
        let mut sql = functions(account);
        sql.push(" AND f.id = ?", [id.uuid().into()]);
        let row = self.reads.query_one_raw(sql.statement(self.dialect)).await?;
        row.map(|row| function(&row)).transpose()
    }

    /// A part of who stands in for whom, in the order of its making; what is over is among it until it is
    /// ended.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn delegations(
        &self,
        scope: &Scope,
        wanted: &Wanted,
    ) -> Result<Part<Delegation>> {
        let Scope::Staff(account) = scope else { return Ok(Part { items: vec![], next: None }) };
        let mut sql = standing_in(*account);
        keyset::end(&mut sql, wanted, ("d.created_at", "d.id"));
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        let found = rows.iter().map(delegation).collect::<Result<Vec<_>>>()?;
        Ok(wanted.cut(found, |it| Place::number(it.created_at.micros(), it.id.uuid())))
    }

    /// One of them.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn delegation(
        &self,
        account: AccountId,
        id: DelegationId,
    ) -> Result<Option<Delegation>> {
        let mut sql = standing_in(account);
        sql.push(" AND d.id = ?", [id.uuid().into()]);
        let row = self.reads.query_one_raw(sql.statement(self.dialect)).await?;
        row.map(|row| delegation(&row)).transpose()
    }

    /// The background check that is known of somebody.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn background_check(
        &self,
        account: AccountId,
        user: ResourceId,
    ) -> Result<Option<Check>> {
        let sql = Sql::new(
            format!(
                "SELECT checked_on, valid_until FROM background_checks \
                 WHERE account_id = ? AND user_id = ? AND valid_to = {}",
                OPEN_END.micros()
            ),
            vec![account.uuid().into(), user.uuid().into()],
        );
        let Some(row) = self.reads.query_one_raw(sql.statement(self.dialect)).await? else {
            return Ok(None);
        };
        let day = |column: usize| {
            let text: String = row.try_get_by_index(column)?;
            let table = "background_checks";
            Day::parse(&text).ok_or(StoreError::Inconsistent { table, what: text })
        };
        Ok(Some(Check { checked_on: day(0)?, valid_until: day(1)? }))
    }
}

fn functions(account: AccountId) -> Sql {
    Sql::new(
        format!(
            "SELECT f.account_id, f.id, f.group_id, (SELECT g.display_name FROM groups g \
             WHERE g.account_id = f.account_id AND g.id = f.group_id AND g.deleted_at IS NULL), \
             f.gives, f.name, f.pending, f.created_at, f.created_by FROM support_functions f \
             WHERE f.account_id = ? AND f.valid_to = {}",
            OPEN_END.micros()
        ),
        vec![account.uuid().into()],
    )
}

fn standing_in(account: AccountId) -> Sql {
    Sql::new(
        format!(
            "SELECT d.account_id, d.id, d.from_user, d.to_user, d.starts_at, d.ends_at, \
             d.created_at FROM csd_delegations d WHERE d.account_id = ? AND d.valid_to = {}",
            OPEN_END.micros()
        ),
        vec![account.uuid().into()],
    )
}

fn function(row: &QueryResult) -> Result<GivenFunction> {
    Ok(GivenFunction {
        account: AccountId::new(row.try_get_by_index(0)?),
        id: SupportFunctionId::new(row.try_get_by_index(1)?),
        group: ResourceId::new(row.try_get_by_index(2)?),
        group_name: row.try_get_by_index(3)?,
        post: posts::read(row, 4)?,
        is_pending: row.try_get_by_index(6)?,
        created_at: Timestamp::from_micros(row.try_get_by_index(7)?),
        created_by: ResourceId::new(row.try_get_by_index(8)?),
    })
}

fn delegation(row: &QueryResult) -> Result<Delegation> {
    let moment = |column: usize| {
        Ok::<_, sea_orm::DbErr>(Timestamp::from_micros(row.try_get_by_index(column)?))
    };
    Ok(Delegation {
        account: AccountId::new(row.try_get_by_index(0)?),
        id: DelegationId::new(row.try_get_by_index(1)?),
        from: ResourceId::new(row.try_get_by_index(2)?),
        to: ResourceId::new(row.try_get_by_index(3)?),
        period: Period { starts_at: moment(4)?, ends_at: moment(5)? },
        created_at: moment(6)?,
    })
}
