//! What effective rights would rest on by another catalogue: the tables as they would be (DECISIONS.md 28),
//! for a query that writes nothing.

use sea_orm::{ConnectionTrait, QueryResult, Value};

use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::rights::catalogue::Catalogue;
use crate::policy::Scope;
use crate::store::rights::catalogue::periods::{BUNDLE_RIGHTS, RIGHTS, ROLE_BUNDLES};
use crate::store::rights::catalogue::{bundle_rights, rights, role_bundles};
use crate::store::rights::paths::Tables;
use crate::store::script::Sql;
use crate::store::{Result, Store, StoreError};

/// The tables as they would be.
pub(crate) fn tables(catalogue: &Catalogue) -> Tables {
    Tables {
        catalogue: RIGHTS.as_if(&rights(catalogue)),
        bundle_rights: BUNDLE_RIGHTS.as_if(&bundle_rights(catalogue)),
        role_bundles: ROLE_BUNDLES.as_if(&role_bundles(catalogue)),
        ..Tables::default()
    }
}

impl Store {
    /// The `userName`s of users of an account, in alphabetical order; none for a scope that does not reach
    /// beyond one account.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn user_names(
        &self,
        scope: &Scope,
        (account, users): (AccountId, &[ResourceId]),
    ) -> Result<Vec<String>> {
        let Scope::Operation = scope else { return Ok(vec![]) };
        if users.is_empty() {
            return Ok(vec![]);
        }
        let marks = vec!["?"; users.len()].join(", ");
        let mut sql = Sql::new(
            format!(
                "SELECT u.document FROM users u WHERE u.account_id = ? AND u.id IN ({marks}) \
                 ORDER BY u.user_name_key"
            ),
            vec![account.uuid().into()],
        );
        sql.values.extend(users.iter().map(|user| Value::from(user.uuid())));
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        rows.iter().map(user_name).collect()
    }
}

fn user_name(row: &QueryResult) -> Result<String> {
    let document: String = row.try_get_by_index(0)?;
    let document: serde_json::Value = serde_json::from_str(&document).unwrap_or_default();
    let name = document.get("userName").and_then(serde_json::Value::as_str);
    let what = || "a document has no userName".to_owned();
    let name = name.ok_or_else(|| StoreError::Inconsistent { table: "users", what: what() })?;
    Ok(name.to_owned())
}
