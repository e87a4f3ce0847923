//! An account's requests, a page or one of them, with their votes: three statements however many there are, and one
//! for each that is about a support user.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::domain::ids::{AccountId, ApprovalId, PersonId, ResourceId, SessionId};
use crate::domain::records::pages::{Part, Place, Wanted};
use crate::domain::rights::approvals::{About, Digest, Request, State, Verdict, Vote};
use crate::domain::rights::sources::By;
use crate::domain::time::Timestamp;
use crate::policy::Scope;
use crate::store::accounts::support::grants as support;
use crate::store::entity::{approval_requests as table, approval_votes};
use crate::store::lists::keyset;
use crate::store::members::Ids;
use crate::store::script::Sql;
use crate::store::{Result, Store, StoreError};

/// The digest of a text, and which human asked.
type Said = (Vec<u8>, Option<Uuid>);

impl Store {
    /// A part of an account's requests in the order of their making; of one state or kind, if one is named.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn approvals(
        &self,
        scope: &Scope,
        (state, kind): (Option<State>, Option<About>),
        wanted: &Wanted,
    ) -> Result<Part<Request>> {
        let Scope::Account(account) = scope else {
            return Ok(Part { items: vec![], next: None });
        };
        let mut sql = Sql::new(
            "SELECT r.* FROM approval_requests r WHERE r.account_id = ?",
            vec![account.uuid().into()],
        );
        if let Some(kind) = kind {
            sql.push(" AND r.kind = ?", [kind.as_str().into()]);
        }
        if let Some(state) = state {
            sql.push(" AND r.state = ?", [state.as_str().into()]);
        }
        keyset::end(&mut sql, wanted, ("r.created_at", "r.id"));
        let statement = sql.statement(self.dialect);
        let rows = table::Entity::find().from_raw_sql(statement).all(&self.reads).await?;
        let part = wanted.cut(rows, |row| Place::number(row.created_at, row.id));
        let items = self.with_votes(part.items).await?;
        Ok(Part { items, next: part.next })
    }

    /// One of an account's requests.
    ///
    /// # Errors
    /// If the database fails or a row does not read.
    pub(crate) async fn approval(
        &self,
        account: AccountId,
        id: ApprovalId,
    ) -> Result<Option<Request>> {
        let row = table::Entity::find_by_id((account.uuid(), id.uuid())).one(&self.reads).await?;
        Ok(self.with_votes(row.into_iter().collect()).await?.pop())
    }

    /// Requests of one account, each with its votes, the first first.
    async fn with_votes(&self, rows: Vec<table::Model>) -> Result<Vec<Request>> {
        let Some(first) = rows.first() else { return Ok(vec![]) };
        let account = first.account_id;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let mut votes: BTreeMap<Uuid, Vec<approval_votes::Model>> = BTreeMap::new();
        let cast = approval_votes::Entity::find()
            .filter(approval_votes::Column::AccountId.eq(account))
            .filter(approval_votes::Column::RequestId.is_in(ids.iter().copied()))
            .order_by_asc(approval_votes::Column::VotedAt);
        for vote in cast.all(&self.reads).await? {
            votes.entry(vote.request_id).or_default().push(vote);
        }
        let mut texts = self.texts(account, &ids).await?;
        let of = |row: &table::Model| {
            let said = texts.remove(&(row.id, row.version)).unwrap_or_default();
            request(row, said, &votes.remove(&row.id).unwrap_or_default())
        };
        let mut requests = rows.iter().map(of).collect::<Result<Vec<_>>>()?;
        for (row, request) in rows.iter().zip(&mut requests) {
            if row.kind == About::Support.as_str() {
                let key = (row.account_id, row.id, row.version);
                request.support = support::asked(&self.reads, key).await?;
            }
        }
        Ok(requests)
    }

    /// What each version of the requests says.
    async fn texts(&self, account: Uuid, ids: &[Uuid]) -> Result<BTreeMap<(Uuid, i64), Said>> {
        let ids: Vec<ResourceId> = ids.iter().copied().map(ResourceId::new).collect();
        let ids = Ids::new(self.dialect, &ids);
        let sql = Sql::new(
            format!(
                "SELECT request_id, version, digest, requester_person FROM approval_versions \
                 WHERE account_id = ? AND request_id{}",
                ids.matches()
            ),
            vec![account.into(), ids.value()],
        );
        let rows = self.reads.query_all_raw(sql.statement(self.dialect)).await?;
        rows.iter()
            .map(|row| {
                let key = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                Ok((key, (row.try_get_by_index(2)?, row.try_get_by_index(3)?)))
            })
            .collect()
    }
}

fn request(
    row: &table::Model,
    (digest, person): Said,
    votes: &[approval_votes::Model],
) -> Result<Request> {
    let bad = || StoreError::Inconsistent { table: "approval_requests", what: row.id.to_string() };
    let moment = Timestamp::from_micros;
    Ok(Request {
        account: AccountId::new(row.account_id),
        id: ApprovalId::new(row.id),
        source: row.subject_id,
        support: None,
        state: State::parse(&row.state).ok_or_else(bad)?,
        required: u32::try_from(row.required).map_err(|_| bad())?,
        version: row.version,
        digest: Digest(digest.try_into().map_err(|_| bad())?),
        policy_version: row.policy_version.clone(),
        reason: row.reason.clone(),
        requester: By {
            kind: row.requester_kind.clone(),
            id: row.requester_id,
            person: person.map(PersonId::new),
        },
        created_at: moment(row.created_at),
        expires_at: moment(row.expires_at),
        settled_at: row.settled_at.map(moment),
        settled_why: row.settled_why.clone(),
        votes: votes.iter().map(vote).collect::<Option<_>>().ok_or_else(bad)?,
    })
}

fn vote(row: &approval_votes::Model) -> Option<Vote> {
    Some(Vote {
        account: AccountId::new(row.voter_account),
        user: ResourceId::new(row.voter_id),
        person: PersonId::new(row.person_id),
        verdict: Verdict::parse(&row.decision)?,
        comment: row.comment.clone(),
        second_factor_at: Timestamp::from_micros(row.second_factor_at),
        session: SessionId::new(row.session_id),
        at: Timestamp::from_micros(row.voted_at),
    })
}
