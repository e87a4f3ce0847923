//! Asking: what waits at a mapping or grant, who could sign it, and whom to tell.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::app::change::{Outcome, Step};
use crate::app::rights::approvals::OPENED;
use crate::app::rights::preview::of_mapping;
use crate::app::rights::{Made, by, refuse};
use crate::app::{App, Error};
use crate::domain::actor::{Actor, SignedIn};
use crate::domain::command::rights::{RightsChange, RightsEdit};
use crate::domain::ids::{AccountId, ApprovalId, GrantId, MappingId, ResourceId};
use crate::domain::rights::approvals::{Item, MAX_USERS, NewRequest, WAITS_DAYS, waiting};
use crate::domain::rights::faults::{Fault, check_note};
use crate::domain::rights::sources::Gift;
use crate::policy::Permit;
use crate::store::StoreError;
use crate::store::rights::approvals::{Change, What};
use crate::store::rights::candidates::Stretch;
use crate::store::rights::paths::{Tables, When};

/// What waits for a second person at a mapping or grant: of these users, or of all. None if there is no such
/// mapping or grant.
pub(super) async fn waiting_at(
    app: &App,
    (account, source): (AccountId, Uuid),
    users: &BTreeSet<ResourceId>,
) -> Result<Option<BTreeSet<Item>>, Error> {
    let store = app.store();
    let when = When::Now(app.now());
    if let Some(grant) = store.grant(account, GrantId::new(source)).await? {
        return items_of(app, (account, source), &[grant.user], when).await.map(Some);
    }
    let mapping = store.mapping(account, MappingId::new(source)).await?;
    let Some(mapping) = mapping else { return Ok(None) };
    if !users.is_empty() {
        let users: Vec<ResourceId> = users.iter().copied().take(MAX_USERS).collect();
        return items_of(app, (account, source), &users, when).await.map(Some);
    }
    let (candidates, mut behind) = (of_mapping(&mapping), None);
    let mut items = BTreeSet::new();
    loop {
        let stretch = Stretch::behind(behind);
        let found = store.candidates((account, &candidates), when, stretch).await?;
        behind = found.last().map(|last| last.user);
        if behind.is_none() {
            return Ok(Some(items));
        }
        let users: Vec<ResourceId> = found.iter().map(|it| it.user).collect();
        items.append(&mut items_of(app, (account, source), &users, when).await?);
        let named: BTreeSet<ResourceId> = items.iter().map(|it| it.user).collect();
        if let Some(first_too_many) = named.iter().nth(MAX_USERS) {
            let end = *first_too_many;
            items.retain(|it| it.user < end);
            return Ok(Some(items));
        }
    }
}

async fn items_of(
    app: &App,
    (account, source): (AccountId, Uuid),
    users: &[ResourceId],
    when: When,
) -> Result<BTreeSet<Item>, Error> {
    let paths = app.store().paths((account, users), when, &Tables::default()).await?;
    Ok(waiting(&paths, source))
}

/// Which mappings and grants may have come to give what waits, by a change that was made, and for whom it is
/// worth asking: for all, which no users stand for, or for whoever made it alone.
pub(super) async fn sources(
    app: &App,
    actor: &Actor,
    change: &RightsChange,
    made: &Made,
) -> Result<Vec<(Uuid, BTreeSet<ResourceId>)>, Error> {
    let Actor::User(who) = actor else { return Ok(vec![]) };
    if !may_give_more(&change.what) {
        return Ok(vec![]);
    }
    let (account, store) = (change.account, app.store());
    let (gift, owner) = match made {
        Made::Mapping(it) => (it.gift.clone(), Some(it.gift_owner)),
        Made::Grant(it) => (it.gift.clone(), it.gift_owner),
        Made::Bundle(it) => (Gift::Bundle(it.id), Some(it.account)),
        Made::Role(it) => (Gift::Role(it.id), Some(it.account)),
    };
    let sources = match made {
        Made::Mapping(_) | Made::Grant(_) => vec![made.id()],
        Made::Bundle(_) | Made::Role(_) => store.sources_of(account, made.id(), OPENED).await?,
    };
    if store.is_privileged(&gift, owner).await? {
        return Ok(sources.into_iter().map(|source| (source, BTreeSet::new())).collect());
    }
    // Nothing privileged waits for anybody; but whoever made it may gain by it.
    let own = store.users_of_person(account, who.person).await?;
    let paths = store.paths((account, &own), When::Now(app.now()), &Tables::default()).await?;
    let of_own = |source: Uuid| {
        let users: BTreeSet<_> = waiting(&paths, source).into_iter().map(|it| it.user).collect();
        (!users.is_empty()).then_some((source, users))
    };
    Ok(sources.into_iter().filter_map(of_own).collect())
}

/// Whether somebody may hold more by it. What is new is given by nobody yet.
fn may_give_more(edit: &RightsEdit) -> bool {
    match edit {
        RightsEdit::Map(_)
        | RightsEdit::Grant(_)
        | RightsEdit::EditMapping(..)
        | RightsEdit::EditBundle(..)
        | RightsEdit::EditRole(..) => true,
        RightsEdit::CreateBundle(_)
        | RightsEdit::DeleteBundle(_)
        | RightsEdit::CreateRole(_)
        | RightsEdit::DeleteRole(_)
        | RightsEdit::Unmap(_)
        | RightsEdit::EndGrant(_) => false,
    }
}

/// Whether somebody could sign: who neither asks nor gains, nor may be one who does (M32).
pub(super) async fn has_approver(
    app: &App,
    account: AccountId,
    asker: &SignedIn,
    items: &BTreeSet<Item>,
) -> Result<bool, Error> {
    let gaining: BTreeSet<ResourceId> = items.iter().map(|it| it.user).collect();
    let mut able = administrators(app, account).await?;
    able.retain(|(home, user)| *home != account || !gaining.contains(user));
    able.extend(app.store().staff_approvers(app.now()).await?);
    is_any_but(app, (asker.account, asker.user), able).await
}

/// Whether one of them is surely not whoever asks (DECISIONS.md 6).
pub(in crate::app) async fn is_any_but(
    app: &App,
    asker: (AccountId, ResourceId),
    able: Vec<(AccountId, ResourceId)>,
) -> Result<bool, Error> {
    for voter in able {
        if !app.store().may_be_one([voter, asker]).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Who administers an account: its own users, and those of its parent.
pub(in crate::app) async fn administrators(
    app: &App,
    account: AccountId,
) -> Result<Vec<(AccountId, ResourceId)>, Error> {
    let now = app.now();
    let parent = app.store().parent(account, When::Now(now)).await?;
    let mut found = vec![];
    for home in [Some(account), parent].into_iter().flatten() {
        let able = app.store().account_administrators(home, now).await?.users;
        found.extend(able.into_iter().map(|user| (home, user)));
    }
    Ok(found)
}

pub(super) async fn ask(
    app: &App,
    permit: Permit,
    account: AccountId,
    (source, reason, items): (Uuid, &str, BTreeSet<Item>),
) -> Result<Step, Error> {
    let mut faults: Vec<Fault> = vec![];
    check_note("reason", reason, &mut faults);
    refuse(faults)?;
    if items.is_empty() {
        return Err(Error::Conflict("nothing waits there for a second person".to_owned()));
    }
    let at = app.now();
    let new = NewRequest {
        account,
        id: ApprovalId::new(app.next_id(at)),
        source,
        items,
        reason: reason.to_owned(),
        requester: by(&permit),
        required: 1,
        policy_version: crate::policy::version().to_owned(),
        at,
        expires_at: at.plus_days(WAITS_DAYS),
        support: None,
    };
    let id = new.id;
    let mut activity = app.activity(&permit, account, at);
    activity.target = Some(id.uuid());
    activity.detail = Some(serde_json::json!({
        "source": source, "items": new.items.len(), "digest": new.digest().to_string(),
    }));
    let mails = super::settling::letters(app, &new).await?;
    let change = Change { what: What::Open(Box::new(new)), activity, mails };
    match app.store().change_approval(change, permit).await {
        Ok(true) => {
            let request = super::found(app, account, id).await?;
            Ok(Outcome::Approval(Box::new(request)).into())
        }
        Ok(false) => Ok(Step::Moved),
        Err(StoreError::Taken) => {
            Err(Error::Conflict("what waits there is asked for already".to_owned()))
        }
        Err(error) => Err(error.into()),
    }
}
