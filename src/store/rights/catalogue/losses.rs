//! What effective rights would rest on by another catalogue: the tables as they would be (DECISIONS.md 28),
//! for a query that writes nothing.

use sea_orm::{ConnectionTrait, Value};

use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::rights::catalogue::Catalogue;
use crate::policy::Scope;
use crate::store::rights::catalogue::periods::{BUNDLE_RIGHTS, RIGHTS, ROLE_BUNDLES};
use crate::store::rights::catalogue::{bundle_rights, rights, role_bundles};
use crate::store::rights::paths::Tables;
use crate::store::script::Sql;
use crate::store::{Result, Store};

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
        let name = self.dialect.json_text("u.document", &["userName"]);
        let marks = vec!["?"; users.len()].join(", ");
        let mut sql = Sql::new(
            format!(
                "SELECT {name} FROM users u WHERE u.account_id = ? AND u.id IN ({marks}) \
                 ORDER BY u.user_name_key"
            ),
            vec![account.uuid().into()],
        );
        sql.values.extend(users.iter().map(|user| Value::from(user.uuid())));
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        let names = rows.iter().map(|row| row.try_get_by_index(0));
        Ok(names.collect::<std::result::Result<_, _>>()?)
    }
}
