//! Who would lose a right by a release: those who have it by the rows that are, and not by those that
//! would be. It is the query of effective rights over changed tables (DECISIONS.md 28), and writes nothing.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, Value};

use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::rights::RightKey;
use crate::domain::rights::catalogue::Catalogue;
use crate::domain::rights::paths::{Path, Standing, Where, standings};
use crate::domain::time::Timestamp;
use crate::policy::Scope;
use crate::store::rights::candidates::Candidates;
use crate::store::rights::catalogue::periods::{BUNDLE_RIGHTS, RIGHTS, ROLE_BUNDLES};
use crate::store::rights::catalogue::{bundle_rights, rights, role_bundles};
use crate::store::rights::paths::{Subjects, Tables, When};
use crate::store::script::Sql;
use crate::store::{Result, Store};

/// How many users are looked at together.
const TOGETHER: u64 = 500;

/// The users of an account who would lose a right somewhere.
#[derive(Debug, Default)]
pub(crate) struct Losers {
    /// How many.
    pub(crate) count: u64,
    /// The first of them.
    pub(crate) first: Vec<ResourceId>,
}

impl Store {
    /// The users of an account who would lose a right if the tables were these; the first `shown` of them by
    /// id. None for a scope that does not reach beyond one account.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn losers(
        &self,
        scope: &Scope,
        (account, right): (AccountId, &RightKey),
        (now, after): (Timestamp, &Tables),
        shown: usize,
    ) -> Result<Losers> {
        let mut losers = Losers::default();
        let Scope::Operation = scope else { return Ok(losers) };
        let candidates = Candidates::Right(right.clone());
        let mut behind = None;
        loop {
            let tables = Tables::default();
            let page = Subjects::Candidates(&candidates, behind, TOGETHER);
            let before = self.paths((account, page), When::Now(now), &tables).await?;
            let Some(last) = before.iter().map(|path| path.user).max() else { return Ok(losers) };
            let page = Subjects::Candidates(&candidates, behind, TOGETHER);
            let then = self.paths((account, page), When::Now(now), after).await?;
            let held = |paths: &[_]| holders(paths, right);
            let (before, then) = (held(&before), held(&then));
            let lost: BTreeSet<ResourceId> =
                before.difference(&then).map(|(user, _)| *user).collect();
            losers.count += lost.len() as u64;
            let room = shown.saturating_sub(losers.first.len());
            losers.first.extend(lost.iter().take(room));
            behind = Some(last);
        }
    }

    /// The `userName`s of users of an account, in alphabetical order.
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

/// The tables as they would be by a release.
pub(crate) fn tables(catalogue: &Catalogue) -> Tables {
    Tables {
        catalogue: RIGHTS.as_if(&rights(catalogue)),
        bundle_rights: BUNDLE_RIGHTS.as_if(&bundle_rights(catalogue)),
        role_bundles: ROLE_BUNDLES.as_if(&role_bundles(catalogue)),
        ..Tables::default()
    }
}

/// Who has a right, and where.
fn holders(paths: &[Path], right: &RightKey) -> BTreeSet<(ResourceId, Where)> {
    let has = |((user, key, place), standing): ((ResourceId, RightKey, Where), Standing)| {
        (key == *right && standing == Standing::Effective).then_some((user, place))
    };
    standings(paths).into_iter().filter_map(has).collect()
}
