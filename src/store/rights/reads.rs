//! Small look-ups that decisions and descriptions about rights rest on.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use crate::domain::account::Kind;
use crate::domain::ids::{
    AccountId, BundleId, ConnectionId, PersonId, ResourceId, RoleId, WorkspaceId,
};
use crate::domain::rights::RightKey;
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::Reach;
use crate::scim::fold;
use crate::store::entity::{
    account_periods, accounts, bundle_rights, connections, grants, group_mappings, role_bundles,
    user_persons, workspaces,
};
use crate::store::rights::paths::When;
use crate::store::script::Sql;
use crate::store::{Result, Store};

impl Store {
    /// How far the users of one account reach another.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn reach(&self, own: AccountId, other: AccountId) -> Result<Reach> {
        if own == other {
            return Ok(Reach::Own);
        }
        let key = (other.uuid(), OPEN_END.micros());
        let row = account_periods::Entity::find_by_id(key).one(&self.reads).await?;
        let is_parent = row.is_some_and(|row| row.parent_id == Some(own.uuid()));
        Ok(if is_parent { Reach::Parent } else { Reach::Foreign })
    }

    /// The person behind a user; none before their first sign-in.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn person_behind(
        &self,
        account: AccountId,
        user: ResourceId,
    ) -> Result<Option<PersonId>> {
        let key = (account.uuid(), user.uuid());
        let row = user_persons::Entity::find_by_id(key).one(&self.reads).await?;
        Ok(row.map(|row| PersonId::new(row.person_id)))
    }

    /// Whether that user is a recipient.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn is_recipient(&self, account: AccountId, user: ResourceId) -> Result<bool> {
        let sql = Sql::new(
            "SELECT 1 FROM users WHERE account_id = ? AND id = ? AND kind = 'recipient'",
            vec![account.uuid().into(), user.uuid().into()],
        );
        Ok(self.reads.query_one_raw(sql.statement(self.dialect)).await?.is_some())
    }

    /// Whether an account has that live user or group: the table says which.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn has_resource(
        &self,
        table: &'static str,
        account: AccountId,
        id: ResourceId,
    ) -> Result<bool> {
        let sql = Sql::new(
            format!("SELECT 1 FROM {table} WHERE account_id = ? AND id = ? AND deleted_at IS NULL"),
            vec![account.uuid().into(), id.uuid().into()],
        );
        Ok(self.reads.query_one_raw(sql.statement(self.dialect)).await?.is_some())
    }

    /// Whether an account has that workspace, and it is open.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn has_workspace(&self, account: AccountId, id: WorkspaceId) -> Result<bool> {
        let row = workspaces::Entity::find_by_id((account.uuid(), id.uuid()))
            .filter(workspaces::Column::ClosedAt.is_null())
            .one(&self.reads)
            .await?;
        Ok(row.is_some())
    }

    /// Whether another of the account's bundles or roles has that name: the table says which, and its index
    /// decides when it is written.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn has_name(
        &self,
        table: &'static str,
        (account, but): (AccountId, Uuid),
        name: &str,
    ) -> Result<bool> {
        let sql = Sql::new(
            format!(
                "SELECT 1 FROM {table} WHERE account_id = ? AND name_key = ? AND id <> ? \
                 AND deleted_at IS NULL"
            ),
            vec![account.uuid().into(), fold::text(name).into(), but.into()],
        );
        Ok(self.reads.query_one_raw(sql.statement(self.dialect)).await?.is_some())
    }

    /// Whether a right stands, or ever stood, in an active catalogue.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn was_ever_a_right(&self, key: &RightKey) -> Result<bool> {
        let sql = Sql::new(
            "SELECT 1 FROM catalogue_rights WHERE right_key = ? LIMIT 1",
            vec![key.as_str().into()],
        );
        Ok(self.reads.query_one_raw(sql.statement(self.dialect)).await?.is_some())
    }

    /// Those of the rights that the active catalogue does not have.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn unknown_rights(
        &self,
        wanted: &BTreeSet<RightKey>,
    ) -> Result<BTreeSet<RightKey>> {
        let sql = Sql::new(
            format!(
                "SELECT right_key FROM catalogue_rights WHERE valid_to = {}",
                OPEN_END.micros()
            ),
            vec![],
        );
        let mut unknown = wanted.clone();
        for row in self.reads.query_all_raw(sql.statement(self.dialect)).await? {
            let key: String = row.try_get_by_index(0)?;
            unknown.retain(|wanted| wanted.as_str() != key);
        }
        Ok(unknown)
    }

    /// The rights that need an account permission.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn rights_needing(&self, permission: &str) -> Result<Vec<RightKey>> {
        let sql = Sql::new(
            format!(
                "SELECT right_key FROM catalogue_rights WHERE valid_to = {} AND permission = ?",
                OPEN_END.micros()
            ),
            vec![permission.into()],
        );
        let mut keys = vec![];
        for row in self.reads.query_all_raw(sql.statement(self.dialect)).await? {
            let key: String = row.try_get_by_index(0)?;
            keys.extend(RightKey::parse(&key));
        }
        Ok(keys)
    }

    /// The hash of the catalogue's active release; empty before the first.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn catalogue_release(&self) -> Result<String> {
        let sql =
            Sql::new("SELECT hash FROM catalogue_releases ORDER BY number DESC LIMIT 1", vec![]);
        let row = self.reads.query_one_raw(sql.statement(self.dialect)).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default())
    }

    /// What a predefined bundle held at that moment.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn predefined_rights(
        &self,
        id: BundleId,
        at: Timestamp,
    ) -> Result<BTreeSet<RightKey>> {
        let rows = bundle_rights::Entity::find()
            .filter(bundle_rights::Column::AccountId.eq(AccountId::CATALOGUE.uuid()))
            .filter(bundle_rights::Column::BundleId.eq(id.uuid()))
            .filter(bundle_rights::Column::ValidFrom.lte(at.micros()))
            .filter(bundle_rights::Column::ValidTo.gt(at.micros()))
            .all(&self.reads)
            .await?;
        Ok(rows.iter().filter_map(|row| RightKey::parse(&row.right_key)).collect())
    }

    /// What a predefined role carried at that moment.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn predefined_bundles(
        &self,
        id: RoleId,
        at: Timestamp,
    ) -> Result<BTreeSet<BundleId>> {
        let rows = role_bundles::Entity::find()
            .filter(role_bundles::Column::AccountId.eq(AccountId::CATALOGUE.uuid()))
            .filter(role_bundles::Column::RoleId.eq(id.uuid()))
            .filter(role_bundles::Column::ValidFrom.lte(at.micros()))
            .filter(role_bundles::Column::ValidTo.gt(at.micros()))
            .all(&self.reads)
            .await?;
        Ok(rows.iter().map(|row| BundleId::new(row.bundle_id)).collect())
    }

    /// The parent of an account, if it has one.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn parent(&self, account: AccountId, when: When) -> Result<Option<AccountId>> {
        let sql = Sql::new(
            format!(
                "SELECT d.parent_id FROM account_periods d WHERE d.account_id = ? AND {}",
                when.in_force("d")
            ),
            vec![account.uuid().into()],
        );
        let row = self.reads.query_one_raw(sql.statement(self.dialect)).await?;
        let parent: Option<Option<Uuid>> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        Ok(parent.flatten().map(AccountId::new))
    }

    /// Whether an account has that user, or had it.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn knows_user(&self, account: AccountId, user: ResourceId) -> Result<bool> {
        let sql = Sql::new(
            "SELECT 1 FROM users WHERE account_id = ? AND id = ?",
            vec![account.uuid().into(), user.uuid().into()],
        );
        Ok(self.reads.query_one_raw(sql.statement(self.dialect)).await?.is_some())
    }

    /// Whether an account has that provisioning connection.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn has_connection(
        &self,
        account: AccountId,
        id: ConnectionId,
    ) -> Result<bool> {
        let row =
            connections::Entity::find_by_id((account.uuid(), id.uuid())).one(&self.reads).await?;
        Ok(row.is_some())
    }

    /// What an account is.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn account_kind(&self, account: AccountId) -> Result<Option<Kind>> {
        let row = accounts::Entity::find_by_id(account.uuid()).one(&self.reads).await?;
        Ok(row.and_then(|row| Kind::parse(&row.kind)))
    }

    /// Whether a mapping, a grant or a role of the account uses that bundle or role.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn is_used(&self, account: AccountId, id: Uuid) -> Result<bool> {
        is_used(&self.reads, account, id).await
    }
}

/// The same in the caller's transaction.
pub(super) async fn is_used(
    tx: &impl ConnectionTrait,
    account: AccountId,
    id: Uuid,
) -> Result<bool> {
    let open = OPEN_END.micros();
    let mapped = group_mappings::Entity::find()
        .filter(group_mappings::Column::AccountId.eq(account.uuid()))
        .filter(group_mappings::Column::GivesId.eq(id))
        .filter(group_mappings::Column::ValidTo.eq(open))
        .count(tx)
        .await?;
    let granted = grants::Entity::find()
        .filter(grants::Column::AccountId.eq(account.uuid()))
        .filter(grants::Column::GivesId.eq(id))
        .filter(grants::Column::ValidTo.eq(open))
        .count(tx)
        .await?;
    let carried = role_bundles::Entity::find()
        .filter(role_bundles::Column::AccountId.eq(account.uuid()))
        .filter(role_bundles::Column::BundleId.eq(id))
        .filter(role_bundles::Column::ValidTo.eq(open))
        .count(tx)
        .await?;
    Ok(mapped + granted + carried > 0)
}
