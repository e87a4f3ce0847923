//! The first administrator of an account, named with it (S4, W2): made with a right that waits, for a second
//! person to sign, who did not make the account.

use crate::app::rights::approvals::{asking, settling};
use crate::app::users::people;
use crate::app::{App, Error};
use crate::domain::account::Account;
use crate::domain::actor::Actor;
use crate::domain::command::CreateAccount;
use crate::domain::effect::mails::Letter;
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, ApprovalId, GrantId, ResourceId};
use crate::domain::rights::Right;
use crate::domain::rights::approvals::{Item, NewRequest, WAITS_DAYS};
use crate::domain::rights::sources::{By, Gift, Grant, Period, Place};
use crate::domain::time::{OPEN_END, Timestamp};
use crate::policy::{Permit, version};
use crate::store::accounts::First;
use crate::store::rights::{self, approvals, grants};

/// Why it is asked, where nobody says more.
const REASON: &str = "first administrator of the account";

/// Who signs for the first administrator: the administrators of the parent, else the operator's staff.
pub(super) async fn approvers(
    app: &App,
    parent: Option<AccountId>,
) -> Result<Vec<(AccountId, ResourceId)>, Error> {
    let able = match parent {
        Some(parent) => asking::administrators(app, parent).await?,
        None => vec![],
    };
    if able.is_empty() { Ok(app.store().staff_approvers(app.now()).await?) } else { Ok(able) }
}

/// What is written with the account.
pub(super) async fn prepare(
    app: &App,
    permit: &Permit,
    (account, parent, create): (&Account, Option<AccountId>, &CreateAccount),
) -> Result<Option<First>, Error> {
    let Some(spec) = &create.first_administrator else { return Ok(None) };
    let at = account.created_at;
    let line = |event: Event, target: uuid::Uuid| {
        app.line(account.id, at, *permit.actor(), event).on(target)
    };
    let id = ResourceId::new(app.next_id(at));
    let made = line(Event::UserCreated, id.uuid());
    let user = people::newcomer(app, (account, id), spec, &made).await?;
    let grant = grant(app, permit, (account.id, id), at);
    let new = request(app, permit, &grant);
    let mut asked = line(Event::ApprovalRequested, new.id.uuid());
    asked.detail = Some(serde_json::json!({
        "source": new.source, "items": 1, "digest": new.digest().to_string(),
    }));
    let mut readers = approvers(app, parent).await?;
    // Whoever asks does not sign.
    readers.retain(|(_, user)| new.requester.id != Some(user.uuid()));
    let what = (Letter::SignatureWanted, new.expires_at, new.at);
    let mails = settling::letters_about(app, (account.name.clone(), readers), what).await?;
    let what = approvals::What::Open(Box::new(new));
    let request = approvals::Change { what, activity: asked, mails };
    let mut given = line(Event::GrantGiven, grant.id.uuid());
    given.detail = Some(serde_json::json!({ "user": id.uuid(), "gives": grant.gift.kind() }));
    let what = rights::What::Grants(grants::Change::Give(Box::new(grant)));
    Ok(Some(First { user, grant: rights::Change { what, activity: given }, request }))
}

fn grant(
    app: &App,
    permit: &Permit,
    (account, user): (AccountId, ResourceId),
    at: Timestamp,
) -> Grant {
    Grant {
        account,
        id: GrantId::new(app.next_id(at)),
        user,
        gift: Gift::Right(Right::UsersAdminister.into()),
        gift_owner: None,
        place: Place::Account,
        period: Period { starts_at: at, ends_at: OPEN_END },
        reason: REASON.to_owned(),
        given_by: By { person: None, ..by(permit.actor()) },
        given_at: at,
        version: 1,
    }
}

fn request(app: &App, permit: &Permit, grant: &Grant) -> NewRequest {
    let at = grant.given_at;
    let right = Right::UsersAdminister.into();
    // A grant has no links that could be younger than itself.
    let item = Item { user: grant.user, right, basis: Timestamp::from_micros(0) };
    NewRequest {
        account: grant.account,
        id: ApprovalId::new(app.next_id(at)),
        source: grant.id.uuid(),
        items: [item].into(),
        reason: REASON.to_owned(),
        requester: by(permit.actor()),
        required: 1,
        policy_version: version().to_owned(),
        at,
        expires_at: at.plus_days(WAITS_DAYS),
        support: None,
    }
}

fn by(actor: &Actor) -> By {
    By { kind: actor.kind().to_owned(), id: actor.id(), person: actor.person() }
}
