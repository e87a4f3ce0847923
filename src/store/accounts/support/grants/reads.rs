//! Support grants, looked at: those of an account, what a request asks for, and what the server itself has to
//! go on with.

use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use crate::domain::account::SupportMode;
use crate::domain::ids::{
    AccountId, ApprovalId, BundleId, PersonId, ResourceId, SupportGrantId, WorkspaceId,
};
use crate::domain::persons::support::grants::{
    Asked, Ending, GrantFilter, Removal, STANDING_BUNDLE, SupportGrant, Which,
};
use crate::domain::persons::support::{Function, SupportUser};
use crate::domain::records::pages::{Part, Place, Wanted};
use crate::domain::rights::sources::{By, Period};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::Scope;
use crate::store::accounts::support::directory;
use crate::store::dialect::Dialect;
use crate::store::lists::keyset;
use crate::store::script::Sql;
use crate::store::{Result, Store, StoreError};

/// A grant in force, as the server itself looks at it.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    /// The customer's account.
    pub(crate) account: AccountId,
    /// The grant.
    pub(crate) id: SupportGrantId,
    /// The support user.
    pub(crate) user: ResourceId,
    /// The human.
    pub(crate) person: PersonId,
    /// Until when.
    pub(crate) ends_at: Timestamp,
    /// By looking after the account as that.
    pub(crate) standing: Option<Function>,
    /// Whether they still look after it, or were let in otherwise.
    pub(crate) is_named: bool,
    /// Whether the user was active all the time since.
    pub(crate) is_active: bool,
}

/// Somebody who looks after an account, and is not in it though nobody let them out.
#[derive(Debug, Clone)]
pub(crate) struct Unmade {
    /// The customer's account.
    pub(crate) account: AccountId,
    /// Who.
    pub(crate) user: ResourceId,
    /// The human.
    pub(crate) person: PersonId,
    /// As what.
    pub(crate) function: Function,
}

impl Store {
    /// A part of an account's support grants in the order of their beginning.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn support_grants(
        &self,
        scope: &Scope,
        filter: GrantFilter,
        (wanted, now): (&Wanted, Timestamp),
    ) -> Result<Part<SupportGrant>> {
        let Scope::Account(account) = scope else { return Ok(Part { items: vec![], next: None }) };
        let mut sql = grants(*account);
        if let Some(user) = filter.user {
            sql.push(" AND g.user_id = ?", [user.uuid().into()]);
        }
        let live = format!("(g.valid_to = {} AND g.ends_at > ?)", OPEN_END.micros());
        match filter.state {
            Which::Active => sql.push(&format!(" AND {live}"), [now.micros().into()]),
            Which::Ended => sql.push(&format!(" AND NOT {live}"), [now.micros().into()]),
            Which::All => {}
        }
        keyset::end(&mut sql, wanted, ("g.valid_from", "g.id"));
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        let found = rows.iter().map(|row| grant(row, *account, now)).collect::<Result<Vec<_>>>()?;
        let part = wanted.cut(found, |it| Place::number(it.begun_at.micros(), it.id.uuid()));
        let mut items = vec![];
        for it in part.items {
            items.push(self.signed(it).await?);
        }
        Ok(Part { items, next: part.next })
    }

    /// One of them.
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn support_grant(
        &self,
        account: AccountId,
        id: SupportGrantId,
        now: Timestamp,
    ) -> Result<Option<SupportGrant>> {
        let mut sql = grants(account);
        sql.push(" AND g.id = ?", [id.uuid().into()]);
        match self.reads.query_one_raw(sql.statement(self.dialect)).await? {
            Some(row) => self.signed(grant(&row, account, now)?).await.map(Some),
            None => Ok(None),
        }
    }

    /// Who signed it.
    async fn signed(&self, mut grant: SupportGrant) -> Result<SupportGrant> {
        let Some(request) = grant.request else { return Ok(grant) };
        let sql = Sql::new(
            "SELECT voter_id FROM approval_votes WHERE account_id = ? AND request_id = ? \
             AND decision = 'approve' ORDER BY voted_at",
            vec![grant.account.uuid().into(), request.uuid().into()],
        );
        for row in self.reads.query_all_raw(sql.statement(self.dialect)).await? {
            grant.signed_by.push(ResourceId::new(row.try_get_by_index(0)?));
        }
        Ok(grant)
    }

    /// The person who was let in by a grant.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn support_grant_person(
        &self,
        account: AccountId,
        id: SupportGrantId,
    ) -> Result<Option<PersonId>> {
        let sql = Sql::new(
            "SELECT person_id FROM support_grants WHERE account_id = ? AND id = ?",
            vec![account.uuid().into(), id.uuid().into()],
        );
        let row = self.reads.query_one_raw(sql.statement(self.dialect)).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.map(PersonId::new))
    }

    /// The access of a person in an account that somebody took away last, if nothing came after (M60).
    ///
    /// # Errors
    /// If the database fails or the row does not read.
    pub(crate) async fn last_support_removal(
        &self,
        account: AccountId,
        (user, person): (ResourceId, PersonId),
    ) -> Result<Option<Removal>> {
        let sql = Sql::new(
            "SELECT g.id, g.valid_to, g.ended_kind, g.ended_by, g.ended_reason \
             FROM support_grants g WHERE g.account_id = ? AND (g.user_id = ? OR g.person_id = ?) \
             ORDER BY g.valid_to DESC LIMIT 1",
            vec![account.uuid().into(), user.uuid().into(), person.uuid().into()],
        );
        let Some(row) = self.reads.query_one_raw(sql.statement(self.dialect)).await? else {
            return Ok(None);
        };
        let ending: Option<String> = row.try_get_by_index(4)?;
        if ending.as_deref() != Some(Ending::Removed.as_str()) {
            return Ok(None);
        }
        removal(&row, 0).map(Some)
    }

    /// All grants in force, as the server itself looks at them.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn live_support_grants(&self) -> Result<Vec<Live>> {
        let open = OPEN_END.micros();
        let sql = Sql::new(
            format!(
                "SELECT g.account_id, g.id, g.user_id, g.person_id, g.ends_at, g.function, \
                 CASE WHEN NOT g.standing OR EXISTS (SELECT 1 FROM account_team t \
                 WHERE t.account_id = g.account_id AND t.user_id = g.user_id \
                 AND t.function = g.function AND t.valid_to = {open}) THEN 1 ELSE 0 END, \
                 CASE WHEN u.active AND u.deleted_at IS NULL AND u.active_since <= g.valid_from \
                 THEN 1 ELSE 0 END FROM support_grants g LEFT JOIN users u \
                 ON u.account_id = g.user_account AND u.id = g.user_id WHERE g.valid_to = {open}"
            ),
            vec![],
        );
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        rows.iter().map(live).collect()
    }

    /// Who looks after an account, and is not in it though nobody let them out.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn unmade_standing(&self, operator: AccountId) -> Result<Vec<Unmade>> {
        let open = OPEN_END.micros();
        let sql = Sql::new(
            format!(
                "SELECT t.account_id, t.user_id, p.person_id, t.function FROM account_team t \
                 JOIN user_persons p ON p.account_id = ? AND p.user_id = t.user_id \
                 WHERE t.valid_to = {open} AND NOT EXISTS (SELECT 1 FROM support_grants g \
                 WHERE g.account_id = t.account_id AND g.user_id = t.user_id \
                 AND (g.valid_to = {open} OR (g.valid_from >= t.valid_from \
                 AND g.ended_reason IN ('removed', 'function_lost', 'user_inactive')))) \
                 ORDER BY t.account_id, t.function"
            ),
            vec![operator.uuid().into()],
        );
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        let unmade = |row: &QueryResult| {
            Ok(Unmade {
                account: AccountId::new(row.try_get_by_index(0)?),
                user: ResourceId::new(row.try_get_by_index(1)?),
                person: PersonId::new(row.try_get_by_index(2)?),
                function: function(row.try_get_by_index(3)?)?,
            })
        };
        rows.iter().map(unmade).collect()
    }

    /// The bundle of whoever looks after an account, if the catalogue has it.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn standing_bundle(&self) -> Result<Option<BundleId>> {
        let sql = Sql::new(
            "SELECT id FROM bundles WHERE account_id = ? AND catalogue_key = ? \
             AND deleted_at IS NULL",
            vec![AccountId::CATALOGUE.uuid().into(), STANDING_BUNDLE.into()],
        );
        let row = self.reads.query_one_raw(sql.statement(self.dialect)).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.map(BundleId::new))
    }

    /// Open requests for support users who are no longer active, with whom they are for.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn requests_for_inactive(
        &self,
    ) -> Result<Vec<(AccountId, ApprovalId, (ResourceId, PersonId))>> {
        let sql = Sql::new(
            "SELECT r.account_id, r.id, s.user_id, s.person_id FROM approval_requests r \
             JOIN support_asked s ON s.account_id = r.account_id AND s.request_id = r.id \
             AND s.version = r.version JOIN users u ON u.account_id = s.user_account \
             AND u.id = s.user_id WHERE r.state IN ('pending', 'approved') \
             AND (NOT u.active OR u.deleted_at IS NOT NULL)",
            vec![],
        );
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        let request = |row: &QueryResult| {
            let whom = (
                ResourceId::new(row.try_get_by_index(2)?),
                PersonId::new(row.try_get_by_index(3)?),
            );
            let account = AccountId::new(row.try_get_by_index(0)?);
            Ok((account, ApprovalId::new(row.try_get_by_index(1)?), whom))
        };
        rows.iter().map(request).collect()
    }

    /// All support users, as the directory shows them.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn all_support_users(
        &self,
        operator: AccountId,
        now: Timestamp,
    ) -> Result<Vec<SupportUser>> {
        directory::all_of(&self.reads, operator, now).await
    }

    /// One support user of the operator's account.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn support_user_of(
        &self,
        user: (AccountId, ResourceId),
        now: Timestamp,
    ) -> Result<Option<SupportUser>> {
        directory::one_of(&self.reads, user, now).await
    }

    /// Whether a user has standing access to an account.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn stands_in_account(
        &self,
        account: AccountId,
        user: ResourceId,
    ) -> Result<bool> {
        let sql = Sql::new(
            format!(
                "SELECT 1 FROM support_grants WHERE account_id = ? AND user_id = ? AND standing \
                 AND valid_to = {}",
                OPEN_END.micros()
            ),
            vec![account.uuid().into(), user.uuid().into()],
        );
        Ok(self.reads.query_one_raw(sql.statement(self.dialect)).await?.is_some())
    }

    /// Whether a user is an account's customer success manager.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn is_csm_of(&self, account: AccountId, user: ResourceId) -> Result<bool> {
        let sql = Sql::new(
            format!(
                "SELECT 1 FROM account_team WHERE account_id = ? AND function = 'csm' \
                 AND user_id = ? AND valid_to = {}",
                OPEN_END.micros()
            ),
            vec![account.uuid().into(), user.uuid().into()],
        );
        Ok(self.reads.query_one_raw(sql.statement(self.dialect)).await?.is_some())
    }
}

/// What a text of a request asks for, if it is about a support user.
pub(in crate::store) async fn asked(
    db: &impl ConnectionTrait,
    (account, request, version): (Uuid, Uuid, i64),
) -> Result<Option<Asked>> {
    let sql = Sql::new(
        "SELECT s.user_account, s.user_id, s.person_id, s.bundle_owner, s.bundle_id, \
         s.workspace_id, s.starts_at, s.ends_at, s.requester_account, s.by_customer, s.mode, \
         g.id, g.valid_to, g.ended_kind, g.ended_by FROM support_asked s \
         LEFT JOIN support_grants g ON g.account_id = s.account_id AND g.id = s.after_grant \
         WHERE s.account_id = ? AND s.request_id = ? AND s.version = ?",
        vec![account.into(), request.into(), version.into()],
    );
    let row = db.query_one_raw(sql.statement(Dialect::of(db))).await?;
    let Some(row) = row else { return Ok(None) };
    let bad = |what: String| StoreError::Inconsistent { table: "support_asked", what };
    let mode: String = row.try_get_by_index(10)?;
    let after: Option<Uuid> = row.try_get_by_index(11)?;
    Ok(Some(Asked {
        operator: AccountId::new(row.try_get_by_index(0)?),
        user: ResourceId::new(row.try_get_by_index(1)?),
        person: PersonId::new(row.try_get_by_index(2)?),
        bundle_owner: AccountId::new(row.try_get_by_index(3)?),
        bundle: BundleId::new(row.try_get_by_index(4)?),
        workspace: row.try_get_by_index::<Option<Uuid>>(5)?.map(WorkspaceId::new),
        period: period(&row, 6)?,
        requester_account: AccountId::new(row.try_get_by_index(8)?),
        by_customer: row.try_get_by_index(9)?,
        mode: SupportMode::parse(&mode).ok_or_else(|| bad(mode))?,
        after: after.map(|_| removal(&row, 11)).transpose()?,
    }))
}

fn grants(account: AccountId) -> Sql {
    Sql::new(
        "SELECT g.id, g.user_id, u.display_name, g.bundle_id, b.name, g.workspace_id, g.starts_at, \
         g.ends_at, g.function, g.request_id, r.reason, r.requester_kind, r.requester_id, \
         g.valid_from, g.valid_to, g.ended_kind, g.ended_by, g.ended_reason \
         FROM support_grants g LEFT JOIN users u ON u.account_id = g.user_account \
         AND u.id = g.user_id AND u.deleted_at IS NULL LEFT JOIN bundles b \
         ON b.account_id = g.bundle_owner AND b.id = g.bundle_id LEFT JOIN approval_requests r \
         ON r.account_id = g.account_id AND r.id = g.request_id WHERE g.account_id = ?",
        vec![account.uuid().into()],
    )
}

fn grant(row: &QueryResult, account: AccountId, now: Timestamp) -> Result<SupportGrant> {
    let asked_kind: Option<String> = row.try_get_by_index(11)?;
    let asked_id: Option<Uuid> = row.try_get_by_index(12)?;
    let asked_by = asked_kind.map(|kind| By { kind, id: asked_id, person: None });
    let period = period(row, 6)?;
    let ended: Option<String> = row.try_get_by_index(17)?;
    let ended = match ended {
        Some(word) => {
            let bad = StoreError::Inconsistent { table: "support_grants", what: word.clone() };
            let at = Timestamp::from_micros(row.try_get_by_index(14)?);
            Some((at, Ending::parse(&word).ok_or(bad)?, by(row, 15)?))
        }
        // Nobody has noted it yet; it is over all the same.
        None if period.ends_at <= now => {
            let system = By { kind: "system".to_owned(), id: None, person: None };
            Some((period.ends_at, Ending::Expired, system))
        }
        None => None,
    };
    Ok(SupportGrant {
        account,
        id: SupportGrantId::new(row.try_get_by_index(0)?),
        user: ResourceId::new(row.try_get_by_index(1)?),
        display_name: row.try_get_by_index(2)?,
        bundle: BundleId::new(row.try_get_by_index(3)?),
        bundle_name: row.try_get_by_index(4)?,
        workspace: row.try_get_by_index::<Option<Uuid>>(5)?.map(WorkspaceId::new),
        period,
        standing: row.try_get_by_index::<Option<String>>(8)?.map(function).transpose()?,
        request: row.try_get_by_index::<Option<Uuid>>(9)?.map(ApprovalId::new),
        reason: row.try_get_by_index(10)?,
        asked_by,
        signed_by: vec![],
        begun_at: Timestamp::from_micros(row.try_get_by_index(13)?),
        ended,
    })
}

fn live(row: &QueryResult) -> Result<Live> {
    Ok(Live {
        account: AccountId::new(row.try_get_by_index(0)?),
        id: SupportGrantId::new(row.try_get_by_index(1)?),
        user: ResourceId::new(row.try_get_by_index(2)?),
        person: PersonId::new(row.try_get_by_index(3)?),
        ends_at: Timestamp::from_micros(row.try_get_by_index(4)?),
        standing: row.try_get_by_index::<Option<String>>(5)?.map(function).transpose()?,
        is_named: row.try_get_by_index::<i32>(6)? == 1,
        is_active: row.try_get_by_index::<i32>(7)? == 1,
    })
}

/// The id of a grant, when it ended, and who ended it.
fn removal(row: &QueryResult, first: usize) -> Result<Removal> {
    Ok(Removal {
        grant: SupportGrantId::new(row.try_get_by_index(first)?),
        at: Timestamp::from_micros(row.try_get_by_index(first + 1)?),
        by: by(row, first + 2)?,
    })
}

fn by(row: &QueryResult, first: usize) -> Result<By> {
    let kind: Option<String> = row.try_get_by_index(first)?;
    let id = row.try_get_by_index(first + 1)?;
    Ok(By { kind: kind.unwrap_or_default(), id, person: None })
}

fn period(row: &QueryResult, first: usize) -> Result<Period> {
    Ok(Period {
        starts_at: Timestamp::from_micros(row.try_get_by_index(first)?),
        ends_at: Timestamp::from_micros(row.try_get_by_index(first + 1)?),
    })
}

fn function(word: String) -> Result<Function> {
    Function::parse(&word).ok_or(StoreError::Inconsistent { table: "support_grants", what: word })
}
