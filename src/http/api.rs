//! The REST API at `/api/v1`, and the public keys by which others verify our access tokens.
//!
//! Each handler takes a [`Call`](call::Call), which is who calls and what was sent, makes one call to
//! `app`, and renders. What goes wrong is a [`Problem`](problem::Problem).
//!
//! What all resources share: parameters, filters and sorting in `query`, pages in `query/paging`, versions
//! in `etags`, doing once what is sent twice in `call/once`, trying without doing in
//! [`Rehearsable`](call::Rehearsable). Fields that are wrong are
//! [`Fault`](crate::domain::rights::faults::Fault)s that a use case answers with.
//!
//! To add a route: a line in [`seat`], its description in `schemas/api/openapi.json`, and its row in
//! `tests/it/api/doors.rs`.

mod accounts;
mod activities;
mod call;
mod connections;
mod csv;
mod etags;
mod me;
mod openapi;
mod people;
mod policy;
mod problem;
mod query;
mod rights;
mod sessions;
mod sso;
mod support;
pub(super) mod texts;
mod tokens;
mod users;
mod workspaces;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, patch, post, put};
use serde_json::Value;
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::http::login::shield;

use self::people::{properties, recipients, users as members};
use self::problem::{no_such_endpoint, wrong_method};
use self::rights::{
    approvals, bundles, catalogue, effective, explanations, grants, groups, holders, mappings,
    previews, roles,
};
use self::support::{checks, delegations, functions, grants as access, requests};

/// Where the API is.
const SEAT: &str = "/api/v1";

/// All routes.
pub(super) fn routes(app: &App) -> Router<App> {
    Router::new()
        .nest(SEAT, seat())
        .route("/.well-known/jwks.json", get(tokens::keys).fallback(wrong_method))
        .route(
            "/.well-known/checkpoint-keys.json",
            get(activities::checkpoint_keys).fallback(wrong_method),
        )
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), hardened))
}

/// What stands below `/api/v1`.
fn seat() -> Router<App> {
    with_support(with_accounts(Router::new()))
        .route("/openapi.json", get(openapi::document).fallback(wrong_method))
        .route("/me", get(me::show).fallback(wrong_method))
        .route("/me", patch(me::edit))
        .route("/sessions", get(sessions::list).fallback(wrong_method))
        .route("/sessions/{id}", delete(sessions::end).fallback(wrong_method))
        .route("/accounts/{account}/sso", get(sso::list).fallback(wrong_method))
        .route("/accounts/{account}/sso", post(sso::add))
        .route("/accounts/{account}/sso/{id}", get(sso::show).fallback(wrong_method))
        .route("/accounts/{account}/sso/{id}", patch(sso::edit))
        .route("/accounts/{account}/sso/{id}", delete(sso::remove))
        .route("/accounts/{account}/sso/{id}/test", post(sso::test).fallback(wrong_method))
        .route("/accounts/{account}/users/{id}/enrolment-links", post(users::make_link))
        .route("/accounts/{account}/catalogue", get(catalogue::show).fallback(wrong_method))
        .route("/accounts/{account}/bundles", get(bundles::list).fallback(wrong_method))
        .route("/accounts/{account}/bundles", post(bundles::add))
        .route("/accounts/{account}/bundles/{id}", get(bundles::show).fallback(wrong_method))
        .route("/accounts/{account}/bundles/{id}", patch(bundles::edit))
        .route("/accounts/{account}/bundles/{id}", delete(bundles::remove))
        .route("/accounts/{account}/roles", get(roles::list).fallback(wrong_method))
        .route("/accounts/{account}/roles", post(roles::add))
        .route("/accounts/{account}/roles/{id}", get(roles::show).fallback(wrong_method))
        .route("/accounts/{account}/roles/{id}", patch(roles::edit))
        .route("/accounts/{account}/roles/{id}", delete(roles::remove))
        .route("/accounts/{account}/group-mappings", get(mappings::list).fallback(wrong_method))
        .route("/accounts/{account}/group-mappings", post(mappings::add))
        .route("/accounts/{account}/group-mappings/{id}", get(mappings::show))
        .route("/accounts/{account}/group-mappings/{id}", patch(mappings::edit))
        .route("/accounts/{account}/group-mappings/{id}", delete(mappings::remove))
        .route("/accounts/{account}/grants", get(grants::list).fallback(wrong_method))
        .route("/accounts/{account}/grants", post(grants::add))
        .route("/accounts/{account}/grants/{id}", get(grants::show).fallback(wrong_method))
        .route("/accounts/{account}/grants/{id}", delete(grants::remove))
        .route("/accounts/{account}/approval-requests", get(approvals::list))
        .route("/accounts/{account}/approval-requests", post(approvals::ask))
        .route("/accounts/{account}/approval-requests/{id}", get(approvals::show))
        .route("/accounts/{account}/approval-requests/{id}/votes", post(approvals::vote))
        .route("/accounts/{account}/approval-requests/{id}/cancellation", post(approvals::cancel))
        .route("/accounts/{account}/holders", get(holders::list).fallback(wrong_method))
        .route("/accounts/{account}/users/{id}/explanation", get(explanations::show))
        .route("/accounts/{account}/connections", get(connections::list).fallback(wrong_method))
        .route(
            "/accounts/{account}/connections/{id}",
            get(connections::show).fallback(wrong_method),
        )
        .route("/accounts/{account}/groups", get(groups::list).fallback(wrong_method))
        .route("/accounts/{account}/groups/{id}", get(groups::show).fallback(wrong_method))
        .route("/accounts/{account}/groups/{id}/preview", post(previews::members))
        .route("/accounts/{account}/users/{id}/rights", get(effective::show).fallback(wrong_method))
        .route("/accounts/{account}/rights/changes", get(effective::changes).fallback(wrong_method))
        .route("/policy/simulate", post(policy::simulate).fallback(wrong_method))
        .route("/token", post(tokens::issue).fallback(wrong_method))
        .route("/introspect", post(tokens::introspect).fallback(wrong_method))
        .route("/revoke", post(tokens::revoke).fallback(wrong_method))
        .method_not_allowed_fallback(wrong_method)
        .fallback(no_such_endpoint)
}

/// Who supports accounts, and what the operator's staff say of each other.
fn with_support(seat: Router<App>) -> Router<App> {
    seat.route("/accounts/{account}/support-users", get(support::list).fallback(wrong_method))
        .route("/accounts/{account}/support-users/{id}", get(support::show).fallback(wrong_method))
        .route("/accounts/{account}/support-mode", get(support::mode).fallback(wrong_method))
        .route("/accounts/{account}/support-mode", put(support::set_mode))
        .route("/accounts/{account}/team", get(support::team).fallback(wrong_method))
        .route("/accounts/{account}/support-requests", post(requests::ask).fallback(wrong_method))
        .route("/accounts/{account}/support-grants", get(access::list).fallback(wrong_method))
        .route("/accounts/{account}/support-grants/{id}", get(access::show).fallback(wrong_method))
        .route("/accounts/{account}/support-grants/{id}", delete(access::remove))
        .route("/staff/functions", get(functions::list).fallback(wrong_method))
        .route("/staff/functions", post(functions::add))
        .route("/staff/functions/{id}", get(functions::show).fallback(wrong_method))
        .route("/staff/functions/{id}", delete(functions::remove))
        .route("/staff/delegations", get(delegations::list).fallback(wrong_method))
        .route("/staff/delegations", post(delegations::add))
        .route("/staff/delegations/{id}", get(delegations::show).fallback(wrong_method))
        .route("/staff/delegations/{id}", delete(delegations::remove))
        .route("/staff/{id}/background-check", put(checks::note).fallback(wrong_method))
}

/// Accounts, and the people in them.
fn with_accounts(seat: Router<App>) -> Router<App> {
    seat.route("/accounts", get(accounts::list).fallback(wrong_method))
        .route("/accounts", post(accounts::add))
        .route("/accounts/{account}", get(accounts::show).fallback(wrong_method))
        .route("/accounts/{account}/activities.csv", get(activities::csv))
        .route("/accounts/{account}/activities.jsonl", get(activities::json_lines))
        .route("/accounts/{account}/activities.ocsf.jsonl", get(activities::ocsf_lines))
        .route("/accounts/{account}/activities/checkpoint", get(activities::checkpoint))
        .route("/accounts/{account}/activities", get(activities::list).fallback(wrong_method))
        .route("/accounts/{account}/activities/{id}", get(activities::show))
        .route("/accounts/{account}/permissions", get(accounts::permissions))
        .route("/accounts/{account}/permissions/{id}", put(accounts::set_permission))
        .route("/accounts/{account}/conflicts", get(accounts::conflicts))
        .route("/accounts/{account}/conflicts/{id}", put(accounts::set_conflict))
        .route("/accounts/{account}/workspaces", get(workspaces::list).fallback(wrong_method))
        .route("/accounts/{account}/workspaces", post(workspaces::add))
        .route("/accounts/{account}/workspaces/{id}", get(workspaces::show))
        .route("/accounts/{account}/workspaces/{id}", patch(workspaces::edit))
        .route("/accounts/{account}/workspaces/{id}", delete(workspaces::remove))
        .route("/accounts/{account}/users", get(members::list).fallback(wrong_method))
        .route("/accounts/{account}/users", post(members::add))
        .route("/accounts/{account}/users/{id}", get(members::show).fallback(wrong_method))
        .route("/accounts/{account}/users/{id}", patch(members::edit))
        .route("/accounts/{account}/users/{id}", delete(members::remove))
        .route("/accounts/{account}/users/{id}/password-mails", post(members::send_password_mail))
        .route("/accounts/{account}/recipients.csv", get(recipients::export))
        .route("/accounts/{account}/recipients", get(recipients::list).fallback(wrong_method))
        .route("/accounts/{account}/recipients", post(recipients::add))
        .route("/accounts/{account}/recipients/{id}", get(recipients::show))
        .route("/accounts/{account}/recipients/{id}", patch(recipients::edit))
        .route("/accounts/{account}/recipients/{id}", delete(recipients::remove))
        .route(
            "/accounts/{account}/recipients/{id}/password-mails",
            post(recipients::send_password_mail),
        )
        .route("/accounts/{account}/properties", get(properties::list).fallback(wrong_method))
        .route("/accounts/{account}/properties", post(properties::add))
        .route("/accounts/{account}/properties/{id}", get(properties::show))
        .route("/accounts/{account}/properties/{id}", patch(properties::edit))
        .route("/accounts/{account}/properties/{id}", delete(properties::remove))
}

/// Adds the headers that every answer carries.
async fn hardened(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    shield::harden(&app, &mut response);
    response
}

/// A good answer in JSON.
fn answer(body: &Value) -> Response {
    let mut response = body.to_string().into_response();
    let media = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    response
}
