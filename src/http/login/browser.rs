//! Who asks for a page: any [`Browser`], or one that is signed in with all that is due, [`Full`].

use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::Response;

use crate::app::{App, Error};
use crate::domain::sessions::{Level, Portrait, Session, Visitor};
use crate::http::login::language::Language;
use crate::http::login::pages;
use crate::http::login::{cookies, return_to, visitors};

/// A browser, signed in or not.
#[derive(Debug, Clone)]
pub(in crate::http) struct Browser {
    /// Where it is.
    pub(in crate::http) visitor: Visitor,
    /// What its user reads.
    pub(in crate::http) language: Language,
    /// Its live session. It may be pending: ask for [`Full`] unless the page is part of the sign-in.
    pub(in crate::http) session: Option<Session>,
    /// Who is signed in, if somebody is.
    pub(in crate::http) who: Option<Portrait>,
}

/// A browser with a full session. Without one it is sent to sign in, or to the second factor.
#[derive(Debug, Clone)]
pub(in crate::http) struct Full {
    /// The browser.
    pub(in crate::http) browser: Browser,
    /// Its session.
    pub(in crate::http) session: Session,
}

impl FromRequestParts<App> for Browser {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let spoken = Language::of_browser(&parts.headers);
        let visitor = visitors::visitor(parts, &app.settings().trusted_proxies);
        let fail = |error: Error| pages::failure(&error, spoken);
        let (session, who) = signed_in(parts, app).await.map_err(fail)?.unzip();
        let own = who.as_ref().and_then(|who| who.language.as_deref()).and_then(Language::parse);
        Ok(Self { visitor, language: own.unwrap_or(spoken), session, who })
    }
}

impl FromRequestParts<App> for Full {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let browser = Browser::from_request_parts(parts, app).await?;
        let wanted = wanted(parts);
        match browser.session.clone() {
            Some(session) if session.level == Level::Full => Ok(Self { browser, session }),
            Some(_) => Err(pages::go_to(&return_to::with("/step-up", wanted))),
            None => Err(pages::go_to(&return_to::with("/login", wanted))),
        }
    }
}

/// Where to come back to. What a POST was about is lost, so only a page that can be shown again counts.
pub(super) fn wanted(parts: &Parts) -> &str {
    let path = parts.uri.path_and_query().filter(|_| parts.method == Method::GET);
    path.map_or("/", |path| path.as_str())
}

/// Who comes with the cookie; one that opens nothing, or no longer, is like none.
async fn signed_in(parts: &Parts, app: &App) -> Result<Option<(Session, Portrait)>, Error> {
    let Some(cookie) = cookies::read(&parts.headers, cookies::SESSION) else { return Ok(None) };
    let found = async {
        let session = app.session(cookie).await?;
        let who = app.portrait(&session).await?;
        Ok((session, who))
    };
    match found.await {
        Ok(found) => Ok(Some(found)),
        Err(Error::Unauthenticated(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
