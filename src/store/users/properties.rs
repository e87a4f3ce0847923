//! Properties: what an account defined, and which values its people have.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, Set,
};

use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, PropertyId, ResourceId};
use crate::domain::time::Timestamp;
use crate::domain::users::properties::{Assigned, Property, ValueType};
use crate::policy::{Permit, Scope};
use crate::store::entity::{properties as table, user_properties as values};
use crate::store::members::Ids;
use crate::store::script::{Script, Sql};
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store, StoreError, activities};

/// A change of what an account defines, with its line of the record.
#[derive(Debug)]
pub(crate) struct Change {
    /// What changes.
    pub(crate) what: What,
    /// The record's line.
    pub(crate) activity: Activity,
}

/// What changes.
#[derive(Debug)]
pub(crate) enum What {
    /// Define it.
    Define(Property),
    /// Put it in place of the one of its id that has the version before; nobody has a value beyond its
    /// choices.
    Edit(Property),
    /// Take it away, with all its values.
    Remove(PropertyId),
}

impl Store {
    /// Applies a change; false if what it rests on is no longer so.
    ///
    /// # Errors
    /// [`StoreError::Taken`] if the key is, and if the database fails.
    pub(crate) async fn change_properties(&self, change: Change, permit: Permit) -> Result<bool> {
        let write = Rows::Properties(Box::new(change)).into();
        Ok(self.writer.apply(write, Warrant::Decided(permit)).await?.done)
    }

    /// What an account defined, by key.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn properties(&self, scope: &Scope) -> Result<Vec<Property>> {
        let Scope::Account(account) = scope else { return Ok(vec![]) };
        let rows = table::Entity::find()
            .filter(table::Column::AccountId.eq(account.uuid()))
            .order_by_asc(table::Column::Key)
            .all(&self.reads)
            .await?;
        rows.into_iter().map(property).collect()
    }

    /// One of them.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn property(
        &self,
        account: AccountId,
        id: PropertyId,
    ) -> Result<Option<Property>> {
        let row = table::Entity::find_by_id((account.uuid(), id.uuid())).one(&self.reads).await?;
        row.map(property).transpose()
    }

    /// Whether somebody has a value of a property that is none of its choices.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn has_value_beyond(&self, property: &Property) -> Result<bool> {
        has_value_beyond(&self.reads, property).await
    }

    /// The values that users have, by user, each user's by key.
    pub(super) async fn properties_of(
        &self,
        account: AccountId,
        users: &[ResourceId],
    ) -> Result<BTreeMap<ResourceId, Vec<Assigned>>> {
        let mut found = BTreeMap::<_, Vec<_>>::new();
        if users.is_empty() {
            return Ok(found);
        }
        let ids = Ids::new(self.dialect, users);
        let sql = Sql::new(
            format!(
                "SELECT v.user_id, p.id, p.key, p.value_type, v.value FROM user_properties v \
                 JOIN properties p ON p.account_id = v.account_id AND p.id = v.property_id \
                 WHERE v.account_id = ? AND v.user_id{} ORDER BY p.key",
                ids.matches()
            ),
            vec![account.uuid().into(), ids.value()],
        );
        for row in self.reads.query_all_raw(sql.statement(self.dialect)).await? {
            let word: String = row.try_get_by_index(3)?;
            let assigned = Assigned {
                property: PropertyId::new(row.try_get_by_index(1)?),
                key: row.try_get_by_index(2)?,
                value_type: ValueType::parse(&word).ok_or_else(|| bad(&word))?,
                value: row.try_get_by_index(4)?,
            };
            found.entry(ResourceId::new(row.try_get_by_index(0)?)).or_default().push(assigned);
        }
        Ok(found)
    }
}

/// Gives somebody a value, if the property is still there, or takes it away.
pub(super) fn assign(
    script: &mut Script,
    (activity, user): (&Activity, ResourceId),
    (property, value): (PropertyId, Option<&str>),
) {
    let key = [activity.account.uuid().into(), user.uuid().into(), property.uuid().into()];
    match value {
        Some(value) => {
            let [account, user, property] = key;
            script.then(
                "INSERT INTO user_properties (account_id, user_id, property_id, value) \
                 SELECT p.account_id, ?, p.id, ? FROM properties p \
                 WHERE p.account_id = ? AND p.id = ? AND {guard} \
                 ON CONFLICT (account_id, user_id, property_id) \
                 DO UPDATE SET value = excluded.value",
                vec![user, value.into(), account, property],
            );
        }
        None => script.then(
            "DELETE FROM user_properties \
             WHERE account_id = ? AND user_id = ? AND property_id = ? AND {guard}",
            key.to_vec(),
        ),
    }
}

/// Takes all values from somebody who is deleted.
pub(super) fn forget(script: &mut Script, activity: &Activity, user: ResourceId) {
    script.then(
        "DELETE FROM user_properties WHERE account_id = ? AND user_id = ? AND {guard}",
        vec![activity.account.uuid().into(), user.uuid().into()],
    );
}

/// Applies a change in the caller's transaction; says whether it took effect.
pub(in crate::store) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    let activity = &change.activity;
    let done = match &change.what {
        What::Define(new) => insert(tx, new).await.map(|()| true)?,
        What::Edit(now) => update(tx, now).await?,
        What::Remove(id) => remove(tx, activity.account, *id).await?,
    };
    if done {
        activities::insert(tx, activity).await?;
    }
    Ok(done)
}

async fn insert(tx: &DatabaseTransaction, new: &Property) -> Result<()> {
    let row = table::ActiveModel {
        account_id: Set(new.account.uuid()),
        id: Set(new.id.uuid()),
        key: Set(new.key.clone()),
        label: Set(new.label.clone()),
        value_type: Set(new.value_type.as_str().to_owned()),
        choices: Set(serde_json::json!(new.choices).to_string()),
        version: Set(new.version),
        created_at: Set(new.created_at.micros()),
        updated_at: Set(new.updated_at.micros()),
    };
    row.insert(tx).await?;
    Ok(())
}

async fn update(tx: &DatabaseTransaction, now: &Property) -> Result<bool> {
    use table::Column as C;
    if has_value_beyond(tx, now).await? {
        return Ok(false);
    }
    let choices = serde_json::json!(now.choices).to_string();
    let changed = table::Entity::update_many()
        .col_expr(C::Label, Expr::val(now.label.as_str()))
        .col_expr(C::Choices, Expr::val(choices))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::UpdatedAt, Expr::val(now.updated_at.micros()))
        .filter(C::AccountId.eq(now.account.uuid()))
        .filter(C::Id.eq(now.id.uuid()))
        .filter(C::Version.eq(now.version - 1))
        .exec(tx)
        .await?;
    Ok(changed.rows_affected > 0)
}

async fn remove(tx: &DatabaseTransaction, account: AccountId, id: PropertyId) -> Result<bool> {
    values::Entity::delete_many()
        .filter(values::Column::AccountId.eq(account.uuid()))
        .filter(values::Column::PropertyId.eq(id.uuid()))
        .exec(tx)
        .await?;
    let key = (account.uuid(), id.uuid());
    Ok(table::Entity::delete_by_id(key).exec(tx).await?.rows_affected > 0)
}

async fn has_value_beyond(tx: &impl ConnectionTrait, property: &Property) -> Result<bool> {
    let beyond = values::Entity::find()
        .filter(values::Column::AccountId.eq(property.account.uuid()))
        .filter(values::Column::PropertyId.eq(property.id.uuid()))
        .filter(values::Column::Value.is_not_in(property.choices.iter().map(String::as_str)))
        .count(tx)
        .await?;
    Ok(property.value_type == ValueType::Choice && beyond > 0)
}

fn property(row: table::Model) -> Result<Property> {
    Ok(Property {
        account: AccountId::new(row.account_id),
        id: PropertyId::new(row.id),
        value_type: ValueType::parse(&row.value_type).ok_or_else(|| bad(&row.value_type))?,
        choices: serde_json::from_str(&row.choices).map_err(|_| bad(&row.choices))?,
        key: row.key,
        label: row.label,
        created_at: Timestamp::from_micros(row.created_at),
        updated_at: Timestamp::from_micros(row.updated_at),
        version: row.version,
    })
}

fn bad(what: &str) -> StoreError {
    StoreError::Inconsistent { table: "properties", what: what.to_owned() }
}
