//! What a user may do, with a version for whoever keeps a copy, and the feed of what may have changed.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::app::rights::decisions::Onlooker;
use crate::domain::ids::{AccountId, ResourceId};
use crate::domain::keys::products::ProductScope;
use crate::domain::rights::RightKey;
use crate::domain::rights::changes::{Changes, Cursor};
use crate::domain::rights::paths::{Standing, Where};
use crate::http::api::answer;
use crate::http::api::call::Call;
use crate::http::api::problem::{Kind, Problem};
use crate::http::api::query::Wrong;
use crate::http::api::rights::past_moment;
use crate::scim::etag::{self, ETag};

/// How many activities a page of the feed is made from where nothing is said, and at most.
const LIMIT: (u32, u32) = (200, 1_000);

/// The rights of a user: of this moment with an `ETag`, or of a past one.
pub(in crate::http::api) async fn show(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account_seen(ProductScope::Rights).await?;
    let params = call.params(&["at"])?;
    let at = past_moment(&call, &params)?;
    let user: ResourceId = call.id()?;
    let Some(at) = at else {
        let onlooker = actor.as_ref().map_or(Onlooker::Product, Onlooker::Actor);
        return now(&call, onlooker, (account, user)).await;
    };
    // What was is for those who administer, and for whom it was about.
    let actor = actor.ok_or_else(|| call.problem(Kind::NotForProducts))?;
    let found = call.app.rights_of(&actor, (account, user), Some(at)).await;
    let rights = found.map_err(|error| call.fail(&error))?;
    let held = rights.held.iter().map(|((right, place), standing)| (right, *place, *standing));
    let mut body = body((account, user), held);
    if let Some(body) = body.as_object_mut() {
        body.insert("at".to_owned(), at.rfc3339().into());
    }
    Ok(answer(&body))
}

/// What may have changed since a cursor.
pub(in crate::http::api) async fn changes(call: Call) -> Result<Response, Problem> {
    let account = call.account_of_product(ProductScope::Rights).await?;
    let params = call.params(&["since", "limit"])?;
    let since: Option<Cursor> =
        params.parsed(&call, "since", Wrong::Cursor, |text| text.parse().ok())?;
    let limit = params.parsed(&call, "limit", Wrong::Limit(LIMIT.1), |text| {
        text.parse().ok().filter(|limit| (1..=LIMIT.1).contains(limit))
    })?;
    let found = call.app.rights_changes(account, since, limit.unwrap_or(LIMIT.0)).await;
    let Changes { of_all, users, next, has_more } = found.map_err(|error| call.fail(&error))?;
    let users = users.iter().map(|user| json!({ "user": user.to_string() }));
    let all = of_all.then(|| json!({ "account": true }));
    let changes: Vec<Value> = all.into_iter().chain(users).collect();
    Ok(answer(&json!({ "changes": changes, "next": next.to_string(), "more": has_more })))
}

async fn now(
    call: &Call,
    onlooker: Onlooker<'_>,
    whose: (AccountId, ResourceId),
) -> Result<Response, Problem> {
    let tags = call.if_none_match().map(etag::versions).unwrap_or_default();
    let found = call.app.current_rights(onlooker, whose, &tags).await;
    let seen = found.map_err(|error| call.fail(&error))?;
    let mut response = match &seen.known {
        None => StatusCode::NOT_MODIFIED.into_response(),
        Some(known) => {
            let mut body = body(whose, known.standings());
            if let (Some(until), Some(body)) = (seen.version.until(), body.as_object_mut()) {
                body.insert("good_until".to_owned(), until.rfc3339().into());
            }
            answer(&body)
        }
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&ETag::new(seen.version.tag()).render()) {
        headers.insert(header::ETAG, tag);
    }
    // A copy may be kept, to be asked about each time.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

fn body<'a>(
    (account, user): (AccountId, ResourceId),
    held: impl Iterator<Item = (&'a RightKey, Where, Standing)>,
) -> Value {
    let (mut rights, mut pending) = (vec![], vec![]);
    for (right, place, standing) in held {
        let item = json!({
            "right": right.as_str(),
            "account": place.account.to_string(),
            "workspace": place.workspace.map(|id| id.to_string()),
        });
        match standing {
            Standing::Effective => rights.push(item),
            Standing::Pending => pending.push(item),
            Standing::Stopped => {}
        }
    }
    json!({
        "account": account.to_string(),
        "user": user.to_string(),
        "rights": rights,
        "pending": pending,
    })
}
