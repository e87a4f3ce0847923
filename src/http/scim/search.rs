//! Lists: GET on an endpoint, POST to `/.search` (RFC 7644 §3.4.2, §3.4.3).

use axum::http::StatusCode;
use axum::response::Response;

use crate::app::Error;
use crate::domain::records::{Page, Search, Want};
use crate::http::scim::call::Call;
use crate::http::scim::directory::{select, want};
use crate::http::scim::error::Failure;
use crate::http::scim::render;
use crate::scim::filter;
use crate::scim::page::{Query, list_response};
use crate::scim::schema::ResourceKind;
use crate::scim::sort::SortKey;

/// GET on `/Users` or `/Groups`.
pub(super) async fn list(kind: ResourceKind, call: Call) -> Result<Response, Failure> {
    async {
        let query = Query::from_pairs(call.pairs())?;
        answer(&call, &[kind], &query).await
    }
    .await
    .map_err(|error: Error| call.fail(error))
}

/// POST to `/.search`: of one endpoint, or at the root over both.
pub(super) async fn posted(kind: Option<ResourceKind>, call: Call) -> Result<Response, Failure> {
    async {
        let query = Query::from_search(call.json()?)?;
        match kind {
            Some(kind) => answer(&call, &[kind], &query).await,
            None => answer(&call, &[ResourceKind::User, ResourceKind::Group], &query).await,
        }
    }
    .await
    .map_err(|error: Error| call.fail(error))
}

/// The page of the kinds one after another: users come before groups.
async fn answer(call: &Call, kinds: &[ResourceKind], query: &Query) -> Result<Response, Error> {
    let limits = call.app.settings().limits;
    let mut room = query.count.unwrap_or(limits.default_page).min(limits.max_page);
    let mut skip = query.start_index.saturating_sub(1);
    let (mut total, mut texts) = (0, Vec::new());
    for kind in kinds {
        let selection = select(*kind, query)?;
        let mut search = search(call, *kind, query)?;
        search.want = want(&selection);
        (search.offset, search.limit) = (skip, room);
        let page: Page = call.app.search(&call.actor(), &search).await?;
        total += page.total;
        skip = skip.saturating_sub(page.total);
        room = room.saturating_sub(page.records.len() as u64);
        texts.extend(page.records.iter().map(|r| render::resource(r, &call.base, &selection)));
    }
    let body = list_response(total, query.start_index, &texts);
    Ok(render::answer(StatusCode::OK, body, call.wants_plain_json()))
}

fn search(call: &Call, kind: ResourceKind, query: &Query) -> Result<Search, Error> {
    let filter = query.filter.as_deref();
    let sort = match query.sort_by.as_deref() {
        Some(by) => SortKey::parse(kind, by, query.sort_order.as_deref())?,
        None => None,
    };
    Ok(Search {
        kind,
        filter: filter.map(|text| filter::parse(kind, text, call.preset())).transpose()?,
        sort,
        offset: 0,
        limit: 0,
        want: Want::default(),
        base: call.base.clone(),
    })
}
