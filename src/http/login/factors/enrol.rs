//! `/enrol/{door}`: adding a second factor. The door is `me` for whoever may by their session, else the
//! secret of a one-time link. Opening a link shows a page; only the enrolment uses it up.

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use crate::app::factors::enrolment::{Enrolled, Enroller, NewSeed};
use crate::app::{App, Error};
use crate::domain::factors::Refusal;
use crate::domain::sessions::Session;
use crate::http::login::browser::Browser;
use crate::http::login::cookies;
use crate::http::login::factors::step_up::json;
use crate::http::login::factors::{Arrived, OWN, not_enrolled, problem, refused, show_codes};
use crate::http::login::pages::{Frame, failure, go_to, notice, page};
use crate::http::login::texts::factors::FactorTexts;

/// The door of whoever may by their session.
const ME: &str = "me";

/// What was written, or answered by the authenticator.
#[derive(Deserialize)]
pub(in crate::http::login) struct Written {
    #[serde(default)]
    code: String,
    #[serde(default)]
    name: String,
}

#[derive(Template)]
#[template(path = "factors/enrol.html", config = "src/http/askama.toml")]
struct Choice<'a> {
    frame: Frame<'a>,
    texts: &'static FactorTexts,
    problem: Option<String>,
    door: &'a str,
    can_use_passkeys: bool,
}

#[derive(Template)]
#[template(path = "factors/seed.html", config = "src/http/askama.toml")]
struct Seed<'a> {
    frame: Frame<'a>,
    texts: &'static FactorTexts,
    problem: Option<String>,
    door: &'a str,
    name: &'a str,
    secret: String,
    side: i32,
    path: &'a str,
}

/// `GET /enrol/{door}`
pub(in crate::http::login) async fn choose(
    State(app): State<App>,
    browser: Browser,
    Path(door): Path<String>,
) -> Response {
    let Some(session) = browser.session.clone() else {
        // The link is not passed on to the sign-in: it would be kept there.
        let texts = FactorTexts::of(browser.language);
        let words = (texts.sign_in_first, texts.open_again);
        return notice(StatusCode::UNAUTHORIZED, browser.language, words);
    };
    match enroller(&app, &session, &door).await {
        Ok(_) => choice(&app, &browser, &door, None),
        Err(error) => not_enrolled(&app, &browser, &session, &error).await,
    }
}

/// `POST /enrol/{door}/app`: a new seed.
pub(in crate::http::login) async fn begin_app(
    State(app): State<App>,
    Arrived { browser, session }: Arrived,
    Path(door): Path<String>,
) -> Response {
    let begun = async {
        let enroller = enroller(&app, &session, &door).await?;
        app.begin_totp(&enroller).await
    };
    match begun.await {
        Ok(seed) => show_seed(&browser, &door, &seed, None),
        Err(error) => not_enrolled(&app, &browser, &session, &error).await,
    }
}

/// `POST /enrol/{door}/app/confirm`: its first code.
pub(in crate::http::login) async fn finish_app(
    State(app): State<App>,
    Arrived { browser, session }: Arrived,
    Path(door): Path<String>,
    Form(written): Form<Written>,
) -> Response {
    let enroller = match enroller(&app, &session, &door).await {
        Ok(enroller) => enroller,
        Err(error) => return not_enrolled(&app, &browser, &session, &error).await,
    };
    let visitor = browser.visitor.clone();
    let enrolled = app.finish_totp(&enroller, &written.code, &written.name, visitor).await;
    if let Ok(Enrolled::Refused(Refusal::Wrong)) = enrolled {
        let again = app.seed_again(&enroller).await;
        return match again {
            Ok(Some(seed)) => show_seed(&browser, &door, &seed, Some(&written.name)),
            Ok(None) => answer(&app, &browser, &door, enrolled).await,
            Err(error) => failure(&error, browser.language),
        };
    }
    answer(&app, &browser, &door, enrolled).await
}

/// `POST /enrol/{door}/passkey/options`: what the browser asks the authenticator.
pub(in crate::http::login) async fn options(
    State(app): State<App>,
    Arrived { browser, session }: Arrived,
    Path(door): Path<String>,
) -> Response {
    let begun = async {
        let enroller = enroller(&app, &session, &door).await?;
        app.begin_passkey(&enroller).await
    };
    match begun.await {
        Ok(options) => json(options),
        Err(error) => not_enrolled(&app, &browser, &session, &error).await,
    }
}

/// `POST /enrol/{door}/passkey`: what the authenticator answered.
pub(in crate::http::login) async fn finish_passkey(
    State(app): State<App>,
    Arrived { browser, session }: Arrived,
    Path(door): Path<String>,
    Form(written): Form<Written>,
) -> Response {
    let enroller = match enroller(&app, &session, &door).await {
        Ok(enroller) => enroller,
        Err(error) => return not_enrolled(&app, &browser, &session, &error).await,
    };
    let visitor = browser.visitor.clone();
    let enrolled = app.finish_passkey(&enroller, &written.code, &written.name, visitor).await;
    answer(&app, &browser, &door, enrolled).await
}

async fn enroller(app: &App, session: &Session, door: &str) -> Result<Enroller, Error> {
    if door == ME {
        app.enrol_by_session(session).await
    } else {
        app.enrol_by_link(session, door).await
    }
}

async fn answer(
    app: &App,
    browser: &Browser,
    door: &str,
    enrolled: Result<Enrolled, Error>,
) -> Response {
    let (now, codes) = match enrolled {
        Ok(Enrolled::Done { now, recovery_codes }) => (now, recovery_codes),
        Ok(Enrolled::Refused(refusal)) => {
            return choice(app, browser, door, Some(problem(refusal, browser.language)));
        }
        Err(error) => return refused(&error, browser.language, OWN),
    };
    // A first approver has the other one to confirm.
    let onward = match app.bootstrap_of(&now.session).await {
        Ok(Some(two)) if !two.is_complete => "/bootstrap",
        Ok(_) | Err(_) => OWN,
    };
    let browser = Browser { session: Some(now.session), ..browser.clone() };
    let mut response = if codes.is_empty() {
        go_to(&format!("{OWN}?done=added"))
    } else {
        show_codes(&browser, &codes, onward)
    };
    response.headers_mut().append(header::SET_COOKIE, cookies::session(&now.secret));
    response
}

fn choice(
    app: &App,
    browser: &Browser,
    door: &str,
    problem: Option<(StatusCode, String)>,
) -> Response {
    let (status, problem) = problem.unzip();
    let template = Choice {
        frame: Frame::of(browser),
        texts: FactorTexts::of(browser.language),
        problem,
        door,
        can_use_passkeys: app.can_use_passkeys(),
    };
    page(status.unwrap_or(StatusCode::OK), &template)
}

/// The seed; again with the name that was written if its first code was wrong.
fn show_seed(browser: &Browser, door: &str, seed: &NewSeed, again: Option<&str>) -> Response {
    let texts = FactorTexts::of(browser.language);
    let grouped: Vec<String> = seed
        .secret
        .expose_secret()
        .as_bytes()
        .chunks(4)
        .map(|four| String::from_utf8_lossy(four).into_owned())
        .collect();
    let template = Seed {
        frame: Frame::of(browser),
        texts,
        problem: again.map(|_| texts.wrong.to_owned()),
        door,
        name: again.unwrap_or_default(),
        secret: grouped.join(" "),
        side: seed.side,
        path: &seed.path,
    };
    let status = if again.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    page(status, &template)
}
