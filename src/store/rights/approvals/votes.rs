//! Votes: cast under the request's lock, and asked again before anything becomes effective.

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, Set};

use crate::domain::ids::{AccountId, ApprovalId, ResourceId};
use crate::domain::rights::approvals::{About, Digest, NewRequest, State, Verdict, Vote};
use crate::domain::time::Timestamp;
use crate::store::Result;
use crate::store::accounts::support::grants as support;
use crate::store::entity::{approval_requests, approval_votes as table};
use crate::store::rights::approvals::{held, reads, settle, write_text};

/// Notes a vote, and what comes of it; false if the request no longer waits for that text.
pub(super) async fn cast(
    tx: &DatabaseTransaction,
    key: (AccountId, ApprovalId),
    (version, digest, narrowed): (i64, &Digest, Option<&NewRequest>),
    vote: &Vote,
) -> Result<bool> {
    let Some(mut request) = held(tx, key).await? else { return Ok(false) };
    let waits = request.state == State::Pending.as_str() && request.expires_at > vote.at.micros();
    if !waits || request.version != version {
        return Ok(false);
    }
    // Asked under the lock: what the decision rested on may have been taken away.
    let voter = (vote.account, vote.user);
    let may = if request.kind == About::Support.as_str() {
        !support::signer(tx, key.0, voter, vote.at).await?.is_empty()
    } else {
        reads::approver(tx, key.0, voter, vote.at).await?.is_some()
    };
    if !may {
        return Ok(false);
    }
    let digest = match narrowed {
        Some(new) => {
            narrow(tx, &mut request, new).await?;
            new.digest()
        }
        None => digest.clone(),
    };
    let row = table::ActiveModel {
        account_id: Set(request.account_id),
        request_id: Set(request.id),
        version: Set(request.version),
        person_id: Set(vote.person.uuid()),
        digest: Set(digest.0.to_vec()),
        voter_account: Set(vote.account.uuid()),
        voter_id: Set(vote.user.uuid()),
        decision: Set(vote.verdict.as_str().to_owned()),
        second_factor_at: Set(vote.second_factor_at.micros()),
        session_id: Set(vote.session.uuid()),
        comment: Set(vote.comment.clone()),
        voted_at: Set(vote.at.micros()),
    };
    row.insert(tx).await?;
    match vote.verdict {
        Verdict::Deny => settle(tx, &request, (State::Denied, None), vote.at).await,
        Verdict::Approve => {
            let signed = signatures(tx, &request).await?.len();
            let enough = i64::try_from(signed).unwrap_or(i64::MAX) >= request.required;
            if enough {
                settle(tx, &request, (State::Approved, None), vote.at).await
            } else {
                Ok(true)
            }
        }
    }
}

/// Puts the next text in place of the one that was seen: the same without some who would gain.
async fn narrow(
    tx: &DatabaseTransaction,
    request: &mut approval_requests::Model,
    new: &NewRequest,
) -> Result<()> {
    request.version += 1;
    write_text(tx, new, request.version).await?;
    approval_requests::Entity::update_many()
        .col_expr(approval_requests::Column::Version, Expr::val(request.version))
        .filter(approval_requests::Column::AccountId.eq(request.account_id))
        .filter(approval_requests::Column::Id.eq(request.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Whether enough of those who signed may do so still.
pub(super) async fn all_may_still(
    tx: &DatabaseTransaction,
    request: &approval_requests::Model,
    now: Timestamp,
) -> Result<bool> {
    let account = AccountId::new(request.account_id);
    let mut able = 0;
    for vote in signatures(tx, request).await? {
        let voter = (AccountId::new(vote.voter_account), ResourceId::new(vote.voter_id));
        able += i64::from(reads::approver(tx, account, voter, now).await?.is_some());
    }
    Ok(able >= request.required)
}

/// Who signed, each signed in to an account.
pub(super) async fn signers(
    tx: &DatabaseTransaction,
    request: &approval_requests::Model,
) -> Result<Vec<(AccountId, ResourceId)>> {
    let votes = signatures(tx, request).await?;
    let voter =
        |vote: &table::Model| (AccountId::new(vote.voter_account), ResourceId::new(vote.voter_id));
    Ok(votes.iter().map(voter).collect())
}

async fn signatures(
    tx: &DatabaseTransaction,
    request: &approval_requests::Model,
) -> Result<Vec<table::Model>> {
    let rows = table::Entity::find()
        .filter(table::Column::AccountId.eq(request.account_id))
        .filter(table::Column::RequestId.eq(request.id))
        .filter(table::Column::Version.eq(request.version))
        .filter(table::Column::Decision.eq(Verdict::Approve.as_str()));
    Ok(rows.all(tx).await?)
}
