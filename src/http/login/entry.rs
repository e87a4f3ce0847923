//! Finding the way in: which account, and by what.
//!
//! Strangers learn no account's name here. An account that does not exist looks like one without SSO
//! connections; those of one that has them are shown, since its people need them, to whoever knows its
//! short name.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use crate::app::App;
use crate::domain::account::{Slug, WaysIn};
use crate::http::login::browser::Browser;
use crate::http::login::pages::{self, Frame, failure, go_to, page};
use crate::http::login::return_to;

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct Wanted {
    pub(in crate::http) return_to: String,
}

/// What was written into the form of `/login`.
#[derive(Debug, Deserialize)]
pub(super) struct Written {
    organisation: String,
    #[serde(default)]
    return_to: String,
}

/// The ways into an account, asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::http) struct Asked<'a> {
    /// The account's short name, as the address says it.
    pub(in crate::http) account: &'a str,
    /// Where to go afterwards.
    pub(in crate::http) return_to: &'a str,
    /// The user name that was written before, to be shown again.
    pub(in crate::http) user_name: &'a str,
    /// What went wrong with it, in the browser's language.
    pub(in crate::http) problem: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "find.html", config = "src/http/askama.toml")]
struct Find<'a> {
    frame: Frame<'a>,
    return_to: &'a str,
    organisation: &'a str,
    problem: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "door.html", config = "src/http/askama.toml")]
struct Door<'a> {
    frame: Frame<'a>,
    asked: Asked<'a>,
    return_to: &'a str,
    ways: WaysIn,
}

impl Door<'_> {
    /// Where the sign-in with a connection begins.
    fn start(&self, sso: &impl std::fmt::Display) -> String {
        let path = format!("/accounts/{}/sso/{sso}/start", self.asked.account);
        return_to::with(&path, self.return_to)
    }

    /// Where the choice of an organisation is.
    fn other(&self) -> String {
        return_to::with("/login", self.return_to)
    }
}

/// `GET /login`
pub(super) async fn ask(browser: Browser, Query(wanted): Query<Wanted>) -> Response {
    let return_to = return_to::local(&wanted.return_to);
    let frame = Frame::of(&browser);
    page(StatusCode::OK, &Find { frame, return_to, organisation: "", problem: None })
}

/// `POST /login`: always goes to the ways into some account, whether there is one or not.
pub(super) async fn find(
    State(app): State<App>,
    browser: Browser,
    Form(written): Form<Written>,
) -> Response {
    let return_to = return_to::local(&written.return_to);
    match app.find_account(&written.organisation).await {
        Ok(Some(slug)) => {
            go_to(&return_to::with(&format!("/accounts/{}/login", slug.as_str()), return_to))
        }
        Ok(None) => {
            let frame = Frame::of(&browser);
            let problem = Some(frame.texts.find.unusable);
            let organisation = &written.organisation;
            page(StatusCode::BAD_REQUEST, &Find { frame, return_to, organisation, problem })
        }
        Err(error) => failure(&error, browser.language),
    }
}

/// `GET /accounts/{account}/login`
pub(super) async fn ways_in(
    State(app): State<App>,
    browser: Browser,
    Path(account): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Response {
    let asked = Asked { account: &account, return_to: &wanted.return_to, ..Asked::default() };
    show(&app, &browser, asked, StatusCode::OK).await
}

/// The ways into an account as a page; also for a sign-in that failed.
pub(in crate::http) async fn show(
    app: &App,
    browser: &Browser,
    asked: Asked<'_>,
    status: StatusCode,
) -> Response {
    let Ok(slug) = Slug::parse(asked.account) else {
        return pages::refusal(StatusCode::NOT_FOUND, browser.language);
    };
    match app.ways_in(&slug).await {
        Ok(ways) => {
            let (frame, return_to) = (Frame::of(browser), return_to::local(asked.return_to));
            page(status, &Door { frame, asked, return_to, ways })
        }
        Err(error) => failure(&error, browser.language),
    }
}
