//! Tables as they would be after a change, for a preview: the same query reads them in place of those
//! that are (DECISIONS.md 28). Nothing is written.

use sea_orm::Value;
use uuid::Uuid;

use crate::domain::ids::{AccountId, PersonId, ResourceId, WorkspaceId};
use crate::domain::rights::bundles::{Bundle, Role};
use crate::domain::rights::sources::{Gift, Givee, Grant, Mapping};
use crate::domain::time::OPEN_END;
use crate::scim::fold;
use crate::store::Store;
use crate::store::dialect::Dialect;
use crate::store::members::Ids;
use crate::store::rights::mappings::gift_id;
use crate::store::rights::paths::Tables;
use crate::store::script::Sql;

/// Since when what is made up stands: since after whatever anybody signed.
const NEW: i64 = OPEN_END.micros() - 1;

/// What would be different.
#[derive(Debug, Clone)]
pub(crate) enum Overlay {
    /// The bundle would hold these rights; by whom what is new.
    Bundle(Bundle, Option<PersonId>),
    /// The role would carry these bundles, each with whose it is.
    Role(Role, Vec<(AccountId, Uuid)>, Option<PersonId>),
    /// The mapping would be so, or not be.
    Mapping(Uuid, Option<Box<Mapping>>),
    /// The mapping would be so, for longer than was signed.
    WiderMapping(Box<Mapping>),
    /// The grant would be so, or not be.
    Grant(Uuid, Option<Box<Grant>>),
    /// The permission would be on or off.
    Permission(AccountId, String, bool),
    /// These would become members of the group, users or groups, and those stop being.
    Members(AccountId, ResourceId, Vec<(ResourceId, bool)>, Vec<ResourceId>),
}

impl Store {
    /// The tables as they would be.
    pub(crate) fn overlaid(&self, overlay: &Overlay) -> Tables {
        let (dialect, mut tables) = (self.dialect, Tables::default());
        match overlay {
            Overlay::Bundle(bundle, by) => {
                tables.bundle_rights = bundle_rights(dialect, bundle, *by);
            }
            Overlay::Role(role, bundles, by) => {
                tables.role_bundles = role_bundles(dialect, role, bundles, *by);
            }
            Overlay::Mapping(id, now) => tables.mappings = mappings(dialect, *id, now.as_deref()),
            Overlay::WiderMapping(now) => {
                let id = now.id.uuid();
                tables.mappings = mappings(dialect, id, Some(now));
                let others = "(SELECT * FROM approved_rights WHERE source_id <> ?)";
                tables.approved = Sql::new(others, vec![id.into()]);
            }
            Overlay::Grant(id, now) => tables.grants = grants(dialect, *id, now.as_deref()),
            Overlay::Permission(account, key, is_on) => {
                tables.permissions = permissions(dialect, *account, key, *is_on);
            }
            Overlay::Members(account, group, add, remove) => {
                tables.members = members(dialect, (*account, *group), add, remove);
            }
        }
        tables
    }
}

/// A row of a made-up table.
struct Made<'a> {
    dialect: Dialect,
    columns: &'a [(&'a str, &'a str)],
}

impl Made<'_> {
    /// The rows of a table that are left, and others beside them.
    fn table(&self, table: &str, left: &Sql, rows: Vec<Vec<Value>>) -> Sql {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        let mut sql = Sql::new(
            format!("(SELECT {} FROM {table} WHERE {}", names.join(", "), left.text),
            left.values.clone(),
        );
        let cells: Vec<String> = self
            .columns
            .iter()
            .map(|(_, of)| {
                format!("CAST(? AS {})", if *of == "id" { self.dialect.uuid_type() } else { of })
            })
            .collect();
        // One list of values: a SELECT for each would be one too many for SQLite at 500.
        for (n, row) in rows.into_iter().enumerate() {
            sql.push(if n == 0 { " UNION ALL VALUES " } else { ", " }, []);
            sql.push(&format!("({})", cells.join(", ")), row);
        }
        sql.push(")", []);
        sql
    }
}

fn bundle_rights(dialect: Dialect, bundle: &Bundle, by: Option<PersonId>) -> Sql {
    let columns = [
        ("account_id", "id"),
        ("bundle_id", "id"),
        ("right_key", "text"),
        ("valid_to", "bigint"),
        ("valid_from", "bigint"),
        ("added_person", "id"),
    ];
    // What it holds still it holds since then; beside that, all is new.
    let mut left = Sql::new("(bundle_id <> ?", vec![bundle.id.uuid().into()]);
    for (n, key) in bundle.rights.iter().enumerate() {
        left.push(if n == 0 { " OR right_key IN (?" } else { ", ?" }, [key.as_str().into()]);
    }
    left.push(if bundle.rights.is_empty() { ")" } else { "))" }, []);
    let row = |key: &crate::domain::rights::RightKey| {
        vec![
            bundle.account.uuid().into(),
            bundle.id.uuid().into(),
            key.as_str().into(),
            OPEN_END.micros().into(),
            NEW.into(),
            by.map(PersonId::uuid).into(),
        ]
    };
    let rows = bundle.rights.iter().map(row).collect();
    Made { dialect, columns: &columns }.table("bundle_rights", &left, rows)
}

fn role_bundles(
    dialect: Dialect,
    role: &Role,
    bundles: &[(AccountId, Uuid)],
    by: Option<PersonId>,
) -> Sql {
    let columns = [
        ("account_id", "id"),
        ("role_id", "id"),
        ("bundle_owner", "id"),
        ("bundle_id", "id"),
        ("valid_to", "bigint"),
        ("valid_from", "bigint"),
        ("added_person", "id"),
    ];
    let mut left = Sql::new("(role_id <> ?", vec![role.id.uuid().into()]);
    for (n, (_, id)) in bundles.iter().enumerate() {
        left.push(if n == 0 { " OR bundle_id IN (?" } else { ", ?" }, [(*id).into()]);
    }
    left.push(if bundles.is_empty() { ")" } else { "))" }, []);
    let row = |(owner, id): &(AccountId, Uuid)| {
        vec![
            role.account.uuid().into(),
            role.id.uuid().into(),
            owner.uuid().into(),
            (*id).into(),
            OPEN_END.micros().into(),
            NEW.into(),
            by.map(PersonId::uuid).into(),
        ]
    };
    let rows = bundles.iter().map(row).collect();
    Made { dialect, columns: &columns }.table("role_bundles", &left, rows)
}

fn mappings(dialect: Dialect, id: Uuid, now: Option<&Mapping>) -> Sql {
    let columns = [
        ("account_id", "id"),
        ("id", "id"),
        ("group_id", "id"),
        ("created_person", "id"),
        ("changed_person", "id"),
        ("connection_id", "id"),
        ("pushed_key", "text"),
        ("gives", "text"),
        ("gives_owner", "id"),
        ("gives_id", "id"),
        ("place", "text"),
        ("workspace_id", "id"),
        ("paused", "boolean"),
        ("starts_at", "bigint"),
        ("ends_at", "bigint"),
        ("valid_to", "bigint"),
    ];
    let row = |it: &Mapping| {
        let (group, connection, value) = match &it.givee {
            Givee::Group(group) => (Some(group.uuid()), None, None),
            Givee::Pushed { connection, value } => {
                (None, Some(connection.uuid()), Some(fold::text(value)))
            }
        };
        vec![
            it.account.uuid().into(),
            it.id.uuid().into(),
            group.into(),
            it.created_by.person.map(PersonId::uuid).into(),
            it.changed_by.person.map(PersonId::uuid).into(),
            connection.into(),
            value.into(),
            it.gift.kind().into(),
            it.gift_owner.uuid().into(),
            gift_id(&it.gift).into(),
            it.place.kind().into(),
            it.place.workspace().map(WorkspaceId::uuid).into(),
            it.paused.into(),
            it.period.starts_at.micros().into(),
            it.period.ends_at.micros().into(),
            OPEN_END.micros().into(),
        ]
    };
    let left = Sql::new("id <> ?", vec![id.into()]);
    let rows = now.map(row).into_iter().collect();
    Made { dialect, columns: &columns }.table("group_mappings", &left, rows)
}

fn grants(dialect: Dialect, id: Uuid, now: Option<&Grant>) -> Sql {
    let columns = [
        ("account_id", "id"),
        ("id", "id"),
        ("user_id", "id"),
        ("gives", "text"),
        ("gives_owner", "id"),
        ("gives_id", "id"),
        ("right_key", "text"),
        ("place", "text"),
        ("workspace_id", "id"),
        ("starts_at", "bigint"),
        ("ends_at", "bigint"),
        ("valid_to", "bigint"),
    ];
    let row = |it: &Grant| {
        let right = match &it.gift {
            Gift::Right(key) => Some(key.as_str().to_owned()),
            Gift::Bundle(_) | Gift::Role(_) => None,
        };
        vec![
            it.account.uuid().into(),
            it.id.uuid().into(),
            it.user.uuid().into(),
            it.gift.kind().into(),
            it.gift_owner.map(AccountId::uuid).into(),
            gift_id(&it.gift).into(),
            right.into(),
            it.place.kind().into(),
            it.place.workspace().map(WorkspaceId::uuid).into(),
            it.period.starts_at.micros().into(),
            it.period.ends_at.micros().into(),
            OPEN_END.micros().into(),
        ]
    };
    let left = Sql::new("id <> ?", vec![id.into()]);
    let rows = now.map(row).into_iter().collect();
    Made { dialect, columns: &columns }.table("grants", &left, rows)
}

fn permissions(dialect: Dialect, account: AccountId, key: &str, is_on: bool) -> Sql {
    let columns = [("account_id", "id"), ("permission", "text"), ("valid_to", "bigint")];
    let left = Sql::new(
        "NOT (account_id = ? AND permission = ?)",
        vec![account.uuid().into(), key.into()],
    );
    let row = || vec![account.uuid().into(), key.into(), OPEN_END.micros().into()];
    let rows = is_on.then(row).into_iter().collect();
    Made { dialect, columns: &columns }.table("account_permissions", &left, rows)
}

fn members(
    dialect: Dialect,
    (account, group): (AccountId, ResourceId),
    add: &[(ResourceId, bool)],
    remove: &[ResourceId],
) -> Sql {
    let columns = [
        ("account_id", "id"),
        ("group_id", "id"),
        ("member_id", "id"),
        ("member_kind", "text"),
        ("valid_to", "bigint"),
        ("valid_from", "bigint"),
    ];
    let mut left = Sql::new("1 = 1", vec![]);
    if !remove.is_empty() {
        let ids = Ids::new(dialect, remove);
        left.push(
            &format!(" AND NOT (account_id = ? AND group_id = ? AND member_id{})", ids.matches()),
            [account.uuid().into(), group.uuid().into(), ids.value()],
        );
    }
    let row = |(member, is_group): &(ResourceId, bool)| {
        vec![
            account.uuid().into(),
            group.uuid().into(),
            member.uuid().into(),
            (if *is_group { "Group" } else { "User" }).into(),
            OPEN_END.micros().into(),
            NEW.into(),
        ]
    };
    let rows = add.iter().map(row).collect();
    Made { dialect, columns: &columns }.table("group_members", &left, rows)
}
