//! The edges: each extracts an actor, parses, makes one call to `app`, and renders. Only here do
//! status codes have names.

mod access;
mod api;
pub mod demo;
mod login;
mod observe;
pub mod operations;
mod origin;
mod scim;
pub mod tidy_path;

use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::app::App;
use crate::domain::event::origin::Door;

/// How long a request may take, its body included.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);

/// All that the public listener serves.
pub fn router(app: App) -> Router {
    let by = |door: Door| middleware::from_fn_with_state((app.clone(), door), origin::note);
    Router::new()
        .nest("/accounts/{account}/scim", scim::routes(&app).layer(by(Door::Scim)))
        .merge(login::routes(&app).layer(by(Door::Console)))
        .merge(api::routes(&app).layer(by(Door::Api)))
        .merge(access::routes(&app).layer(by(Door::Api)))
        .fallback(login::shield::nowhere)
        .layer(CatchPanicLayer::custom(scim::error::panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIMEOUT))
        .layer(middleware::from_fn(observe::observe))
        .with_state(app)
}

/// The router behind the tolerance for paths that identity providers write badly.
pub fn service(app: App) -> tidy_path::TidyPath<Router> {
    tidy_path::TidyPath::new(router(app))
}
