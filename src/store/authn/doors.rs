//! What the pages of sign-in show: the ways into an account, and who somebody is.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::{Map, Value};

use crate::domain::account::{Account, Slug, WaysIn};
use crate::domain::ids::{AccountId, ResourceId, SsoId};
use crate::domain::sessions::Portrait;
use crate::store::accounts::account;
use crate::store::entity::accounts;
use crate::store::script::Sql;
use crate::store::{Result, Store, StoreError};

impl Store {
    /// The ways into the account of that slug; those of one without SSO if there is none. One statement,
    /// the same for both.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn ways_in(&self, slug: &Slug) -> Result<WaysIn> {
        let sql = Sql::new(
            "SELECT s.id, s.name, CAST(CASE WHEN EXISTS (SELECT 1 FROM passwords p \
             WHERE p.account_id = a.id) THEN 1 ELSE 0 END AS bigint) FROM accounts a \
             LEFT JOIN sso_connections s ON s.account_id = a.id WHERE a.slug = ? ORDER BY s.name",
            vec![slug.as_str().into()],
        );
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        let mut ways = WaysIn { sso: vec![], by_password: false };
        for row in rows {
            ways.by_password = row.try_get_by_index::<i64>(2)? == 1;
            if let Some(id) = row.try_get_by_index::<Option<uuid::Uuid>>(0)? {
                ways.sso.push((SsoId::new(id), row.try_get_by_index(1)?));
            }
        }
        ways.by_password |= ways.sso.is_empty();
        Ok(ways)
    }

    /// The account whose people's addresses end in that domain, in lower case.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn account_of_domain(&self, domain: &str) -> Result<Option<Slug>> {
        let sql = Sql::new(
            "SELECT a.slug FROM account_domains d JOIN accounts a ON a.id = d.account_id \
             WHERE d.domain = ?",
            vec![domain.into()],
        );
        let row = self.reads.query_one_raw(sql.statement(self.dialect)).await?;
        let Some(row) = row else { return Ok(None) };
        slug(&row.try_get_by_index::<String>(0)?).map(Some)
    }

    /// Who a user is. One statement.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn portrait(
        &self,
        account: AccountId,
        user: ResourceId,
    ) -> Result<Option<Portrait>> {
        let sql = Sql::new(
            "SELECT u.display_name, u.document, a.name, u.own_language FROM users u \
             JOIN accounts a ON a.id = u.account_id \
             WHERE u.account_id = ? AND u.id = ? AND u.deleted_at IS NULL",
            vec![account.uuid().into(), user.uuid().into()],
        );
        let row = self.reads.query_one_raw(sql.statement(self.dialect)).await?;
        let Some(row) = row else { return Ok(None) };
        let document: Map<String, Value> =
            serde_json::from_str(&row.try_get_by_index::<String>(1)?).map_err(|error| {
                StoreError::Inconsistent { table: "users", what: error.to_string() }
            })?;
        let own: Option<String> = row.try_get_by_index(3)?;
        let text = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
        Ok(Some(Portrait {
            display_name: row.try_get_by_index(0)?,
            user_name: text("userName").unwrap_or_default(),
            language: own.or_else(|| text("preferredLanguage")).or_else(|| text("locale")),
            account_name: row.try_get_by_index(2)?,
        }))
    }

    /// The accounts of those ids: the few in which one person is signed in.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn accounts_by_id(&self, ids: &[AccountId]) -> Result<Vec<Account>> {
        let ids = ids.iter().map(|id| id.uuid());
        let found = accounts::Entity::find().filter(accounts::Column::Id.is_in(ids));
        found.all(&self.reads).await?.into_iter().map(account).collect()
    }
}

fn slug(text: &str) -> Result<Slug> {
    Slug::parse(text).map_err(|what| StoreError::Inconsistent { table: "accounts", what })
}
