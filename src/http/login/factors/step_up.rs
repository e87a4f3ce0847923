//! `/step-up`: showing a second factor, after the first or again. The only pages that a pending
//! session reaches, beside those that enrol a first factor.

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::factors::showing::Tried;
use crate::app::{App, Error};
use crate::domain::factors::Kind;
use crate::http::login::browser::Browser;
use crate::http::login::entry::Wanted;
use crate::http::login::factors::{Arrived, OWN, again_there, problem, refused};
use crate::http::login::pages::{Frame, failure, page, sign_in_done};
use crate::http::login::return_to;
use crate::http::login::texts::factors::FactorTexts;

/// What was shown.
#[derive(Deserialize)]
pub(in crate::http::login) struct Written {
    /// A code, or a browser's answer as JSON.
    #[serde(default)]
    code: String,
    #[serde(default)]
    return_to: String,
}

#[derive(Template)]
#[template(path = "factors/step_up.html", config = "src/http/askama.toml")]
struct StepUp<'a> {
    frame: Frame<'a>,
    texts: &'static FactorTexts,
    problem: Option<String>,
    return_to: &'a str,
    has_passkey: bool,
    has_app: bool,
    has_codes: bool,
    /// Where to sign in anew at the provider, which may have them show a second factor.
    again: Option<String>,
    /// What to do without any, and whether it is to add one.
    nothing: (&'static str, Option<&'static str>),
}

/// `GET /step-up`
pub(in crate::http::login) async fn ask(
    State(app): State<App>,
    arrived: Arrived,
    Query(wanted): Query<Wanted>,
) -> Response {
    ask_again(&app, &arrived, &wanted.return_to, None).await
}

/// `POST /step-up/code`: a code of an authenticator app.
pub(in crate::http::login) async fn code(
    State(app): State<App>,
    arrived: Arrived,
    Form(written): Form<Written>,
) -> Response {
    let visitor = arrived.browser.visitor.clone();
    let tried = app.show_totp(&arrived.session, &written.code, visitor).await;
    answer(&app, &arrived, &written.return_to, tried).await
}

/// `POST /step-up/recovery`: a recovery code. Afterwards the browser goes to where it is told how many
/// are left.
pub(in crate::http::login) async fn recovery(
    State(app): State<App>,
    arrived: Arrived,
    Form(written): Form<Written>,
) -> Response {
    let visitor = arrived.browser.visitor.clone();
    let tried = app.show_recovery_code(&arrived.session, &written.code, visitor).await;
    let used = format!("{OWN}?done=code");
    let is_right = matches!(tried, Ok(Tried::Right(_)));
    let place = if is_right { &used } else { &written.return_to };
    answer(&app, &arrived, place, tried).await
}

/// `POST /step-up/passkey/options`: what the browser asks the authenticator.
pub(in crate::http::login) async fn options(State(app): State<App>, arrived: Arrived) -> Response {
    match app.begin_passkey_showing(&arrived.session).await {
        Ok(options) => json(options),
        Err(error) => refused(&error, arrived.browser.language, OWN),
    }
}

/// `POST /step-up/passkey`: what the authenticator answered.
pub(in crate::http::login) async fn passkey(
    State(app): State<App>,
    arrived: Arrived,
    Form(written): Form<Written>,
) -> Response {
    let visitor = arrived.browser.visitor.clone();
    let tried = app.show_passkey(&arrived.session, &written.code, visitor).await;
    answer(&app, &arrived, &written.return_to, tried).await
}

/// JSON for our own script.
pub(super) fn json(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

async fn answer(
    app: &App,
    arrived: &Arrived,
    wanted: &str,
    tried: Result<Tried, Error>,
) -> Response {
    match tried {
        Ok(Tried::Right(now)) => sign_in_done(&now, wanted),
        Ok(Tried::Refused(refusal)) => {
            let problem = problem(refusal, arrived.browser.language);
            ask_again(app, arrived, wanted, Some(problem)).await
        }
        Err(error) => refused(&error, arrived.browser.language, wanted),
    }
}

async fn ask_again(
    app: &App,
    arrived: &Arrived,
    wanted: &str,
    problem: Option<(StatusCode, String)>,
) -> Response {
    let Arrived { browser, session } = arrived;
    let found = async {
        let factors = app.factors(session).await?;
        let again = again_there(app, session, return_to::local(wanted)).await?;
        Ok::<_, Error>((factors, again))
    };
    match found.await {
        Ok((factors, again)) => {
            let (status, problem) = problem.unzip();
            let can_use_passkeys = app.can_use_passkeys();
            let template = StepUp {
                problem,
                has_passkey: can_use_passkeys && factors.has(Kind::Passkey),
                has_app: factors.has(Kind::Totp),
                has_codes: factors.codes_left > 0,
                ..StepUp::of(browser, session.is_staff, wanted, again)
            };
            page(status.unwrap_or(StatusCode::OK), &template)
        }
        Err(error) => failure(&error, browser.language),
    }
}

impl<'a> StepUp<'a> {
    /// For somebody who has nothing to show.
    fn of(browser: &'a Browser, is_staff: bool, wanted: &'a str, again: Option<String>) -> Self {
        let texts = FactorTexts::of(browser.language);
        Self {
            frame: Frame::of(browser),
            texts,
            problem: None,
            return_to: return_to::local(wanted),
            has_passkey: false,
            has_app: false,
            has_codes: false,
            again,
            nothing: if is_staff {
                (texts.nothing_staff, None)
            } else {
                (texts.nothing, Some(texts.add))
            },
        }
    }
}
