//! The pages of the demo's provider. They look unlike the server's own, since at work they are another
//! company's.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::http::demo::phones::seconds_left;
use crate::http::demo::texts::Texts;
use crate::http::demo::{DemoProvider, Guest, lock};
use crate::http::login;
use crate::http::login::language::Language;
use crate::http::login::pages::page;

const STYLESHEET: &str = include_str!("assets/demo.css");

/// What its layout needs.
#[derive(Clone, Copy)]
struct Frame {
    lang: &'static str,
    texts: &'static Texts,
}

/// Somebody to be: the link that says so, name, what they are, whether they need a code.
struct Choice {
    place: String,
    name: String,
    what: String,
    needs_code: bool,
}

#[derive(Template)]
#[template(path = "demo/who.html", config = "src/http/askama.toml")]
struct Who<'a> {
    frame: Frame,
    organisation: &'a str,
    people: Vec<Choice>,
}

/// An authenticator app at this moment.
struct Shown {
    name: String,
    user_name: String,
    code: String,
    next: String,
}

#[derive(Template)]
#[template(path = "demo/authenticator.html", config = "src/http/askama.toml")]
struct Authenticator {
    frame: Frame,
    phones: Vec<Shown>,
    seconds: u64,
}

#[derive(Template)]
#[template(path = "demo/refusal.html", config = "src/http/askama.toml")]
struct Refusal {
    frame: Frame,
    words: &'static str,
}

/// Asks who it is; each answer is a link.
pub(super) fn who(
    organisation: &str,
    people: Vec<(String, Guest)>,
    headers: &HeaderMap,
) -> Response {
    let language = Language::of_browser(headers);
    let choice = |(place, guest): (String, Guest)| {
        let [en, fr] = guest.what;
        let what = match language {
            Language::En => en,
            Language::Fr => fr,
        };
        Choice { place, name: guest.name, what, needs_code: guest.needs_code }
    };
    let people = people.into_iter().map(choice).collect();
    page(StatusCode::OK, &Who { frame: frame(language), organisation, people })
}

/// `GET /authenticator`: the codes of everybody's app.
pub(super) async fn authenticator(
    State(provider): State<DemoProvider>,
    headers: HeaderMap,
) -> Response {
    let now = provider.shared.clock.now();
    let phones = lock(&provider.shared.phones)
        .iter()
        .map(|phone| Shown {
            name: phone.name.clone(),
            user_name: phone.user_name.clone(),
            code: phone.code(now),
            next: phone.next_code(now),
        })
        .collect();
    let (frame, seconds) = (frame(Language::of_browser(&headers)), seconds_left(now));
    page(StatusCode::OK, &Authenticator { frame, phones, seconds })
}

/// For an organisation that it does not know.
pub(super) fn unknown(headers: &HeaderMap) -> Response {
    let frame = frame(Language::of_browser(headers));
    page(StatusCode::NOT_FOUND, &Refusal { frame, words: frame.texts.unknown })
}

/// For a request that this server did not make.
pub(super) fn not_ours(headers: &HeaderMap) -> Response {
    let frame = frame(Language::of_browser(headers));
    page(StatusCode::BAD_REQUEST, &Refusal { frame, words: frame.texts.not_ours })
}

pub(super) async fn stylesheet() -> impl IntoResponse {
    login::assets::stylesheet().await
}

pub(super) async fn own_stylesheet() -> impl IntoResponse {
    login::assets::asset("text/css; charset=utf-8", STYLESHEET)
}

fn frame(language: Language) -> Frame {
    Frame { lang: language.tag(), texts: Texts::of(language) }
}
