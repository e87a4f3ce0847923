//! Pages of second factors: one's own here, showing one in `step_up`, adding one in `enrol`, the first
//! approvers in `approvers`, links for staff in `staff`.

pub(super) mod approvers;
pub(super) mod enrol;
pub(super) mod staff;
pub(super) mod step_up;

use askama::Template;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::app::factors::{FRESH_SECOND_FACTOR, FRESH_SIGN_IN};
use crate::app::{App, Error};
use crate::domain::factors::{Factor, Kind, Refusal};
use crate::domain::sessions::Session;
use crate::http::login::assets::asset;
use crate::http::login::browser::{Browser, Full, wanted};
use crate::http::login::language::Language;
use crate::http::login::moments::Moment;
use crate::http::login::pages::{Frame, failure, go_to, notice, notice_onward, page};
use crate::http::login::return_to;
use crate::http::login::texts::factors::FactorTexts;

const OWN: &str = "/account/factors";
/// Where one is added by whoever may by their session.
const ENROL: &str = "/enrol/me";

/// A browser with a session, whether or not its second factor is still due.
pub(super) struct Arrived {
    browser: Browser,
    session: Session,
}

/// What was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Just {
    done: String,
}

#[derive(Template)]
#[template(path = "factors/own.html", config = "src/http/askama.toml")]
struct Own<'a> {
    frame: Frame<'a>,
    texts: &'static FactorTexts,
    done: Option<&'static str>,
    rows: Vec<Row>,
    codes_left: String,
}

#[derive(Template)]
#[template(path = "factors/codes.html", config = "src/http/askama.toml")]
struct Codes<'a> {
    frame: Frame<'a>,
    texts: &'static FactorTexts,
    shown: Vec<&'a str>,
    onward: &'a str,
}

/// A factor on the page.
pub(super) struct Row {
    id: String,
    kind: &'static str,
    name: String,
    since: Moment,
    last_used: Option<Moment>,
}

impl FromRequestParts<App> for Arrived {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let browser = Browser::from_request_parts(parts, app).await?;
        if let Some(session) = browser.session.clone() {
            return Ok(Self { browser, session });
        }
        Err(go_to(&return_to::with("/login", wanted(parts))))
    }
}

/// `GET /account/factors`
pub(super) async fn list(
    State(app): State<App>,
    Full { browser, session }: Full,
    Query(just): Query<Just>,
) -> Response {
    let texts = FactorTexts::of(browser.language);
    let factors = match app.factors(&session).await {
        Ok(factors) => factors,
        Err(error) => return failure(&error, browser.language),
    };
    let done = match just.done.as_str() {
        "added" => Some(texts.added),
        "removed" => Some(texts.removed),
        "code" => Some(texts.code_used),
        _ => None,
    };
    let rows = factors.all.iter().map(|factor| row(factor, browser.language)).collect();
    let codes_left = (texts.codes_left)(factors.codes_left);
    let frame = Frame::of(&browser);
    page(StatusCode::OK, &Own { frame, texts, done, rows, codes_left })
}

/// `POST /account/factors/{factor}/remove`
pub(super) async fn remove(
    State(app): State<App>,
    Full { browser, session }: Full,
    Path(id): Path<String>,
) -> Response {
    let removed = match id.parse() {
        Ok(id) => app.remove_factor(&session, id).await,
        Err(_) => Err(Error::NotFound(String::new())),
    };
    match removed {
        Ok(()) => go_to(&format!("{OWN}?done=removed")),
        Err(error) => refused(&error, browser.language, OWN),
    }
}

/// `POST /account/factors/codes`
pub(super) async fn new_codes(State(app): State<App>, Full { browser, session }: Full) -> Response {
    match app.new_recovery_codes(&session).await {
        Ok(codes) => show_codes(&browser, &codes, OWN),
        Err(error) => refused(&error, browser.language, OWN),
    }
}

/// `GET /assets/passkey.js`
pub(super) async fn script() -> impl IntoResponse {
    asset("text/javascript; charset=utf-8", include_str!("assets/passkey.js"))
}

/// Recovery codes, this once.
fn show_codes(browser: &Browser, codes: &[SecretString], onward: &str) -> Response {
    let texts = FactorTexts::of(browser.language);
    let shown = codes.iter().map(ExposeSecret::expose_secret).collect();
    page(StatusCode::OK, &Codes { frame: Frame::of(browser), texts, shown, onward })
}

/// Where a fresh second factor is asked for, the browser is sent to show it and comes back to `place`.
fn refused(error: &Error, language: Language, place: &str) -> Response {
    let Error::Denied { rule, .. } = error else { return failure(error, language) };
    if *rule == FRESH_SECOND_FACTOR {
        return go_to(&return_to::with("/step-up", place));
    }
    let texts = FactorTexts::of(language);
    match texts.rule(rule) {
        Some(words) => notice(StatusCode::FORBIDDEN, language, (texts.refused, words)),
        None => failure(error, language),
    }
}

/// The same for somebody who wants to add a factor: where a fresh sign-in is asked for, they are led to the
/// provider at which their session began.
async fn not_enrolled(app: &App, browser: &Browser, session: &Session, error: &Error) -> Response {
    let is_due = matches!(error, Error::Denied { rule, .. } if *rule == FRESH_SIGN_IN);
    let there = if is_due { again_there(app, session, ENROL).await } else { Ok(None) };
    let texts = FactorTexts::of(browser.language);
    match there {
        Ok(Some(place)) => {
            let words = (texts.refused, texts.again_first);
            let onward = (place.as_str(), texts.again_there);
            notice_onward(StatusCode::FORBIDDEN, browser.language, words, onward)
        }
        Ok(None) => refused(error, browser.language, OWN),
        Err(error) => failure(&error, browser.language),
    }
}

/// Where somebody whose session began at a provider proves there anew who they are, to come back to
/// `wanted`.
async fn again_there(app: &App, session: &Session, wanted: &str) -> Result<Option<String>, Error> {
    let there = app.provider_of(session).await?;
    Ok(there.map(|(account, sso)| {
        let place = return_to::with(&format!("/accounts/{account}/sso/{sso}/start"), wanted);
        let mark = if place.contains('?') { '&' } else { '?' };
        format!("{place}{mark}fresh=1")
    }))
}

/// What a refusal says, and its status.
fn problem(refusal: Refusal, language: Language) -> (StatusCode, String) {
    let texts = FactorTexts::of(language);
    match refusal {
        Refusal::Wrong => (StatusCode::BAD_REQUEST, texts.wrong.to_owned()),
        Refusal::Expired => (StatusCode::BAD_REQUEST, texts.expired.to_owned()),
        Refusal::LockedUntil(until) => {
            let words = (texts.locked_until)(&Moment::new(until, language).words);
            (StatusCode::TOO_MANY_REQUESTS, words)
        }
        Refusal::LockedForStaff => (StatusCode::TOO_MANY_REQUESTS, texts.locked_staff.to_owned()),
    }
}

fn row(factor: &Factor, language: Language) -> Row {
    let texts = FactorTexts::of(language);
    Row {
        id: factor.id.to_string(),
        kind: match factor.kind {
            Kind::Totp => texts.app,
            Kind::Passkey => texts.passkey,
        },
        name: factor.name.clone(),
        since: Moment::new(factor.created_at, language),
        last_used: factor.last_used_at.map(|at| Moment::new(at, language)),
    }
}
