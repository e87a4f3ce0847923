//! Signing in by a password, asking for another one, choosing one by a link or in a session.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::app::passwords::links::{Asked as Wish, Opened};
use crate::app::passwords::{Chosen, PasswordEntry, Tried};
use crate::app::{App, Error};
use crate::domain::passwords::links::Purpose;
use crate::domain::users::contact;
use crate::http::login::browser::{Browser, Full};
use crate::http::login::entry::{self, Asked};
use crate::http::login::language::Language;
use crate::http::login::pages::{Frame, failure, go_to, notice, notice_in, page, sign_in_done};
use crate::http::login::return_to;
use crate::http::login::texts::passwords::Texts;

/// The form of `/accounts/{account}/login`.
#[derive(Deserialize)]
pub(super) struct Entered {
    user_name: String,
    password: SecretString,
    #[serde(default)]
    return_to: String,
}

/// The form of `/forgot`.
#[derive(Deserialize)]
pub(super) struct Forgotten {
    address: String,
}

/// The form of `/link/{secret}`.
#[derive(Deserialize)]
pub(super) struct Choice {
    password: SecretString,
    again: SecretString,
}

/// The form of `/account/password`.
#[derive(Deserialize)]
pub(super) struct Change {
    current: SecretString,
    password: SecretString,
    again: SecretString,
}

#[derive(Template)]
#[template(path = "forgot.html", config = "src/http/askama.toml")]
struct Forgot<'a> {
    frame: Frame<'a>,
    texts: &'static Texts,
    address: &'a str,
    problem: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "choose.html", config = "src/http/askama.toml")]
struct Choose<'a> {
    frame: Frame<'a>,
    texts: &'static Texts,
    heading: &'a str,
    account: &'a str,
    /// Where the form goes.
    action: &'a str,
    /// Whether the current password is asked for too.
    asks_current: bool,
    problem: Option<&'a str>,
}

/// `POST /accounts/{account}/login/password`
pub(super) async fn sign_in(
    State(app): State<App>,
    browser: Browser,
    Path(account): Path<String>,
    Form(entered): Form<Entered>,
) -> Response {
    let texts = Texts::of(browser.language);
    let tried = app.sign_in_with_password(PasswordEntry {
        account: &account,
        user_name: &entered.user_name,
        password: &entered.password,
        visitor: browser.visitor.clone(),
        replaces: browser.session.as_ref().map(|session| session.id),
    });
    let (status, seconds, problem) = match tried.await {
        Ok(Tried::SignedIn(now)) => {
            return sign_in_done(&now, return_to::local(&entered.return_to));
        }
        Ok(Tried::MustChoose(link)) => return go_to(&format!("/link/{}", link.expose_secret())),
        Ok(Tried::Wrong) => (StatusCode::UNAUTHORIZED, None, texts.wrong.to_owned()),
        Ok(Tried::Wait { seconds }) => {
            (StatusCode::TOO_MANY_REQUESTS, Some(seconds), (texts.wait)(seconds))
        }
        Err(error) => return refused(&error, browser.language),
    };
    let asked = Asked {
        account: &account,
        return_to: &entered.return_to,
        user_name: &entered.user_name,
        problem: Some(&problem),
    };
    later(entry::show(&app, &browser, asked, status).await, seconds)
}

/// `GET /forgot`
pub(super) async fn ask(browser: Browser) -> Response {
    forgot(&browser, "", None)
}

/// `POST /forgot`: the same answer whoever has the address.
pub(super) async fn send(
    State(app): State<App>,
    browser: Browser,
    Form(forgotten): Form<Forgotten>,
) -> Response {
    let texts = Texts::of(browser.language);
    if !forgotten.address.trim().contains('@') {
        return forgot(
            &browser,
            &forgotten.address,
            Some((StatusCode::BAD_REQUEST, texts.no_address)),
        );
    }
    let language = contact::Language::parse(browser.language.tag()).unwrap_or_default();
    match app.ask_for_reset(&forgotten.address, &browser.visitor, language).await {
        Ok(Wish::Taken(_)) => notice(StatusCode::OK, browser.language, texts.asked),
        Ok(Wish::Wait { seconds }) => {
            let problem = (texts.wait)(seconds);
            let answer = forgot(
                &browser,
                &forgotten.address,
                Some((StatusCode::TOO_MANY_REQUESTS, &problem)),
            );
            later(answer, Some(seconds))
        }
        Err(error) => refused(&error, browser.language),
    }
}

/// `GET /link/{secret}`: shows the form and changes nothing.
pub(super) async fn open(
    State(app): State<App>,
    browser: Browser,
    Path(secret): Path<String>,
) -> Response {
    match app.open_link(&secret).await {
        Ok(Some(opened)) => show_link(&browser, &secret, &opened, None),
        Ok(None) => gone(browser.language),
        Err(error) => refused(&error, browser.language),
    }
}

/// `POST /link/{secret}`: sets the password and uses the link up. Nobody is signed in by it.
pub(super) async fn choose(
    State(app): State<App>,
    browser: Browser,
    Path(secret): Path<String>,
    Form(choice): Form<Choice>,
) -> Response {
    let opened = match app.open_link(&secret).await {
        Ok(Some(opened)) => opened,
        Ok(None) => return gone(browser.language),
        Err(error) => return refused(&error, browser.language),
    };
    let texts = Texts::of(spoken(&browser, &opened));
    if !is_same(&choice.password, &choice.again) {
        return show_link(&browser, &secret, &opened, Some(texts.different));
    }
    match app.choose_password(&secret, &choice.password).await {
        Ok(Chosen::Done { account }) => {
            let place = format!("/accounts/{account}/login");
            done(&browser, spoken(&browser, &opened), (texts.chosen, &place, texts.sign_in))
        }
        Ok(Chosen::Refused(refusal)) => {
            show_link(&browser, &secret, &opened, Some(texts.refusal(refusal)))
        }
        Ok(Chosen::Gone | Chosen::Wrong | Chosen::Wait { .. }) => gone(browser.language),
        Err(error) => refused(&error, browser.language),
    }
}

/// `GET /account/password`
pub(super) async fn ask_new(State(app): State<App>, full: Full) -> Response {
    match app.has_password(&full.session).await {
        Ok(true) => show_change(&full, StatusCode::OK, None),
        Ok(false) => {
            let texts = Texts::of(full.browser.language);
            notice(StatusCode::NOT_FOUND, full.browser.language, texts.none)
        }
        Err(error) => refused(&error, full.browser.language),
    }
}

/// `POST /account/password`
pub(super) async fn change(
    State(app): State<App>,
    full: Full,
    Form(change): Form<Change>,
) -> Response {
    let language = full.browser.language;
    let texts = Texts::of(language);
    if !is_same(&change.password, &change.again) {
        return show_change(&full, StatusCode::BAD_REQUEST, Some(texts.different));
    }
    match app.change_password(&full.session, &change.current, &change.password).await {
        Ok(Chosen::Done { .. }) => {
            done(&full.browser, language, (texts.changed, "/", Frame::of(&full.browser).texts.back))
        }
        Ok(Chosen::Refused(refusal)) => {
            show_change(&full, StatusCode::BAD_REQUEST, Some(texts.refusal(refusal)))
        }
        Ok(Chosen::Wrong | Chosen::Gone) => {
            show_change(&full, StatusCode::UNAUTHORIZED, Some(texts.wrong_current))
        }
        Ok(Chosen::Wait { seconds }) => {
            let problem = (texts.wait)(seconds);
            let answer = show_change(&full, StatusCode::TOO_MANY_REQUESTS, Some(&problem));
            later(answer, Some(seconds))
        }
        Err(error) => refused(&error, language),
    }
}

/// The form of `/forgot`, with what was written.
fn forgot(browser: &Browser, address: &str, problem: Option<(StatusCode, &str)>) -> Response {
    let texts = Texts::of(browser.language);
    let (status, problem) = problem.unzip();
    let forgot = Forgot { frame: Frame::of(browser), texts, address, problem };
    page(status.unwrap_or(StatusCode::OK), &forgot)
}

/// The form behind a link. It is in the language of the user whose link it is.
fn show_link(browser: &Browser, secret: &str, opened: &Opened, problem: Option<&str>) -> Response {
    let language = spoken(browser, opened);
    let texts = Texts::of(language);
    let heading = match opened.purpose {
        Purpose::Invitation | Purpose::Enrolment => texts.first,
        Purpose::Reset => texts.another,
    };
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let choose = Choose {
        frame: Frame::stranger(language),
        texts,
        heading,
        account: &opened.account_name,
        action: &format!("/link/{secret}"),
        asks_current: false,
        problem,
    };
    page(status, &choose)
}

fn show_change(full: &Full, status: StatusCode, problem: Option<&str>) -> Response {
    let texts = Texts::of(full.browser.language);
    let account = full.browser.who.as_ref().map_or("", |who| who.account_name.as_str());
    let choose = Choose {
        frame: Frame::of(&full.browser),
        texts,
        heading: texts.another,
        account,
        action: "/account/password",
        asks_current: true,
        problem,
    };
    page(status, &choose)
}

fn done(
    browser: &Browser,
    language: Language,
    (words, place, label): ((&str, &str), &str, &str),
) -> Response {
    let frame = Frame { who: Frame::of(browser).who, ..Frame::stranger(language) };
    notice_in(frame, StatusCode::OK, words, (place, label))
}

fn gone(language: Language) -> Response {
    notice(StatusCode::GONE, language, Texts::of(language).gone)
}

fn spoken(browser: &Browser, opened: &Opened) -> Language {
    let own = opened.language.and_then(|language| Language::parse(language.tag()));
    own.unwrap_or(browser.language)
}

fn is_same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

/// The page for an error; whoever is to come again is told when.
fn refused(error: &Error, language: Language) -> Response {
    let seconds = matches!(error, Error::Busy).then_some(1);
    later(failure(error, language), seconds)
}

fn later(mut response: Response, seconds: Option<u64>) -> Response {
    if let Some(seconds) = seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
