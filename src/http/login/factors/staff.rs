//! `/staff`: approvers see which of the operator's staff have a second factor, and make links for those
//! who have none. A link is shown once, in the answer to the form.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use crate::app::factors::staff::{EnrolmentLink, Member, StaffPage};
use crate::app::{App, Error, Outcome};
use crate::domain::actor::Actor;
use crate::domain::command::{Command, IssueEnrolmentLink};
use crate::domain::sessions::Session;
use crate::http::login::browser::{Browser, Full};
use crate::http::login::factors::refused;
use crate::http::login::moments::Moment;
use crate::http::login::pages::{Frame, page};
use crate::http::login::texts::staff::StaffTexts;

const HERE: &str = "/staff";

/// Where the list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http::login) struct Wanted {
    after: String,
}

#[derive(Template)]
#[template(path = "factors/staff.html", config = "src/http/askama.toml")]
struct Staff<'a> {
    frame: Frame<'a>,
    texts: &'static StaffTexts,
    rows: Vec<Row>,
    is_alone: bool,
    is_first: bool,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "factors/link.html", config = "src/http/askama.toml")]
struct Link<'a> {
    frame: Frame<'a>,
    texts: &'static StaffTexts,
    heading: String,
    hand_over: String,
    url: &'a str,
    until: Moment,
}

/// Somebody on the page.
struct Row {
    id: String,
    is_own: bool,
    user_name: String,
    display_name: String,
    has_factor: bool,
    link_until: Option<Moment>,
}

/// `GET /staff`
pub(in crate::http::login) async fn list(
    State(app): State<App>,
    Full { browser, session }: Full,
    Query(wanted): Query<Wanted>,
) -> Response {
    let behind = wanted.after.parse().ok();
    match app.list_staff(&session, behind).await {
        Ok(staff) => show(&browser, &session, staff, behind.is_none()),
        Err(error) => refused(&error, browser.language, HERE),
    }
}

/// `POST /staff/{user}/link`
pub(in crate::http::login) async fn make_link(
    State(app): State<App>,
    Full { browser, session }: Full,
    Path(user): Path<String>,
) -> Response {
    match make(&app, &session, &user).await {
        Ok(link) => show_link(&app, &browser, &link),
        Err(error) => refused(&error, browser.language, HERE),
    }
}

async fn make(app: &App, session: &Session, user: &str) -> Result<EnrolmentLink, Error> {
    let nobody = || Error::NotFound(String::new());
    let user = user.parse().map_err(|_| nobody())?;
    let issue = IssueEnrolmentLink { account: session.account, user };
    let actor = Actor::User(session.signed_in());
    match app.change(&actor, Command::IssueEnrolmentLink(issue)).await? {
        Outcome::EnrolmentLink(link) => Ok(link),
        Outcome::Done
        | Outcome::Resource(_)
        | Outcome::Account(_)
        | Outcome::Token(_)
        | Outcome::Sso(_)
        | Outcome::ProductKey(_)
        | Outcome::SigningKey(_)
        | Outcome::Rights(_)
        | Outcome::Person(_)
        | Outcome::Workspace(_)
        | Outcome::Approval(_)
        | Outcome::Waiting(..)
        | Outcome::Support(_) => Err(nobody()),
    }
}

fn show(browser: &Browser, session: &Session, staff: StaffPage, is_first: bool) -> Response {
    let row = |member: Member| Row {
        id: member.user.to_string(),
        is_own: member.user == session.user,
        user_name: member.user_name,
        display_name: member.display_name,
        has_factor: member.has_factor,
        link_until: member.link_until.map(|at| Moment::new(at, browser.language)),
    };
    let rows: Vec<Row> = staff.members.into_iter().map(row).collect();
    let template = Staff {
        frame: Frame::of(browser),
        texts: StaffTexts::of(browser.language),
        is_alone: rows.iter().all(|row| row.is_own) && (is_first || rows.is_empty()),
        rows,
        is_first,
        next: staff.next.map(|behind| format!("{HERE}?after={behind}")),
    };
    page(StatusCode::OK, &template)
}

fn show_link(app: &App, browser: &Browser, link: &EnrolmentLink) -> Response {
    let texts = StaffTexts::of(browser.language);
    let template = Link {
        frame: Frame::of(browser),
        texts,
        heading: (texts.link_for)(&link.display_name),
        hand_over: (texts.hand_over)(&link.display_name),
        url: &app.enrolment_url(&link.secret),
        until: Moment::new(link.expires_at, browser.language),
    };
    page(StatusCode::OK, &template)
}
