//! What is asked about requests: what one is about, and who may sign in an account.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::domain::ids::{AccountId, ApprovalId, PersonId, ResourceId};
use crate::domain::persons::approvers::{FUNCTION_CSD, FUNCTION_PSM};
use crate::domain::rights::approvals::{Item, Request, State};
use crate::domain::rights::paths::Standing;
use crate::domain::rights::sources::Gift;
use crate::domain::rights::{Right, RightKey};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::store::dialect::Dialect;
use crate::store::entity::{accounts, approval_requests as table};
use crate::store::rights::paths::{Tables, When, paths_within};
use crate::store::script::Sql;
use crate::store::{Result, Store, StoreError};

/// By what somebody may sign in an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Approver {
    /// Since when.
    pub(crate) since: Timestamp,
    /// Whether by a seed, which needs no time to settle (DECISIONS.md 1).
    pub(crate) by_seed: bool,
    /// Whether as the operator's staff: only where the account has nobody else (DECISIONS.md 2).
    pub(crate) as_staff: bool,
}

impl Store {
    /// What a request is about.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn approval_items(&self, request: &Request) -> Result<Vec<Item>> {
        items(&self.reads, (request.account, request.id, request.version)).await
    }

    /// Whether a person, or a user of theirs, gains by a request.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn gains_by(&self, request: &Request, person: PersonId) -> Result<bool> {
        let sql = Sql::new(
            "SELECT 1 FROM approval_items i JOIN user_persons p ON p.account_id = i.account_id \
             AND p.user_id = i.user_id WHERE i.account_id = ? AND i.request_id = ? \
             AND i.version = ? AND p.person_id = ? LIMIT 1",
            vec![
                request.account.uuid().into(),
                request.id.uuid().into(),
                request.version.into(),
                person.uuid().into(),
            ],
        );
        Ok(self.reads.query_one_raw(sql.statement(self.dialect)).await?.is_some())
    }

    /// By what a user may sign in an account; none if they may not.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn approver(
        &self,
        account: AccountId,
        user: (AccountId, ResourceId),
        now: Timestamp,
    ) -> Result<Option<Approver>> {
        approver(&self.reads, account, user, now).await
    }

    /// Active staff who may sign where an account has nobody else, with the account that they are in.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn staff_approvers(
        &self,
        now: Timestamp,
    ) -> Result<Vec<(AccountId, ResourceId)>> {
        let sql = Sql::new(
            "SELECT DISTINCT s.account_id, s.user_id FROM seed_grants s JOIN users u \
                 ON u.account_id = s.account_id AND u.id = s.user_id WHERE s.right_key IN (?, ?) \
                 AND s.valid_to > ? AND u.deleted_at IS NULL AND u.active LIMIT 50",
            vec![FUNCTION_CSD.into(), FUNCTION_PSM.into(), now.micros().into()],
        );
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        let of = |row: &sea_orm::QueryResult| {
            let account = AccountId::new(row.try_get_by_index(0)?);
            Ok((account, ResourceId::new(row.try_get_by_index(1)?)))
        };
        rows.iter().map(of).collect()
    }

    /// Requests that the server itself has to go on with: those that were signed, and those that nobody
    /// signed in time.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn due_approvals(
        &self,
        now: Timestamp,
    ) -> Result<Vec<(AccountId, ApprovalId, State)>> {
        let rows = table::Entity::find()
            .filter(
                sea_orm::Condition::any().add(table::Column::State.eq("approved")).add(
                    sea_orm::Condition::all()
                        .add(table::Column::State.eq("pending"))
                        .add(table::Column::ExpiresAt.lte(now.micros())),
                ),
            )
            .order_by_asc(table::Column::ExpiresAt)
            .all(&self.reads)
            .await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let state = State::parse(&row.state)?;
                Some((AccountId::new(row.account_id), ApprovalId::new(row.id), state))
            })
            .collect())
    }
}

/// What a version of a request is about.
pub(super) async fn items(
    db: &impl ConnectionTrait,
    (account, id, version): (AccountId, ApprovalId, i64),
) -> Result<Vec<Item>> {
    let sql = Sql::new(
        "SELECT i.user_id, i.right_key, i.basis FROM approval_items i WHERE i.account_id = ? \
         AND i.request_id = ? AND i.version = ? ORDER BY i.user_id, i.right_key",
        vec![account.uuid().into(), id.uuid().into(), version.into()],
    );
    let rows = db.query_all_raw(sql.statement(Dialect::of(db))).await?;
    let bad = |what: String| StoreError::Inconsistent { table: "approval_items", what };
    rows.iter()
        .map(|row| {
            let key: String = row.try_get_by_index(1)?;
            Ok(Item {
                user: ResourceId::new(row.try_get_by_index(0)?),
                right: RightKey::parse(&key).ok_or_else(|| bad(key))?,
                basis: Timestamp::from_micros(row.try_get_by_index(2)?),
            })
        })
        .collect()
}

/// Whether an account has that mapping or grant still.
pub(super) async fn gives(
    tx: &impl ConnectionTrait,
    account: AccountId,
    source: Uuid,
) -> Result<bool> {
    let open = OPEN_END.micros();
    let of = |table| {
        format!("SELECT 1 FROM {table} WHERE account_id = ? AND id = ? AND valid_to = {open}")
    };
    let key = [account.uuid().into(), source.into()];
    let sql = Sql::new(
        format!("{} UNION ALL {}", of("group_mappings"), of("grants")),
        [key.clone(), key].concat(),
    );
    Ok(tx.query_one_raw(sql.statement(Dialect::of(tx))).await?.is_some())
}

/// See [`Store::approver`]: an administrator of the account or its parent, or one of the operator's staff.
pub(in crate::store) async fn approver(
    db: &impl ConnectionTrait,
    account: AccountId,
    (home, user): (AccountId, ResourceId),
    now: Timestamp,
) -> Result<Option<Approver>> {
    let open = OPEN_END.micros();
    let mut sql = Sql::default();
    // What they may sign by, and since when: a seed, or a right that was itself signed.
    sql.push(
        &format!(
            "SELECT right_key, valid_from, 1 FROM seed_grants WHERE account_id = ? AND user_id = ? \
             AND valid_to > ? AND right_key IN (?, ?, ?) UNION ALL \
             SELECT right_key, valid_from, 0 FROM approved_rights WHERE account_id = ? \
             AND user_id = ? AND valid_to = {open} AND right_key = ?"
        ),
        [
            home.uuid().into(),
            user.uuid().into(),
            now.micros().into(),
            Right::UsersAdminister.as_str().into(),
            FUNCTION_CSD.into(),
            FUNCTION_PSM.into(),
            home.uuid().into(),
            user.uuid().into(),
            Right::UsersAdminister.as_str().into(),
        ],
    );
    let dialect = Dialect::of(db);
    let rows = db.query_all_raw(sql.statement(dialect)).await?;
    let (mut found, mut staff): (Option<Approver>, Option<Approver>) = (None, None);
    for row in &rows {
        let key: String = row.try_get_by_index(0)?;
        let since = Timestamp::from_micros(row.try_get_by_index(1)?);
        let by_seed = row.try_get_by_index::<i32>(2)? == 1;
        let as_staff = [FUNCTION_CSD, FUNCTION_PSM].contains(&key.as_str());
        let best = if as_staff { &mut staff } else { &mut found };
        if best.is_none_or(|best| since < best.since) {
            *best = Some(Approver { since, by_seed, as_staff });
        }
    }
    if found.is_some() && reaches(db, home, account).await? {
        // It counts only while it is effective: nothing else may stop it.
        let paths = paths_within(db, (home, &[user]), When::Now(now), &Tables::default()).await?;
        let is_it = |path: &crate::domain::rights::paths::Path| {
            path.right.as_str() == Right::UsersAdminister.as_str()
                && path.held_in.account == home
                && path.held_in.workspace.is_none()
                && path.standing() == Standing::Effective
        };
        if paths.iter().any(is_it) {
            return Ok(found);
        }
    }
    let Some(staff) = staff else { return Ok(None) };
    let active = Sql::new(
        "SELECT 1 FROM users WHERE account_id = ? AND id = ? AND active AND deleted_at IS NULL",
        vec![home.uuid().into(), user.uuid().into()],
    );
    Ok(db.query_one_raw(active.statement(dialect)).await?.map(|_| staff))
}

/// Whether an account is the other or its parent.
async fn reaches(db: &impl ConnectionTrait, home: AccountId, account: AccountId) -> Result<bool> {
    if home == account {
        return Ok(true);
    }
    let sql = Sql::new(
        format!(
            "SELECT 1 FROM account_periods WHERE account_id = ? AND parent_id = ? AND valid_to = {}",
            OPEN_END.micros()
        ),
        vec![account.uuid().into(), home.uuid().into()],
    );
    Ok(db.query_one_raw(sql.statement(Dialect::of(db))).await?.is_some())
}

impl Store {
    /// Whether one user made another at their creation, as the record has it.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn made_by(
        &self,
        (account, user): (AccountId, ResourceId),
        maker: Uuid,
        since: Timestamp,
    ) -> Result<bool> {
        let made = Sql::new(
            "SELECT created_at FROM users WHERE account_id = ? AND id = ? AND created_at > ?",
            vec![account.uuid().into(), user.uuid().into(), since.micros().into()],
        );
        let Some(row) = self.reads.query_one_raw(made.statement(self.dialect)).await? else {
            return Ok(false);
        };
        // Ids begin with the moment, so that the key leads near the line that tells of it.
        let at: i64 = row.try_get_by_index(0)?;
        let moment = |seconds: i64| u64::try_from(at / 1000 + seconds * 1000).unwrap_or(0);
        let bound =
            |at, rest| uuid::Builder::from_unix_timestamp_millis(at, &[rest; 10]).into_uuid();
        let told = Sql::new(
            "SELECT 1 FROM activities WHERE account_id = ? AND id BETWEEN ? AND ? AND target_id = ? \
             AND action = 'user.created' AND actor_id = ?",
            vec![
                account.uuid().into(),
                bound(moment(-60), 0).into(),
                bound(moment(60), 0xff).into(),
                user.uuid().into(),
                maker.into(),
            ],
        );
        Ok(self.reads.query_one_raw(told.statement(self.dialect)).await?.is_some())
    }

    /// Whether a bundle, role or right carries what is privileged.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn is_privileged(
        &self,
        gift: &Gift,
        owner: Option<AccountId>,
    ) -> Result<bool> {
        let open = OPEN_END.micros();
        let right = format!(
            "EXISTS (SELECT 1 FROM catalogue_rights c WHERE c.right_key = b.right_key \
             AND c.privileged AND c.valid_to = {open})"
        );
        let owner = owner.map(AccountId::uuid);
        let sql = match gift {
            Gift::Right(key) => Sql::new(
                format!(
                    "SELECT 1 FROM catalogue_rights c WHERE c.right_key = ? AND c.privileged \
                     AND c.valid_to = {open}"
                ),
                vec![key.as_str().into()],
            ),
            Gift::Bundle(id) => Sql::new(
                format!(
                    "SELECT 1 FROM bundle_rights b WHERE b.account_id = ? AND b.bundle_id = ? \
                     AND b.valid_to = {open} AND {right} LIMIT 1"
                ),
                vec![owner.into(), id.uuid().into()],
            ),
            Gift::Role(id) => Sql::new(
                format!(
                    "SELECT 1 FROM role_bundles r JOIN bundle_rights b \
                     ON b.account_id = r.bundle_owner AND b.bundle_id = r.bundle_id \
                     AND b.valid_to = {open} WHERE r.account_id = ? AND r.role_id = ? \
                     AND r.valid_to = {open} AND {right} LIMIT 1"
                ),
                vec![owner.into(), id.uuid().into()],
            ),
        };
        Ok(self.reads.query_one_raw(sql.statement(self.dialect)).await?.is_some())
    }

    /// The mappings and grants of an account that give a bundle or role, so many at most; of a bundle,
    /// those too that give a role which carries it.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn sources_of(
        &self,
        account: AccountId,
        gift: Uuid,
        limit: u8,
    ) -> Result<Vec<Uuid>> {
        let open = OPEN_END.micros();
        let of = |table| {
            format!(
                "SELECT s.id FROM {table} s WHERE s.account_id = ? AND s.valid_to = {open} \
                 AND (s.gives_id = ? OR s.gives_id IN (SELECT r.role_id FROM role_bundles r \
                 WHERE r.account_id = ? AND r.bundle_id = ? AND r.valid_to = {open}))"
            )
        };
        let key = [account.uuid().into(), gift.into(), account.uuid().into(), gift.into()];
        let sql = Sql::new(
            format!("{} UNION {} LIMIT {limit}", of("group_mappings"), of("grants")),
            [key.clone(), key].concat(),
        );
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
    }

    /// The users of an account that are a person.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn users_of_person(
        &self,
        account: AccountId,
        person: PersonId,
    ) -> Result<Vec<ResourceId>> {
        let sql = Sql::new(
            "SELECT user_id FROM user_persons WHERE account_id = ? AND person_id = ?",
            vec![account.uuid().into(), person.uuid().into()],
        );
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        rows.iter().map(|row| Ok(ResourceId::new(row.try_get_by_index(0)?))).collect()
    }

    /// What people call an account.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn account_name(&self, account: AccountId) -> Result<Option<String>> {
        let row = accounts::Entity::find_by_id(account.uuid()).one(&self.reads).await?;
        Ok(row.map(|row| row.name))
    }
}
