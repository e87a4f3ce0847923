//! Accounts as they stand: state, parent, children, what is switched on for them.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryResult};

use crate::domain::account::{Account, KeptApart, Kind, Parent, Permission, Profile, Slug, State};
use crate::domain::ids::AccountId;
use crate::domain::rights::RightKey;
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::Scope;
use crate::store::dialect::Dialect;
use crate::store::entity::{account_conflicts, account_permissions};
use crate::store::script::Sql;
use crate::store::{Result, Store, StoreError};

/// Which accounts to read.
enum Which<'a> {
    All,
    One(AccountId),
    Called(&'a str),
    Below(AccountId),
}

impl Store {
    /// An account as it stands.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn profile(&self, account: AccountId) -> Result<Option<Profile>> {
        of(&self.reads, account).await
    }

    /// The account of that slug as it stands, for a decision on who may see it.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn profile_called(&self, slug: &Slug) -> Result<Option<Profile>> {
        Ok(read(&self.reads, Which::Called(slug.as_str())).await?.pop())
    }

    /// All accounts by slug; none for a scope that does not reach beyond one.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn profiles(&self, scope: &Scope) -> Result<Vec<Profile>> {
        let Scope::Operation = scope else { return Ok(vec![]) };
        read(&self.reads, Which::All).await
    }

    /// An account's children by slug.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn children(&self, scope: &Scope) -> Result<Vec<Profile>> {
        let Scope::Account(account) = scope else { return Ok(vec![]) };
        read(&self.reads, Which::Below(*account)).await
    }

    /// Whether an account has users.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn has_users(&self, account: AccountId) -> Result<bool> {
        super::changes::has_users(&self.reads, account).await
    }

    /// Whether an account is the parent of one that is not closed.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn has_children(&self, account: AccountId) -> Result<bool> {
        super::changes::has_children(&self.reads, account).await
    }

    /// What is switched on for an account, by key.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn permissions(&self, scope: &Scope) -> Result<Vec<Permission>> {
        use account_permissions::Column as C;
        let Scope::Account(account) = scope else { return Ok(vec![]) };
        let rows = account_permissions::Entity::find()
            .filter(C::AccountId.eq(account.uuid()))
            .filter(C::ValidTo.eq(OPEN_END.micros()))
            .order_by_asc(C::Permission)
            .all(&self.reads)
            .await?;
        let permission = |row: account_permissions::Model| Permission {
            key: row.permission,
            since: Timestamp::from_micros(row.valid_from),
            set_by_kind: row.set_by_kind,
            set_by_id: row.set_by_id,
        };
        Ok(rows.into_iter().map(permission).collect())
    }

    /// The pairs of rights that an account keeps apart.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn kept_apart(&self, scope: &Scope) -> Result<Vec<KeptApart>> {
        use account_conflicts::Column as C;
        let Scope::Account(account) = scope else { return Ok(vec![]) };
        let rows = account_conflicts::Entity::find()
            .filter(C::AccountId.eq(account.uuid()))
            .filter(C::ValidTo.eq(OPEN_END.micros()))
            .order_by_asc(C::HeldKey)
            .order_by_asc(C::LostKey)
            .all(&self.reads)
            .await?;
        let key = |text: &str| {
            let what = text.to_owned();
            RightKey::parse(text)
                .ok_or(StoreError::Inconsistent { table: "account_conflicts", what })
        };
        let pair = |row: account_conflicts::Model| {
            let since = Timestamp::from_micros(row.valid_from);
            Ok(KeptApart { held: key(&row.held_key)?, lost: key(&row.lost_key)?, since })
        };
        rows.into_iter().map(pair).collect()
    }
}

/// An account as it stands, in the caller's transaction.
pub(super) async fn of(tx: &impl ConnectionTrait, account: AccountId) -> Result<Option<Profile>> {
    Ok(read(tx, Which::One(account)).await?.pop())
}

async fn read(tx: &impl ConnectionTrait, which: Which<'_>) -> Result<Vec<Profile>> {
    let (condition, values) = match which {
        Which::All => ("1 = 1", vec![]),
        Which::One(account) => ("a.id = ?", vec![account.uuid().into()]),
        Which::Called(slug) => ("a.slug = ?", vec![slug.into()]),
        Which::Below(parent) => ("p.parent_id = ?", vec![parent.uuid().into()]),
    };
    let sql = Sql::new(
        format!(
            "SELECT a.id, a.slug, a.name, a.kind, a.created_at, a.version, p.state, p.parent_id, \
             b.slug FROM accounts a \
             JOIN account_periods p ON p.account_id = a.id AND p.valid_to = {} \
             LEFT JOIN accounts b ON b.id = p.parent_id WHERE {condition} ORDER BY a.slug",
            OPEN_END.micros()
        ),
        values,
    );
    let rows = tx.query_all_raw(sql.statement(Dialect::of(tx))).await?;
    rows.iter().map(profile).collect()
}

fn profile(row: &QueryResult) -> Result<Profile> {
    let bad = |what: String| StoreError::Inconsistent { table: "accounts", what };
    let slug = |text: String| Slug::parse(&text).map_err(bad);
    let (kind, state): (String, String) = (row.try_get_by_index(3)?, row.try_get_by_index(6)?);
    let parent: Option<uuid::Uuid> = row.try_get_by_index(7)?;
    let parent_slug: Option<String> = row.try_get_by_index(8)?;
    let parent = parent.zip(parent_slug);
    Ok(Profile {
        account: Account {
            id: AccountId::new(row.try_get_by_index(0)?),
            slug: slug(row.try_get_by_index(1)?)?,
            name: row.try_get_by_index(2)?,
            kind: Kind::parse(&kind).ok_or_else(|| bad(kind.clone()))?,
            created_at: Timestamp::from_micros(row.try_get_by_index(4)?),
        },
        version: row.try_get_by_index(5)?,
        state: State::parse(&state).ok_or_else(|| bad(state.clone()))?,
        parent: match parent {
            Some((id, text)) => Some(Parent { id: AccountId::new(id), slug: slug(text)? }),
            None => None,
        },
    })
}
