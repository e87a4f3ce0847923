//! Which groups users are in: read in as few statements as a page needs, and put into its records.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, QueryResult};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::records::{Link, Record};
use crate::scim::schema::ResourceKind;
use crate::store::members::Ids;
use crate::store::script::Sql;
use crate::store::{Result, Store, StoreError, links};

/// A user's membership, with the number that the select gave it.
pub(in crate::store) struct Membership {
    user: ResourceId,
    link: Link,
    number: i64,
}

impl Membership {
    fn new(user: Uuid, group: Uuid, display: String, number: i64) -> Self {
        let (kind, id) = (ResourceKind::Group, ResourceId::new(group));
        let link = Link { kind, id, display, direct: true };
        Self { user: ResourceId::new(user), link, number }
    }
}

impl Store {
    /// Puts the groups into a page's users: those they are members of themselves in one statement,
    /// the rest in one more, if there is a rest.
    pub(in crate::store) async fn fill_page_groups(
        &self,
        account: AccountId,
        records: &mut [Record],
        is_range: bool,
    ) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let account_id = account.uuid().into();
        let sql = match records {
            [first, .., last] if is_range => Sql::new(
                links::own_groups_of_range(self.dialect),
                vec![account_id, first.id.uuid().into(), last.id.uuid().into()],
            ),
            _ => {
                let ids: Vec<ResourceId> = records.iter().map(|record| record.id).collect();
                let ids = Ids::new(self.dialect, &ids);
                let users = links::own_groups_of_page(self.dialect, &ids.table());
                Sql::new(users, vec![ids.value(), account_id])
            }
        };
        let row = self.reads.query_one_raw(sql.statement(self.dialect)).await?;
        let own = row.map(|row| shared_groups(&row)).transpose()?.unwrap_or_default();
        self.fill_groups(account, records, own).await
    }

    pub(in crate::store) async fn fill_groups(
        &self,
        account: AccountId,
        records: &mut [Record],
        own: Vec<Membership>,
    ) -> Result<()> {
        let nested: BTreeSet<ResourceId> =
            own.iter().filter(|own| own.number == 1).map(|own| own.user).collect();
        let nested: Vec<ResourceId> = nested.into_iter().collect();
        let mut all: Vec<Membership> =
            own.into_iter().map(|own| Membership { number: 1, ..own }).collect();
        if !nested.is_empty() {
            all.retain(|membership| nested.binary_search(&membership.user).is_err());
            let ids = Ids::new(self.dialect, &nested);
            let sql = Sql::new(
                format!(
                    "SELECT {} FROM users r WHERE r.account_id = ? AND r.id{}",
                    links::all_groups_column(self.dialect),
                    ids.matches()
                ),
                vec![account.uuid().into(), ids.value()],
            );
            for row in self.reads.query_all_raw(sql.statement(self.dialect)).await? {
                all.extend(memberships(&row, 0)?);
            }
        }
        let mut by_user: BTreeMap<ResourceId, Vec<Link>> = BTreeMap::new();
        for Membership { user, link, number } in all {
            by_user.entry(user).or_default().push(Link { direct: number == 1, ..link });
        }
        for record in records {
            record.groups = by_user.remove(&record.id).unwrap_or_default();
        }
        Ok(())
    }
}

/// Reads a column `[[user, group, display, number], …]`, which may be null.
pub(in crate::store) fn memberships(row: &QueryResult, column: usize) -> Result<Vec<Membership>> {
    let rows: Vec<(Uuid, Uuid, String, i64)> = array(row, column)?;
    Ok(rows
        .into_iter()
        .map(|(user, id, display, number)| Membership::new(user, id, display, number))
        .collect())
}

/// Reads the columns `[[user, group], …]` and `[[group, display, number], …]`.
fn shared_groups(row: &QueryResult) -> Result<Vec<Membership>> {
    let pairs: Vec<(Uuid, Uuid)> = array(row, 0)?;
    let groups: Vec<(Uuid, String, i64)> = array(row, 1)?;
    let groups: BTreeMap<Uuid, (String, i64)> =
        groups.into_iter().map(|(id, display, number)| (id, (display, number))).collect();
    let membership = |(user, id)| {
        let (display, number) = groups.get(&id)?;
        Some(Membership::new(user, id, display.clone(), *number))
    };
    Ok(pairs.into_iter().filter_map(membership).collect())
}

/// Reads a column that holds a JSON array; null is an empty one.
fn array<T: DeserializeOwned>(row: &QueryResult, column: usize) -> Result<Vec<T>> {
    let Some(text) = row.try_get_by_index::<Option<String>>(column)? else { return Ok(vec![]) };
    serde_json::from_str(&text)
        .map_err(|_| StoreError::Inconsistent { table: "group_members", what: text })
}
