//! `/accounts/{account}/holders`: who has a right, a bundle or a role, now or on a past day.

use axum::response::Response;
use serde_json::{Value, json};

use crate::app::rights::who_has::{Holder, Wanted};
use crate::domain::ids::AccountId;
use crate::domain::records::pages::{Part, Place, PlaceValue};
use crate::domain::rights::RightKey;
use crate::domain::rights::faults::Wrong as Flaw;
use crate::domain::rights::paths::{Standing, Where};
use crate::http::api::call::Call;
use crate::http::api::problem::Problem;
use crate::http::api::query::{List, Params, Sort, Wrong};
use crate::http::api::rights::{past_moment, refuse};

const LIST: List =
    List { filters: &["right", "bundle", "role", "at"], sorts: &[Sort::text("account")] };

/// The account's own users first, then its parent's.
pub(in crate::http::api) async fn list(call: Call) -> Result<Response, Problem> {
    let (actor, account) = call.account().await?;
    let query = call.list_query(&LIST)?;
    if query.wanted.order.is_descending {
        let sorts = Wrong::Sort(vec!["account"]);
        return Err(call.wrong_query(vec![("sort".to_owned(), sorts)]));
    }
    let params = &query.params;
    let at = past_moment(&call, params)?;
    let wanted = match (params.text("right"), params.text("bundle"), params.text("role")) {
        (Some(key), None, None) => RightKey::parse(key).map(Wanted::Right),
        (None, Some(id), None) | (None, None, Some(id)) => {
            id.parse::<crate::domain::ids::BundleId>().ok().map(|id| Wanted::Gift(id.uuid()))
        }
        (_, _, _) => return Err(refuse(&call, vec![Flaw::OneWanted.of("right", "")])),
    };
    let Some(wanted) = wanted else { return Err(unread(&call, params)) };
    let behind = query.wanted.after.as_ref().and_then(|place| match &place.value {
        PlaceValue::Text(home) => {
            let home: AccountId = home.parse().ok()?;
            Some((home, crate::domain::ids::ResourceId::new(place.id)))
        }
        PlaceValue::Number(_) => None,
    });
    let limit = usize::try_from(query.wanted.limit).unwrap_or(1);
    let found = call.app.who_has(&actor, (account.id, &wanted), at, (behind, limit)).await;
    let found = found.map_err(|error| call.fail(&error))?;
    let next = found.next.map(|(home, user)| Place::text(home.to_string(), user.uuid()));
    Ok(call.page(&query, &Part { items: found.holders, next }, body))
}

/// What was named is no key, or no id.
fn unread(call: &Call, params: &Params) -> Problem {
    for (name, flaw) in [
        ("right", Flaw::UnknownRight),
        ("bundle", Flaw::UnknownBundle),
        ("role", Flaw::UnknownRole),
    ] {
        if let Some(text) = params.text(name) {
            return refuse(call, vec![flaw.of(name, text)]);
        }
    }
    refuse(call, vec![Flaw::OneWanted.of("right", "")])
}

fn body(holder: &Holder) -> Value {
    let places: Vec<Value> = holder.places.iter().map(|(at, it)| held_place(*at, *it)).collect();
    json!({
        "account": holder.account.to_string(),
        "user": holder.user.to_string(),
        "display_name": holder.display_name,
        "places": places,
    })
}

/// What comes of a right somewhere.
pub(super) fn held_place(place: Where, standing: Standing) -> Value {
    json!({
        "account": place.account.to_string(),
        "workspace": place.workspace.map(|id| id.to_string()),
        "standing": word(standing),
    })
}

/// What comes of a right.
pub(super) fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Effective => "effective",
        Standing::Pending => "pending",
        Standing::Stopped => "stopped",
    }
}
