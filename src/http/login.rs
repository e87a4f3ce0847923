//! The pages by which people come in: server-rendered, without JavaScript but for passkeys, in French
//! and English.
//!
//! To add a page: a template that extends `layout.html`, a struct with a [`Frame`](pages::Frame) for it,
//! a line in [`routes`], and a row in the table of `tests/it/login/pages.rs`.

mod agents;
mod assets;
pub(in crate::http) mod browser;
pub(in crate::http) mod cookies;
mod entry;
pub(in crate::http) mod language;
mod moments;
pub(in crate::http) mod pages;
mod passwords;
pub(in crate::http) mod return_to;
mod sessions;
pub(in crate::http) mod shield;
mod texts;
mod visitors;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};

use crate::app::App;

/// No form of ours is larger.
const FORM_BYTES: usize = 64 * 1024;

/// All pages.
pub(super) fn routes(app: &App) -> Router<App> {
    Router::new()
        .route("/", get(sessions::home))
        .route("/login", get(entry::ask).post(entry::find))
        .route("/accounts/{account}/login", get(entry::ways_in))
        .route("/accounts/{account}/login/password", post(passwords::sign_in))
        .route("/forgot", get(passwords::ask).post(passwords::send))
        .route("/link/{secret}", get(passwords::open).post(passwords::choose))
        .route("/account/password", get(passwords::ask_new).post(passwords::change))
        .route("/logout", post(sessions::sign_out))
        .route("/signed-out", get(sessions::signed_out))
        .route("/account/sessions", get(sessions::list))
        .route("/account/sessions/revoke-others", post(sessions::revoke_others))
        .route("/account/sessions/{session}/revoke", post(sessions::revoke))
        .route("/assets/countersign.css", get(assets::stylesheet))
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(shield::panics())
        .layer(middleware::from_fn_with_state(app.clone(), shield::shield))
}
