//! Support grants as rows: asked for, let in, let out (W2, W3, W6). Whoever changes them holds the account's
//! lock; the walls stand behind that (`migration/src/m0010_support_grants.rs`).

mod reads;
mod signers;

use sea_orm::{ConnectionTrait, DatabaseTransaction, Value};
use uuid::Uuid;

use crate::domain::account::SupportMode;
use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, BundleId, PersonId, ResourceId, SupportGrantId, WorkspaceId};
use crate::domain::persons::support::grants::{Asked, Ending, NEVER_SUPPORT};
use crate::domain::persons::support::{Day, Function};
use crate::domain::rights::approvals::NewRequest;
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::may_sign;
use crate::store::accounts::support::directory;
use crate::store::dialect::Dialect;
use crate::store::rights::{reshape, stamps};
use crate::store::script::Sql;
use crate::store::{Result, Store};

pub(crate) use self::reads::Live;
pub(in crate::store) use self::reads::asked;
pub(crate) use self::signers::Signer;
pub(in crate::store) use self::signers::signer;

/// Access of whoever looks after an account by name.
#[derive(Debug)]
pub(crate) struct Standing {
    /// The grant's id.
    pub(crate) id: SupportGrantId,
    /// The operator's account.
    pub(crate) operator: AccountId,
    /// Who.
    pub(crate) user: ResourceId,
    /// The human.
    pub(crate) person: PersonId,
    /// As what.
    pub(crate) function: Function,
    /// With what, of the catalogue's.
    pub(crate) bundle: BundleId,
}

/// The columns of a grant, as its row is written.
const COLUMNS: &str = "account_id, id, valid_to, valid_from, user_account, user_id, person_id, \
                       bundle_owner, bundle_id, workspace_id, starts_at, ends_at, request_id, \
                       version, standing, function";

impl Store {
    /// Whether a bundle holds what no support user may; none if there is no such bundle.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn support_bundle_administers(
        &self,
        owner: AccountId,
        bundle: BundleId,
    ) -> Result<Option<bool>> {
        administers(&self.reads, (owner, bundle)).await
    }
}

/// Notes what a request asks for, and that whoever is let in does not sign it.
pub(in crate::store) async fn note(
    tx: &DatabaseTransaction,
    new: &NewRequest,
    asked: &Asked,
) -> Result<()> {
    let key: [Value; 2] = [new.account.uuid().into(), new.id.uuid().into()];
    let mut excluded = Sql::new(
        "INSERT INTO approval_excluded (account_id, request_id, version, person_id, why) \
         VALUES (?, ?, 1, ?, 'beneficiary')",
        key.to_vec(),
    );
    excluded.values.push(asked.person.uuid().into());
    let mut row = Sql::new(
        "INSERT INTO support_asked (account_id, request_id, version, user_account, user_id, \
         person_id, bundle_owner, bundle_id, workspace_id, starts_at, ends_at, requester_account, \
         by_customer, mode, after_grant) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        key.to_vec(),
    );
    row.values.extend([
        asked.operator.uuid().into(),
        asked.user.uuid().into(),
        asked.person.uuid().into(),
        asked.bundle_owner.uuid().into(),
        asked.bundle.uuid().into(),
        asked.workspace.map(WorkspaceId::uuid).into(),
        asked.period.starts_at.micros().into(),
        asked.period.ends_at.micros().into(),
        asked.requester_account.uuid().into(),
        asked.by_customer.into(),
        asked.mode.as_str().into(),
        asked.after.as_ref().map(|it| it.grant.uuid()).into(),
    ]);
    for sql in [row, excluded] {
        tx.execute_raw(sql.statement(Dialect::of(tx))).await?;
    }
    Ok(())
}

/// What is asked of a request that is to be executed, decided once more (M25, M69).
#[derive(Debug)]
pub(in crate::store) struct Approved<'a> {
    /// The account.
    pub(in crate::store) account: AccountId,
    /// The request, and which text of it.
    pub(in crate::store) request: (Uuid, i64),
    /// Who asked.
    pub(in crate::store) requester: Option<Uuid>,
    /// How many must have signed.
    pub(in crate::store) required: i64,
    /// Who signed, each signed in to an account.
    pub(in crate::store) signed_by: &'a [(AccountId, ResourceId)],
}

/// Lets in whom a request asked for, in place of what they had, if it still may be; says whether.
pub(in crate::store) async fn let_in(
    tx: &DatabaseTransaction,
    approved: &Approved<'_>,
    begun: &Activity,
) -> Result<bool> {
    let (account, at) = (approved.account, begun.at);
    let (request, version) = approved.request;
    let Some(asked) = asked(tx, (account.uuid(), request, version)).await? else {
        return Ok(false);
    };
    if !may_still(tx, approved, &asked, at).await? {
        return Ok(false);
    }
    let grant = begun.target.unwrap_or_default();
    end_of(tx, (asked.user, asked.person), (Ending::Superseded, begun)).await?;
    let mut sql = Sql::new(
        format!(
            "INSERT INTO support_grants ({COLUMNS}) SELECT s.account_id, ?, {}, CAST(? AS bigint), \
             s.user_account, s.user_id, s.person_id, s.bundle_owner, s.bundle_id, s.workspace_id, \
             s.starts_at, s.ends_at, s.request_id, s.version, FALSE, NULL FROM support_asked s \
             WHERE s.account_id = ? AND s.request_id = ? AND s.version = ?",
            OPEN_END.micros()
        ),
        vec![grant.into(), at.micros().into()],
    );
    sql.values.extend([account.uuid().into(), request.into(), version.into()]);
    tx.execute_raw(sql.statement(Dialect::of(tx))).await?;
    outdate(tx, account, (asked.operator, asked.user)).await?;
    Ok(true)
}

/// Lets in whoever looks after the account; says whether they were not in.
pub(in crate::store) async fn stand(
    tx: &DatabaseTransaction,
    new: &Standing,
    activity: &Activity,
) -> Result<bool> {
    let account = activity.account;
    let live = Sql::new(
        format!(
            "SELECT 1 FROM support_grants WHERE account_id = ? AND user_id = ? AND valid_to = {}",
            OPEN_END.micros()
        ),
        vec![account.uuid().into(), new.user.uuid().into()],
    );
    if tx.query_one_raw(live.statement(Dialect::of(tx))).await?.is_some() {
        return Ok(false);
    }
    let marks = vec!["?"; 16].join(", ");
    let at = activity.at.micros();
    let none: Option<Uuid> = None;
    let sql = Sql::new(
        format!("INSERT INTO support_grants ({COLUMNS}) VALUES ({marks})"),
        vec![
            account.uuid().into(),
            new.id.uuid().into(),
            OPEN_END.micros().into(),
            at.into(),
            new.operator.uuid().into(),
            new.user.uuid().into(),
            new.person.uuid().into(),
            AccountId::CATALOGUE.uuid().into(),
            new.bundle.uuid().into(),
            none.into(),
            at.into(),
            OPEN_END.micros().into(),
            none.into(),
            None::<i64>.into(),
            true.into(),
            new.function.as_str().into(),
        ],
    );
    tx.execute_raw(sql.statement(Dialect::of(tx))).await?;
    outdate(tx, account, (new.operator, new.user)).await?;
    Ok(true)
}

/// Ends one grant for a reason of the server's own; says whether it was in force.
pub(in crate::store) async fn close(
    tx: &DatabaseTransaction,
    (grant, ending): (SupportGrantId, Ending),
    activity: &Activity,
) -> Result<bool> {
    let ended = end(tx, (" AND id = ?", vec![grant.uuid().into()]), (ending, activity)).await?;
    Ok(ended > 0)
}

/// Lets a person out: ends what they have in the account, by whatever user of theirs, and takes back what is
/// asked for them (W3, M60). Says whether there was anything.
pub(in crate::store) async fn let_out(
    tx: &DatabaseTransaction,
    (user, person): (ResourceId, PersonId),
    (ending, activity): (Ending, &Activity),
) -> Result<bool> {
    let ended = end_of(tx, (user, person), (ending, activity)).await?;
    let why = match ending {
        Ending::UserInactive => "support_user_inactive",
        Ending::Removed
        | Ending::Superseded
        | Ending::Expired
        | Ending::FunctionLost
        | Ending::NotReady => "support_removed",
    };
    let sql = Sql::new(
        "UPDATE approval_requests SET state = 'cancelled', settled_why = ?, settled_at = ? \
         WHERE account_id = ? AND kind = 'support' AND state IN ('pending', 'approved') \
         AND id IN (SELECT s.request_id FROM support_asked s WHERE s.account_id = ? \
         AND (s.user_id = ? OR s.person_id = ?))",
        vec![
            why.into(),
            activity.at.micros().into(),
            activity.account.uuid().into(),
            activity.account.uuid().into(),
            user.uuid().into(),
            person.uuid().into(),
        ],
    );
    let cancelled = tx.execute_raw(sql.statement(Dialect::of(tx))).await?.rows_affected();
    Ok(ended + cancelled > 0)
}

async fn end_of(
    tx: &DatabaseTransaction,
    (user, person): (ResourceId, PersonId),
    how: (Ending, &Activity),
) -> Result<u64> {
    let theirs = vec![user.uuid().into(), person.uuid().into()];
    end(tx, (" AND (user_id = ? OR person_id = ?)", theirs), how).await
}

/// Ends those in force of the activity's account that the condition is true of.
async fn end(
    tx: &DatabaseTransaction,
    (condition, values): (&str, Vec<Value>),
    (ending, activity): (Ending, &Activity),
) -> Result<u64> {
    let (account, open) = (activity.account, OPEN_END.micros());
    let mut whose = Sql::new(
        format!(
            "SELECT user_account, user_id FROM support_grants WHERE account_id = ? \
             AND valid_to = {open}{condition}"
        ),
        vec![account.uuid().into()],
    );
    whose.values.extend(values.clone());
    let rows = tx.query_all_raw(whose.statement(Dialect::of(tx))).await?;
    let mut sql = Sql::new(
        format!(
            "UPDATE support_grants SET valid_to = ?, ended_kind = ?, ended_by = ?, \
             ended_reason = ? WHERE account_id = ? AND valid_to = {open}{condition}"
        ),
        vec![
            activity.at.micros().into(),
            activity.actor.kind().into(),
            activity.actor.id().into(),
            ending.as_str().into(),
            account.uuid().into(),
        ],
    );
    sql.values.extend(values);
    let ended = tx.execute_raw(sql.statement(Dialect::of(tx))).await?.rows_affected();
    for row in &rows {
        let user = ResourceId::new(row.try_get_by_index(1)?);
        outdate(tx, account, (AccountId::new(row.try_get_by_index(0)?), user)).await?;
    }
    Ok(ended)
}

/// Says that what the user may do has changed, and what the account gives: nothing remembered outlives it (M63).
async fn outdate(
    tx: &DatabaseTransaction,
    account: AccountId,
    (home, user): (AccountId, ResourceId),
) -> Result<()> {
    stamps::outdate(tx, (home.uuid(), user.uuid())).await?;
    reshape(tx, account).await
}

/// Whether what was signed may still be done: who signed still may, in the account's mode, and who is let in
/// and what with is still as it has to be.
async fn may_still(
    tx: &DatabaseTransaction,
    approved: &Approved<'_>,
    asked: &Asked,
    at: Timestamp,
) -> Result<bool> {
    let mode = asked.mode.max(directory::mode(tx, approved.account).await?);
    let mut able = 0;
    for voter in approved.signed_by {
        let by = signer(tx, approved.account, *voter, at).await?;
        let may = by.iter().any(|it| {
            let is_own_delegate = it.stands_in_for.map(ResourceId::uuid);
            may_sign(mode, asked.by_customer, it.as_customer)
                && (is_own_delegate.is_none() || is_own_delegate != approved.requester)
        });
        able += i64::from(may);
    }
    if able < approved.required || mode == SupportMode::Closed || asked.period.ends_at <= at {
        return Ok(false);
    }
    let user = directory::one_of(tx, (asked.operator, asked.user), at).await?;
    let is_ready = user.is_some_and(|it| it.lacks(&Day::of(at)).is_empty());
    let bundle = administers(tx, (asked.bundle_owner, asked.bundle)).await?;
    if !is_ready || bundle != Some(false) {
        return Ok(false);
    }
    let Some(workspace) = asked.workspace else { return Ok(true) };
    let open = Sql::new(
        "SELECT 1 FROM workspaces WHERE account_id = ? AND id = ? AND closed_at IS NULL",
        vec![approved.account.uuid().into(), workspace.uuid().into()],
    );
    Ok(tx.query_one_raw(open.statement(Dialect::of(tx))).await?.is_some())
}

/// See [`Store::support_bundle_administers`].
async fn administers(
    db: &impl ConnectionTrait,
    (owner, bundle): (AccountId, BundleId),
) -> Result<Option<bool>> {
    let open = OPEN_END.micros();
    let never: Vec<String> =
        NEVER_SUPPORT.iter().map(|right| format!("'{}'", right.as_str())).collect();
    let sql = Sql::new(
        format!(
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM bundle_rights b LEFT JOIN catalogue_rights c \
             ON c.right_key = b.right_key AND c.valid_to = {open} WHERE b.account_id = o.account_id \
             AND b.bundle_id = o.id AND b.valid_to = {open} \
             AND (COALESCE(c.privileged, FALSE) OR b.right_key IN ({}))) THEN 1 ELSE 0 END \
             FROM bundles o WHERE o.account_id = ? AND o.id = ? AND o.deleted_at IS NULL",
            never.join(", ")
        ),
        vec![owner.uuid().into(), bundle.uuid().into()],
    );
    let row = db.query_one_raw(sql.statement(Dialect::of(db))).await?;
    Ok(row.map(|row| row.try_get_by_index::<i32>(0)).transpose()?.map(|it| it == 1))
}
