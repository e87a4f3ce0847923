//! Accounts' providers of single sign-on, and the domains by which accounts are found.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait as _, DatabaseTransaction,
    EntityTrait, QueryFilter, QueryOrder, Set,
};

use crate::domain::account::Slug;
use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, ConnectionId, SessionId, SsoId};
use crate::domain::records::pages::{Part, Place, Wanted};
use crate::domain::sessions::EndedWhy;
use crate::domain::sso::SsoConnection;
use crate::domain::time::Timestamp;
use crate::policy::{Permit, Scope};
use crate::store::authn::{Change as Authn, sessions as live};
use crate::store::entity::{account_domains, login_transactions, sessions, sso_connections};
use crate::store::lists::keyset;
use crate::store::script::Sql;
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store, StoreError, activities};

/// A change of how an account's users sign in.
#[derive(Debug)]
pub(crate) enum Change {
    /// Add a provider.
    Add(Box<SsoConnection>, Box<Activity>),
    /// Change one.
    Edit(Box<Edit>),
    /// Remove one, and end the sessions that began by it.
    Remove(SsoId, Box<Activity>),
    /// Add a domain.
    AddDomain(String, Box<Activity>),
    /// Remove one.
    RemoveDomain(String, Box<Activity>),
}

/// A provider otherwise than it was.
#[derive(Debug)]
pub(crate) struct Edit {
    /// When it was last changed before; not done if that is no longer so.
    pub(crate) was: Timestamp,
    /// As it is from now on.
    pub(crate) now: SsoConnection,
    /// Whether the secret is another. If not it is left alone: it may be sealed anew meanwhile.
    pub(crate) is_resealed: bool,
    /// Whether sessions and sign-ins that began by it end.
    pub(crate) ends_sessions: bool,
    /// The session of whoever changes it, which stays.
    pub(crate) spared: Option<SessionId>,
    /// The activity.
    pub(crate) activity: Activity,
}

impl Store {
    /// Applies a change; false if there was nothing to remove, or what was to be changed is no longer
    /// what it was.
    ///
    /// # Errors
    /// [`StoreError::Taken`] if a name or a domain is, and if the database fails.
    pub(crate) async fn change_sso(&self, change: Change, permit: Permit) -> Result<bool> {
        let write = Rows::Authn(Authn::Sso(change)).into();
        Ok(self.writer.apply(write, Warrant::Decided(permit)).await?.done)
    }

    /// An account's providers by name; none for a scope that does not reach them.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn list_sso(
        &self,
        scope: &Scope,
        account: AccountId,
    ) -> Result<Vec<SsoConnection>> {
        if !reaches(scope, account) {
            return Ok(vec![]);
        }
        let rows = sso_connections::Entity::find()
            .filter(sso_connections::Column::AccountId.eq(account.uuid()))
            .order_by_asc(sso_connections::Column::Name)
            .all(&self.reads)
            .await?;
        rows.into_iter().map(connection).collect()
    }

    /// Part of an account's providers, of one issuer if it is given, likewise.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn list_sso_part(
        &self,
        scope: &Scope,
        account: AccountId,
        issuer: Option<&str>,
        wanted: &Wanted,
    ) -> Result<Part<SsoConnection>> {
        if !reaches(scope, account) {
            return Ok(wanted.cut(vec![], place_by_name));
        }
        let start = "SELECT s.* FROM sso_connections s WHERE s.account_id = ?";
        let mut sql = Sql::new(start, vec![account.uuid().into()]);
        if let Some(issuer) = issuer {
            sql.push(" AND s.issuer = ?", [issuer.into()]);
        }
        let is_by_age = wanted.order.field == "created_at";
        let column = if is_by_age { "s.created_at" } else { "s.name" };
        keyset::end(&mut sql, wanted, (column, "s.id"));
        let rows = sso_connections::Entity::find()
            .from_raw_sql(sql.statement(self.dialect))
            .all(&self.reads)
            .await?;
        let all = rows.into_iter().map(connection).collect::<Result<Vec<_>>>()?;
        Ok(wanted.cut(all, if is_by_age { place_by_age } else { place_by_name }))
    }

    /// The domains by which an account is found, likewise.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn list_domains(
        &self,
        scope: &Scope,
        account: AccountId,
    ) -> Result<Vec<String>> {
        let Scope::Operation = scope else { return Ok(vec![]) };
        let rows = account_domains::Entity::find()
            .filter(account_domains::Column::AccountId.eq(account.uuid()))
            .order_by_asc(account_domains::Column::Domain)
            .all(&self.reads)
            .await?;
        Ok(rows.into_iter().map(|row| row.domain).collect())
    }

    /// One provider of an account.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn sso(&self, account: AccountId, id: SsoId) -> Result<Option<SsoConnection>> {
        let key = (account.uuid(), id.uuid());
        let row = sso_connections::Entity::find_by_id(key).one(&self.reads).await?;
        row.map(connection).transpose()
    }

    /// The account's slug, if it has that provider. One statement.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn slug_with_sso(
        &self,
        account: AccountId,
        id: SsoId,
    ) -> Result<Option<String>> {
        let sql = Sql::new(
            "SELECT a.slug FROM accounts a JOIN sso_connections c ON c.account_id = a.id \
             WHERE a.id = ? AND c.id = ?",
            vec![account.uuid().into(), id.uuid().into()],
        );
        let row = self.reads.query_one_raw(sql.statement(self.dialect)).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
    }

    /// One provider of the account of that slug. One statement.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn sso_at(&self, slug: &Slug, id: SsoId) -> Result<Option<SsoConnection>> {
        let sql = Sql::new(
            "SELECT c.* FROM accounts a JOIN sso_connections c ON c.account_id = a.id \
             WHERE a.slug = ? AND c.id = ?",
            vec![slug.as_str().into(), id.uuid().into()],
        );
        let row = sso_connections::Entity::find()
            .from_raw_sql(sql.statement(self.dialect))
            .one(&self.reads)
            .await?;
        row.map(connection).transpose()
    }
}

fn place_by_name(sso: &SsoConnection) -> Place {
    Place::text(sso.name.as_str(), sso.id.uuid())
}

fn place_by_age(sso: &SsoConnection) -> Place {
    Place::number(sso.created_at.micros(), sso.id.uuid())
}

/// Whether a scope reaches how an account's people sign in.
fn reaches(scope: &Scope, account: AccountId) -> bool {
    match *scope {
        Scope::Operation => true,
        Scope::SignIn(own) => own == account,
        Scope::Connection(..)
        | Scope::Own(..)
        | Scope::Staff(_)
        | Scope::Account(_)
        | Scope::Record(_) => false,
    }
}

pub(super) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    let (done, activity): (bool, &Activity) = match change {
        Change::Add(new, activity) => {
            row(new).insert(tx).await?;
            (true, activity)
        }
        Change::Edit(edit) => (self::edit(tx, edit).await?, &edit.activity),
        Change::Remove(id, activity) => (remove(tx, *id, activity).await?, activity),
        Change::AddDomain(domain, activity) => {
            let row = account_domains::ActiveModel {
                domain: Set(domain.clone()),
                account_id: Set(activity.account.uuid()),
                created_at: Set(activity.at.micros()),
            };
            row.insert(tx).await?;
            (true, activity)
        }
        Change::RemoveDomain(domain, activity) => {
            let removed = account_domains::Entity::delete_many()
                .filter(account_domains::Column::Domain.eq(domain.as_str()))
                .filter(account_domains::Column::AccountId.eq(activity.account.uuid()))
                .exec(tx)
                .await?;
            (removed.rows_affected > 0, activity)
        }
    };
    if done {
        activities::insert(tx, activity).await?;
    }
    Ok(done)
}

async fn edit(tx: &DatabaseTransaction, edit: &Edit) -> Result<bool> {
    use sso_connections::Column;
    let now = &edit.now;
    let mut update = sso_connections::Entity::update_many()
        .col_expr(Column::Name, now.name.as_str().into())
        .col_expr(Column::ClientId, now.client_id.as_str().into())
        .col_expr(Column::Scopes, list(&now.scopes).into())
        .col_expr(Column::LinkClaim, now.link_claim.as_str().into())
        .col_expr(Column::AcrValues, list(&now.acr_values).into())
        .col_expr(Column::AmrValues, list(&now.amr_values).into())
        .col_expr(Column::MaxAge, now.max_age.into())
        .col_expr(Column::UpdatedAt, now.updated_at.micros().into());
    if edit.is_resealed {
        update = update.col_expr(Column::ClientSecret, now.client_secret.clone().into());
    }
    let changed = update
        .filter(Column::AccountId.eq(now.account.uuid()))
        .filter(Column::Id.eq(now.id.uuid()))
        .filter(Column::UpdatedAt.eq(edit.was.micros()))
        .exec(tx)
        .await?;
    if changed.rows_affected == 0 {
        return Ok(false);
    }
    if edit.ends_sessions {
        let mut which = begun_by(now.account, now.id);
        if let Some(spared) = edit.spared {
            which = which.add(sessions::Column::Id.ne(spared.uuid()));
        }
        live::end_all(tx, which, EndedWhy::Revoked, edit.activity.at).await?;
        login_transactions::Entity::delete_many()
            .filter(login_transactions::Column::AccountId.eq(now.account.uuid()))
            .filter(login_transactions::Column::SsoId.eq(now.id.uuid()))
            .exec(tx)
            .await?;
    }
    Ok(true)
}

/// Sessions that began by a provider of an account.
fn begun_by(account: AccountId, id: SsoId) -> Condition {
    Condition::all()
        .add(sessions::Column::AccountId.eq(account.uuid()))
        .add(sessions::Column::SsoId.eq(id.uuid()))
}

async fn remove(tx: &DatabaseTransaction, id: SsoId, activity: &Activity) -> Result<bool> {
    let key = (activity.account.uuid(), id.uuid());
    let removed = sso_connections::Entity::delete_by_id(key).exec(tx).await?;
    // Whoever names another account's provider has removed nothing, and signs nobody out.
    if removed.rows_affected == 0 {
        return Ok(false);
    }
    live::end_all(tx, begun_by(activity.account, id), EndedWhy::Revoked, activity.at).await?;
    Ok(true)
}

/// A list as it is stored.
fn list(values: &[String]) -> String {
    serde_json::json!(values).to_string()
}

fn row(new: &SsoConnection) -> sso_connections::ActiveModel {
    sso_connections::ActiveModel {
        account_id: Set(new.account.uuid()),
        id: Set(new.id.uuid()),
        name: Set(new.name.clone()),
        issuer: Set(new.issuer.clone()),
        client_id: Set(new.client_id.clone()),
        client_secret: Set(new.client_secret.clone()),
        scopes: Set(list(&new.scopes)),
        link_claim: Set(new.link_claim.clone()),
        connection_id: Set(new.connection.uuid()),
        acr_values: Set(list(&new.acr_values)),
        amr_values: Set(list(&new.amr_values)),
        max_age: Set(new.max_age),
        created_at: Set(new.created_at.micros()),
        updated_at: Set(new.updated_at.micros()),
    }
}

fn connection(row: sso_connections::Model) -> Result<SsoConnection> {
    let list = |text: &str, what: &str| {
        serde_json::from_str(text).map_err(|_| StoreError::Inconsistent {
            table: "sso_connections",
            what: what.to_owned(),
        })
    };
    Ok(SsoConnection {
        account: AccountId::new(row.account_id),
        id: SsoId::new(row.id),
        name: row.name,
        issuer: row.issuer,
        client_id: row.client_id,
        client_secret: row.client_secret,
        scopes: list(&row.scopes, "scopes")?,
        link_claim: row.link_claim,
        connection: ConnectionId::new(row.connection_id),
        acr_values: list(&row.acr_values, "acr_values")?,
        amr_values: list(&row.amr_values, "amr_values")?,
        max_age: row.max_age,
        created_at: Timestamp::from_micros(row.created_at),
        updated_at: Timestamp::from_micros(row.updated_at),
    })
}
