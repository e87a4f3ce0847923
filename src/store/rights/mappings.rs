//! Group mappings: a row for each period, the open one in force.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    Set,
};

use uuid::Uuid;

use crate::domain::event::Activity;
use crate::domain::ids::{
    AccountId, BundleId, ConnectionId, MappingId, PersonId, ResourceId, RoleId, WorkspaceId,
};
use crate::domain::records::pages::{Part, Place, Wanted};
use crate::domain::rights::sources::{self, By, Gift, Givee, Mapping, Period};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::Scope;
use crate::scim::fold;
use crate::store::entity::group_mappings as table;
use crate::store::lists::keyset;
use crate::store::rights::approvals::source_changed;
use crate::store::rights::paths::When;
use crate::store::script::Sql;
use crate::store::{Result, Store, StoreError};

/// A change of a mapping.
#[derive(Debug)]
pub(crate) enum Change {
    /// Make it.
    Create(Box<Mapping>),
    /// Put the second in place of the first, which must still be so.
    Edit(Box<Mapping>, Box<Mapping>),
    /// Take it away.
    End(Box<Mapping>),
}

impl Store {
    /// A part of an account's mappings in the order of their making; of one group, if one is named.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn mappings(
        &self,
        scope: &Scope,
        group: Option<ResourceId>,
        wanted: &Wanted,
    ) -> Result<Part<Mapping>> {
        let Scope::Account(account) = scope else {
            return Ok(Part { items: vec![], next: None });
        };
        let mut sql = Sql::new(
            format!(
                "SELECT r.* FROM group_mappings r WHERE r.account_id = ? AND r.valid_to = {}",
                OPEN_END.micros()
            ),
            vec![account.uuid().into()],
        );
        if let Some(group) = group {
            sql.push(" AND r.group_id = ?", [group.uuid().into()]);
        }
        keyset::end(&mut sql, wanted, ("r.created_at", "r.id"));
        let rows = table::Entity::find()
            .from_raw_sql(sql.statement(self.dialect))
            .all(&self.reads)
            .await?;
        let part = wanted.cut(rows, |row| Place::number(row.created_at, row.id));
        let items = part.items.into_iter().map(mapping).collect::<Result<_>>()?;
        Ok(Part { items, next: part.next })
    }

    /// One of an account's mappings.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn mapping(
        &self,
        account: AccountId,
        id: MappingId,
    ) -> Result<Option<Mapping>> {
        let row = open(account).filter(table::Column::Id.eq(id.uuid())).one(&self.reads).await?;
        row.map(mapping).transpose()
    }

    /// One of an account's mappings as it was.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn mapping_in(
        &self,
        (account, id): (AccountId, MappingId),
        when: When,
    ) -> Result<Option<Mapping>> {
        let row = table::Entity::find()
            .filter(table::Column::AccountId.eq(account.uuid()))
            .filter(table::Column::Id.eq(id.uuid()))
            .filter(when.covers(table::Column::ValidFrom, table::Column::ValidTo))
            .one(&self.reads)
            .await?;
        row.map(mapping).transpose()
    }

    /// The mapping that gives the same as one to be made, if there is one.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn same_mapping(&self, new: &Mapping) -> Result<Option<Mapping>> {
        same(&self.reads, new).await
    }
}

/// The same in the caller's transaction.
pub(super) async fn same(tx: &impl ConnectionTrait, new: &Mapping) -> Result<Option<Mapping>> {
    let gift = gift_id(&new.gift);
    let rows = open(new.account)
        .filter(table::Column::GivesId.eq(gift.unwrap_or_default()))
        .filter(table::Column::Place.eq(new.place.kind()))
        .all(tx)
        .await?;
    let all: Vec<Mapping> = rows.into_iter().map(mapping).collect::<Result<_>>()?;
    Ok(all.into_iter().find(|it| is_same(&it.givee, &new.givee) && it.place == new.place))
}

fn is_same(one: &Givee, other: &Givee) -> bool {
    match (one, other) {
        (Givee::Group(one), Givee::Group(other)) => one == other,
        (Givee::Pushed { connection: a, value: v }, Givee::Pushed { connection: b, value: w }) => {
            a == b && fold::text(v) == fold::text(w)
        }
        (Givee::Group(_), Givee::Pushed { .. }) | (Givee::Pushed { .. }, Givee::Group(_)) => false,
    }
}

fn open(account: AccountId) -> sea_orm::Select<table::Entity> {
    table::Entity::find()
        .filter(table::Column::AccountId.eq(account.uuid()))
        .filter(table::Column::ValidTo.eq(OPEN_END.micros()))
}

/// The id of what is given; none of a right.
pub(super) fn gift_id(gift: &Gift) -> Option<Uuid> {
    match gift {
        Gift::Bundle(id) => Some(id.uuid()),
        Gift::Role(id) => Some(id.uuid()),
        Gift::Right(_) => None,
    }
}

/// Reads the place of a source.
pub(super) fn place(kind: &str, workspace: Option<Uuid>) -> Option<sources::Place> {
    match (kind, workspace) {
        ("account", None) => Some(sources::Place::Account),
        ("workspace", Some(id)) => Some(sources::Place::Workspace(WorkspaceId::new(id))),
        ("children", None) => Some(sources::Place::Children),
        _ => None,
    }
}

fn by(kind: String, id: Option<Uuid>, person: Option<Uuid>) -> By {
    By { kind, id, person: person.map(PersonId::new) }
}

fn mapping(row: table::Model) -> Result<Mapping> {
    let bad = || StoreError::Inconsistent { table: "group_mappings", what: row.id.to_string() };
    let givee = match (row.group_id, row.connection_id.zip(row.pushed_value.clone())) {
        (Some(group), None) => Givee::Group(ResourceId::new(group)),
        (None, Some((connection, value))) => {
            Givee::Pushed { connection: ConnectionId::new(connection), value }
        }
        _ => return Err(bad()),
    };
    let gift = match row.gives.as_str() {
        "bundle" => Gift::Bundle(BundleId::new(row.gives_id)),
        "role" => Gift::Role(RoleId::new(row.gives_id)),
        _ => return Err(bad()),
    };
    Ok(Mapping {
        account: AccountId::new(row.account_id),
        id: MappingId::new(row.id),
        givee,
        gift,
        gift_owner: AccountId::new(row.gives_owner),
        place: place(&row.place, row.workspace_id).ok_or_else(bad)?,
        period: Period {
            starts_at: Timestamp::from_micros(row.starts_at),
            ends_at: Timestamp::from_micros(row.ends_at),
        },
        paused: row.paused,
        reason: row.reason,
        created_by: by(row.created_by_kind, row.created_by_id, row.created_person),
        created_at: Timestamp::from_micros(row.created_at),
        changed_by: by(row.changed_by_kind, row.changed_by_id, row.changed_person),
        changed_at: Timestamp::from_micros(row.valid_from),
        version: row.version,
    })
}

pub(super) async fn apply(
    tx: &DatabaseTransaction,
    change: &Change,
    activity: &Activity,
) -> Result<bool> {
    match change {
        Change::Create(new) => insert(tx, new, activity).await.map(|()| true),
        Change::Edit(was, now) => {
            let done = close(tx, was, activity).await?;
            if done {
                insert(tx, now, activity).await?;
            }
            if done && was.period.is_exceeded_by(now.period) {
                source_changed(tx, (was.account, was.id.uuid()), activity.at).await?;
            }
            Ok(done)
        }
        Change::End(was) => {
            source_changed(tx, (was.account, was.id.uuid()), activity.at).await?;
            close(tx, was, activity).await
        }
    }
}

async fn insert(tx: &impl ConnectionTrait, new: &Mapping, activity: &Activity) -> Result<()> {
    let (group, connection, value) = match &new.givee {
        Givee::Group(group) => (Some(group.uuid()), None, None),
        Givee::Pushed { connection, value } => (None, Some(connection.uuid()), Some(value.clone())),
    };
    let row = table::ActiveModel {
        account_id: Set(new.account.uuid()),
        id: Set(new.id.uuid()),
        valid_to: Set(OPEN_END.micros()),
        valid_from: Set(activity.at.micros()),
        group_id: Set(group),
        connection_id: Set(connection),
        pushed_key: Set(value.as_deref().map(fold::text)),
        pushed_value: Set(value),
        gives: Set(new.gift.kind().to_owned()),
        gives_owner: Set(new.gift_owner.uuid()),
        gives_id: Set(gift_id(&new.gift).unwrap_or_default()),
        place: Set(new.place.kind().to_owned()),
        workspace_id: Set(new.place.workspace().map(WorkspaceId::uuid)),
        paused: Set(new.paused),
        starts_at: Set(new.period.starts_at.micros()),
        ends_at: Set(new.period.ends_at.micros()),
        reason: Set(new.reason.clone()),
        version: Set(new.version),
        created_at: Set(new.created_at.micros()),
        created_by_kind: Set(new.created_by.kind.clone()),
        created_by_id: Set(new.created_by.id),
        created_person: Set(new.created_by.person.map(PersonId::uuid)),
        changed_by_kind: Set(new.changed_by.kind.clone()),
        changed_by_id: Set(new.changed_by.id),
        changed_person: Set(new.changed_by.person.map(PersonId::uuid)),
    };
    row.insert(tx).await?;
    Ok(())
}

/// Ends the row that was read; false if it is no longer so.
async fn close(tx: &impl ConnectionTrait, was: &Mapping, activity: &Activity) -> Result<bool> {
    let done = table::Entity::update_many()
        .col_expr(table::Column::ValidTo, Expr::val(activity.at.micros()))
        .filter(table::Column::AccountId.eq(was.account.uuid()))
        .filter(table::Column::Id.eq(was.id.uuid()))
        .filter(table::Column::ValidTo.eq(OPEN_END.micros()))
        .filter(table::Column::Version.eq(was.version))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}
