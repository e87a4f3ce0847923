//! `/bootstrap`: the first two approvers confirm each other. To everybody else there is no such page.

use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use crate::app::App;
use crate::app::bootstrap::Confirming;
use crate::http::login::browser::Full;
use crate::http::login::factors::{Row, refused, row};
use crate::http::login::pages::{Frame, failure, go_to, page, refusal};
use crate::http::login::texts::factors::FactorTexts;

const HERE: &str = "/bootstrap";

/// Who was on the page when it was said.
#[derive(Debug, Deserialize)]
pub(in crate::http::login) struct Said {
    #[serde(default)]
    other: String,
}

#[derive(Template)]
#[template(path = "factors/approvers.html", config = "src/http/askama.toml")]
struct Approvers<'a> {
    frame: Frame<'a>,
    texts: &'static FactorTexts,
    two: &'a Confirming,
    other: String,
    factors: Vec<Row>,
}

/// `GET /bootstrap`
pub(in crate::http::login) async fn show(
    State(app): State<App>,
    Full { browser, session }: Full,
) -> Response {
    let two = match app.bootstrap_of(&session).await {
        Ok(Some(two)) => two,
        Ok(None) => return refusal(StatusCode::NOT_FOUND, browser.language),
        Err(error) => return failure(&error, browser.language),
    };
    let factors = two.other.factors.all.iter().map(|factor| row(factor, browser.language));
    let template = Approvers {
        frame: Frame::of(&browser),
        texts: FactorTexts::of(browser.language),
        other: two.other.user.to_string(),
        factors: factors.collect(),
        two: &two,
    };
    page(StatusCode::OK, &template)
}

/// `POST /bootstrap`
pub(in crate::http::login) async fn confirm(
    State(app): State<App>,
    Full { browser, session }: Full,
    Form(said): Form<Said>,
) -> Response {
    match app.confirm_bootstrap(&session, &said.other).await {
        Ok(()) => go_to(HERE),
        Err(error) => refused(&error, browser.language, HERE),
    }
}
