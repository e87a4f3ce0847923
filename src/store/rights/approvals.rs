//! What waits for a second person, as rows: asked, voted on, settled, executed.
//!
//! Whoever changes a request holds its row, reads it again, and only then writes; the walls of the database
//! stand behind that (`migration/src/m0008_approvals.rs`). Nothing is ever taken out.

mod listed;
mod reads;
mod votes;

pub(in crate::store) use self::reads::approver;

use std::collections::BTreeSet;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QuerySelect as _, Set,
};
use uuid::Uuid;

use crate::domain::effect::Delivery;
use crate::domain::event::Activity;
use crate::domain::ids::{AccountId, ApprovalId, PersonId, ResourceId, SupportGrantId};
use crate::domain::persons::support::grants::Ending;
use crate::domain::rights::approvals::{Digest, Item, NewRequest, State, Vote};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::{Permit, SystemPermit};
use crate::store::accounts::support::grants as support;
use crate::store::accounts::support::grants::Standing;
use crate::store::dialect::Dialect;
use crate::store::entity::approval_requests as table;
use crate::store::rights::{reshape, standing};
use crate::store::script::Sql;
use crate::store::writer::{Rows, Warrant};
use crate::store::{Result, Store, StoreError, activities, outbox};

/// Items written by one statement.
const TOGETHER: usize = 500;

/// A change of a request, with its line of the record and the mails that tell of it.
#[derive(Debug)]
pub(crate) struct Change {
    /// What changes.
    pub(crate) what: What,
    /// The record's line; its account and moment are those of the change.
    pub(crate) activity: Activity,
    /// To whom it is told.
    pub(crate) mails: Vec<Delivery>,
}

/// What changes.
#[derive(Debug)]
pub(crate) enum What {
    /// It is asked for.
    Open(Box<NewRequest>),
    /// Somebody votes on a text of it.
    Vote {
        /// The request.
        id: ApprovalId,
        /// Which text.
        version: i64,
        /// That text's digest.
        digest: Digest,
        /// The vote.
        vote: Box<Vote>,
        /// What it is cast on, if it leaves somebody out: the next text.
        narrowed: Option<Box<NewRequest>>,
    },
    /// It ends otherwise than by votes, for that reason.
    Settle(ApprovalId, State, &'static str),
    /// What was approved becomes effective.
    Execute(ApprovalId),
    /// A support user is let in as was approved; with the record's line of that.
    LetIn(ApprovalId, Box<Activity>),
    /// A support user is let out, by that reason: by whatever user of theirs.
    LetOut(ResourceId, PersonId, Ending),
    /// One grant of a support user ends.
    End(SupportGrantId, Ending),
    /// Whoever looks after the account is let in.
    Stand(Box<Standing>),
}

impl Store {
    /// Applies a permitted change; false if what it rests on is no longer so.
    ///
    /// # Errors
    /// [`StoreError::Taken`](crate::store::StoreError::Taken) if the source has an open request already, and
    /// if the database fails.
    pub(crate) async fn change_approval(&self, change: Change, permit: Permit) -> Result<bool> {
        let write = Rows::Approval(Box::new(change)).into();
        Ok(self.writer.apply(write, Warrant::Decided(permit)).await?.done)
    }

    /// Ends or executes a request as the server itself does: what nobody signed in time, what was signed.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn settle_approval(
        &self,
        change: Change,
        permit: SystemPermit,
    ) -> Result<bool> {
        let write = Rows::Approval(Box::new(change)).into();
        Ok(self.writer.apply(write, Warrant::System(permit)).await?.done)
    }
}

/// Applies a change in the caller's transaction; says whether it took effect.
pub(in crate::store) async fn apply(tx: &DatabaseTransaction, change: &Change) -> Result<bool> {
    let activity = &change.activity;
    let (account, at) = (activity.account, activity.at);
    let done = match &change.what {
        What::Open(new) => open(tx, new).await?,
        What::Vote { id, version, digest, vote, narrowed } => {
            let of = (*version, digest, narrowed.as_deref());
            votes::cast(tx, (account, *id), of, vote).await?
        }
        What::Settle(id, state, why) => {
            let Some(request) = held(tx, (account, *id)).await? else { return Ok(false) };
            settle(tx, &request, (*state, Some(why)), at).await?
        }
        What::Execute(id) => execute(tx, (account, *id), at).await?,
        What::LetIn(id, begun) => let_in(tx, *id, begun).await?,
        What::LetOut(user, person, ending) => {
            standing::lock(tx, account).await?;
            support::let_out(tx, (*user, *person), (*ending, activity)).await?
        }
        What::End(grant, ending) => {
            standing::lock(tx, account).await?;
            support::close(tx, (*grant, *ending), activity).await?
        }
        What::Stand(new) => {
            standing::lock(tx, account).await?;
            support::stand(tx, new, activity).await?
        }
    };
    if done {
        activities::insert(tx, activity).await?;
        for mail in &change.mails {
            outbox::insert(tx, mail).await?;
        }
    }
    Ok(done)
}

/// What was signed of a mapping or grant that has gone, or gives for longer than was signed, counts no more;
/// and nobody need sign it.
pub(in crate::store) async fn source_changed(
    tx: &impl ConnectionTrait,
    (account, source): (AccountId, Uuid),
    at: Timestamp,
) -> Result<()> {
    let key = [account.uuid().into(), source.into()];
    let mut signed = Sql::new("UPDATE approved_rights SET valid_to = ?", vec![at.micros().into()]);
    signed.push(" WHERE account_id = ? AND source_id = ?", key.clone());
    signed.push(" AND valid_to = ?", [OPEN_END.micros().into()]);
    tx.execute_raw(signed.statement(Dialect::of(tx))).await?;
    let mut asked = Sql::new(
        "UPDATE approval_requests SET state = 'cancelled', settled_why = 'source_changed', settled_at = ?",
        vec![at.micros().into()],
    );
    asked
        .push(" WHERE account_id = ? AND subject_id = ? AND state IN ('pending', 'approved')", key);
    tx.execute_raw(asked.statement(Dialect::of(tx))).await?;
    Ok(())
}

async fn open(tx: &DatabaseTransaction, new: &NewRequest) -> Result<bool> {
    standing::lock(tx, new.account).await?;
    if new.support.is_none() && !reads::gives(tx, new.account, new.source).await? {
        return Ok(false);
    }
    make_room(tx, new).await?;
    let row = table::ActiveModel {
        account_id: Set(new.account.uuid()),
        id: Set(new.id.uuid()),
        kind: Set(new.kind().to_owned()),
        subject_id: Set(new.source),
        state: Set(State::Pending.as_str().to_owned()),
        required: Set(i64::from(new.required)),
        version: Set(1),
        policy_version: Set(new.policy_version.clone()),
        reason: Set(new.reason.clone()),
        requester_kind: Set(new.requester.kind.clone()),
        requester_id: Set(new.requester.id),
        created_at: Set(new.at.micros()),
        expires_at: Set(new.expires_at.micros()),
        settled_at: Set(None),
        settled_why: Set(None),
    };
    row.insert(tx).await?;
    write_text(tx, new, 1).await?;
    if let Some(asked) = &new.support {
        support::note(tx, new, asked).await?;
    }
    Ok(true)
}

/// Writes a text of a request: who gains what by it, and who may not sign it.
async fn write_text(tx: &DatabaseTransaction, new: &NewRequest, version: i64) -> Result<()> {
    write_version(tx, new, version).await?;
    let items: Vec<&Item> = new.items.iter().collect();
    for items in items.chunks(TOGETHER) {
        write_items(tx, (new, version), items).await?;
    }
    Ok(())
}

/// Ends the open request of the same source that asks for something else: what was signed of it is not this
/// (M15). One that asks for the same stays, and this one is one too many.
async fn make_room(tx: &DatabaseTransaction, new: &NewRequest) -> Result<()> {
    let known = table::Entity::find()
        .filter(table::Column::AccountId.eq(new.account.uuid()))
        .filter(table::Column::Kind.eq(new.kind()))
        .filter(table::Column::SubjectId.eq(new.source))
        .filter(table::Column::State.is_in(["pending", "approved"]))
        .lock_exclusive()
        .one(tx)
        .await?;
    let Some(known) = known else { return Ok(()) };
    let key = (new.account, ApprovalId::new(known.id), known.version);
    let items: BTreeSet<Item> = reads::items(tx, key).await?.into_iter().collect();
    if known.state == "approved" || items == new.items {
        return Err(StoreError::Taken);
    }
    settle(tx, &known, (State::Superseded, Some("asked_for_more")), new.at).await.map(|_| ())
}

async fn write_version(tx: &DatabaseTransaction, new: &NewRequest, version: i64) -> Result<()> {
    let key = [new.account.uuid().into(), new.id.uuid().into(), version.into()];
    let person = new.requester.person.map(PersonId::uuid);
    let mut version = Sql::new(
        "INSERT INTO approval_versions (account_id, request_id, version, digest, requester_person, \
         payload, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        key.to_vec(),
    );
    version.values.extend([
        new.digest().0.to_vec().into(),
        person.into(),
        new.payload().into(),
        new.at.micros().into(),
    ]);
    tx.execute_raw(version.statement(Dialect::of(tx))).await?;
    let Some(person) = person else { return Ok(()) };
    let mut excluded = Sql::new(
        "INSERT INTO approval_excluded (account_id, request_id, version, person_id, why) \
         VALUES (?, ?, ?, ?, 'requester')",
        key.to_vec(),
    );
    excluded.values.push(person.into());
    tx.execute_raw(excluded.statement(Dialect::of(tx))).await?;
    Ok(())
}

async fn write_items(
    tx: &DatabaseTransaction,
    (new, version): (&NewRequest, i64),
    items: &[&Item],
) -> Result<()> {
    let mut sql = Sql::new(
        "INSERT INTO approval_items (account_id, request_id, version, user_id, right_key, basis) VALUES ",
        vec![],
    );
    for (n, item) in items.iter().enumerate() {
        let row = if n == 0 { "(?, ?, ?, ?, ?, ?)" } else { ", (?, ?, ?, ?, ?, ?)" };
        sql.push(
            row,
            [
                new.account.uuid().into(),
                new.id.uuid().into(),
                version.into(),
                item.user.uuid().into(),
                item.right.as_str().into(),
                item.basis.micros().into(),
            ],
        );
    }
    tx.execute_raw(sql.statement(Dialect::of(tx))).await?;
    Ok(())
}

/// The request, its row held to the end of the transaction.
async fn held(
    tx: &DatabaseTransaction,
    (account, id): (AccountId, ApprovalId),
) -> Result<Option<table::Model>> {
    let row = table::Entity::find_by_id((account.uuid(), id.uuid())).lock_exclusive();
    Ok(row.one(tx).await?)
}

/// Ends it, if it is open; says whether it was.
async fn settle(
    tx: &DatabaseTransaction,
    request: &table::Model,
    (state, why): (State, Option<&str>),
    at: Timestamp,
) -> Result<bool> {
    if !matches!(State::parse(&request.state), Some(State::Pending | State::Approved)) {
        return Ok(false);
    }
    // What was signed already is not for those who take back what waits.
    if request.state == State::Approved.as_str() && state == State::Expired {
        return Ok(false);
    }
    let settled_at = (state != State::Approved).then_some(at.micros());
    let done = table::Entity::update_many()
        .col_expr(table::Column::State, Expr::val(state.as_str()))
        .col_expr(table::Column::SettledAt, Expr::val(settled_at))
        .col_expr(table::Column::SettledWhy, Expr::val(why.map(str::to_owned)))
        .filter(table::Column::AccountId.eq(request.account_id))
        .filter(table::Column::Id.eq(request.id))
        .filter(table::Column::State.eq(request.state.as_str()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Lets a support user in as was approved, if it still may be; else it is blocked (M25).
async fn let_in(tx: &DatabaseTransaction, id: ApprovalId, begun: &Activity) -> Result<bool> {
    let account = begun.account;
    standing::lock(tx, account).await?;
    let Some(request) = held(tx, (account, id)).await? else { return Ok(false) };
    if request.state != State::Approved.as_str() {
        return Ok(false);
    }
    let signed_by = votes::signers(tx, &request).await?;
    let approved = support::Approved {
        account,
        request: (request.id, request.version),
        requester: request.requester_id,
        required: request.required,
        signed_by: &signed_by,
    };
    if !support::let_in(tx, &approved, begun).await? {
        return Ok(false);
    }
    activities::insert(tx, begun).await?;
    settle(tx, &request, (State::Executed, None), begun.at).await
}

/// Makes effective what was approved, if those who signed it still may; else it is blocked (M25).
async fn execute(
    tx: &DatabaseTransaction,
    (account, id): (AccountId, ApprovalId),
    at: Timestamp,
) -> Result<bool> {
    let Some(request) = held(tx, (account, id)).await? else { return Ok(false) };
    if request.state != State::Approved.as_str() {
        return Ok(false);
    }
    if !votes::all_may_still(tx, &request, at).await? {
        return Ok(false);
    }
    let key = [request.account_id.into(), request.id.into(), request.version.into()];
    let mut close = Sql::new(
        "UPDATE approved_rights SET valid_to = ? WHERE account_id = ? AND source_id = ? \
         AND valid_to = ? AND EXISTS (SELECT 1 FROM approval_items i WHERE i.account_id = ? \
         AND i.request_id = ? AND i.version = ? AND i.user_id = approved_rights.user_id \
         AND i.right_key = approved_rights.right_key)",
        vec![
            at.micros().into(),
            request.account_id.into(),
            request.subject_id.into(),
            OPEN_END.micros().into(),
        ],
    );
    close.values.extend(key.clone());
    tx.execute_raw(close.statement(Dialect::of(tx))).await?;
    let mut sign = Sql::new(
        format!(
            "INSERT INTO approved_rights (account_id, user_id, source_id, right_key, valid_to, \
             valid_from, basis, request_id, version) SELECT i.account_id, i.user_id, r.subject_id, \
             i.right_key, {}, CAST(? AS bigint), i.basis, i.request_id, i.version \
             FROM approval_items i JOIN approval_requests r ON r.account_id = i.account_id \
             AND r.id = i.request_id WHERE i.account_id = ? AND i.request_id = ? AND i.version = ?",
            OPEN_END.micros()
        ),
        vec![at.micros().into()],
    );
    sign.values.extend(key);
    tx.execute_raw(sign.statement(Dialect::of(tx))).await?;
    reshape(tx, account).await?;
    settle(tx, &request, (State::Executed, None), at).await
}
