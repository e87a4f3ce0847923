//! `/Roles`, `/Entitlements` and Okta's forms of both: what may be given to users, only read.

use axum::http::StatusCode;
use axum::response::Response;

use crate::app::Error;
use crate::domain::rights::bundles::{Bundle, Role};
use crate::http::scim::call::Call;
use crate::http::scim::error::Failure;
use crate::http::scim::render;
use crate::scim::error::{Kind, ScimError};
use crate::scim::offers::{Offer, Offered};
use crate::scim::page::{Query, list_response};

/// GET on the endpoint: a page in order of name.
pub(super) async fn list(offer: Offer, call: Call) -> Result<Response, Failure> {
    async {
        let query = Query::from_pairs(call.pairs())?;
        if query.filter.is_some() {
            let detail = "this list takes no filter; it is short, so read it whole";
            return Err(ScimError::new(Kind::InvalidFilter, detail).into());
        }
        let limits = call.app.settings().limits;
        let room = query.count.unwrap_or(limits.default_page).min(limits.max_page);
        let all = all(offer, &call).await?;
        let skip = usize::try_from(query.start_index.saturating_sub(1)).unwrap_or(usize::MAX);
        let page = all.iter().skip(skip).take(usize::try_from(room).unwrap_or(usize::MAX));
        let texts: Vec<String> =
            page.map(|offered| offer.resource(&call.base, offered).to_string()).collect();
        let body = list_response(all.len() as u64, query.start_index, &texts);
        Ok(render::answer(StatusCode::OK, body, call.wants_plain_json()))
    }
    .await
    .map_err(|error: Error| call.fail(error))
}

/// GET of one.
pub(super) async fn get(offer: Offer, call: Call) -> Result<Response, Failure> {
    async {
        let wanted = call.id_text().to_ascii_lowercase();
        let all = all(offer, &call).await?;
        let found = all.iter().find(|offered| offered.id == wanted).ok_or_else(|| {
            let shown: String = call.id_text().chars().take(100).collect();
            Error::NotFound(format!("{} `{shown}` not found", offer.name()))
        })?;
        let body = offer.resource(&call.base, found).to_string();
        Ok(render::answer(StatusCode::OK, body, call.wants_plain_json()))
    }
    .await
    .map_err(|error: Error| call.fail(error))
}

async fn all(offer: Offer, call: &Call) -> Result<Vec<Offered>, Error> {
    let actor = call.actor();
    Ok(match offer {
        Offer::Role | Offer::OktaRole => {
            call.app.roles_offered(&actor).await?.into_iter().map(role).collect()
        }
        Offer::Entitlement | Offer::OktaEntitlement => {
            call.app.bundles_offered(&actor).await?.into_iter().map(bundle).collect()
        }
    })
}

fn role(role: Role) -> Offered {
    let id = role.id.to_string();
    Offered {
        value: role.key.unwrap_or_else(|| id.clone()),
        id,
        name: role.name,
        kind: role.level.as_str(),
        description: role.description,
        times: [role.created_at.to_string(), role.updated_at.to_string()],
    }
}

fn bundle(bundle: Bundle) -> Offered {
    let id = bundle.id.to_string();
    Offered {
        value: bundle.key.unwrap_or_else(|| id.clone()),
        id,
        name: bundle.name,
        kind: "bundle",
        description: bundle.description,
        times: [bundle.created_at.to_string(), bundle.updated_at.to_string()],
    }
}
