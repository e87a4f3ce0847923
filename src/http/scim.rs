//! The SCIM 2.0 surface of an account: `/accounts/{account}/scim/v2` (RFC 7644 §3.2).
//!
//! All routes stand in [`routes`]. Each handler takes a [`Call`](call::Call), which is who calls and
//! what was sent, makes one call to `app`, and renders.

mod call;
mod course;
mod directory;
mod discovery;
pub(super) mod error;
mod offers;
mod render;
mod search;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{MethodRouter, any, get, post};

use crate::app::App;
use crate::scim::offers::Offer;
use crate::scim::schema::ResourceKind::{self, Group, User};

use self::call::Call;
use self::error::{Failure, no_such_endpoint, not_implemented, wrong_method};

/// The routes, with and without the optional `/v2` (RFC 7644 §3.13).
pub(super) fn routes(app: &App) -> Router<App> {
    Router::new()
        .merge(endpoints())
        .nest("/v2", endpoints())
        .layer(from_fn_with_state(app.clone(), course::watch))
        .fallback(no_such_endpoint)
}

fn endpoints() -> Router<App> {
    Router::new()
        .route("/Users", collection(User))
        .route("/Users/.search", searched(Some(User)))
        .route("/Users/{id}", item(User))
        .route("/Groups", collection(Group))
        .route("/Groups/.search", searched(Some(Group)))
        .route("/Groups/{id}", item(Group))
        .route("/Roles", offered(Offer::Role))
        .route("/Roles/{id}", offered_one(Offer::Role))
        .route("/Entitlements", offered(Offer::Entitlement))
        .route("/Entitlements/{id}", offered_one(Offer::Entitlement))
        .route("/OktaRoles", offered(Offer::OktaRole))
        .route("/OktaRoles/{id}", offered_one(Offer::OktaRole))
        .route("/OktaEntitlements", offered(Offer::OktaEntitlement))
        .route("/OktaEntitlements/{id}", offered_one(Offer::OktaEntitlement))
        .route("/.search", searched(None))
        .route("/Bulk", any(not_implemented))
        .route("/Me", any(not_implemented))
        .route("/ServiceProviderConfig", only_get(discovery::service_provider_config))
        .route("/ResourceTypes", only_get(discovery::resource_types))
        .route("/ResourceTypes/{id}", only_get(discovery::resource_type))
        .route("/Schemas", only_get(discovery::schemas))
        .route("/Schemas/{id}", only_get(discovery::schema))
}

fn collection(kind: ResourceKind) -> MethodRouter<App> {
    get(move |call: Call| search::list(kind, call))
        .post(move |call: Call| directory::create(kind, call))
        .fallback(wrong_method)
}

fn item(kind: ResourceKind) -> MethodRouter<App> {
    get(move |call: Call| directory::get(kind, call))
        .put(move |call: Call| directory::replace(kind, call))
        .patch(move |call: Call| directory::patch(kind, call))
        .delete(move |call: Call| directory::delete(kind, call))
        .fallback(wrong_method)
}

fn searched(kind: Option<ResourceKind>) -> MethodRouter<App> {
    post(move |call: Call| search::posted(kind, call)).fallback(wrong_method)
}

fn offered(offer: Offer) -> MethodRouter<App> {
    get(move |call: Call| offers::list(offer, call)).fallback(wrong_method)
}

fn offered_one(offer: Offer) -> MethodRouter<App> {
    get(move |call: Call| offers::get(offer, call)).fallback(wrong_method)
}

fn only_get(handler: fn(&Call) -> Result<Response, Failure>) -> MethodRouter<App> {
    get(move |call: Call| std::future::ready(handler(&call))).fallback(wrong_method)
}
