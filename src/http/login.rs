//! The pages by which people come in: server-rendered, without JavaScript but for passkeys, in French
//! and English.
//!
//! To add a page: a template that extends `layout.html`, a struct with a [`Frame`](pages::Frame) for it,
//! a line in [`routes`], and a row in the table of `tests/it/login/pages.rs`.

mod agents;
pub(in crate::http) mod assets;
pub(in crate::http) mod browser;
pub(in crate::http) mod cookies;
mod entry;
mod factors;
pub(in crate::http) mod language;
mod moments;
pub(in crate::http) mod pages;
mod passwords;
mod policy;
pub(in crate::http) mod return_to;
mod sessions;
pub(in crate::http) mod shield;
mod sso;
mod texts;
pub(in crate::http) mod visitors;

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
        .route("/signed-out", get(sso::signed_out))
        .route("/accounts/{account}/sso/{sso}/start", get(sso::start).post(sso::start_by_form))
        .route("/accounts/{account}/sso/{sso}/backchannel-logout", post(sso::back_channel_logout))
        .route("/oidc/callback/{sso}", get(sso::callback).post(sso::callback_by_form))
        .route("/account/sessions", get(sessions::list))
        .route("/account/sessions/revoke-others", post(sessions::revoke_others))
        .route("/account/sessions/{session}/revoke", post(sessions::revoke))
        .route("/step-up", get(factors::step_up::ask))
        .route("/step-up/code", post(factors::step_up::code))
        .route("/step-up/recovery", post(factors::step_up::recovery))
        .route("/step-up/passkey", post(factors::step_up::passkey))
        .route("/step-up/passkey/options", post(factors::step_up::options))
        .route("/enrol/{door}", get(factors::enrol::choose))
        .route("/enrol/{door}/app", post(factors::enrol::begin_app))
        .route("/enrol/{door}/app/confirm", post(factors::enrol::finish_app))
        .route("/enrol/{door}/passkey", post(factors::enrol::finish_passkey))
        .route("/enrol/{door}/passkey/options", post(factors::enrol::options))
        .route("/account/factors", get(factors::list))
        .route("/account/factors/codes", post(factors::new_codes))
        .route("/account/factors/{factor}/remove", post(factors::remove))
        .route("/bootstrap", get(factors::approvers::show).post(factors::approvers::confirm))
        .route("/staff", get(factors::staff::list))
        .route("/staff/{user}/link", post(factors::staff::make_link))
        .route("/policy", get(policy::show))
        .route("/assets/passkey.js", get(factors::script))
        .route("/assets/countersign.css", get(assets::stylesheet))
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(shield::panics())
        .layer(middleware::from_fn_with_state(app.clone(), shield::shield))
}
