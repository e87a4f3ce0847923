//! Who you are, your sessions, and their end.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use serde::Deserialize;

use crate::app::rights::who_has::Holder;
use crate::app::{App, Error};
use crate::domain::account::Account;
use crate::domain::sessions::{EndedWhy, Portrait, Session, Way};
use crate::http::login::browser::{Browser, Full};
use crate::http::login::language::Language;
use crate::http::login::moments::Moment;
use crate::http::login::pages::{Frame, failure, go_to, page};
use crate::http::login::texts::passwords;
use crate::http::login::texts::staff::StaffTexts;
use crate::http::login::{agents, cookies, sso};

/// What was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Just {
    done: String,
}

#[derive(Template)]
#[template(path = "home.html", config = "src/http/askama.toml")]
struct Home<'a> {
    frame: Frame<'a>,
    who: Option<&'a Portrait>,
    way: &'a str,
    second_factor_at: Option<Moment>,
    administrators: Vec<Holder>,
    by_password: bool,
    change_password: &'a str,
    staff: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "sessions.html", config = "src/http/askama.toml")]
struct Sessions<'a> {
    frame: Frame<'a>,
    done: Option<&'a str>,
    rows: Vec<Row>,
}

/// A session on the page.
struct Row {
    id: String,
    is_this: bool,
    /// A number that tells apart what a screen reader reads of each row.
    browser: Option<String>,
    agent: String,
    address: Option<String>,
    organisation: String,
    way: &'static str,
    began: Moment,
    last_used: Moment,
    ends: Moment,
}

/// `GET /`
pub(super) async fn home(State(app): State<App>, Full { browser, session }: Full) -> Response {
    let sees_staff = match app.may_see_staff(&session).await {
        Ok(sees_staff) => sees_staff,
        Err(error) => return failure(&error, browser.language),
    };
    let administrators = match app.administrators(&session).await {
        Ok(administrators) => administrators,
        Err(error) => return failure(&error, browser.language),
    };
    let frame = Frame::of(&browser);
    let way = way(&session, frame);
    let at = session.second_factor_at;
    let second_factor_at = at.map(|at| Moment::new(at, browser.language));
    let home = Home {
        frame,
        who: browser.who.as_ref(),
        way,
        second_factor_at,
        administrators,
        by_password: session.way == Way::Password,
        change_password: passwords::Texts::of(browser.language).another,
        staff: sees_staff.then_some(StaffTexts::of(browser.language).staff),
    };
    page(StatusCode::OK, &home)
}

/// `GET /account/sessions`
pub(super) async fn list(
    State(app): State<App>,
    Full { browser, session }: Full,
    Query(just): Query<Just>,
) -> Response {
    let frame = Frame::of(&browser);
    let texts = &frame.texts.account;
    let (status, done) = match just.done.as_str() {
        "one" => (StatusCode::OK, Some(texts.revoked)),
        "others" => (StatusCode::OK, Some(texts.revoked_others)),
        "none" => (StatusCode::OK, Some(texts.not_found)),
        _ => (StatusCode::OK, None),
    };
    match rows(&app, &session, frame, browser.language).await {
        Ok(rows) => page(status, &Sessions { frame, done, rows }),
        Err(error) => failure(&error, browser.language),
    }
}

/// `POST /account/sessions/{session}/revoke`: the browser's own ends like by signing out.
pub(super) async fn revoke(State(app): State<App>, full: Full, Path(id): Path<String>) -> Response {
    if id == full.session.id.to_string() {
        return sign_out(State(app), full.browser).await;
    }
    let revoked = match id.parse() {
        Ok(id) => app.revoke_session(&full.session, id).await,
        Err(_) => Err(Error::NotFound(String::new())),
    };
    match revoked {
        Ok(()) => go_to("/account/sessions?done=one"),
        Err(Error::NotFound(_)) => go_to("/account/sessions?done=none"),
        Err(error) => failure(&error, full.browser.language),
    }
}

/// `POST /account/sessions/revoke-others`
pub(super) async fn revoke_others(State(app): State<App>, full: Full) -> Response {
    match app.revoke_other_sessions(&full.session, EndedWhy::Revoked).await {
        Ok(()) => go_to("/account/sessions?done=others"),
        Err(error) => failure(&error, full.browser.language),
    }
}

/// `POST /logout`: whoever has no session is signed out already.
pub(super) async fn sign_out(State(app): State<App>, browser: Browser) -> Response {
    let ended = match &browser.session {
        Some(session) => sso::sign_out(&app, session, browser.language).await,
        None => Ok(go_to("/signed-out")),
    };
    let mut response = match ended {
        Ok(response) => response,
        Err(error) => return failure(&error, browser.language),
    };
    response.headers_mut().append(header::SET_COOKIE, cookies::no_session());
    response
}

async fn rows(
    app: &App,
    own: &Session,
    frame: Frame<'_>,
    language: Language,
) -> Result<Vec<Row>, Error> {
    let sessions = app.sessions(own).await?;
    let accounts = app.accounts_of(&sessions).await?;
    let row = |session: Session| row(session, own, &accounts, (frame, language));
    Ok(sessions.into_iter().map(row).collect())
}

fn row(
    session: Session,
    own: &Session,
    accounts: &[Account],
    (frame, language): (Frame<'_>, Language),
) -> Row {
    let account = accounts.iter().find(|account| account.id == session.account);
    let moment = |at| Moment::new(at, language);
    Row {
        id: session.id.to_string(),
        is_this: session.id == own.id,
        browser: agents::describe(&session.visitor.agent),
        way: way(&session, frame),
        began: moment(session.created_at),
        last_used: moment(session.last_seen_at),
        ends: moment(session.expires_at),
        organisation: account.map(|account| account.name.clone()).unwrap_or_default(),
        agent: session.visitor.agent,
        address: session.visitor.ip,
    }
}

fn way(session: &Session, frame: Frame<'_>) -> &'static str {
    match session.way {
        Way::Sso => frame.texts.account.by_sso,
        Way::Password => frame.texts.account.by_password,
    }
}
